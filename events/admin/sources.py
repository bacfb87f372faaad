"""Sources at the desk."""

from typing import Any

from django.contrib import admin
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from events.models import Source
from events.similar import sources_like
from records.admin import OF_ALL_RECORDS, Choice, by_link, closeness, desk_search, in_names, in_span, in_texts
from records.admin.merging import MergingAdmin
from records.admin.similar import SimilarAdmin


@admin.register(Source)
class SourceAdmin(SimilarAdmin, MergingAdmin):
    """Documents; an address and a publisher are enough to begin with."""

    name_field = "publisher"
    search = desk_search(
        in_names(Source, "publisher"),
        in_names(Source, "title"),
        in_names(Source, "url"),
        in_texts(Source, "title", "publisher", "note", "text"),
    )
    list_display = ("__str__", "kind", "published_shown", "language", "state_shown", "in_charge", "changed")
    list_filter = ("state", "kind")
    narrowing = (by_link(Source, "publisher_actor"), *in_span("published"), *OF_ALL_RECORDS)
    ordering = ("-published_sort", "-id")
    autocomplete_fields = ("publisher_actor",)
    fieldsets = (
        (
            gettext_lazy("Document"),
            {"fields": ("url", "publisher", "title", "published", "kind", "language", "publisher_actor")},
        ),
        (gettext_lazy("Copy and text"), {"fields": ("archived_url", "accessed_on", "licence", "text")}),
        (gettext_lazy("Notes"), {"fields": ("note", "open_points")}),
    )

    similar_fields = "url"

    def keys_like(self, typed: QueryDict, *, but: int | None) -> list[int]:
        return sources_like(url=typed.get("url", ""), but=but)

    def typed_of(self, record: Source) -> QueryDict:
        typed = QueryDict(mutable=True)
        typed["url"] = record.url
        return typed

    @admin.display(description=gettext_lazy("published"), ordering="published_sort")
    def published_shown(self, source: Source) -> str:
        """The date in words, as a column."""
        return source.published.text

    def nearest(self, typed: str) -> Any:
        return closeness(typed, "title")

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(source, source.published.text if source.published else "", source.url) for source in records]
