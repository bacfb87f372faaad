"""Rows as they are and as they shall be again, and how all of them are written at once or none."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partialdates.fields import DerivedRangeField, PartialDateField, companion_names
from records.history import event_model
from records.merging.links import is_to_record, refuse_merged, survivors
from records.models import Identified
from records.refusals import is_refusal, message_of
from records.services import Refused
from records.uids import new_uid

#: The values of one row, by column attribute.
Values = dict[str, Any]

#: What triggers keep in a row with an address of its own; no revert writes it.
KEPT_BY_DATABASE = frozenset(
    {"uid", "version", "version_xid", "created_at", "created_by_id", "updated_at", "updated_by_id", "published_at"}
)


@dataclass(frozen=True)
class RowChange:
    """One row: its values ``now`` and ``then``, when all is done. ``None`` stands for no row."""

    model: Any
    key: Any
    now: Values | None
    then: Values | None

    @property
    def changed(self) -> list[str]:
        """The columns whose values differ, in a row that is there now and then."""
        return differing(self.model, self.now, self.then)


@cache
def tracked_models() -> tuple[Any, ...]:
    """The models with a history, those before their parts: a row comes after the rows it links to."""
    found = []
    for model in apps.get_models():
        try:
            event_model(model)
        except LookupError:
            continue
        found.append(model)
    return tuple(sorted(found, key=lambda model: (_floor(model), model._meta.label)))


def _floor(model: Any, above: tuple[Any, ...] = ()) -> int:
    links = {link.related_model for link in model._meta.fields if link.many_to_one} - {*above, model}
    return 1 + max((_floor(target, (*above, model)) for target in links), default=0)


@cache
def columns(model: Any) -> tuple[str, ...]:
    """The columns that are written: all but those the database computes."""
    return tuple(one.attname for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField))


@cache
def told_columns(model: Any) -> tuple[str, ...]:
    """The columns that say something: what an editor or an import put there."""
    kept = KEPT_BY_DATABASE if issubclass(model, Identified) else frozenset()
    return tuple(
        one.attname
        for one in model._meta.concrete_fields
        if not one.primary_key
        and one.attname not in kept
        and not isinstance(one, models.GeneratedField | DerivedRangeField)
    )


def differing(model: Any, one: Values | None, other: Values | None) -> list[str]:
    """The told columns in which two states of a row differ; all of them when one of the states is no row."""
    if one is None or other is None:
        return [] if one is other else list(told_columns(model))
    return [name for name in told_columns(model) if one[name] != other[name]]


def rows_now(model: Any, keys: Collection[Any], *, lock: bool) -> dict[Any, Values]:
    """The rows with these keys as they are; with ``lock``, nobody else changes them before the transaction ends."""
    rows = model._base_manager.filter(pk__in=keys).order_by("pk")
    if lock:
        rows = rows.select_for_update()
    return {row[model._meta.pk.attname]: row for row in rows.values(*columns(model))}


def name_of(model: Any, values: Values) -> str:
    """What a person calls the row, also when it is gone."""
    try:
        text = str(model(**{name: values[name] for name in columns(model)}))
    except ObjectDoesNotExist:
        text = _("no. %s") % values[model._meta.pk.attname]
    return f"{capfirst(str(model._meta.verbose_name))}: {text}"


def following_merges(changes: Iterable[RowChange]) -> list[RowChange]:
    """The changes, where a link comes back to a record that was merged since, with the survivor in its place."""
    changes = list(changes)
    # The undo of a merge lets the absorbed record stand for itself again.
    own = {(change.model, change.key) for change in changes if change.then and not change.then.get("merged_into_id")}
    merged = {
        (model, key): survivor
        for model, keys in _linked_by(changes).items()
        for key, survivor in survivors(model, {key for key in keys if (model, key) not in own}).items()
    }
    if not merged:
        return changes
    return [_following(change, merged) for change in changes]


def _following(change: RowChange, merged: dict[tuple[Any, Any], Any]) -> RowChange:
    then = dict(change.then or {})
    for link in _coming_links(change):
        then[link.attname] = merged.get((link.related_model, then[link.attname]), then[link.attname])
    return replace(change, then=then) if change.then is not None else change


def _coming_links(change: RowChange) -> list[Any]:
    """The links to records that a change writes."""
    if change.then is None:
        return []
    return [
        link
        for link in change.model._meta.fields
        if is_to_record(link)
        and link.attname in told_columns(change.model)
        and change.then[link.attname] is not None
        and (change.now is None or change.now[link.attname] != change.then[link.attname])
    ]


def _linked_by(changes: Iterable[RowChange]) -> dict[Any, set[Any]]:
    keys: dict[Any, set[Any]] = defaultdict(set)
    for change in changes:
        for link in _coming_links(change):
            keys[link.related_model].add((change.then or {})[link.attname])
    return keys


def what_stands_in_the_way(changes: Collection[RowChange]) -> list[str]:
    """Links that would lead nowhere, in words; an empty list when there are none."""
    written = {(change.model, change.key) for change in changes if change.then is not None}
    deleted = {(change.model, change.key) for change in changes if change.then is None}
    return [*_missing_targets(changes, written, deleted), *_referrers_left(deleted, changes)]


def _missing_targets(changes: Iterable[RowChange], written: set[Any], deleted: set[Any]) -> Iterator[str]:
    wanted: dict[Any, dict[Any, list[tuple[RowChange, Any]]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        for link in change.model._meta.fields:
            is_told = link.many_to_one and link.attname in told_columns(change.model)
            if not is_told or change.then is None or change.then[link.attname] is None:
                continue
            if change.now is None or change.now[link.attname] != change.then[link.attname]:
                wanted[link.related_model][change.then[link.attname]].append((change, link))
    for model, by_key in wanted.items():
        there = set(model._base_manager.filter(pk__in=by_key).values_list("pk", flat=True))
        for key, uses in by_key.items():
            if (model, key) in written or (key in there and (model, key) not in deleted):
                continue
            for change, link in uses:
                yield _("%(row)s needs %(target)s (%(field)s), which was deleted.") % {
                    "row": name_of(change.model, change.then or {}),
                    "target": _last_name(model, key),
                    "field": link.verbose_name,
                }


def _last_name(model: Any, key: Any) -> str:
    try:
        last = event_model(model).objects.filter(pgh_obj_id=key).order_by("-pgh_id").values().first()
    except LookupError:
        last = None
    return name_of(model, last) if last else f"{capfirst(str(model._meta.verbose_name))} {key}"


def _referrers_left(deleted: set[Any], changes: Iterable[RowChange]) -> Iterator[str]:
    leaving = {(change.model, change.key): change for change in changes}
    keys = defaultdict(set)
    for model, key in deleted:
        keys[model].add(key)
    for model, gone in keys.items():
        for relation in model._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
                continue
            link = relation.field
            if not link.db_constraint or link.model._meta.proxy:
                continue
            for referrer in link.model._base_manager.filter(**{f"{link.name}__in": gone}).order_by("pk"):
                change = leaving.get((link.model, referrer.pk))
                if change is not None and (change.then is None or change.then[link.attname] not in gone):
                    continue
                target = leaving[model, getattr(referrer, link.attname)]
                yield _("%(row)s cannot go: %(referrer)s (%(kind)s) refers to it.") % {
                    "row": name_of(model, target.now or {}),
                    "referrer": referrer,
                    "kind": link.model._meta.verbose_name,
                }


def carry_out(changes: Collection[RowChange]) -> None:
    """Write all of the changes, or raise ``Refused`` with what the database said and write none."""
    floors = {model: number for number, model in enumerate(tracked_models())}
    try:
        with transaction.atomic():
            going = defaultdict(list)
            for change in changes:
                if change.then is None:
                    going[change.model].append(change.key)
            for model in sorted(going, key=floors.__getitem__, reverse=True):
                rows = model._base_manager.filter(pk__in=going[model])
                rows._raw_delete(rows.db)
            coming = [change for change in changes if change.then is not None]
            _write(sorted(coming, key=lambda change: (floors[change.model], change.key)))
            connection.check_constraints()
            refuse_merged(_linked_by(changes))
    except DatabaseError as error:
        if not is_refusal(error):
            raise
        raise Refused(message_of(error)) from error


def _write(changes: list[RowChange]) -> None:
    """Write the rows in this order if that can be; otherwise in one that the rules about several rows allow."""
    try:
        with transaction.atomic():
            for change in changes:
                _write_row(change)
    except IntegrityError:
        _write_in_turns(changes)


def _write_in_turns(changes: list[RowChange]) -> None:
    # Two rows that exchange a unique value, and longer rings: the database looks at each row by itself.
    waiting = changes
    while waiting:
        still_waiting: list[tuple[RowChange, IntegrityError]] = []
        for change in waiting:
            try:
                with transaction.atomic():
                    _write_row(change)
            except IntegrityError as error:
                still_waiting.append((change, error))
        if len(still_waiting) == len(waiting):
            still_waiting = _with_one_set_aside(still_waiting)
        waiting = [change for change, _error in still_waiting]


def _with_one_set_aside(waiting: list[tuple[RowChange, IntegrityError]]) -> Any:
    """Take one row out of the way of the others; raises the database's refusal when none can be."""
    for number, (change, error) in enumerate(waiting):
        if change.now is None:
            continue
        if not issubclass(change.model, Identified):
            rows = change.model._base_manager.filter(pk=change.key)
            rows._raw_delete(rows.db)
            aside = RowChange(change.model, change.key, None, change.then)
        elif values := _passing_values(change, error):
            change.model._base_manager.filter(pk=change.key).update(**values)
            aside = RowChange(change.model, change.key, {**change.now, **values}, change.then)
        else:
            continue
        return [*waiting[:number], *waiting[number + 1 :], (aside, error)]
    raise waiting[0][1]


