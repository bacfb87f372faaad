"""A selection of records as a filter set describes it, and how many of them have which value."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import numpy as np

from records.facets.index import Index
from records.facets.tables import LAST, NEVER_LO, SINCE_EVER, Table, Years
from records.facets.values import Chosen, Counts, distinct, having_all, in_both
from records.filters import SearchFilter, all_of, none_of

#: A pair of two values is kept as one number: the first times this, plus the second.
WIDTH = 16
#: So many rows are looked through at a time for the first of a list.
STEP = 50_000
#: What the counts found to be so few is not looked for a second time: it is read by its keys.
FEW = 2_000
#: So many searches are kept, a byte for each record.
MOST_SEARCHES = 32
#: The parameters of a dated filter set that say when.
WHEN = ("from", "to", "dates")


@dataclass(frozen=True)
class Facet:
    """A parameter whose values are counted: by which column, and how a value of the parameter is a number there.

    ``number`` is ``None`` for a value that the column does not know: such a question goes to the database.
    """

    parameter: str
    column: str
    number: Callable[[Any], int | None] = int


@dataclass(frozen=True)
class Pairing:
    """Two parameters that ask about the same rows when both are given: an actor in a role, a stance on a topic.

    ``column`` holds pairs of both, the value of ``left`` times `WIDTH` plus that of ``right``.
    """

    left: str
    right: str
    column: str


class Facets:
    """What lists of one kind of record are counted by, and which parameters the index answers by itself.

    The companions of a facet's parameter, which want all or none of their values, are answered by its column. Every
    other parameter is asked of the database by its filter, alone.
    """

    def __init__(
        self,
        index: Index,
        facets: Iterable[Facet],
        *,
        pairings: Iterable[Pairing] = (),
    ) -> None:
        self.index = index
        self.facets = {one.parameter: one for one in facets}
        self.pairings = tuple(pairings)
        self.required = {all_of(name): one for name, one in self.facets.items()}
        self.excluded = {none_of(name): one for name, one in self.facets.items()}

    def select(self, filters: Any, using: str = "default") -> "Selection":
        """What the filter set, which must be valid, finds; without its order."""
        return Selection(self, filters, *self.index.state(using))


class Selection:
    """The records that a filter set finds, as masks over the tables of the index; one mask for each parameter."""

    def __init__(self, facets: Facets, filters: Any, tables: list[Table], answers: dict[Any, Any]) -> None:
        self.facets = facets
        self.tables = tables
        self._searches = answers
        self.given: dict[str, np.ndarray] = {}
        self.conditions: dict[str, list[np.ndarray]] = {}
        self._answers: dict[str, list[int]] = {}
        self._chosen: dict[tuple[str, ...], list[Chosen]] = {}
        for name in filters.filters:
            values = filters.given(name)
            if not values or name in filters.DISPLAY:
                continue
            if name in facets.facets:
                self.given[name] = self._numbers(facets.facets[name], values)
            if name in WHEN or self._is_of_a_pair(name):
                continue
            if isinstance(filters.filters[name], SearchFilter):
                self.conditions[name] = self._found_by_search(filters, name)
            else:
                self.conditions[name] = [self._mask(filters, name, values, table) for table in tables]
        self._add_pairs()
        self._add_window(filters)

    def _numbers(self, facet: Facet, values: list[Any]) -> Any:
        numbers: list[Any] = [facet.number(value) for value in values]
        return None if None in numbers else np.array(sorted({*numbers}), np.int64)

    def _is_of_a_pair(self, name: str) -> bool:
        return any(name == one.right for one in self.facets.pairings)

    def _mask(self, filters: Any, name: str, values: list[Any], table: Table) -> np.ndarray:
        facets = self.facets
        if name in facets.facets and self.given[name] is not None:
            return table.columns[facets.facets[name].column].having(self.given[name])
        for names, is_all in ((facets.required, True), (facets.excluded, False)):
            if name in names:
                wanted, column = self._numbers(names[name], values), table.columns[names[name].column]
                if wanted is not None:
                    return having_all(column, wanted) if is_all else ~column.having(wanted)
        if name == "undated":
            return table.undated if values == ["true"] else ~table.undated
        return table.holding(self._asked(filters, name))

    def _found_by_search(self, filters: Any, name: str) -> list[np.ndarray]:
        """What words find; whoever narrows the list then, or turns its pages, waits for that no more."""
        typed = tuple(filters.given(name))
        masks: list[np.ndarray] | None = self._searches.get((name, typed))
        if masks is None:
            keys = filters.filters[name].search.keys_hidden_too(filters.queryset.all(), typed)
            masks = [table.holding(keys) for table in self.tables]
            while len(self._searches) >= MOST_SEARCHES:
                self._searches.pop(next(iter(self._searches), None), None)
            self._searches[name, typed] = masks
        return masks

    def _asked(self, filters: Any, name: str) -> list[int]:
        """The keys of what one parameter alone finds, asked of the database once for all tables."""
        if name not in self._answers:
            rows = filters.filters[name].filter(filters.queryset.all(), filters.form.cleaned_data[name])
            self._answers[name] = list(rows.order_by().values_list("pk", flat=True))
        return self._answers[name]

    def _add_pairs(self) -> None:
        for right in dict.fromkeys(one.right for one in self.facets.pairings):
            if right not in self.given:
                continue
            with_left = [one for one in self._pairings_of(right) if one.left in self.given]
            column, wanted = self.facets.facets[right].column, self.given[right]
            masks = []
            for table in self.tables:
                if with_left:
                    mask = np.ones(table.size, bool)
                    for pairing in with_left:
                        mask &= table.columns[pairing.column].having(self._packed(pairing))
                else:
                    mask = table.columns[column].having(wanted)
                masks.append(mask)
            self.conditions[right] = masks

    def _packed(self, pairing: Pairing) -> np.ndarray:
        return (self.given[pairing.left][:, None] * WIDTH + self.given[pairing.right][None, :]).ravel()

    def _pairings_of(self, right: str) -> list[Pairing]:
        return [one for one in self.facets.pairings if one.right == right]

    def _add_window(self, filters: Any) -> None:
        start, end = getattr(filters, "window", (None, None))
        if (start, end) == (None, None):
            return
        bounds = (_day(start, SINCE_EVER), LAST if end == date.max else _day(end, LAST))
        is_certain = filters.given("dates") == ["certain"]
        self.conditions["from"] = [
            table.certainly_within(*bounds) if is_certain else table.possibly_within(*bounds) for table in self.tables
        ]

    def chosen(self, *without: str) -> list[Chosen]:
        """For each table which of its rows are selected, some parameters left aside."""
        names = tuple(name for name in self.conditions if name not in without)
        if names not in self._chosen:
            # Most facets leave nothing aside that was given: they share one selection.
            self._chosen[names] = [
                Chosen(reduce(and_, (self.conditions[name][place] for name in names), table.alive))
                for place, table in enumerate(self.tables)
            ]
        return self._chosen[names]

    def masks(self, *without: str) -> list[np.ndarray]:
        """The same as masks. Nobody writes into them."""
        return [one.mask for one in self.chosen(*without)]

    @property
    def count(self) -> int:
        """How many records are selected."""
        return sum(one.count for one in self.chosen())

    def keys(self, most: int) -> list[int] | None:
        """The primary keys of the selected records; ``None`` when there are more than ``most``."""
        if self.count > most:
            return None
        return [int(key) for one, table in zip(self.chosen(), self.tables, strict=True) for key in table.keys[one.rows]]

    def few_in_order(self, filters: Any) -> Any:
        """The queryset of the selected records in the order of their filter set, by key; ``None`` beyond `FEW`."""
        keys = self.keys(FEW)
        return None if keys is None else filters.in_order(filters.queryset.filter(pk__in=keys))

    def keys_in_time(self, start: int, end: int, *, latest_first: bool) -> list[int]:
        """The primary keys from place ``start`` to ``end`` of the selected records in order of time.

        The order is that of `records.filters.time_orders`: by first possible day, then by key; the undated last.
        """
        parts = []
        for mask, table in zip(self.masks(), self.tables, strict=True):
            rows = _first_of(table.latest_first if latest_first else table.earliest_first, mask, end)
            parts.append((table.keys[rows], np.maximum(table.outer_lo[rows], 0).astype(np.int64), table.undated[rows]))
        keys, days, undated = (np.concatenate(part) for part in zip(*parts, strict=True))
        if len(parts) > 1:
            order = np.lexsort((-keys, -days, undated) if latest_first else (keys, days, undated))
            keys = keys[order]
        return [int(key) for key in keys[start:end]]

    def place(self, key: int, *, falling: bool) -> tuple[int, int | None, int | None] | None:
        """The number of a record among those selected in time order, from 1, and the keys before and after it.

        Unknown dates come last either way; equal ones in the order of keys. ``None`` for a record not selected.
        """
        masks = self.masks()
        keys = np.concatenate([table.keys[mask] for table, mask in zip(self.tables, masks, strict=True)])
        days = np.concatenate(
            [np.maximum(table.outer_lo[mask], 0) for table, mask in zip(self.tables, masks, strict=True)]
        )
        here = np.flatnonzero(keys == key)
        if not len(here):
            return None
        # One number for day and key; turned round for the latest first, but for the day that no date has.
        ranks = days.astype(np.int64) * np.int64(2**31) + keys
        if falling:
            ranks = np.where(days == NEVER_LO, np.int64(2**62) - keys, -ranks)
        own = ranks[here[0]]
        before, after = ranks < own, ranks > own

        def nearest(side: np.ndarray, pick: Any) -> int | None:
            places = np.flatnonzero(side)
            return int(keys[places[pick(ranks[places])]]) if len(places) else None

        return int(np.count_nonzero(before)) + 1, nearest(before, np.argmax), nearest(after, np.argmin)

    def counts(self, parameter: str) -> Counts:
        """How many records would be selected with each value of a parameter, were it the only one given of it."""
        facet = self.facets.facets[parameter]
        first, *others = (self._counts(facet, place) for place in range(len(self.tables)))
        return sum(others, start=first)

    def _counts(self, facet: Facet, place: int) -> Counts:
        """The same among the rows of one table; a value counts once a row."""
        name, table = facet.parameter, self.tables[place]
        as_left = [one for one in self.facets.pairings if one.left == name and one.right in self.given]
        as_right = [one for one in self._pairings_of(name) if one.left in self.given]
        if as_left:
            return Counts.counting(self._values_of_left(as_left[0], place))
        chosen = self.chosen(name)[place]
        if not as_right:
            return table.columns[facet.column].counts(chosen)
        found = None
        for pairing in as_right:
            rows, values = table.columns[pairing.column].rows_and_values_of(chosen.mask)
            here = np.isin(values // WIDTH, self.given[pairing.left])
            both = np.unique(rows[here] * WIDTH + values[here] % WIDTH)
            found = both if found is None else in_both(found, both)
        return Counts.counting(np.empty(0, np.int64) if found is None else found % WIDTH)

    def _values_of_left(self, pairing: Pairing, place: int) -> np.ndarray:
        """Values of the left of a pair that is asked for its right: in rows that have both of it."""
        table, right = self.tables[place], pairing.right
        others = [one for one in self._pairings_of(right) if one.left in self.given and one.left != pairing.left]
        mask = self.masks(pairing.left, right)[place]
        for other in others:
            mask = mask & table.columns[other.column].having(self._packed(other))
        rows, values = table.columns[pairing.column].rows_and_values_of(mask)
        here = np.isin(values % WIDTH, self.given[right])
        size = np.int64(2**32)
        paired = distinct(rows[here] * size + values[here] // WIDTH)
        column = table.columns[self.facets.facets[pairing.left].column]
        rows, values = column.rows_and_values_of(mask)
        return in_both(paired, rows * size + values) % size

    def counts_in(self, column: str) -> Counts:
        """How often each value of a column, of pairs as well, is there in the selected records."""
        parts = zip(self.tables, self.chosen(), strict=True)
        first, *others = (table.columns[column].counts(chosen) for table, chosen in parts)
        return sum(others, start=first)

    def bounds(self) -> tuple[date, date] | None:
        """The first and the last day that a date of the selected begins or ends on, whatever window is asked for."""
        parts = zip(self.tables, self.masks(*WHEN), strict=True)
        found = [bounds for table, mask in parts if (bounds := table.bounds(mask))]
        if not found:
            return None
        first, last = min(lo for lo, _hi in found), max(hi for _lo, hi in found)
        return date.fromordinal(first + 1), date.fromordinal(last + 1)

    def years(self) -> Years:
        """How many of the selected fall in each year, possibly and certainly, whatever window is asked for."""
        parts = zip(self.tables, self.chosen(*WHEN), strict=True)
        first, *others = (table.year_ends(chosen) for table, chosen in parts)
        return sum(others, start=first).years()

    def periods(self, starts: Sequence[date | None]) -> tuple[list[int], list[int]]:
        """How many of the selected fall in each period, possibly and certainly, whatever window is asked for.

        A period goes from one of ``starts`` to the day before the next; the last start ends the last period, ``None``
        when that ends with the calendar.
        """
        edges = np.array([_day(day, LAST) for day in starts], np.int64)
        parts = zip(self.tables, self.masks(*WHEN), strict=True)
        possible, certain = _added(table.periods(mask, edges) for table, mask in parts)
        return possible, certain


def _added(parts: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[list[int]]:
    """The sums of several tables, of what is possible and of what is certain."""
    return (np.sum(one, axis=0).tolist() for one in zip(*parts, strict=True))


def _first_of(rows: np.ndarray, mask: np.ndarray, most: int) -> np.ndarray:
    """The first of some rows that are in a mask, ``most`` of them; looks no further than it must."""
    found, count = [rows[:0]], 0
    for start in range(0, len(rows), STEP):
        some = rows[start : start + STEP]
        found.append(some[mask[some]])
        count += len(found[-1])
        if count >= most:
            break
    return np.concatenate(found)[:most]


def _day(day: date | None, without: int) -> int:
    return without if day is None else day.toordinal() - 1
