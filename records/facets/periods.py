"""How many records of a selection fall in each year, quarter or month, possibly and certainly."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from records.facets.selection import WHEN, Selection
from records.facets.tables import LAST, NEVER_HI, NEVER_LO, SINCE_EVER, Table

_FIRST_DAY = np.datetime64("0001-01-01", "D")
#: The months of each sort of period.
MONTHS = {"year": 12, "quarter": 3, "month": 1}


@dataclass(frozen=True)
class Period:
    """A year, quarter or month: its first and last day, and how many records fall in it."""

    name: str
    start: date
    end: date
    possible: int
    certain: int


class TooManyPeriods(Exception):
    """More periods lie between the first and the last date than the caller wants."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


def periods(
    selection: Selection, by: str, window: tuple[date | None, date | None], *, most: int
) -> tuple[list[Period], int]:
    """Every period from the first to the last that a date begins or ends in, or that the window touches.

    The window cuts the axis and leaves out no record: each period says what the list would hold with the period as its
    window, for possible and for certain dates. Also gives how many records have no date. Raises `TooManyPeriods`.
    """
    months = MONTHS[by]

    def number(days: np.ndarray) -> np.ndarray:
        return _month_of(days, months)

    tables = list(zip(selection.tables, selection.masks(*WHEN), strict=True))
    undated = sum(int(np.count_nonzero(table.undated & mask)) for table, mask in tables)
    spans = [_spans(table, mask, number) for table, mask in tables]
    known = np.concatenate([one[(one > SINCE_EVER) & (one < LAST)] for lo, hi, *_core in spans for one in (lo, hi)])
    start, end = (None if day is None else (day.year * 12 + day.month - 1) // months for day in window)
    if not len(known) and (start is None or end is None):
        return [], undated
    first = int(known.min()) if start is None else start
    last = int(known.max()) if end is None else end
    if last - first >= most:
        raise TooManyPeriods(last - first + 1)
    if last < first:
        return [], undated
    sums = [
        (_spread(lo, hi, first, last), _spread(core_lo, core_hi, first, last)) for lo, hi, core_lo, core_hi in spans
    ]
    possible, certain = (sum(parts[1:], start=parts[0]).tolist() for parts in zip(*sums, strict=True))
    return [
        Period(_name(one, by), _first_day(one * months), _last_day((one + 1) * months), possible[place], certain[place])
        for place, one in enumerate(range(first, last + 1))
    ], undated


def _spans(table: Table, mask: np.ndarray, number: Callable[[np.ndarray], np.ndarray]) -> Any:
    """First and last period that are possible, and that are certain, of the rows of a mask."""
    lo, hi = number(table.outer_lo[mask]), number(table.outer_hi[mask])
    core_lo, core_hi = table.core_lo[mask], table.core_hi[mask]
    has_core = core_lo != NEVER_LO
    in_one = ~table.undated[mask] & (lo == hi)
    return (
        lo,
        hi,
        np.where(has_core, number(core_lo), np.where(in_one, lo, NEVER_LO)),
        np.where(has_core, number(core_hi), np.where(in_one, hi, NEVER_HI)),
    )


def _month_of(days: np.ndarray, months: int) -> np.ndarray:
    is_known = (days > SINCE_EVER) & (days < LAST)
    found = days.astype(np.int64)
    since_1970 = (_FIRST_DAY + found[is_known]).astype("datetime64[M]").astype(np.int64)
    found[is_known] = (since_1970 + 1970 * 12) // months
    return found


def _spread(lo: np.ndarray, hi: np.ndarray, first: int, last: int) -> np.ndarray:
    width = last - first + 1
    overlaps = (lo <= last) & (hi >= first) & (lo <= hi)
    begins = np.bincount(np.clip(lo[overlaps] - first, 0, width), minlength=width + 1)
    ends = np.bincount(np.clip(hi[overlaps] - first + 1, 0, width), minlength=width + 1)
    return np.cumsum(begins - ends)[:width]


def _name(number: int, by: str) -> str:
    if by == "year":
        return f"{number:04}"
    size = 12 // MONTHS[by]
    year, rest = divmod(number, size)
    return f"{year:04}-Q{rest + 1}" if by == "quarter" else f"{year:04}-{rest + 1:02}"


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_day(month_after: int) -> date:
    return date.max if month_after // 12 > date.max.year else _first_day(month_after) - timedelta(days=1)
