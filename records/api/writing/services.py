"""Records created, changed, moved through the workflow and deleted for a program, each in one transaction.

Everything is asked of the desk: its permissions, its forms, the services behind its buttons.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.fields import DateTimeField

from records import services
from records.admin.similar import SimilarAdmin
from records.api.serializers import api_address
from records.api.writing.conditions import Answer, Key, checked_reason
from records.api.writing.desk import Desk
from records.api.writing.documents import fill_in
from records.api.writing.fields import desk_address
from records.api.writing.problems import (
    Errors,
    Forbidden,
    InvalidDocument,
    Refused,
    SimilarThere,
    StaleVersion,
    escaped,
    tag,
)
from records.context import history_context
from records.merging import LinkToMerged, MergePlan, may_merge, merge, plan_merge
from records.models import Record
from records.refusals import is_momentary, is_refusal, message_of
from records.uids import normalise_uid

#: Seconds that a write waits for another one that changes the same.
PATIENCE = 5
#: Records in one request.
MOST_AT_ONCE = 100
#: What a request for many records is made of.
BULK = ("records", "reason")
#: What an answer says of a record beside the record itself.
TOLD_BESIDE = {"warnings", "similar"}
#: Where a document names the records that a new one is not.
OTHERS = "other_than"

#: The steps of the workflow, by their names in addresses.
STEPS = {
    "submit": services.submit,
    "publish": services.publish,
    "return": services.return_to_draft,
    "withdraw": services.withdraw,
}
#: Those that only a reviewer may take.
REVIEWED = {"publish", "withdraw"}


class _Tried(Exception):
    """The end of a transaction of which nothing is to be kept; ``answer`` says what would be."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def carry_out(
    work: Callable[[], Answer],
    *,
    by: Any,
    reason: str = "",
    batch: str = "",
    key: Key | None = None,
    dry_run: bool = False,
) -> Answer:
    """Do the work in one transaction, with its reason in history; with ``dry_run`` nothing of it is kept.

    What cannot wait for somebody else any longer is `Refused`, with a time to try again.
    """

    @services.taking_turns
    def done() -> Answer:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            answer = work() if key is None or dry_run else key.answer_once(work)
            if dry_run:
                raise _Tried(answer)
            return answer

    try:
        with history_context(user=by, reason=reason, batch=batch):
            return done()
    except _Tried as tried:
        return tried.answer
    except services.Busy as busy:
        raise Refused(busy.messages, wait=1) from None
    except DatabaseError as error:
        if not is_refusal(error):
            raise
        raise Refused([message_of(error)]) from error


def list_of_documents(document: Any, *, most: int) -> list[Any]:
    """The records of a request for many. Raises `InvalidDocument`."""
    if not isinstance(document, dict):
        raise InvalidDocument.no_object("")
    if unknown := [name for name in document if name not in BULK]:
        raise InvalidDocument.unknown("", unknown, BULK)
    records = document.get("records")
    if not isinstance(records, list) or not 1 <= len(records) <= most:
        raise InvalidDocument({"/records": [_("Give a list of 1 to %(most)d records.") % {"most": most}]})
    return records


