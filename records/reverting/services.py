"""The verbs: undo all that one batch changed. Each is one transaction, keeps its reason, and can be undone itself.

Who may do it is asked by the surface that calls; whether it can be done now is said here.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from records.context import history_context
from records.history import event_model
from records.models import Record, State
from records.reverting.rows import (
    RowChange,
    Values,
    carry_out,
    differing,
    name_of,
    rows_now,
    tracked_models,
    what_stands_in_the_way,
)
from records.services import NotPublishable, ReasonMissing, Refused, missing_for_publication

UNDO, REDO = "undo of ", "redo of "


class ChangedSince(Refused):
    """Something was changed again since, and going back would overwrite it; ``messages`` lists all of it."""


@dataclass(frozen=True)
class Plan:
    """What would change, and what stands in the way of it; nothing is done while anything does."""

    changes: list[RowChange]
    conflicts: list[str] = field(default_factory=list)


def plan_of_undo(batch_id: str, *, lock: bool = False) -> Plan:
    """What undoing the batch would change. Raises ``Refused`` when history knows of no such batch."""
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
    return Plan(changes, [*_public_records_among(changes), *what_stands_in_the_way(changes)])


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


def _public_records_among(changes: Iterable[RowChange]) -> Iterator[str]:
    for change in changes:
        if change.then is None and change.now is not None and change.now.get("published_at") is not None:
            yield _("%s was published: withdraw it instead of taking it back.") % name_of(change.model, change.now)


def revert_batch(*, batch_id: str, by: Any = None, reason: str) -> str:
    """Make everything that the batch changed as it was before, or nothing; returns the id of the batch that does it.

    Raises `ChangedSince` with every row that was changed again since, and ``Refused`` with what else stands in the way.
    To do it again after all, revert the batch whose id is returned. A record that the batch published is withdrawn
    with ``reason``: what readers saw is never a draft again.
    """
    reason = _given(reason)
    with transaction.atomic(), history_context(user=by, reason=reason, batch=_word_for(batch_id)) as undo_id:
        plan = plan_of_undo(batch_id, lock=True)
        if plan.conflicts:
            raise ChangedSince(*plan.conflicts)
        if not plan.changes:
            raise Refused(_("Nothing of this batch is left to undo."))
        changes = [_never_a_draft_again(change, reason) for change in plan.changes]
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


def _never_a_draft_again(change: RowChange, reason: str) -> RowChange:
    if not issubclass(change.model, Record) or change.now is None or change.then is None:
        return change
    if change.now["published_at"] is None or change.then["state"] not in (State.DRAFT, State.REVIEW):
        return change
    return replace(change, then={**change.then, "state": State.WITHDRAWN, "withdrawal_reason": reason})


def _refuse_unpublishable(changes: Iterable[RowChange]) -> None:
    """Raise `NotPublishable` when a public record has lost what readers need, by its own change or that of its rows."""
    messages = []
    for record in _records_of(changes):
        if record.is_public:
            messages += [
                f"{name_of(type(record), record.__dict__)}: {point}" for point in missing_for_publication(record)
            ]
    if messages:
        raise NotPublishable(*messages)


def _records_of(changes: Iterable[RowChange]) -> Iterator[Any]:
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
