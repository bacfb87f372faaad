"""Meetings at the desk, in the order of a readout: when, where, who, about what, what was said, by which source."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy

from actors.admin import ACTOR_NAMES
from actors.models import Tenure
from events.admin.citations import MeetingCitationInline, settle_new_participants
from events.admin.citing import CitingAdmin
from events.admin.pasting import PARTICIPANTS, PastingAdmin
from events.admin.places import PLACE_NAMES
from events.admin.statements import first_few
from events.admin.topics import TOPIC_NAMES, about_topic
from events.admin.warnings import WARNINGS, WarnedAdmin
from events.models import Meeting, MeetingTopic, Participation, Place, Statement, StatementSpeaker
from events.similar import meetings_like
from records.admin import (
    OF_ALL_RECORDS,
    AskingForm,
    Choice,
    KnownMultipleChoiceField,
    Panel,
    PartInline,
    RecordSelectMultiple,
    by_link,
    by_record,
    by_row,
    desk_search,
    in_names,
    in_span,
    in_texts,
    through,
)
from records.admin.merging import MergingAdmin
from records.admin.similar import SimilarAdmin, day_typed, keys_among


class ParticipationForm(AskingForm):
    """A participant, with the offices it acted in."""

    linked = {"offices": "tenures"}

    offices = KnownMultipleChoiceField(Tenure.objects.all(), label=gettext_lazy("Offices held"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["offices"] = [tenure.pk for tenure in self.instance.tenures.all()]

    def clean_offices(self) -> Any:
        offices = self.cleaned_data["offices"]
        actor = self.cleaned_data.get("actor")
        if offices and any(tenure.person_id != getattr(actor, "pk", None) for tenure in offices):
            raise ValidationError(
                gettext_lazy("This office was held by somebody else. Choose a tenure of the participant.")
            )
        return offices


class ParticipationInline(PartInline):
    model = Participation
    form = ParticipationForm
    verbose_name = gettext_lazy("participant")
    verbose_name_plural = gettext_lazy("participants")
    fieldsets = (
        (None, {"fields": ("actor", "role", "side", "offices")}),
        (
            gettext_lazy("Name as given, on behalf of, capacity, attendance, order"),
            {
                "fields": (
                    "name_as_given",
                    "capacity",
                    "on_behalf_of",
                    "attendance",
                    "head_count",
                    "position",
                    "note",
                )
            },
        ),
    )
    autocomplete_fields = ("actor", "on_behalf_of")
    related = ("actor",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related(Prefetch("tenures", Tenure.objects.order_by("pk")))

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        tenures: Any = Participation._meta.get_field("tenures")
        field: Any = formset.form.base_fields["offices"]
        can_add = self.admin_site.get_model_admin(Tenure).has_add_permission(request)
        widget = RecordSelectMultiple(tenures, self.admin_site, narrowed_by={"person": "actor", "on": "/date"})
        field.widget = RelatedFieldWidgetWrapper(widget, tenures.remote_field, self.admin_site, can_add_related=can_add)
        widget.choices = field.choices
        return formset


class MeetingTopicInline(PartInline):
    model = MeetingTopic
    verbose_name = gettext_lazy("topic")
    verbose_name_plural = gettext_lazy("topics")
    fields = ("topic",)
    autocomplete_fields = ("topic",)
    related = ("topic",)


def statements_of(meeting: Meeting) -> dict[str, Any]:
    """What was said in the meeting, for the list on its form."""
    speakers = Prefetch("speakers", StatementSpeaker.objects.select_related("actor"))
    return {"statements": list(Statement.objects.filter(meeting=meeting).prefetch_related(speakers))}


def in_place(meetings: Any, place: Place) -> Any:
    """Those at the place or at one that lies in it: a venue lies in a city, in a region, in a country."""
    return meetings.filter(
        Q(place=place)
        | Q(place__parent=place)
        | Q(place__parent__parent=place)
        | Q(place__parent__parent__parent=place)
    )


@admin.register(Meeting)
class MeetingAdmin(CitingAdmin, PastingAdmin, WarnedAdmin, SimilarAdmin, MergingAdmin):
    """Talks, calls, visits, summits."""

    name_field = "title"
    search = desk_search(
        in_names(Meeting, "title"),
        in_texts(Meeting, "title", "summary", "notes"),
        through(Participation, "actor", *ACTOR_NAMES, owner="meeting"),
        in_names(Participation, "name_as_given", owner="meeting"),
        through(Meeting, "place", *PLACE_NAMES),
        through(MeetingTopic, "topic", *TOPIC_NAMES, owner="meeting"),
    )
    list_display = ("title", "date_shown", "participants", "place", "kind", "state_shown", "in_charge", "changed")
    list_filter = ("state", "kind", "mode", "status", "relevance")
    narrowing = (
        by_row(Participation, "meeting", "actor", label=gettext_lazy("Participant")),
        by_record("topic", MeetingTopic._meta.get_field("topic"), about_topic(MeetingTopic, "meeting")),
        by_link(Meeting, "series"),
        by_record("place", Meeting._meta.get_field("place"), in_place),
        *in_span(),
        *OF_ALL_RECORDS,
    )
    list_select_related = ("place",)
    ordering = ("-date_sort", "-id")
    autocomplete_fields = ("place", "part_of", "series")
    jump_to = (gettext_lazy("Skip to participants"), "participations")
    fieldsets = (
        (
            gettext_lazy("When and where"),
            {"fields": ("title", "date", "date_basis", "place", "mode", "kind", "date_note")},
        ),
        (gettext_lazy("About what"), {"fields": ("summary",)}),
        (
            gettext_lazy("What it belongs to"),
            {"fields": ("part_of", "series", "round", "status", "openness", "relevance")},
        ),
        (gettext_lazy("Notes"), {"fields": ("notes", "open_points")}),
    )
    inlines = (ParticipationInline, MeetingTopicInline, MeetingCitationInline)
    layout = (
        WARNINGS,
        gettext_lazy("When and where"),
        ParticipationInline,
        MeetingTopicInline,
        gettext_lazy("About what"),
        Panel("admin/events/meeting_statements.html", statements_of),
        MeetingCitationInline,
    )

    paste_box = PARTICIPANTS

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        settle_new_participants(request, formset)
        super().save_formset(request, form, formset, change)

    similar_fields = r"title|date|participations-\d+-actor"

    def keys_like(self, typed: QueryDict, *, but: int | None) -> list[int]:
        return meetings_like(
            title=typed.get("title", ""),
            date=day_typed(typed.get("date", "")),
            actors=keys_among(typed.getlist("participations-actor")),
            but=but,
        )

    def typed_of(self, record: Meeting) -> QueryDict:
        typed = QueryDict(mutable=True)
        typed.update({"title": record.title, "date": record.date.edtf})
        actors = Participation.objects.filter(meeting=record, actor__isnull=False).values_list("actor", flat=True)
        typed.setlist("participations-actor", [str(key) for key in actors])
        return typed

    @admin.display(description=gettext_lazy("date"), ordering="date_sort")
    def date_shown(self, meeting: Meeting) -> str:
        """The date in words, as a column."""
        return meeting.date.text

    @admin.display(description=gettext_lazy("participants"))
    def participants(self, meeting: Meeting) -> str:
        """The first participants, as a column."""
        return first_few([str(participation) for participation in meeting.participations.all()])

    def for_list(self, queryset: Any) -> Any:
        return queryset.prefetch_related(Prefetch("participations", Participation.objects.select_related("actor")))

    def for_choosing(self, queryset: Any) -> Any:
        return self.for_list(queryset).select_related("place")

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(meeting, meeting.place, self.participants(meeting)) for meeting in records]
