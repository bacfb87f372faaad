"""Arrays of what records are counted by, and the questions they answer. Nothing here knows the database.

A table is read only: a change makes another one. Rows of a table are records, in the order of their keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: Days are counted from 1 January of the year 1. These stand for open ends, and for dates that are not there:
#: such a one ends before it starts, and overlaps nothing.
SINCE_EVER, LAST = -2_000_000_000, 2_000_000_000
NEVER_LO, NEVER_HI = LAST + 1, SINCE_EVER - 1
_BITS = 31
_FIRST_DAY = np.datetime64("0001-01-01", "D")
#: A selection of less than this share of the rows is counted row by row, a larger one by all values at once.
_NARROW = 0.2


@dataclass(frozen=True)
class Pairs:
    """Owners and values, both int64, sorted by owner and value, each pair once."""

    owners: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, owners: np.ndarray, values: np.ndarray) -> "Pairs":
        """The pairs, sorted, without those that are there twice."""
        # As one number each, which sorts many times as fast. Values fit: tables store them in 32 bits.
        both = distinct(np.sort((owners << _BITS) | values))
        return cls(both >> _BITS, both & ((1 << _BITS) - 1))

    def widened(self, wider: Mapping[int, tuple[int, ...]]) -> "Pairs":
        """Each owner with all the values that its own count for."""
        distinct, places = np.unique(self.values, return_inverse=True)
        lists = [wider.get(int(value), ()) for value in distinct]
        lengths = np.array([len(one) for one in lists], np.int64)
        flat = np.array([value for one in lists for value in one], np.int64)
        taken = _slices(np.cumsum(lengths) - lengths, lengths, places)
        return Pairs.of(np.repeat(self.owners, lengths[places]), flat[taken])


def _slices(starts: np.ndarray, lengths: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The places of all elements of the chosen slices, one slice after the other."""
    starts, lengths = starts[chosen], lengths[chosen]
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


class Many:
    """The values of each row, any number of them, as slices of one array."""

    def __init__(self, size: int, rows: np.ndarray, values: np.ndarray) -> None:
        self.values = values
        self.starts = np.searchsorted(rows, np.arange(size + 1)).astype(np.int32)

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value."""
        return not len(self.values)

    @cached_property
    def lengths(self) -> np.ndarray:
        """How many values each row has."""
        return np.diff(self.starts)

    def having(self, wanted: np.ndarray) -> np.ndarray:
        """Which rows have one of the wanted values."""
        places = np.flatnonzero(is_one_of(self.values, wanted))
        mask = np.zeros(len(self.lengths), bool)
        mask[np.searchsorted(self.starts, places, side="right") - 1] = True
        return mask

    def values_of(self, mask: np.ndarray) -> np.ndarray:
        """The values of the rows of a mask, one after the other."""
        chosen = np.count_nonzero(mask)
        if chosen == len(mask):
            return self.values
        if chosen < _NARROW * len(mask):
            return self.values[_slices(self.starts[:-1], self.lengths, np.flatnonzero(mask))]
        return self.values[np.repeat(mask, self.lengths)]

    def rows_and_values_of(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `values_of`, each with its row."""
        rows = np.flatnonzero(mask)
        return np.repeat(rows, self.lengths[rows]), self.values_of(mask)


