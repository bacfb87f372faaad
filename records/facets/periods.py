"""How many records of a selection fall in each year, quarter or month, possibly and certainly."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from records.facets.selection import WHEN, Selection

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
    undated = sum(
        int(np.count_nonzero(table.undated & mask))
        for table, mask in zip(selection.tables, selection.masks(*WHEN), strict=True)
    )
    known, (since, until) = selection.bounds(), window
    if known is None and (since is None or until is None):
        return [], undated
    start, end = known or (date.min, date.max)
    first, last = _number(since or start, months), _number(until or end, months)
    if last - first >= most:
        raise TooManyPeriods(last - first + 1)
    if last < first:
        return [], undated
    starts = [_first_day(one * months) for one in range(first, last + 1)]
    after = (last + 1) * months
    beyond = None if after // 12 > date.max.year else _first_day(after)
    ends = [day - timedelta(days=1) for day in starts[1:]]
    ends.append(beyond - timedelta(days=1) if beyond else date.max)
    counts = zip(*selection.periods([*starts, beyond]), strict=True)
    return [
        Period(_name(first + place, by), start, end, possible, certain)
        for place, (start, end, (possible, certain)) in enumerate(zip(starts, ends, counts, strict=True))
    ], undated


def _number(day: date, months: int) -> int:
    return (day.year * 12 + day.month - 1) // months


def _name(number: int, by: str) -> str:
    if by == "year":
        return f"{number:04}"
    size = 12 // MONTHS[by]
    year, rest = divmod(number, size)
    return f"{year:04}-Q{rest + 1}" if by == "quarter" else f"{year:04}-{rest + 1:02}"


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
