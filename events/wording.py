"""Records and filters as a feed, a calendar and a letter name them: plain words, without markup.

Records come from `events.reading`, so that what is hidden is not there to be named.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.models import Meeting, Source, Statement
from records.filters import RecordFilterSet

#: Ids of feeds and events name the site by its first address, which never changes (RFC 4151).
SINCE = 2026


def host_of_site() -> str:
    """The host that ids begin with, whatever address a request came by."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def tag_of(name: str) -> str:
    """An id for ever (RFC 4151): ``tag:readout.example,2026:meeting:4f9kq2m0aa``."""
    return f"tag:{host_of_site()},{SINCE}:{name}"


def address_on_site(path: str) -> str:
    """The whole address of a page, where no request says by which name the site is called."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def name_of(record: Any) -> str:
    """The name of a record as its page has it, a meeting or source with what tells it from others."""
    if isinstance(record, Statement):
        return record.label
    return str(record)


def kind_of(record: Any) -> str:
    """The plain word for the kind of record: “Meeting”."""
    return str(capfirst(record._meta.verbose_name))


def filters_in_words(filters: RecordFilterSet) -> str:
    """What restricts a list: “Participant: Wang Yi; From: 2023”; nothing for the whole list."""
    return "; ".join(f"{one.label}: {one.value_label}" for one in filters.applied)


def list_in_words(title: Any, filters: RecordFilterSet) -> str:
    """A list with what restricts it: “Meetings (Participant: Wang Yi)”."""
    restricted = filters_in_words(filters)
    return f"{title} ({restricted})" if restricted else str(title)


def _listed(values: Any) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values))


def _meeting_lines(meeting: Meeting) -> list[str]:
    kind = meeting.get_kind_display()
    status = "" if meeting.status == "held" else meeting.get_status_display()
    return [
        _listed(filter(None, (capfirst(kind), meeting.date.text, meeting.place, status))),
        _listed(meeting.participations.all()),
        meeting.summary,
    ]


def _statement_lines(statement: Statement) -> list[str]:
    return [
        _listed(filter(None, (capfirst(statement.get_kind_display()), statement.date.text, statement.channel))),
        _listed(statement.speakers.all()),
        statement.gist,
    ]


def _source_lines(source: Source) -> list[str]:
    kind = capfirst(source.get_kind_display())
    return [_listed(filter(None, (kind, source.published.text if source.published else ""))), source.url]


_LINES: dict[Any, Callable[[Any], list[str]]] = {
    Meeting: _meeting_lines,
    Statement: _statement_lines,
    Source: _source_lines,
}


def lines_of(record: Any) -> list[str]:
    """What one reads of a record before opening it: what, when, who, and a sentence."""
    lines = _LINES.get(type(record))
    if lines is not None:
        return [line for line in lines(record) if line]
    kind = record.get_kind_display() if hasattr(record, "get_kind_display") else ""
    texts = [getattr(record, name, "") for name in ("description", "scope_note", "note")]
    return [capfirst(text) for text in (kind, *texts) if text]


def topics_of(record: Any) -> list[str]:
    """The names of its topics."""
    links = getattr(record, "topic_links", None)
    return [link.topic.name for link in links.all()] if links is not None else []


def change_in_words(record: Any) -> str:
    """Whether one sees a record for the first time or a change to it, with its version."""
    if record.published_at and abs((record.updated_at - record.published_at).total_seconds()) < 1:
        return _("New.")
    day = record.updated_at
    return _("Changed on %(day)s, version %(version)s.") % {"day": f"{day:%Y-%m-%d}", "version": record.version}
