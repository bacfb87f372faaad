"""Formulas at the desk."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from events.admin.citations import FormulaCitationInline
from events.admin.citing import CitingAdmin
from events.models import Formula, FormulaUse, FormulaUser, FormulaVariant
from records.admin import (
    OF_ALL_RECORDS,
    Choice,
    PartInline,
    RecordAdmin,
    by_link,
    by_row,
    desk_search,
    in_names,
    in_texts,
)


class FormulaVariantInline(PartInline):
    model = FormulaVariant
    fieldsets = (
        (None, {"fields": ("text", "language", "is_canonical", "is_verified")}),
        (gettext_lazy("Note"), {"fields": ("note",)}),
    )


class FormulaUserInline(PartInline):
    model = FormulaUser
    fields = ("actor",)
    autocomplete_fields = ("actor",)
    related = ("actor",)


class FormulaUseInline(PartInline):
    model = FormulaUse
    fk_name = "formula"
    fields = ("statement", "wording")
    autocomplete_fields = ("statement",)
    related = ("statement", "formula")


@admin.register(Formula)
class FormulaAdmin(CitingAdmin, RecordAdmin):
    """Recurring set phrases."""

    other_names = ((FormulaVariant, "formula", "text"),)
    search = desk_search(
        in_names(Formula), in_names(FormulaVariant, "text", owner="formula"), in_texts(Formula, "name", "note")
    )
    list_display = ("name", "topic", "first_seen_shown", "state_shown", "in_charge", "changed")
    list_filter = ("state",)
    narrowing = (by_link(Formula, "topic"), by_row(FormulaUser, "formula", "actor"), *OF_ALL_RECORDS)
    list_select_related = ("topic",)
    ordering = ("name", "id")
    autocomplete_fields = ("topic", "first_meeting")
    fieldsets = (
        (gettext_lazy("Phrase"), {"fields": ("name", "topic")}),
        (gettext_lazy("First seen"), {"fields": ("first_seen", "first_meeting")}),
        (gettext_lazy("Notes"), {"fields": ("note", "open_points")}),
    )
    inlines = (FormulaVariantInline, FormulaUserInline, FormulaUseInline, FormulaCitationInline)
    layout = (
        gettext_lazy("Phrase"),
        FormulaVariantInline,
        gettext_lazy("First seen"),
        FormulaUserInline,
        FormulaUseInline,
        FormulaCitationInline,
    )

    @admin.display(description=gettext_lazy("first seen"), ordering="first_seen_sort")
    def first_seen_shown(self, formula: Formula) -> str:
        """The date in words, as a column."""
        return formula.first_seen.text

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.select_related("topic").prefetch_related("variants")

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [
            Choice.of(formula, " / ".join(variant.text for variant in formula.variants.all()[:3]), formula.topic)
            for formula in records
        ]