def _passing_values(change: RowChange, error: IntegrityError) -> Values:
    """Values that break no uniqueness, for a row that nobody may delete for a moment: its address is registered."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    rule = next((rule for rule in change.model._meta.constraints if rule.name == name), None)
    names = list(getattr(rule, "fields", ())) + [
        expression for expression, *_operator in getattr(rule, "expressions", ()) if isinstance(expression, str)
    ]
    for one in names:
        try:
            field = change.model._meta.get_field(one)
        except FieldDoesNotExist:
            continue
        if isinstance(field, DerivedRangeField):
            return {field.source: "", **dict.fromkeys(companion_names(field.source))}
        is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, PartialDateField)
        if is_text and not field.choices:
            return {field.attname: new_uid()}
    return {}


def _write_row(change: RowChange) -> None:
    then = change.then or {}
    if change.now is None:
        row = change.model(**{name: then[name] for name in columns(change.model)})
        if isinstance(row, Identified):
            _open_door_to(row.uid)
        # As it was: no field of it is set to today.
        row.save_base(raw=True, force_insert=True)
        if isinstance(row, Identified):
            _open_door_to("")
        return
    values = {name: then[name] for name in change.changed}
    for one in change.model._meta.concrete_fields:
        if isinstance(one, DerivedRangeField) and one.source in values:
            values[one.attname] = then[one.attname]
    change.model._base_manager.filter(pk=change.key).update(**values)


def _open_door_to(uid: str) -> None:
    """Let the register of ids take back this one; see `records.triggers.EnterIdentity`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('readout.restoring', %s, true)", [uid])
