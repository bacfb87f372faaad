"""Meetings, statements and sources that may be the one that is being typed; drafts too, merged ones not."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, Q, Value, When

from events.addresses import BareAddress, bare_address, is_same_document
from events.models import Meeting, Participation, Source, Statement
from partialdates.values import PartialDate
from records.query import Term
from records.search import Folded, name_rank, words_match

#: Two titles are alike from here on (pg_trgm, 0 to 1).
ALIKE_TITLE = 0.5
ALIKE_WORDS = 0.5
#: Statements are looked for by so many of their longest words, all of which must be there.
LONGEST_WORDS = 4
LONGEST_TEXT = 400


def meetings_like(
    *, title: str = "", date: PartialDate = PartialDate.UNKNOWN, actors: Iterable[int] = (), but: int | None = None,
    most: int = 6,
) -> list[int]:  # fmt: skip
    """Keys of the meetings that may share a day and share participants, most of them first; then those of like title.

    Without a date or without participants titles alone are compared; of those, too, a known day must be possible.
    """
    others = Meeting.objects.filter(merged_into__isnull=True).exclude(pk=but or 0)
    same_days = others.filter(date_outer__overlap=date.outer) if date else others
    found: dict[int, int] = {}
    if date and (keys := list(actors)):
        shared = (
            Participation.objects.filter(actor__in=keys, meeting__in=same_days.order_by().values("pk"))
            .order_by()
            .values_list("meeting", flat=True)
        )
        for meeting in shared[:500]:
            found[meeting] = found.get(meeting, 0) + 1
    ranked = sorted(found, key=lambda key: (-found[key], key))
    if len(ranked) < most and len(title.strip()) > 3:
        ranked += [key for key in _alike(same_days, "title", title, ALIKE_TITLE, most) if key not in found]
    return ranked[:most]


def _alike(records: Any, text: str, typed: str, least: float, most: int) -> Any:
    return (
        records.annotate(folded=Folded(F(text)), alike=name_rank(typed, text=text))
        .filter(folded__trigram_similar=Folded(Value(typed)), alike__gte=least)
        .order_by("-alike", "pk")
        .values_list("pk", flat=True)[:most]
    )


def sources_like(*, url: str = "", but: int | None = None, most: int = 6) -> list[int]:
    """Keys of the sources with the same address, whatever its scheme, www, closing slash and tracking parameters."""
    bare = bare_address(url)
    if not bare:
        return []
    rows = (
        Source.objects.filter(merged_into__isnull=True)
        .exclude(pk=but or 0)
        .annotate(bare=BareAddress("url"))
        .filter(bare=bare)
        .order_by("pk")
        .values_list("pk", "url")[:50]
    )
    return [key for key, known in rows if is_same_document(known, url)][:most]


def sources_at(url: str) -> list[int]:
    """Keys of the sources at an address however it is spelled, the very same spelling first.

    Where a source was merged, the key is that of its survivor. Two queries, and one more for each step of a merge.
    """
    exact = Case(When(url=url, then=Value(0)), default=Value(1))
    rows = (
        Source.objects.annotate(bare=BareAddress("url"))
        .filter(bare=bare_address(url))
        .order_by(exact, "pk")
        .values_list("pk", "url", "merged_into")
    )
    found: dict[int, None] = {}
    for key, known, into in rows:
        if is_same_document(known, url):
            survivor = key
            while into is not None:
                survivor = into
                into = Source.objects.values_list("merged_into", flat=True).get(pk=into)
            found[survivor] = None
    return list(found)


def statements_like(*, texts: Iterable[str] = (), but: int | None = None, most: int = 6) -> list[int]:
    """Keys of the statements that hold the longest words of a text and are like it, in title, gist or text."""
    found: list[int] = []
    for typed in texts:
        words = sorted(set(re.findall(r"[^\W\d_]{4,}", typed[:LONGEST_TEXT])), key=lambda word: (-len(word), word))
        condition = Q()
        for word in words[:LONGEST_WORDS]:
            condition &= words_match(Term(word), vector="search", texts=("title", "gist", "text", "translation"))
        if len(words) < 2:
            continue
        beginning: Any = Folded(Value(typed[:LONGEST_TEXT]))
        alike = [TrigramWordSimilarity(beginning, Folded(F(column))) for column in ("title", "gist", "text")]
        rows = (
            Statement.objects.filter(condition, merged_into__isnull=True)
            .exclude(pk=but or 0)
            .annotate(title_alike=alike[0], gist_alike=alike[1], text_alike=alike[2])
            .filter(Q(title_alike__gte=ALIKE_WORDS) | Q(gist_alike__gte=ALIKE_WORDS) | Q(text_alike__gte=ALIKE_WORDS))
            .order_by("pk")
            .values_list("pk", flat=True)[:most]
        )
        found += [key for key in rows if key not in found]
    return found[:most]
