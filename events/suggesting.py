"""What a person may mean while typing: actors, topics and meetings that bear a name with these beginnings of words.

Asked at each key, so every question reads a bounded number of rows by an index; nothing is counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Case, F, Func, IntegerField, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import Exact, StartsWith
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, ActorName
from events.models import Meeting, Participation, Topic, TopicLabel
from events.search import MEETINGS
from records.query import MAX_LENGTH, MAX_TERMS, SHORTEST_FUZZY, Term, fold
from records.search import BaseQuery, Folded

#: How many of each kind are offered.
OFFERED = 5
#: How many names are read from each index, to choose those that are offered from.
READ = 60
#: How many records that hold the words somewhere are looked at, to see whether they do in their name or title.
READ_OF_TEXTS = 600
#: Meetings of an actor beyond this number make it no more prominent.
PROMINENT = 40
#: A meeting is looked for from this many letters, or one sign of a script without spaces.
SHORTEST_TITLE = 3


class BeginningsQuery(Func):
    """The text-search query for words of which the last may have only begun."""

    template = "to_tsquery('pg_catalog.simple', readout_fold(%(expressions)s))"
    output_field = SearchQuery(Value("")).output_field


class _CountOf(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) AS few)"
    output_field: Any = IntegerField()


@dataclass(frozen=True)
class Suggestion:
    """One record to go to. ``also`` is the name that matched, where it is not the one shown."""

    group: Any
    record: Any
    name: str
    about: str
    also: str = ""
    also_language: str = ""


def suggestions(typed: str) -> list[Suggestion]:
    """Public actors, topics and meetings for what was typed so far, the likeliest first; at most nine queries."""
    typed = " ".join(typed[:MAX_LENGTH].replace("\x00", " ").split())
    words = re.findall(r"\w+", typed)[:MAX_TERMS]
    if not words:
        return []
    return [*_actors(typed, words), *_topics(typed, words), *_meetings(words)]


def _beginnings(words: list[str]) -> Any:
    """The query that finds names by these words, each of which may have only begun."""
    if any(Term(word).is_unspaced for word in words):
        return BaseQuery(Value(" ".join(words)), Value(False))
    return BeginningsQuery(Value(" & ".join(f"{word}:*" for word in words)))


def _actors(typed: str, words: list[str]) -> Iterator[Suggestion]:
    actors = Actor.objects.public()
    near = _bearers(actors, ActorName, "actor", typed, words)
    if not near and len(typed) >= SHORTEST_FUZZY:
        near = _alike(actors, ActorName, "actor", typed)
    met = Participation.objects.filter(actor=OuterRef("pk")).order_by().values("pk")[:PROMINENT]
    found = (
        actors.filter(pk__in=near)
        .annotate(nearness=_nearness(near), prominence=_CountOf(met))
        .order_by("nearness", "-prominence", Length("name"), "name", "id")
        .defer("search", "description")
        .prefetch_related(Prefetch("names", ActorName.objects.defer("search")))[:OFFERED]
    )
    for actor in found:
        also = _matching(words, actor.name, [(name.text, name.language) for name in actor.names.all()])
        yield Suggestion(_("Actors"), actor, actor.name, str(actor.get_kind_display()), *also)


def _topics(typed: str, words: list[str]) -> Iterator[Suggestion]:
    topics = Topic.objects.public().without_tree_fields()
    near = _bearers(topics, TopicLabel, "topic", typed, words)
    found = (
        topics.filter(pk__in=near)
        .annotate(nearness=_nearness(near))
        .order_by("nearness", Length("name"), "name", "id")
        .defer("search")
        .prefetch_related(Prefetch("labels", TopicLabel.objects.defer("search")))[:OFFERED]
    )
    for topic in found:
        also = _matching(words, topic.name, [(label.text, label.language) for label in topic.labels.all()])
        yield Suggestion(_("Topics"), topic, topic.name, "", *also)


def _meetings(words: list[str]) -> Iterator[Suggestion]:
    if len(words[-1]) < SHORTEST_TITLE and not Term(words[-1]).is_unspaced:
        return
    query, meetings = _beginnings(words), Meeting.objects.public()
    # A word of many texts is in the title of a late meeting; a rarer one is found by the index, wherever it stands.
    keys = _some_of(meetings.filter(search__holds=query))
    if len(keys) == READ_OF_TEXTS:
        keys += MEETINGS.latest_first(meetings).values_list("pk", flat=True)[:READ_OF_TEXTS]
    titled = meetings.filter(pk__in=keys, search__first_holds=query)
    for meeting in MEETINGS.latest_first(titled).defer("search", "summary", "notes")[:OFFERED]:
        yield Suggestion(_("Meetings"), meeting, meeting.title, str(meeting.date.text))


def _some_of(rows: Any) -> list[int]:
    """The keys of some of many rows that an index finds, `READ_OF_TEXTS` at most; one query.

    Seeing the limit the planner would read the table from its beginning, hoping to meet enough of them soon.
    """
    found, parameters = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found (id) AS MATERIALIZED ({found}) SELECT id FROM found LIMIT {READ_OF_TEXTS}",  # noqa: S608
            parameters,
        )
        return [key for (key,) in cursor.fetchall()]


def _bearers(records: Any, names: Any, owner: str, typed: str, words: list[str]) -> dict[int, int]:
    """Records of which a name begins as typed, or has words that begin so, by key; some, where there are many.

    With each how near its nearest name is: 0 is what was typed, 1 begins so, 2 has words that begin so.
    """
    parts = []
    for rows, text, key in ((records, "name", "pk"), (names.objects.public(), "text", owner)):
        rows = rows.order_by()
        parts.append(_near(rows.filter(Q(Exact(Folded(F(text)), Folded(Value(typed))))), key, 0))
        parts.append(_near(rows.filter(Q(StartsWith(Folded(F(text)), Folded(Value(typed))))), key, 1))
        if len(max(words, key=len)) > 1 or Term(typed).is_unspaced:
            query = _beginnings(words)
            # The index finds texts beside the name too; of these so many are looked at.
            held = rows.model.objects.filter(search__holds=query).order_by().values("pk")[:READ_OF_TEXTS]
            parts.append(_near(rows.filter(pk__in=held, search__first_holds=query), key, 2))
    first, *others = parts
    near: dict[int, int] = {}
    for found, nearness in first.union(*others):
        near[found] = min(nearness, near.get(found, nearness))
    return near


def _near(rows: Any, key: str, nearness: int) -> Any:
    return rows.values_list(key, Value(nearness, output_field=IntegerField()))[:READ]


def _alike(records: Any, names: Any, owner: str, typed: str) -> dict[int, int]:
    """Records of which a name is like what was typed, by key."""
    own = records.order_by().filter(name__folded_word_similar=typed).values_list("pk")[:READ]
    others = names.objects.public().order_by().filter(text__folded_word_similar=typed).values_list(owner)[:READ]
    return {key: 2 for (key,) in own.union(others)}


def _nearness(near: dict[int, int]) -> Case:
    steps = (When(pk__in=[key for key, step in near.items() if step == rank], then=Value(rank)) for rank in (0, 1))
    return Case(*steps, default=Value(2), output_field=IntegerField())


def _matching(words: list[str], name: str, others: list[tuple[str, str]]) -> tuple[str, str]:
    """Another name, and its language, that holds more of the words than the name shown; empty where none does."""
    best, language, most = "", "", _held(words, name)
    for text, tag in others:
        if (held := _held(words, text)) > most:
            best, language, most = text, tag, held
    return best, language


def _held(words: list[str], name: str) -> int:
    folded = fold(name)
    return sum(
        fold(word) in folded if Term(word).is_unspaced else bool(re.search(rf"\b{re.escape(fold(word))}", folded))
        for word in words
    )
