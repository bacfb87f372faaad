"""Files of a list in the API: the same as on the pages, with problem documents for what is refused."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from exchange.exports.answers import answer, site_of
from exchange.exports.kinds import KINDS, Kind
from exchange.exports.services import BYTE_ORDER_MARK, FORMAT, OF, OWN_PARAMETERS, Export, formats_of
from records.api.filtering import described
from records.api.problems import InvalidParameters
from records.api.then import refuse_past
from records.api.views import _WellMannered


class AnyFormat(BaseContentNegotiation):
    """The form of a file follows from ``format`` alone; problems are JSON."""

    def select_parser(self, _request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, _request: Any, renderers: Any, _format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportApiView(_WellMannered):
    """Everything that the filter finds, as a file that is written while it is read, from one moment of the database.

    `format=about` describes such a file: its filter, when it was read, its licence, how to cite it, and its columns.
    """

    content_negotiation_class = AnyFormat
    kind: Kind
    parameters = OWN_PARAMETERS

    def get(self, request: Request) -> Any:
        refuse_past(request)
        export = Export(self.kind, request.query_params, site=site_of(request))
        if problems := export.problems:
            raise _refusal(export, problems)
        return answer(request, export, about_path=request.path)

    def head(self, request: Request) -> Any:
        return self.get(request)


def _refusal(export: Export, problems: dict[str, list[str]]) -> exceptions.APIException:
    filters = export.filters.filters
    known = [*filters, *OWN_PARAMETERS]
    allowed = {
        name: filters[name].value_schema["enum"]
        for name in problems
        if name in filters and "enum" in filters[name].value_schema
    }
    own = {FORMAT: list(formats_of(export.kind)), BYTE_ORDER_MARK: ["true", "false"], OF: list(export.of_allowed)}
    allowed |= {name: own[name] for name in problems if name in own}
    has_unknown = any(name not in known for name in problems)
    return InvalidParameters(problems, allowed=allowed, parameters=known if has_unknown else ())


def _own(kind: Kind) -> list[OpenApiParameter]:
    form = OpenApiParameter(
        FORMAT, str, required=True, enum=list(formats_of(kind)), description=str(gettext_lazy("The form of the file."))
    )
    mark = OpenApiParameter(
        BYTE_ORDER_MARK,
        bool,
        description=str(
            gettext_lazy("With CSV: begin with a byte order mark, by which Excel knows UTF-8. Not if not given.")
        ),
    )
    of = OpenApiParameter(
        OF,
        str,
        enum=["records", "sources"] if kind.cited_by else ["records"],
        description=str(
            gettext_lazy("With bibtex, ris and csl: references of the records, or of the sources they rest on.")
        ),
    )
    return [form, mark, of]


def _filters(kind: Kind) -> list[OpenApiParameter]:
    found = []
    for name, one in kind.filterset.base_filters.items():
        said = described(name, one)
        found.append(
            OpenApiParameter(
                name,
                said["schema"],
                description=said["description"],
                explode=said.get("explode"),
                style=said.get("style"),
            )
        )
    return found


def _view(kind: Kind) -> Any:
    made: Any = type(
        f"{kind.model.__name__}ExportApiView", (ExportApiView,), {"kind": kind, "__doc__": ExportApiView.__doc__}
    )
    records = str(kind.model._meta.verbose_name_plural)
    media = {one.media_type.partition(";")[0] for one in formats_of(kind).values()}
    binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    in_schema = extend_schema(
        operation_id=f"export_{kind.plural}",
        summary=_("Export %(records)s") % {"records": records},
        tags=[kind.plural],
        parameters=[*_own(kind), *_filters(kind)],
        responses={
            (200, one): OpenApiTypes.BINARY
            if one == binary
            else OpenApiTypes.ANY
            if one.endswith("json")
            else OpenApiTypes.STR
            for one in sorted(media)
        },
    )

    def get(self: ExportApiView, request: Request) -> Any:
        return ExportApiView.get(self, request)

    # A method of its own: what the schema says of it would else be said of all kinds.
    made.get = in_schema(get)
    made.schema = ExportApiView.schema
    return made


EXPORTS = {kind.plural: _view(kind) for kind in KINDS.values()}
