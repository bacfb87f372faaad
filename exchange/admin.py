"""What imports remember, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from exchange.models import ImportedRecord


@admin.register(ImportedRecord)
class ImportedRecordAdmin(admin.ModelAdmin):
    """Entries of data sets as they were last applied; only an import writes them."""

    list_display = ("dataset", "kind", "key", "uid", "version", "applied_at")
    list_filter = ("dataset", "kind")
    search_fields = ("=uid", "^key")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("dataset", "kind", "key")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
