"""The rows of the lists of meetings and statements: what they show, as plain values ready to print.

A list of fifty meetings names some three hundred records. As objects with their querysets they cost more than all the
rest of the page, so a row is read as columns: one query for the records, and one for each thing that they have several
of. What is not public is left out here, as in `events.reading`.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Count
from django.db.models.functions import Left
from django.urls import reverse

from events.models import (
    Basis,
    Citation,
    CitationVerdict,
    Meeting,
    MeetingKind,
    MeetingStatus,
    MeetingTopic,
    Mode,
    Participation,
    ParticipationAttendance,
    Place,
    PlaceKind,
    Series,
    SpeakerRole,
    Stance,
    Statement,
    StatementKind,
    StatementSpeaker,
    StatementTopic,
)
from partialdates.values import PartialDate
from records.languages import country_name
from records.search import RANKED
from records.statements import Keyed

#: A little more of a text than its label shows, so that a longer one is seen to be longer.
LABEL_READS = 130
#: A citation of a public record points at nothing else; whether it can be seen depends on its source.
CITED_BESIDE_SOURCE = tuple(link for link in Citation.public_through if link != "source")


@dataclass(frozen=True, slots=True)
class Named:
    """A record by its name and address, or a name alone, with what is said of it there: a country, a role, a stance."""

    name: str
    url: str = ""
    note: str = ""
    #: Of a participant: whether it is known to have been there.
    attendance: str = ParticipationAttendance.CONFIRMED


@dataclass(slots=True)
class MeetingRow:
    """A meeting as a list shows it."""

    pk: int
    url: str
    title: str
    date: PartialDate
    is_date_contradicted: bool
    status: str
    status_label: str
    manner: str
    place: Named | None
    series: Named | None
    round: int | None
    statement_count: int
    #: The sides of the table with those who sat there, in the order in which they appear; without a side last.
    sides: list[tuple[str, list[Named]]]
    topics: list[Named]


@dataclass(slots=True)
class StatementRow:
    """A statement as a list shows it; a page about a phrase adds its ``wording``."""

    pk: int
    url: str
    label: str
    language: str
    date: PartialDate
    is_date_contradicted: bool
    manner: str
    meeting: Named | None
    speakers: list[Named]
    topics: list[Named]
    wording: str = field(default="")


def meeting_rows(meetings: Any) -> list[MeetingRow]:
    """The rows of a queryset of public meetings, sliced or not, in its order. Seven queries, however many rows."""
    found = list(
        meetings.values_list(
            "pk", "uid", "title", "date", "status", "kind", "mode", "place_id", "series_id", "round"
        )
    )  # fmt: skip
    using, keys = meetings.db, [row[0] for row in found]
    places = _places({row[7] for row in found if row[7]}, using)
    series = _names(Series, "series", {row[8] for row in found if row[8]}, using)
    counts: dict[int, int] = dict(STATEMENT_COUNTS.read(keys, using))
    sides, topics = _sides(keys, using), _meeting_topics(keys, using)
    contradicted = {key for (key,) in CONTRADICTED["meeting"].read(keys, using)}
    address = _addresses("meeting")
    kinds, modes, statuses = _words(MeetingKind), _words(Mode), _words(MeetingStatus)
    return [
        MeetingRow(
            pk=pk, url=address(uid), title=title, date=date, is_date_contradicted=pk in contradicted,
            status=status, status_label=statuses[status], manner=kinds[kind] + (f", {modes[mode]}" if mode else ""),
            place=places.get(place), series=series.get(one), round=number, statement_count=counts.get(pk, 0),
            sides=sides.get(pk, []), topics=topics.get(pk, []),
        )
        for pk, uid, title, date, status, kind, mode, place, one, number in found
    ]  # fmt: skip


def statement_rows(statements: Any) -> list[StatementRow]:
    """The rows of a queryset of public statements, sliced or not, in its order. Five queries, however many rows."""
    # Of a text only its beginning is shown, and only where there is neither title nor gist.
    begins = {f"{name}_begins": Left(name, LABEL_READS) for name in ("title", "gist", "text")}
    found = list(
        statements.annotate(**begins).values_list(
            "pk", "uid", *begins, "language", "date", "kind", "basis", "meeting_id"
        )
    )
    using, keys = statements.db, [row[0] for row in found]
    meetings = _names(Meeting, "meeting", {row[9] for row in found if row[9]}, using, name="title")
    speakers, topics = _speakers(keys, using), _statement_topics(keys, using)
    contradicted = {key for (key,) in CONTRADICTED["statement"].read(keys, using)}
    address = _addresses("statement")
    kinds, bases = _words(StatementKind), _words(Basis)
    return [
        StatementRow(
            pk=pk, url=address(uid), label=Statement(title=title, gist=gist, text=text).label, language=language,
            date=date, is_date_contradicted=pk in contradicted, manner=f"{kinds[kind]}, {bases[basis]}",
            meeting=meetings.get(meeting), speakers=speakers.get(pk, []), topics=topics.get(pk, []),
        )
        for pk, uid, title, gist, text, language, date, kind, basis, meeting in found
    ]  # fmt: skip


class Found(Sequence[Any]):
    """What a list found, for a paginator: ``read`` turns a slice of the queryset into rows when it is asked for."""

    def __init__(self, found: Any, read: Callable[[Any], Any]) -> None:
        self.found, self.read = found, read

    def __len__(self) -> int:
        return int(self.found.count())

    def __getitem__(self, place: Any) -> Any:
        return self.read(self.found[place])


class CountedFound(Sequence[Any]):
    """The same of a list whose facets were counted: nothing is searched, sorted or counted for a second time.

    Its length is known, and a page in the order of time is known by its keys, however far down the list it is. In
    another order the database sorts, by key where few were found.
    """

    def __init__(self, filters: Any, selection: Any, read: Callable[[Any], Any]) -> None:
        self.filters, self.selection, self.read = filters, selection, read

    def __len__(self) -> int:
        return int(self.selection.count)

    def __getitem__(self, place: Any) -> Any:
        filters, dates = self.filters, self.selection.facets.index.dates
        is_dated = getattr(filters, "date_field", "") == getattr(dates, "name", None)
        if is_dated and filters.order in ("date", "-date"):
            is_latest_first = filters.order == "-date"
            return self._at(self.selection.keys_in_time(place.start, place.stop, latest_first=is_latest_first))
        if is_dated and filters.order == "relevance":
            return self._at(self._best_first(place.stop)[place.start :])
        few = self.selection.few_in_order(filters)
        return self.read((filters.qs if few is None else few)[place])

    def _best_first(self, end: int) -> list[int]:
        """The first ``end`` keys as `RecordSearch.with_rank` has them: the latest are ranked, others follow by date."""
        filters = self.filters
        keys = self.selection.keys_in_time(0, max(end, RANKED), latest_first=True)
        search = filters.filters["q"].search
        return [*search.best_first(filters.queryset, filters.given("q"), keys[:RANKED]), *keys[RANKED:]][:end]

    def _at(self, keys: list[int]) -> list[Any]:
        rows = {one.pk: one for one in self.read(self.filters.queryset.filter(pk__in=keys).order_by())}
        # One that was withdrawn a moment ago is counted, and no more there.
        return [rows[key] for key in keys if key in rows]


def _addresses(name: str) -> Callable[[str], str]:
    """The address of a record of this kind by its id; resolved once for all rows of a page."""
    before, _mark, after = reverse(f"events:{name}-detail", args=["0"]).rpartition("0")
    return lambda uid: f"{before}{uid}{after}"


def _words(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices.choices}


@cache
def names_of(model: Any, name: Any = "name", kinds: tuple[str, ...] = ()) -> Keyed:
    """Key, name and id of public records, of these kinds alone if any are given; ``name`` says what they are called."""

    def rows() -> Any:
        records = model.objects.public().order_by()
        return records.filter(kind__in=kinds) if kinds else records

    return _keyed(rows, "pk", "pk", name, "uid")


def _names(model: Any, kind: str, keys: set[int], using: str, *, name: str = "name") -> dict[int, Named]:
    """The public records with these keys, by key."""
    address = _addresses(kind)
    return {pk: Named(text, address(uid)) for pk, text, uid in names_of(model, name).read(list(keys), using)}


def _places(keys: set[int], using: str) -> dict[int, Named]:
    address = _addresses("place")
    return {
        pk: Named(name, address(uid), country_name(country) if kind != PlaceKind.COUNTRY else "")
        for pk, name, uid, kind, country in PLACES.read(list(keys), using)
    }


def _sides(meetings: list[int], using: str) -> dict[int, list[tuple[str, list[Named]]]]:
    address = _addresses("actor")
    found: dict[int, dict[str, list[Named]]] = defaultdict(dict)
    for meeting, side, attendance, given, name, uid in PARTICIPANTS.read(meetings, using):
        one = Named(name, address(uid), attendance=attendance) if uid else Named(given, attendance=attendance)
        found[meeting].setdefault(side, []).append(one)
    return {meeting: sorted(sides.items(), key=lambda side: not side[0]) for meeting, sides in found.items()}


def _speakers(statements: list[int], using: str) -> dict[int, list[Named]]:
    address, roles = _addresses("actor"), _words(SpeakerRole)
    roles[SpeakerRole.SPEAKER] = ""
    found: dict[int, list[Named]] = defaultdict(list)
    for statement, role, given, name, uid in SPEAKERS.read(statements, using):
        found[statement].append(Named(name, address(uid), roles[role]) if uid else Named(given, note=roles[role]))
    return found


def _meeting_topics(meetings: list[int], using: str) -> dict[int, list[Named]]:
    address = _addresses("topic")
    found: dict[int, list[Named]] = defaultdict(list)
    for meeting, name, uid in MEETING_TOPICS.read(meetings, using):
        found[meeting].append(Named(name, address(uid)))
    return found


def _statement_topics(statements: list[int], using: str) -> dict[int, list[Named]]:
    address, stances = _addresses("topic"), _words(Stance)
    found: dict[int, list[Named]] = defaultdict(list)
    for statement, stance, name, uid in STATEMENT_TOPICS.read(statements, using):
        found[statement].append(Named(name, address(uid), stances.get(stance, "")))
    return found


def _keyed(rows: Callable[[], Any], path: str, *columns: Any) -> Keyed:
    return Keyed(rows, path, lambda found: found.values_list(*columns))


def _contradicted(target: str) -> Keyed:
    """Those for whose date a public source gives another."""
    return _keyed(
        lambda: (
            Citation.objects.public(given=CITED_BESIDE_SOURCE)
            .filter(field="date", verdict=CitationVerdict.CONTRADICTS)
            .order_by()
        ),
        target,
        f"{target}_id",
    )


# What a list reads for the keys of its rows, from what is public.
PLACES = _keyed(lambda: Place.objects.public().order_by(), "pk", "pk", "name", "uid", "kind", "country")
STATEMENT_COUNTS = Keyed(
    lambda: Statement.objects.public().order_by(),
    "meeting",
    lambda rows: rows.values_list("meeting").annotate(n=Count("pk")),
)
PARTICIPANTS = _keyed(
    lambda: Participation.objects.public(given=("meeting",)),
    "meeting",
    *("meeting_id", "side", "attendance", "name_as_given", "actor__name", "actor__uid"),
)
SPEAKERS = _keyed(
    lambda: StatementSpeaker.objects.public(given=("statement",)),
    "statement",
    *("statement_id", "role", "name_as_given", "actor__name", "actor__uid"),
)
MEETING_TOPICS = _keyed(
    lambda: MeetingTopic.objects.public(given=("meeting",)), "meeting", "meeting_id", "topic__name", "topic__uid"
)
STATEMENT_TOPICS = _keyed(
    lambda: StatementTopic.objects.public(given=("statement",)),
    "statement",
    *("statement_id", "stance", "topic__name", "topic__uid"),
)
CONTRADICTED = {target: _contradicted(target) for target in ("meeting", "statement")}