class One:
    """The value of each row, or none."""

    NONE = -1

    def __init__(self, size: int, rows: np.ndarray, values: np.ndarray) -> None:
        self.values = np.full(size, self.NONE, values.dtype)
        self.values[rows] = values
        self.is_empty = not len(rows)

    def having(self, wanted: np.ndarray) -> np.ndarray:
        """Which rows have one of the wanted values."""
        return is_one_of(self.values, wanted)

    def values_of(self, mask: np.ndarray) -> np.ndarray:
        """The values of the rows of a mask that have one."""
        values = self.values[mask]
        return values[values != self.NONE]

    def rows_and_values_of(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `values_of`, each with its row."""
        rows = np.flatnonzero(mask & (self.values != self.NONE))
        return rows, self.values[rows]


def stored(keys: np.ndarray, pairs: Pairs) -> Many | One:
    """The pairs as a column of the rows with these keys; pairs of other owners are left out."""
    rows = np.searchsorted(keys, pairs.owners)
    known = rows < len(keys)
    known[known] = keys[rows[known]] == pairs.owners[known]
    rows, values = rows[known], pairs.values[known].astype(np.int32)
    kind = One if len(rows) < 2 or bool((rows[1:] != rows[:-1]).all()) else Many
    return kind(len(keys), rows, values)


def having_all(column: Many | One, wanted: np.ndarray) -> np.ndarray:
    """Which rows have every one of the wanted values; there is at least one."""
    return np.logical_and.reduce([column.having(np.array([value])) for value in wanted])


def is_one_of(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which values are among the wanted ones; never the mark for none."""
    return values == wanted[0] if len(wanted) == 1 else np.isin(values, wanted)


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Sorted numbers, each once."""
    is_first = np.ones(len(numbers), bool)
    is_first[1:] = numbers[1:] != numbers[:-1]
    return numbers[is_first]


def in_both(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Those of some numbers that are among others; both sorted, each once."""
    if not len(others):
        return others
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    return some[others[places] == some]


class Counts:
    """Values, and how often each is there."""

    def __init__(self, values: np.ndarray, counts: np.ndarray) -> None:
        self.values = values
        self.counts = counts

    @classmethod
    def counting(cls, values: np.ndarray) -> "Counts":
        """The counts of the values, none of which is negative."""
        if not len(values) or int(values.max()) > 4 * len(values) + 100_000:
            return cls(*np.unique(values, return_counts=True))
        counts = np.bincount(values)
        found = np.flatnonzero(counts)
        return cls(found, counts[found])

    def __add__(self, other: "Counts") -> "Counts":
        if not len(other.values):
            return self
        values, places = np.unique(np.concatenate([self.values, other.values]), return_inverse=True)
        counts = np.bincount(places, weights=np.concatenate([self.counts, other.counts])).astype(np.int64)
        return Counts(values, counts)

    def __len__(self) -> int:
        return len(self.values)

    def of(self, value: int) -> int:
        """How often one value is there."""
        place = int(np.searchsorted(self.values, value))
        return int(self.counts[place]) if place < len(self.values) and self.values[place] == value else 0

    def as_dict(self) -> dict[int, int]:
        """All of them."""
        return dict(zip(self.values.tolist(), self.counts.tolist(), strict=True))

    def most_common(self, most: int) -> list[tuple[int, int]]:
        """The most frequent values and their counts, the highest count first, then the lowest value."""
        if len(self.values) > 4 * most:
            least = np.partition(self.counts, len(self.counts) - most)[-most]
            some = self.counts >= least
            values, counts = self.values[some], self.counts[some]
        else:
            values, counts = self.values, self.counts
        order = np.lexsort((values, -counts))[:most]
        return list(zip(values[order].tolist(), counts[order].tolist(), strict=True))


@dataclass(frozen=True)
class Years:
    """How many records possibly and certainly fall in each year from ``first`` on; empty lists without any date."""

    first: int
    possible: list[int]
    certain: list[int]


class Table:
    """The records of one reading: their keys, days and values; ``alive`` marks those that no later table has anew."""

    def __init__(
        self, days: tuple[np.ndarray, ...], pairs: Mapping[str, Pairs], alive: np.ndarray | None = None
    ) -> None:
        self.keys = days[0]
        self.outer_lo, self.outer_hi, self.core_lo, self.core_hi = (one.astype(np.int32) for one in days[1:])
        self.columns = {name: stored(self.keys, found) for name, found in pairs.items()}
        self.alive = np.ones(len(self.keys), bool) if alive is None else alive

    @property
    def size(self) -> int:
        """How many rows it has, alive or not."""
        return len(self.keys)

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

    def bounds(self, mask: np.ndarray) -> tuple[int, int] | None:
        """The first and the last day that a date of the rows of a mask begins or ends on; ``None`` without any."""
        ends = np.concatenate([self.outer_lo[mask], self.outer_hi[mask]])
        known = ends[(ends > SINCE_EVER) & (ends < LAST)]
        return (int(known.min()), int(known.max())) if len(known) else None

    def years(self, mask: np.ndarray, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """For each year from ``first`` to ``last`` how many rows of a mask possibly and certainly fall in it."""
        lo, hi, certain_lo, certain_hi = (one[mask] for one in self._years)
        return _spread(lo, hi, first, last), _spread(certain_lo, certain_hi, first, last)

    def periods(self, mask: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `years`, for the periods between neighbours of ``edges``, days in their order."""
        size = len(edges) - 1

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
