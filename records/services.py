"""What may happen to a record between the editor's desk and the public: the verbs of the workflow.

Who may do it is asked by the surface that calls (admin, API); whether it can be done now is said here. A record is only
ever changed under a lock, and every verb is one transaction.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from records.context import history_context
from records.history import event_model
from records.models import Review, State


@dataclass(frozen=True)
class Point:
    """One point of the checklist before publication: what to do, in a sentence, and whether it is done."""

    text: str
    is_done: bool


Rule = TypeVar("Rule", bound=Callable[[Any], Iterator[Point]])

_rules: dict[type[models.Model], Callable[[Any], Iterator[Point]]] = {}


class Refused(Exception):
    """A verb that was not carried out; ``messages`` says why, in sentences for a person."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


class NotPublishable(Refused):
    """Something that readers need is missing; ``messages`` lists all of it."""


class OwnRecord(Refused):
    """Somebody wants to publish what is their own; a second person has to look at it first."""


class VersionConflict(Refused):
    """The record changed since the caller read it; ``current`` is its version now (``None``: it was deleted)."""

    def __init__(self, message: str, *, current: int | None) -> None:
        super().__init__(message)
        self.current = current


class WrongState(Refused):
    """The record's workflow state does not lead there."""


class ReasonMissing(Refused):
    """Readers are owed a reason and none was given."""


def publication_rule(model: type[models.Model]) -> Callable[[Rule], Rule]:
    """Register what a record of ``model`` must have before readers see it: a function that yields each `Point`.

    The rules stand in the ``publication.py`` of the app of the model; that module is found by its name.
    """

    def register(rule: Rule) -> Rule:
        _rules[model] = rule
        return rule

    return register


def checklist(record: Any) -> list[Point]:
    """All that a record of its kind must have before readers see it, done or not, as it stands in the database."""
    rule = _rules.get(type(record))
    return list(rule(record)) if rule else []


def missing_for_publication(record: Any) -> list[str]:
    """Say what the record still lacks, as it stands in the database; an empty list when it can be published."""
    return [point.text for point in checklist(record) if not point.is_done]


def own_part(record: Any, *, by: Any) -> str:
    """Say in which way the record is the user's own, so that somebody else must publish it; "" when it is not.

    It is when the user created it, submitted it, or made the latest change that nobody has reviewed. A superuser is no
    exception. Nothing is anybody's own on a site with ``READOUT_SELF_REVIEW=on``, nor to ``None``: an import or a
    command. At most two queries.
    """
    if by is None or settings.READOUT_SELF_REVIEW:
        return ""
    if record.created_by_id == by.pk:
        return _("You created this record: somebody else has to publish it.")
    if _submitter(record) == by.pk:
        return _("You submitted this record: somebody else has to publish it.")
    if record.updated_by_id == by.pk and not _is_reviewed(record):
        return _("The latest change to this record is yours: somebody else has to publish it.")
    return ""


def _submitter(record: Any) -> int | None:
    """The key of who handed the record to the reviewers, while it waits for them."""
    if record.state != State.REVIEW:
        return None
    events = event_model(type(record)).objects.filter(pgh_obj_id=record.pk)
    before = events.exclude(state=State.REVIEW).order_by("-pgh_id").values("pgh_id")[:1]
    waiting = events.filter(state=State.REVIEW).order_by("pgh_id")
    submitted = waiting.filter(pgh_id__gt=before).first() or waiting.first()
    return submitted.updated_by_id if submitted is not None else None


def _is_reviewed(record: Any) -> bool:
    return Review.objects.filter(record=record.uid, version__gte=record.version).exists()


def lock(record: Any, *, version: int | None = None) -> Any:
    """Lock the record to the end of the transaction and return it as it is now.

    Raises `VersionConflict` when it is not at ``version`` any more, or is gone; ``None`` accepts any version.
    """
    current = type(record)._base_manager.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if current is None:
        raise VersionConflict(_("The record was deleted meanwhile."), current=None)
    if version is not None and current.version != version:
        raise VersionConflict(
            _("Somebody else changed the record: you began with version %(old)s, and it is at version %(new)s now.")
            % {"old": version, "new": current.version},
            current=current.version,
        )
    return current


def submit(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Hand a draft to the reviewers; returns the record as it is then."""
    with transaction.atomic(), history_context(user=by):
        current = _in_state(lock(record, version=version), State.DRAFT, refusal=_("Only a draft can be submitted."))
        return _move(current, State.REVIEW)


def publish(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Show the record to the world, for the first time or again after a withdrawal; returns it as it is then.

    Publishing is a review of the version that readers see then. Raises `NotPublishable` with everything that is
    missing, and `OwnRecord` when it is the user's own.
    """
    with transaction.atomic(), history_context(user=by):
        current = lock(record, version=version)
        _in_state(current, State.DRAFT, State.REVIEW, State.WITHDRAWN, refusal=_("The record is already published."))
        if missing := missing_for_publication(current):
            raise NotPublishable(*missing)
        if own := own_part(current, by=by):
            raise OwnRecord(own, _self_review_hint())
        current.withdrawal_reason = ""
        published = _move(current, State.PUBLISHED)
        _note_review(published, by=by)
        return published


def _self_review_hint() -> str:
    return _("A site of one person can allow it with READOUT_SELF_REVIEW=on.")


def _note_review(record: Any, *, by: Any) -> None:
    Review.objects.get_or_create(record_id=record.uid, version=record.version, defaults={"reviewer": by})


def withdraw(*, record: Any, reason: str, by: Any = None, version: int | None = None) -> Any:
    """Take the record from the public; whoever opens its address reads ``reason``. Returns it as it is then.

    Raises `ReasonMissing` for a blank reason.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(_("Say why the record is withdrawn: readers who open its address will see the reason."))
    with transaction.atomic(), history_context(user=by, reason=reason):
        current = lock(record, version=version)
        _in_state(current, State.DRAFT, State.REVIEW, State.PUBLISHED, refusal=_("The record is already withdrawn."))
        was_reviewed = _is_reviewed(current)
        current.withdrawal_reason = reason
        withdrawn = _move(current, State.WITHDRAWN)
        if was_reviewed:
            # No fact changed: what somebody had looked at needs no second look when it is published again.
            _note_review(withdrawn, by=by)
        return withdrawn


def return_to_draft(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Give a record back to its editors; returns it as it is then.

    One that was ever public stays withdrawn or published, so that its address goes on to answer its readers.
    """
    with transaction.atomic(), history_context(user=by):
        current = lock(record, version=version)
        if current.published_at is not None:
            raise WrongState(
                _("A record that was public once cannot be a draft again. Withdraw it, mend it, and publish it again.")
            )
        _in_state(current, State.REVIEW, State.WITHDRAWN, refusal=_("The record is a draft already."))
        current.withdrawal_reason = ""
        return _move(current, State.DRAFT)


def _in_state(record: Any, *states: State, refusal: str) -> Any:
    if record.merged_into_id is not None:
        raise WrongState(_("The record was merged into another one; change that one."))
    if record.state not in states:
        raise WrongState(refusal)
    return record


def _move(record: Any, state: State) -> Any:
    record.state = state
    record.save(update_fields=["state", "withdrawal_reason"])
    return record
