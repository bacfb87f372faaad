"""The lists of `records.desk` as a filter of the lists of records."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from records.desk import lists_of


class DeskFilter(admin.SimpleListFilter):
    """Records that wait for whoever looks, or for anybody; what is no list leaves all of them."""

    title = gettext_lazy("on the desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [(name, one.label) for name, one in lists_of(model_admin.model).items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        one = lists_of(queryset.model).get(self.value() or "")
        return queryset if one is None else one.narrow(queryset, request.user)
