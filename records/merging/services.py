"""Merging: one record takes all that belongs to another, which stays as a redirect; one batch, so it can be undone."""

from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from records.context import history_context
from records.history import event_model
from records.merging.planning import ABSORBED, SURVIVOR, MergePlan, Row, plan_merge, refusals
from records.models import State
from records.roles import may_publish
from records.services import ReasonMissing, Refused, lock, taking_turns

#: The word by which the history knows a merge.
BATCH = "merge"


class NotMergeable(Refused):
    """Something stands in the way; ``messages`` lists all of it."""


class PlanChanged(Refused):
    """What the merge would do is not what the caller saw."""


def may_merge(user: Any, *records: Any) -> bool:
    """Whether the user may merge these: what was ever public is merged by those who may publish."""
    is_private = all(record.state != State.PUBLISHED and record.published_at is None for record in records)
    return is_private or may_publish(user)


@taking_turns
def merge(
    *,
    survivor: Any,
    absorbed: Any,
    by: Any = None,
    reason: str,
    survivor_version: int | None = None,
    absorbed_version: int | None = None,
    keep: dict[str, str] | None = None,
    seen: str = "",
) -> str:
    """Merge ``absorbed`` into ``survivor``; returns the id of the batch, by which it can be undone.

    ``keep`` is that of `plan_merge`; ``seen`` the fingerprint of the plan that was looked at. Raises `NotMergeable` for
    what stands in the way, `VersionConflict` and `PlanChanged` when there is something new to look at, and
    `ReasonMissing`.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(_("Say why these are the same: colleagues will read it in the history."))
    if said := list(refusals(survivor, absorbed)):
        raise NotMergeable(*said)
    versions = {survivor.pk: survivor_version, absorbed.pk: absorbed_version}
    with transaction.atomic(), history_context(user=by, reason=reason, batch=BATCH) as batch:
        # In one order, so that two merges of the same pair in opposite directions wait for each other; alone, so that
        # nobody comes to link to the absorbed one while its links move.
        locked = {
            record.pk: lock(record, version=versions[record.pk], alone=True)
            for record in sorted((survivor, absorbed), key=lambda record: record.pk)
        }
        plan = plan_merge(locked[survivor.pk], locked[absorbed.pk], keep=keep, locking=True)
        if plan.blockers:
            raise NotMergeable(*plan.blockers)
        if seen and plan.fingerprint != seen:
            raise PlanChanged(_("Something that belongs to these records changed meanwhile. Look at the plan again."))
        _carry_out(plan)
        # Links are checked at the end of the transaction, when the caller would have been told that all was well.
        connection.check_constraints()
    return batch


def _carry_out(plan: MergePlan) -> None:
    model: Any = type(plan.survivor)
    records = model._default_manager
    for side, record in ((ABSORBED, plan.absorbed), (SURVIVOR, plan.survivor)):
        if changes := {name: value for name, value in plan.own[side].items() if value != getattr(record, name)}:
            records.filter(pk=record.pk).update(**changes)
    # Tables stand in the order in which they refer to each other, so that each rule finds what it compares with.
    for _table, rows in groupby(plan.rows, key=lambda row: row.model):
        _write([row for row in rows if row.into is None])
    for table, values in plan.added:
        table._default_manager.create(**values)
    for row in reversed(plan.rows):
        if row.into is not None:
            # Not Django's delete: it would take along what was tied to the row a moment ago.
            table = row.model._base_manager.filter(pk=row.pk)
            table._raw_delete(table.db)


def _write(rows: list[Row]) -> None:
    """Write the rows; those that change alike in one statement."""
    alike: dict[Any, list[Row]] = {}
    for row in rows:
        if row.changes:
            alike.setdefault(repr(sorted(row.changes.items(), key=lambda change: change[0])), []).append(row)
    for same in alike.values():
        table: Any = same[0].model
        table._default_manager.filter(pk__in=[row.pk for row in same]).update(**same[0].changes)


def batch_of(record: Any) -> str:
    """The id of the batch that merged the record into another one; "" when it is not merged, or not known."""
    if record.merged_into_id is None:
        return ""
    events = event_model(type(record)).objects.filter(pgh_obj_id=record.pk).order_by("pgh_id")
    batch, was_merged = "", False
    for survivor, said in events.values_list("merged_into_id", "pgh_context__metadata"):
        if survivor is not None and not was_merged:
            batch = (said or {}).get("batch", "")
        was_merged = survivor is not None
    return batch
