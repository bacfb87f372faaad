"""The search over everything: of each kind of record how many match, the best of them, and why they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import F, Prefetch, Value
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, ActorName, Tenure
from actors.search import ACTORS
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
from events.search import FORMULAS, MEETINGS, PLACES, SERIES, SOURCES, STATEMENTS, TOPICS
from records.excerpts import Excerpt, Marker, Passage, Piece
from records.query import Clause, Term, read_query, wanted_terms
from records.search import RANKED, Folded, RecordSearch

#: How many passages show why a record was found.
PASSAGES = 2
#: How near a name must be to a word that was found nowhere, to be offered instead of it (pg_trgm).
NEAR = 0.4
#: Words are looked at one by one to say which are found nowhere; no more of them than this.
LOOKED_AT = 4


@dataclass(frozen=True)
class Find:
    """A record that was found: its title with the words marked, and the passages that hold the others."""

    record: Any
    title: list[Piece]
    language: str = ""
    excerpts: list[Excerpt] = field(default_factory=list)


@dataclass(frozen=True)
class Finds:
    """What a search found among one kind of record: how many, and the best.

    ``are_all_ranked`` is false when there are so many that only the latest were ordered by how well they fit.
    """

    kind: str
    label: Any
    count: int
    records: list[Any]
    finds: list[Find] = field(default_factory=list)

    @property
    def are_all_ranked(self) -> bool:
        """Whether the best are the best of all, not of the latest."""
        return self.count <= RANKED


def _names(names: Any) -> Prefetch:
    return Prefetch("names", names.objects.public().defer("search"))


def _named_topics(links: Any) -> Prefetch:
    topics = Prefetch("topic__labels", TopicLabel.objects.public().defer("search"))
    return Prefetch("topic_links", links.objects.public().select_related("topic").prefetch_related(topics))


def _named_actors(links: Any, name: str) -> Prefetch:
    names = Prefetch("actor__names", ActorName.objects.public().defer("search"))
    return Prefetch(name, links.objects.public().select_related("actor").prefetch_related(names))


def _offices() -> Any:
    """Public tenures, with all that their offices are found by."""
    names = Prefetch("office__body__names", ActorName.objects.public().defer("search"))
    return Tenure.objects.public().with_office().prefetch_related(names).latest_first()


def _actors() -> Any:
    held = Prefetch("tenures", _offices())
    return Actor.objects.with_home().prefetch_related(_names(ActorName), held).defer("search")


def _meetings() -> Any:
    places = Place.objects.defer("search").prefetch_related(_names(PlaceName))
    return (
        Meeting.objects.defer("search")
        .with_public("series", place=places)
        .prefetch_related(
            _named_actors(Participation, "participations"),
            Prefetch("participations__tenures", _offices()),
            _named_topics(MeetingTopic),
        )
    )


def _statements() -> Any:
    return Statement.objects.defer("search").prefetch_related(
        _named_actors(StatementSpeaker, "speakers"),
        Prefetch("speakers__tenure", _offices()),
        _named_topics(StatementTopic),
    )


def _topics() -> Any:
    return Topic.objects.without_tree_fields().defer("search").prefetch_related("labels")


def _places() -> Any:
    return Place.objects.defer("search").prefetch_related(_names(PlaceName))


def _series() -> Any:
    return Series.objects.defer("search")


def _sources() -> Any:
    return Source.objects.defer("search")


def _formulas() -> Any:
    return Formula.objects.defer("search").prefetch_related(
        Prefetch("variants", FormulaVariant.objects.public().defer("search"))
    )


ALSO = _("also known as")


def _others(rows: Any, of: str = "", label: Any = ALSO) -> Iterator[Passage]:
    for one in rows:
        yield Passage(one.text, one.language, label, of, is_name=True)


def _texts(record: Any, **labels: Any) -> Iterator[Passage]:
    for name, label in labels.items():
        language = {"text": "language", "translation": "translation_language"}.get(name, "")
        if getattr(record, name):
            yield Passage(getattr(record, name), getattr(record, language) if language else "", label)


def _people(links: Any, label: Any) -> Iterator[Passage]:
    for link in links:
        if link.actor is None:
            yield Passage(link.name_as_given, "", label, is_name=True)
        else:
            yield Passage(link.actor.name, "", label, is_name=True)
            yield from _others(link.actor.names.all(), link.actor.name, label)


def _posts(tenures: Any, label: Any) -> Iterator[Passage]:
    """The offices of somebody, ``label``, in all the wordings that find them, each once."""
    for office in dict.fromkeys(one.office for one in tenures if one):
        yield Passage(str(office), "", label, is_name=True)
        for wording in office.aliases:
            yield Passage(wording, "", label, is_name=True)
        yield from _others(office.body.names.all(), str(office), label)


def _subjects(links: Any) -> Iterator[Passage]:
    for link in links:
        yield Passage(link.topic.name, "", _("topic"), is_name=True)
        yield from _others(link.topic.labels.all(), link.topic.name, _("topic"))


def _of_actor(actor: Any) -> Iterator[Passage]:
    yield Passage(actor.name, is_name=True)
    yield from _texts(actor, description="")
    yield from _others(actor.names.all())
    yield from _posts(actor.tenures.all(), _("office"))


def _of_meeting(meeting: Any) -> Iterator[Passage]:
    yield Passage(meeting.title)
    yield from _texts(meeting, summary="", notes=_("notes"))
    yield from _people(meeting.participations.all(), _("participant"))
    for one in meeting.participations.all():
        if one.capacity:
            yield Passage(one.capacity, "", str(one))
        yield from _posts(one.tenures.all(), str(one))
    yield from _subjects(meeting.topic_links.all())
    if meeting.place:
        yield Passage(meeting.place.name, "", _("place"), is_name=True)
        yield from _others(meeting.place.names.all(), meeting.place.name, _("place"))
    if meeting.series:
        yield Passage(meeting.series.name, "", _("series"), is_name=True)


def _of_statement(statement: Any) -> Iterator[Passage]:
    yield Passage(statement.label, statement.language if statement.title or not statement.gist else "")
    yield from _texts(
        statement, **({"gist": ""} if statement.title else {}), text=_("text"), translation=_("translation")
    )
    yield from _people(statement.speakers.all(), _("author"))
    for one in statement.speakers.all():
        yield from _posts([one.tenure], str(one))
    yield from _subjects(statement.topic_links.all())


def _of_topic(topic: Any) -> Iterator[Passage]:
    yield Passage(topic.name, is_name=True)
    yield from _texts(topic, scope_note="")
    yield from _others(topic.labels.all())


def _of_place(place: Any) -> Iterator[Passage]:
    yield Passage(place.name, is_name=True)
    yield from _others(place.names.all())


def _of_series(series: Any) -> Iterator[Passage]:
    yield Passage(series.name, is_name=True)
    yield from _texts(series, description="")


def _of_source(source: Any) -> Iterator[Passage]:
    yield Passage(str(source), source.language)
    yield from _texts(source, publisher=_("publisher"), note=_("note"), text=_("text"))


def _of_formula(formula: Any) -> Iterator[Passage]:
    yield Passage(formula.name, is_name=True)
    yield from _others(formula.variants.all(), label=_("wording"))
    yield from _texts(formula, note="")


@dataclass(frozen=True)
class Kind:
    """One kind of record that the search over everything looks through.

    ``records`` are read with all that ``passages`` needs, which gives the title first.
    """

    plural: str
    label: Any
    search: RecordSearch
    records: Callable[[], Any]
    passages: Callable[[Any], Iterator[Passage]]


#: In the order of the page.
KINDS = (
    Kind("actors", _("Actors"), ACTORS, _actors, _of_actor),
    Kind("meetings", _("Meetings"), MEETINGS, _meetings, _of_meeting),
    Kind("statements", _("Statements"), STATEMENTS, _statements, _of_statement),
    Kind("topics", _("Topics"), TOPICS, _topics, _of_topic),
    Kind("places", _("Places"), PLACES, _places, _of_place),
    Kind("series", _("Series"), SERIES, _series, _of_series),
    Kind("sources", _("Sources"), SOURCES, _sources, _of_source),
    Kind("formulas", _("Formulas"), FORMULAS, _formulas, _of_formula),
)


def search_everything(q: str, *, per_kind: int = 5) -> list[Finds]:
    """The count and the best ``per_kind`` public records of every kind that match ``q``.

    Kinds without a find are there with a count of 0. The list of a kind with ``?q=`` finds the same. A few queries for
    each kind, whatever is found.
    """
    found = [(kind, *_best(kind, q, per_kind)) for kind in KINDS]
    passages = {record: list(kind.passages(record)) for kind, _count, records in found for record in records}
    marker = Marker(wanted_terms(q), [one for many in passages.values() for one in many])
    return [
        Finds(kind.plural, kind.label, count, records, [_shown(record, passages[record], marker) for record in records])
        for kind, count, records in found
    ]


def _best(kind: Kind, q: str, most: int) -> tuple[int, list[Any]]:
    records = kind.records().public()
    keys = kind.search.keys_latest_first(records, [q])
    if not len(keys):
        return 0, []
    best = kind.search.best_first(records, [q], keys[:RANKED].tolist())[:most]
    read = {record.pk: record for record in records.filter(pk__in=best).order_by()}
    # One that was withdrawn a moment ago is counted, and no more there.
    return len(keys), [read[key] for key in best if key in read]


def _shown(record: Any, passages: list[Passage], marker: Marker) -> Find:
    title, *others = passages
    spans = marker.spans(title)
    missing = set(range(len(marker.terms))) - {nth for _first, _last, nth in spans}
    held = [(one, {nth for _first, _last, nth in marker.spans(one)}) for one in others]
    chosen: list[Passage] = []
    while missing and len(chosen) < PASSAGES:
        best = max(held, key=lambda pair: len(pair[1] & missing), default=None)
        if best is None or not best[1] & missing:
            break
        chosen.append(best[0])
        missing -= best[1]
    if not chosen:
        # All stands in the title: a text shows what it is about.
        chosen = [one for one, terms in held if terms and not one.is_name][:1]
    return Find(record, marker.mark(title.text, spans), title.language, [marker.excerpt(one) for one in chosen])


@dataclass(frozen=True)
class Loosening:
    """What a reader may leave out of a query that found nothing. ``is_nowhere``: no public record has the word."""

    text: str
    without: str
    is_nowhere: bool


def loosenings(q: str) -> list[Loosening]:
    """For a query of several words: each of the first few, and the query without it. A query for each."""
    clauses = read_query(q)
    if len(clauses) < 2:
        return []
    return [
        Loosening(
            _typed([clause]),
            _typed([one for one in clauses if one is not clause]),
            not clause.is_excluded and not _is_anywhere(_typed([clause])),
        )
        for clause in clauses[:LOOKED_AT]
        if any(not one.is_excluded for one in clauses if one is not clause)
    ]


def _is_anywhere(typed: str) -> bool:
    first, *others = (
        kind.search.filter(kind.records().public().order_by().prefetch_related(None), [typed]).values_list("pk")[:1]
        for kind in KINDS
    )
    return bool(first.union(*others, all=True)[:1])


def _typed(clauses: list[Clause]) -> str:
    return " ".join(
        ("-" if clause.is_excluded else "") + " or ".join(_quoted(term) for term in clause.terms) for clause in clauses
    )


def _quoted(term: Term) -> str:
    return f'"{term.text}"' if term.is_phrase else term.text


def spellings(q: str, *, most: int = 3) -> list[str]:
    """Names of public records that are nearest to words of ``q``, to be searched for instead; the nearest first."""
    near: dict[str, float] = {}
    words = [term.text for term in wanted_terms(q) if not term.is_unspaced and not term.window and len(term.text) > 2]
    if not words:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {NEAR}")
        for word in dict.fromkeys([" ".join(words), *words][:LOOKED_AT]):
            for model in (Actor, Topic, Place, Series):
                folded: Any = Folded(Value(word))
                alike = TrigramWordSimilarity(folded, Folded(F("name")))
                rows = model.objects.public().filter(name__folded_word_similar=word).order_by()
                named = rows.annotate(alike=alike).order_by("-alike", Length("name"), "id")
                for name, likeness in named.values_list("name", "alike")[:most]:
                    near[name] = max(near.get(name, 0.0), likeness)
    return sorted(near, key=lambda name: -near[name])[:most]
