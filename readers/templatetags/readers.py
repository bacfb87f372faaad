"""``{% load readers %}``: what a page offers to whoever wants to come back, or sees something wrong."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from readers.facts import is_known
from readers.views.history import address_of as address_of_history
from records.filters import RecordFilterSet
from records.models import Record

register = template.Library()


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _ways(filters: RecordFilterSet, name: str) -> dict[str, Any]:
    """Where the list with these filters can be followed; nowhere while a filter is refused."""
    if not filters.is_valid():
        return {}
    # How a list is shown is nothing to follow it by: the same records make the same feed.
    query = filters.query_string(**dict.fromkeys(filters.DISPLAY))
    return {
        "feed_url": _with_query(reverse(f"readers:{name}-feed"), query),
        "calendar_url": _with_query(reverse("readers:meeting-calendar"), query) if name == "meeting" else "",
        "save_url": f"{reverse('readers:search-new')}?{urlencode({'list': name, 'query': query})}",
    }


@register.inclusion_tag("readers/_follow_head.html")
def follow_head(filters: RecordFilterSet, name: str, title: Any) -> dict[str, Any]:
    """The links by which programs find the feed and the calendar of a list."""
    return {"title": title, **_ways(filters, name)}


@register.inclusion_tag("readers/_follow.html")
def follow(filters: RecordFilterSet, name: str) -> dict[str, Any]:
    """The ways to follow a list, for a person."""
    return _ways(filters, name)


register.simple_tag(address_of_history, name="history_url")


@register.simple_tag
def record_then_url(record: Any, moment: datetime) -> str:
    """The address of a record in the API as it was at a moment."""
    query = urlencode({"as_of": moment.astimezone(UTC).isoformat()})
    return f"{reverse(f'api:{record._meta.model_name}-detail', args=[record.uid])}?{query}"


@register.inclusion_tag("readers/_something_wrong.html")
def something_wrong(record: Any, field: str = "", label: Any = "") -> dict[str, Any]:
    """The way to say that a fact of a public record is wrong; nothing beside what has no page of its own."""
    if not isinstance(record, Record) or not record.is_public or not is_known(type(record), field):
        return {}
    query = urlencode({"record": record.uid, "field": field} if field else {"record": record.uid})
    return {"address": f"{reverse('readers:correction-new')}?{query}", "label": label}


@register.inclusion_tag("readers/_something_wrong.html")
def row_wrong(record: Any, rows: str, row: Any) -> dict[str, Any]:
    """The way to say that a row of a public record is wrong: a participant, a speaker, an office held, a name."""
    return something_wrong(record, f"{rows}.{row.pk}", str(row))
