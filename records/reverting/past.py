"""What a record and its rows were: read from the events of the history.

A version is what stood in the database when the transaction that made it had ended. The rows of a record are those
that raise its version: they say so by their ``owners``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from records.history import event_model
from records.models import Identified
from records.reverting.rows import Values, rows_now, tracked_models
from records.services import Refused

#: Rows by model and key.
Rows = dict[tuple[Any, Any], Values]


@cache
def parts_of(model: Any) -> tuple[tuple[Any, str], ...]:
    """The models of a record's rows, each with the lookup from the row to the record; rows of rows included."""
    found = []
    for part in tracked_models():
        for path in getattr(part, "owners", ()):
            if _end_of(part, path) is not model:
                continue
            found.append((part, path))
            if issubclass(part, Identified):
                found += [(below, f"{lookup}__{path}") for below, lookup in parts_of(part)]
    return tuple(found)


def _end_of(model: Any, path: str) -> Any:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


@dataclass(frozen=True)
class Moment:
    """A point in the life of one record: between two of its transactions.

    Clocks alone cannot say what came first: an event bears the time its transaction began, and one that began earlier
    may have waited for the record. Its own events are numbered in the order of its versions.
    """

    at: datetime
    before: frozenset[datetime]
    after: frozenset[datetime]

    def has_seen(self, event: Values) -> bool:
        """Whether the event had happened."""
        began = event["pgh_created_at"]
        return began in self.before or (began not in self.after and began <= self.at)


#: What is read of every event of a row, to know which of them are wanted whole.
_OUTLINE = ("pgh_id", "pgh_obj_id", "pgh_created_at", "pgh_label")


class Life:
    """All that the history knows of a record and its rows, to say what they were at many moments.

    Of all events it reads an outline, once; whole it reads those that stood at the moments it is asked for.
    """

    def __init__(self, record: Any) -> None:
        model: Any = type(record)
        self.record = record
        own = [*_OUTLINE, "version", *(name for name in _TOLD if _has(model, name))]
        self.own = list(event_model(model).objects.filter(pgh_obj_id=record.pk).order_by("pgh_id").values(*own))
        self._outlines = {
            (part, path): list(
                event_model(part)
                .objects.filter(pgh_obj_id__in=_ever(part, path, record.pk).values("pgh_obj_id"))
                .order_by("pgh_id")
                .values(*_OUTLINE)
            )
            for part, path in parts_of(model)
        }

    @property
    def versions(self) -> list[Values]:
        """An outline of the record's own event at the end of each transaction, the earliest first."""
        return [
            event
            for event, later in zip_longest(self.own, self.own[1:])
            if later is None or later["pgh_created_at"] != event["pgh_created_at"]
        ]

    def at(self, version: int | datetime) -> Rows:
        """The record and its rows as they were. Raises ``Refused`` when it was not there then."""
        return self.at_each([version])[0]

    def at_each(self, versions: Iterable[int | datetime]) -> list[Rows]:
        """The same of several versions, by as many queries as for one."""
        model: Any = type(self.record)
        moments = [_moment(self.own, version) for version in versions]
        own = [_last(self.own, moment) for moment in moments]
        rows = {one: [_last(outline, moment) for moment in moments] for one, outline in self._outlines.items()}
        whole = {
            table: _whole(table, {event["pgh_id"] for events in found for event in events.values()})
            for table, found in _by_table([(model, own), *((part, found) for (part, _path), found in rows.items())])
        }
        return [
            self._rows(
                {key: whole[model][event["pgh_id"]] for key, event in own[place].items()},
                {
                    one: {key: whole[one[0]][event["pgh_id"]] for key, event in found[place].items()}
                    for one, found in rows.items()
                },
            )
            for place in range(len(moments))
        ]

    def _rows(self, own: dict[Any, Values], events: dict[tuple[Any, str], dict[Any, Values]]) -> Rows:
        """Of all rows that were ever part of the record, those that were so at a moment."""
        known: dict[tuple[Any, str], Rows] = {}

        def at(part: Any, path: str) -> Rows:
            if (part, path) not in known:
                step, _sign, rest = path.partition("__")
                link = part._meta.get_field(step)
                owners = {key for _model, key in at(link.related_model, rest)} if rest else {self.record.pk}
                known[part, path] = {
                    (part, key): values for key, values in events[part, path].items() if values[link.attname] in owners
                }
            return known[part, path]

        model: Any = type(self.record)
        rows: Rows = {(model, key): values for key, values in own.items()}
        for part, path in parts_of(model):
            rows |= at(part, path)
        return rows


