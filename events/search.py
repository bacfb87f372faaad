"""By which texts meetings, statements, topics, places, series, sources and formulas are found.

Only public rows lead anywhere: the name of a draft actor finds no meeting. Where a record is found by the name of
another one (a participant, a topic, a place), the name counts, not the description beside it. Of participants and
authors the offices count too, in which they acted: less than names.
"""

from typing import Any

from django.db.models import Case, Exists, FloatField, OuterRef, Q, QuerySet, Value, When

from actors.search import actors_named, actors_named_wholly, office_rank, tenures_named, tenures_named_wholly
from events.models import (
    Formula,
    FormulaVariant,
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationTenure,
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
from partialdates.querysets import certainly_within
from records.query import Term
from records.search import Among, Folded, OwnText, RecordSearch, Words, name_matches, text_rank, words_match

#: A participant or author whose one name holds all words says more than words in a text (ts_rank stays below 1).
WHOLE_NAME_WEIGHT = 1.0


def topics_named(term: Term) -> QuerySet:
    """Keys of the public topics with the term in a label."""
    own = Topic.objects.public().filter(name_matches(term, vector="search", text="name"))
    labels = TopicLabel.objects.public().filter(name_matches(term, vector="search", text="text", is_alone=True))
    return own.order_by().values("pk").union(labels.order_by().values("topic"))


def places_named(term: Term) -> QuerySet:
    """Keys of the public places with the term in a name."""
    own = Place.objects.public().filter(name_matches(term, vector="search", text="name", is_alone=True))
    names = PlaceName.objects.public().filter(name_matches(term, vector="search", text="text", is_alone=True))
    return own.order_by().values("pk").union(names.order_by().values("place"))


def series_named(term: Term) -> QuerySet:
    """Keys of the public series with the term in their name."""
    return Series.objects.public().filter(name_matches(term, vector="search", text="name")).order_by().values("pk")


def _within(records: QuerySet, term: Term, date: str = "date") -> QuerySet:
    """Those that certainly fell in the days that the term names; none when it names none."""
    return (
        records.filter(certainly_within(*term.window, date)).values("pk")
        if term.window
        else records.none().values("pk")
    )


def _given_as(rows: QuerySet, term: Term) -> QuerySet:
    """Those of the unresolved names ``rows`` with the term in them."""
    return rows.alias(folded_name=Folded("name_as_given")).filter(
        actor__isnull=True, folded_name__contains=Folded(Value(term.text))
    )


def _meeting_by_participant(term: Term) -> QuerySet:
    return (
        Participation.objects.public(given=("meeting", "actor")).filter(actor__in=actors_named(term)).values("meeting")
    )


def _meeting_by_unresolved_participant(term: Term) -> QuerySet:
    return _given_as(Participation.objects.public(given=("meeting",)), term).values("meeting")


#: The links of a `ParticipationTenure` that lead to public records when the tenure does: its person is the actor.
_OF_TENURE = ("participation__actor", "tenure__person", "tenure__office__body")


def _meeting_by_office(term: Term) -> QuerySet:
    return (
        ParticipationTenure.objects.public(given=("participation__meeting", *_OF_TENURE))
        .filter(Among("tenure", tenures_named(term)))
        .values("participation__meeting")
    )


def _in_capacity(terms: list[Term]) -> QuerySet:
    """Participations in a capacity that holds all of the terms, as the source words it."""
    rows = Participation.objects.public(given=("meeting",)).exclude(capacity="").alias(worded=Words("capacity"))
    for term in terms:
        rows = rows.filter(words_match(term, vector="worded", texts=("capacity",)))
    return rows


def _meeting_by_capacity(term: Term) -> QuerySet:
    return _in_capacity([term]).values("meeting")


def _meeting_by_topic(term: Term) -> QuerySet:
    return (
        MeetingTopic.objects.public(given=("meeting", "topic")).filter(topic__in=topics_named(term)).values("meeting")
    )


def _meeting_by_place(term: Term) -> QuerySet:
    return Meeting.objects.public().filter(place__in=places_named(term)).values("pk")


def _meeting_by_series(term: Term) -> QuerySet:
    return Meeting.objects.public().filter(series__in=series_named(term)).values("pk")


def _meeting_by_date(term: Term) -> QuerySet:
    return _within(Meeting.objects.public(), term)


def _rank_with_names(words: str, bearers: QuerySet) -> Any:
    """Rank by the record's own text, and before all others those that ``bearers`` (keys) holds."""
    borne = Case(When(pk__in=bearers, then=Value(WHOLE_NAME_WEIGHT)), default=Value(0.0), output_field=FloatField())
    return text_rank(words) + borne


def _meeting_rank(words: str) -> Any:
    rows = (
        Participation.objects.public(given=("meeting", "actor")).filter(actor__in=actors_named_wholly(words)).order_by()
    )
    offices = ParticipationTenure.objects.public(given=("participation__meeting", *_OF_TENURE)).filter(
        Among("tenure", tenures_named_wholly(words)), participation__meeting=OuterRef("pk")
    )
    worded = _in_capacity([Term(word) for word in words.split()]).filter(meeting=OuterRef("pk"))
    return _rank_with_names(words, rows.values("meeting")) + office_rank(Q(Exists(offices)) | Q(Exists(worded)))


MEETINGS = RecordSearch(
    finders=(
        OwnText(Meeting, ("title", "summary", "notes")),
        _meeting_by_participant,
        _meeting_by_unresolved_participant,
        _meeting_by_office,
        _meeting_by_capacity,
        _meeting_by_topic,
        _meeting_by_place,
        _meeting_by_series,
        _meeting_by_date,
    ),
    rank=_meeting_rank,
    dated="date",
)


def _statement_by_speaker(term: Term) -> QuerySet:
    return (
        StatementSpeaker.objects.public(given=("statement", "actor"))
        .filter(actor__in=actors_named(term))
        .values("statement")
    )


def _statement_by_unresolved_speaker(term: Term) -> QuerySet:
    return _given_as(StatementSpeaker.objects.public(given=("statement",)), term).values("statement")


def _statement_by_office(term: Term) -> QuerySet:
    return (
        StatementSpeaker.objects.public(given=("statement", "actor"))
        .filter(Among("tenure", tenures_named(term)))
        .values("statement")
    )


def _statement_by_topic(term: Term) -> QuerySet:
    return (
        StatementTopic.objects.public(given=("statement", "topic"))
        .filter(topic__in=topics_named(term))
        .values("statement")
    )


def _statement_by_date(term: Term) -> QuerySet:
    return _within(Statement.objects.public(), term)


def _statement_rank(words: str) -> Any:
    rows = (
        StatementSpeaker.objects.public(given=("statement", "actor"))
        .filter(actor__in=actors_named_wholly(words))
        .order_by()
    )
    offices = StatementSpeaker.objects.public(given=("statement", "actor")).filter(
        Among("tenure", tenures_named_wholly(words)), statement=OuterRef("pk")
    )
    return _rank_with_names(words, rows.values("statement")) + office_rank(Exists(offices))


STATEMENTS = RecordSearch(
    finders=(
        OwnText(Statement, ("title", "gist", "text", "translation")),
        _statement_by_speaker,
        _statement_by_unresolved_speaker,
        _statement_by_office,
        _statement_by_topic,
        _statement_by_date,
    ),
    rank=_statement_rank,
    dated="date",
)


def _topic_by_name(term: Term) -> QuerySet:
    return Topic.objects.public().filter(pk__in=topics_named(term)).values("pk")


TOPICS = RecordSearch(finders=(OwnText(Topic, ("name", "scope_note")), _topic_by_name), rank=text_rank)


def _place_by_name(term: Term) -> QuerySet:
    return Place.objects.public().filter(pk__in=places_named(term)).values("pk")


PLACES = RecordSearch(finders=(_place_by_name,), rank=text_rank)


SERIES = RecordSearch(finders=(OwnText(Series, ("name", "description")),), rank=text_rank)


def _source_by_address(term: Term) -> QuerySet:
    folded = Folded(Value(term.text))
    return Source.objects.public().alias(folded_url=Folded("url")).filter(folded_url__contains=folded).values("pk")


def _source_by_publisher(term: Term) -> QuerySet:
    return Source.objects.public().filter(publisher_actor__in=actors_named(term)).values("pk")


def _source_by_date(term: Term) -> QuerySet:
    return _within(Source.objects.public(), term, "published")


SOURCES = RecordSearch(
    finders=(
        OwnText(Source, ("title", "publisher", "note", "text")),
        _source_by_address,
        _source_by_publisher,
        _source_by_date,
    ),
    rank=text_rank,
    dated="published",
)


def _formula_by_wording(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("text",))
    return FormulaVariant.objects.public().filter(condition).values("formula")


FORMULAS = RecordSearch(finders=(OwnText(Formula, ("name", "note")), _formula_by_wording), rank=text_rank)
