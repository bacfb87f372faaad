"""What the lists of actors, topics, places, series, sources and formulas are counted by; see `events.facets`."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from actors.models import Actor, ActorIdentifier, ActorKind, ActorName, Membership, Office, Tenure, Tier
from events.facets import (
    COUNTRY_LETTERS,
    HOME_KINDS,
    LANGUAGE_LETTERS,
    actor_facts,
    below,
    country_number,
    homes,
    keys_of,
    language_number,
    places_above,
    topic_facts,
    topics_above,
    word_numbers,
)
from events.models import (
    Formula,
    FormulaUse,
    FormulaUser,
    FormulaVariant,
    Meeting,
    MeetingTopic,
    Participation,
    Place,
    PlaceKind,
    Series,
    Source,
    SourceKind,
    StatementSpeaker,
    Topic,
    TopicLabel,
)
from records.facets import (
    Column,
    Dates,
    Facet,
    Facets,
    Index,
    Influence,
    NoDates,
    TextColumn,
    Words,
    code_of,
    letters,
)
from records.history import event_model
from records.querysets import is_public
from records.search import Folded

#: The places of yes and no among the words of a `records.filters.YesNoFilter`.
_YES, _NO = 0, 1


def _yes_or_no(condition: Any) -> Case:
    return Case(When(condition, then=Value(_YES)), default=Value(_NO), output_field=IntegerField())


_yes_or_no_number = {"true": _YES, "false": _NO}.__getitem__


def _languages(rows: Callable[[], Any], owner: str) -> Column:
    return Column("language", lambda: [(rows().exclude(language=""), owner, letters("language", LANGUAGE_LETTERS))])


def _took_part() -> Any:
    return Participation.objects.public(given=("actor",)).present()


def _taking_part(keys: list[int], name: str) -> set[int]:
    """What participations in these meetings have at ``name``, now or before."""
    before = event_model(Participation).objects.filter(meeting_id__in=keys)
    return keys_of(Participation.objects.filter(meeting__in=keys), name) | keys_of(before, name)


def _of_meetings(keys: list[int], name: str) -> set[int]:
    """What these meetings have at ``name``, now or before."""
    before = event_model(Meeting).objects.filter(pgh_obj_id__in=keys)
    return keys_of(Meeting.objects.filter(pk__in=keys), name) | keys_of(before, name)


def _home_codes() -> Any:
    return Actor.objects.filter(is_public("home_state"), home_state__identifiers__scheme="iso3166-1")


ACTORS = Facets(
    Index(
        Actor,
        NoDates(),
        [
            Column("kind", lambda: [(Actor.objects.all(), "pk", code_of("kind", ActorKind.values))]),
            Column(
                "state",
                lambda: [
                    (Actor.objects.filter(kind__in=HOME_KINDS), "pk", "pk"),
                    (Actor.objects.all(), "pk", "home_state"),
                ],
            ),
            Column("organisation", lambda: [(Membership.objects.public(), "member", "organisation")]),
            Column("body", lambda: [(Actor.objects.all(), "pk", "parent")]),
            Column("tier", lambda: [(Tenure.objects.public(), "person", code_of("office__tier", Tier.values))]),
            Column(
                "country",
                lambda: [
                    (
                        ActorIdentifier.objects.public().filter(scheme="iso3166-1"),
                        "actor",
                        letters("value", COUNTRY_LETTERS),
                    ),
                    (_home_codes(), "pk", letters("home_state__identifiers__value", COUNTRY_LETTERS)),
                ],
            ),
            _languages(ActorName.objects.public, "actor"),
            Column(
                "has_meeting",
                lambda: [(Actor.objects.all(), "pk", _yes_or_no(Exists(_took_part().filter(actor=OuterRef("pk")))))],
            ),
        ],
        [
            Influence(
                "actors.actor",
                lambda keys: {
                    *keys,
                    *keys_of(Actor.objects.filter(home_state__in=keys), "pk"),
                    *keys_of(Membership.objects.filter(organisation__in=keys), "member_id"),
                    *keys_of(Tenure.objects.filter(office__body__in=keys), "person_id"),
                    *keys_of(_those_acted_for(keys), "actor_id"),
                },
            ),
            Influence("actors.office", lambda keys: keys_of(Tenure.objects.filter(office__in=keys), "person_id")),
            Influence("events.meeting", lambda keys: _taking_part(keys, "actor_id")),
        ],
    ),
    [
        Facet("kind", "kind", word_numbers(ActorKind)),
        Facet("state", "state"),
        Facet("organisation", "organisation"),
        Facet("body", "body"),
        Facet("tier", "tier", word_numbers(Tier)),
        Facet("country", "country", country_number),
        Facet("language", "language", language_number),
        Facet("has_meeting", "has_meeting", _yes_or_no_number),
    ],
)

OFFICES = Facets(
    Index(
        Office,
        NoDates(),
        [
            Column("body", lambda: [(Office.objects.all(), "pk", "body")]),
            Column(
                "state",
                lambda: [
                    (Office.objects.filter(body__kind__in=HOME_KINDS), "pk", "body"),
                    (Office.objects.all(), "pk", "body__home_state"),
                ],
            ),
            Column("tier", lambda: [(Office.objects.all(), "pk", code_of("tier", Tier.values))]),
        ],
        [Influence("actors.actor", lambda keys: keys_of(_of_bodies(Office.objects.all(), "body", keys), "pk"))],
    ),
    [Facet("body", "body"), Facet("state", "state"), Facet("tier", "tier", word_numbers(Tier))],
)

TENURES = Facets(
    Index(
        Tenure,
        Dates("span"),
        [
            Column("actor", lambda: [(Tenure.objects.all(), "pk", "person")]),
            Column("office", lambda: [(Tenure.objects.all(), "pk", "office")]),
            Column("body", lambda: [(Tenure.objects.all(), "pk", "office__body")]),
            Column(
                "state",
                lambda: [
                    (Tenure.objects.filter(office__body__kind__in=HOME_KINDS), "pk", "office__body"),
                    (Tenure.objects.all(), "pk", "office__body__home_state"),
                ],
            ),
            Column("tier", lambda: [(Tenure.objects.all(), "pk", code_of("office__tier", Tier.values))]),
        ],
        [
            Influence(
                "actors.actor",
                lambda keys: {
                    *keys_of(_of_bodies(Tenure.objects.all(), "office__body", keys), "pk"),
                    *keys_of(Tenure.objects.filter(person__in=keys), "pk"),
                },
            ),
            Influence("actors.office", lambda keys: keys_of(Tenure.objects.filter(office__in=keys), "pk")),
        ],
    ),
    [
        Facet("actor", "actor"),
        Facet("office", "office"),
        Facet("body", "body"),
        Facet("state", "state"),
        Facet("tier", "tier", word_numbers(Tier)),
    ],
)


def _of_bodies(rows: Any, path: str, keys: list[int]) -> Any:
    """Those of these bodies, or of a body that belongs to one of them."""
    return rows.filter(Q(**{f"{path}__in": keys}) | Q(**{f"{path}__home_state__in": keys}))


def _those_acted_for(keys: list[int]) -> Any:
    """The participations that these actors can hide by being acted for."""
    return Participation.objects.filter(on_behalf_of__in=keys)


TOPICS = Facets(
    Index(
        Topic,
        NoDates(),
        [
            Column("topic", lambda: [(Topic.objects.without_tree_fields(), "pk", "pk")], topics_above),
            _languages(TopicLabel.objects.public, "topic"),
        ],
        [Influence("events.topic", lambda keys: below(Topic, keys))],
    ),
    [Facet("topic", "topic"), Facet("language", "language", language_number)],
)

PLACES = Facets(
    Index(
        Place,
        NoDates(),
        [
            Column("place", lambda: [(Place.objects.all(), "pk", "pk")], places_above),
            Column("country", lambda: [(Place.objects.exclude(country=""), "pk", letters("country", COUNTRY_LETTERS))]),
            Column("kind", lambda: [(Place.objects.all(), "pk", code_of("kind", PlaceKind.values))]),
            Column(
                "has_meeting",
                lambda: [
                    (
                        Place.objects.all(),
                        "pk",
                        _yes_or_no(Exists(Meeting.objects.public().order_by().filter(place=OuterRef("pk")))),
                    )
                ],
            ),
        ],
        [
            Influence("events.place", lambda keys: below(Place, keys)),
            Influence("events.meeting", lambda keys: _of_meetings(keys, "place_id")),
        ],
    ),
    [
        Facet("country", "country", country_number),
        Facet("kind", "kind", word_numbers(PlaceKind)),
        Facet("place", "place"),
        Facet("has_meeting", "has_meeting", _yes_or_no_number),
    ],
)

SERIES = Facets(
    Index(
        Series,
        NoDates(),
        [
            Column(
                "state",
                lambda: [
                    *homes(Participation.objects.public().present(), "meeting__series"),
                    (
                        Participation.objects.public().present().filter(on_behalf_of__kind__in=HOME_KINDS),
                        "meeting__series",
                        "on_behalf_of",
                    ),
                ],
            ),
            Column("topic", lambda: [(MeetingTopic.objects.public(), "meeting__series", "topic")], topics_above),
        ],
        [
            Influence("events.meeting", lambda keys: _of_meetings(keys, "series_id")),
            Influence(
                "actors.actor",
                lambda keys: keys_of(
                    Participation.objects.filter(Q(actor__in=keys) | Q(on_behalf_of__in=keys)), "meeting__series_id"
                ),
                actor_facts,
            ),
            Influence(
                "events.topic",
                lambda keys: keys_of(MeetingTopic.objects.filter(topic__in=below(Topic, keys)), "meeting__series_id"),
                topic_facts,
            ),
        ],
    ),
    [Facet("state", "state"), Facet("topic", "topic")],
)

#: Publishers without regard to case and accents.
PUBLISHERS = Words()


def publisher_number(publisher: str) -> int | None:
    """The number of a publisher as printed; none while no public source names it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT readout_fold(%s)", [publisher])
        return PUBLISHERS.known(str(cursor.fetchone()[0]))