@dataclass(frozen=True)
class Writer:
    """Somebody who writes records of one kind through the API, served under ``site``."""

    model: Any
    told_by: Any
    user: Any
    site: str
    #: Whether a new record is refused when there are others like it.
    refuses_similar: bool = False

    def desk(self, record: Any = None) -> Desk:
        """The form of a record, or of one to come."""
        return Desk(self.model, user=self.user, told_by=self.told_by, record=record)

    def find(self, uid: str) -> Any:
        """The record of which the user may know. Raises `NotFound`."""
        desk = self.desk()
        record = self.model._base_manager.filter(uid=normalise_uid(uid) or "").first()
        if record is None or not (
            desk.admin.has_view_or_change_permission(desk.request, record) or getattr(record, "is_public", True)
        ):
            raise exceptions.NotFound(_("There is no record at this address."))
        return record

    def locked(self, uid: str) -> Any:
        """The record, locked to the end of the transaction. Raises `NotFound`, and `Refused` for a merged one."""
        try:
            record = services.lock(self.find(uid))
        except services.VersionConflict:
            raise exceptions.NotFound(_("There is no record at this address.")) from None
        if getattr(record, "merged_into_id", None):
            words = _("The record was merged into another one; change that one.")
            refused = Refused([words])
            refused.members |= {"url": desk_address(record.merged_into, self.site)}
            raise refused
        return record

    # Telling

    def tell(self, record: Any, *, desk: Desk | None = None) -> dict[str, Any]:
        """The record as the desk has it now, read anew."""
        return self.tell_all([record], desk or self.desk(record))[0]

    def tell_all(self, records: list[Any], desk: Desk) -> list[dict[str, Any]]:
        """The records as the desk has them now, read anew."""
        known = self.model._base_manager.in_bulk([record.pk for record in records])
        read = [known[record.pk] for record in records]
        warn: Callable[[Any], Any] = getattr(desk.admin, "warnings_of", lambda _record: [])
        told = desk.tell(read, site=self.site)
        return [
            {**self.around(record), "warnings": warn(record), **document}
            for record, document in zip(read, told, strict=True)
        ]

    def similar(self, record: Any, desk: Desk, *, but: list[str]) -> list[dict[str, str]]:
        """The records like a new one, as the desk shows them beside its form, without those with these ids."""
        if not isinstance(desk.admin, SimilarAdmin) or not desk.admin.has_view_permission(desk.request):
            return []
        found = desk.admin.similar_to(desk.admin.typed_of(record), but=record.pk)
        return [
            {"uid": one.uid, "url": desk_address(one, self.site), "label": str(one)}
            for one in found
            if one.uid not in but
        ]

    def around(self, record: Any) -> dict[str, Any]:
        """What is told of a record beside what can be written."""
        options = record._meta
        page = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
        told = {
            "uid": record.uid,
            "url": desk_address(record, self.site),
            "public_url": api_address(record, self.site) if getattr(record, "is_public", True) else None,
            "form_url": f"{self.site}{page}",
            "version": record.version,
            "created_at": _moment(record.created_at),
            "updated_at": _moment(record.updated_at),
        }
        if isinstance(record, Record):
            told |= {
                "state": record.state,
                "published_at": _moment(record.published_at),
                "withdrawal_reason": record.withdrawal_reason,
            }
        return told

    def answer(self, record: Any) -> Answer:
        """The record as it was written, with the version to name at its next change."""
        told = self.tell(record)
        return Answer(told, HTTPStatus.OK, {"ETag": tag(told["version"])})

    def answer_new(self, document: Any, *, reason: str) -> Answer:
        """A new record, with its address. Raises as `create`."""
        desk = self.desk()
        record, similar = self.create(document, desk, reason=reason)
        told = {**self.tell(record, desk=desk), "similar": similar}
        return Answer(told, HTTPStatus.CREATED, {"ETag": tag(told["version"]), "Location": told["url"]})

    # Writing

    def create(self, document: Any, desk: Desk, *, reason: str) -> tuple[Any, list[dict[str, str]]]:
        """A new record, a draft where its kind has a workflow, and the records like it.

        ``other_than`` in the document names the similar records that are known to be others. Raises `Forbidden`,
        `InvalidDocument` and `SimilarThere`.
        """
        if not desk.admin.has_add_permission(desk.request):
            raise Forbidden
        others: Any = []
        if isinstance(document, dict) and OTHERS in document:
            others = document[OTHERS]
            document = {name: value for name, value in document.items() if name != OTHERS}
            if not isinstance(others, list) or not all(isinstance(one, str) for one in others):
                raise InvalidDocument({f"/{OTHERS}": [_("Give a list of ids.")]})
        record = self._saved(desk, document, whole=True, reason=reason)
        similar = self.similar(record, desk, but=others)
        if similar and self.refuses_similar:
            raise SimilarThere(similar)
        return record, similar

    def create_all(self, documents: list[Any], *, reason: str, together: bool) -> Answer:
        """Many new records: all or, unless ``together``, those that can be; the report has an entry for each.

        Raises `InvalidDocument` for what is wrong with any of them, when none is created.
        """
        items: list[dict[str, Any]] = []
        created: list[tuple[dict[str, Any], Any, Any]] = []
        wrong: Errors = {}
        desk = self.desk()
        for number, document in enumerate(documents):
            try:
                with transaction.atomic():
                    own = document.get("reason") if isinstance(document, dict) else None
                    reason_of_it = reason if own is None else checked_reason(own)
                    record, similar = self.create(document, desk, reason=reason_of_it or reason)
                items.append({"status": "created", "record": None, "errors": {}})
                created.append((items[-1], record, similar))
            except (InvalidDocument, SimilarThere) as refused:
                said: Errors = refused.members.get("errors") or {"": [str(refused.detail)]}
                similar = refused.members.get("similar", [])
                items.append({"status": "refused", "record": None, "errors": said, "similar": similar})
                wrong |= {f"/records/{number}{pointer}": messages for pointer, messages in said.items()}
        if wrong and together:
            raise InvalidDocument(wrong)
        told = self.tell_all([record for _item, record, _similar in created], desk)
        for (item, _record, similar), document in zip(created, told, strict=True):
            item["record"] = {**document, "similar": similar}
        report = {"created": len(created), "refused": len(items) - len(created), "items": items}
        return Answer(report, HTTPStatus.OK if wrong else HTTPStatus.CREATED)

    def change(self, record: Any, document: Any, *, whole: bool, reason: str) -> Any:
        """A locked record with what the document says. Raises `Forbidden` and `InvalidDocument`."""
        if isinstance(document, dict):
            # An answer may be sent back as it is.
            document = {name: value for name, value in document.items() if name not in TOLD_BESIDE}
        desk = self.desk(record)
        if not desk.admin.has_change_permission(desk.request, record):
            raise Forbidden
        return self._saved(desk, document, whole=whole, reason=reason, around=self.around(record))

    def _saved(self, desk: Desk, document: Any, *, whole: bool, reason: str, around: Any = None) -> Any:
        version = None if desk.record is None else desk.record.version
        sheet = fill_in(desk, document, whole=whole, around=around)
        try:
            with transaction.atomic():
                record, errors = sheet.save(reason=reason, version=version)
                if errors:
                    raise InvalidDocument(errors)
                return record
        except DatabaseError as error:
            if is_momentary(error) or not is_refusal(error):
                raise
            raise InvalidDocument({"": [message_of(error)]}) from error
        except LinkToMerged as refused:
            raise InvalidDocument({"": [str(refused)]}) from None

    def act(self, record: Any, step: str, *, reason: str) -> Any:
        """A locked record one step on in the workflow. Raises `Forbidden`, `Refused` and `InvalidDocument`."""
        desk = self.desk(record)
        asks: Any = desk.admin.has_publish_permission if step in REVIEWED else desk.admin.has_change_permission
        if not asks(desk.request, record):
            raise Forbidden
        said = {"reason": reason} if step == "withdraw" else {}
        verb: Any = STEPS[step]
        with _refusals_told():
            return verb(record=record, by=self.user, version=record.version, **said)

    def confirm(self, record: Any, *, fingerprint: str, word: str) -> None:
        """Confirm what a locked record is warned of. Raises `Forbidden`, `Refused` and `InvalidDocument`."""
        desk = self.desk(record)
        if not desk.admin.has_change_permission(desk.request, record):
            raise Forbidden
        if not hasattr(desk.admin, "confirm_warning"):
            raise exceptions.NotFound(_("Records of this kind have no warnings."))
        try:
            desk.admin.confirm_warning(record, fingerprint=fingerprint, word=word, by=self.user)
        except services.ReasonMissing as refused:
            raise InvalidDocument({"/word": refused.messages}) from None
        except services.Refused as refused:
            raise Refused(refused.messages) from None

    def merge(
        self, absorbed: Any, survivor: Any, *, versions: tuple[int, int], reason: str, keep: dict[str, str], seen: str
    ) -> Answer:
        """Let ``absorbed`` lead to ``survivor`` from now on; ``versions`` are those of both that the caller saw.

        Raises `Forbidden`, `Refused`, `StaleVersion` and `InvalidDocument`.
        """
        desk = self.desk(absorbed)
        if not desk.admin.has_merge_permission(desk.request) or not may_merge(self.user, absorbed, survivor):
            raise Forbidden
        plan = plan_merge(survivor, absorbed)
        options = {choice.name: choice.options for choice in plan.fields}
        wrong = {f"/keep/{escaped(name)}": value for name, value in keep.items() if value not in options.get(name, ())}
        if wrong:
            said = {pointer: [_("There is no such choice.")] for pointer in wrong}
            raise InvalidDocument(said, fields={"/keep": list(options)})
        plan = plan_merge(survivor, absorbed, keep=keep)
        with _refusals_told():
            merge(
                survivor=survivor,
                absorbed=absorbed,
                by=self.user,
                reason=reason,
                absorbed_version=versions[0],
                survivor_version=versions[1],
                keep=keep,
                seen=seen,
            )
        words = _("Merged “%(absorbed)s” into “%(survivor)s”.") % {"absorbed": absorbed, "survivor": survivor}
        for record in (survivor, absorbed):
            desk.admin.log_change(desk.request, record, words)
        told = self.tell(survivor)
        return Answer({"record": told, "plan": _plan_told(plan)}, HTTPStatus.OK, {"ETag": tag(told["version"])})

    def delete(self, record: Any) -> None:
        """Delete a locked record that was never public. Raises `Forbidden`, `MethodNotAllowed` and `Refused`."""
        desk = self.desk(record)
        if getattr(record, "published_at", None) is not None:
            raise exceptions.MethodNotAllowed("DELETE", _("A record that was public once is withdrawn, not deleted."))
        if not desk.admin.has_delete_permission(desk.request, record):
            raise Forbidden
        _shown, _counts, missing, protected = desk.admin.get_deleted_objects([record], desk.request)
        if missing:
            raise Forbidden
        if protected:
            words = _("Other records still refer to it: %(which)s.")
            raise Refused([words % {"which": ", ".join(_plain(one) for one in protected[:10])}])
        desk.admin.log_deletions(desk.request, [record])
        desk.admin.delete_model(desk.request, record)


