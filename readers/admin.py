"""Readers' corrections at the desk: the list, and one beside what the record says now."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from readers import corrections
from readers.facts import ROWS, fact_of, rows_of
from readers.hook_admin import WebhookAdmin as WebhookAdmin  # Django finds the pages of an app here
from readers.models import LONGEST_TEXT, Correction, CorrectionState, ReplyAddress
from records.admin.desk_pages import DeskPageAdmin
from records.discussion import members
from records.history import event_model
from records.services import Refused

#: Corrections on one page of the list.
SHOWN = 50


class DecisionForm(forms.Form):
    """What becomes of a correction, why, and what the reader is told."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea)
    answer = forms.CharField(label=_("Answer"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea)


@admin.register(Correction)
class CorrectionAdmin(DeskPageAdmin):
    """Corrections of readers. Editors decide; what a reader wrote is changed by nobody."""

    template_name = "admin/readers/corrections.html"

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            *super().get_urls(),
            path("<int:object_id>/", wrap(self.correction_view), name="readers_correction_change"),
            path("<int:object_id>/decide/", wrap(self.decide_view), name="readers_correction_decide"),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.has_perm("readers.change_correction"))

    def page(self, request: HttpRequest) -> dict[str, Any]:
        """The list in one state, the latest first, those of whoever looks with ``mine``; three queries."""
        state = request.GET.get("state", CorrectionState.NEW)
        state = state if state in CorrectionState.values else CorrectionState.NEW
        found = Correction.objects.filter(state=state).select_related("assigned_to", "decided_by", "record")
        is_mine = "mine" in request.GET
        if is_mine:
            found = found.filter(assigned_to=request.user.pk)
        shown = Paginator(found, SHOWN).get_page(request.GET.get("p"))
        return {
            "title": _("Readers’ corrections"),
            "state": state,
            "states": CorrectionState.choices,
            "is_mine": is_mine,
            "page": shown,
            "rows": list(zip(shown.object_list, _records_of(shown.object_list), strict=True)),
        }

    def correction_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """One correction: what the reader saw and said, and what the record says now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._show(request, self._found(object_id), DecisionForm())

    def decide_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Decide, put somebody in charge, or delete the reader's address."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        correction = self._found(object_id)
        back = reverse("admin:readers_correction_change", args=[object_id])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        if "forget" in request.POST:
            corrections.forget_address(correction)
            self.message_user(request, _("The address is deleted."), messages.SUCCESS)
            return HttpResponseRedirect(back)
        form = DecisionForm(request.POST)
        try:
            if "assign" in request.POST:
                typed = request.POST.get("user", "")
                to = members().filter(pk=typed).first() if typed.isascii() and typed.isdecimal() else None
                corrections.assign(correction=correction, to=to, by=request.user)
                return HttpResponseRedirect(back)
            if form.is_valid():
                return self._decided(request, correction, form)
        except Refused as refused:
            form.is_valid()
            form.add_error(None, ValidationError(refused.messages))
        return self._show(request, self._found(object_id), form)

    def _decided(self, request: HttpRequest, correction: Correction, form: DecisionForm) -> HttpResponse:
        given = form.cleaned_data
        # The state that stood on the page: whoever decided meanwhile is not overruled unseen.
        correction.state = request.POST.get("was", correction.state)
        decided = corrections.decide(
            correction=correction, state=request.POST.get("state", ""), reason=given["reason"], by=request.user
        )
        said = _("The correction is %(state)s.") % {"state": decided.get_state_display()}
        self.message_user(request, said, messages.SUCCESS)
        if given["answer"].strip() and decided.state != CorrectionState.SPAM:
            try:
                corrections.answer(correction=decided, text=given["answer"])
                self.message_user(request, _("The reader has your answer."), messages.SUCCESS)
            except Refused as refused:
                self.message_user(request, str(refused), messages.ERROR)
                return self._show(request, decided, form)
        return HttpResponseRedirect(reverse("admin:readers_correction_changelist"))

    def _found(self, object_id: int) -> Correction:
        correction = Correction.objects.select_related("record", "assigned_to", "decided_by").filter(pk=object_id)
        if (found := correction.first()) is None:
            raise Http404
        return found

    def _show(self, request: HttpRequest, correction: Correction, form: DecisionForm) -> HttpResponse:
        record = _records_of([correction])[0]
        now = fact_of(record, correction.field) if record is not None else None
        history = event_model(Correction).objects.filter(pgh_obj_id=correction.pk).order_by("-pgh_id")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("A reader’s correction"),
            "correction": correction,
            "record": record,
            "now": now,
            "label": now.label if now else correction.field,
            "form_url": _form_of(record, correction.field) if record is not None else "",
            "form": form,
            "members": members().order_by("username"),
            "address": ReplyAddress.objects.filter(correction=correction).first(),
            "can_decide": self.has_change_permission(request),
            "history": history.values("pgh_created_at", "state", "reason", "decided_by__username")[:SHOWN],
            "states": dict(CorrectionState.choices),
        }
        return TemplateResponse(request, "admin/readers/correction.html", context)


def _records_of(found: Any) -> list[Any]:
    """The record of each correction, ``None`` where it was deleted; a query for each kind."""
    kinds = {corrections.model_of(one) for one in found}
    records: dict[str, Any] = {}
    for model in kinds:
        uids = {one.record_id for one in found if one.record.kind == model._meta.label_lower}
        records |= {record.uid: record for record in model.objects.filter(uid__in=uids)}
    return [records.get(one.record_id) for one in found]


def _form_of(record: Any, field: str) -> str:
    """The form of the record, at the field."""
    options = record._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[quote(record.pk)])
    if not field:
        return address
    rows = rows_of(field)
    return f"{address}#{ROWS[rows]}-group" if rows in ROWS else f"{address}#id_{field}"
