"""How an answer is read and written: one query for the records, one for each kind of rows in them, and no more columns
than the fields that were asked for need.

Rows are tuples from the first to the last: no model is built.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import Count

from records.api.choosing import Node
from records.api.shapes import Address, Many, One, Tally, Value, shape_of
from records.statements import Keyed

Row = Sequence[Any]
#: Writes one field or record of a row, given the site and what the branches found.
Write = Callable[[Row, str, Sequence[Any]], Any]


@dataclass(frozen=True)
class _Rows:
    """Rows that belong to the records of a plan: a plan of their own, whose first column is the owner."""

    plan: "Plan"
    asked: Keyed
    key: int

    def load(self, owners: list[Any], using: str, site: str) -> dict[Any, list[Any]]:
        """What is written of the rows, by owner, in their order."""
        found: dict[Any, list[Any]] = {key: [] for key in owners}
        read = self.asked.read(owners, using)
        for row, written in zip(read, self.plan.write(read, using, site), strict=True):
            found[row[-1]].append(written)
        return found


@dataclass(frozen=True)
class _Tally:
    asked: Keyed
    key: int

    def load(self, owners: list[Any], using: str, _site: str) -> dict[Any, Any]:
        return dict.fromkeys(owners, 0) | dict(self.asked.read(owners, using))


class Plan:
    """How the records chosen by a `Node` are read from a queryset of their model, and written."""

    def __init__(self, node: Node, end: str = "") -> None:
        self.columns: list[str] = []
        self._branches: list[_Rows | _Tally] = []
        self._write = self._record(node, f"{end}__" if end else "")

    @classmethod
    def of(cls, serializer: Any) -> "Plan":
        """The plan that tells all fields of a serializer class."""
        return cls(Node.whole(shape_of(serializer)))

    def each(self, queryset: Any, site: str, *, batch: int) -> Iterator[Any]:
        """Every row of the queryset as the API tells it, ``batch`` rows in memory at a time."""
        rows = queryset.prefetch_related(None).values_list(*self.columns).iterator(chunk_size=batch)
        while some := list(islice(rows, batch)):
            yield from self.write(some, queryset.db, site)

    def keyed(self, rows: Callable[[], Any], path: str, *more: str, kind: str = "bigint") -> Keyed:
        """A question for the rows of a queryset that belong to keys: the columns of the plan, ``more``, and the key."""
        return Keyed(rows, path, lambda found: found.values_list(*self.columns, *more, path), kind=kind)

    def read(self, queryset: Any, *more: Any) -> list[Row]:
        """The rows of the queryset: the columns of the plan, then ``more``."""
        return list(queryset.prefetch_related(None).values_list(*self.columns, *more))

    def write(self, rows: Sequence[Row], using: str, site: str) -> list[Any]:
        """The rows as the API tells them; ``site`` is scheme and host. A query for each kind of rows in them."""
        if not rows:
            return []
        loaded = []
        for branch in self._branches:
            owners = list({row[branch.key]: None for row in rows if row[branch.key] is not None})
            loaded.append(branch.load(owners, using, site) if owners else {})
        return [self._write(row, site, loaded) for row in rows]

    def _column(self, name: str) -> int:
        if name not in self.columns:
            self.columns.append(name)
        return self.columns.index(name)

    def _record(self, node: Node, prefix: str) -> Write:
        writers = [(name, self._field(node, name, prefix)) for name in node.in_order()]
        # A column as it is needs no call.
        plain = [(name, writer) for name, writer in writers if isinstance(writer, int)]
        names = tuple(name for name, _place in plain)
        values = _values(tuple(place for _name, place in plain))
        others = [(name, writer) for name, writer in writers if not isinstance(writer, int)]
        order = dict.fromkeys(name for name, _writer in writers)

        def write(row: Row, site: str, loaded: Sequence[Any]) -> dict[str, Any]:
            told = order.copy()
            told.update(zip(names, values(row)))  # noqa: B905 as many of both, and it is asked thousands of times
            for name, writer in others:
                told[name] = writer(row, site, loaded)
            return told

        return write

    def _field(self, node: Node, name: str, prefix: str) -> Any:
        field = node.shape.fields[name]
        if isinstance(field, Value):
            return self._value(field, prefix)
        if isinstance(field, Address):
            return _address(field, self._column(prefix + field.column))
        if isinstance(field, Tally):
            by = field.by
            tally = Keyed(field.rows, by, lambda rows: rows.order_by().values_list(by).annotate(n=Count("pk")))
            return self._branch(_Tally(tally, self._column(f"{prefix}pk")))
        child = node.chosen[name]
        assert child is not None  # noqa: S101 a choice of a record always says what of it
        if isinstance(field, One):
            return self._one(field, child, prefix)
        return self._many(field, child, prefix)

    def _value(self, field: Value, prefix: str) -> Any:
        places = tuple(self._column(prefix + column) for column in field.columns)
        make = field.make
        if make is None:
            return places[0]
        if len(places) == 1:
            (place,) = places
            return lambda row, _site, _loaded: make(row[place])
        return lambda row, _site, _loaded: make(*(row[place] for place in places))

    def _one(self, field: One, child: Node, prefix: str) -> Write:
        inner = f"{prefix}{field.source}__"
        (own, *state), *joined = (tuple(self._column(inner + name) for name in one) for one in field.seen_by)
        records = [(own, *state)] if state else [(one[0], *one[1:]) for one in joined]
        write = self._record(child, inner)

        def written(row: Row, site: str, loaded: Sequence[Any]) -> Any:
            if row[own] is None:
                return None
            for uid, state, merged in records:
                if row[uid] is not None and (row[state] != "published" or row[merged] is not None):
                    return None
            return write(row, site, loaded)

        return written

    def _many(self, field: Many, child: Node, prefix: str) -> Write:
        plan = Plan(child, field.end)
        return self._branch(_Rows(plan, plan.keyed(field.rows, field.owner), self._column(f"{prefix}pk")))

    def _branch(self, branch: _Rows | _Tally) -> Write:
        number, key = len(self._branches), branch.key
        self._branches.append(branch)
        return lambda row, _site, loaded: loaded[number][row[key]]


def _values(places: tuple[int, ...]) -> Callable[[Row], Sequence[Any]]:
    """What reads the values at these places of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: [row[place] for place in places]


def _address(field: Address, place: int) -> Write:
    before, after = field.before, field.after
    return lambda row, site, _loaded: f"{site}{before}{row[place]}{after}"
