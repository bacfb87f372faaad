"""The desk for programs: the addresses below ``desk/``, where records are read with their drafts, and written.

They stand apart from the addresses for readers, which answer to everybody alike and may be kept by caches. Of these no
answer is ever kept.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.permissions import MayWrite
from records.api.views import ApiView
from records.api.writing.conditions import Answer, Key, choice, reason_of, require_version, switch
from records.api.writing.parsing import DocumentParser
from records.api.writing.problems import Forbidden, InvalidDocument
from records.api.writing.schema import DeskSchema
from records.api.writing.services import MOST_AT_ONCE, Writer, carry_out, list_of_documents


class MayWork(MayWrite):
    """A token with the scope ``write``, also for reading drafts, of somebody who is let in at the desk."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "OPTIONS":
            return True
        if request.method in SAFE_METHODS:
            self.require_scope(request)
        else:
            super().has_permission(request, view)
        if not admin.site.has_permission(request):
            raise Forbidden
        return True


class DeskView(ApiView):
    """What all addresses of the desk share; ``model`` and ``told_by`` say of which kind its records are."""

    parameters = frozenset({"format", "dry_run"})
    parser_classes = [DocumentParser]
    permission_classes = [MayWork]
    schema = DeskSchema()
    model: Any = None
    told_by: Any = None
    #: What a new record may look like, for the schema.
    example: Any = None

    @property
    def writer(self) -> Writer:
        """Whoever asks, at their desk."""
        site = self.request.build_absolute_uri("/").removesuffix("/")
        refuses = choice(self.request, "similar", ("tell", "refuse")) == "refuse"
        return Writer(self.model, self.told_by, self.request.user, site, refuses_similar=refuses)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Cache-Control"] = "private, no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    def respond(self, answer: Answer) -> Response:
        """The answer over HTTP."""
        return Response(answer.body, status=answer.status, headers=answer.headers)


class CreationView(DeskView):
    """New records of one kind. A draft each, where the kind has a workflow."""

    parameters = frozenset({"format", "dry_run", "similar"})

    def post(self, request: Request) -> Response:
        """Create a record."""
        document, writer = request.data, self.writer
        reason = reason_of(request, document)
        answer = carry_out(
            lambda: writer.answer_new(document, reason=reason),
            by=request.user,
            reason=reason,
            key=Key.of(request, document),
            dry_run=switch(request, "dry_run", default=False),
        )
        return self.respond(answer)


class BulkView(DeskView):
    """Many new records of one kind at once, with one report."""

    parameters = frozenset({"format", "dry_run", "partial", "similar"})

    def post(self, request: Request) -> Response:
        """Create many records: all or, with ``partial=true``, those that can be."""
        documents, writer = list_of_documents(request.data, most=MOST_AT_ONCE), self.writer
        reason, partial = reason_of(request, request.data), switch(request, "partial", default=False)
        dry_run = switch(request, "dry_run", default=False)
        answer = carry_out(
            lambda: writer.create_all(documents, reason=reason, together=not partial),
            by=request.user,
            reason=reason,
            batch="api",
            key=Key.of(request, request.data),
            dry_run=dry_run,
        )
        return self.respond(answer)


class OneView(DeskView):
    """One record as the desk has it: drafts and withdrawn ones, too, with all that can be written."""

    def get(self, _request: Request, uid: str) -> Response:
        """The record with its version, which a change has to name."""
        writer = self.writer
        told = writer.tell(writer.find(uid))
        self.version_told = told["version"]
        return Response(told)

    def patch(self, request: Request, uid: str) -> Response:
        """Change what the document names, and nothing else. A list that is named takes the place of the one there."""
        document, writer = request.data, self.writer
        reason = reason_of(request, document)

        def change() -> Answer:
            record = writer.locked(uid)
            require_version(request, record.version)
            return writer.answer(writer.change(record, document, whole=False, reason=reason))

        dry_run = switch(request, "dry_run", default=False)
        return self.respond(carry_out(change, by=request.user, reason=reason, dry_run=dry_run))

    def delete(self, request: Request, uid: str) -> Response:
        """Delete a record that was never public."""
        writer, reason = self.writer, reason_of(request, None)

        def delete() -> Answer:
            record = writer.locked(uid)
            require_version(request, record.version)
            writer.delete(record)
            return Answer(None, HTTPStatus.NO_CONTENT)

        dry_run = switch(request, "dry_run", default=False)
        return self.respond(carry_out(delete, by=request.user, reason=reason, dry_run=dry_run))


