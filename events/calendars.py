"""Meetings as a calendar (RFC 5545): whole days at the place of the meeting.

A calendar has no word for a date that is not known. A meeting known to the day, or from day to day, stands on its
days. One known less well stands on all days it can have been, as tentative and with “date uncertain” before its name,
while that is a month at most. What is known only to the year, open on a side or not at all would lie across everything
else: it is left out, and the calendar says how many are.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import F, Func, IntegerField, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

from events import wording
from events.models import MeetingStatus

#: Days over which an uncertain meeting is shown.
LONGEST = 31

STATUSES = {
    MeetingStatus.ANNOUNCED: "TENTATIVE",
    MeetingStatus.CONFIRMED: "CONFIRMED",
    MeetingStatus.HELD: "CONFIRMED",
    MeetingStatus.POSTPONED: "CANCELLED",  # nothing happens on the days it was meant for
    MeetingStatus.CANCELLED: "CANCELLED",
    MeetingStatus.DENIED: "CANCELLED",
    MeetingStatus.UNVERIFIED: "TENTATIVE",
}


class Days(Func):
    """The days in a range; null for one that is open."""

    template = "(upper(%(expressions)s) - lower(%(expressions)s))"
    arity = 1
    output_field: Any = IntegerField()


def showable(meetings: Any) -> Any:
    """Those that a calendar can show, the latest first: known to the very days, or to a month."""
    is_certain = Q(date_core=F("date_outer"), days__isnull=False)
    return meetings.annotate(days=Days("date_outer")).filter(is_certain | Q(days__lte=LONGEST))


_END = b"END:VCALENDAR\r\n"


def calendar_of(*, title: str, meetings: Iterable[Any], left_out: int, cut: int = 0, site: str) -> Iterator[bytes]:
    """The calendar, piece by piece. ``left_out`` are not known well enough, ``cut`` are older than it has room for."""
    calendar = Calendar()
    calendar.add("prodid", "-//Readout//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", f"Readout: {title}")
    calendar.add("x-wr-calname", f"Readout: {title}")
    calendar.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "P1D")
    if said := " ".join(_left_out(left_out, cut)):
        calendar.add("description", said)
        calendar.add("x-wr-caldesc", said)
    yield calendar.to_ical().removesuffix(_END)
    for meeting in meetings:
        yield _event(meeting, site).to_ical()
    yield _END


def _left_out(left_out: int, cut: int) -> Iterable[str]:
    if left_out:
        yield ngettext(
            "%(n)s meeting is not shown: its date is not known to the month.",
            "%(n)s meetings are not shown: their dates are not known to the month.",
            left_out,
        ) % {"n": left_out}
    if cut:
        yield ngettext(
            "%(n)s earlier meeting is not shown: the calendar is full.",
            "%(n)s earlier meetings are not shown: the calendar is full.",
            cut,
        ) % {"n": cut}


def _event(meeting: Any, site: str) -> Event:
    address, name = f"{site}{meeting.get_absolute_url()}", meeting.title
    lines = [*wording.lines_of(meeting), address]
    status = STATUSES[meeting.status]
    if not meeting.date.is_certain:
        name = _("%(meeting)s (date uncertain: %(date)s)") % {"meeting": name, "date": meeting.date.text}
        lines.insert(0, _("The very day is not known. The entry covers all days it can have been."))
        status = "TENTATIVE" if status == "CONFIRMED" else status
    event = Event()
    event.add("uid", f"{meeting.uid}@{wording.host_of_site()}")
    event.add("sequence", meeting.version - 1)
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    event.add("created", meeting.published_at or meeting.created_at)
    event.add("dtstart", meeting.date.earliest)
    event.add("dtend", meeting.date.latest + timedelta(days=1))  # the first day after it
    event.add("summary", name)
    event.add("description", "\n".join(lines))
    event.add("status", status)
    event.add("transp", "TRANSPARENT")
    event.add("url", address)
    if meeting.place:
        event.add("location", str(meeting.place))
        if meeting.place.latitude is not None:
            event.add("geo", (float(meeting.place.latitude), float(meeting.place.longitude)))
    if topics := wording.topics_of(meeting):
        event.add("categories", topics)
    return event
