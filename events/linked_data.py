"""Records in the words of schema.org, for search engines and whoever reads the data in a page (JSON-LD).

Only what the page shows: all that is linked is asked of ``public()``, or left out.
"""

from collections.abc import Callable, Iterable
from typing import Any

from actors.models import Actor, ActorIdentifier, ActorKind, ActorName
from events.models import (
    Formula,
    Meeting,
    MeetingStatus,
    Mode,
    Participation,
    Place,
    Series,
    Source,
    Statement,
    StatementSpeaker,
    Topic,
)
from partialdates.values import PartialDate
from records.models import Record

_ACTORS = {
    ActorKind.PERSON: "Person",
    ActorKind.STATE: "Country",
    ActorKind.ORGANISATION: "Organization",
    ActorKind.BODY: "GovernmentOrganization",
}
_STATUS = {
    MeetingStatus.POSTPONED: "EventPostponed",
    MeetingStatus.CANCELLED: "EventCancelled",
}
#: Addresses of the same thing elsewhere, by scheme of identifiers.
_SAME_AS = {
    "wikidata": "http://www.wikidata.org/entity/{}",
    "viaf": "http://viaf.org/viaf/{}",
    "gnd": "https://d-nb.info/gnd/{}",
    "ror": "https://ror.org/{}",
}


def linked_data(record: Record, site: str) -> dict[str, Any]:
    """The record as JSON-LD; ``site`` is scheme and host of its addresses. Runs at most three queries."""
    describe = _DESCRIBED[type(record)]
    address = site + record.get_absolute_url()  # type: ignore[attr-defined]
    about = {
        "@context": "https://schema.org",
        "@id": address,
        "url": address,
        "identifier": record.uid,
        **describe(record, site),
    }
    if record.published_at is not None:
        about["sdDatePublished"] = record.updated_at.isoformat()
    return {name: value for name, value in about.items() if value not in (None, "", [])}


def _meeting(meeting: Meeting, site: str) -> dict[str, Any]:
    rows = Participation.objects.public().filter(meeting=meeting).exclude(actor=None).exclude(attendance="absent")
    is_remote = meeting.mode in (Mode.PHONE, Mode.VIDEO)
    start, end = _days(meeting.date)
    return {
        "@type": "Event",
        "name": meeting.title,
        "startDate": start,
        "endDate": end,
        "description": meeting.summary,
        "eventStatus": f"https://schema.org/{_STATUS.get(MeetingStatus(meeting.status), 'EventScheduled')}",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode" if is_remote else None,
        "location": _brief(_public(meeting.place), site),
        "attendee": [_brief(row.actor, site) for row in rows.select_related("actor").order_by("position", "id")],
        "superEvent": _brief(_public(meeting.part_of), site),
    }


def _statement(statement: Statement, site: str) -> dict[str, Any]:
    rows = StatementSpeaker.objects.public().filter(statement=statement).exclude(actor=None)
    return {
        "@type": "CreativeWork",
        "name": statement.label,
        "datePublished": _days(statement.date)[0],
        "inLanguage": statement.language,
        "abstract": statement.gist,
        "author": [_brief(row.actor, site) for row in rows.select_related("actor").order_by("position", "id")],
        "publisher": _brief(_public(statement.channel), site),
        "about": _brief(_public(statement.meeting), site),
    }


def _actor(actor: Actor, site: str) -> dict[str, Any]:
    is_person = actor.kind == ActorKind.PERSON
    names = ActorName.objects.public().filter(actor=actor).order_by("id").values_list("text", flat=True)
    identifiers = ActorIdentifier.objects.public().filter(actor=actor).order_by("scheme", "value")
    born, died = ("birthDate", "deathDate") if is_person else ("foundingDate", "dissolutionDate")
    return {
        "@type": _ACTORS[ActorKind(actor.kind)],
        "name": actor.name,
        "alternateName": [name for name in dict.fromkeys(names) if name != actor.name],
        "description": actor.description,
        "sameAs": [_SAME_AS[one.scheme].format(one.value) for one in identifiers if one.scheme in _SAME_AS],
        born: _days(actor.born)[0],
        died: _days(actor.died)[0],
        ("nationality" if is_person else "parentOrganization"): _brief(
            _public(actor.home_state if is_person else actor.parent), site
        ),
    }


def _place(place: Place, site: str) -> dict[str, Any]:
    coordinates = None
    if place.latitude is not None and place.longitude is not None:
        # JSON knows no decimal numbers.
        latitude, longitude = float(place.latitude), float(place.longitude)
        coordinates = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    return {
        "@type": "Place",
        "name": place.name,
        "address": {"@type": "PostalAddress", "addressCountry": place.country} if place.country else None,
        "geo": coordinates,
        "containedInPlace": _brief(_public(place.parent), site),
    }


def _topic(topic: Topic, site: str) -> dict[str, Any]:
    return {
        "@type": "DefinedTerm",
        "name": topic.name,
        "description": topic.scope_note,
        "subjectOf": _brief(_public(topic.parent), site),
    }


def _series(series: Series, _site: str) -> dict[str, Any]:
    return {"@type": "EventSeries", "name": series.name, "description": series.description}


def _source(source: Source, site: str) -> dict[str, Any]:
    return {
        "@type": "CreativeWork",
        "name": source.title,
        "datePublished": _days(source.published)[0],
        "inLanguage": source.language,
        "publisher": _brief(_public(source.publisher_actor), site)
        or ({"@type": "Organization", "name": source.publisher} if source.publisher else None),
        "sameAs": [address for address in (source.url, source.archived_url) if address],
    }


def _formula(formula: Formula, _site: str) -> dict[str, Any]:
    return {"@type": "DefinedTerm", "name": formula.name, "description": formula.note}


_DESCRIBED: dict[Any, Callable[[Any, str], dict[str, Any]]] = {
    Meeting: _meeting, Statement: _statement, Actor: _actor, Place: _place,
    Topic: _topic, Series: _series, Source: _source, Formula: _formula,
}  # fmt: skip


def _public(record: Any) -> Any:
    return record if record is not None and record.is_public else None


def _brief(record: Any, site: str) -> dict[str, Any] | None:
    if record is None:
        return None
    kinds: dict[Any, str] = {Meeting: "Event", Place: "Place", Topic: "DefinedTerm"}
    kind = _ACTORS[ActorKind(record.kind)] if isinstance(record, Actor) else kinds[type(record)]
    address = site + record.get_absolute_url()
    return {"@type": kind, "@id": address, "url": address, "name": getattr(record, "name", "") or record.title}


def _days(value: PartialDate) -> tuple[str | None, str | None]:
    """First and last day as schema.org has them: a whole year or month stays one, what is in doubt is left out."""
    said = value.edtf
    if not said:
        return None, None
    parts: Iterable[str] = said.split("/")
    if all(_is_plain(part) for part in parts):
        first, *rest = said.split("/")
        return first, (rest[0] if rest else None)
    return None, None


def _is_plain(part: str) -> bool:
    return part.replace("-", "").isdigit() and len(part) in (4, 7, 10) and not part.startswith("-")