class StepView(DeskView):
    """A record one step on in the workflow; ``step`` is one of `records.api.writing.services.STEPS`."""

    step = ""

    def post(self, request: Request, uid: str) -> Response:
        """Take the step."""
        document: Any = request.data
        writer = self.writer
        _refuse_all_but(document, "reason")
        reason = reason_of(request, document)

        def act() -> Answer:
            record = writer.locked(uid)
            require_version(request, record.version)
            return writer.answer(writer.act(record, self.step, reason=reason))

        dry_run = switch(request, "dry_run", default=False)
        return self.respond(carry_out(act, by=request.user, reason=reason, dry_run=dry_run))


class ConfirmView(DeskView):
    """A warning of a record, which an editor looked at and found right as it stands."""

    def post(self, request: Request, uid: str) -> Response:
        """Confirm the warning with this fingerprint: it is quiet until its facts change."""
        document: Any = request.data
        writer = self.writer
        _refuse_all_but(document, "fingerprint", "word")
        given = {"fingerprint": "", "word": "", **document}
        if wrong := {f"/{name}": [_("Give a text.")] for name, one in given.items() if not isinstance(one, str)}:
            raise InvalidDocument(wrong)

        def confirm() -> Answer:
            record = writer.locked(uid)
            require_version(request, record.version)
            writer.confirm(record, fingerprint=given["fingerprint"], word=given["word"])
            return writer.answer(record)

        dry_run = switch(request, "dry_run", default=False)
        return self.respond(carry_out(confirm, by=request.user, reason=given["word"], dry_run=dry_run))


class MergeView(DeskView):
    """A record that is the same as another one, into which it is merged."""

    def post(self, request: Request, uid: str) -> Response:
        """Merge the record ``into`` another one, which stays; ``dry_run`` shows what that does."""
        document: Any = request.data
        writer = self.writer
        _refuse_all_but(document, "into", "into_version", "keep", "seen", "reason")
        given = {"into": "", "into_version": None, "keep": {}, "seen": "", **document}
        errors = {f"/{name}": [words] for name, words in _wrong_in_merge(given)}
        if errors:
            raise InvalidDocument(errors)
        reason = reason_of(request, document)

        def work() -> Answer:
            absorbed = writer.find(uid)
            version = require_version(request, absorbed.version)
            try:
                survivor = writer.find(given["into"])
            except NotFound as missing:
                raise InvalidDocument({"/into": [str(missing.detail)]}) from None
            versions = (version, given["into_version"])
            return writer.merge(
                absorbed, survivor, versions=versions, reason=reason, keep=given["keep"], seen=given["seen"]
            )

        dry_run = switch(request, "dry_run", default=False)
        return self.respond(carry_out(work, by=request.user, dry_run=dry_run))


def _wrong_in_merge(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    number, keep = given["into_version"], given["keep"]
    for name in ("into", "seen"):
        if not isinstance(given[name], str):
            yield name, _("Give a text.")
    if isinstance(number, bool) or not isinstance(number, int):
        yield "into_version", _("Give the version of the other record that you saw.")
    if not isinstance(keep, dict) or not all(isinstance(one, str) for one in keep.values()):
        yield "keep", _("Give an object of texts.")


def _refuse_all_but(document: Any, *known: str) -> None:
    """Refuse a document that is no object, or names something else. Raises `InvalidDocument`."""
    if not isinstance(document, dict):
        raise InvalidDocument.no_object("")
    unknown = [name for name in document if name not in known]
    if unknown:
        raise InvalidDocument.unknown("", unknown, known)
