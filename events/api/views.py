"""Meetings, statements and what belongs to them in the API; actors and tenures too, because their sources are here."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from actors.api.serializers import ActorSerializer, TenureSerializer
from actors.filters import ActorFilterSet, TenureFilterSet
from actors.models import Tenure
from events.api import examples, loading, serializers
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from records.api.views import RecordViewSet


@extend_schema_view(
    list=extend_schema(examples=[examples.MEETING]), retrieve=extend_schema(examples=[examples.MEETING_DETAIL])
)
class MeetingViewSet(RecordViewSet):
    """Encounters between actors at a time: talks, summits, calls, sessions of a series, visits."""

    queryset = loading.listed_meetings()
    serializer_class = serializers.MeetingSerializer
    filterset_class = MeetingFilterSet
    detail_queryset = loading.whole_meetings()
    detail_serializer_class = serializers.MeetingDetailSerializer


@extend_schema_view(
    list=extend_schema(examples=[examples.STATEMENT]), retrieve=extend_schema(examples=[examples.STATEMENT_DETAIL])
)
class StatementViewSet(RecordViewSet):
    """Words with an author: readouts, joint statements, remarks, posts, interviews, comments."""

    queryset = loading.listed_statements()
    serializer_class = serializers.StatementSerializer
    filterset_class = StatementFilterSet
    detail_queryset = loading.whole_statements()
    detail_serializer_class = serializers.StatementDetailSerializer


class ActorViewSet(RecordViewSet):
    """Whoever can meet or speak: persons, states, organisations, and bodies such as ministries."""

    queryset = loading.listed_actors()
    serializer_class = ActorSerializer
    filterset_class = ActorFilterSet
    detail_queryset = loading.whole_actors()
    detail_serializer_class = serializers.CitedActorSerializer


class TenureViewSet(RecordViewSet):
    """Who held which office when."""

    queryset = Tenure.objects.with_office()
    serializer_class = TenureSerializer
    filterset_class = TenureFilterSet
    detail_queryset = loading.whole_tenures()
    detail_serializer_class = serializers.CitedTenureSerializer


class TopicViewSet(RecordViewSet):
    """Subjects of meetings and statements, in a hierarchy."""

    queryset = loading.listed_topics()
    serializer_class = serializers.TopicSerializer
    filterset_class = TopicFilterSet
    detail_queryset = loading.whole_topics()
    detail_serializer_class = serializers.TopicDetailSerializer


class PlaceViewSet(RecordViewSet):
    """Countries, regions, cities and venues."""

    queryset = loading.listed_places()
    serializer_class = serializers.PlaceSerializer
    filterset_class = PlaceFilterSet
    detail_queryset = loading.whole_places()
    detail_serializer_class = serializers.PlaceDetailSerializer


class SeriesViewSet(RecordViewSet):
    """Regular formats whose meetings are numbered or follow each other."""

    queryset = loading.listed_series()
    serializer_class = serializers.SeriesSerializer
    filterset_class = SeriesFilterSet
    detail_queryset = loading.listed_series()
    detail_serializer_class = serializers.SeriesSerializer


class SourceViewSet(RecordViewSet):
    """Documents that records cite."""

    queryset = loading.listed_sources()
    serializer_class = serializers.SourceSerializer
    filterset_class = SourceFilterSet
    detail_queryset = loading.whole_sources()
    detail_serializer_class = serializers.SourceDetailSerializer


class FormulaViewSet(RecordViewSet):
    """Recurring set phrases, their wordings by language, and who used them."""

    queryset = loading.listed_formulas()
    serializer_class = serializers.FormulaSerializer
    filterset_class = FormulaFilterSet
    detail_queryset = loading.whole_formulas()
    detail_serializer_class = serializers.FormulaDetailSerializer
