"""From a public id to what stands at its address: the record, the survivor of a merge, or why there is none."""

from typing import Any

from records.history import event_model
from records.models import Record, Redirect, RegisteredId, State
from records.uids import normalise_uid


class Gone(Exception):
    """The record was public once and is no more; ``reason`` says why, in words for readers."""

    def __init__(self, uid: str, reason: str) -> None:
        super().__init__(reason)
        self.uid = uid
        self.reason = reason


class Moved(Exception):
    """The address belongs to another record now (a merge) or is spelled otherwise; ``record`` is the one to go to."""

    def __init__(self, record: Any) -> None:
        super().__init__(record.uid)
        self.record = record


class Unknown(Exception):
    """No public record has this id, or ever had."""


def find(typed_uid: str, *, among: Any) -> Any:
    """Find the public record with the id ``typed_uid`` in the queryset ``among``.

    ``among`` is not yet filtered by visibility; prefetches and annotations on it are kept. Raises `Moved` for a merged
    record or another spelling, `Gone` for a withdrawn or deleted record that was public, `Unknown` for anything else,
    drafts included, so that nobody can tell a draft from nothing.
    """
    uid = normalise_uid(typed_uid)
    if uid is None:
        raise Unknown(typed_uid)
    record = among.public().filter(uid=uid).first()
    if record is None:
        explain_absence(uid, among.model)
    if uid != typed_uid:
        raise Moved(record)
    return record


def explain_absence(uid: str, model: Any) -> None:
    """Say why no public record stands at ``uid``: raises `Moved`, `Gone` or `Unknown`, always one of them."""
    hidden = model.objects.filter(uid=uid).first()
    if hidden is not None and issubclass(model, Record):
        if hidden.merged_into_id is not None:
            raise Moved(_survivor(hidden, uid))
        if hidden.state == State.WITHDRAWN and hidden.published_at is not None:
            raise Gone(uid, hidden.withdrawal_reason)
    if hidden is None and (row := _row_that_took_over(uid, model)) is not None:
        raise Moved(row)
    if hidden is None and _was_public(uid, model):
        raise Gone(uid, "The record was deleted.")
    raise Unknown(uid)


def _row_that_took_over(uid: str, model: Any) -> Any:
    """The public row with which a merge combined the one that had the id."""
    into = Redirect.objects.filter(old=uid).values("into")
    return model.objects.public().filter(uid__in=into).first()


def _survivor(record: Any, uid: str) -> Any:
    while record.merged_into_id is not None:
        record = record.merged_into
    if record.is_public:
        return record
    if record.state == State.WITHDRAWN and record.published_at is not None:
        raise Gone(uid, record.withdrawal_reason)
    raise Unknown(uid)


def _was_public(uid: str, model: Any) -> bool:
    """Whether a deleted record had been published, by its history."""
    if not RegisteredId.objects.filter(uid=uid, kind=model._meta.label_lower).exists():
        return False
    if not issubclass(model, Record):
        return False
    return bool(event_model(model).objects.filter(uid=uid, published_at__isnull=False).exists())
