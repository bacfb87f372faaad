"""A fact of a record as its page states it: what it is called, and its value in words.

A fact is named by its field (``date``), by the name of rows (``participations``), or by one of these rows
(``participations.17``). Rows that join something hidden, and links to it, read as if they were not there.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.views.lists import LISTS
from partialdates.fields import PartialDateField
from readers.differences import summary_of, told_fields
from records.lookup import Unknown, find
from records.models import RegisteredId

#: Rows that a page shows as one fact, by the name that citations and templates give it.
ROWS = {
    "participations": "participations",
    "topics": "topic_links",
    "speakers": "speakers",
    "mentions": "mentions",
    "names": "names",
    "labels": "labels",
    "identifiers": "identifiers",
    "offices": "offices",
    "tenures": "tenures",
    "memberships": "memberships",
    "variants": "variants",
    "citations": "citations",
}
LONGEST = 1900


@dataclass(frozen=True)
class Fact:
    """A fact of the page: ``field`` is empty for the record as a whole."""

    record: Any
    field: str
    label: str
    value: str


def record_with(typed_uid: str) -> Any:
    """The public record with an id, of whatever kind.

    Raises `records.lookup.Unknown`, `Moved` or `Gone` as its own page would.
    """
    kind = RegisteredId.objects.filter(uid=typed_uid).values_list("kind", flat=True).first()
    model = next((model for model in LISTS if model._meta.label_lower == kind), None)
    if model is None:
        raise Unknown(typed_uid)
    return find(typed_uid, among=model.objects.all())


def is_known(model: Any, field: str) -> bool:
    """Whether pages show a fact of this name, so that somebody can say it is wrong; asks nobody."""
    return not field or rows_of(field) in ROWS or field in _named(model)


def rows_of(field: str) -> str:
    """The name of the rows that a field stands for or is one of; else the field."""
    return field.partition(".")[0]


@cache
def _named(model: Any) -> frozenset[str]:
    return frozenset(one.name for one in told_fields(model))


def fact_of(record: Any, field: str) -> Fact | None:
    """The fact that a page shows under the name ``field``; ``None`` when it shows none of that name."""
    if not field:
        return Fact(record, "", _("The record as a whole"), str(record)[:LONGEST])
    name, _point, key = field.partition(".")
    if name in ROWS:
        rows = getattr(record, ROWS[name], None)
        if rows is None:
            return None
        public = rows.public() if hasattr(rows, "public") else rows.all()
        if not _point:
            return Fact(record, field, str(capfirst(rows.model._meta.verbose_name_plural)), _listed(public))
        row = public.filter(pk=int(key)).first() if _is_key(key) else None
        if row is None:
            return None
        return Fact(record, field, str(capfirst(rows.model._meta.verbose_name)), summary_of(record, row)[:LONGEST])
    model: Any = type(record)
    if field not in _named(model):
        return None
    found = record._meta.get_field(field)
    return Fact(record, field, str(capfirst(found.verbose_name)), _value(record, found)[:LONGEST])


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _listed(rows: Any) -> str:
    return "; ".join(str(row) for row in rows.all()[:50])[:LONGEST]


def _value(record: Any, field: Any) -> str:
    value = getattr(record, field.name)
    if value is None or value == "":
        return ""
    if field.related_model is not None:
        is_open = field.related_model.objects.public().filter(pk=value.pk).exists()
        return str(value) if is_open else ""
    if isinstance(field, PartialDateField):
        return str(value.text) if value else ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if field.choices:
        return str(getattr(record, f"get_{field.name}_display")())
    return str(value)
