"""Meetings, statements and what belongs to them in the API; actors, offices and tenures, too.

What they are counted by, and their sources, are here.
"""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from actors.api.serializers import ActorSerializer, OfficeDetailSerializer, OfficeSerializer, TenureSerializer
from actors.filters import ActorFilterSet, OfficeFilterSet, TenureFilterSet
from actors.models import Actor, Office, Tenure
from events.api import examples, serializers
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from events.views.facets import FACETS, facets_of
from records.api.faceting import CountedViewSet


class EventViewSet(CountedViewSet):
    """A kind of record whose facets are those of the pages."""

    @classmethod
    def facets_of(cls, filters: Any) -> Any:
        return facets_of(filters, cls.model())

    @classmethod
    def facet_names(cls) -> tuple[str, ...]:
        return FACETS[cls.model()][1] if cls.model() in FACETS else ()


@extend_schema_view(
    list=extend_schema(examples=[examples.MEETING]), retrieve=extend_schema(examples=[examples.MEETING_DETAIL])
)
class MeetingViewSet(EventViewSet):
    """Encounters between actors at a time: talks, summits, calls, sessions of a series, visits."""

    queryset = Meeting.objects.all()
    serializer_class = serializers.MeetingSerializer
    filterset_class = MeetingFilterSet
    detail_serializer_class = serializers.MeetingDetailSerializer


@extend_schema_view(
    list=extend_schema(examples=[examples.STATEMENT]), retrieve=extend_schema(examples=[examples.STATEMENT_DETAIL])
)
class StatementViewSet(EventViewSet):
    """Words with an author: readouts, joint statements, remarks, posts, interviews, comments."""

    queryset = Statement.objects.all()
    serializer_class = serializers.StatementSerializer
    filterset_class = StatementFilterSet
    detail_serializer_class = serializers.StatementDetailSerializer


class ActorViewSet(EventViewSet):
    """Whoever can meet or speak: persons, states, organisations, and bodies such as ministries."""

    queryset = Actor.objects.all()
    serializer_class = ActorSerializer
    filterset_class = ActorFilterSet
    detail_serializer_class = serializers.CitedActorSerializer


class OfficeViewSet(EventViewSet):
    """Posts of bodies: "Secretary" of the Security Council of the Russian Federation."""

    queryset = Office.objects.all()
    serializer_class = OfficeSerializer
    filterset_class = OfficeFilterSet
    detail_serializer_class = OfficeDetailSerializer


class TenureViewSet(EventViewSet):
    """Who held which office when."""

    queryset = Tenure.objects.all()
    serializer_class = TenureSerializer
    filterset_class = TenureFilterSet
    detail_serializer_class = serializers.CitedTenureSerializer


class TopicViewSet(EventViewSet):
    """Subjects of meetings and statements, in a hierarchy."""

    queryset = Topic.objects.all()
    serializer_class = serializers.TopicSerializer
    filterset_class = TopicFilterSet
    detail_serializer_class = serializers.TopicDetailSerializer


class PlaceViewSet(EventViewSet):
    """Countries, regions, cities and venues."""

    queryset = Place.objects.all()
    serializer_class = serializers.PlaceSerializer
    filterset_class = PlaceFilterSet
    detail_serializer_class = serializers.PlaceDetailSerializer


class SeriesViewSet(EventViewSet):
    """Regular formats whose meetings are numbered or follow each other."""

    queryset = Series.objects.all()
    serializer_class = serializers.SeriesSerializer
    filterset_class = SeriesFilterSet
    detail_serializer_class = serializers.SeriesSerializer


class SourceViewSet(EventViewSet):
    """Documents that records cite."""

    queryset = Source.objects.all()
    serializer_class = serializers.SourceSerializer
    filterset_class = SourceFilterSet
    detail_serializer_class = serializers.SourceDetailSerializer


class FormulaViewSet(EventViewSet):
    """Recurring set phrases, their wordings by language, and who used them."""

    queryset = Formula.objects.all()
    serializer_class = serializers.FormulaSerializer
    filterset_class = FormulaFilterSet
    detail_serializer_class = serializers.FormulaDetailSerializer
