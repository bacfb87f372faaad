"""What may happen to a record between the editor's desk and the public: the verbs of the workflow.

Who may do it is asked by the surface that calls (admin, API); whether it can be done now is said here. A record is only
ever changed under a lock, and every verb is one transaction.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import wraps
from time import sleep
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Max, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.context import history_context
from records.history import event_model
from records.models import Review, State
from records.refusals import is_momentary, message_of


@dataclass(frozen=True)
class Point:
    """One point of the checklist before publication: what to do, in a sentence, and whether it is done."""

    text: str
    is_done: bool


Verb = TypeVar("Verb", bound=Callable[..., Any])
Rule = TypeVar("Rule", bound=Callable[[Any], Iterator[Point]])

_rules: dict[type[models.Model], Callable[[Any], Iterator[Point]]] = {}
_rows_read: dict[type[models.Model], tuple[str, ...]] = {}


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


class Busy(Refused):
    """Somebody changed the same rows at the same moment, and one of both had to give way; nothing was changed."""


#: Seconds before a further try: at once, it could come before the other one, and block it again.
PAUSES = (0.1, 0.3)


def taking_turns(verb: Verb) -> Verb:
    """Let a verb that met another on the way (a deadlock, a lock not given in time) try again; then raise `Busy`.

    Within an open transaction there is no second try: what the transaction has locked would be in the way again.
    """

    @wraps(verb)
    def tried(*args: Any, **kwargs: Any) -> Any:
        pauses = [] if connection.in_atomic_block else list(PAUSES)
        while True:
            try:
                return verb(*args, **kwargs)
            except DatabaseError as error:
                if not is_momentary(error):
                    raise
                if not pauses:
                    raise Busy(message_of(error)) from error
            sleep(pauses.pop(0))

    return tried  # type: ignore[return-value]


def publication_rule(model: type[models.Model], *, reads: tuple[str, ...] = ()) -> Callable[[Rule], Rule]:
    """Register what a record of ``model`` must have before readers see it: a function that yields each `Point`.

    ``reads`` names the rows it looks at, so that they are read together for many records. The rules stand in the
    ``publication.py`` of the app of the model; that module is found by its name.
    """

    def register(rule: Rule) -> Rule:
        _rules[model] = rule
        _rows_read[model] = reads
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
    return own_parts([record], by=by).get(record.pk, "")


def own_parts(records: Collection[Any], *, by: Any) -> dict[Any, str]:
    """`own_part` of those among records of one kind that are the user's own, by key; at most two queries."""
    if by is None or settings.READOUT_SELF_REVIEW:
        return {}
    own, others = {}, []
    for record in records:
        if record.created_by_id == by.pk:
            own[record.pk] = _("You created this record: somebody else has to publish it.")
        else:
            others.append(record)
    submitters = _submitters([record for record in others if record.state == State.REVIEW])
    for record in others:
        if submitters.get(record.pk) == by.pk:
            own[record.pk] = _("You submitted this record: somebody else has to publish it.")
    changed = [record for record in others if record.pk not in own and record.updated_by_id == by.pk]
    reviewed = _reviewed(changed)
    for record in changed:
        if record.pk not in reviewed:
            own[record.pk] = _("The latest change to this record is yours: somebody else has to publish it.")
    return own


def _submitters(waiting: Collection[Any]) -> dict[Any, int | None]:
    """The key of who handed each of the records, which wait for the reviewers, to them; by key of the record."""
    if not waiting:
        return {}
    events = event_model(type(next(iter(waiting)))).objects.filter(pgh_obj_id__in=[record.pk for record in waiting])
    found: dict[Any, int | None] = {}
    for key, state, user in events.order_by("pgh_id").values_list("pgh_obj_id", "state", "updated_by_id"):
        if state == State.REVIEW:
            found.setdefault(key, user)
        else:
            found.pop(key, None)
    return found


def _reviewed(records: Collection[Any]) -> set[Any]:
    """The keys of those records whose version now somebody let pass."""
    if not records:
        return set()
    reviews = Review.objects.filter(record__in=[record.uid for record in records])
    latest = dict(reviews.values_list("record").annotate(version=Max("version")))
    return {record.pk for record in records if latest.get(record.uid, 0) >= record.version}


def lock(record: Any, *, version: int | None = None, alone: bool = False) -> Any:
    """Lock the record to the end of the transaction and return it as it is now.

    Others can go on to link to it, unless it is locked ``alone``: two records that come to point at each other would
    wait for each other. Raises `VersionConflict` when it is not at ``version`` any more, or is gone; ``None`` accepts
    any version.
    """
    rows = type(record)._base_manager.select_for_update(of=("self",), no_key=not alone)
    current = rows.filter(pk=record.pk).first()
    if current is None:
        raise VersionConflict(_("The record was deleted meanwhile."), current=None)
    if version is not None and current.version != version:
        raise VersionConflict(
            _("Somebody else changed the record: you began with version %(old)s, and it is at version %(new)s now.")
            % {"old": version, "new": current.version},
            current=current.version,
        )
    return current


