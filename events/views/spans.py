"""Spans of time as bars on one scale: who held which office when, as far as that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

#: A bar is never so narrow that it cannot be seen; the scale is 100 wide.
LEAST = 0.8


@dataclass(frozen=True)
class Stretch:
    """A part of a bar."""

    x: float
    width: float


@dataclass(frozen=True)
class SpanBar:
    """A tenure: when it can have been held, when it certainly was, and whether an end is open.

    ``is_observed`` says that no span is known, only days on which it was seen held.
    """

    tenure: Any
    possible: Stretch
    certain: Stretch | None
    is_observed: bool
    is_open: bool


@dataclass(frozen=True)
class Scale:
    """Bars on a scale from the first day of a year to the last day of another."""

    first: int
    last: int
    bars: list[SpanBar]
    #: Years to write below the bars, each with its place.
    ticks: list[tuple[int, float]]


def spans(tenures: Iterable[Any]) -> Scale | None:
    """The tenures on one scale, the earliest first; ``None`` when of none any day is known.

    What has no known end reaches to this day, as far as is possible; what has no known start begins where it ends.
    """
    today = timezone.now().date()
    known = [(one, dates) for one in tenures if (dates := _dates(one, today))]
    if not known:
        return None
    first = min(lo for _one, (lo, _hi) in known).year
    last = max(hi for _one, (_lo, hi) in known).year
    start, days = date(first, 1, 1), (date(last, 12, 31) - date(first, 1, 1)).days + 1

    def stretch(lo: date, hi: date) -> Stretch:
        x = 100 * (lo - start).days / days
        return Stretch(min(x, 100 - LEAST), max(100 * ((hi - lo).days + 1) / days, LEAST))

    bars = []
    for one, (lo, hi) in sorted(known, key=lambda row: (row[1], row[0].pk)):
        value = one.span or one.observed
        core = value.core if one.span else value.outer
        inner = _inside(core, lo, hi) if core else None
        bars.append(
            SpanBar(
                tenure=one,
                possible=stretch(lo, hi),
                certain=stretch(*inner) if inner else None,
                is_observed=not one.span,
                is_open=value.latest is None,
            )
        )
    step = max(1, (last - first) // 5)
    ticks = [(year, 100 * (date(year, 1, 1) - start).days / days) for year in range(first, last + 1, step)]
    return Scale(first, last, bars, ticks)


def _dates(tenure: Any, today: date) -> tuple[date, date] | None:
    value = tenure.span or tenure.observed
    lo, hi = value.earliest, None if value.latest == date.max else value.latest
    if lo is None and hi is None:
        return None
    if hi is None:
        hi = max(lo, today)
    return (hi if lo is None else lo, hi)


def _inside(days: DateRange, lo: date, hi: date) -> tuple[date, date] | None:
    first = max(days.lower, lo) if days.lower else lo
    last = min(days.upper - timedelta(days=1), hi) if days.upper else hi
    return (first, last) if first <= last else None
