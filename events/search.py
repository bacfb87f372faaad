"""By which texts meetings, statements, topics, places, series, sources and formulas are found, and the search over all.

Only public rows lead anywhere: the name of a draft actor finds no meeting. Where a record is found by the name of
another one (a participant, a topic, a place), the name counts, not the description beside it.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, FloatField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from actors.models import Actor
from actors.search import ACTORS, actors_named, actors_named_wholly
from events.models import (
    Formula,
    FormulaVariant,
    Meeting,
    MeetingTopic,
    Participation,
    Place,
    PlaceName,
    Series,
    Source,
    Statement,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
)
from records.search import RecordSearch, Term, first_words_match, text_rank, words_match

#: A participant or author whose one name holds all words says more than words in a text (ts_rank stays below 1).
WHOLE_NAME_WEIGHT = 1.0


def topics_named(term: Term) -> QuerySet:
    """Keys of the public topics with the term in a label."""
    own = Topic.objects.public().filter(first_words_match(term, vector="search", text="name"))
    labels = TopicLabel.objects.public().filter(words_match(term, vector="search", texts=("text",)))
    return own.order_by().values("pk").union(labels.order_by().values("topic"))


def places_named(term: Term) -> QuerySet:
    """Keys of the public places with the term in a name."""
    own = Place.objects.public().filter(words_match(term, vector="search", texts=("name",)))
    names = PlaceName.objects.public().filter(words_match(term, vector="search", texts=("text",)))
    return own.order_by().values("pk").union(names.order_by().values("place"))


def series_named(term: Term) -> QuerySet:
    """Keys of the public series with the term in their name."""
    return Series.objects.public().filter(first_words_match(term, vector="search", text="name")).order_by().values("pk")


def _meeting_by_text(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("title", "summary", "notes"))
    return Meeting.objects.public().filter(condition).values("pk")


def _meeting_by_participant(term: Term) -> QuerySet:
    return (
        Participation.objects.public(given=("meeting", "actor")).filter(actor__in=actors_named(term)).values("meeting")
    )


def _meeting_by_unresolved_participant(term: Term) -> QuerySet:
    return (
        Participation.objects.public(given=("meeting",))
        .unresolved()
        .filter(name_as_given__icontains=term.text)
        .values("meeting")
    )


def _meeting_by_topic(term: Term) -> QuerySet:
    return (
        MeetingTopic.objects.public(given=("meeting", "topic")).filter(topic__in=topics_named(term)).values("meeting")
    )


def _meeting_by_place(term: Term) -> QuerySet:
    return Meeting.objects.public().filter(place__in=places_named(term)).values("pk")


def _meeting_by_series(term: Term) -> QuerySet:
    return Meeting.objects.public().filter(series__in=series_named(term)).values("pk")


def _rank_with_names(words: str, bearers: QuerySet) -> Any:
    """Rank by the record's own text, and before all others those that ``bearers`` (keys) holds."""
    borne = Case(When(pk__in=bearers, then=Value(WHOLE_NAME_WEIGHT)), default=Value(0.0), output_field=FloatField())
    return text_rank(words) + borne


def _meeting_rank(words: str) -> Any:
    rows = (
        Participation.objects.public(given=("meeting", "actor")).filter(actor__in=actors_named_wholly(words)).order_by()
    )
    return _rank_with_names(words, rows.values("meeting"))


MEETINGS = RecordSearch(
    finders=(
        _meeting_by_text,
        _meeting_by_participant,
        _meeting_by_unresolved_participant,
        _meeting_by_topic,
        _meeting_by_place,
        _meeting_by_series,
    ),
    rank=_meeting_rank,
)


def _statement_by_text(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("title", "gist", "text", "translation"))
    return Statement.objects.public().filter(condition).values("pk")


def _statement_by_speaker(term: Term) -> QuerySet:
    return (
        StatementSpeaker.objects.public(given=("statement", "actor"))
        .filter(actor__in=actors_named(term))
        .values("statement")
    )


def _statement_by_unresolved_speaker(term: Term) -> QuerySet:
    unresolved = StatementSpeaker.objects.public(given=("statement",)).filter(
        actor__isnull=True, name_as_given__icontains=term.text
    )
    return unresolved.values("statement")


