"""The API as a whole: its root, its schema, the page that explains it, and the answer at addresses it does not have."""

from functools import cache
from typing import Any

from django.http import HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.problems import InvalidParameters
from records.api.rendering import JSONRenderer
from records.api.sharing import only
from records.api.views import ApiView

#: What the root names, in the order of the design: the name of a list is also its path.
LISTS = {
    "meetings": "api:meeting-list",
    "statements": "api:statement-list",
    "actors": "api:actor-list",
    "topics": "api:topic-list",
    "places": "api:place-list",
    "series": "api:series-list",
    "sources": "api:source-list",
    "offices": "api:office-list",
    "tenures": "api:tenure-list",
    "formulas": "api:formula-list",
    "changes": "api:changes",
    "schema": "api:schema",
    "docs": "api:docs",
}
_ADDRESS = {"type": "string", "format": "uri"}


class ApiRootView(ApiView):
    """The addresses of all lists, of the schema and of this documentation."""

    @extend_schema(
        operation_id="get_root",
        summary="Where everything is",
        tags=["root"],
        responses={(200, "application/json"): {
            "type": "object", "required": list(LISTS), "properties": dict.fromkeys(LISTS, _ADDRESS),
        }},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response({name: request.build_absolute_uri(reverse(view)) for name, view in LISTS.items()})


#: The parts of the schema by the word that asks for them: a page draws one of them in half the time.
PARTS = {"readers": gettext_lazy("Reading"), "desk": gettext_lazy("Writing, at the desk")}


class OpenApiRenderer(JSONRenderer):
    """JSON by the name of the format. The blanks of an indent would be more than what they set apart."""

    media_type = OpenApiJsonRenderer.media_type


class SchemaView(ApiView):
    """The schema of the API (OpenAPI 3.1), as JSON or YAML; ``part`` leaves out the other one of `PARTS`."""

    parameters = frozenset({"format", "part"})
    renderer_classes = [JSONRenderer, OpenApiRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        part = request.query_params.get("part", "")
        if part and part not in PARTS:
            said = _("Give one of these: %(words)s.") % {"words": ", ".join(PARTS)}
            raise InvalidParameters({"part": [said]}, allowed={"part": list(PARTS)})
        return Response(_part(get_language(), part) if part else _schema(get_language()))


class DocsPage(TemplateView):
    """A part of the schema as a page to read and to try requests on, without anything from elsewhere."""

    template_name = "api/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("part")
        return super().get_context_data(part=asked if asked in PARTS else "readers", parts=PARTS, **kwargs)


class DocsView(ApiView):
    """The page that explains the API; what it refuses, it refuses as the rest of the API does."""

    schema = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "HEAD"):
            return DocsPage.as_view()(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Request) -> Any:
        """Named in ``Allow``; answered above."""
        raise NotImplementedError


class UnknownAddressView(ApiView):
    """Addresses that the API does not have; one that only lacks its last slash is led to it."""

    schema = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.path_info.endswith("/") and _is_address(f"{request.path_info}/"):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{request.path}/?{query}" if query else f"{request.path}/")
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 the framework's names
        raise exceptions.NotFound(_("The API has no such address. Its root lists those it has."))


def _is_address(path: str) -> bool:
    try:
        return resolve(path).func.cls is not UnknownAddressView  # type: ignore[attr-defined]
    except (Resolver404, AttributeError):
        return False


@cache
def _schema(_language: str) -> Any:
    """The schema in the active language. Made once for each, since it takes a second and follows from the code."""
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def _part(language: str, part: str) -> Any:
    """One of the `PARTS` of the schema, with the components that it needs."""
    schema, desk = _schema(language), f"{reverse('api:root')}desk/"
    paths = {path: told for path, told in schema["paths"].items() if path.startswith(desk) == (part == "desk")}
    return only(schema, paths)
