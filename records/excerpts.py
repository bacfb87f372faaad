"""Where in a text the words of a query stand: pieces of text with what was found marked, for people to judge by.

The database says which words match (it knows the stems); places are found here. Nothing here is HTML: a piece is text
and whether it is marked, and a template escapes it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from records.query import MAX_TERMS, SHORTEST_FUZZY, UNSPACED, Term, fold

#: The length of an excerpt, in signs; where spaces are missing, half as many say as much.
LENGTH = 240
#: How much of an excerpt may stand before the first word found.
BEFORE = 60
#: What is read of one text, as much as the database reads.
READ = 200_000

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(UNSPACED)


class Piece(NamedTuple):
    """A piece of an excerpt, and whether it is what was looked for."""

    text: str
    is_marked: bool


@dataclass(frozen=True)
class Passage:
    """A text in which a query may be found: a title, a summary, a name. ``of`` is whose other name it is."""

    text: str
    language: str = ""
    label: Any = ""
    of: str = ""
    is_name: bool = False


@dataclass(frozen=True)
class Excerpt:
    """The part of a passage that shows what was found."""

    passage: Passage
    pieces: list[Piece]


Spans = list[tuple[int, int, int]]


class Marker:
    """Marks the terms of a query in passages. Made once for all passages of a page, with one query."""

    def __init__(self, terms: Sequence[Term], passages: Iterable[Passage]) -> None:
        self.terms = terms[:MAX_TERMS]
        self.words = [(nth, word) for nth, term in enumerate(self.terms) for word in _words_of(term)]
        self.matching = self._ask(passages)

    def _ask(self, passages: Iterable[Passage]) -> set[tuple[str, str, bool, int]]:
        """The words, with language and whether in a name, that match a term, and which."""
        # Stems keep the beginning of a word: others are not asked about.
        beginnings = {fold(word)[:2] for _nth, word in self.words}
        asked = {
            (folded[start:end], passage.language, passage.is_name)
            for passage in passages
            for folded in [fold(passage.text[:READ])]
            for start, end in (found.span() for found in _WORD.finditer(folded))
            if passage.is_name or folded[start : min(end, start + 2)] in beginnings
        }
        if not asked or not self.words:
            return set()
        words, languages, are_names = zip(*asked, strict=True)
        terms, texts = zip(*self.words, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH here AS MATERIALIZED (
                    SELECT *, readout_words(word, language) AS vector
                    FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS asked (word, language, is_name)
                ), wanted AS MATERIALIZED (
                    SELECT *, readout_query(text, false) AS query, readout_fold(text) AS folded
                    FROM unnest(%s::integer[], %s::text[]) AS asked (term, text)
                )
                SELECT word, language, is_name, term FROM here CROSS JOIN wanted
                WHERE vector @@ query
                    OR (is_name AND length(text) >= %s AND word_similarity(folded, word) >= 0.6)
                """,
                [list(words), list(languages), list(are_names), list(terms), list(texts), SHORTEST_FUZZY],
            )
            return set(cursor.fetchall())

    def spans(self, passage: Passage) -> Spans:
        """Where the terms stand in the passage: first place, last place, number of the term; in order."""
        folded = fold(passage.text[:READ])
        found: Spans = []
        for nth, term in enumerate(self.terms):
            if term.is_phrase or term.is_unspaced:
                found += [(start, end, nth) for start, end in _places(term, folded)]
        if self.matching:
            for word in _WORD.finditer(folded):
                for nth in range(len(self.terms)):
                    if (word.group(), passage.language, passage.is_name, nth) in self.matching:
                        found.append((*word.span(), nth))
        return sorted(found)

    def mark(self, text: str, spans: Spans, *, start: int = 0, end: int | None = None) -> list[Piece]:
        """The text from ``start`` to ``end`` in pieces."""
        end = len(text) if end is None else end
        pieces, at = [], start
        for first, last, _nth in spans:
            if first < at or last > end:
                continue
            pieces += [Piece(text[at:first], False), Piece(text[first:last], True)]
            at = last
        return [piece for piece in (*pieces, Piece(text[at:end], False)) if piece.text]

    def excerpt(self, passage: Passage) -> Excerpt:
        """The part of the passage that holds most terms, with them marked."""
        spans, text = self.spans(passage), passage.text[:READ]
        length = LENGTH // 2 if len(_UNSPACED.findall(text[:200])) > 60 else LENGTH
        if len(text) <= length:
            return Excerpt(passage, self.mark(text, spans))
        best = max(spans, key=lambda span: (_terms_near(spans, span[0], length - BEFORE), -span[0]), default=(0, 0, 0))
        start = max(0, min(best[0] - BEFORE, len(text) - length))
        end = min(len(text), start + length)
        start, end = _at_word(text, start, best[0], -1) if start else 0, _at_word(text, end, best[1], 1)
        pieces = self.mark(text, [span for span in spans if span[0] >= start], start=start, end=end)
        before, after = Piece("… ", False), Piece(" …", False)
        return Excerpt(passage, [*([before] if start else []), *pieces, *([after] if end < len(text) else [])])


def _words_of(term: Term) -> list[str]:
    """The words that are marked one by one: not those of a phrase, which stand together or not at all."""
    return [] if term.is_phrase or term.is_unspaced else _WORD.findall(term.text)


def _places(term: Term, folded: str) -> list[tuple[int, int]]:
    wanted = fold(term.text)
    if not term.is_unspaced:
        pattern = r"[\W_]+".join(map(re.escape, _WORD.findall(wanted)))
        return [found.span() for found in re.finditer(rf"\b{pattern}\b", folded)] if pattern else []
    places = [found.span() for found in re.finditer(re.escape(wanted), folded)]
    if places or term.stands_together:
        return places
    # A sentence: whatever of it stands here side by side.
    pairs = {first + second for first, second in pairwise(wanted) if _UNSPACED.match(first)}
    starts = [at for at in range(len(folded) - 1) if folded[at : at + 2] in pairs]
    for at in starts:
        if places and places[-1][1] > at:
            places[-1] = (places[-1][0], at + 2)
        else:
            places.append((at, at + 2))
    return places


def _terms_near(spans: Spans, start: int, length: int) -> int:
    return len({nth for first, last, nth in spans if start <= first and last <= start + length})


def _at_word(text: str, at: int, limit: int, direction: int) -> int:
    """The place near ``at``, towards ``limit``, where a word ends; ``at`` itself where there is no space near."""
    if at >= len(text):
        return len(text)
    near = range(at, max(limit, at - 30), -1) if direction > 0 else range(at, min(limit, at + 30))
    for place in near:
        if text[place].isspace():
            return place if direction > 0 else place + 1
    return at