def _statement_by_topic(term: Term) -> QuerySet:
    return (
        StatementTopic.objects.public(given=("statement", "topic"))
        .filter(topic__in=topics_named(term))
        .values("statement")
    )


def _statement_rank(words: str) -> Any:
    rows = (
        StatementSpeaker.objects.public(given=("statement", "actor"))
        .filter(actor__in=actors_named_wholly(words))
        .order_by()
    )
    return _rank_with_names(words, rows.values("statement"))


STATEMENTS = RecordSearch(
    finders=(_statement_by_text, _statement_by_speaker, _statement_by_unresolved_speaker, _statement_by_topic),
    rank=_statement_rank,
)


def _topic_by_text(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("name", "scope_note"))
    return Topic.objects.public().filter(condition).values("pk")


def _topic_by_label(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("text",))
    return TopicLabel.objects.public().filter(condition).values("topic")


TOPICS = RecordSearch(finders=(_topic_by_text, _topic_by_label), rank=text_rank)


def _place_by_name(term: Term) -> QuerySet:
    return Place.objects.public().filter(words_match(term, vector="search", texts=("name",))).values("pk")


def _place_by_other_name(term: Term) -> QuerySet:
    return PlaceName.objects.public().filter(words_match(term, vector="search", texts=("text",))).values("place")


PLACES = RecordSearch(finders=(_place_by_name, _place_by_other_name), rank=text_rank)


def _series_by_text(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("name", "description"))
    return Series.objects.public().filter(condition).values("pk")


SERIES = RecordSearch(finders=(_series_by_text,), rank=text_rank)


def _source_by_text(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("title", "publisher", "note", "text"))
    return Source.objects.public().filter(condition).values("pk")


def _source_by_address(term: Term) -> QuerySet:
    return (
        Source.objects.public().filter(Q(url__icontains=term.text) | Q(archived_url__icontains=term.text)).values("pk")
    )


def _source_by_publisher(term: Term) -> QuerySet:
    return Source.objects.public().filter(publisher_actor__in=actors_named(term)).values("pk")


SOURCES = RecordSearch(finders=(_source_by_text, _source_by_address, _source_by_publisher), rank=text_rank)


def _formula_by_text(term: Term) -> QuerySet:
    return Formula.objects.public().filter(words_match(term, vector="search", texts=("name", "note"))).values("pk")


def _formula_by_wording(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("text",))
    return FormulaVariant.objects.public().filter(condition).values("formula")


FORMULAS = RecordSearch(finders=(_formula_by_text, _formula_by_wording), rank=text_rank)


@dataclass(frozen=True)
class Finds:
    """What a search found among one kind of record: how many, and the best."""

    kind: str
    label: Any
    count: int
    records: list[Any]


#: What the search over everything looks through, in the order of its page: the plural of the address, its label, the
#: search and the records.
EVERYTHING: tuple[tuple[str, Any, RecordSearch, Any], ...] = (
    ("actors", _("Actors"), ACTORS, Actor.objects.with_home()),
    ("meetings", _("Meetings"), MEETINGS, Meeting.objects.all()),
    ("statements", _("Statements"), STATEMENTS, Statement.objects.all()),
    ("topics", _("Topics"), TOPICS, Topic.objects.all()),
    ("places", _("Places"), PLACES, Place.objects.all()),
    ("series", _("Series"), SERIES, Series.objects.all()),
    ("sources", _("Sources"), SOURCES, Source.objects.all()),
    ("formulas", _("Formulas"), FORMULAS, Formula.objects.all()),
)


def search_everything(q: str, *, per_kind: int = 5) -> list[Finds]:
    """The count and the best ``per_kind`` public records of every kind that match ``q``. Two queries for each kind.

    Kinds without a find are there with a count of 0. The list of a kind with ``?q=`` finds the same.
    """
    finds = []
    for kind, label, search, records in EVERYTHING:
        found = search.filter(records.public(), [q])
        best = search.with_rank(found, [q]).order_by("-search_rank", "-id")[:per_kind]
        finds.append(Finds(kind, label, found.count(), list(best)))
    return finds
