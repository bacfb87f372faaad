"""Arrays of what records are counted by, and the questions they answer. Nothing here knows the database.

A table is read only: a change makes another one. Rows of a table are records, in the order of their keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from records.facets.values import Chosen, Many, One, Pairs, stored

#: Days are counted from 1 January of the year 1. These stand for open ends, and for dates that are not there:
#: such a one ends before it starts, and overlaps nothing.
SINCE_EVER, LAST = -2_000_000_000, 2_000_000_000
NEVER_LO, NEVER_HI = LAST + 1, SINCE_EVER - 1
_FIRST_DAY = np.datetime64("0001-01-01", "D")
#: Years as they are counted: 0 for an open start, one more than the last of the calendar for an open end, and a place
#: for what is of no year, which is left out of every sum.
_OPEN_END, _OF_NONE = 10_000, 10_001
#: What a table knows of the days of its records.
_DAYS = ("keys", "outer_lo", "outer_hi", "core_lo", "core_hi")


@dataclass(frozen=True)
class Years:
    """How many records possibly and certainly fall in each year from ``first`` on; empty lists without any date."""

    first: int
    possible: list[int]
    certain: list[int]


class YearEnds:
    """How many records begin and end in each year of the calendar, by what is possible and by what is certain.

    ``ends`` has four rows, of a number for each year: possible begin, possible end, certain begin, certain end.
    """

    def __init__(self, ends: np.ndarray) -> None:
        self.ends = ends

    def __add__(self, other: "YearEnds") -> "YearEnds":
        return YearEnds(self.ends + other.ends)

    def __sub__(self, other: "YearEnds") -> "YearEnds":
        return YearEnds(self.ends - other.ends)

    def years(self) -> Years:
        """The years from the first to the last that a date begins or ends in."""
        known = np.flatnonzero((self.ends[0] + self.ends[1])[1:_OPEN_END]) + 1
        if not len(known):
            return Years(0, [], [])
        first, last = int(known[0]), int(known[-1])
        possible, certain = (
            np.cumsum(begins)[first : last + 1] - np.cumsum(ends)[first - 1 : last]
            for begins, ends in (self.ends[:2], self.ends[2:])
        )
        return Years(first, possible.tolist(), certain.tolist())


class Table:
    """The records of one reading: their keys, days and values; ``alive`` marks those that no later table has anew."""

    def __init__(
        self, days: tuple[np.ndarray, ...], pairs: Mapping[str, Pairs], alive: np.ndarray | None = None
    ) -> None:
        self.keys = days[0]
        self.outer_lo, self.outer_hi, self.core_lo, self.core_hi = (one.astype(np.int32) for one in days[1:])
        self.columns: dict[str, Many | One] = {name: stored(self.keys, found) for name, found in pairs.items()}
        self.alive = np.ones(len(self.keys), bool) if alive is None else alive

    def as_arrays(self) -> dict[str, np.ndarray]:
        """All that it was made of, by name; what follows from that is made again."""
        days = {name: getattr(self, name) for name in _DAYS}
        values = {f"values {name}": column.values for name, column in self.columns.items()}
        starts = {f"starts {name}": column.starts for name, column in self.columns.items() if isinstance(column, Many)}
        return days | values | starts

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Table":
        """The table of which `as_arrays` gave these; raises ``KeyError`` for what is missing."""
        table = cls(tuple(arrays[name] for name in _DAYS), {})
        for name, values in arrays.items():
            word, _space, column = name.partition(" ")
            if word == "values":
                starts = arrays.get(f"starts {column}")
                table.columns[column] = One(values) if starts is None else Many(starts, values)
        return table

    def renumber(self, name: str, numbers: Sequence[int]) -> None:
        """Put other values into a column, by the place that they have among ``numbers``."""
        if list(numbers) != list(range(len(numbers))):
            self.columns[name] = self.columns[name].renumbered(np.array(numbers, np.int32))

    @property
    def size(self) -> int:
        """How many rows it has, alive or not."""
        return len(self.keys)

    @property
    def count(self) -> int:
        """How many of them are alive."""
        return int(np.count_nonzero(self.alive))

    def without(self, keys: np.ndarray) -> "Table":
        """The same table in which the records with these keys are not alive."""
        places = np.searchsorted(self.keys, keys)
        places, keys = places[places < self.size], keys[places < self.size]
        places = places[self.keys[places] == keys]
        if not len(places):
            return self
        other = object.__new__(Table)
        other.__dict__ |= self.__dict__
        other.alive = self.alive.copy()
        other.alive[places] = False
        return other

    def holding(self, keys: Sequence[int] | np.ndarray) -> np.ndarray:
        """The mask of the records with these keys."""
        wanted = np.asarray(keys, np.int64)
        return np.isin(self.keys, wanted, assume_unique=False) if len(wanted) else np.zeros(self.size, bool)

    def possibly_within(self, start: int, end: int) -> np.ndarray:
        """Which records can have fallen between two days, both included."""
        return (self.outer_lo <= end) & (self.outer_hi >= start)

    def certainly_within(self, start: int, end: int) -> np.ndarray:
        """Which records fell between two days whatever day turns out to be right."""
        inside = (self.outer_lo >= start) & (self.outer_hi <= end) & ~self.undated
        return inside | ((self.core_lo <= end) & (self.core_hi >= start))

    @property
    def undated(self) -> np.ndarray:
        """Which records have no date at all."""
        return self.outer_lo == NEVER_LO

    @cached_property
    def earliest_first(self) -> np.ndarray:
        """The rows in the order of their first possible day; open starts first, the undated last, then by key."""
        # Day 0 is the first of the calendar, where PostgreSQL sorts what is open, too.
        return np.argsort(np.maximum(self.outer_lo, 0), kind="stable").astype(np.int32)

    @cached_property
    def latest_first(self) -> np.ndarray:
        """The rows the other way round; the undated are last here as well."""
        dated = self.size - int(np.count_nonzero(self.undated))
        return np.concatenate([self.earliest_first[:dated][::-1], self.earliest_first[dated:][::-1]])

    @cached_property
    def _years(self) -> tuple[np.ndarray, ...]:
        """First and last year that are possible and that are certain; open ends are far away."""
        has_core = self.core_lo != NEVER_LO
        lo, hi = _year_of(self.outer_lo), _year_of(self.outer_hi)
        in_one = ~self.undated & (lo == hi)
        certain_lo = np.where(has_core, _year_of(self.core_lo), np.where(in_one, lo, NEVER_LO))
        certain_hi = np.where(has_core, _year_of(self.core_hi), np.where(in_one, hi, NEVER_HI))
        return lo, hi, certain_lo, certain_hi

    def possible_years(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first and the last year that each of some rows can be of; open ends are far away."""
        lo, hi, *_certain = self._years
        return lo[rows], hi[rows]

    @cached_property
    def _year_places(self) -> np.ndarray:
        """The same four years of each row as they are counted."""
        lo, hi, certain_lo, certain_hi = (np.clip(one, 0, _OPEN_END) for one in self._years)
        is_certain = self._years[2] <= self._years[3]
        places = [np.where(self.undated, _OF_NONE, one) for one in (lo, hi)]
        places += [np.where(is_certain, one, _OF_NONE) for one in (certain_lo, certain_hi)]
        return np.array(places, np.int16)

    @cached_property
    def _all_year_ends(self) -> YearEnds:
        return self._year_ends(np.arange(self.size))

    def year_ends(self, chosen: Chosen) -> YearEnds:
        """In which years the dates of the chosen rows begin and end."""
        if chosen.count > self.size / 2:
            return self._all_year_ends - self._year_ends(np.flatnonzero(~chosen.mask))
        return self._year_ends(chosen.rows)

    def _year_ends(self, rows: np.ndarray) -> YearEnds:
        return YearEnds(np.array([np.bincount(one[rows], minlength=_OF_NONE + 1) for one in self._year_places]))

    def make_ready(self) -> None:
        """Make what the first questions would have to wait for."""
        _made = self.latest_first, self._all_year_ends
        for column in self.columns.values():
            column.make_ready()

    def bounds(self, mask: np.ndarray) -> tuple[int, int] | None:
        """The first and the last day that a date of the rows of a mask begins or ends on; ``None`` without any."""
        ends = np.concatenate([self.outer_lo[mask], self.outer_hi[mask]])
        known = ends[(ends > SINCE_EVER) & (ends < LAST)]
        return (int(known.min()), int(known.max())) if len(known) else None

    def periods(self, mask: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many rows of a mask possibly and certainly fall between neighbours of ``edges``, days in order."""
        size = len(edges) - 1
        # Nothing else falls anywhere: what is certain is possible.
        mask = mask & self.possibly_within(edges[0], edges[-1] - 1)

        def place(days: np.ndarray) -> np.ndarray:
            return np.searchsorted(edges, days[mask], side="right") - 1

        lo, hi = place(self.outer_lo), place(self.outer_hi)
        has_core = (self.core_lo != NEVER_LO)[mask]
        in_one = (lo == hi) & (self.outer_hi >= self.outer_lo)[mask]
        certain_lo = np.where(has_core, place(self.core_lo), np.where(in_one, lo, size + 1))
        certain_hi = np.where(has_core, place(self.core_hi), np.where(in_one, hi, -2))
        return _spread(lo, hi, 0, size - 1), _spread(certain_lo, certain_hi, 0, size - 1)


def _year_of(days: np.ndarray) -> np.ndarray:
    is_known = (days > SINCE_EVER) & (days < LAST)
    years = days.copy()
    years[is_known] = (_FIRST_DAY + days[is_known].astype(np.int64)).astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def _spread(lo: np.ndarray, hi: np.ndarray, first: int, last: int) -> np.ndarray:
    width = last - first + 1
    overlaps = (lo <= last) & (hi >= first) & (lo <= hi)
    begins = np.bincount(np.clip(lo[overlaps] - first, 0, width), minlength=width + 1)
    ends = np.bincount(np.clip(hi[overlaps] - first + 1, 0, width), minlength=width + 1)
    return np.cumsum(begins - ends)[:width]
