"""Bulk work at the desk: choose in a list, say what, look at what becomes of each record, and only then do it.

What was chosen and at which version travels from page to page in a signed field: between preview and confirmation
nobody's change is overwritten unseen.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import quote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from records import bulk
from records.admin.choosing import RecordSelect, preload_choices
from records.admin.forms import REASON_LENGTH
from records.admin.listing import TooSlow, patience
from records.models import State
from records.roles import may_publish
from records.services import Refused

#: So many records of each sort are told in words on the page; the others are counted.
TOLD = 200
#: A selection is not for tomorrow.
SECONDS = 12 * 60 * 60


@dataclass(frozen=True)
class Selection:
    """Which records were chosen, each with the version that was shown; ``seen`` is what the preview was of."""

    versions: dict[int, int]
    query: str = ""
    seen: str = ""

    def signed(self, salt: str) -> str:
        """As it goes through the browser."""
        pairs = [number for pair in self.versions.items() for number in pair]
        return signing.dumps([pairs, self.query, self.seen], salt=salt, compress=True)

    @classmethod
    def read(cls, text: str, salt: str) -> "Selection":
        """Raises ``BadSignature`` for what we did not sign, or not for this."""
        pairs, query, seen = signing.loads(text, salt=salt, max_age=SECONDS)
        return cls(dict(zip(pairs[::2], pairs[1::2], strict=True)), query, seen)


class BulkForm(forms.Form):
    """What the verb has to be told, and why it is done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=REASON_LENGTH, widget=forms.TextInput
    )

    def __init__(self, *args: Any, verb: bulk.Verb, admin_site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb
        for name, ask in verb.asks().items():
            self.fields[name] = _field_for(ask, admin_site)
        self.order_fields([*verb.asks(), "reason"])
        if verb.reason == "never":
            del self.fields["reason"]
        else:
            self.fields["reason"].help_text = verb.reason_help
            self.fields["reason"].required = verb.reason == "always"

    @property
    def given(self) -> dict[str, Any]:
        """What was said, for the verb."""
        return {name: self.cleaned_data[name] for name in self.verb.asks()}

    @property
    def seen(self) -> str:
        """What was said, as a text to compare with."""
        said = {name: self.cleaned_data[name] for name in self.verb.asks()}
        return "|".join(f"{name}={getattr(value, 'pk', value)}" for name, value in sorted(said.items()))


def _field_for(ask: bulk.Ask, admin_site: Any) -> Any:
    options: dict[str, Any] = {"required": not ask.none}
    if ask.label:
        options["label"] = ask.label
    is_record = ask.field.is_relation and admin_site.is_registered(ask.field.related_model) and ask.choices is None
    if is_record:
        options["widget"] = RecordSelect(ask.field, admin_site)
    if ask.choices is not None:
        options["queryset"] = ask.choices()
        options["empty_label"] = str(ask.none) if ask.none else None
    field = ask.field.formfield(**options)
    if is_record and ask.none:
        field.help_text = _("Leave it empty for: %s.") % ask.none
    elif is_record:
        field.help_text = ""
    elif ask.field.choices:
        first = [("", ask.none)] if ask.none and ask.field.blank else []
        field.choices = [*first, *((value, label) for value, label in ask.field.flatchoices if value)]
    field.label = capfirst(field.label)
    return field


class BulkAdmin:
    """The bulk actions of a list of records, for `records.admin.RecordAdmin`."""

    admin_site: Any
    model: Any
    opts: Any
    media: Any
    actions: ClassVar[Any]
    get_queryset: Any
    has_change_permission: Any
    has_publish_permission: Any
    message_user: Any
    log_change: Any

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_bulk"
        return [
            path("bulk/<slug:verb>/", self.admin_site.admin_view(self.bulk_view), name=name),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those of Django and of the class, and the verbs that the user may carry out."""
        actions: dict[str, Any] = super().get_actions(request)
        if IS_POPUP_VAR in request.GET:
            return actions
        mine = {
            name: (BulkAdmin._bulk_begin, name, verb.label)
            for name, verb in bulk.verbs_for(self.model).items()
            if self.may_do(request, verb)
        }
        deleting = {name: actions.pop(name) for name in ("delete_selected",) if name in actions}
        return {**mine, **actions, **deleting}

    def may_do(self, request: HttpRequest, verb: bulk.Verb) -> bool:
        """Whether the user may carry the verb out at all; with which records, say its outcomes."""
        return bool(
            self.has_publish_permission(request)
            if verb.permission == bulk.PUBLISH
            else self.has_change_permission(request)
        )

    def _bulk_begin(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Take the selection of the list to the page of the verb that was chosen."""
        index = request.POST.get("index", "0")
        names = request.POST.getlist("action")
        name = names[int(index)] if index.isascii() and index.isdigit() and int(index) < len(names) else names[0]
        verb = bulk.verbs_for(self.model)[name]
        try:
            with patience():
                pairs = list(queryset.order_by("pk").values_list("pk", "version")[: bulk.MOST + 1])
        except TooSlow as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return None
        if len(pairs) > bulk.MOST:
            words = _("These are more than %d records, the most that are changed in one go. Narrow the list first.")
            self.message_user(request, words % bulk.MOST, messages.ERROR)
            return None
        selection = Selection(dict(pairs), request.GET.urlencode())
        form = self._bulk_form(verb)
        return self._bulk_page(
            request,
            verb,
            form,
            selection,
            outcomes=None if verb.asks() else self._bulk_outcomes(request, verb, form, selection),
        )

    def _bulk_form(self, verb: bulk.Verb, data: Any = None) -> BulkForm:
        return BulkForm(data, verb=verb, admin_site=self.admin_site)

    def _bulk_records(self, request: HttpRequest, selection: Selection) -> list[Any]:
        found = self.get_queryset(request).filter(pk__in=selection.versions).order_by("pk")
        return list(found)

    def _bulk_outcomes(
        self, request: HttpRequest, verb: bulk.Verb, form: BulkForm, selection: Selection
    ) -> list[bulk.Outcome]:
        given = form.given if verb.asks() else {}
        return bulk.look(verb=verb, records=self._bulk_records(request, selection), given=given, by=request.user)

    def bulk_view(self, request: HttpRequest, verb: str) -> HttpResponse:
        """Say what will become of each record, and on confirmation do it."""
        one = bulk.verbs_for(self.model).get(verb)
        if one is None:
            raise Http404
        if not self.may_do(request, one):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(self._bulk_list())
        try:
            selection = Selection.read(request.POST.get("selection", ""), self._bulk_salt(request, one))
        except (signing.BadSignature, ValueError):
            self.message_user(request, _("The selection is not valid any more. Choose again."), messages.ERROR)
            return HttpResponseRedirect(self._bulk_list())
        form = self._bulk_form(one, request.POST)
        wants_preview = "_confirm" not in request.POST
        if wants_preview and "reason" in form.fields:
            # Whether a reason is owed is known after the preview.
            form.fields["reason"].required = False
        if not form.is_valid():
            outcomes = None
            if not any(name in form.errors for name in one.asks()):
                outcomes = self._bulk_outcomes(request, one, form, selection)
            return self._bulk_page(request, one, form, selection, outcomes=outcomes)
        if wants_preview or form.seen != selection.seen:
            outcomes = self._bulk_outcomes(request, one, form, selection)
            return self._bulk_page(request, one, form, selection, outcomes=outcomes)
        return self._bulk_confirmed(request, one, form, selection)

    def _bulk_confirmed(
        self, request: HttpRequest, verb: bulk.Verb, form: BulkForm, selection: Selection
    ) -> HttpResponse:
        try:
            report = bulk.carry_out(
                verb=verb,
                model=self.model,
                versions=selection.versions,
                given=form.given,
                by=request.user,
                reason=form.cleaned_data.get("reason", ""),
            )
        except Refused as refused:
            for message in refused.messages:
                form.add_error(
                    "reason" if "reason" in form.fields and isinstance(refused, bulk.ReasonMissing) else None, message
                )
            return self._bulk_page(
                request, verb, form, selection, outcomes=self._bulk_outcomes(request, verb, form, selection)
            )
        if report.done:
            said = ngettext("%d record done.", "%d records done.", report.done) % report.done
            undo = reverse(f"{self.admin_site.name}:pghistory_context_batch", args=[report.batch])
            if may_publish(request.user) or not report.was_public:
                said = format_html('{} <a href="{}">{}</a>', said, undo, _("Undo"))
            self.message_user(request, said, messages.SUCCESS)
        else:
            self.message_user(request, _("Nothing was changed."), messages.WARNING)
        if report.same:
            words = ngettext("%d record was so already.", "%d records were so already.", report.same)
            self.message_user(request, words % report.same, messages.INFO)
        for outcome in report.refused[:20]:
            link = format_html(
                '<a href="{}">{}</a>', self._bulk_address(outcome.record), self._bulk_name(outcome.record)
            )
            self.message_user(request, format_html("{}: {}", link, outcome.refusal), messages.ERROR)
        if len(report.refused) > 20:
            words = _("… and %d more were refused.") % (len(report.refused) - 20)
            self.message_user(request, words, messages.ERROR)
        return HttpResponseRedirect(self._bulk_list(selection.query))

    def _bulk_page(
        self,
        request: HttpRequest,
        verb: bulk.Verb,
        form: BulkForm,
        selection: Selection,
        *,
        outcomes: list[bulk.Outcome] | None,
    ) -> HttpResponse:
        preload_choices(self.admin_site, [form])
        changing = [one for one in outcomes or () if one.words and not one.refusal]
        refused = [one for one in outcomes or () if one.refusal]
        same = [one for one in outcomes or () if not one.words and not one.refusal]
        if outcomes is not None:
            versions = {one.record.pk: one.record.version for one in outcomes}
            seen = form.seen if form.is_bound else ""
            selection = Selection(versions, selection.query, seen)
            if "reason" in form.fields:
                form.fields["reason"].required = bulk.needs_reason(verb, changing)
        context = {
            **self.admin_site.each_context(request),
            "title": str(verb.label % {"verbose_name_plural": self.opts.verbose_name_plural}).rstrip("…"),
            "form": form,
            "asks": [form[name] for name in verb.asks()],
            "reason": form["reason"] if "reason" in form.fields else None,
            "verb": verb.name,
            "address": reverse(
                f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_bulk", args=[verb.name]
            ),
            "selection": selection.signed(self._bulk_salt(request, verb)),
            "number": len(selection.versions),
            "is_previewed": outcomes is not None,
            "sorts": [
                (name, told, len(ones), max(len(ones) - TOLD, 0))
                for name, ones in (("change", changing), ("refused", refused), ("same", same))
                if ones
                for told in [[self._bulk_told(one) for one in ones[:TOLD]]]
            ],
            "changing": len(changing),
            "public": sum(one.record.state == State.PUBLISHED for one in changing),
            "back": self._bulk_list(selection.query),
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/record_bulk.html", context)

    def _bulk_told(self, outcome: bulk.Outcome) -> dict[str, str]:
        record = outcome.record
        return {
            "address": self._bulk_address(record),
            "name": self._bulk_name(record),
            "state": record.state,
            "state_name": record.get_state_display(),
            "words": outcome.refusal or outcome.words,
        }

    def _bulk_name(self, record: Any) -> str:
        # A record that is gone is known by its key only.
        return _("No. %s") % record.pk if record._state.adding else str(record)

    def _bulk_address(self, record: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(record.pk)])

    def _bulk_list(self, query: str = "") -> str:
        url = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{url}?{query}" if query else url

    def _bulk_salt(self, request: HttpRequest, verb: bulk.Verb) -> str:
        return f"records.bulk:{self.opts.label_lower}:{verb.name}:{request.user.pk}"
