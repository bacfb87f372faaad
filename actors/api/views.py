"""Offices in the API. Actors and tenures are views of `events.api`, because their sources are."""

from actors.api.loading import listed_offices, whole_offices
from actors.api.serializers import OfficeDetailSerializer, OfficeSerializer
from actors.filters import OfficeFilterSet
from records.api.views import RecordViewSet


class OfficeViewSet(RecordViewSet):
    """Posts of bodies: "Secretary" of the Security Council of the Russian Federation."""

    queryset = listed_offices()
    serializer_class = OfficeSerializer
    filterset_class = OfficeFilterSet
    detail_queryset = whole_offices()
    detail_serializer_class = OfficeDetailSerializer
