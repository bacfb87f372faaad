"""What the lists of meetings and statements are counted by; the filter sets say what each parameter asks.

The columns here and the questions of `events.querysets` say the same in two ways, one for counting and one for finding;
a property-based test compares them with each other and with a plain rule.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, F, Q, When

from actors.filters import HOME_KINDS
from actors.models import Actor, Office, Tenure
from events.accounts import ACCOUNTS, AccountsColumn, cited_for
from events.models import (
    Basis,
    Meeting,
    MeetingKind,
    MeetingStatus,
    MeetingTopic,
    Mode,
    Participation,
    ParticipationRole,
    ParticipationTenure,
    Place,
    SpeakerRole,
    Stance,
    Statement,
    StatementKind,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
    Topic,
)
from records.facets import Column, Dates, Facet, Facets, Index, Influence, Pairing, code_of, letters, number_of
from records.facets.selection import WIDTH
from records.history import event_model
from records.querysets import is_public, public_through

#: The longest primary subtag of a language, and a code of a country.
LANGUAGE_LETTERS, COUNTRY_LETTERS = 3, 2


def word_numbers(choices: Any) -> Any:
    places = {str(value): place for place, value in enumerate(choices.values)}
    return places.__getitem__


def language_number(tag: str) -> int | None:
    """The number of a language by its primary subtag; narrower tags are asked of the database."""
    return number_of(tag, LANGUAGE_LETTERS) if tag.isalpha() and len(tag) <= LANGUAGE_LETTERS else None


def country_number(code: str) -> int:
    return number_of(code, COUNTRY_LETTERS)


# Trees: for which topics and places a topic or place counts.


def _above(model: Any) -> dict[int, tuple[int, ...]]:
    """Each public row with the public ones above it, itself first, up to the first that is not public."""
    parents = dict(model.objects.public().order_by().values_list("pk", "parent_id"))
    above: dict[int, tuple[int, ...]] = {}
    for key in parents:
        line, step = [], key
        while step in parents and step not in line:
            line.append(step)
            step = parents[step]
        above[key] = tuple(line)
    return above


def topics_above() -> Mapping[int, tuple[int, ...]]:
    return _above(Topic)


def places_above() -> Mapping[int, tuple[int, ...]]:
    return _above(Place)


def _stances_above() -> Mapping[int, tuple[int, ...]]:
    return {
        topic * WIDTH + stance: tuple(one * WIDTH + stance for one in above)
        for topic, above in topics_above().items()
        for stance in range(len(Stance.values))
    }


def below(model: Any, keys: list[int]) -> set[int]:
    """The rows with these keys and all below them, public or not."""
    found, step = set(keys), list(keys)
    while step:
        step = list(model.objects.filter(parent__in=step).exclude(pk__in=found).order_by().values_list("pk", flat=True))
        found.update(step)
    return found


# The rows that are counted. Whether the record that owns a row is public is known by the index.


def participations() -> Any:
    return Participation.objects.public(given=("meeting",)).present()


def _speakers(given: tuple[str, ...]) -> Any:
    return StatementSpeaker.objects.public(given=given)


def _capacities() -> Any:
    rows = ParticipationTenure.objects.public(given=("participation__meeting",))
    return rows.exclude(participation__attendance="absent")


def _speakers_in_office() -> Any:
    # The person is the speaker, of whom the speakers' own rule asks.
    is_shown = public_through(Tenure, "tenure", given=("person",))
    return _speakers(("statement",)).filter(is_shown, tenure__isnull=False)


def _stances(given: tuple[str, ...]) -> Any:
    return StatementTopic.objects.public(given=given).exclude(stance="")


# What is counted of some rows alone is a value without the others, not a narrower question: rows asked for in the same
# way are read once, and of three million participations each reading takes many seconds.


def _pair(key: str, word: str, choices: Any) -> Any:
    return F(key) * WIDTH + code_of(word, choices.values)


def _only(condition: Q, value: Any) -> Any:
    return Case(When(condition, then=value))


def homes(rows: Any, owner: str) -> list[Any]:
    """The states and organisations of the actors of rows: themselves, or that to which they belong."""
    own = _only(Q(actor__kind__in=HOME_KINDS), F("actor"))
    return [(rows, owner, own), (rows, owner, "actor__home_state")]


def keys_of(rows: Any, name: str) -> set[int]:
    return {key for key in rows.order_by().values_list(name, flat=True).distinct() if key is not None}


# What of other records matters to the counts.


def facts_of(model: Any, *names: str) -> Any:
    def facts(keys: list[int] | None) -> dict[int, Any]:
        rows = model.objects.all() if keys is None else model.objects.filter(pk__in=keys)
        rows = rows.order_by().values_list("pk", "state", "merged_into_id", *names)
        return {key: (state == "published" and into is None, *rest) for key, state, into, *rest in rows}

    return facts


actor_facts = facts_of(Actor, "kind", "home_state_id")
topic_facts = facts_of(Topic, "parent_id")
place_facts = facts_of(Place, "parent_id", "country")


def tenure_facts(keys: list[int] | None) -> dict[int, Any]:
    """The office of each tenure."""
    rows = Tenure.objects.all() if keys is None else Tenure.objects.filter(pk__in=keys)
    return dict(rows.order_by().values_list("pk", "office_id"))


def office_facts(keys: list[int] | None) -> dict[int, Any]:
    """The body of each office, which hides it."""
    rows = Office.objects.all() if keys is None else Office.objects.filter(pk__in=keys)
    return dict(rows.order_by().values_list("pk", "body_id"))


def _acting(**tenures: Any) -> Any:
    """The offices in which somebody took part, of these tenures."""
    return ParticipationTenure.objects.filter(**tenures)


def _speaking(actors: list[int]) -> Any:
    """The rows of authors that these actors can hide; a hidden body hides the office alone."""
    return StatementSpeaker.objects.filter(actor__in=actors)


MEETING_INDEX = Index(
    Meeting,
    Dates("date"),
    [
        Column("mode", lambda: [(Meeting.objects.all(), "pk", code_of("mode", Mode.values))]),
        Column("kind", lambda: [(Meeting.objects.all(), "pk", code_of("kind", MeetingKind.values))]),
        Column("status", lambda: [(Meeting.objects.all(), "pk", code_of("status", MeetingStatus.values))]),
        Column("series", lambda: [(Meeting.objects.all(), "pk", "series")]),
        Column("place", lambda: [(Meeting.objects.all(), "pk", "place")], places_above),
        Column(
            "country",
            lambda: [
                (
                    Meeting.objects.all(),
                    "pk",
                    _only(is_public("place") & ~Q(place__country=""), letters("place__country", COUNTRY_LETTERS)),
                )
            ],
        ),
        Column("actor", lambda: [(participations(), "meeting", "actor")]),
        Column("role", lambda: [(participations(), "meeting", code_of("role", ParticipationRole.values))]),
        Column("office", lambda: [(_capacities(), "participation__meeting", "tenure__office")]),
        Column(
            "actor_role",
            lambda: [(participations(), "meeting", _pair("actor", "role", ParticipationRole))],
        ),
        Column(
            "state",
            lambda: [
                *homes(participations(), "meeting"),
                (participations(), "meeting", _only(Q(on_behalf_of__kind__in=HOME_KINDS), F("on_behalf_of"))),
            ],
        ),
        Column("topic", lambda: [(MeetingTopic.objects.all(), "meeting", "topic")], topics_above),
        Column(
            "topic_exact",
            lambda: [(MeetingTopic.objects.all(), "meeting", _only(is_public("topic"), F("topic")))],
        ),
        Column("stance", lambda: [(_stances(()), "statement__meeting", code_of("stance", Stance.values))]),
        Column(
            "topic_stance",
            lambda: [(_stances(()), "statement__meeting", _pair("topic", "stance", Stance))],
            _stances_above,
        ),
        Column("topic_exact_stance", lambda: [(_stances(()), "statement__meeting", _pair("topic", "stance", Stance))]),
        Column(
            "language",
            lambda: [
                (Statement.objects.public().exclude(language=""), "meeting", letters("language", LANGUAGE_LETTERS))
            ],
        ),
        Column("channel", lambda: [(Statement.objects.public(), "meeting", "channel")]),
        Column("speaker", lambda: [(_speakers(()), "statement__meeting", "actor")]),
        AccountsColumn("accounts"),
    ],
    [
        Influence("events.source", cited_for),
        Influence(
            "events.statement",
            lambda keys: (
                keys_of(event_model(Statement).objects.filter(pgh_obj_id__in=keys), "meeting_id")
                | keys_of(Statement.objects.filter(pk__in=keys), "meeting_id")
            ),
        ),
        Influence(
            "actors.actor",
            lambda keys: (
                keys_of(Participation.objects.filter(Q(actor__in=keys) | Q(on_behalf_of__in=keys)), "meeting_id")
                | keys_of(_speaking(keys), "statement__meeting_id")
                | keys_of(_acting(tenure__office__body__in=keys), "participation__meeting_id")
                | keys_of(Statement.objects.filter(channel__in=keys), "meeting_id")
            ),
            actor_facts,
        ),
        Influence(
            "actors.tenure", lambda keys: keys_of(_acting(tenure__in=keys), "participation__meeting_id"), tenure_facts
        ),
        Influence(
            "actors.office",
            lambda keys: keys_of(_acting(tenure__office__in=keys), "participation__meeting_id"),
            office_facts,
        ),
        Influence(
            "events.topic",
            lambda keys: (
                keys_of(MeetingTopic.objects.filter(topic__in=below(Topic, keys)), "meeting_id")
                | keys_of(StatementTopic.objects.filter(topic__in=below(Topic, keys)), "statement__meeting_id")
            ),
            topic_facts,
        ),
        Influence(
            "events.place",
            lambda keys: keys_of(Meeting.objects.filter(place__in=below(Place, keys)), "pk"),
            place_facts,
        ),
    ],
)

MEETINGS = Facets(
    MEETING_INDEX,
    [
        Facet("actor", "actor"),
        Facet("state", "state"),
        Facet("topic", "topic"),
        Facet("topic_exact", "topic_exact"),
        Facet("stance", "stance", word_numbers(Stance)),
        Facet("place", "place"),
        Facet("country", "country", country_number),
        Facet("role", "role", word_numbers(ParticipationRole)),
        Facet("office", "office"),
        Facet("mode", "mode", word_numbers(Mode)),
        Facet("kind", "kind", word_numbers(MeetingKind)),
        Facet("status", "status", word_numbers(MeetingStatus)),
        Facet("series", "series"),
        Facet("language", "language", language_number),
        Facet("channel", "channel"),
        Facet("speaker", "speaker"),
        Facet("accounts", "accounts", [word for word, _label in ACCOUNTS].index),
    ],
    pairings=[
        Pairing("actor", "role", "actor_role"),
        Pairing("topic", "stance", "topic_stance"),
        Pairing("topic_exact", "stance", "topic_exact_stance"),
    ],
)


def _of_meetings(value: Any, **conditions: Any) -> Iterable[Any]:
    """A value of the public meetings that statements were made in, as the value of the statements."""
    return [(Statement.objects.filter(is_public("meeting"), **conditions), "pk", value)]


STATEMENT_INDEX = Index(
    Statement,
    Dates("date"),
    [
        Column("kind", lambda: [(Statement.objects.all(), "pk", code_of("kind", StatementKind.values))]),
        Column("basis", lambda: [(Statement.objects.all(), "pk", code_of("basis", Basis.values))]),
        Column(
            "language",
            lambda: [(Statement.objects.exclude(language=""), "pk", letters("language", LANGUAGE_LETTERS))],
        ),
        Column("channel", lambda: [(Statement.objects.all(), "pk", "channel")]),
        Column("series", lambda: _of_meetings("meeting__series")),
        Column("place", lambda: _of_meetings("meeting__place"), places_above),
        Column(
            "country",
            lambda: [
                (
                    Statement.objects.filter(is_public("meeting")),
                    "pk",
                    _only(
                        is_public("meeting__place") & ~Q(meeting__place__country=""),
                        letters("meeting__place__country", COUNTRY_LETTERS),
                    ),
                )
            ],
        ),
        Column("speaker", lambda: [(_speakers(("statement",)), "statement", "actor")]),
        Column("role", lambda: [(_speakers(("statement",)), "statement", code_of("role", SpeakerRole.values))]),
        Column("office", lambda: [(_speakers_in_office(), "statement", "tenure__office")]),
        Column(
            "actor_role",
            lambda: [
                (
                    _speakers(("statement",)),
                    "statement",
                    _pair("actor", "role", SpeakerRole),
                )
            ],
        ),
        Column(
            "actor",
            lambda: [
                (_speakers(("statement",)), "statement", "actor"),
                (StatementMention.objects.public(given=("statement",)), "statement", "actor"),
            ],
        ),
        Column("state", lambda: homes(_speakers(("statement",)), "statement")),
        Column("topic", lambda: [(StatementTopic.objects.all(), "statement", "topic")], topics_above),
        Column(
            "topic_exact",
            lambda: [(StatementTopic.objects.all(), "statement", _only(is_public("topic"), F("topic")))],
        ),
        Column("stance", lambda: [(_stances(("statement",)), "statement", code_of("stance", Stance.values))]),
        Column(
            "topic_stance",
            lambda: [(_stances(("statement",)), "statement", _pair("topic", "stance", Stance))],
            _stances_above,
        ),
        Column(
            "topic_exact_stance",
            lambda: [(_stances(("statement",)), "statement", _pair("topic", "stance", Stance))],
        ),
    ],
    [
        Influence("events.meeting", lambda keys: keys_of(Statement.objects.filter(meeting__in=keys), "pk")),
        Influence(
            "actors.actor",
            lambda keys: (
                keys_of(_speaking(keys), "statement_id")
                | keys_of(StatementSpeaker.objects.filter(tenure__office__body__in=keys), "statement_id")
                | keys_of(StatementMention.objects.filter(actor__in=keys), "statement_id")
            ),
            actor_facts,
        ),
        Influence(
            "actors.tenure",
            lambda keys: keys_of(StatementSpeaker.objects.filter(tenure__in=keys), "statement_id"),
            tenure_facts,
        ),
        Influence(
            "actors.office",
            lambda keys: keys_of(StatementSpeaker.objects.filter(tenure__office__in=keys), "statement_id"),
            office_facts,
        ),
        Influence(
            "events.topic",
            lambda keys: keys_of(StatementTopic.objects.filter(topic__in=below(Topic, keys)), "statement_id"),
            topic_facts,
        ),
        Influence(
            "events.place",
            lambda keys: keys_of(Statement.objects.filter(meeting__place__in=below(Place, keys)), "pk"),
            place_facts,
        ),
    ],
)

STATEMENTS = Facets(
    STATEMENT_INDEX,
    [
        Facet("actor", "actor"),
        Facet("speaker", "speaker"),
        Facet("state", "state"),
        Facet("topic", "topic"),
        Facet("topic_exact", "topic_exact"),
        Facet("stance", "stance", word_numbers(Stance)),
        Facet("place", "place"),
        Facet("country", "country", country_number),
        Facet("role", "role", word_numbers(SpeakerRole)),
        Facet("office", "office"),
        Facet("kind", "kind", word_numbers(StatementKind)),
        Facet("basis", "basis", word_numbers(Basis)),
        Facet("series", "series"),
        Facet("language", "language", language_number),
        Facet("channel", "channel"),
    ],
    pairings=[
        Pairing("actor", "role", "actor_role"),
        Pairing("speaker", "role", "actor_role"),
        Pairing("topic", "stance", "topic_stance"),
        Pairing("topic_exact", "stance", "topic_exact_stance"),
    ],
)
