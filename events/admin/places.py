"""Places and series at the desk."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from events.models import Place, PlaceName, Series
from records.admin import Choice, PartInline, RecordAdmin, desk_search, in_names
from records.admin.merging import MergingAdmin

PLACE_NAMES = (in_names(Place), in_names(PlaceName, "text", owner="place"))


class PlaceNameInline(PartInline):
    model = PlaceName
    fields = ("text", "language")


@admin.register(Place)
class PlaceAdmin(MergingAdmin):
    """Countries, regions, cities and venues."""

    other_names = ((PlaceName, "place", "text"),)
    search = desk_search(*PLACE_NAMES)
    list_display = ("name", "kind", "country", "parent", "state_shown", "in_charge", "changed")
    list_filter = ("state", "kind")
    list_select_related = ("parent",)
    ordering = ("name", "id")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (gettext_lazy("Where"), {"fields": ("name", "kind", "country", "parent", "latitude", "longitude")}),
        (gettext_lazy("What is not confirmed"), {"fields": ("open_points",)}),
    )
    inlines = (PlaceNameInline,)
    layout = (gettext_lazy("Where"), PlaceNameInline)

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.select_related("parent")

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(place, place.get_kind_display(), place.parent, place.country) for place in records]


@admin.register(Series)
class SeriesAdmin(RecordAdmin):
    """Regular formats."""

    search = desk_search(in_names(Series))
    list_display = ("name", "state_shown", "in_charge", "changed")
    list_filter = ("state",)
    ordering = ("name", "id")
    fieldsets = ((None, {"fields": ("name", "description", "open_points")}),)
