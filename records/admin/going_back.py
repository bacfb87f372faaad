"""Going back at the desk: compare, revert, restore, undo a batch; each with a preview of what will change."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Count, Max
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.admin.forms import REASON_LENGTH
from records.admin.history import Change, changes_in_words
from records.history import event_model
from records.models import Identified, Record
from records.refusals import is_refusal, message_of
from records.reverting import (
    Plan,
    RowChange,
    plan_of_restore,
    plan_of_revert,
    plan_of_undo,
    records_of,
    restore,
    revert_batch,
    revert_record,
    state_at,
)
from records.roles import may_publish
from records.services import Refused

#: So many deleted records are listed, the latest first.
LISTED = 200
#: So many batches stand on a page.
BATCHES = 50
#: So many changed rows of a batch are told in its preview.
TOLD = 200


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Colleagues read it in the history."),
    )
    loaded_version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class GoingBackAdmin(admin.ModelAdmin):
    """The pages that take a record of this model back. Whoever may change it may; readers' records need a reviewer."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("deleted/", wrap(self.deleted_view), name=f"{name}_deleted"),
            path("deleted/<slug:uid>/", wrap(self.restore_view), name=f"{name}_restore"),
            path("<path:object_id>/history/compare/", wrap(self.compare_view), name=f"{name}_compare"),
            path("<path:object_id>/history/<int:version>/revert/", wrap(self.revert_view), name=f"{name}_revert"),
            *super().get_urls(),
        ]

    @property
    def deleted_url(self) -> str:
        """Where the deleted records of this model are listed."""
        return self._url("deleted")

    def may_go_back(self, request: HttpRequest, record: Any) -> bool:
        """Whether the user may take the record back: what readers saw is for reviewers only."""
        if getattr(record, "published_at", None) is not None and not may_publish(request.user):
            return False
        return self.has_change_permission(request, record)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What differs between two versions of a record."""
        record = self._record(request, object_id)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        first, second = sorted(_version(request.GET.get(name)) for name in ("from", "to"))
        try:
            then, now = state_at(record, first), state_at(record, second)
        except Refused as refused:
            raise Http404(str(refused)) from refused
        rows = dict.fromkeys([*then, *now])
        changes = [RowChange(model, key, then.get((model, key)), now.get((model, key))) for model, key in rows]
        context = {
            **self._context(request, record, _("Compare versions: %s") % record),
            "changes": changes_in_words(changes, part_of=record),
            "first": first,
            "second": second,
        }
        return TemplateResponse(request, "admin/record_compare.html", context)

    def revert_view(self, request: HttpRequest, object_id: str, version: int) -> HttpResponse:
        """Show what a revert would change, ask why, and do it."""
        record = self._record(request, object_id)
        if not self.may_go_back(request, record):
            raise PermissionDenied
        form = ReasonForm(request.POST or None, initial={"loaded_version": record.version})
        if request.method == "POST" and form.is_valid():
            done = _try(
                form,
                lambda: revert_record(
                    record=record,
                    to_version=version,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    version=form.cleaned_data["loaded_version"] or 0,
                ),
            )
            if done:
                self.log_change(request, record, _("Reverted to version %s.") % version)
                self.message_user(request, _("Taken back to version %s.") % version, messages.SUCCESS)
                return HttpResponseRedirect(self._url("history", record.pk))
        try:
            plan = plan_of_revert(record, version)
        except Refused as refused:
            raise Http404(str(refused)) from refused
        context = {
            **self._context(
                request, record, _("Revert to version %(version)s: %(record)s") % {"version": version, "record": record}
            ),
            **_preview(plan, form, part_of=record),
            "verb": _("Revert to version %s") % version,
            "back": self._url("history", record.pk),
            "keeps_state": isinstance(record, Record),
        }
        return TemplateResponse(request, "admin/record_revert.html", context)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """The records of this model that were deleted, the latest first."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        model: Any = self.model
        there = model._base_manager.values("uid")
        events = event_model(model).objects.filter(pgh_label="delete").exclude(uid__in=there)
        latest = {event.uid: event for event in events.select_related("pgh_context").order_by("pgh_id")}
        names = _user_names(event.pgh_context.metadata.get("user") for event in latest.values() if event.pgh_context)
        rows = []
        for event in sorted(latest.values(), key=lambda event: event.pgh_id, reverse=True)[:LISTED]:
            said = event.pgh_context.metadata if event.pgh_context else {}
            rows.append({
                "uid": event.uid,
                "name": getattr(event, "title", "") or getattr(event, "name", "") or event.uid,
                "at": event.pgh_created_at,
                "by": names.get(said.get("user"), ""),
                "reason": said.get("reason", ""),
            })  # fmt: skip
        context = {
            **self._context(request, None, _("Deleted %s") % self.opts.verbose_name_plural),
            "rows": rows,
            "can_restore": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/record_deleted.html", context)

    def restore_view(self, request: HttpRequest, uid: str) -> HttpResponse:
        """Show what would come back, ask why, and bring it back."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            plan = plan_of_restore(uid)
        except Refused as refused:
            raise Http404(str(refused)) from refused
        [first, *_rest] = plan.changes
        if first.model is not self.model:
            raise Http404
        if (first.then or {}).get("published_at") is not None and not may_publish(request.user):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            done = _try(form, lambda: restore(uid=uid, by=request.user, reason=form.cleaned_data["reason"]))
            if done:
                self.log_addition(request, done, _("Restored."))
                self.message_user(request, _("Restored: “%s”.") % done, messages.SUCCESS)
                return HttpResponseRedirect(self._url("change", done.pk))
        context = {
            **self._context(request, None, _("Restore %s") % uid),
            **_preview(plan, form),
            "verb": _("Restore"),
            "back": self._url("deleted"),
        }
        return TemplateResponse(request, "admin/record_revert.html", context)

    def _record(self, request: HttpRequest, object_id: str) -> Any:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        return record

    def _url(self, page: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _context(self, request: HttpRequest, record: Any, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "object": record,
            "opts": self.opts,
            "media": self.media,
        }


@admin.register(apps.get_model("pghistory", "Context"))
class BatchAdmin(admin.ModelAdmin):
    """The batches: bulk actions, imports, merges, reverts. Each can be looked at and undone, by reviewers."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="pghistory_context_changelist"),
            path("<str:batch_id>/", wrap(self.batch_view), name="pghistory_context_batch"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never: every page of the admin would ask. The lists of records lead here."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_staff) and may_publish(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = request.GET.get("p", "1")
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1
        start = (max(number, 1) - 1) * BATCHES
        said = {name: KeyTextTransform(name, "metadata") for name in ("batch", "user", "reason")}
        contexts = self.model._default_manager.filter(metadata__has_key="batch")
        batches: Any = (
            contexts.values(word=said["batch"])
            .annotate(at=Max("created_at"), user=Max(said["user"]), said=Max(said["reason"]))
            .order_by("-at", "word")[start : start + BATCHES + 1]
        )
        rows = [{**row, "id": row["word"]} for row in batches]
        has_next, rows = len(rows) > BATCHES, rows[:BATCHES]
        names = _user_names(int(row["user"]) for row in rows if row["user"])
        numbers, undone = _numbers_of([row["id"] for row in rows]), self._undone([row["id"] for row in rows])
        for row in rows:
            row |= {
                "word": row["id"].partition(":")[0],
                "reason": row["said"] or "",
                "by": names.get(int(row["user"] or 0), ""),
                "number": numbers.get(row["id"], 0),
                "undone_by": undone.get(row["id"], ""),
            }
        page = {
            **self.admin_site.each_context(request),
            "title": _("Batches"),
            "rows": rows,
            "opts": self.opts,
            "previous": number - 1 if number > 1 else None,
            "next": number + 1 if has_next else None,
        }
        return TemplateResponse(request, "admin/batches.html", {**page, **(extra_context or {})})

    def _undone(self, batch_ids: list[str]) -> dict[str, str]:
        """The batch that took each of these back, for those that were."""
        undone: dict[str, str] = {}
        asked = batch_ids
        for _step in range(2):
            contexts = self.model._default_manager.filter(metadata__undoes__in=asked).order_by("created_at")
            found = dict(contexts.values_list("metadata__undoes", "metadata__batch"))
            undone |= found
            asked = list(found.values())
        # What was done again after all is not undone.
        return {batch: by for batch, by in undone.items() if by not in undone}

    def _refuse_undo(self, request: HttpRequest, batch_id: str, plan: Plan) -> None:
        """Raise ``PermissionDenied`` unless a reviewer asks, or whoever ran a batch that readers saw nothing of."""
        if self.has_view_permission(request):
            return
        users = set(
            self.model._default_manager.filter(metadata__batch=batch_id).values_list("metadata__user", flat=True)
        )
        is_own = bool(request.user.is_staff) and users == {request.user.pk}
        changed = {change.model._meta for change in plan.changes if issubclass(change.model, Identified)}
        may_change = all(
            request.user.has_perm(f"{options.app_label}.{get_permission_codename('change', options)}")
            for options in changed
        )
        is_private = all(getattr(record, "published_at", None) is None for record in records_of(plan.changes))
        if not (is_own and may_change and is_private):
            raise PermissionDenied

    def batch_view(self, request: HttpRequest, batch_id: str) -> HttpResponse:
        """What undoing a batch would change; asks why, and undoes it."""
        try:
            plan = plan_of_undo(batch_id)
        except Refused as refused:
            if not self.has_view_permission(request):
                raise PermissionDenied from refused
            raise Http404(str(refused)) from refused
        self._refuse_undo(request, batch_id, plan)
        is_reviewer = self.has_view_permission(request)
        back = reverse(f"{self.admin_site.name}:{'pghistory_context_changelist' if is_reviewer else 'index'}")
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            if _try(form, lambda: revert_batch(batch_id=batch_id, by=request.user, reason=reason)):
                self.message_user(request, _("The batch was undone. Undo the undo to do it again."), messages.SUCCESS)
                return HttpResponseRedirect(back)
            plan = plan_of_undo(batch_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo the batch “%s”") % batch_id.partition(":")[0],
            "opts": self.opts,
            "media": self.media,
            **_preview(plan, form),
            "verb": _("Undo this batch"),
            "back": back,
        }
        return TemplateResponse(request, "admin/record_revert.html", context)


def _preview(plan: Plan, form: Any, *, part_of: Any = None) -> dict[str, Any]:
    told: list[Change] = changes_in_words(plan.changes[:TOLD], part_of=part_of)
    return {
        "form": form,
        "changes": told,
        "conflicts": plan.conflicts,
        "withdrawn": plan.withdrawn,
        "untold": max(len(plan.changes) - TOLD, 0),
        "is_possible": bool(plan.changes) and not plan.conflicts,
    }


def _try(form: Any, verb: Any) -> Any:
    """Carry the verb out and return its answer; a refusal becomes an error of the form."""
    try:
        return verb()
    except Refused as refused:
        for message in refused.messages:
            form.add_error(None, message)
    except DatabaseError as error:
        if not is_refusal(error):
            raise
        form.add_error(None, message_of(error))
    return None


def _version(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Http404
    return int(text)


def _numbers_of(batch_ids: list[str]) -> dict[str, int]:
    """How many records each of the batches touched, by itself or by rows of them; a query for each kind of record."""
    numbers: dict[str, int] = {}
    for model in apps.get_models():
        if not issubclass(model, Identified) or not batch_ids:
            continue
        events = event_model(model).objects.filter(pgh_context__metadata__batch__in=batch_ids)
        counted = (
            events.order_by().values("pgh_context__metadata__batch").annotate(number=Count("pgh_obj", distinct=True))
        )
        for row in counted:
            batch = row["pgh_context__metadata__batch"]
            numbers[batch] = numbers.get(batch, 0) + row["number"]
    return numbers


def _user_names(keys: Iterable[Any]) -> dict[Any, str]:
    wanted = {key for key in keys if key}
    return {user.pk: user.get_username() for user in get_user_model().objects.filter(pk__in=wanted)}
