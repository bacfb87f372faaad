"""Changes to published records that nobody else has looked at yet, and the verb that lets them pass.

A review is of a version and covers all before it. Publishing is a review; a change made by no account (the starter
data, a command) asks for none until an account changes the record.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from records.context import history_context
from records.history import event_model
from records.models import Record, Review, State
from records.reverting import revert_record
from records.services import OwnRecord, Refused, WrongState, lock, taking_turns


def kinds_of_records() -> list[Any]:
    """Every kind of record, in the order of the apps."""
    return [model for model in apps.get_models() if issubclass(model, Record)]


def unreviewed(records: Any) -> QuerySet[Any]:
    """Those of the records that readers see in a version which nobody has reviewed."""
    reviews = Review.objects.filter(record=OuterRef("uid"), version__gte=OuterRef("version"))
    return records.filter(~Exists(reviews), state=State.PUBLISHED, merged_into=None, updated_by__isnull=False)


@dataclass(frozen=True)
class Step:
    """One version of a record, and whose change made it (the key of an account, or ``None``)."""

    version: int
    by: int | None


def reviewed_version(record: Any) -> int:
    """The latest version that somebody let pass; without a review the one that was published first, else 0."""
    latest = Review.objects.filter(record=record.uid).aggregate(version=Max("version"))["version"]
    if latest is None:
        published = event_model(type(record)).objects.filter(pgh_obj_id=record.pk, state=State.PUBLISHED)
        latest = published.order_by("pgh_id").values_list("version", flat=True).first()
    return latest or 0


def steps_since(record: Any, version: int) -> list[Step]:
    """The versions of the record after ``version``, the first one first."""
    events = event_model(type(record)).objects.filter(pgh_obj_id=record.pk, version__gt=version)
    return [Step(*values) for values in events.order_by("pgh_id").values_list("version", "updated_by_id")]


def approvable(steps: list[Step], *, by: Any) -> int | None:
    """The version up to which the user may let the steps pass: all before the first of their own; ``None`` for none."""
    others: int | None = None
    for step in steps:
        if step.by == by.pk and not settings.READOUT_SELF_REVIEW:
            break
        others = step.version
    return others


@taking_turns
def approve(*, record: Any, version: int, by: Any) -> Review:
    """Let the changes up to ``version`` pass. Raises `OwnRecord` when one of them is the user's own.

    Later changes stay to be reviewed. A version that was reviewed already stays as it is.
    """
    with transaction.atomic(), history_context(user=by):
        current = lock(record)
        if not current.is_public:
            raise WrongState(_("Only changes to a published record are reviewed."))
        if not 0 < version <= current.version:
            raise Refused(_("The record has no such version."))
        since = reviewed_version(current)
        steps = [step for step in steps_since(current, since) if step.version <= version]
        allowed = approvable(steps, by=by)
        if steps and (allowed is None or allowed < steps[-1].version):
            raise OwnRecord(_("One of these changes is yours: somebody else has to look at it."))
        review, _is_new = Review.objects.get_or_create(
            record_id=current.uid, version=version, defaults={"reviewer": by}
        )
        return review


@taking_turns
def take_back(*, record: Any, reason: str, by: Any, version: int) -> Any:
    """Make the record as it was when somebody let it pass last; returns it as it is then.

    ``version`` is the one that the caller looked at. What was let pass needs no second look. Raises what
    `revert_record` raises.
    """
    with transaction.atomic(), history_context(user=by):
        current = lock(record, version=version)
        if not current.is_public:
            raise WrongState(_("Only changes to a published record are reviewed."))
        since = reviewed_version(current)
        if not since:
            raise Refused(_("Nobody has let a version of this record pass yet."))
        taken_back = revert_record(record=current, to_version=since, by=by, reason=reason, version=version)
        Review.objects.get_or_create(record_id=taken_back.uid, version=taken_back.version, defaults={"reviewer": by})
        return taken_back
