"""Sources at the desk."""

from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse, QueryDict
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy

from events.addresses import address_typed, looks_like_address
from events.models import Source
from events.services import source_by_address
from events.similar import sources_at, sources_like
from records.admin import OF_ALL_RECORDS, Choice, Offer, by_link, desk_search, in_names, in_span, in_texts
from records.admin.merging import MergingAdmin
from records.admin.similar import SimilarAdmin
from records.services import Refused


@admin.register(Source)
class SourceAdmin(SimilarAdmin, MergingAdmin):
    """Documents; an address is enough to begin with, and whoever cites one adds it by pasting that."""

    name_field = "title"
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

    # Adding by the address alone

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.by_address_view)
        return [path("by-address/", view, name="events_source_by_address"), *super().get_urls()]

    def choosable(self, request: HttpRequest, typed: str) -> Any:
        address = _address_in(typed)
        if address and ((keys := sources_at(address)) or "offers" in request.GET):
            return self.for_choosing(self.narrowed(request, self.get_queryset(request)).filter(pk__in=keys))
        return super().choosable(request, typed)

    def offer_for(self, request: HttpRequest, typed: str) -> Offer | None:
        address = _address_in(typed)
        if not address or not self.has_add_permission(request):
            return None
        url = reverse(f"{self.admin_site.name}:events_source_by_address")
        return Offer(gettext("Add a source by this address alone"), address, url)

    def by_address_view(self, request: HttpRequest) -> HttpResponse:
        """Find the source at the address that was ``typed``, or add it as a draft; the answer is its choice."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            source, is_new = source_by_address(typed=request.POST.get("typed", ""))
        except Refused as refused:
            # No error of the page that asked, which its console would report as one.
            return JsonResponse({"refusal": " ".join(refused.messages)})
        if is_new:
            self.log_addition(request, source, [{"added": {}}])
            words = gettext("Added as a draft. It is on the desk, under “Sources to complete”.")
        else:
            words = gettext("It was added a moment ago, or before.")
        return JsonResponse({**asdict(self.choices_of([source])[0]), "words": words}, status=201 if is_new else 200)

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(source, source.published.text if source.published else "", source.url) for source in records]


def _address_in(typed: str) -> str:
    """The whole address that was typed; "" for words, and for an address that is not whole yet."""
    try:
        return address_typed(typed) if looks_like_address(typed) else ""
    except ValidationError:
        return ""
