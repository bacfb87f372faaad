"""What each serializer says of a record, read once: which columns every field needs, and how it is written.

The serializers describe the answers, for people and for the schema. Rows are not read through them: that would build a
model for every linked row and walk a field object for every value. `records.api.plans` writes from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import get_language
from rest_framework import serializers

from partialdates.values import PartialDate
from records.api.serializers import (
    ApiAddress,
    LinkedRecordsField,
    ListAddress,
    PageAddress,
    PartialDateSerializer,
    TallyField,
)
from records.models import Identified, Record

Convert = Callable[[Any], Any]
_ANY_UID = "0123456789"


@dataclass(frozen=True)
class Value:
    """A value made of columns: of one as it is, or of several by ``make``."""

    columns: tuple[str, ...]
    make: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Address:
    """An absolute address: the site, then ``before``, the value of ``column`` and ``after``."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Tally:
    """How many of some rows point at the record."""

    rows: Callable[[], Any]
    by: str


@dataclass(frozen=True)
class One:
    """A linked record at ``source``; null where it is hidden or not set. ``seen_by`` are the columns that tell."""

    source: str
    shape: "Shape"
    seen_by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Many:
    """Rows that point at the record by ``owner``; of ``end`` alone what is at the other end of each."""

    rows: Callable[[], Any]
    owner: str
    end: str
    shape: "Shape"


Field = Value | Address | Tally | One | Many


@dataclass(frozen=True)
class Shape:
    """A serializer as it is written: its fields by name, in their order."""

    model: type[Model]
    fields: Mapping[str, Field]

    @property
    def nested(self) -> list[str]:
        """The names of the fields that hold records or rows."""
        return [name for name, field in self.fields.items() if isinstance(field, One | Many)]


@cache
def shape_of(serializer_class: Any) -> Shape:
    """The shape of a serializer class. Raises ``TypeError`` for a field that nobody has said how to write."""
    serializer = serializer_class()
    model = serializer_class.Meta.model
    found = {name: _read(serializer, model, name, field) for name, field in serializer.fields.items()}
    return Shape(model, found)


def _read(serializer: Any, model: Any, name: str, field: Any) -> Field:
    source: str = field.source
    child: Any = type(getattr(field, "child", field))
    if isinstance(field, ApiAddress):
        return _address("uid", reverse(f"api:{model._meta.model_name}-detail", args=[_ANY_UID]))
    if isinstance(field, PageAddress):
        return _page(model, "" if source == "*" else source)
    if isinstance(field, ListAddress):
        return Address("uid", f"{reverse(field.view_name)}?{field.parameter}=", "")
    if isinstance(field, TallyField):
        return Tally(field.rows, field.by)
    if isinstance(field, PartialDateSerializer):
        return Value((source,), _day)
    if isinstance(field, serializers.ListSerializer):
        return _many(serializer, model, name, field)
    if isinstance(field, serializers.BaseSerializer):
        linked = model._meta.get_field(source).related_model
        return One(source, shape_of(child), seen_by(linked))
    if name in serializer.columns:
        return Value(*serializer.columns[name])
    return _plain(model, field)


def _address(column: str, path: str) -> Address:
    before, after = path.split(_ANY_UID)
    return Address(column, before, after)


def _page(model: Any, source: str) -> Address:
    owner = model._meta.get_field(source).related_model if source else model
    return _address(f"{source}__uid" if source else "uid", owner(uid=_ANY_UID).get_absolute_url())


def _many(serializer: Any, model: Any, name: str, field: Any) -> Many:
    link = model._meta.get_field(field.source)
    rows = serializer.rows.get(name) or link.related_model._default_manager.public
    owner = link.remote_field.name if link.auto_created else link.remote_field.get_accessor_name()
    if link.many_to_many:
        owner = link.related_query_name() if not link.auto_created else link.field.name
    end = field.end if isinstance(field, LinkedRecordsField) else ""
    child: Any = type(field.child)
    return Many(rows, owner, end, shape_of(child))


def _plain(model: Any, field: Any) -> Value:
    source: str = field.source
    model._meta.get_field(source)  # a property has no column, and would be read row by row
    if isinstance(field, serializers.DateTimeField):
        return Value((source,), _moment)
    if isinstance(field, serializers.DateField):
        return Value((source,), _iso)
    if isinstance(field, serializers.FloatField):
        return Value((source,), _float)
    return Value((source,))


def seen_by(model: Any, prefix: str = "") -> tuple[tuple[str, ...], ...]:
    """The columns by which a linked row of the model is known to be public: for each record its state and merge.

    The rule of ``public()`` for a row that was read by a join.
    """
    if issubclass(model, Record):
        return ((f"{prefix}uid", f"{prefix}state", f"{prefix}merged_into_id"),)
    if issubclass(model, Identified):
        return ((f"{prefix}uid",), *(
            (f"{prefix}{path}__uid", f"{prefix}{path}__state", f"{prefix}{path}__merged_into_id")
            for path in model.public_through
        ))  # fmt: skip
    raise TypeError(f"{model.__name__} is no record that can be linked to.")


def _day(value: PartialDate) -> dict[str, Any]:
    return _day_in(value.edtf, get_language() or "")


@lru_cache(maxsize=20_000)
def _day_in(edtf: str, _language: str) -> dict[str, Any]:
    """The days of long lists repeat, and to read a date takes longer than to write it."""
    return PartialDate.from_canonical(edtf).as_dict()


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