@contextmanager
def _refusals_told() -> Iterator[None]:
    """A block in which what the services of the desk refuse is told as the API tells it."""
    try:
        yield
    except services.Busy:
        raise
    except services.VersionConflict as conflict:
        raise StaleVersion(conflict.messages[0], current=conflict.current) from None
    except services.ReasonMissing as refused:
        raise InvalidDocument({"/reason": refused.messages}) from None
    except services.Refused as refused:
        raise Refused(refused.messages) from None


def has_workflow(model: Any) -> bool:
    """Whether records of the model are drafts at first, and published."""
    return issubclass(model, Record)


def _plan_told(plan: MergePlan) -> dict[str, Any]:
    """What a merge does, as the desk shows it before."""
    return {
        "seen": plan.fingerprint,
        "fields": [asdict(choice) for choice in plan.fields],
        "moved": [asdict(rows) for rows in plan.moved],
        "combined": [asdict(rows) for rows in plan.combined],
        "names": list(plan.names),
        "conflicts": [asdict(conflict) for conflict in plan.conflicts],
        "notes": list(plan.notes),
    }


def _moment(value: Any) -> str | None:
    return None if value is None else DateTimeField().to_representation(value)


def _plain(shown: Any) -> str:
    return str(strip_tags(str(shown)))
