"""The filter set of a list, as a filter backend: the same class that the pages use, with the same words of refusal."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from records.api.choosing import CHOOSING
from records.api.pagination import CURSOR
from records.api.problems import InvalidParameters
from records.api.then import AS_OF

#: Parameters that the API itself reads, beside those of the filter set.
OWN_PARAMETERS = (CURSOR, "format", AS_OF, *CHOOSING)


class FilterSetBackend(BaseFilterBackend):
    """Filters and orders a list by the view's ``filterset_class``; what that refuses is a problem document."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        view.filterset = bind(view, request, OWN_PARAMETERS, queryset)
        return view.filterset.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Every filter as OpenAPI says it: one that may be repeated is an array of its values."""
        return [described(name, one) for name, one in view.filterset_class.base_filters.items()]


def bind(view: Any, request: Request, own: tuple[str, ...], queryset: Any = None) -> Any:
    """The filter set of a view with the query string, which may also have the parameters ``own``.

    Raises `InvalidParameters` for anything that is refused.
    """
    rows = view.get_queryset() if queryset is None else queryset
    filterset = view.filterset_class(request.query_params, rows, request=request, is_unseen=True)
    filterset.view_parameters = tuple(dict.fromkeys((*own, "format")))
    if filterset.is_valid():
        return filterset
    known = [*filterset.filters, *filterset.view_parameters]
    has_unknown = any(name not in known for name in filterset.errors)
    allowed = {
        name: filterset.filters[name].value_schema["enum"]
        for name in filterset.errors
        if name in filterset.filters and "enum" in filterset.filters[name].value_schema
    }
    raise InvalidParameters(filterset.errors, allowed=allowed, parameters=known if has_unknown else ())


def described(name: str, one: Any) -> dict[str, Any]:
    schema = dict(one.value_schema)
    parameter = {"name": name, "in": "query", "required": False, "description": str(one.help_text or one.label)}
    if one.is_single:
        return {**parameter, "schema": schema}
    return {**parameter, "schema": {"type": "array", "items": schema}, "style": "form", "explode": True}
