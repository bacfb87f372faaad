"""The admin of a record and of the rows that are part of it."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from time import sleep
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import services
from records.admin import once
from records.admin.bulk import BulkAdmin
from records.admin.choosing import PAGE, Choice, ChoicesView, Offer, RecordSelect, preload_choices
from records.admin.conflicts import ConflictAdmin
from records.admin.finding import closeness, found, found_in_order, keys_holding
from records.admin.forms import BESIDES, REASON_LENGTH, LinesField, RecordForm, linked_by
from records.admin.history import history_of
from records.admin.listing import COUNTED, OF_ALL_RECORDS, BoundedPaginator, DeskChangeList, Narrow, NarrowingFilter
from records.admin.presence import PresenceAdmin
from records.admin.rows import AskingForm, KnownChoiceField, RowFormSet
from records.admin.second_look import SecondLookMixin
from records.admin.views_saved import SavedViewsAdmin
from records.context import history_context
from records.merging import LinkToMerged, refuse_merged
from records.models import State
from records.refusals import is_momentary, is_refusal, message_of
from records.roles import may_publish
from records.search import RecordSearch

#: How many records are compared with what was typed; fewer where each has more names.
NEAREST = 25 * PAGE


@dataclass(frozen=True)
class Panel:
    """A part of the page that is not part of the form: a template, and what it needs to know of the record."""

    template: str
    context: Callable[[Any], dict[str, Any]]


class FieldsMixin:
    """How a field of the model is typed: for the form of a record and for the rows in it.

    ``narrowed_by`` says by which other fields the answers of a choosing field are narrowed:
    ``{"tenure": {"person": "actor", "on": "/date"}}`` asks for tenures of the person in the field ``actor`` of the same
    row, on the ``date`` of the record itself.
    """

    autocomplete_fields: ClassVar[Any] = ()
    narrowed_by: dict[str, dict[str, str]] = {}
    formfield_overrides: ClassVar[Any] = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3})},
    }
    admin_site: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("form_class", KnownChoiceField)
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault(
                "widget",
                RecordSelect(db_field, self.admin_site, narrowed_by=self.narrowed_by.get(db_field.name), offers=True),
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            return LinesField(
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                required=not db_field.blank,
                line_length=db_field.base_field.max_length,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Each link is a stop on the way through the form with the keyboard: adding what is missing is worth one.
            field.widget.can_delete_related = field.widget.can_view_related = False
            if isinstance(self, admin.options.InlineModelAdmin):
                field.widget.can_change_related = False
        return field


class PartInline(FieldsMixin, admin.StackedInline):
    """The parts of a record, a compact row each. Fields of a named fieldset are folded away while they are empty.

    ``related`` are the links that the names of the rows follow; ``below`` is a template shown under the rows,
    ``beside`` what an app has to say beside their heading, ``hint`` a line under it for who can add rows.
    """

    template = "admin/part_inline.html"
    form: Any = AskingForm
    formset: Any = RowFormSet
    extra = 0
    formfield_overrides: ClassVar[Any] = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2})}}
    related: tuple[str, ...] = ()
    below = ""
    beside: Any = None
    hint: Any = ""

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.related)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.related = self.related
        return formset


class IdentifiedAdmin(FieldsMixin, PresenceAdmin, ConflictAdmin):
    """The admin of whatever has an address and a version: nobody overwrites unseen, and no refusal is an error page.

    ``layout`` is the order of the page: names of fieldsets, inlines and panels; what it leaves out follows at the end.
    """

    form = RecordForm
    change_form_template = "admin/record_change_form.html"
    object_history_template = "admin/record_history.html"
    layout: tuple[Any, ...] = ()
    jump_to: tuple[Any, str] | None = None
    name_field = "name"
    #: Tables of more names: the model, its link to the record, its column.
    other_names: tuple[tuple[Any, str, str], ...] = ()

    search: RecordSearch
    # Shows the box; what a record is found by says ``search``.
    search_fields = ("uid",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # Nothing is “all”: a page has an end.
    list_max_show_all = 0
    paginator = BoundedPaginator
    #: What the list can be asked beside its filters with a few choices.
    narrowing: tuple[Narrow, ...] = ()
    save_on_top = False

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["records/admin/conflict.css"]}
        js: ClassVar[list[str]] = ["records/admin/desk.js", "records/admin/presence.js"]

    # Finding and choosing

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:  # noqa: ARG002
        if not search_term.strip():
            return queryset, False
        return found_in_order(self.search, queryset, search_term, most=COUNTED), False

    def nearest(self, typed: str) -> Any:
        """What the found are sorted by, the nearest to what was typed first."""
        return closeness(typed, self.name_field, self.other_names)

    def for_choosing(self, queryset: Any) -> Any:
        """The queryset with what `choices_of` reads."""
        return queryset

    def choices_of(self, records: list[Any]) -> list[Choice]:
        """The records as an editor tells them apart; at most a constant number of queries."""
        return [Choice.of(record) for record in records]

    def narrowed(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        """The queryset without what the form that asks could not take."""
        return queryset

    def choosable(self, request: HttpRequest, typed: str) -> Any:
        """The records that can be chosen for what was typed, in the order to offer them."""
        queryset = self.narrowed(request, self.get_queryset(request))
        if typed:
            queryset = queryset.filter(pk__in=self._keys_nearest(request, queryset, typed))
            queryset = queryset.order_by(self.nearest(typed), *self.get_ordering(request), "pk")
        return self.for_choosing(queryset)

    def offer_for(self, request: HttpRequest, typed: str) -> Offer | None:  # noqa: ARG002
        """What is offered where nothing can be chosen for what was typed: to make a record out of it."""
        return None

    def _keys_nearest(self, request: HttpRequest, queryset: Any, typed: str) -> set[int]:
        """Keys of what is found, a bounded number: only they are compared with what was typed, which costs most.

        Where more have this in a name than are shown, what is only like it would come later, and is not asked for.
        """
        keys = keys_holding(
            queryset, typed, self.name_field, self.other_names, most=NEAREST // (5 if self.other_names else 1)
        )
        chosen = queryset.filter(pk__in=keys)
        if len(keys) > PAGE and chosen[: PAGE + 1].count() > PAGE:
            return keys
        others = found(self.search, queryset, typed)
        return keys | set(others.order_by(*self.get_ordering(request), "pk").values_list("pk", flat=True)[:NEAREST])

    # The list

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            # The widgets of the filters come with scripts of their own.
            for spec in answer.context_data["cl"].filter_specs:
                if isinstance(spec, NarrowingFilter):
                    answer.context_data["media"] += spec.form.media
        return answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DeskChangeList]:  # noqa: ARG002
        return DeskChangeList

    def for_list(self, queryset: Any) -> Any:
        """The queryset with what the columns read."""
        return queryset

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*([NarrowingFilter] if self.narrowing else []), *super().get_list_filter(request))

    # The form

    def get_urls(self) -> list[Any]:
        options = self.opts
        choices = ChoicesView.as_view(model_admin=self)
        return [
            path(
                "choices/",
                self.admin_site.admin_view(choices),
                name=f"{options.app_label}_{options.model_name}_choices",
            ),
            *super().get_urls(),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "database_refusal", "")
        return form

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """As Django's. For new records that one request makes many of, the classes are made once: see `made_once`."""
        made: dict[Any, Any] | None = getattr(request, "made_once", None)
        if made is None or obj is not None:
            yield from super().get_formsets_with_inlines(request, obj)
            return
        if self not in made:
            made[self] = list(super().get_formsets_with_inlines(request, obj))
        yield from made[self]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.refuse_verbs(request)
        reason = request.POST.get("change_reason", "").strip()[:REASON_LENGTH]
        # Looking at a form makes no history, and costs nothing for it.
        with history_context(reason=reason) if request.method == "POST" else nullcontext():
            if object_id is None and (answer := self.sent_before(request)):
                return answer
            try:
                return self._once_more_if_busy(request, object_id, form_url, extra_context)
            except DatabaseError as error:
                if request.method != "POST" or not is_refusal(error):
                    raise
                if object_id is None and (answer := self.sent_before(request)):
                    return answer
                # The transaction is rolled back; the same form is shown again with what the database said.
                request.database_refusal = message_of(error)  # type: ignore[attr-defined]
            except LinkToMerged as refused:
                request.database_refusal = str(refused)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _once_more_if_busy(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """Save again what had to give way to somebody who saved at the same moment: nothing of it was kept."""
        try:
            return super().changeform_view(request, *args)
        except DatabaseError as error:
            if request.method != "POST" or not is_momentary(error):
                raise
        sleep(services.PAUSES[0])
        return super().changeform_view(request, *args)

    def sent_before(self, request: HttpRequest) -> HttpResponse | None:
        """Lead to the record that the same form made a moment ago; ``None`` when it made none.

        A form that was filled in anew since gets another id, and is shown again before it makes another record.
        """
        uid = once.uid_of(request.POST.get("ticket", ""), self.model) if request.method == "POST" else None
        record = self.model._base_manager.filter(uid=uid).first() if uid else None
        if uid is None or record is None:
            return None
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        if once.is_the_same(uid, request.POST):
            if IS_POPUP_VAR in request.POST:
                return super().response_add(request, record)
            self.message_user(request, _("Saved already: “%s”. The form was sent twice.") % record, messages.INFO)
            return HttpResponseRedirect(
                reverse(f"{self.admin_site.name}:{self._page_name('change')}", args=[quote(record.pk)])
            )
        sent: Any = request.POST.copy()
        sent["ticket"] = once.new_ticket(self.model)
        request.POST = sent
        words = _("This form was saved before, as “%s”, and holds other things now. Save again to add another record.")
        request.database_refusal = words % record  # type: ignore[attr-defined]
        return None

    def _page_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if uid := once.uid_of(request.POST.get("ticket", ""), self.model):
            transaction.on_commit(lambda: once.remember(uid, request.POST))
        return super().log_addition(request, obj, message)

    def refuse_verbs(self, request: HttpRequest) -> None:
        """Raise ``PermissionDenied`` when the request asks for a verb that the user may not carry out."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # Parts raise the version themselves; a record that was only looked at keeps its own.
        if not change or set(form.changed_data) - BESIDES:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Links are checked at the end of the transaction, when the editor would have been told that all was well.
        connection.check_constraints()
        refuse_merged(linked_by([form, *(row for formset in formsets for row in formset.forms)]))

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        formsets = context["inline_admin_formsets"]
        preload_choices(
            self.admin_site,
            [context["adminform"].form, *(form for formset in formsets for form in formset.formset.forms)],
        )
        context["sections"] = list(self._sections(context, obj))
        context["jump_to"] = self.jump_to
        context["conflict"] = getattr(request, "conflict", None)
        # Asked while the page is made, when no change is being written any more.
        context["presence"] = partial(self.presence_at, request, obj)
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def _sections(self, context: Any, obj: Any) -> Iterator[dict[str, Any]]:
        fieldsets = {str(fieldset.name): fieldset for fieldset in context["adminform"]}
        formsets = {type(formset.opts): formset for formset in context["inline_admin_formsets"]}
        for place in self.layout:
            if isinstance(place, Panel):
                if obj is not None and obj.pk is not None:
                    yield {"panel": place.template, **place.context(obj)}
            elif isinstance(place, type):
                if place in formsets:
                    yield {"formset": formsets.pop(place)}
            elif str(place) in fieldsets:
                yield {"fieldset": fieldsets.pop(str(place))}
        yield from ({"fieldset": fieldset} for fieldset in fieldsets.values())
        yield from ({"formset": formset} for formset in formsets.values())

    # History

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return super().history_view(request, object_id, extra_context)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % record,
            "changes": history_of(record),
            "can_go_back": self.may_go_back(request, record),
            "can_see_batches": may_publish(request.user),
            "module_name": str(self.opts.verbose_name_plural),
            "object": record,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


class WithdrawalForm(forms.Form):
    """Why a record is withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everyone who opens the address of the record will read it."),
    )
    loaded_version = forms.IntegerField(widget=forms.HiddenInput)


