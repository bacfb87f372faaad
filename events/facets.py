"""What the lists of meetings and statements are counted by; the filter sets say what each parameter asks.

The columns here and the questions of `events.querysets` say the same in two ways, one for counting and one for finding;
a property-based test compares them with each other and with a plain rule.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from actors.filters import HOME_KINDS
from actors.models import Actor
from events.models import (
    Basis,
    Meeting,
    MeetingKind,
    MeetingStatus,
    MeetingTopic,
    Mode,
    Participation,
    ParticipationRole,
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
from records.querysets import is_public

#: The longest primary subtag of a language, and a code of a country.
LANGUAGE_LETTERS, COUNTRY_LETTERS = 3, 2


def _words(choices: Any) -> Any:
    places = {str(value): place for place, value in enumerate(choices.values)}
    return places.__getitem__


def _language(tag: str) -> int | None:
    """The number of a language by its primary subtag; narrower tags are asked of the database."""
    return number_of(tag, LANGUAGE_LETTERS) if tag.isalpha() and len(tag) <= LANGUAGE_LETTERS else None


def _country(code: str) -> int:
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


def _topics_above() -> Mapping[int, tuple[int, ...]]:
    return _above(Topic)


def _places_above() -> Mapping[int, tuple[int, ...]]:
    return _above(Place)


def _stances_above() -> Mapping[int, tuple[int, ...]]:
    return {
        topic * WIDTH + stance: tuple(one * WIDTH + stance for one in above)
        for topic, above in _topics_above().items()
        for stance in range(len(Stance.values))
    }


def _below(model: Any, keys: list[int]) -> set[int]:
    """The rows with these keys and all below them, public or not."""
    found, step = set(keys), list(keys)
    while step:
        step = list(model.objects.filter(parent__in=step).exclude(pk__in=found).order_by().values_list("pk", flat=True))
        found.update(step)
    return found


# The rows that are counted. Whether the record that owns a row is public is known by the index.


def _participations() -> Any:
    return Participation.objects.public(given=("meeting",)).present()


def _speakers(given: tuple[str, ...]) -> Any:
    return StatementSpeaker.objects.public(given=given)


def _stances(given: tuple[str, ...]) -> Any:
    return StatementTopic.objects.public(given=given).exclude(stance="")


def _pair(key: str, word: str, choices: Any) -> Any:
    return Coalesce(key, 0) * WIDTH + code_of(word, choices.values)


def _homes(rows: Any, owner: str) -> list[Any]:
    """The states and organisations of the actors of rows: themselves, or that to which they belong."""
    own = rows.filter(actor__kind__in=HOME_KINDS)
    return [(own, owner, "actor"), (rows, owner, "actor__home_state")]


def _keys(rows: Any, name: str) -> set[int]:
    return {key for key in rows.order_by().values_list(name, flat=True).distinct() if key is not None}


# What of other records matters to the counts.


def _facts(model: Any, *names: str) -> Any:
    def facts(keys: list[int] | None) -> dict[int, Any]:
        rows = model.objects.all() if keys is None else model.objects.filter(pk__in=keys)
        rows = rows.order_by().values_list("pk", "state", "merged_into_id", *names)
        return {key: (state == "published" and into is None, *rest) for key, state, into, *rest in rows}

    return facts


_actor_facts = _facts(Actor, "kind", "home_state_id")
_topic_facts = _facts(Topic, "parent_id")
_place_facts = _facts(Place, "parent_id", "country")


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
        Column("place", lambda: [(Meeting.objects.all(), "pk", "place")], _places_above),
        Column(
            "country",
            lambda: [
                (
                    Meeting.objects.filter(is_public("place")).exclude(place__country=""),
                    "pk",
                    letters("place__country", COUNTRY_LETTERS),
                )
            ],
        ),
        Column("actor", lambda: [(_participations(), "meeting", "actor")]),
        Column("role", lambda: [(_participations(), "meeting", code_of("role", ParticipationRole.values))]),
        Column(
            "actor_role",
            lambda: [
                (_participations().filter(actor__isnull=False), "meeting", _pair("actor", "role", ParticipationRole))
            ],
        ),
        Column(
            "state",
            lambda: [
                *_homes(_participations(), "meeting"),
                (_participations().filter(on_behalf_of__kind__in=HOME_KINDS), "meeting", "on_behalf_of"),
            ],
        ),
        Column("topic", lambda: [(MeetingTopic.objects.all(), "meeting", "topic")], _topics_above),
        Column(
            "topic_exact",
            lambda: [(MeetingTopic.objects.filter(is_public("topic")), "meeting", "topic")],
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
    ],
    [
        Influence(
            "events.statement",
            lambda keys: (
                _keys(event_model(Statement).objects.filter(pgh_obj_id__in=keys), "meeting_id")
                | _keys(Statement.objects.filter(pk__in=keys), "meeting_id")
            ),
        ),
        Influence(
            "actors.actor",
            lambda keys: (
                _keys(Participation.objects.filter(Q(actor__in=keys) | Q(on_behalf_of__in=keys)), "meeting_id")
                | _keys(_speaking(keys), "statement__meeting_id")
            ),
            _actor_facts,
        ),
        Influence(
            "events.topic",
            lambda keys: (
                _keys(MeetingTopic.objects.filter(topic__in=_below(Topic, keys)), "meeting_id")
                | _keys(StatementTopic.objects.filter(topic__in=_below(Topic, keys)), "statement__meeting_id")
            ),
            _topic_facts,
        ),
        Influence(
            "events.place",
            lambda keys: _keys(Meeting.objects.filter(place__in=_below(Place, keys)), "pk"),
            _place_facts,
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
        Facet("stance", "stance", _words(Stance)),
        Facet("place", "place"),
        Facet("country", "country", _country),
        Facet("role", "role", _words(ParticipationRole)),
        Facet("mode", "mode", _words(Mode)),
        Facet("kind", "kind", _words(MeetingKind)),
        Facet("status", "status", _words(MeetingStatus)),
        Facet("series", "series"),
        Facet("language", "language", _language),
        Facet("channel", "channel"),
        Facet("speaker", "speaker"),
    ],
    pairings=[
        Pairing("actor", "role", "actor_role"),
        Pairing("topic", "stance", "topic_stance"),
        Pairing("topic_exact", "stance", "topic_exact_stance"),
    ],
    required={"actor_all": "actor"},
    excluded={"not_actor": "actor", "not_topic": "topic"},
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
        Column("place", lambda: _of_meetings("meeting__place"), _places_above),
        Column(
            "country",
            lambda: [
                (
                    Statement.objects.filter(is_public("meeting"), is_public("meeting__place")).exclude(
                        meeting__place__country=""
                    ),
                    "pk",
                    letters("meeting__place__country", COUNTRY_LETTERS),
                )
            ],
        ),
        Column("speaker", lambda: [(_speakers(("statement",)), "statement", "actor")]),
        Column("role", lambda: [(_speakers(("statement",)), "statement", code_of("role", SpeakerRole.values))]),
        Column(
            "actor_role",
            lambda: [
                (
                    _speakers(("statement",)).filter(actor__isnull=False),
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
        Column("state", lambda: _homes(_speakers(("statement",)), "statement")),
        Column("topic", lambda: [(StatementTopic.objects.all(), "statement", "topic")], _topics_above),
        Column("topic_exact", lambda: [(StatementTopic.objects.filter(is_public("topic")), "statement", "topic")]),
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
        Influence("events.meeting", lambda keys: _keys(Statement.objects.filter(meeting__in=keys), "pk")),
        Influence(
            "actors.actor",
            lambda keys: (
                _keys(_speaking(keys), "statement_id")
                | _keys(StatementMention.objects.filter(actor__in=keys), "statement_id")
            ),
            _actor_facts,
        ),
        Influence(
            "events.topic",
            lambda keys: _keys(StatementTopic.objects.filter(topic__in=_below(Topic, keys)), "statement_id"),
            _topic_facts,
        ),
        Influence(
            "events.place",
            lambda keys: _keys(Statement.objects.filter(meeting__place__in=_below(Place, keys)), "pk"),
            _place_facts,
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
        Facet("stance", "stance", _words(Stance)),
        Facet("place", "place"),
        Facet("country", "country", _country),
        Facet("role", "role", _words(SpeakerRole)),
        Facet("kind", "kind", _words(StatementKind)),
        Facet("basis", "basis", _words(Basis)),
        Facet("series", "series"),
        Facet("language", "language", _language),
        Facet("channel", "channel"),
    ],
    pairings=[
        Pairing("actor", "role", "actor_role"),
        Pairing("speaker", "role", "actor_role"),
        Pairing("topic", "stance", "topic_stance"),
        Pairing("topic_exact", "stance", "topic_exact_stance"),
    ],
    required={"actor_all": "actor"},
    excluded={"not_actor": "actor", "not_topic": "topic"},
)
