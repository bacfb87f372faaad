"""How actors, offices and tenures are represented, in full and as other records mention them."""

from actors.models import Actor, ActorIdentifier, ActorName, Membership, Office, Tenure
from records.api.serializers import (
    ADDRESS_FIELDS,
    RECORD_FIELDS,
    ROW_FIELDS,
    ListAddress,
    PageAddress,
    PartialDateSerializer,
    ReadSerializer,
    RecordSerializer,
)


class ActorBriefSerializer(RecordSerializer):
    """An actor as others mention it."""

    class Meta:
        model = Actor
        fields = [*ADDRESS_FIELDS, "kind", "name"]


class ActorNameSerializer(ReadSerializer):
    """A name of an actor in one language and script."""

    span = PartialDateSerializer(help_text="When the name was borne.")

    class Meta:
        model = ActorName
        fields = ["text", "language", "kind", "span", "is_verified"]


class ActorIdentifierSerializer(ReadSerializer):
    """The id of an actor in another scheme."""

    class Meta:
        model = ActorIdentifier
        fields = ["scheme", "value"]


class OfficeBriefSerializer(RecordSerializer):
    """An office as others mention it; its page is that of its body."""

    html_url = PageAddress(source="body")
    body = ActorBriefSerializer()

    class Meta:
        model = Office
        fields = [*ADDRESS_FIELDS, "name", "body", "tier"]


class TenureBriefSerializer(RecordSerializer):
    """An office and the span a person held it, where the person is known from around; its page is the person's."""

    html_url = PageAddress(source="person")
    office = OfficeBriefSerializer()
    span = PartialDateSerializer(help_text="When it was held.")

    class Meta:
        model = Tenure
        fields = [*ADDRESS_FIELDS, "office", "span", "is_acting"]


class HolderSerializer(RecordSerializer):
    """A person and the span an office was held, where the office is known from around; its page is the person's."""

    html_url = PageAddress(source="person")
    person = ActorBriefSerializer()
    span = PartialDateSerializer(help_text="When it was held.")

    class Meta:
        model = Tenure
        fields = [*ADDRESS_FIELDS, "person", "span", "is_acting"]


class PostSerializer(RecordSerializer):
    """An office, where its body is known from around; its page is that of the body."""

    html_url = PageAddress(source="body")

    class Meta:
        model = Office
        fields = [*ADDRESS_FIELDS, "name", "tier"]


class MembershipSerializer(ReadSerializer):
    """An organisation or body that the actor is a member of."""

    organisation = ActorBriefSerializer()
    span = PartialDateSerializer(help_text="When it was a member.")

    class Meta:
        model = Membership
        fields = ["organisation", "role", "span"]


class MemberSerializer(ReadSerializer):
    """A member of the organisation or body."""

    member = ActorBriefSerializer()
    span = PartialDateSerializer(help_text="When it was a member.")

    class Meta:
        model = Membership
        fields = ["member", "role", "span"]


class ActorSerializer(RecordSerializer):
    """An actor in a list."""

    names = ActorNameSerializer(many=True)
    identifiers = ActorIdentifierSerializer(many=True)
    home_state = ActorBriefSerializer(allow_null=True)
    parent = ActorBriefSerializer(allow_null=True)
    successor = ActorBriefSerializer(allow_null=True)
    born = PartialDateSerializer(help_text="When it was born or founded.")
    died = PartialDateSerializer(help_text="When it died or was dissolved.")

    class Meta:
        model = Actor
        fields = [
            *ADDRESS_FIELDS,
            "kind",
            "name",
            "names",
            "identifiers",
            "home_state",
            "parent",
            "successor",
            "born",
            "died",
            "description",
            *RECORD_FIELDS,
        ]


class OfficeSerializer(RecordSerializer):
    """An office in a list; its page is that of its body."""

    html_url = PageAddress(source="body")
    body = ActorBriefSerializer()

    class Meta:
        model = Office
        fields = [*ADDRESS_FIELDS, "name", "aliases", "body", "tier", *ROW_FIELDS]


class OfficeDetailSerializer(OfficeSerializer):
    """An office on its own, with who held it."""

    tenures = HolderSerializer(many=True)
    rows = {"tenures": lambda: Tenure.objects.public().latest_first()}

    class Meta(OfficeSerializer.Meta):
        fields = [*ADDRESS_FIELDS, "name", "aliases", "body", "tier", "tenures", *ROW_FIELDS]


class TenureSerializer(RecordSerializer):
    """A tenure in a list; its page is that of the person."""

    html_url = PageAddress(source="person")
    person = ActorBriefSerializer()
    office = OfficeBriefSerializer()
    span = PartialDateSerializer(help_text="When it was held.")
    observed = PartialDateSerializer(help_text="First and last day on which sources show it held.")

    class Meta:
        model = Tenure
        fields = [*ADDRESS_FIELDS, "person", "office", "span", "observed", "is_acting", "note", *ROW_FIELDS]


class ActorDetailSerializer(ActorSerializer):
    """An actor on its own: what it is part of, its offices and members, and where to find its meetings.

    `offices` are the posts of a body; `tenures` are what a person held.
    """

    predecessors = ActorBriefSerializer(many=True)
    parts = ActorBriefSerializer(many=True)
    tenures = TenureBriefSerializer(many=True)
    offices = PostSerializer(many=True)
    memberships = MembershipSerializer(many=True)
    members = MemberSerializer(many=True)
    meetings_url = ListAddress("api:meeting-list", "actor")
    statements_url = ListAddress("api:statement-list", "speaker")
    rows = {
        "tenures": lambda: Tenure.objects.public().latest_first(),
        "members": lambda: Membership.objects.public().order_by("member__name", "id"),
    }

    class Meta(ActorSerializer.Meta):
        fields = [
            *ADDRESS_FIELDS,
            "kind",
            "name",
            "names",
            "identifiers",
            "home_state",
            "parent",
            "parts",
            "predecessors",
            "successor",
            "born",
            "died",
            "description",
            "tenures",
            "offices",
            "memberships",
            "members",
            "meetings_url",
            "statements_url",
            *RECORD_FIELDS,
        ]