class RecordAdmin(SecondLookMixin, BulkAdmin, SavedViewsAdmin, IdentifiedAdmin):
    """The admin of a record with a workflow: draft, in review, published, withdrawn."""

    # Lists

    narrowing: tuple[Narrow, ...] = OF_ALL_RECORDS

    @admin.display(description=gettext_lazy("in charge"))
    def in_charge(self, record: Any) -> str:
        """Whoever is in charge, as a column; see `with_assignee`."""
        return record.assignee or ""

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, record: Any) -> str:
        """The workflow state, as a column."""
        if record.merged_into_id:
            return format_html('<span class="state" data-state="merged">{}</span>', _("merged"))
        return format_html('<span class="state" data-state="{}">{}</span>', record.state, record.get_state_display())

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, record: Any) -> str:
        """The moment of the last change (UTC), as a column."""
        return date_format(record.updated_at, "Y-m-d H:i")

    def choosable(self, request: HttpRequest, typed: str) -> Any:
        return super().choosable(request, typed).filter(merged_into__isnull=True)

    # Who may do what

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may publish and withdraw the record."""
        return self.has_change_permission(request, obj) and may_publish(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never what was public once: its address answers readers for ever. Withdraw it instead."""
        if obj is not None and getattr(obj, "published_at", None) is not None:
            return False
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deletable, counts, missing_permissions, protected = super().get_deleted_objects(objs, request)
        public_once = [record for record in objs if record.published_at is not None]
        protected = [
            *protected,
            *(_("%s was published: withdraw it instead of deleting it.") % record for record in public_once),
        ]
        # Django names lacking permissions first, and a published record lacks that of being deleted: what stands in the
        # way is the link to it.
        return deletable, counts, set() if protected else missing_permissions, protected

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The page of a record that has one for readers."""
        return super().get_view_on_site_url(obj) if obj is not None and obj.is_public else None

    # The verbs

    VERBS: ClassVar[dict[str, tuple[Callable[..., Any], Any]]] = {
        "_submit": (services.submit, gettext_lazy("Submitted for review: “%s”.")),
        "_publish": (services.publish, gettext_lazy("Published: “%s”.")),
        "_draft": (services.return_to_draft, gettext_lazy("Back to draft: “%s”.")),
    }

    def verbs_for(self, request: HttpRequest, record: Any) -> list[tuple[str, str]]:
        """The verbs that could be next for the record and that the user may carry out: button name and label."""
        if record is not None and record.merged_into_id:
            return []
        state = record.state if record is not None else State.DRAFT
        was_public = record is not None and record.published_at is not None
        verbs = []
        if state == State.DRAFT:
            verbs.append(("_submit", _("Submit for review")))
        if state == State.REVIEW or (state == State.WITHDRAWN and not was_public):
            verbs.append(("_draft", _("Back to draft")))
        if state != State.PUBLISHED and may_publish(request.user):
            verbs.append(("_publish", _("Publish again") if was_public else _("Publish")))
        return verbs

    def checklist_for(self, request: HttpRequest, record: Any) -> list[services.Point]:
        """What must be there before the record is published, the second person included where the first one looks."""
        points = services.checklist(record)
        if may_publish(request.user) and (own := services.own_part(record, by=request.user)):
            points.append(services.Point(own, False))
        return points

    def refuse_verbs(self, request: HttpRequest) -> None:
        if "_publish" in request.POST and not self.has_publish_permission(request):
            raise PermissionDenied

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._carry_out(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._carry_out(request, obj) or super().response_change(request, obj)

    def _carry_out(self, request: HttpRequest, record: Any) -> HttpResponse | None:
        """Do what the button says, after the form was saved in the same transaction; a refusal keeps what was saved."""
        name = next((name for name in self.VERBS if name in request.POST), None)
        if name is None or IS_POPUP_VAR in request.POST:
            return None
        verb, done = self.VERBS[name]
        try:
            verb(record=record, by=request.user)
        except services.Refused as refused:
            self.message_user(request, _("Saved, but no more than that:"), messages.WARNING)
            for message in refused.messages:
                self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, done % record, messages.SUCCESS)
        return HttpResponseRedirect(self._change_url(record))

    def _change_url(self, record: Any) -> str:
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(record.pk)]
        )

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<path:object_id>/withdraw/",
                self.admin_site.admin_view(self.withdraw_view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_withdraw",
            ),
            *super().get_urls(),
        ]

    def withdraw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why a record is withdrawn, and withdraw it."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_publish_permission(request, record):
            raise PermissionDenied
        form = WithdrawalForm(
            request.POST if request.method == "POST" else None, initial={"loaded_version": record.version}
        )
        if request.method == "POST" and form.is_valid():
            try:
                services.withdraw(
                    record=record,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    version=form.cleaned_data["loaded_version"],
                )
            except services.Refused as refused:
                for message in refused.messages:
                    form.add_error(None, message)
            else:
                self.log_change(request, record, _("Withdrawn."))
                self.message_user(request, _("Withdrawn: “%s”.") % record, messages.SUCCESS)
                return HttpResponseRedirect(self._change_url(record))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Withdraw: %s") % record,
            "form": form,
            "original": record,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/record_withdraw.html", context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["has_workflow"] = True
        context["verbs"] = self.verbs_for(request, obj)
        if obj is not None:
            context["can_withdraw"] = obj.state == State.PUBLISHED and self.has_publish_permission(request, obj)
            points = [] if obj.is_public or obj.merged_into_id else self.checklist_for(request, obj)
            context["checklist"] = points
            context["look"] = self.second_look(request, obj)
            context["missing"] = [point.text for point in points if not point.is_done]
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)
