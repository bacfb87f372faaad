"""The verbs: undo a batch, revert a record, restore a deleted one. Each is one transaction and one batch itself.

Who may do it is asked by the surface that calls; whether it can be done now is said here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from records.context import history_context
from records.history import event_model
from records.models import Record, RegisteredId, State
from records.reverting.past import keys_now, moment_of, parts_of, state_at, was_elsewhere
from records.reverting.rows import (
    RowChange,
    Values,
    carry_out,
    differing,
    following_merges,
    name_of,
    rows_now,
    tracked_models,
    what_stands_in_the_way,
)
from records.services import (
    NotPublishable,
    ReasonMissing,
    Refused,
    WrongState,
    lock,
    missing_for_publication,
    taking_turns,
)

UNDO, REDO = "undo of ", "redo of "


class ChangedSince(Refused):
    """Something was changed again since, and going back would overwrite it; ``messages`` lists all of it."""


@dataclass(frozen=True)
class Plan:
    """What would change, and what stands in the way of it; nothing is done while anything does.

    ``withdrawn`` is how many of the records will be withdrawn, because readers saw them: their addresses say why.
    """

    changes: list[RowChange]
    conflicts: list[str] = field(default_factory=list)
    withdrawn: int = 0


def plan_of_undo(batch_id: str, *, lock: bool = False) -> Plan:
    """What undoing the batch would change. Raises ``Refused`` when history knows of no such batch.

    What readers saw is neither deleted nor a draft again: it is withdrawn, with the reason that is still to be given.
    """
    contexts = set(_contexts_of(batch_id))
    if not batch_id or not contexts:
        raise Refused(_("There is no such batch in the history."))
    changes, conflicts = [], []
    for model in tracked_models():
        events = event_model(model).objects
        touched = list(events.filter(pgh_context_id__in=contexts).values_list("pgh_obj_id", flat=True).distinct())
        if not touched:
            continue
        now = rows_now(model, touched, lock=lock)
        all_events = events.filter(pgh_obj_id__in=touched).order_by("pgh_obj_id", "pgh_id").values()
        for key, told in groupby(all_events, key=lambda event: event["pgh_obj_id"]):
            past = _Past.of(model, told, contexts)
            change = RowChange(model, key, now.get(key), past.before)
            if past.was_interrupted or differing(model, past.after, change.now):
                conflicts.append(_changed_since(model, change.now or past.after or past.before or {}))
            elif differing(model, change.now, change.then):
                changes.append(change)
    if conflicts:
        return Plan(changes, conflicts)
    changes = [_withdrawn_where_seen(change) for change in _keeping_what_was_seen(following_merges(changes))]
    changes = [change for change in changes if differing(change.model, change.now, change.then)]
    return Plan(changes, what_stands_in_the_way(changes), sum(_is_withdrawn(change) for change in changes))


@dataclass
class _Past:
    """A row before and after a batch. ``was_interrupted``: something else changed it between two of its changes."""

    before: Values | None = None
    after: Values | None = None
    was_interrupted: bool = False

    @classmethod
    def of(cls, model: Any, events: Iterable[Values], contexts: Collection[Any]) -> "_Past":
        past, value, has_begun, other_changed = cls(), None, False, False
        for event in events:
            earlier, value = value, None if event["pgh_label"] == "delete" else event
            if event["pgh_context_id"] not in contexts:
                other_changed = other_changed or (has_begun and bool(differing(model, earlier, value)))
                continue
            if not has_begun:
                past.before = earlier
                # What was there before there was a history cannot be brought back.
                past.was_interrupted = earlier is None and event["pgh_label"] != "insert"
            has_begun = True
            past.was_interrupted = past.was_interrupted or other_changed
            past.after = value
        return past


def _changed_since(model: Any, values: Values) -> str:
    return _("%s was changed again since.") % name_of(model, values)


def _keeping_what_was_seen(changes: Sequence[RowChange]) -> list[RowChange]:
    """The changes without the deletion of records that readers saw, of their rows, and of what these lead to."""
    going = {(change.model, change.key): change for change in changes if change.then is None and change.now}
    seen = {name for name, change in going.items() if (change.now or {}).get("published_at") is not None}
    rows: dict[Any, list[Any]] = defaultdict(list)
    for name, change in going.items():
        for owner in _owners_of(change):
            rows[owner].append(name)
    kept, waiting = set(seen), list(seen)
    while waiting:
        name = waiting.pop()
        found = {*rows[name], *_targets_of(going[name])} & going.keys() - kept
        kept |= found
        waiting += found
    return [
        replace(change, then=change.now) if (name := (change.model, change.key)) in seen else change
        for change in changes
        if (change.model, change.key) not in kept - seen
    ]


def _owners_of(change: RowChange) -> Iterator[tuple[Any, Any]]:
    """What the row is directly part of."""
    for path in getattr(change.model, "owners", ()):
        link = change.model._meta.get_field(path.partition("__")[0])
        yield link.related_model, (change.now or {})[link.attname]


def _targets_of(change: RowChange) -> Iterator[tuple[Any, Any]]:
    """What the row leads to."""
    for link in change.model._meta.concrete_fields:
        if link.many_to_one or link.one_to_one:
            yield link.related_model, (change.now or {})[link.attname]


def _withdrawn_where_seen(change: RowChange) -> RowChange:
    if not issubclass(change.model, Record) or change.now is None or change.then is None:
        return change
    if change.now["published_at"] is None:
        return change
    was_private = change.then["state"] in (State.DRAFT, State.REVIEW)
    was_made = change.then is change.now and change.now["state"] == State.PUBLISHED
    if not (was_private or was_made):
        return change
    return replace(change, then={**change.then, "state": State.WITHDRAWN, "withdrawal_reason": ""})


def _is_withdrawn(change: RowChange) -> bool:
    """Whether the record will be withdrawn for the reason of the undo."""
    then = change.then or {}
    return then.get("state") == State.WITHDRAWN and not then["withdrawal_reason"]


@taking_turns
def revert_batch(*, batch_id: str, by: Any = None, reason: str) -> str:
    """Make everything that the batch changed as it was before, or nothing; returns the id of the batch that does it.

    Raises `ChangedSince` with every row that was changed again since, and ``Refused`` with what else stands in the way.
    To do it again after all, revert the batch whose id is returned. A record that the batch published is withdrawn
    with ``reason`` and keeps its rows: what readers saw is never a draft again, and its address answers for ever.
    """
    reason = _given(reason)
    said = {"reason": reason, "batch": _word_for(batch_id), "undoes": batch_id}
    with transaction.atomic(), history_context(user=by, **said) as undo_id:
        plan = plan_of_undo(batch_id, lock=True)
        if plan.conflicts:
            raise ChangedSince(*plan.conflicts)
        if not plan.changes:
            raise Refused(_("Nothing of this batch is left to undo."))
        changes = [_saying_why(change, reason) for change in plan.changes]
        carry_out(changes)
        _refuse_unpublishable(changes)
    return undo_id


def _contexts_of(batch_id: str) -> Any:
    return apps.get_model("pghistory", "Context").objects.filter(metadata__batch=batch_id).values_list("pk", flat=True)


def _word_for(batch_id: str) -> str:
    word = batch_id.partition(":")[0]
    return f"{REDO}{word.removeprefix(UNDO)}" if word.startswith(UNDO) else f"{UNDO}{word.removeprefix(REDO)}"


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(_("Say why: the reason is kept in the history."))
    return reason.strip()


def _saying_why(change: RowChange, reason: str) -> RowChange:
    return (
        replace(change, then={**(change.then or {}), "withdrawal_reason": reason}) if _is_withdrawn(change) else change
    )


def _refuse_unpublishable(changes: Iterable[RowChange]) -> None:
    """Raise `NotPublishable` when a public record has lost what readers need, by its own change or that of its rows."""
    messages = []
    for record in records_of(changes):
        if record.is_public:
            messages += [
                f"{name_of(type(record), record.__dict__)}: {point}" for point in missing_for_publication(record)
            ]
    if messages:
        raise NotPublishable(*messages)


def records_of(changes: Iterable[RowChange]) -> Iterator[Any]:
    """The records that the changes are of, or of rows of."""
    keys: dict[Any, set[Any]] = {}
    for change in changes:
        if issubclass(change.model, Record):
            keys.setdefault(change.model, set()).add(change.key)
        for path in getattr(change.model, "owners", ()):
            for values in (change.now, change.then):
                owner, key = _end_of(change.model, path, values)
                if key is not None and issubclass(owner, Record):
                    keys.setdefault(owner, set()).add(key)
    for model, wanted in keys.items():
        yield from model._base_manager.filter(pk__in=wanted).order_by("pk")


def _end_of(model: Any, path: str, values: Values | None) -> tuple[Any, Any]:
    first, *rest = path.split("__")
    link = model._meta.get_field(first)
    owner, key = link.related_model, (values or {}).get(link.attname)
    for step in rest:
        link = owner._meta.get_field(step)
        if key is not None:
            key = owner._base_manager.filter(pk=key).values_list(link.attname, flat=True).first()
        owner = link.related_model
    return owner, key


# One record

#: A revert never moves a record between the editor's desk and the public: that is for the verbs of the workflow.
WORKFLOW = ("state", "withdrawal_reason", "merged_into_id")


def plan_of_revert(record: Any, to_version: int, *, locked: bool = False) -> Plan:
    """What taking the record and its rows back to a version would change."""
    then, moment = state_at(record, to_version), moment_of(record, to_version)
    own = (type(record), record.pk)
    keys: dict[Any, set[Any]] = {}
    for model, key in {*then, *keys_now(record)}:
        keys.setdefault(model, set()).add(key)
    changes, conflicts = [], []
    for model in tracked_models():
        now = rows_now(model, keys.get(model, ()), lock=locked) if model in keys else {}
        for key in sorted(keys.get(model, ())):
            change = RowChange(model, key, now.get(key), then.get((model, key)))
            if (model, key) == own and change.now is not None and change.then is not None:
                kept = {name: change.now[name] for name in WORKFLOW if name in change.now}
                change = replace(change, then={**change.then, **kept})
            if not differing(model, change.now, change.then):
                continue
            changes.append(change)
            if change.then is None and change.now is not None and was_elsewhere(model, key, moment):
                conflicts.append(
                    _("%s came here from another record since. Undo the batch that moved it instead.")
                    % name_of(model, change.now)
                )
    changes = [change for change in following_merges(changes) if differing(change.model, change.now, change.then)]
    return Plan(changes, conflicts or what_stands_in_the_way(changes))


@taking_turns
def revert_record(*, record: Any, to_version: int, by: Any = None, reason: str, version: int | None = None) -> Any:
    """Make the record and all its rows as they were at ``to_version``; returns the record as it is then.

    Its workflow state stays as it is: what is published stays published, and must have what readers need.
    ``version`` is the version that the caller saw; raises ``VersionConflict`` when it is another one by now.
    """
    reason = _given(reason)
    with transaction.atomic(), history_context(user=by, reason=reason, batch="revert"):
        current = lock(record, version=version)
        if getattr(current, "merged_into_id", None) is not None:
            raise WrongState(_("The record was merged into another one; change that one."))
        plan = plan_of_revert(current, to_version, locked=True)
        if plan.conflicts:
            raise Refused(*plan.conflicts)
        if not plan.changes:
            raise Refused(_("The record is already as it was in version %s.") % to_version)
        carry_out(plan.changes)
        _refuse_unpublishable(plan.changes)
        return type(record)._base_manager.get(pk=record.pk)


# A deleted record


def plan_of_restore(uid: str) -> Plan:
    """What bringing back the deleted record with this id would write: the record, and what was deleted with it."""
    registered = RegisteredId.objects.filter(pk=uid).first()
    model: Any = apps.get_model(registered.kind) if registered is not None else None
    last = event_model(model).objects.filter(uid=uid).order_by("-pgh_id").values().first() if model else None
    if last is None or last["pgh_label"] != "delete":
        raise Refused(_("No deleted record had this id."))
    coming = {(model, last["pgh_obj_id"]): last}
    frontier = [(model, {last["pgh_obj_id"]})]
    while frontier:
        above, keys = frontier.pop()
        for part, link in _cascading_links_to(above):
            deleted = event_model(part).objects.filter(
                pgh_label="delete", pgh_created_at=last["pgh_created_at"], **{f"{link.attname}__in": keys}
            )
            found = {
                event["pgh_obj_id"]: event for event in deleted.values() if (part, event["pgh_obj_id"]) not in coming
            }
            for key in rows_now(part, found, lock=False):
                del found[key]
            if found:
                coming |= {(part, key): event for key, event in found.items()}
                frontier.append((part, set(found)))
    own = {model, *(part for part, _path in parts_of(model))}
    changes = following_merges(RowChange(part, key, None, values) for (part, key), values in coming.items())
    # A row of another record that led here comes back with this one, unless that other record is gone as well.
    changes = [
        change
        for change in changes
        if change.model in own or not what_stands_in_the_way([*_of_models(own, changes), change])
    ]
    return Plan(changes, what_stands_in_the_way(changes))


def _of_models(own: Collection[Any], changes: Iterable[RowChange]) -> list[RowChange]:
    return [change for change in changes if change.model in own]


def _cascading_links_to(model: Any) -> Iterator[tuple[Any, Any]]:
    for part in tracked_models():
        for link in part._meta.fields:
            if link.many_to_one and link.related_model is model and link.remote_field.on_delete is models.CASCADE:
                yield part, link


@taking_turns
def restore(*, uid: str, by: Any = None, reason: str) -> Any:
    """Bring a deleted record back under its id, with its rows and citations, in the state it was deleted in.

    Raises ``Refused`` when no deleted record had the id, or with what it led to that is gone.
    """
    reason = _given(reason)
    with transaction.atomic(), history_context(user=by, reason=reason, batch="restore"):
        plan = plan_of_restore(uid)
        if plan.conflicts:
            raise Refused(*plan.conflicts)
        carry_out(plan.changes)
        _refuse_unpublishable(plan.changes)
        record = plan.changes[0]
        return record.model._base_manager.get(pk=record.key)
