"""How meetings, statements, topics, places, series, sources and formulas are represented, in full and in brief.

Actors and tenures on their own are here too, because their citations are.
"""

from typing import Any

from rest_framework import serializers

from actors.api.serializers import (
    ActorBriefSerializer,
    ActorDetailSerializer,
    TenureBriefSerializer,
    TenureSerializer,
)
from events.models import (
    Citation,
    Formula,
    FormulaUse,
    FormulaVariant,
    Meeting,
    Participation,
    Place,
    PlaceName,
    Series,
    Source,
    Statement,
    StatementLink,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
)
from events.models.statements import label_of
from events.reading import citations as cited
from records.api.serializers import (
    ADDRESS_FIELDS,
    RECORD_FIELDS,
    LinkedRecordsField,
    ListAddress,
    PartialDateSerializer,
    ReadSerializer,
    RecordSerializer,
    TallyField,
)

_LABEL = {"label": (("title", "gist", "text"), label_of)}


def _links_here() -> Any:
    return StatementLink.objects.public().order_by("id")


# Records in brief, as others mention them.


class MeetingBriefSerializer(RecordSerializer):
    """A meeting as others mention it."""

    date = PartialDateSerializer(help_text="The day at the place of the meeting.")

    class Meta:
        model = Meeting
        fields = [*ADDRESS_FIELDS, "title", "date"]


class StatementBriefSerializer(RecordSerializer):
    """A statement as others mention it."""

    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Its title, or the beginning of its gist or text."
    )
    date = PartialDateSerializer(help_text="The day it was said or issued.")
    columns = _LABEL

    class Meta:
        model = Statement
        fields = [*ADDRESS_FIELDS, "kind", "label", "date"]


class TopicBriefSerializer(RecordSerializer):
    """A topic as others mention it."""

    class Meta:
        model = Topic
        fields = [*ADDRESS_FIELDS, "name"]


class PlaceBriefSerializer(RecordSerializer):
    """A place as others mention it."""

    latitude = serializers.FloatField(allow_null=True, help_text="Degrees north, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees east, WGS 84.")

    class Meta:
        model = Place
        fields = [*ADDRESS_FIELDS, "name", "kind", "country", "latitude", "longitude"]


class SeriesBriefSerializer(RecordSerializer):
    """A series as others mention it."""

    class Meta:
        model = Series
        fields = [*ADDRESS_FIELDS, "name"]


class FormulaBriefSerializer(RecordSerializer):
    """A formula as others mention it."""

    class Meta:
        model = Formula
        fields = [*ADDRESS_FIELDS, "name"]


class SourceBriefSerializer(RecordSerializer):
    """A source as others mention it. `document_url` is where the document is, `url` this record."""

    document_url = serializers.CharField(source="url", help_text="Where the document is; empty when not online.")
    archived_url = serializers.CharField(help_text="Where an archived copy is; empty when there is none.")
    published = PartialDateSerializer(help_text="When it was published.")

    class Meta:
        model = Source
        fields = [
            *ADDRESS_FIELDS,
            "title",
            "kind",
            "publisher",
            "published",
            "language",
            "document_url",
            "archived_url",
        ]


# Parts of records.


class CitationSerializer(ReadSerializer):
    """One source supporting, contradicting or mentioning one fact: `field`, or the whole record when that is empty."""

    source = SourceBriefSerializer()  # type: ignore[assignment]

    class Meta:
        model = Citation
        fields = ["source", "field", "verdict", "value_given", "locator", "quote", "confidence", "note"]


class ParticipationSerializer(ReadSerializer):
    """One actor in one meeting. While the actor is unresolved it is null, and `name_as_given` says who it was."""

    actor = ActorBriefSerializer(allow_null=True)
    on_behalf_of = ActorBriefSerializer(allow_null=True)
    tenures = TenureBriefSerializer(many=True)

    class Meta:
        model = Participation
        fields = [
            "actor",
            "name_as_given",
            "role",
            "side",
            "on_behalf_of",
            "tenures",
            "capacity",
            "head_count",
            "attendance",
            "note",
        ]


class CitedParticipationSerializer(ParticipationSerializer):
    """One actor in one meeting, with the sources for it."""

    citations = CitationSerializer(many=True)
    rows = {"citations": cited}

    class Meta(ParticipationSerializer.Meta):
        fields = [*ParticipationSerializer.Meta.fields, "citations"]


class SpeakerSerializer(ReadSerializer):
    """An author of a statement, in the office it then held."""

    actor = ActorBriefSerializer(allow_null=True)
    tenure = TenureBriefSerializer(allow_null=True)

    class Meta:
        model = StatementSpeaker
        fields = ["actor", "name_as_given", "tenure", "role"]


class MentionSerializer(ReadSerializer):
    """An actor that a statement addresses, or speaks of without its taking part."""

    actor = ActorBriefSerializer()

    class Meta:
        model = StatementMention
        fields = ["actor", "relation"]


class TopicStanceSerializer(ReadSerializer):
    """A topic of a statement, and the stance taken on it; an empty stance where the topic was only raised."""

    topic = TopicBriefSerializer()

    class Meta:
        model = StatementTopic
        fields = ["topic", "stance"]


