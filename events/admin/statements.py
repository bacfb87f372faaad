"""Statements at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from actors.admin import ACTOR_NAMES
from events.admin.citations import StatementCitationInline
from events.admin.citing import CitingAdmin
from events.admin.pasting import SPEAKERS, PastingAdmin
from events.admin.topics import about_topic
from events.admin.warnings import WARNINGS, WarnedAdmin
from events.models import FormulaUse, Statement, StatementLink, StatementMention, StatementSpeaker, StatementTopic
from events.similar import statements_like
from records.admin import (
    OF_ALL_RECORDS,
    Choice,
    PartInline,
    RecordAdmin,
    by_link,
    by_record,
    by_row,
    desk_search,
    in_names,
    in_span,
    in_texts,
    through,
)
from records.admin.similar import SimilarAdmin


class SpeakerInline(PartInline):
    model = StatementSpeaker
    verbose_name_plural = gettext_lazy("speakers and issuers")
    fieldsets = (
        (None, {"fields": ("actor", "role", "tenure")}),
        (gettext_lazy("Name as given, order"), {"fields": ("name_as_given", "position")}),
    )
    autocomplete_fields = ("actor", "tenure")
    narrowed_by = {"tenure": {"person": "actor", "on": "/date"}}
    related = ("actor",)


class MentionInline(PartInline):
    model = StatementMention
    fields = ("actor", "relation")
    autocomplete_fields = ("actor",)
    related = ("actor",)


class StatementTopicInline(PartInline):
    model = StatementTopic
    verbose_name = gettext_lazy("topic")
    verbose_name_plural = gettext_lazy("topics and stances")
    fields = ("topic", "stance")
    autocomplete_fields = ("topic",)
    related = ("topic",)


class StatementLinkInline(PartInline):
    model = StatementLink
    fk_name = "statement"
    verbose_name_plural = gettext_lazy("links to statements and meetings")
    fields = ("relation", "to_statement", "to_meeting")
    autocomplete_fields = ("to_statement", "to_meeting")
    related = ("to_statement", "to_meeting")


class FormulaUseInline(PartInline):
    model = FormulaUse
    fk_name = "statement"
    verbose_name = gettext_lazy("formula")
    verbose_name_plural = gettext_lazy("formulas used")
    fields = ("formula", "wording")
    autocomplete_fields = ("formula",)
    related = ("formula",)


@admin.register(Statement)
class StatementAdmin(CitingAdmin, PastingAdmin, WarnedAdmin, SimilarAdmin, RecordAdmin):
    """Readouts, remarks, joint statements, comments."""

    name_field = "title"
    search = desk_search(
        in_names(Statement, "title"),
        in_texts(Statement, "title", "gist", "text", "translation"),
        through(StatementSpeaker, "actor", *ACTOR_NAMES, owner="statement"),
    )
    list_display = (
        "label_shown",
        "date_shown",
        "kind",
        "speakers_shown",
        "meeting",
        "state_shown",
        "in_charge",
        "changed",
    )
    list_filter = ("state", "kind", "basis")
    narrowing = (
        by_row(StatementSpeaker, "statement", "actor", label=gettext_lazy("Speaker")),
        by_record("topic", StatementTopic._meta.get_field("topic"), about_topic(StatementTopic, "statement")),
        by_link(Statement, "meeting"),
        by_row(FormulaUse, "statement", "formula"),
        *in_span(),
        *OF_ALL_RECORDS,
    )
    list_select_related = ("meeting",)
    ordering = ("-date_sort", "-id")
    autocomplete_fields = ("meeting", "channel")
    jump_to = (gettext_lazy("Skip to speakers"), "speakers")
    fieldsets = (
        (gettext_lazy("When and where"), {"fields": ("date", "meeting", "position", "kind", "basis")}),
        (gettext_lazy("What was said"), {"fields": ("title", "gist", "language", "text")}),
        (gettext_lazy("Translation"), {"fields": ("translation_language", "translator", "translation")}),
        (gettext_lazy("Where it was published"), {"fields": ("channel", "channel_note")}),
        (gettext_lazy("Notes"), {"fields": ("note", "open_points")}),
    )
    inlines = (
        SpeakerInline,
        StatementTopicInline,
        MentionInline,
        FormulaUseInline,
        StatementLinkInline,
        StatementCitationInline,
    )
    layout = (
        WARNINGS,
        gettext_lazy("When and where"),
        SpeakerInline,
        gettext_lazy("What was said"),
        StatementTopicInline,
        MentionInline,
        FormulaUseInline,
        gettext_lazy("Translation"),
        StatementLinkInline,
        gettext_lazy("Where it was published"),
        StatementCitationInline,
    )

    paste_box = SPEAKERS

    similar_fields = "title|gist|text"

    def keys_like(self, typed: QueryDict, *, but: int | None) -> list[int]:
        return statements_like(texts=[typed.get(name, "") for name in ("title", "gist", "text")], but=but)

    def typed_of(self, record: Statement) -> QueryDict:
        typed = QueryDict(mutable=True)
        typed.update({"title": record.title, "gist": record.gist, "text": record.text})
        return typed

    @admin.display(description=gettext_lazy("statement"), ordering="title")
    def label_shown(self, statement: Statement) -> str:
        """The title or the beginning of the text, as a column."""
        return statement.label

    @admin.display(description=gettext_lazy("issued"), ordering="date_sort")
    def date_shown(self, statement: Statement) -> str:
        """The date in words, as a column."""
        return statement.date.text

    @admin.display(description=gettext_lazy("speakers"))
    def speakers_shown(self, statement: Statement) -> str:
        """The first speakers, as a column."""
        return first_few([str(speaker) for speaker in statement.speakers.all()])

    def for_list(self, queryset: Any) -> Any:
        return queryset.prefetch_related(Prefetch("speakers", StatementSpeaker.objects.select_related("actor")))

    def for_choosing(self, queryset: Any) -> Any:
        return self.for_list(queryset)

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [
            Choice.of(statement, statement.date.text, statement.get_kind_display(), self.speakers_shown(statement))
            for statement in records
        ]


def first_few(names: list[str], most: int = 4) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join([*names[:most], *([f"+{len(names) - most}"] if len(names) > most else [])])
