"""The values of the rows of a table as arrays, and how often each is there. Nothing here knows the database.

A value is a whole number that is not negative. Whatever is made once and then kept is made when it is first asked for,
or by ``make_ready``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_BITS = 31
#: A value of at least one row in so many has a bit for each row: counted sooner, for at most four times the memory.
_COMMON = 128
#: What it costs to count by rows, by bits, and by the rows of each value: for a selected value, for 64 rows of a value
#: that is common, for a row of one that is rare. In ns, measured with a million rows; only how they compare matters.
_BY_ROW, _BY_BITS, _BY_VALUE = 6, 1.2, 3
#: Less than this share of the rows is read row by row, more of them by looking at every value.
_NARROW = 0.2


@dataclass(frozen=True)
class Pairs:
    """Owners and values, both int64, sorted by owner and value, each pair once."""

    owners: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, owners: np.ndarray, values: np.ndarray) -> "Pairs":
        """The pairs, sorted, without those that are there twice."""
        return cls(*_sorted(owners, values))

    def widened(self, wider: Mapping[int, tuple[int, ...]]) -> "Pairs":
        """Each owner with all the values that its own count for."""
        distinct, places = np.unique(self.values, return_inverse=True)
        lists = [wider.get(int(value), ()) for value in distinct]
        lengths = np.array([len(one) for one in lists], np.int64)
        flat = np.array([value for one in lists for value in one], np.int64)
        taken = _slices(np.cumsum(lengths) - lengths, lengths, places)
        return Pairs.of(np.repeat(self.owners, lengths[places]), flat[taken])


def _sorted(some: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of two numbers, sorted by the first and then the second, each once."""
    # As one number each, which sorts many times as fast. Values fit: tables store them in 32 bits.
    both = distinct(np.sort((some.astype(np.int64) << _BITS) | others))
    return both >> _BITS, both & ((1 << _BITS) - 1)


