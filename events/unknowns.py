"""What a page does not know, gathered in one place: each with how uncertain it is, in a sentence.

What stands on the page as uncertain is said here too: a date known to the month, an office whose end is not known,
names that no source gives, facts that no source is cited for, and facts on which sources differ. It costs no query:
all of it is read by the page already.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actors.models import Actor, ActorKind
from events.footnotes import Footnotes, fact_in_words, value_in_words
from events.models import (
    Basis,
    CitationVerdict,
    DateBasis,
    Meeting,
    MeetingStatus,
    Mode,
    ParticipationAttendance,
    Statement,
)
from partialdates.values import PartialDate

UNKNOWN, POSSIBLE, CONTRADICTED = "unknown", "possible", "contradicted"
#: Facts of a meeting that one expects a source for.
OF_MEETING = ("date", "place", "participations")


@dataclass(frozen=True)
class Gap:
    """Something that is not known: ``degree`` is a word of the one language of certainty."""

    degree: str
    text: str


def of_meeting(meeting: Meeting, participations: Iterable[Any], statements: Iterable[Any], notes: Footnotes) -> Any:
    """What the page of a meeting does not know."""
    return [
        *_of_date(meeting.date),
        *_of_basis(meeting),
        *_of_status(meeting),
        *_of_place(meeting),
        *_of_participants(list(participations)),
        *_of_speakers(statements),
        *_unsourced(meeting, OF_MEETING, notes),
        *_contradicted(meeting, notes),
    ]


def of_statement(statement: Statement, notes: Footnotes) -> Any:
    """What the page of a statement does not know."""
    speakers = list(statement.speakers.all())
    return [
        *_of_date(statement.date),
        *_of_authors(speakers),
        *_of_words(statement, notes),
        *_unsourced(statement, (), notes),
        *_contradicted(statement, notes),
    ]


def of_actor(actor: Actor, notes: Footnotes) -> Any:
    """What the page of an actor does not know: of its offices, its names, and where sources differ."""
    tenures = list(actor.tenures.all())
    unseen = [one.text for one in actor.names.all() if not one.is_verified]
    if unseen:
        yield Gap(POSSIBLE, _("Not yet seen in a source: %(names)s.") % {"names": "; ".join(unseen)})
    if actor.kind == ActorKind.PERSON and not tenures:
        yield Gap(UNKNOWN, _("No office is recorded."))
    undated = [tenure for tenure in tenures if not tenure.span and not tenure.observed]
    if undated:
        offices = "; ".join(str(tenure.office) for tenure in undated)
        yield Gap(UNKNOWN, _("Since when, and until when, is not known: %(offices)s.") % {"offices": offices})
    for tenure in tenures:
        if tenure.span:
            yield from _of_span(str(tenure.office), tenure.span)
    yield from _contradicted(actor, notes)


def _of_date(date: PartialDate) -> Iterator[Gap]:
    if date.is_unknown:
        yield Gap(UNKNOWN, _("The date is not known."))
    elif date.end_is_unknown:
        yield Gap(UNKNOWN, _("When it ended is not known: %(date)s.") % {"date": date.text})
    elif date.start_is_unknown:
        yield Gap(UNKNOWN, _("When it began is not known: %(date)s.") % {"date": date.text})
    elif not date.is_certain:
        yield Gap(POSSIBLE, _("The day is not known, only: %(date)s.") % {"date": date.text})


def _of_span(what: str, span: PartialDate) -> Iterator[Gap]:
    if span.start_is_unknown:
        yield Gap(UNKNOWN, _("%(office)s: since when is not known.") % {"office": what})
    if span.end_is_unknown:
        yield Gap(UNKNOWN, _("%(office)s: until when is not known.") % {"office": what})


def _of_basis(meeting: Meeting) -> Iterator[Gap]:
    if meeting.date and meeting.date_basis != DateBasis.STATED:
        yield Gap(
            POSSIBLE, _("The date is not stated by a source: %(why)s.") % {"why": meeting.get_date_basis_display()}
        )


def _of_status(meeting: Meeting) -> Iterator[Gap]:
    if meeting.status in (MeetingStatus.ANNOUNCED, MeetingStatus.UNVERIFIED):
        text = _("Whether it took place is not confirmed: %(status)s.")
        yield Gap(POSSIBLE, text % {"status": meeting.get_status_display()})
    if meeting.status == MeetingStatus.DENIED:
        yield Gap(CONTRADICTED, _("A side denies that it took place."))


def _of_place(meeting: Meeting) -> Iterator[Gap]:
    if not meeting.mode:
        yield Gap(UNKNOWN, _("How they met is not known."))
    if meeting.place is None and meeting.mode in ("", Mode.IN_PERSON):
        yield Gap(UNKNOWN, _("The place is not known."))


def _of_participants(participations: list[Any]) -> Iterator[Gap]:
    if not participations:
        yield Gap(UNKNOWN, _("Who took part is not known."))
    unnamed = [one.name_as_given for one in participations if one.actor is None]
    if unnamed:
        yield Gap(UNKNOWN, _("Names are not given: %(who)s.") % {"who": "; ".join(unnamed)})
    reported = [str(one) for one in participations if one.attendance == ParticipationAttendance.REPORTED]
    if reported:
        yield Gap(POSSIBLE, _("Attendance is reported, not confirmed: %(who)s.") % {"who": "; ".join(reported)})
    no_capacity = [
        one.actor.name
        for one in participations
        if one.actor is not None
        and one.actor.kind == ActorKind.PERSON
        and not one.capacity
        and not one.tenures.all()
        and one.attendance != ParticipationAttendance.ABSENT
    ]
    if no_capacity:
        yield Gap(UNKNOWN, _("In which office is not recorded: %(who)s.") % {"who": "; ".join(no_capacity)})


def _of_speakers(statements: Iterable[Any]) -> Iterator[Gap]:
    if number := sum(1 for one in statements if not one.speakers.all()):
        text = ngettext(
            "Who said it is not recorded for %(n)s statement.",
            "Who said it is not recorded for %(n)s statements.",
            number,
        )
        yield Gap(UNKNOWN, text % {"n": number})


def _of_authors(speakers: list[Any]) -> Iterator[Gap]:
    if not speakers:
        yield Gap(UNKNOWN, _("Who said it is not recorded."))
    unnamed = [one.name_as_given for one in speakers if one.actor is None]
    if unnamed:
        yield Gap(UNKNOWN, _("Names are not given: %(who)s.") % {"who": "; ".join(unnamed)})


def _of_words(statement: Statement, notes: Footnotes) -> Iterator[Gap]:
    quoted = any(notes.quotes(statement, fact) for fact in ("", "text", "gist"))
    if not statement.text and not quoted and statement.basis != Basis.ANALYSIS:
        text = _("The words themselves are not recorded, only a gist (%(basis)s).")
        yield Gap(UNKNOWN, text % {"basis": statement.get_basis_display()})


def _unsourced(record: Any, facts: tuple[str, ...], notes: Footnotes) -> Iterator[Gap]:
    """That no source is cited: for the record, or, where one is cited only for some of its facts, for these facts."""
    if not notes.is_cited(record):
        yield Gap(UNKNOWN, _("No source is cited for the record itself."))
    elif not notes.supports(record):
        fields = [record._meta.get_field(fact) for fact in facts if not notes.supports(record, fact)]
        # A place that is not known needs no source.
        fields = [field for field in fields if getattr(record, field.name)]
        labels = [
            str(getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural)
            for field in fields
        ]
        if labels:
            yield Gap(UNKNOWN, _("No source is cited for: %(facts)s.") % {"facts": ", ".join(labels)})


def _contradicted(record: Any, notes: Footnotes) -> Iterator[Gap]:
    for citation in notes.citations:
        if citation.verdict == CitationVerdict.CONTRADICTS:
            words = {"fact": capfirst(fact_in_words(citation, record)), "publisher": citation.source.publisher}
            value = value_in_words(citation)
            text = (
                _("%(fact)s: %(publisher)s gives %(value)s.") if value else _("%(fact)s: %(publisher)s says otherwise.")
            )
            yield Gap(CONTRADICTED, text % {**words, "value": value})