#: What tells whether a version was public, of the models that have it.
_TOLD = ("state", "merged_into_id", "withdrawal_reason")


def _has(model: Any, name: str) -> bool:
    return any(name in (field.name, field.attname) for field in model._meta.concrete_fields)


def _by_table(found: list[tuple[Any, list[dict[Any, Values]]]]) -> Iterator[tuple[Any, list[dict[Any, Values]]]]:
    """The states of each table together: a part may belong to the record by two ways."""
    tables: dict[Any, list[dict[Any, Values]]] = defaultdict(list)
    for table, states in found:
        tables[table] += states
    yield from tables.items()


def _whole(model: Any, keys: set[Any]) -> dict[Any, Values]:
    return {event["pgh_id"]: event for event in event_model(model).objects.filter(pgh_id__in=keys).values()}


def moment_of(record: Any, version: int | datetime) -> Moment:
    """When the record was at ``version``, or at a point in time. Raises ``Refused`` when it was not there then."""
    events = event_model(type(record)).objects.filter(pgh_obj_id=record.pk).order_by("pgh_id")
    return _moment(list(events.values("pgh_created_at", "pgh_label", "version")), version)


def _moment(own: list[Values], version: int | datetime) -> Moment:
    if isinstance(version, datetime):
        reached = [event for event in own if event["pgh_created_at"] <= version]
    else:
        # A version is what stood there before it was deleted.
        reached = [
            event
            for event in own
            if event["version"] < version or (event["version"] == version and event["pgh_label"] != "delete")
        ]
        if not any(event["version"] == version for event in own):
            reached = []
    if not reached:
        raise Refused(_("The history does not know that version of the record."))
    before = frozenset(event["pgh_created_at"] for event in reached)
    after = frozenset(event["pgh_created_at"] for event in own) - before
    at = version if isinstance(version, datetime) else reached[-1]["pgh_created_at"]
    return Moment(at=at, before=before, after=after)


def state_at(record: Any, version: int | datetime) -> Rows:
    """The record and its rows as they were at a version or a point in time; without the record, it was deleted."""
    return Life(record).at(version)


def was_elsewhere(model: Any, key: Any, moment: Moment) -> bool:
    """Whether the row was there at the moment, whatever record it belonged to."""
    return bool(_last(event_model(model).objects.filter(pgh_obj_id=key).order_by("pgh_id").values(), moment))


def _last(events: Iterable[Values], moment: Moment) -> dict[Any, Values]:
    rows: dict[Any, Values] = {}
    for event in events:
        if not moment.has_seen(event):
            continue
        if event["pgh_label"] == "delete":
            rows.pop(event["pgh_obj_id"], None)
        else:
            rows[event["pgh_obj_id"]] = event
    return rows


def _ever(model: Any, path: str, key: Any) -> Any:
    """The events of rows that were part of the record at any time."""
    step, _sign, rest = path.partition("__")
    events = event_model(model).objects
    if not rest:
        return events.filter(**{f"{step}_id": key})
    above = model._meta.get_field(step).related_model
    return events.filter(**{f"{step}_id__in": _ever(above, rest, key).values("pgh_obj_id")})


def keys_now(record: Any) -> Iterator[tuple[Any, Any]]:
    """The record and its rows that are in the database, by model and key."""
    model: Any = type(record)
    yield model, record.pk
    for part, path in parts_of(model):
        for key in part._base_manager.filter(**{path: record.pk}).values_list("pk", flat=True):
            yield part, key


def state_now(record: Any) -> Rows:
    """The record and its rows as they stand in the database."""
    keys: dict[Any, list[Any]] = {}
    for model, key in keys_now(record):
        keys.setdefault(model, []).append(key)
    return {
        (model, key): row for model, wanted in keys.items() for key, row in rows_now(model, wanted, lock=False).items()
    }