def _slices(starts: np.ndarray, lengths: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The places of all elements of the chosen slices, one slice after the other."""
    starts, lengths = starts[chosen], lengths[chosen]
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


class Chosen:
    """Which rows of a table are selected, in each of the forms that counting takes."""

    def __init__(self, mask: np.ndarray) -> None:
        self.mask = mask

    @cached_property
    def count(self) -> int:
        """How many they are."""
        return int(np.count_nonzero(self.mask))

    @property
    def is_all(self) -> bool:
        """Whether no row is left out."""
        return self.count == len(self.mask)

    @cached_property
    def rows(self) -> np.ndarray:
        """Their places, in order."""
        return np.flatnonzero(self.mask)

    @cached_property
    def bits(self) -> np.ndarray:
        """A bit for each row; see `_bits`."""
        return _bits(self.mask)


def _bits(mask: np.ndarray) -> np.ndarray:
    """A mask with 64 rows in each number."""
    packed = np.packbits(mask)
    return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)


class _ByValue:
    """The same values the other way round: each with its rows."""

    def __init__(self, size: int, rows: np.ndarray, values: np.ndarray) -> None:
        values, rows = _sorted(values, rows)
        first = np.flatnonzero(np.diff(values, prepend=-1))
        self.values, self.lengths = values[first], np.diff(first, append=len(values))
        self.are_common = self.lengths * _COMMON >= max(size, 1)
        # Rare values stand first, so that they can be counted by one walk over their rows.
        common = np.repeat(self.are_common, self.lengths)
        self._rows = np.concatenate([rows[~common], rows[common]]).astype(np.int32)
        order = np.argsort(self.are_common, kind="stable")
        self._starts = np.empty_like(first)
        self._starts[order] = np.cumsum(self.lengths[order]) - self.lengths[order]
        #: How many rows the rare ones have together.
        self.rare = int(np.count_nonzero(~common))
        self._size = size

    def rows_of(self, value: int) -> np.ndarray:
        """The rows that have one value, in order."""
        place = int(np.searchsorted(self.values, value))
        return self._rows_at(place) if place < len(self.values) and self.values[place] == value else self._rows[:0]

    def _rows_at(self, place: int) -> np.ndarray:
        return self._rows[self._starts[place] : self._starts[place] + self.lengths[place]]

    @cached_property
    def bits(self) -> list[np.ndarray]:
        """For each common value a bit for each row."""
        found = []
        for place in np.flatnonzero(self.are_common):
            mask = np.zeros(self._size, bool)
            mask[self._rows_at(int(place))] = True
            found.append(_bits(mask))
        return found

    @cached_property
    def all(self) -> "Counts":
        """How often each value is there in all rows."""
        return Counts(self.values, self.lengths)

    def counts(self, chosen: Chosen) -> "Counts":
        """How often each value is there in some rows; takes the same time for whatever rows."""
        counts = np.empty(len(self.values), np.int64)
        counts[self.are_common] = [int(np.bitwise_count(one & chosen.bits).sum()) for one in self.bits]
        seen = np.cumsum(chosen.mask[self._rows[: self.rare]], dtype=np.int32)
        ends = (self._starts + self.lengths)[~self.are_common]
        counts[~self.are_common] = np.diff(seen[ends - 1], prepend=0)
        found = counts > 0
        return Counts(self.values[found], counts[found])


class _Values:
    """What the values of rows are asked, however they are kept."""

    #: How many rows there are.
    size: int
    #: The values, of some rows and others, as they are kept.
    values: np.ndarray

    @cached_property
    def by_value(self) -> _ByValue:
        """Each value with its rows."""
        return _ByValue(self.size, *self.rows_and_values_of(np.ones(self.size, bool)))

    def make_ready(self) -> None:
        """Make what the first questions would have to wait for."""
        _made = self.by_value.bits, self.by_value.all

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value."""
        raise NotImplementedError

    def values_at(self, rows: np.ndarray) -> np.ndarray:
        """The values of some rows, one after the other."""
        raise NotImplementedError

    def rows_and_values_of(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values of the rows of a mask, each with its row."""
        raise NotImplementedError

    def having(self, wanted: np.ndarray) -> np.ndarray:
        """Which rows have one of the wanted values."""
        mask = np.zeros(self.size, bool)
        for value in wanted.tolist():
            mask[self.by_value.rows_of(value)] = True
        return mask

    def counts(self, chosen: Chosen) -> "Counts":
        """How often each value is there in the chosen rows."""
        if chosen.is_all:
            return self.by_value.all
        share = len(self.values) / max(self.size, 1)
        by_value = self.by_value
        at_once = _BY_VALUE * by_value.rare + _BY_BITS * len(by_value.bits) * self.size / 64
        if _BY_ROW * chosen.count * share < at_once:
            return Counts.counting(self.values_at(chosen.rows))
        return by_value.counts(chosen)


class Many(_Values):
    """The values of each row, any number of them, as slices of one array."""

    def __init__(self, starts: np.ndarray, values: np.ndarray) -> None:
        self.size = len(starts) - 1
        self.starts = starts
        self.values = values

    @classmethod
    def of(cls, size: int, rows: np.ndarray, values: np.ndarray) -> "Many":
        """The values of these of ``size`` rows, which come in order."""
        return cls(np.searchsorted(rows, np.arange(size + 1)).astype(np.int32), values)

    def renumbered(self, numbers: np.ndarray) -> "Many":
        """The same with other values, by the place that they have among ``numbers``."""
        return Many(self.starts, numbers[self.values])

    @property
    def is_empty(self) -> bool:
        return not len(self.values)

    @cached_property
    def _lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def values_at(self, rows: np.ndarray) -> np.ndarray:
        return self.values[_slices(self.starts[:-1], self._lengths, rows)]

    def rows_and_values_of(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.flatnonzero(mask)
        owners = np.repeat(rows, self._lengths[rows])
        if len(rows) == self.size:
            return owners, self.values
        if len(rows) < _NARROW * self.size:
            return owners, self.values_at(rows)
        return owners, self.values[np.repeat(mask, self._lengths)]


class One(_Values):
    """The value of each row, or none."""

    NONE = -1

    def __init__(self, values: np.ndarray) -> None:
        self.size = len(values)
        self.values = values

    @classmethod
    def of(cls, size: int, rows: np.ndarray, values: np.ndarray) -> "One":
        """The values of these of ``size`` rows; the others have none."""
        all_values = np.full(size, cls.NONE, values.dtype)
        all_values[rows] = values
        return cls(all_values)

    def renumbered(self, numbers: np.ndarray) -> "One":
        """The same with other values, by the place that they have among ``numbers``."""
        return One(np.append(numbers, np.int32(self.NONE))[self.values])

    @cached_property
    def is_empty(self) -> bool:
        return bool((self.values == self.NONE).all())

    def values_at(self, rows: np.ndarray) -> np.ndarray:
        values = self.values[rows]
        return values[values != self.NONE]

    def rows_and_values_of(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.flatnonzero(mask & (self.values != self.NONE))
        return rows, self.values[rows]


def stored(keys: np.ndarray, pairs: Pairs) -> Many | One:
    """The pairs as a column of the rows with these keys; pairs of other owners are left out."""
    rows = np.searchsorted(keys, pairs.owners)
    known = rows < len(keys)
    known[known] = keys[rows[known]] == pairs.owners[known]
    rows, values = rows[known], pairs.values[known].astype(np.int32)
    kind = One if len(rows) < 2 or bool((rows[1:] != rows[:-1]).all()) else Many
    return kind.of(len(keys), rows, values)


def having_all(column: Many | One, wanted: np.ndarray) -> np.ndarray:
    """Which rows have every one of the wanted values; there is at least one."""
    return np.logical_and.reduce([column.having(np.array([value])) for value in wanted])


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
