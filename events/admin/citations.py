"""Citations as rows of whatever they point at; those of actors and tenures are added to the forms of `actors.admin`."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, ngettext

from actors.admin import ActorAdmin, TenureAdmin
from actors.models import Actor, Tenure
from events.admin.citing import NEW_ROW, CitingAdmin, new_participants
from events.admin.warnings import WARNINGS, WarnedAdmin
from events.confirmations import confirm
from events.models import Citation, Participation
from events.models.sources import CITABLE_FIELDS
from events.ripples import Touched, ripples_of, spans_of
from records.admin import AskingForm, KnownChoiceField, PartInline, RowFormSet
from records.services import Refused


def citable_fields(target: str, model: Any) -> list[tuple[str, Any]]:
    """The fields of a target that a citation can speak to, as choices; the first is the record as a whole."""
    names: list[tuple[str, Any]] = [("", gettext_lazy("the whole record"))]
    for name in CITABLE_FIELDS[target]:
        field = next((one for one in model._meta.get_fields() if one.name == name), None)
        label = getattr(field, "verbose_name", "") or name.replace("_", " ")
        names.append((name, str(capfirst(label))))
    return names


class CitationForm(AskingForm):
    """A citation whose field is chosen, not spelled. What the list does not know is left as it stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["field"].widget if "field" in self.fields else None
        if isinstance(widget, forms.Select):
            held = self.instance.field
            if held and held not in dict(widget.choices):
                widget.choices = [*widget.choices, (held, held)]


class CitationInline(PartInline):
    """The citations of one kind of record."""

    model = Citation
    form = CitationForm
    autocomplete_fields = ("source",)
    related = ("source",)
    hint = gettext_lazy(
        "Alt+Q in a field of this form begins a citation of that field. A source that is not known here yet is added by"
        " pasting its address."
    )
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("source", "field", "verdict", "quote")}),
        (gettext_lazy("More"), {"fields": ("locator", "confidence", "value_given", "note")}),
    )

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "field":
            target: Any = Citation._meta.get_field(str(self.fk_name)).related_model
            kwargs["widget"] = forms.Select(choices=citable_fields(str(self.fk_name), target))
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ActorCitationInline(CitationInline):
    fk_name = "actor"


class TenureCitationInline(CitationInline):
    fk_name = "tenure"


class StatementCitationInline(CitationInline):
    fk_name = "statement"


class FormulaCitationInline(CitationInline):
    fk_name = "formula"


class ParticipantField(KnownChoiceField):
    """A participant of the meeting; ``rows`` are those that are not saved yet, and clean to ``None``.

    ``row_of`` names the rows of the form that are chosen from, ``new_row`` how one is called before it is saved.
    """

    row_of = "participations"
    new_row = NEW_ROW
    rows: ClassVar[dict[str, str]] = {}

    def clean(self, value: Any) -> Any:
        return None if value in self.rows else super().clean(value)


class MeetingCitationForm(CitationForm):
    """A citation of the meeting, or of one of its participants: the database wants exactly one of them."""

    @property
    def new_participant(self) -> int | None:
        """The row of the participant that it is about, while that is not saved."""
        field: Any = self.fields.get("participation")
        sent = self["participation"].data if field is not None and self.is_bound else None
        return int(sent.partition(":")[2]) if sent and sent in field.rows else None

    def _get_validation_exclusions(self) -> set[str]:
        exclude: set[str] = super()._get_validation_exclusions()
        # What it points at is known once the participant is saved.
        return exclude if self.new_participant is None else exclude | {"meeting", "participation"}

    def clean(self) -> dict[str, Any]:
        super().clean()
        target = "meeting"
        if self.cleaned_data.get("participation") or self.new_participant is not None:
            target = "participation"
            self.cleaned_data["meeting"] = None
        if (field := self.cleaned_data.get("field")) and field not in CITABLE_FIELDS[target]:
            self.add_error("field", gettext_lazy("This is no field of what the citation is about."))
        return self.cleaned_data


class MeetingCitationFormSet(RowFormSet):
    """The citations of a meeting and of its participations, in one list."""

    def get_queryset(self) -> Any:
        if not hasattr(self, "_queryset"):
            found = Citation.objects.none()
            if self.instance.pk is not None:
                found = Citation.objects.about_meeting(self.instance)
            self._queryset = found.select_related("source", "participation__actor").order_by("id")
        return self._queryset

    @property
    def participants(self) -> list[tuple[Any, str]]:
        """The participants that can be cited: those that are saved."""
        if not hasattr(self, "_participants"):
            saved = Participation.objects.none()
            if self.instance.pk is not None:
                saved = self.instance.participations.select_related("actor")
            self._participants = [(participation.pk, str(participation)) for participation in saved]
        return self._participants

    @property
    def new_rows(self) -> dict[str, str]:
        """The participants that are sent with the citations and not saved yet."""
        if not hasattr(self, "_new_rows"):
            self._new_rows = dict(new_participants(self.data if self.is_bound else None))
        return self._new_rows

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        field = form.fields.get("participation")
        if field is not None:
            field.queryset = Participation.objects.filter(meeting=self.instance.pk)
            # The same few names in every row are read once.
            field.rows = self.new_rows
            field.widget.choices = [("", gettext_lazy("the meeting")), *self.participants, *self.new_rows.items()]

    def save_new(self, form: Any, commit: bool = True) -> Any:
        # Not the parent's way, which would set the meeting on a citation of a participant.
        return forms.ModelForm.save(form, commit=commit)


