"""Merging at the desk: choose the survivor, look at both and at all that will happen, say why, and undo it later."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import merging
from records.admin.base import RecordAdmin
from records.admin.choosing import RecordSelect, preload_choices
from records.admin.forms import REASON_LENGTH
from records.merging.planning import in_words
from records.models import State
from records.refusals import is_refusal, message_of
from records.reverting import plan_of_undo, revert_batch
from records.services import Refused, VersionConflict

#: So many records can be merged in one go, one after the other.
MOST_SELECTED = 20


class MergeForm(forms.Form):
    """Which of the values stay, and why the two are one; the versions and the plan that were looked at."""

    reason = forms.CharField(
        label=gettext_lazy("Why are these the same?"),
        max_length=REASON_LENGTH,
        widget=forms.TextInput,
        help_text=gettext_lazy("Colleagues read it in the history of both."),
    )
    survivor_version = forms.IntegerField(widget=forms.HiddenInput)
    absorbed_version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)


class UndoForm(forms.Form):
    """Why a merge is undone."""

    reason = forms.CharField(
        label=gettext_lazy("Why is the merge undone?"), max_length=REASON_LENGTH, widget=forms.TextInput
    )


class MergingAdmin(RecordAdmin):
    """The admin of a record that can be merged with another of its kind. A merged record is there to be read only."""

    actions: Any = ("merge_selected",)

    class Media:
        css = {"all": ["records/admin/merging.css"]}

    # Who may do what

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not getattr(obj, "merged_into_id", None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not getattr(obj, "merged_into_id", None)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Whether the user may merge records; which ones, says `records.merging.may_merge`."""
        return self.has_change_permission(request)

    def _refuse_unless_mergeable(self, request: HttpRequest, *records: Any) -> None:
        if not self.has_merge_permission(request) or not merging.may_merge(request.user, *records):
            raise PermissionDenied

    # The form of a record

    def _sections(self, context: Any, obj: Any) -> Iterator[dict[str, Any]]:
        if obj is not None and obj.merged_into_id:
            yield {
                "panel": "admin/_partials/merged.html",
                "survivor": obj.merged_into,
                "survivor_url": self._change_url(obj.merged_into),
                "unmerge_url": self._url("unmerge", obj.pk) if merging.batch_of(obj) else "",
            }
        yield from super()._sections(context, obj)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None and self.has_change_permission(request, obj) and merging.may_merge(request.user, obj):
            context["merge_url"] = f"{self._url('merge')}?absorbed={obj.pk}"
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    # The pages

    def get_urls(self) -> list[Any]:
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("merge/", view(self.merge_view), name=f"{names}_merge"),
            path("<path:object_id>/unmerge/", view(self.unmerge_view), name=f"{names}_unmerge"),
            *super().get_urls(),
        ]

    def _url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def _merge_url(self, survivor: Any, absorbed: list[Any]) -> str:
        query = [("survivor", survivor.pk), *(("absorbed", record.pk) for record in absorbed)]
        return f"{self._url('merge')}?{urlencode(query)}"

    @admin.action(description=gettext_lazy("Merge selected %(verbose_name_plural)s…"), permissions=["merge"])
    def merge_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Propose a survivor for the selected, the one that readers know longest, and show what would happen."""
        records = list(queryset.order_by("pk")[: MOST_SELECTED + 1])
        if not 2 <= len(records) <= MOST_SELECTED:
            said = _("Select two records to merge, or up to %d that all become one.") % MOST_SELECTED
            self.message_user(request, said, messages.ERROR)
            return None
        records.sort(key=lambda record: (record.merged_into_id is not None, record.state != State.PUBLISHED, record.pk))
        return HttpResponseRedirect(self._merge_url(records[0], records[1:]))

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Choose the survivor, look at what a merge will do, and carry it out."""
        absorbed = self._asked_for(request, "absorbed")
        if not absorbed:
            raise Http404
        chosen = self._asked_for(request, "survivor")[:1]
        self._refuse_unless_mergeable(request, *absorbed, *chosen)
        if not chosen:
            return self._choose_survivor(request, absorbed)
        survivor = chosen[0]
        keep = {
            name.removeprefix("keep_"): str(value) for name, value in request.POST.items() if name.startswith("keep_")
        }
        said: list[str] = []
        if request.method == "POST":
            form = MergeForm(request.POST)
            if form.is_valid():
                response, said = self._carry_out_merge(request, form.cleaned_data, survivor, absorbed, keep)
                if response is not None:
                    return response
                # What is shown again is how things stand now.
                survivor, absorbed = self._now(survivor), [self._now(record) for record in absorbed]
        plan = merging.plan_merge(survivor, absorbed[0], keep=keep)
        current = {
            "survivor_version": survivor.version,
            "absorbed_version": absorbed[0].version,
            "seen": plan.fingerprint,
        }
        if request.method == "POST":
            shown = MergeForm({**request.POST.dict(), **current})
            shown.is_valid()
            for message in said:
                shown.add_error(None, message)
        else:
            shown = MergeForm(initial=current)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge into: %s") % survivor,
            "form": shown,
            "plan": plan,
            "choices": list(_choices_of(plan)),
            "facts": list(self._facts(request, survivor, absorbed[0])),
            "swap_url": self._merge_url(absorbed[0], [survivor, *absorbed[1:]]),
            "survivor_url": self._change_url(survivor),
            "absorbed_url": self._change_url(absorbed[0]),
            "waiting": absorbed[1:],
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/record_merge.html", context)

    def _asked_for(self, request: HttpRequest, name: str) -> list[Any]:
        """The records named in the address, in its order; 404 when one of them is not there."""
        keys = [key for key in dict.fromkeys(request.GET.getlist(name)) if key]
        if len(keys) > MOST_SELECTED or not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
            raise Http404
        found = self.get_queryset(request).in_bulk([int(key) for key in keys])
        if len(found) < len(keys):
            raise Http404
        return [found[int(key)] for key in keys]

    def _now(self, record: Any) -> Any:
        current = type(record)._base_manager.filter(pk=record.pk).first()
        if current is None:
            raise Http404
        return current

    def _carry_out_merge(
        self, request: HttpRequest, typed: dict[str, Any], survivor: Any, absorbed: list[Any], keep: dict[str, str]
    ) -> tuple[HttpResponse | None, list[str]]:
        first, waiting = absorbed[0], absorbed[1:]
        try:
            merging.merge(survivor=survivor, absorbed=first, by=request.user, keep=keep, **typed)
        except (VersionConflict, merging.PlanChanged) as changed:
            return None, [*changed.messages, _("Nothing was merged. Look at the plan as it is now.")]
        except Refused as refused:
            return None, refused.messages
        except DatabaseError as error:
            if not is_refusal(error):
                raise
            return None, [message_of(error)]
        for record in (survivor, first):
            self.log_change(request, record, _("Merged “%(absorbed)s” into “%(survivor)s”.") % {
                "absorbed": first, "survivor": survivor,
            })  # fmt: skip
        undo = self._url("unmerge", first.pk)
        said = format_html(
            '{} <a href="{}">{}</a>',
            _("Merged: “%(absorbed)s” leads to “%(survivor)s” now.") % {"absorbed": first, "survivor": survivor},
            undo,
            _("Undo this merge"),
        )
        self.message_user(request, said, messages.SUCCESS)
        url = self._merge_url(survivor, waiting) if waiting else self._change_url(survivor)
        return HttpResponseRedirect(url), []

    def _choose_survivor(self, request: HttpRequest, absorbed: list[Any]) -> HttpResponse:
        field = self.model._meta.get_field("merged_into")
        form = forms.Form()
        form.fields["survivor"] = forms.ModelChoiceField(
            self.get_queryset(request), label=_("Merge into"), widget=RecordSelect(field, self.admin_site)
        )
        preload_choices(self.admin_site, [form])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge: %s") % absorbed[0],
            "form": form,
            "absorbed": absorbed,
            "original": absorbed[0],
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/record_merge_choose.html", context)

    def _facts(self, request: HttpRequest, survivor: Any, absorbed: Any) -> Iterator[dict[str, Any]]:
        """What the forms of both records say, field by field."""
        for name in flatten_fieldsets(self.get_fieldsets(request, survivor)):
            one: Any = self.model._meta.get_field(name)
            values = [getattr(record, one.attname) for record in (survivor, absorbed)]
            words = [in_words(one, value) for value in values]
            if any(words):
                yield {
                    "label": capfirst(one.verbose_name),
                    "survivor": words[0],
                    "absorbed": words[1],
                    "differs": values[0] != values[1],
                }

    def unmerge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why a merge is undone, and undo it."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        self._refuse_unless_mergeable(request, record, *filter(None, [record.merged_into]))
        batch = merging.batch_of(record)
        if not batch:
            raise Http404
        form = UndoForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                revert_batch(batch_id=batch, by=request.user, reason=form.cleaned_data["reason"])
            except Refused as refused:
                for message in refused.messages:
                    form.add_error(None, message)
            except DatabaseError as error:
                if not is_refusal(error):
                    raise
                form.add_error(None, message_of(error))
            else:
                self.log_change(request, record, _("Undid the merge."))
                self.message_user(request, _("The merge is undone: “%s” stands for itself again.") % record)
                return HttpResponseRedirect(self._change_url(record))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo the merge of: %s") % record,
            "form": form,
            "original": record,
            "survivor": record.merged_into,
            "survivor_url": self._change_url(record.merged_into),
            "conflicts": plan_of_undo(batch).conflicts,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/record_unmerge.html", context)


def _choices_of(plan: merging.MergePlan) -> Iterator[dict[str, Any]]:
    """The fields to choose in, each with its options in words."""
    for choice in plan.fields:
        words = {
            merging.SURVIVOR: choice.survivor or _("(empty)"),
            merging.ABSORBED: choice.absorbed or _("(empty)"),
            merging.BOTH: _("Both, one after the other"),
        }
        whose = {merging.SURVIVOR: _("survivor"), merging.ABSORBED: _("absorbed"), merging.BOTH: ""}
        yield {
            "name": f"keep_{choice.name}",
            "label": choice.label,
            "options": [(one, words[one], whose[one], one == choice.chosen) for one in choice.options],
        }
