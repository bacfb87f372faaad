"""What a person may mean while typing: actors, topics and meetings that bear a name with these beginnings of words.

Asked at each key, so every question reads a bounded number of rows by an index; nothing is counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
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
    """Public actors, topics and meetings for what was typed so far, the likeliest first; at most six queries."""
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
    keys = _bearers(actors, ActorName, "actor", typed, words)
    if not keys and len(typed) >= SHORTEST_FUZZY:
        keys = _alike(actors, ActorName, "actor", typed)
    met = Participation.objects.filter(actor=OuterRef("pk")).order_by().values("pk")[:PROMINENT]
    prominence = _CountOf(met)
    found = (
        actors.filter(pk__in=keys)
        .annotate(nearness=_nearness(typed, ActorName, "actor"), prominence=prominence)
        .order_by("nearness", "-prominence", Length("name"), "name", "id")
        .defer("search", "description")
        .prefetch_related("names")[:OFFERED]
    )
    for actor in found:
        also = _matching(words, actor.name, [(name.text, name.language) for name in actor.names.all()])
        yield Suggestion(_("Actors"), actor, actor.name, str(actor.get_kind_display()), *also)


def _topics(typed: str, words: list[str]) -> Iterator[Suggestion]:
    topics = Topic.objects.public().without_tree_fields()
    keys = _bearers(topics, TopicLabel, "topic", typed, words)
    found = (
        topics.filter(pk__in=keys)
        .annotate(nearness=_nearness(typed, TopicLabel, "topic"))
        .order_by("nearness", Length("name"), "name", "id")
        .defer("search")
        .prefetch_related("labels")[:OFFERED]
    )
    for topic in found:
        also = _matching(words, topic.name, [(label.text, label.language) for label in topic.labels.all()])
        yield Suggestion(_("Topics"), topic, topic.name, "", *also)


def _meetings(words: list[str]) -> Iterator[Suggestion]:
    if len(words[-1]) < SHORTEST_TITLE and not Term(words[-1]).is_unspaced:
        return
    query = _beginnings(words)
    titled = Meeting.objects.public().filter(Q(search__holds=query) & Q(search__first_holds=query))
    for meeting in MEETINGS.latest_first(titled).defer("search", "summary", "notes")[:OFFERED]:
        yield Suggestion(_("Meetings"), meeting, meeting.title, str(meeting.date.text))


def _bearers(records: Any, names: Any, owner: str, typed: str, words: list[str]) -> set[int]:
    """Keys of records of which a name begins as typed, or has words that begin so; some, where there are many."""
    parts = []
    for rows, text, key in ((records, "name", "pk"), (names.objects.public(), "text", owner)):
        rows = rows.order_by().values_list(key)
        parts.append(rows.filter(_begins(text, typed))[:READ])
        if len(max(words, key=len)) > 1 or Term(typed).is_unspaced:
            query = _beginnings(words)
            parts.append(rows.filter(search__holds=query, search__first_holds=query)[:READ])
    first, *others = parts
    return {key for (key,) in first.union(*others)}


def _alike(records: Any, names: Any, owner: str, typed: str) -> set[int]:
    """Keys of records of which a name is like what was typed."""
    own = records.order_by().filter(name__folded_word_similar=typed).values_list("pk")[:READ]
    others = names.objects.public().order_by().filter(text__folded_word_similar=typed).values_list(owner)[:READ]
    return {key for (key,) in own.union(others)}


def _begins(text: str, typed: str) -> Q:
    return Q(StartsWith(Folded(F(text)), Folded(Value(typed))))


def _nearness(typed: str, names: Any, owner: str) -> Case:
    """0 for a name that is what was typed, 1 for one that begins so, 2 for others."""
    steps = []
    for rank, lookup in enumerate((Exact, StartsWith)):
        here = Q(lookup(Folded(F("name")), Folded(Value(typed))))
        there = names.objects.filter(Q(lookup(Folded(F("text")), Folded(Value(typed)))), **{owner: OuterRef("pk")})
        steps.append(When(here | Q(Exists(there)), then=Value(rank)))
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