class LinkSerializer(ReadSerializer):
    """A link from the statement to another statement or to a meeting; the other of the two is null."""

    to_statement = StatementBriefSerializer(allow_null=True)
    to_meeting = MeetingBriefSerializer(allow_null=True)

    class Meta:
        model = StatementLink
        fields = ["relation", "to_statement", "to_meeting"]


class LinkHereSerializer(ReadSerializer):
    """A link to the record from a statement."""

    statement = StatementBriefSerializer()

    class Meta:
        model = StatementLink
        fields = ["statement", "relation"]


class FormulaOfStatementSerializer(ReadSerializer):
    """A formula that a statement uses, and how it was worded if not as usual."""

    formula = FormulaBriefSerializer()

    class Meta:
        model = FormulaUse
        fields = ["formula", "wording"]


class FormulaUseSerializer(ReadSerializer):
    """A statement that uses the formula, and how it was worded if not as usual."""

    statement = StatementBriefSerializer()

    class Meta:
        model = FormulaUse
        fields = ["statement", "wording"]


class FormulaVariantSerializer(ReadSerializer):
    """A wording of the formula in one language."""

    class Meta:
        model = FormulaVariant
        fields = ["language", "text", "is_canonical", "is_verified", "note"]


class TopicLabelSerializer(ReadSerializer):
    """A label of the topic in one language."""

    class Meta:
        model = TopicLabel
        fields = ["language", "kind", "text", "is_verified"]


class PlaceNameSerializer(ReadSerializer):
    """A name of the place in one language."""

    class Meta:
        model = PlaceName
        fields = ["language", "text"]


# Records.


class MeetingSerializer(RecordSerializer):
    """A meeting in a list."""

    date = PartialDateSerializer(help_text="The day at the place of the meeting, as precisely as sources say.")
    place = PlaceBriefSerializer(allow_null=True)
    part_of = MeetingBriefSerializer(allow_null=True)
    series = SeriesBriefSerializer(allow_null=True)
    participations = ParticipationSerializer(many=True)
    topics = LinkedRecordsField(source="topic_links", end="topic", child=TopicBriefSerializer())
    statement_count = TallyField(
        Statement.objects.public, by="meeting", help_text="Statements made in it or giving an account of it."
    )

    class Meta:
        model = Meeting
        fields = [
            *ADDRESS_FIELDS,
            "title",
            "date",
            "date_basis",
            "mode",
            "kind",
            "place",
            "part_of",
            "series",
            "round",
            "status",
            "openness",
            "relevance",
            "participations",
            "topics",
            "summary",
            "statement_count",
            *RECORD_FIELDS,
        ]


class MeetingDetailSerializer(MeetingSerializer):
    """A meeting on its own: with its parts, its statements, the statements that speak of it, and its sources."""

    participations = CitedParticipationSerializer(many=True)
    parts = MeetingBriefSerializer(many=True)
    statements = StatementBriefSerializer(many=True)
    links_here = LinkHereSerializer(many=True)
    citations = CitationSerializer(many=True)
    rows = {
        "parts": lambda: Meeting.objects.public().in_time_order(),
        "links_here": _links_here,
        "citations": cited,
    }

    class Meta(MeetingSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "title",
            "date",
            "date_basis",
            "date_note",
            "mode",
            "kind",
            "place",
            "part_of",
            "parts",
            "series",
            "round",
            "status",
            "openness",
            "relevance",
            "participations",
            "topics",
            "summary",
            "notes",
            "statement_count",
            "statements",
            "links_here",
            "citations",
            *RECORD_FIELDS,
        ]


class StatementSerializer(RecordSerializer):
    """A statement in a list, without its texts."""

    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Its title, or the beginning of its gist or text."
    )
    date = PartialDateSerializer(help_text="The day it was said or issued, as precisely as sources say.")
    meeting = MeetingBriefSerializer(allow_null=True)
    channel = ActorBriefSerializer(allow_null=True)
    speakers = SpeakerSerializer(many=True)
    topics = TopicStanceSerializer(source="topic_links", many=True)
    columns = _LABEL

    class Meta:
        model = Statement
        fields = [
            *ADDRESS_FIELDS,
            "kind",
            "title",
            "label",
            "date",
            "meeting",
            "speakers",
            "basis",
            "channel",
            "channel_note",
            "language",
            "gist",
            "topics",
            *RECORD_FIELDS,
        ]


class StatementDetailSerializer(StatementSerializer):
    """A statement on its own: with its texts, whom it addresses and mentions, links both ways, formulas and sources."""

    mentions = MentionSerializer(many=True)
    links = LinkSerializer(many=True)
    links_here = LinkHereSerializer(many=True)
    formulas = FormulaOfStatementSerializer(source="formula_uses", many=True)
    citations = CitationSerializer(many=True)
    rows = {"links_here": _links_here, "citations": cited}

    class Meta(StatementSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "kind",
            "title",
            "label",
            "date",
            "meeting",
            "speakers",
            "mentions",
            "basis",
            "channel",
            "channel_note",
            "language",
            "text",
            "translation",
            "translation_language",
            "translator",
            "gist",
            "note",
            "topics",
            "links",
            "links_here",
            "formulas",
            "citations",
            *RECORD_FIELDS,
        ]


