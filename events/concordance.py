"""A word or phrase in its context: every place where public statements have it, in the order of time.

Statements are found by the filter set of statements, so every filter and the search's own rules of words hold here. But
only what a statement itself says makes a line: a name of its author or topic has no context. Where a statement has no
text, the gist stands for it, marked as the editors' words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models import Statement
from events.rows import Named, StatementRow, statement_rows
from events.transcripts import ORIGINAL, TRANSLATION, paragraphs
from records.excerpts import Marker, Passage, Piece, Spans
from records.query import UNSPACED, Term, wanted_terms
from records.querysets import is_public
from records.search import words_match

#: So many statements are read for one answer, the earliest, and so many signs of each text.
MOST_STATEMENTS, MOST_SIGNS = 500, 50_000
#: So many lines of one statement, which may have a word in every sentence.
MOST_LINES = 10
#: The signs before and after a word; without spaces between words half as many say as much.
CONTEXT = 80
#: Words that stand so near to each other share a line.
NEAR = 40
GIST = "g"
_UNSPACED = re.compile(UNSPACED)
#: What a line is taken from.
COLUMNS = {ORIGINAL: _("original"), TRANSLATION: _("translation"), GIST: _("gist, in the editors' words")}


@dataclass(frozen=True)
class Line:
    """A place of the word: what stands before it, itself with its like beside it, what stands after it."""

    column: str
    language: str
    before: str
    pieces: list[Piece]
    after: str
    #: The address of the paragraph, such as p3; none in a gist.
    at: str = ""

    @property
    def words(self) -> str:
        """The words of the line that were found, with what stands between them."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def of(self) -> Any:
        """What it is taken from, in words."""
        return COLUMNS[self.column]


@dataclass(frozen=True)
class Quoted:
    """A statement with its lines, and where its meeting was held."""

    row: StatementRow
    lines: list[Line]
    place: Named | None
    #: How many places more it has than lines.
    more: int


def saying(statements: Any, typed: list[str]) -> Any:
    """Those of some statements whose own words hold a term of the queries ``typed``, whoever made them."""
    terms = [term for text in typed for term in wanted_terms(text)]
    texts = ("title", "gist", "text", "translation")
    conditions = [words_match(term, vector="search", texts=texts) for term in terms]
    return statements.filter(reduce(or_, conditions, Q(pk__in=[])))


class Concordance:
    """The lines of what valid ``filters`` find, which ask for ``q``; a constant number of queries."""

    def __init__(self, filters: Any) -> None:
        self.filters = filters
        self.terms: list[Term] = [term for text in filters.data.getlist("q") for term in wanted_terms(text)]

    @cached_property
    def found(self) -> Any:
        """The statements that say it, in no order."""
        return saying(self.filters.filter_queryset(self.filters.queryset.all()), self.filters.data.getlist("q"))

    @cached_property
    def quoted(self) -> list[Quoted]:
        """The statements that have lines, the earliest first, those whose date has no beginning last."""
        first = self.found.order_by(F("date_outer__startswith").asc(nulls_last=True), "pk")[:MOST_STATEMENTS]
        texts = {name: Left(name, MOST_SIGNS) for name in ("text", "translation", "gist")}
        read = list(
            first.annotate(**{f"{name}_read": text for name, text in texts.items()}).values_list(
                "pk", "language", "translation_language", *(f"{name}_read" for name in texts)
            )
        )
        passages = {pk: list(_passages(*rest)) for pk, *rest in read}
        marker = Marker(self.terms, [one for many in passages.values() for _column, _at, one in many])
        lines = {pk: [line for one in many for line in _lines(marker, *one)] for pk, many in passages.items()}
        keys = [pk for pk, many in lines.items() if many]
        rows = {row.pk: row for row in statement_rows(Statement.objects.public().filter(pk__in=keys))}
        places = _places(keys)
        return [
            Quoted(rows[pk], lines[pk][:MOST_LINES], places.get(pk), max(len(lines[pk]) - MOST_LINES, 0))
            for pk in keys
            if pk in rows
        ]

    @cached_property
    def count(self) -> int:
        """How many statements say it in all."""
        return int(self.found.count())

    @property
    def is_cut(self) -> bool:
        """Whether there are later statements that were not read."""
        return self.count > MOST_STATEMENTS

    @property
    def years(self) -> list[tuple[str, int, int]]:
        """By year how many of the statements read are of it and how many lines they have; the rest at the end.

        A statement that may be of several years is of none.
        """
        counts: dict[str, tuple[int, int]] = {}
        for one in self.quoted:
            first, last = one.row.date.earliest, one.row.date.latest
            year = str(first.year) if first and last and first.year == last.year else ""
            statements, lines = counts.get(year, (0, 0))
            counts[year] = (statements + 1, lines + len(one.lines) + one.more)
        return [(year, *counts[year]) for year in sorted(counts, key=lambda year: (not year, year))]


def _passages(
    language: str, translation_language: str, text: str, translation: str, gist: str
) -> Iterator[tuple[str, str, Passage]]:
    """The paragraphs of a statement, each with what it is taken from and its address."""
    for column, words, tag in ((ORIGINAL, text, language), (TRANSLATION, translation, translation_language)):
        for number, paragraph in enumerate(paragraphs(words or ""), start=1):
            yield column, f"{column}{number}", Passage(paragraph, tag or "")
    if gist and not text and not translation:
        yield GIST, "", Passage(" ".join(gist.split()))


def _lines(marker: Marker, column: str, at: str, passage: Passage) -> Iterator[Line]:
    for spans in _together(marker.spans(passage)):
        text, (start, end) = passage.text, (spans[0][0], max(last for _first, last, _nth in spans))
        width = CONTEXT // 2 if _UNSPACED.search(text[start:end]) else CONTEXT
        before, after = _before(text, start, width), _after(text, end, width)
        yield Line(column, passage.language, before, marker.mark(text, spans, start=start, end=end), after, at)


def _together(spans: Spans) -> Iterator[Spans]:
    """The spans in groups that share a line."""
    group: Spans = []
    for span in spans:
        if group and span[0] > max(last for _first, last, _nth in group) + NEAR:
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _before(text: str, at: int, width: int) -> str:
    start = max(at - width, 0)
    if not start:
        return text[:at]
    space = text.find(" ", start, at - 1)
    return "… " + text[space + 1 if 0 <= space < start + width // 2 else start : at]


def _after(text: str, at: int, width: int) -> str:
    end = at + width
    if end >= len(text):
        return text[at:]
    space = text.rfind(" ", at + width // 2, end)
    return text[at : space if space > at else end] + " …"


def _places(keys: list[int]) -> dict[int, Named]:
    """Where the meetings of these statements were held, by the statement."""
    rows = Statement.objects.filter(is_public("meeting"), is_public("meeting__place"), pk__in=keys).order_by()
    named = rows.values_list("pk", "meeting__place__name", "meeting__place__uid")
    return {pk: Named(name, reverse("events:place-detail", args=[uid])) for pk, name, uid in named}
