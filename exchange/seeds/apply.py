"""Writes rows to the database: creates what is new, changes what the files changed, keeps what an editor changed.

Rows are written in bulk and the database judges them. Only when it refuses something are they written one by one
(``careful``), to name every row that is wrong and say why in the words of its rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import Error, transaction

from exchange.seeds.problems import Problem, Spot
from exchange.seeds.report import Report
from exchange.seeds.rows import EntryRow, PartRow, Reference
from exchange.seeds.shapes import SHAPES, Part
from exchange.seeds.standing import Name, Standing
from records.models import Record, State


@dataclass(frozen=True)
class _Owner:
    """A saved row with the parts it is to have; ``is_new`` when it can have none yet."""

    entry: EntryRow
    instance: Any
    shapes: Mapping[str, Part]
    rows: Mapping[str, tuple[PartRow, ...]]
    is_new: bool


@dataclass(frozen=True)
class _New:
    """A row to insert, and where it stands in the files."""

    entry: EntryRow
    spot: Spot
    instance: Any


class Writer:
    """One run over the rows that are not as remembered. Call ``write`` once, inside a transaction.

    ``problems`` is empty after a run that can stand.
    """

    def __init__(self, standing: Standing, report: Report, *, careful: bool = False) -> None:
        self.standing = standing
        self.report = report
        self.careful = careful
        self.problems: list[Problem] = []
        self._links = {name: stored.link for name, stored in standing.stored.items()}
        self._owners: list[_Owner] = []
        self._checksums: dict[Name, str] = {}

    def write(self, rows: Iterable[EntryRow]) -> None:
        by_kind: dict[str, list[EntryRow]] = defaultdict(list)
        for row in rows:
            by_kind[row.kind].append(row)
        for kind in SHAPES:
            self._write_kind(kind, by_kind[kind])
        self._write_parts(self._owners)
        if not self.problems:
            self.standing.remember(self._checksums)

    # The records themselves.

    def _write_kind(self, kind: str, rows: list[EntryRow]) -> None:
        waiting = {row.key: row for row in rows if not self._is_kept(row)}
        while waiting:
            ready = [row for row in waiting.values() if not _refers_to(row, kind, waiting)]
            if not ready:
                for row in waiting.values():
                    self._refuse(row, row.entry.spot, "its links lead in a circle back to itself")
                return
            for row in ready:
                del waiting[row.key]
            self._write_ready(kind, ready)

    def _is_kept(self, row: EntryRow) -> bool:
        reason = self.standing.reason_to_keep((row.kind, row.key))
        if reason:
            self.report.keep(row.kind, f"{row.entry.label}: {reason}")
        return bool(reason)

    def _write_ready(self, kind: str, rows: list[EntryRow]) -> None:
        shape = SHAPES[kind]
        uids = {row.key: self.standing.uids[kind, row.key] for row in rows}
        stored = {instance.uid: instance for instance in shape.model.objects.filter(uid__in=list(uids.values()))}
        owners, created = [], []
        for row in rows:
            values = self._resolved(row, shape.model, row.values)
            if values is None:
                continue
            instance = stored.get(uids[row.key])
            is_new = instance is None
            if is_new:
                state = {"state": State.PUBLISHED} if issubclass(shape.model, Record) else {}
                instance = shape.model(uid=uids[row.key], **state, **values)
                created.append(_New(row, row.entry.spot, instance))
            elif _assign(instance, values) and not self._saves(row, row.entry.spot, instance):
                continue
            owners.append(_Owner(row, instance, shape.parts, row.parts, is_new))
        self._insert(shape.model, created)
        for owner in owners:
            if owner.instance.pk is not None:
                name = kind, owner.entry.key
                self._links[name] = owner.instance.pk
                self._checksums[name] = owner.entry.entry.checksum
                self._owners.append(owner)
                self.report.count(kind, "created" if owner.is_new else "changed")

    # What belongs to them.

    def _write_parts(self, owners: list[_Owner]) -> None:
        """The parts of ``owners``, and then the parts of these."""
        below: list[_Owner] = []
        new: dict[Any, list[_New]] = defaultdict(list)
        for owner in owners:
            if owner.instance.pk is None:
                continue
            for name, shape in owner.shapes.items():
                for row, instance in self._matched(owner, shape, owner.rows.get(name, ())):
                    is_new = instance.pk is None
                    if is_new:
                        new[shape.model].append(_New(owner.entry, row.spot, instance))
                    below.append(_Owner(owner.entry, instance, shape.parts, row.parts, is_new))
        for model, rows in new.items():
            self._insert(model, rows)
        if below:
            self._write_parts([owner for owner in below if owner.shapes])

    def _matched(self, owner: _Owner, shape: Part, rows: tuple[PartRow, ...]) -> list[tuple[PartRow, Any]]:
        """The rows with an instance each: the stored one it is by its identity, put right, or a new one.

        Stored rows that the files no longer have are deleted first, so that others can take their place.
        """
        wanted: dict[tuple[Any, ...], tuple[PartRow, dict[str, Any]]] = {}
        for row in rows:
            if (values := self._resolved(owner.entry, shape.model, row.values)) is not None:
                wanted[tuple(values[_attribute(shape.model, name)] for name in shape.identity)] = row, values
        stored: dict[Any, Any] = {}
        if not owner.is_new:
            found = shape.model.objects.filter(**{shape.owner: owner.instance}).order_by("pk")
            stored = {_identity(shape, instance): instance for instance in found}
            for gone in [identity for identity in stored if identity not in wanted]:
                stored.pop(gone).delete()
        matched = []
        for identity, (row, values) in wanted.items():
            instance = stored.get(identity)
            if instance is None:
                instance = shape.model(**{shape.owner: owner.instance}, **values)
            elif _assign(instance, values) and not self._saves(owner.entry, row.spot, instance):
                continue
            matched.append((row, instance))
        return matched

    # One row, or many.

    def _resolved(self, row: EntryRow, model: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The values by column, links as keys; ``None`` when a link leads to a record that is not there."""
        resolved = {}
        for name, value in values.items():
            link = self._links.get((value.kind, value.key)) if isinstance(value, Reference) else None
            if isinstance(value, Reference) and link is None:
                self._leave_out(row, value, is_whole=values is row.values)
                return None
            resolved[_attribute(model, name)] = link if isinstance(value, Reference) else value
        return resolved

    def _leave_out(self, row: EntryRow, missing: Reference, *, is_whole: bool) -> None:
        """Say that a row leads to a deleted record. Entries that are broken themselves were reported before."""
        if self.standing.reason_to_keep((missing.kind, missing.key)):
            what = f'{row.entry.label}: it refers to {missing.kind} "{missing.key}", which was deleted here'
            if is_whole:
                self.report.keep(row.kind, what)
            else:
                self.report.kept.append(f"{what}; the rest is applied")

    def _insert(self, model: Any, rows: list[_New]) -> None:
        if not self.careful:
            model.objects.bulk_create([row.instance for row in rows])
            return
        for row in rows:
            self._saves(row.entry, row.spot, row.instance)

    def _saves(self, row: EntryRow, spot: Spot, instance: Any) -> bool:
        """Save one row; when ``careful``, a refusal becomes a problem and the run goes on."""
        if not self.careful:
            instance.save()
            return True
        try:
            with transaction.atomic():
                instance.full_clean()
                instance.save()
        except ValidationError as refusal:
            for field, messages in refusal.message_dict.items():
                for message in messages:
                    self._refuse(row, spot, message if field == "__all__" else f"{field}: {message}")
        except Error as refusal:
            self._refuse(row, spot, str(refusal).splitlines()[0])
        else:
            return True
        instance.pk = None
        return False

    def _refuse(self, row: EntryRow, spot: Spot, message: str) -> None:
        self.problems.append(Problem(spot, row.entry.label, message))


def _refers_to(row: EntryRow, kind: str, waiting: Mapping[str, EntryRow]) -> bool:
    return any(link.kind == kind and link.key in waiting for link in row.links())


def _assign(instance: Any, values: Mapping[str, Any]) -> bool:
    """Put ``values`` into a stored row; whether any was another before."""
    differs = {name: value for name, value in values.items() if getattr(instance, name) != value}
    for name, value in differs.items():
        setattr(instance, name, value)
    return bool(differs)


def _identity(shape: Part, instance: Any) -> tuple[Any, ...]:
    return tuple(getattr(instance, _attribute(shape.model, name)) for name in shape.identity)


def _attribute(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).attname)