SOURCES = Facets(
    Index(
        Source,
        Dates("published"),
        [
            Column("kind", lambda: [(Source.objects.all(), "pk", code_of("kind", SourceKind.values))]),
            TextColumn("publisher", lambda: (Source.objects.all(), "pk", Folded("publisher")), PUBLISHERS),
            Column("channel", lambda: [(Source.objects.all(), "pk", "publisher_actor")]),
            _languages(Source.objects.all, "pk"),
            Column("archived", lambda: [(Source.objects.all(), "pk", _yes_or_no(~Q(archived_url="")))]),
        ],
        [],
    ),
    [
        Facet("kind", "kind", word_numbers(SourceKind)),
        Facet("publisher", "publisher", publisher_number),
        Facet("channel", "channel"),
        Facet("language", "language", language_number),
        Facet("archived", "archived", _yes_or_no_number),
    ],
)

FORMULAS = Facets(
    Index(
        Formula,
        Dates("first_seen"),
        [
            Column("topic", lambda: [(Formula.objects.all(), "pk", "topic")], topics_above),
            _languages(FormulaVariant.objects.public, "formula"),
            Column("actor", lambda: [(FormulaUser.objects.public(given=("actor",)), "formula", "actor")]),
            Column(
                "speaker",
                lambda: [
                    (
                        StatementSpeaker.objects.public(given=("actor",)).filter(statement__formula_uses__isnull=False),
                        "statement__formula_uses__formula",
                        "actor",
                    )
                ],
            ),
        ],
        [
            Influence("events.topic", lambda keys: keys_of(Formula.objects.filter(topic__in=below(Topic, keys)), "pk")),
            Influence(
                "events.statement", lambda keys: keys_of(FormulaUse.objects.filter(statement__in=keys), "formula_id")
            ),
        ],
    ),
    [
        Facet("topic", "topic"),
        Facet("language", "language", language_number),
        Facet("actor", "actor"),
        Facet("speaker", "speaker"),
    ],
)
