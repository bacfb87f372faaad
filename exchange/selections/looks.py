"""A selection as it may be shown today: its rows as they were, and what became of each record since.

What was public then is not for ever: a record that was withdrawn keeps its place and its reason, and nothing else; one
that is not public any more keeps its place. Names of such records go from the rows of others, with all that the row
said of them. A record that was merged is shown as it was while its survivor is public.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.exports.columns import SEPARATOR
from exchange.exports.kinds import KINDS, Kind
from exchange.models import FrozenRow, Selection
from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate
from records.models import RegisteredId

SAME, CORRECTED, MERGED, WITHDRAWN, HIDDEN = "same", "corrected", "merged", "withdrawn", "hidden"
#: The end of the names of columns that hold a date as it was coded.
OF_DATES = "_edtf"
#: Headings of columns that are no field of the record.
HEADINGS = {
    "names": gettext_lazy("other names"),
    "labels": gettext_lazy("labels"),
    "document_url": gettext_lazy("address"),
    "variants": gettext_lazy("wordings"),
    "first_users": gettext_lazy("first used by"),
}
#: Columns that say nothing of what a record holds.
OF_THE_VERSION = ("version", "updated_at", "published_at", "url")


@dataclass
class Row:
    """One row of a selection as it may be shown; ``cells`` are empty where nothing may be."""

    uid: str
    status: str
    cells: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    survivor: Any = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    is_left: bool = False


@dataclass(frozen=True)
class _Fate:
    status: str
    reason: str = ""
    survivor_uid: str = ""


class Look:
    """A look at a selection. What it costs grows with its rows by some microseconds each, in a few queries."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.kind: Kind = KINDS[selection.kind]

    @cached_property
    def filters(self) -> Any:
        """The filter as it is understood today; it may be refused when a record it names is gone."""
        return self.kind.filters(QueryDict(self.selection.query))

    @cached_property
    def _keys(self) -> list[tuple[int, int, int]]:
        """Of each row in order: its key, the record's key and version."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kept.id, kept.record_key, kept.cells[array_position(kept.columns, 'version')]::int "
                "FROM exchange_selection AS selection, unnest(selection.rows) WITH ORDINALITY AS one (id, position) "
                "JOIN exchange_frozenrow AS kept ON kept.id = one.id WHERE selection.id = %s ORDER BY one.position",
                [self.selection.pk],
            )
            return list(cursor.fetchall())

    @cached_property
    def _records(self) -> list[int]:
        return [record for _row, record, _version in self._keys]

    @cached_property
    def fates(self) -> dict[int, _Fate]:
        """What became of each record, by the key of its row."""
        now = {
            key: rest
            for key, *rest in self.kind.model._base_manager.filter(pk__in=self._records).values_list(
                "pk", "version", "state", "merged_into", "uid", "withdrawal_reason"
            )
        }
        merged = [uid for _version, _state, into, uid, _reason in now.values() if into is not None]
        survivors = self.kind.model.objects.public_by_uid(merged)
        fates = {}
        for row, record, version in self._keys:
            fates[row] = _fate(now.get(record), version, survivors)
        return fates

    @cached_property
    def added(self) -> Any:
        """The public records that the filter finds now and did not find then; none when the filter is refused."""
        return self.filters.qs.exclude(pk__in=self._records)

    @cached_property
    def left(self) -> frozenset[int]:
        """The keys of the records that are public still and that the filter finds no more."""
        if not self.filters.is_valid():
            return frozenset()
        found = set(self.filters.qs.filter(pk__in=self._records).order_by().values_list("pk", flat=True))
        public = {record for row, record, _version in self._keys if self.fates[row].status in (SAME, CORRECTED)}
        return frozenset(public - found)

    def rows_that(self, *statuses: str) -> list[int]:
        """The keys of the rows with one of the statuses, in order."""
        return [row for row, _record, _version in self._keys if self.fates[row].status in statuses]

    def rows_left(self) -> list[int]:
        """The keys of the rows whose records the filter finds no more."""
        return [row for row, record, _version in self._keys if record in self.left]

    def rows(self, keys: list[int], *, with_changes: bool = False) -> list[Row]:
        """The rows with these keys as they may be shown, in this order; a constant number of queries."""
        frozen = FrozenRow.objects.in_bulk(keys)
        cells = {
            key: dict(zip(row.columns, (cell or "" for cell in row.cells), strict=True)) for key, row in frozen.items()
        }
        shown = [key for key in keys if self.fates[key].status in (SAME, CORRECTED, MERGED)]
        hide = _Mask(self.kind, [cells[key] for key in shown])
        survivors = self.kind.model.objects.public_by_uid(
            [self.fates[key].survivor_uid for key in shown if self.fates[key].survivor_uid]
        )
        now = self._now([frozen[key].record_key for key in shown]) if with_changes else {}
        made = []
        for key in keys:
            fate = self.fates[key]
            row = Row(cells[key]["uid"], fate.status, reason=fate.reason)
            if key in shown:
                row.cells = hide.from_row(cells[key])
                row.survivor = survivors.get(fate.survivor_uid)
                row.is_left = frozen[key].record_key in self.left
                if fate.status == CORRECTED and with_changes:
                    row.changes = self._changes(row.cells, now.get(frozen[key].record_key, {}))
            made.append(row)
        return made

    def _now(self, records: list[int]) -> dict[int, dict[str, str]]:
        public = self.kind.model.objects.public().filter(pk__in=records)
        query, parameters = self.kind.table.query(public, order=("id",), site="", is_keyed=True)
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return {
                key: dict(zip(self.kind.table.names, (cell or "" for cell in cells), strict=True))
                for key, cells in cursor.fetchall()
            }

    def _changes(self, before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
        return [
            (name, before[name], after.get(name, ""))
            for name in before
            if name not in OF_THE_VERSION and not _is_of_ids(name) and before[name] != after.get(name, "")
        ]

    def batches(self, size: int = 1000) -> Iterator[Row]:
        """All rows as they may be shown, some at a time."""
        keys = [row for row, _record, _version in self._keys]
        for start in range(0, len(keys), size):
            yield from self.rows(keys[start : start + size])


def heading(kind: Kind, column: str) -> str:
    """The name of a column as the codebook has it: that of the field, or the name in words where there is none."""
    name = column.removesuffix(OF_DATES)
    label: Any = getattr(_field(kind, name), "verbose_name", "")
    return capfirst(str(HEADINGS.get(name) or label or name.replace("_", " ")))


def date_of(column: str, cell: str) -> PartialDate | None:
    """The date that a cell of this column holds; ``None`` in other columns, or for what is no date any more."""
    if not column.endswith(OF_DATES):
        return None
    try:
        return PartialDate.parse(cell)
    except InvalidPartialDate:
        return None


def in_words(kind: Kind, column: str, cell: str) -> str:
    """What a cell says, as pages say it: a word for a choice, else the text itself."""
    choices = dict(getattr(_field(kind, column), "flatchoices", ()))
    return str(choices.get(cell, cell))


def _field(kind: Kind, name: str) -> Any:
    """The field of the record with this name; ``None`` for a column that no field stands behind."""
    try:
        return kind.model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_of_ids(column: str) -> bool:
    return column.endswith(("_uid", "_uids", "_earliest", "_latest", "_certain"))


def _fate(now: Any, version: int, survivors: dict[str, Any]) -> _Fate:
    if now is None:
        return _Fate(WITHDRAWN, _("The record was deleted."))
    version_now, state, into, uid, reason = now
    if into is not None:
        return _Fate(MERGED, survivor_uid=survivors[uid].uid) if uid in survivors else _Fate(HIDDEN)
    if state == "withdrawn":
        return _Fate(WITHDRAWN, reason)
    if state != "published":
        return _Fate(HIDDEN)
    return _Fate(SAME if version_now == version else CORRECTED)


class _Mask:
    """What must not be read any more in rows that tell of other records."""

    def __init__(self, kind: Kind, rows: list[dict[str, str]]) -> None:
        self.about = {column.name: column.about for column in kind.table.columns if column.about}
        self.ids = sorted({name for names in self.about.values() for name in names})
        uids = {uid for row in rows for name in self.ids for uid in _uids(row.get(name, ""))}
        by_kind = defaultdict(list)
        for uid, label in RegisteredId.objects.filter(uid__in=uids).values_list("uid", "kind"):
            by_kind[label].append(uid)
        self.visible: set[str] = set()
        for label, some in by_kind.items():
            manager: Any = apps.get_model(label)._default_manager
            self.visible |= set(manager.public_by_uid(some))

    def from_row(self, row: dict[str, str]) -> dict[str, str]:
        """The row without what it says of records that are not public."""
        shown = dict(row)
        for name, names in self.about.items():
            if name in row:
                shown[name] = self._without(row[name], [row.get(one, "") for one in names], "")
        for name in self.ids:
            if name in row:
                beside = next((about for about in self.about.values() if name in about), (name,))
                shown[name] = self._without(row[name], [row.get(one, "") for one in beside], "")
        return shown

    def _without(self, cell: str, ids: list[str], instead: str) -> str:
        if not cell or all(self._may_show(one) for one in ids):
            return cell
        items = cell.split(SEPARATOR)
        beside = [one.split(SEPARATOR) if one else [""] * len(items) for one in ids]
        if any(len(one) != len(items) for one in beside):
            return instead
        kept = [
            item if all(self._may_show(one[place]) for one in beside) else instead for place, item in enumerate(items)
        ]
        return SEPARATOR.join(kept) if any(kept) else ""

    def _may_show(self, ids: str) -> bool:
        return all(uid in self.visible for uid in _uids(ids))


def _uids(cell: str) -> list[str]:
    return [uid for item in cell.split(SEPARATOR) for uid in item.split("; ") if uid]