class TopicSerializer(RecordSerializer):
    """A topic in a list."""

    labels = TopicLabelSerializer(many=True)
    parent = TopicBriefSerializer(allow_null=True)

    class Meta:
        model = Topic
        fields = [*ADDRESS_FIELDS, "name", "labels", "parent", "scope_note", *RECORD_FIELDS]


class TopicDetailSerializer(TopicSerializer):
    """A topic on its own: with the topics right below it, and where to find its meetings and statements."""

    children = TopicBriefSerializer(many=True)
    formulas = FormulaBriefSerializer(many=True)
    meetings_url = ListAddress("api:meeting-list", "topic")
    statements_url = ListAddress("api:statement-list", "topic")

    class Meta(TopicSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "name",
            "labels",
            "parent",
            "children",
            "scope_note",
            "formulas",
            "meetings_url",
            "statements_url",
            *RECORD_FIELDS,
        ]


class PlaceSerializer(PlaceBriefSerializer):
    """A place in a list."""

    names = PlaceNameSerializer(many=True)
    parent = PlaceBriefSerializer(allow_null=True)

    class Meta(PlaceBriefSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "name",
            "names",
            "kind",
            "country",
            "parent",
            "latitude",
            "longitude",
            *RECORD_FIELDS,
        ]


class PlaceDetailSerializer(PlaceSerializer):
    """A place on its own: with the places right inside it, and where to find its meetings."""

    children = PlaceBriefSerializer(many=True)
    meetings_url = ListAddress("api:meeting-list", "place")

    class Meta(PlaceSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "name",
            "names",
            "kind",
            "country",
            "parent",
            "children",
            "latitude",
            "longitude",
            "meetings_url",
            *RECORD_FIELDS,
        ]


class SeriesSerializer(RecordSerializer):
    """A series, and where to find its meetings."""

    meetings_url = ListAddress("api:meeting-list", "series")

    class Meta:
        model = Series
        fields = [*ADDRESS_FIELDS, "name", "description", "meetings_url", *RECORD_FIELDS]


class SourceSerializer(SourceBriefSerializer):
    """A source in a list, without its text."""

    publisher_actor = ActorBriefSerializer(allow_null=True)

    class Meta(SourceBriefSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "title",
            "kind",
            "publisher",
            "publisher_actor",
            "published",
            "accessed_on",
            "language",
            "document_url",
            "archived_url",
            "note",
            *RECORD_FIELDS,
        ]


class SourceDetailSerializer(SourceSerializer):
    """A source on its own: with its text where we may hold it, and where to find the records that cite it."""

    meetings_url = ListAddress("api:meeting-list", "source")
    statements_url = ListAddress("api:statement-list", "source")

    class Meta(SourceSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "title",
            "kind",
            "publisher",
            "publisher_actor",
            "published",
            "accessed_on",
            "language",
            "document_url",
            "archived_url",
            "text",
            "licence",
            "note",
            "meetings_url",
            "statements_url",
            *RECORD_FIELDS,
        ]


class FormulaSerializer(RecordSerializer):
    """A formula in a list."""

    variants = FormulaVariantSerializer(many=True)
    topic = TopicBriefSerializer(allow_null=True)
    first_seen = PartialDateSerializer(help_text="Earliest use among the sources read.")
    first_meeting = MeetingBriefSerializer(allow_null=True)
    first_users = LinkedRecordsField(end="actor", child=ActorBriefSerializer())

    class Meta:
        model = Formula
        fields = [
            *ADDRESS_FIELDS,
            "name",
            "variants",
            "topic",
            "first_seen",
            "first_meeting",
            "first_users",
            "note",
            *RECORD_FIELDS,
        ]


class FormulaDetailSerializer(FormulaSerializer):
    """A formula on its own: with the statements that use it and its sources."""

    uses = FormulaUseSerializer(many=True)
    citations = CitationSerializer(many=True)
    rows = {
        "uses": lambda: FormulaUse.objects.public().order_by("statement__date_sort", "id"),
        "citations": cited,
    }

    class Meta(FormulaSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "name",
            "variants",
            "topic",
            "first_seen",
            "first_meeting",
            "first_users",
            "note",
            "uses",
            "citations",
            *RECORD_FIELDS,
        ]


class CitedActorSerializer(ActorDetailSerializer):
    """An actor on its own, with its sources."""

    citations = CitationSerializer(many=True)
    rows = {**ActorDetailSerializer.rows, "citations": cited}

    class Meta(ActorDetailSerializer.Meta):
        fields = [*ActorDetailSerializer.Meta.fields, "citations"]


class CitedTenureSerializer(TenureSerializer):
    """A tenure on its own, with its sources."""

    citations = CitationSerializer(many=True)
    rows = {"citations": cited}

    class Meta(TenureSerializer.Meta):
        fields = [*TenureSerializer.Meta.fields, "citations"]
