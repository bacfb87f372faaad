"""What stands beside the form of a record for the second person: comments, who is in charge, preview, differences.

Every address here answers one record; what changes anything is a POST with the permission it needs.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import Resolver404, path, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import discussion, patrol
from records.admin.desk_lists import DeskFilter
from records.admin.forms import REASON_LENGTH
from records.admin.history import history_of
from records.desk_models import LONGEST_COMMENT
from records.models import Assignment, Comment, State
from records.refusals import message_of
from records.services import Refused


class CommentForm(forms.Form):
    """A remark about a record."""

    text = forms.CharField(
        label=gettext_lazy("New comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("@name tells that person on their desk. Readers never see comments."),
    )


class AssignmentForm(forms.Form):
    """Who is in charge of a record."""

    user = forms.ModelChoiceField(
        discussion.members().none(), label=gettext_lazy("In charge"), required=False, empty_label=gettext_lazy("nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = discussion.members().order_by("username")


class SecondLookMixin:
    """The pages beside the form of a record, for `records.admin.RecordAdmin`."""

    admin_site: Any
    opts: Any
    get_object: Any
    has_view_or_change_permission: Any
    has_change_permission: Any
    has_publish_permission: Any
    message_user: Any
    media: Any

    def get_urls(self) -> list[Any]:
        pages = {
            "comment": self.comment_view,
            "resolve": self.resolve_view,
            "assign": self.assign_view,
            "approve": self.approve_view,
            "takeback": self.take_back_view,
            "preview": self.preview_view,
            "differences": self.differences_view,
        }
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            *(
                path(f"<path:object_id>/{page}/", self.admin_site.admin_view(view), name=f"{name}_{page}")
                for page, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), DeskFilter)

    def second_look(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What the form shows of it; a constant number of queries."""
        assignment = Assignment.objects.filter(record=record.uid).select_related("user").first()
        comments = Comment.objects.filter(record=record.uid).select_related("author", "resolved_by")
        return {
            "comments": list(comments),
            "comment_form": CommentForm(),
            "assignment": assignment,
            "assignment_form": (
                AssignmentForm(initial={"user": assignment.user_id if assignment else None})
                if self.has_change_permission(request, record)
                else None
            ),
            "can_preview": not record.merged_into_id and self._reader_view(record) is not None,
        }

    def comment_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Add a comment; whoever may look at the record may say something about it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self._record(request, object_id)
        return self._done(
            request,
            record,
            lambda: discussion.add_comment(record=record, text=request.POST.get("text", ""), by=request.user),
        )

    def resolve_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Resolve a comment on the record, or open it again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self._record(request, object_id)
        key = request.POST.get("comment", "")
        comment = Comment.objects.filter(record=record.uid, pk=key).first() if key.isascii() and key.isdigit() else None
        if comment is None:
            raise Http404
        verb = discussion.reopen if "reopen" in request.POST else discussion.resolve
        return self._done(request, record, lambda: verb(comment=comment, by=request.user))

    def assign_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put somebody in charge of the record, or nobody."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self._record(request, object_id)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        form = AssignmentForm(request.POST)

        def assign() -> None:
            if not form.is_valid():
                raise Refused(*(str(error) for errors in form.errors.values() for error in errors))
            discussion.assign(record=record, to=form.cleaned_data["user"], by=request.user)

        return self._done(request, record, assign, said=_("Assigned."))

    def approve_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the changes to a published record pass, up to the version that was looked at."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self._record(request, object_id)
        if not self.has_publish_permission(request, record):
            raise PermissionDenied
        version = request.POST.get("version", "")

        def approve() -> None:
            patrol.approve(record=record, version=_number(version), by=request.user)

        return self._done(request, record, approve, said=_("Approved: “%s”.") % record)

    def take_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the changes to a published record back, to the version that somebody let pass."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self._record(request, object_id)
        if not self.has_publish_permission(request, record):
            raise PermissionDenied
        version = _number(request.POST.get("version", ""))
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:REASON_LENGTH]

        def take_back() -> None:
            patrol.take_back(record=record, reason=reason, by=request.user, version=version)

        return self._done(request, record, take_back, said=_("Taken back: “%s”.") % record)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The record as readers will see it: the page for readers itself, in a transaction that is not kept.

        Within it the record is published, so that page and lists show exactly what they would, and nothing else.
        """
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        record = self._record(request, object_id)
        view = self._reader_view(record)
        if record.merged_into_id or view is None:
            raise Http404
        request.preview_back = self._page_of(record)  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                if not record.is_public:
                    type(record)._base_manager.filter(pk=record.pk).update(state=State.PUBLISHED)
                response: HttpResponse = view(request, uid=record.uid)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
                transaction.set_rollback(True)
        except IntegrityError as error:
            # As it stands no reader could ever see it.
            self.message_user(request, _("There is no preview yet. %s") % message_of(error), messages.WARNING)
            return HttpResponseRedirect(self._page_of(record))
        for header in ("ETag", "Last-Modified"):
            response.headers.pop(header, None)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    def differences_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What changed since somebody let the record pass, and the button that lets it pass."""
        record = self._record(request, object_id)
        since = patrol.reviewed_version(record)
        steps = patrol.steps_since(record, since)
        can_approve = record.is_public and self.has_publish_permission(request, record)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Since the last review: %s") % record,
            "original": record,
            "opts": self.opts,
            "media": self.media,
            "since": since,
            "changes": history_of(record, since=since) if steps else [],
            "is_waiting": record.is_public and bool(steps),
            "version": patrol.approvable(steps, by=request.user) if can_approve else None,
            "can_approve": can_approve,
            "reason_length": REASON_LENGTH,
        }
        return TemplateResponse(request, "admin/record_differences.html", context)

    def _record(self, request: HttpRequest, object_id: str) -> Any:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        return record

    def _reader_view(self, record: Any) -> Any:
        """The view of the page that readers have, found by the address; the apps above say what it is."""
        try:
            return resolve(record.get_absolute_url()).func
        except (AttributeError, Resolver404):
            return None

    def _page_of(self, record: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(record.pk)])

    def _done(self, request: HttpRequest, record: Any, verb: Any, *, said: str = "") -> HttpResponse:
        try:
            verb()
        except Refused as refused:
            for message in refused.messages:
                self.message_user(request, message, messages.ERROR)
        else:
            if said:
                self.message_user(request, said, messages.SUCCESS)
        back = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = f"{self._page_of(record)}#discussion"
        return HttpResponseRedirect(back)


def _number(typed: str) -> int:
    """A version as it is sent; 0, which no record is at, for anything else. No column holds a longer one."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
