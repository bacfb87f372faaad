"""The base of the API's views: public rows only, one lookup, errors as problem documents, nothing taken in silence."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from records.api.choosing import CHOOSING, choose, described
from records.api.filtering import FilterSetBackend
from records.api.manners import Deprecation, add_headers
from records.api.pagination import Counted, KeysetPagination, counted
from records.api.plans import Plan
from records.api.problems import Withdrawn, refuse_long_values, unknown_parameters
from records.api.serializers import api_address
from records.api.then import AS_OF, Remembering
from records.api.then import PARAMETER as AS_OF_PARAMETER
from records.lookup import Gone, Moved, Unknown, find
from records.uids import normalise_uid


class _WellMannered(APIView):
    """What every address does alike: it names its methods and says how long an answer may be kept."""

    #: Said of an address that will go.
    deprecation: Deprecation | None = None
    #: Whether it changes nothing by any method; how often it may be asked follows from that.
    only_reads = False
    #: The version of the one record that is the answer.
    version_told: int | None = None

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 the framework's names
        """Name the methods in ``Allow``; all else is in the schema."""
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_authentication(self, request: Request) -> None:
        """Count the request first: whoever sends wrong tokens is slowed down like all others."""
        try:
            super().perform_authentication(request)
        finally:
            super().check_throttles(request)  # where both refuse, this one counts

    def check_throttles(self, request: Request) -> None:
        """Counted above, before anything is refused."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_long_values(request.query_params)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        add_headers(request, response, deprecation=self.deprecation, version=self.version_told)
        return response


class ApiView(_WellMannered):
    """A view that takes the parameters it names and refuses all others."""

    parameters: frozenset[str] = frozenset({"format"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        unknown_parameters(request.query_params, self.parameters)


class RecordPlan(Plan):
    """A plan for the public records of a view set."""

    def __init__(self, node: Any, public: Callable[[], Any]) -> None:
        super().__init__(node)
        self.by_key = self.keyed(public, "pk")
        self.by_uid = self.keyed(public, "uid", "version", kind="text")


#: The serializer by which an expanded record of each model is told: that of its list.
_TOLD_IN_FULL: dict[Any, Any] = {}


class RecordViewSet(Remembering, _WellMannered, ReadOnlyModelViewSet):
    """Lists and single records of one model. Both begin from ``public()``, whatever the queryset says.

    ``detail_serializer_class`` has all fields of a record; a list tells those of ``serializer_class`` unless others are
    chosen.
    """

    lookup_field = "uid"
    lookup_value_regex = "[^/]+"
    filter_backends = [FilterSetBackend]
    pagination_class = KeysetPagination
    filterset_class: Any
    detail_serializer_class: Any
    #: The bound filter set of a list request.
    filterset: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.queryset is not None:
            _TOLD_IN_FULL[cls.model()] = cls.serializer_class

    @classmethod
    def model(cls) -> Any:
        """The model of its records."""
        rows: Any = cls.queryset
        return rows.model

    def described_parameters(self) -> list[dict[str, Any]]:
        """The parameters of the action that the schema is asked for, without those of the pages."""
        filters = FilterSetBackend().get_schema_operation_parameters(self) if self.action == "list" else []
        return [*filters, *described(), AS_OF_PARAMETER]

    @classmethod
    def told_in_full(cls, keys: Iterable[int], *, site: str) -> dict[int, Any]:
        """The public records among those with these keys, as each is told at its own address."""
        whole = cls.detail_serializer_class
        plan = _plan(cls, whole, whole, tuple((name, ()) for name in CHOOSING))
        using = cls.public().db
        rows = plan.by_key.read(list(keys), using)
        return {row[-1]: one for row, one in zip(rows, plan.write(rows, using, site), strict=True)}

    @classmethod
    def public(cls) -> Any:
        """The records that the world may see."""
        among: Any = cls.queryset
        return among.public()

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().public()  # type: ignore[attr-defined]

    def get_serializer_class(self) -> Any:
        return self.detail_serializer_class if self.action == "retrieve" else self.serializer_class

    @property
    def site(self) -> str:
        """Scheme and host by which the API was asked."""
        return self.request.build_absolute_uri("/").removesuffix("/")

    @cached_property
    def plan(self) -> "RecordPlan":
        """How the records are read and written, by what was chosen. Raises `InvalidParameters`."""
        given = tuple((name, tuple(self.request.query_params.getlist(name))) for name in CHOOSING)
        return _plan(type(self), self.detail_serializer_class, self.get_serializer_class(), given)

    def list(self, request: Request) -> Response:
        """A page of the records that the filters find."""
        plan = self.plan  # refuses before anything is looked up
        rows: Any = self.filter_queryset(self.get_queryset())
        pages: Any = self.paginator
        page = pages.paginate(self.counted(rows), request, self)
        return pages.get_paginated_response(plan.write(page, rows.db, self.site))

    def counted(self, rows: Any) -> Counted:
        """The rows of the list with their number."""
        return counted(rows)

    def retrieve(self, request: Request, uid: str) -> Response:
        """One record; a merged one redirects to its survivor, a withdrawn one says why it is gone."""
        unknown_parameters(request.query_params, {*ApiView.parameters, *CHOOSING, AS_OF})
        plan, using = self.plan, self.queryset.db
        rows = plan.by_uid.read([normalise_uid(uid) or ""], using)
        if not rows or rows[0][-1] != uid:
            return self._explain_absence(uid)
        self.version_told = rows[0][-2]
        (told,) = plan.write(rows, using, self.site)
        return Response(told)

    def _explain_absence(self, uid: str) -> Response:
        try:
            find(uid, among=self.get_queryset())
        except Moved as moved:
            return self._redirect(moved.record)
        except Gone as gone:
            raise Withdrawn(gone.uid, gone.reason) from None
        except Unknown:
            pass
        raise exceptions.NotFound(_("There is no public record at this address."))

    def _redirect(self, record: Any) -> Response:
        url = api_address(record, self.site)
        query = self.request.META.get("QUERY_STRING", "")
        return Response(
            {"uid": record.uid, "url": url},
            status=status.HTTP_308_PERMANENT_REDIRECT,
            headers={"Location": f"{url}?{query}" if query else url},
        )


@lru_cache(maxsize=500)
def _plan(
    asked: type[RecordViewSet], whole: Any, listed: Any, given: tuple[tuple[str, tuple[str, ...]], ...]
) -> RecordPlan:
    return RecordPlan(choose(whole, listed, dict(given), _TOLD_IN_FULL), asked.public)
