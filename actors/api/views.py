"""Offices in the API. Actors and tenures are views of `events.api`, because their sources are."""

from actors.api.serializers import OfficeDetailSerializer, OfficeSerializer
from actors.filters import OfficeFilterSet
from actors.models import Office
from records.api.views import RecordViewSet


class OfficeViewSet(RecordViewSet):
    """Posts of bodies: "Secretary" of the Security Council of the Russian Federation."""

    queryset = Office.objects.all()
    serializer_class = OfficeSerializer
    filterset_class = OfficeFilterSet
    detail_serializer_class = OfficeDetailSerializer