def settle_new_participants(request: HttpRequest, formset: Any) -> None:
    """Point the citations of new participants at them: call it for each formset of a meeting before it is saved.

    Participants come before citations on the form, and are saved first.
    """
    if formset.prefix == "participations":
        request.participant_forms = formset.forms  # type: ignore[attr-defined]
    elif isinstance(formset, MeetingCitationFormSet):
        participants = getattr(request, "participant_forms", [])
        forms_sent: Any = formset.forms
        for form in forms_sent:
            number = form.new_participant
            if number is not None and number < len(participants):
                form.instance.meeting = None
                form.instance.participation = participants[number].instance


class MeetingCitationInline(CitationInline):
    fk_name = "meeting"
    form = MeetingCitationForm
    formset = MeetingCitationFormSet
    fieldsets = (
        (None, {"fields": ("source", "participation", "field", "verdict", "quote")}),
        (gettext_lazy("More"), {"fields": ("locator", "confidence", "value_given", "note")}),
    )

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "participation":
            return ParticipantField(
                Participation.objects.none(), label=gettext_lazy("About"), required=False, widget=forms.Select
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "field":
            known = dict(field.widget.choices)
            known |= {
                value: label for value, label in citable_fields("participation", Participation) if value not in known
            }
            field.widget.choices = list(known.items())
        return field


def open_among(touched: list[Touched]) -> list[Touched]:
    """Those with a warning that nobody has confirmed as the facts are now."""
    return [one for one in touched if one.standing and not one.standing.confirmed]


def tell_of_ripples(request: HttpRequest, form: Any) -> None:
    """Lead from a form that changed when an office was held to the meetings and statements that this touches."""
    if form.instance.pk is None or not {"span", "observed"} & set(form.changed_data):
        return
    link = format_html(
        '<a href="{}">{}: {}</a>',
        reverse("admin:actors_tenure_ripple", args=[form.instance.pk]),
        gettext("See the meetings and statements that this touches"),
        form.instance,
    )
    messages.warning(request, link)


class CitedActorAdmin(CitingAdmin, WarnedAdmin, ActorAdmin):
    layout: tuple[Any, ...] = (WARNINGS, *ActorAdmin.layout)
    inlines: ClassVar[Any] = (*ActorAdmin.inlines, ActorCitationInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.model is Tenure:
                for row in formset.initial_forms:
                    if row not in formset.deleted_forms:
                        tell_of_ripples(request, row)


class CitedTenureAdmin(CitingAdmin, WarnedAdmin, TenureAdmin):
    layout: tuple[Any, ...] = (WARNINGS, *TenureAdmin.layout)
    inlines: ClassVar[Any] = (*TenureAdmin.inlines, TenureCitationInline)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.ripple_view)
        return [path("<int:key>/ripple/", view, name="actors_tenure_ripple"), *super().get_urls()]

    def ripple_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """List the meetings and statements that a change of the tenure touches."""
        tenure = get_object_or_404(Tenure.objects.with_office(), pk=key)
        may_see_events = all(request.user.has_perm(f"events.view_{name}") for name in ("meeting", "statement"))
        if not self.has_view_permission(request, tenure) or not may_see_events:
            raise PermissionDenied
        may_confirm = all(request.user.has_perm(f"events.change_{name}") for name in ("meeting", "statement"))
        if request.method == "POST":
            if not may_confirm:
                raise PermissionDenied
            self._confirm(request, tenure)
            return HttpResponseRedirect(request.path)
        touched = ripples_of(tenure)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What this tenure touches: %s") % tenure,
            "tenure": tenure,
            "spans": spans_of(tenure),
            "touched": touched,
            "open": open_among(touched),
            "may_confirm": may_confirm,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/events/ripple.html", context)

    def _confirm(self, request: HttpRequest, tenure: Tenure) -> None:
        """Confirm the open warning that was named, or all that were shown, each with the word typed for it."""
        shown = set(request.POST.getlist("shown"))
        wanted = request.POST.get("confirm", "")
        done, refused = 0, []
        for one in open_among(ripples_of(tenure)):
            fingerprint = one.standing.doubt.fingerprint if one.standing else ""
            if fingerprint not in shown or wanted not in {"all", fingerprint}:
                continue
            word = request.POST.get(f"word-{wanted}", "")
            try:
                confirm(record=one.record, fingerprint=fingerprint, word=word, by=request.user)
                done += 1
            except Refused as refusal:
                refused += refusal.messages
        for message in dict.fromkeys(refused):
            messages.error(request, message)
        if done:
            said = ngettext("%d warning confirmed.", "%d warnings confirmed.", done) % done
            messages.success(request, said)
        elif not refused:
            messages.warning(request, gettext("The facts changed meanwhile: this warning does not stand any more."))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            tell_of_ripples(request, form)


for model, model_admin in ((Actor, CitedActorAdmin), (Tenure, CitedTenureAdmin)):
    admin.site.unregister(model)
    admin.site.register(model, model_admin)
