"""The base of the API's views: public rows only, one lookup, errors as problem documents, nothing taken in silence."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from records.api.filtering import FilterSetBackend
from records.api.pagination import KeysetPagination
from records.api.problems import Withdrawn, unknown_parameters
from records.api.serializers import api_address
from records.lookup import Gone, Moved, Unknown, find


class _NamesItsMethods(APIView):
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 the framework's names
        """Name the methods in ``Allow``; all else is in the schema."""
        return Response(status=status.HTTP_204_NO_CONTENT)


class ApiView(_NamesItsMethods):
    """A view that takes the parameters it names and refuses all others."""

    parameters: frozenset[str] = frozenset({"format"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        unknown_parameters(request.query_params, self.parameters)


class RecordViewSet(_NamesItsMethods, ReadOnlyModelViewSet):
    """Lists and single records of one model. Both begin from ``public()``, whatever the querysets say.

    ``queryset`` and ``serializer_class`` are the list's, ``detail_queryset`` and ``detail_serializer_class`` those of
    one record.
    """

    lookup_field = "uid"
    lookup_value_regex = "[^/]+"
    filter_backends = [FilterSetBackend]
    pagination_class = KeysetPagination
    filterset_class: Any
    detail_queryset: Any
    detail_serializer_class: Any
    #: The bound filter set of a list request.
    filterset: Any

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().public()  # type: ignore[attr-defined]

    def get_serializer_class(self) -> Any:
        return self.detail_serializer_class if self.action == "retrieve" else self.serializer_class

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.request is not None:  # None while the schema is made
            context["site"] = self.request.build_absolute_uri("/").removesuffix("/")
        return context

    def retrieve(self, request: Request, uid: str) -> Response:
        """One record; a merged one redirects to its survivor, a withdrawn one says why it is gone."""
        unknown_parameters(request.query_params, ApiView.parameters)
        try:
            record = find(uid, among=self.detail_queryset.all())
        except Moved as moved:
            return self._redirect(moved.record)
        except Gone as gone:
            raise Withdrawn(gone.uid, gone.reason) from None
        except Unknown:
            raise exceptions.NotFound(_("There is no public record at this address.")) from None
        return Response(self.get_serializer(record).data)

    def _redirect(self, record: Any) -> Response:
        url = api_address(record, self.get_serializer_context()["site"])
        query = self.request.META.get("QUERY_STRING", "")
        return Response(
            {"uid": record.uid, "url": url},
            status=status.HTTP_308_PERMANENT_REDIRECT,
            headers={"Location": f"{url}?{query}" if query else url},
        )