@dataclass(frozen=True)
class Step:
    """A step of the workflow: from which states it leads where, and what is said from any other."""

    name: str
    sources: tuple[State, ...]
    target: State
    refusal: Any


SUBMIT = Step("submit", (State.DRAFT,), State.REVIEW, gettext_lazy("Only a draft can be submitted."))
PUBLISH = Step(
    "publish",
    (State.DRAFT, State.REVIEW, State.WITHDRAWN),
    State.PUBLISHED,
    gettext_lazy("The record is already published."),
)
WITHDRAW = Step(
    "withdraw",
    (State.DRAFT, State.REVIEW, State.PUBLISHED),
    State.WITHDRAWN,
    gettext_lazy("The record is already withdrawn."),
)
RETURN = Step("draft", (State.REVIEW, State.WITHDRAWN), State.DRAFT, gettext_lazy("The record is a draft already."))


def refusals(step: Step, records: Collection[Any], *, by: Any) -> dict[Any, Refused]:
    """Why the step cannot be taken now, for those of the records (of one kind) that cannot; by key.

    A constant number of queries when the rules of publication of the kind say what they read.
    """
    found: dict[Any, Refused] = {}
    for record in records:
        if step is RETURN and record.published_at is not None:
            found[record.pk] = WrongState(
                _("A record that was public once cannot be a draft again. Withdraw it, mend it, and publish it again.")
            )
        elif record.merged_into_id is not None:
            found[record.pk] = WrongState(_("The record was merged into another one; change that one."))
        elif record.state not in step.sources:
            found[record.pk] = WrongState(str(step.refusal))
    left = [record for record in records if record.pk not in found]
    if step is PUBLISH and left:
        prefetch_related_objects(left, *_rows_read.get(type(left[0]), ()))
        own = own_parts(left, by=by)
        for record in left:
            if missing := missing_for_publication(record):
                found[record.pk] = NotPublishable(*missing)
            elif record.pk in own:
                found[record.pk] = OwnRecord(own[record.pk], _self_review_hint())
    return found


def take(step: Step, records: Collection[Any], *, by: Any, reason: str = "") -> None:
    """Take the step with locked records of one kind that `refusals` has nothing against; a few queries for all.

    Publishing is a review of the version that readers see then. A record is withdrawn with no fact changed: what
    somebody had looked at needs no second look when it is published again.
    """
    if not records:
        return
    looked_at = {record.pk for record in records} if step is PUBLISH else set()
    if step is WITHDRAW:
        looked_at = _reviewed(records)
    model: Any = type(next(iter(records)))
    rows = model._base_manager.filter(pk__in=[record.pk for record in records])
    said = reason if step is WITHDRAW else ""
    rows.update(state=step.target, **({} if step is SUBMIT else {"withdrawal_reason": said}))
    if looked_at:
        reviews = [
            Review(record_id=uid, version=version, reviewer=by)
            for uid, version in rows.filter(pk__in=looked_at).order_by("pk").values_list("uid", "version")
        ]
        Review.objects.bulk_create(reviews, ignore_conflicts=True)


def _take_one(step: Step, record: Any, *, by: Any, version: int | None, reason: str = "") -> Any:
    with transaction.atomic(), history_context(user=by, reason=reason):
        current = lock(record, version=version)
        if refusal := refusals(step, [current], by=by).get(current.pk):
            raise refusal
        take(step, [current], by=by, reason=reason)
        return type(record)._base_manager.get(pk=record.pk)


@taking_turns
def submit(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Hand a draft to the reviewers; returns the record as it is then."""
    return _take_one(SUBMIT, record, by=by, version=version)


@taking_turns
def publish(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Show the record to the world, for the first time or again after a withdrawal; returns it as it is then.

    Raises `NotPublishable` with everything that is missing, and `OwnRecord` when it is the user's own.
    """
    return _take_one(PUBLISH, record, by=by, version=version)


def _self_review_hint() -> str:
    return _("A site of one person can allow it with READOUT_SELF_REVIEW=on.")


@taking_turns
def withdraw(*, record: Any, reason: str, by: Any = None, version: int | None = None) -> Any:
    """Take the record from the public; whoever opens its address reads ``reason``. Returns it as it is then.

    Raises `ReasonMissing` for a blank reason.
    """
    return _take_one(WITHDRAW, record, by=by, version=version, reason=reason_given(reason))


def reason_given(reason: str) -> str:
    """The reason of a withdrawal without blanks around it. Raises `ReasonMissing` when nothing is left."""
    if not reason.strip():
        raise ReasonMissing(_("Say why the record is withdrawn: readers who open its address will see the reason."))
    return reason.strip()


@taking_turns
def return_to_draft(*, record: Any, by: Any = None, version: int | None = None) -> Any:
    """Give a record back to its editors; returns it as it is then.

    One that was ever public stays withdrawn or published, so that its address goes on to answer its readers.
    """
    return _take_one(RETURN, record, by=by, version=version)
