"""What may be wrong with a meeting or a statement; and what of an actor or a tenure only events and sources show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from actors.models import Actor, ActorIdentifier, ActorKind, Tenure
from actors.warnings import Life, cannot_cover
from events.models import (
    Citation,
    Meeting,
    MeetingStatus,
    Mode,
    Participation,
    ParticipationAttendance,
    ParticipationRole,
    Place,
    SpeakerRole,
    Statement,
    StatementKind,
    StatementSpeaker,
)
from partialdates.values import PartialDate
from records.models import State
from records.warnings import (
    Doubt,
    Evidence,
    is_before,
    outside_life,
    reads,
    row,
    warns_of,
)

#: Meetings that did not take place keep nobody from being elsewhere.
NOT_HELD = (MeetingStatus.POSTPONED, MeetingStatus.CANCELLED, MeetingStatus.DENIED)
#: They speak for themselves at that time; who is quoted or reported may be long dead.
AUTHORS = (SpeakerRole.SPEAKER, SpeakerRole.ISSUER, SpeakerRole.CO_ISSUER)
ISO = "iso3166-1"


@dataclass
class Encounter:
    """A meeting with those who took part in it."""

    meeting: Meeting
    participations: list[Any]
    present: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.present = [
            one for one in self.participations if one.attendance != ParticipationAttendance.ABSENT and one.actor
        ]


@reads(Meeting)
def read_meeting(meeting: Meeting) -> Encounter:
    """The meeting with its participations, and the offices they acted in."""
    rows = (
        Participation.objects.filter(meeting=meeting)
        .select_related("actor", "actor__home_state", "on_behalf_of", "on_behalf_of__home_state")
        .prefetch_related(Prefetch("tenures", Tenure.objects.with_office().order_by("pk")))
    )
    return Encounter(Meeting.objects.select_related("place").get(pk=meeting.pk), list(rows))


@dataclass
class Utterance:
    """A statement with its speakers, and with who took part in its meeting."""

    statement: Statement
    speakers: list[Any]
    participations: list[Any]


@reads(Statement)
def read_statement(statement: Statement) -> Utterance:
    """The statement with its speakers and their offices, and the participations of its meeting."""
    speakers = StatementSpeaker.objects.filter(statement=statement).select_related(
        "actor", "tenure__person", "tenure__office__body"
    )
    participations = Participation.objects.filter(meeting=statement.meeting_id)
    return Utterance(
        Statement.objects.select_related("meeting", "channel").get(pk=statement.pk),
        list(speakers),
        list(participations) if statement.meeting_id else [],
    )


# Offices


def office_not_held(tenure: Tenure, date: PartialDate, subject: str) -> Iterator[Doubt]:
    """The doubt that somebody acted on ``date`` in an office whose tenure covers no day of it."""
    if cannot_cover(tenure, date):
        yield Doubt(
            "office-not-held",
            _("%(person)s held the office “%(office)s” %(span)s, which covers no day of %(date)s.")
            % {
                "person": tenure.person.name,
                "office": tenure.office,
                "span": tenure.span.text,
                "date": date.text,
            },
            subject,
            (Evidence.of(tenure),),
            (str(tenure.pk), tenure.span.edtf, tenure.observed.edtf, date.edtf),
        )


@warns_of(Meeting)
def participant_without_the_office(encounter: Encounter) -> Iterator[Doubt]:
    """Participants in an office that they can only have held before or after the meeting."""
    for participation in encounter.present:
        for tenure in participation.tenures.all():
            yield from office_not_held(tenure, encounter.meeting.date, row(participation))


@warns_of(Meeting)
def capacity_without_an_office(encounter: Encounter) -> Iterator[Doubt]:
    """Persons whom a source gives a capacity, and all of whose known offices were held at other times."""
    worded: dict[Any, Any] = {one.actor_id: one for one in encounter.present if one.capacity and not one.tenures.all()}
    held: dict[int, list[Tenure]] = {}
    for tenure in Tenure.objects.filter(person__in=worded).with_office() if encounter.meeting.date else ():
        held.setdefault(tenure.person_id, []).append(tenure)
    for person, tenures in held.items():
        if all(cannot_cover(tenure, encounter.meeting.date) for tenure in tenures):
            participation = worded[person]
            yield Doubt(
                "no-office-then",
                _("%(person)s acted as “%(capacity)s”, and no known office of that person covers %(date)s.")
                % {
                    "person": participation.actor.name,
                    "capacity": participation.capacity,
                    "date": encounter.meeting.date.text,
                },
                row(participation),
                (Evidence.of(participation.actor), *map(Evidence.of, tenures)),
                (
                    participation.capacity,
                    encounter.meeting.date.edtf,
                    *(f"{tenure.pk} {tenure.span} {tenure.observed}" for tenure in tenures),
                ),
            )


@warns_of(Statement)
def speaker_without_the_office(utterance: Utterance) -> Iterator[Doubt]:
    """Speakers in an office that they can only have held before or after the statement was issued."""
    for speaker in utterance.speakers:
        if speaker.tenure and speaker.role in AUTHORS:
            yield from office_not_held(speaker.tenure, utterance.statement.date, row(speaker))


# Lives


@warns_of(Meeting)
def participant_outside_life(encounter: Encounter) -> Iterator[Doubt]:
    """Persons before their birth or after their death, states and bodies that did not exist; also those acted for."""
    date = encounter.meeting.date
    for participation in encounter.present:
        bodies = {tenure.office.body_id: tenure.office.body for tenure in participation.tenures.all()}
        concerned = {participation.actor_id: participation.actor, **bodies}
        if participation.on_behalf_of is not None:
            concerned[participation.on_behalf_of_id] = participation.on_behalf_of
        for actor in concerned.values():
            yield from outside_life(actor, date, row(participation))


@warns_of(Statement)
def speaker_outside_life(utterance: Utterance) -> Iterator[Doubt]:
    """Authors before their birth or after their death or end, and a channel that did not exist."""
    date = utterance.statement.date
    for speaker in utterance.speakers:
        if speaker.actor and speaker.role in AUTHORS:
            yield from outside_life(speaker.actor, date, row(speaker))
    if utterance.statement.channel is not None:
        yield from outside_life(utterance.statement.channel, date, "channel")


# Places


@warns_of(Meeting)
def in_two_places(encounter: Encounter) -> Iterator[Doubt]:
    """Persons who were somewhere else on a day that is certain in both meetings.

    A visit and the meetings held during it are one journey. Two places of which one lies in the other are one place.
    """
    meeting = encounter.meeting
    persons = [one.actor_id for one in encounter.present if one.actor.kind == ActorKind.PERSON]
    if not _is_bound_to_a_place(meeting) or not persons:
        return
    others = (
        Participation.objects.present()
        .filter(
            actor__in=persons,
            meeting__date_core__overlap=meeting.date.core,
            meeting__mode=Mode.IN_PERSON,
            meeting__place__isnull=False,
            meeting__merged_into__isnull=True,
        )
        .exclude(meeting=meeting.pk)
        .exclude(meeting__place=meeting.place_id)
        .exclude(meeting__state=State.WITHDRAWN)
        .exclude(meeting__status__in=NOT_HELD)
        .select_related("actor", "meeting__place")
        .order_by("meeting_id", "id")
    )
    found = [one for one in others if not _is_one_journey(one.meeting, meeting)]
    around = _places_around({meeting.place_id, *(one.meeting.place_id for one in found)}) if found else {}
    here = {one.actor_id: one for one in encounter.present}
    other: Any
    for other in found:
        if other.meeting.place_id in around[meeting.place_id] or meeting.place_id in around[other.meeting.place_id]:
            continue
        yield Doubt(
            "in-two-places",
            _("%(person)s was in %(here)s and in %(there)s (“%(meeting)s”) on the same day.")
            % {
                "person": other.actor.name,
                "here": meeting.place,
                "there": other.meeting.place,
                "meeting": other.meeting,
            },
            row(here[other.actor_id]),
            (Evidence.of(other.meeting),),
            (
                meeting.date.edtf,
                str(meeting.place_id),
                str(other.meeting_id),
                other.meeting.date.edtf,
                str(other.meeting.place_id),
            ),
        )


def _is_bound_to_a_place(meeting: Meeting) -> bool:
    held = meeting.status not in NOT_HELD
    return bool(held and meeting.mode == Mode.IN_PERSON and meeting.place_id and meeting.date.core)


def _is_one_journey(one: Meeting, other: Meeting) -> bool:
    parents = {one.part_of_id, other.part_of_id} - {None}
    return one.pk in parents or other.pk in parents


def _places_around(places: set[Any]) -> dict[Any, set[int]]:
    """For each place the keys of all that it lies in; the tree of places is a few levels deep."""
    parents: dict[int, int | None] = {}
    unread = set(places)
    while unread:
        parents.update(Place.objects.filter(pk__in=unread).values_list("pk", "parent"))
        unread = {parent for parent in parents.values() if parent is not None} - parents.keys()
    around = {}
    for place in places:
        above: set[int] = set()
        parent = parents[place]
        while parent is not None and parent not in above:
            above.add(parent)
            parent = parents[parent]
        around[place] = above
    return around


@warns_of(Meeting)
def host_of_another_country(encounter: Encounter) -> Iterator[Doubt]:
    """A place that lies in the country of none of the hosts. Hosts of no country, as organisations, may be anywhere."""
    meeting: Any = encounter.meeting
    country = meeting.place.country if meeting.place else ""
    hosts = [one for one in encounter.present if one.role == ParticipationRole.HOST]
    if not country or not hosts or meeting.mode not in {Mode.IN_PERSON, ""}:
        return
    countries = _countries_of({state for host in hosts for state in _states_of(host)})
    of_hosts = [{countries.get(state, "") for state in _states_of(host)} - {""} for host in hosts]
    if all(of_hosts) and not any(country in known for known in of_hosts):
        yield Doubt(
            "place-outside-host-country",
            _("%(place)s lies in %(country)s, and the host is %(host)s (%(theirs)s).")
            % {
                "place": meeting.place,
                "country": country,
                "host": ", ".join(host.actor.name for host in hosts),
                "theirs": ", ".join(sorted(set().union(*of_hosts))),
            },
            "place",
            (Evidence.of(meeting.place), *(Evidence.of(host.actor) for host in hosts)),
            (
                str(meeting.place_id),
                country,
                *(f"{host.actor_id} {sorted(known)}" for host, known in zip(hosts, of_hosts, strict=True)),
            ),
        )


def _states_of(participation: Participation) -> list[int]:
    """The states that a participant is, belongs to, or acted for."""
    actors = [actor for actor in (participation.actor, participation.on_behalf_of) if actor is not None]
    states = [actor.pk if actor.kind == ActorKind.STATE else actor.home_state_id for actor in actors]
    return [state for state in states if state is not None]


def _countries_of(states: Iterable[int]) -> dict[int, str]:
    """The ISO 3166-1 codes of states, by key."""
    return dict(ActorIdentifier.objects.filter(actor__in=states, scheme=ISO).values_list("actor", "value"))


# Statements and their meeting


@warns_of(Statement)
def issued_before_its_meeting(utterance: Utterance) -> Iterator[Doubt]:
    """A statement about a meeting that was still to come, whatever days turn out to be right."""
    statement, meeting = utterance.statement, utterance.statement.meeting
    if meeting is not None and is_before(statement.date, meeting.date):
        yield Doubt(
            "issued-before-meeting",
            _("It was issued %(date)s, before its meeting was possible (%(meeting)s).")
            % {"date": statement.date.text, "meeting": meeting.date.text},
            evidence=(Evidence.of(meeting),),
            facts=(statement.date.edtf, str(meeting.pk), meeting.date.edtf),
        )


@warns_of(Statement)
def speaker_who_was_not_there(utterance: Utterance) -> Iterator[Doubt]:
    """Persons with a remark in a meeting that they were absent from, or of which a full list does not name them.

    A list with participants known by name only, or by number, is not full.
    """
    statement, meeting = utterance.statement, utterance.statement.meeting
    if meeting is None or statement.kind != StatementKind.REMARK or not utterance.participations:
        return
    listed = {one.actor_id: one for one in utterance.participations if one.actor_id}
    is_full = all(one.actor_id and not one.head_count for one in utterance.participations)
    for speaker in utterance.speakers:
        if speaker.role != SpeakerRole.SPEAKER or not speaker.actor or speaker.actor.kind != ActorKind.PERSON:
            continue
        participation = listed.get(speaker.actor_id)
        is_absent = participation is not None and participation.attendance == ParticipationAttendance.ABSENT
        if is_absent or (participation is None and is_full):
            message = (
                _("%(person)s spoke, but is listed as absent from “%(meeting)s”.")
                if is_absent
                else _("%(person)s spoke, but is not among the participants of “%(meeting)s”.")
            )
            yield Doubt(
                "speaker-not-there",
                message % {"person": speaker.actor.name, "meeting": meeting},
                row(speaker),
                (Evidence.of(meeting),),
                (str(speaker.actor_id), str(meeting.pk), "absent" if is_absent else "not listed"),
            )


# Sources


@warns_of(Meeting)
def meeting_without_source(encounter: Encounter) -> Iterator[Doubt]:
    """A meeting for which nothing is cited: not for itself, and not for a participant."""
    if not Citation.objects.about_meeting(encounter.meeting).exists():
        yield Doubt("no-source", _("No source is cited."))


@warns_of(Statement)
def statement_without_source(utterance: Utterance) -> Iterator[Doubt]:
    """A statement for which nothing is cited, nor for the meeting it was made in."""
    statement = utterance.statement
    cited = Q(statement=statement.pk)
    if statement.meeting_id:
        cited |= Q(meeting=statement.meeting_id)
    if not Citation.objects.filter(cited).exists():
        yield Doubt("no-source", _("No source is cited."), facts=(str(statement.meeting_id or ""),))


@warns_of(Tenure)
def tenure_without_source(tenure: Tenure) -> Iterator[Doubt]:
    """A tenure for which nothing is cited."""
    if not Citation.objects.filter(tenure=tenure.pk).exists():
        yield Doubt("no-source", _("No source is cited."))


@warns_of(Actor)
def actor_without_source(life: Life) -> Iterator[Doubt]:
    """An actor whose dates of life no source is cited for. A name alone needs none."""
    if (life.actor.born or life.actor.died) and not Citation.objects.filter(actor=life.actor.pk).exists():
        yield Doubt(
            "no-source",
            _("Dates of birth or death are given, and no source is cited."),
            facts=(life.actor.born.edtf, life.actor.died.edtf),
        )


# Actors and tenures, seen from the events

#: So many events outside the life of an actor are named; a longer list has one cause.
MOST_NAMED = 20


@warns_of(Actor)
def acted_outside_life(life: Life) -> Iterator[Doubt]:
    """Meetings and statements dated before the birth or after the death or end of an actor."""
    actor = life.actor
    outside = Q(pk__in=[])
    if actor.born.earliest:
        outside |= Q(date_outer__fully_lt=DateRange(actor.born.earliest, None))
    if actor.died.latest:
        outside |= Q(date_outer__fully_gt=DateRange(None, actor.died.latest, "(]"))
    if not (actor.born or actor.died):
        return
    joined = Participation.objects.present().filter(actor=actor.pk).order_by().values("meeting")
    said = StatementSpeaker.objects.filter(actor=actor.pk, role__in=AUTHORS).order_by().values("statement")
    for model, keys in ((Meeting, joined), (Statement, said)):
        for record in model._default_manager.filter(outside, pk__in=keys, merged_into__isnull=True)[:MOST_NAMED]:
            for doubt in outside_life(actor, record.date, row(record)):
                yield Doubt(doubt.code, doubt.message, doubt.subject, (Evidence.of(record),), doubt.facts)


@warns_of(Tenure)
def acted_in_outside_span(tenure: Tenure) -> Iterator[Doubt]:
    """Meetings and statements in which the office was acted in, though the tenure covers no day of them."""
    in_meetings = Participation.objects.present().filter(tenures=tenure.pk).select_related("meeting")
    in_statements = StatementSpeaker.objects.filter(tenure=tenure.pk, role__in=AUTHORS).select_related("statement")
    used = [(one, one.meeting) for one in in_meetings] + [(one, one.statement) for one in in_statements]
    affected = [(one, record) for one, record in used if cannot_cover(tenure, record.date)]
    for one, record in affected[:MOST_NAMED]:
        for doubt in office_not_held(tenure, record.date, row(one)):
            yield Doubt(doubt.code, doubt.message, doubt.subject, (Evidence.of(record),), doubt.facts)
