"""The filter vocabulary of actors, offices and tenures."""

from django.utils.translation import gettext_lazy as _

from actors.models import Actor, ActorKind, Office, Tenure, Tier
from actors.search import ACTORS, OFFICES, TENURES
from records.filters import (
    UPDATE_ORDERS,
    CountryFilter,
    DatedFilterSet,
    LanguageFilter,
    OrderFilter,
    RecordFilterSet,
    SearchFilter,
    UidFilter,
    WordFilter,
    YesNoFilter,
    name_orders,
    time_orders,
)

#: What can be a home: the kinds of the parameter ``state`` everywhere.
HOME_KINDS = (ActorKind.STATE, ActorKind.ORGANISATION)


class ActorFilterSet(RecordFilterSet):
    """Actors: persons, states, organisations and bodies."""

    q = SearchFilter(
        ACTORS,
        help_text=_(
            "Words of the name in any script or transliteration (typing mistakes in longer words are forgiven), of the "
            "description and of offices held, or an identifier as Q15031. “Exact phrases”, -without, this or that."
        ),
    )
    kind = WordFilter(ActorKind, label=_("Kind"), help_text=_("What sort of actor it is."))
    state = UidFilter(
        Actor,
        "belonging_to",
        kinds=HOME_KINDS,
        label=_("State or organisation"),
        help_text=_("Actors that belong to this state or international organisation, and itself."),
    )
    organisation = UidFilter(
        Actor,
        "members_of",
        has_many=True,
        label=_("Member of"),
        help_text=_("Actors that are or were members of this organisation, at any time."),
    )
    body = UidFilter(Actor, field_name="parent", label=_("Part of"), help_text=_("Actors that are a part of this one."))
    tier = WordFilter(
        Tier,
        "in_tiers",
        has_many=True,
        label=_("Protocol tier"),
        help_text=_("Persons who hold or held an office of this rank, 1 (head of state) to 6 (official)."),
    )
    language = LanguageFilter(
        "named_in",
        has_many=True,
        label=_("Language of a name"),
        help_text=_("Actors with a name in this language; zh stands for zh-Hant as well (BCP 47)."),
    )
    has_meeting = YesNoFilter(
        "with_meeting",
        label=_("Has meetings"),
        help_text=_("yes (true): actors that took part in a meeting. no (false): those that took part in none."),
    )
    country = CountryFilter(
        "of_country",
        label=_("Country"),
        help_text=_("The state with this ISO 3166-1 code and all who belong to it, as RU."),
    )
    order = OrderFilter(name_orders() | UPDATE_ORDERS, default="name")

    class Meta:
        model = Actor
        fields: list[str] = []


class OfficeFilterSet(RecordFilterSet):
    """Offices: posts of bodies, states and organisations."""

    q = SearchFilter(
        OFFICES, help_text=_("Words of the name of the office in any wording, or of the names of its body.")
    )
    body = UidFilter(Actor, "of_bodies", label=_("Body"), help_text=_("Posts of this body, state or organisation."))
    state = UidFilter(
        Actor,
        "of_states",
        kinds=HOME_KINDS,
        label=_("State or organisation"),
        help_text=_("Posts of this state or organisation and of the bodies that belong to it."),
    )
    tier = WordFilter(
        Tier, label=_("Protocol tier"), help_text=_("Rank in protocol, 1 (head of state) to 6 (official).")
    )
    order = OrderFilter(name_orders() | UPDATE_ORDERS, default="name")

    class Meta:
        model = Office
        fields: list[str] = []


class TenureFilterSet(DatedFilterSet):
    """Tenures: who held which office when. The window is laid over the span in which the office was held."""

    date_field = "span"

    q = SearchFilter(TENURES, help_text=_("Words of the names of the person, of the office or of its body."))
    actor = UidFilter(Actor, field_name="person", label=_("Person"), help_text=_("Offices that this person held."))
    office = UidFilter(Office, label=_("Office"), help_text=_("Those who held this office."))
    body = UidFilter(Actor, "of_bodies", label=_("Body"), help_text=_("Posts of this body, state or organisation."))
    state = UidFilter(
        Actor,
        "of_states",
        kinds=HOME_KINDS,
        label=_("State or organisation"),
        help_text=_("Posts of this state or organisation and of the bodies that belong to it."),
    )
    tier = WordFilter(
        Tier,
        field_name="office__tier",
        label=_("Protocol tier"),
        help_text=_("Rank of the office in protocol, 1 to 6."),
    )
    order = OrderFilter(time_orders("span") | UPDATE_ORDERS, default="-date")

    class Meta:
        model = Tenure
        fields: list[str] = []
