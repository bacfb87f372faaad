"""Pages by position instead of by number: a cursor says after or before which row to go on.

Rows that are added or removed between two calls never shift a page, and the deepest page is found as quickly as the
first. The cursor is signed and bound to its list, so that nobody can write one or carry it to another list.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.choosing import CHOOSING
from records.api.problems import InvalidParameters

CURSOR = "cursor"
#: Parameters that may change while a client walks a list: they do not say which rows are in it, or in which order.
NOT_PART_OF_THE_LIST = {CURSOR, "page_size", "format", *CHOOSING}

_signer = signing.Signer(salt="records.api.pagination.v1")


@dataclass(frozen=True)
class Key:
    """One expression of an order, by which no row is null."""

    expression: Any
    is_descending: bool = False

    @classmethod
    def read(cls, entry: Any) -> "Key":
        """An entry of ``order_by``: a name, a name with a minus, or an expression."""
        if isinstance(entry, str):
            return cls(F(entry.removeprefix("-")), entry.startswith("-"))
        if isinstance(entry, OrderBy):
            return cls(entry.expression, entry.descending)
        return cls(entry)

    def ordered(self, *, backwards: bool) -> OrderBy:
        """The key as part of an order, read from either end."""
        return OrderBy(self.expression, descending=self.is_descending != backwards)


@dataclass(frozen=True)
class Position:
    """A place in a list: next to the row with these ``values`` of the keys, going on ``backwards`` or forwards.

    ``is_inclusive``: the row itself belongs to what follows.
    """

    values: tuple[Any, ...]
    backwards: bool = False
    is_inclusive: bool = False

    def as_cursor(self, list_id: str) -> str:
        """The opaque text of the position in the list ``list_id``."""
        said = [list_id, [*self.values], int(self.backwards), int(self.is_inclusive)]
        return _signer.sign_object(said, compress=True)

    @classmethod
    def read(cls, cursor: str, list_id: str) -> "Position":
        """Raises ``BadSignature`` for text we never wrote, and for the cursor of another list."""
        try:
            of_list, values, backwards, is_inclusive = _signer.unsign_object(cursor)
        except signing.BadSignature:
            raise
        except Exception as fault:  # what a decompressor or a JSON reader may raise on text that was signed elsewhere
            raise signing.BadSignature("unreadable") from fault
        if of_list != list_id:
            raise signing.BadSignature("of another list")
        return cls(tuple(values), bool(backwards), bool(is_inclusive))


@dataclass(frozen=True)
class Counted:
    """The rows of a list in their order, and how many there are: exactly, or at least so many."""

    rows: Any
    count: int
    is_exact: bool = True


#: Rows are counted one by one up to this many, where nothing has counted them before.
COUNTED_AT_MOST = 10_000


def counted(rows: Any) -> Counted:
    """A queryset with its length, for which no more rows are read than an answer may take."""
    found = rows.order_by().values("pk")[: COUNTED_AT_MOST + 1].count()
    return Counted(rows, min(found, COUNTED_AT_MOST), found <= COUNTED_AT_MOST)


class KeysetPagination(BasePagination):
    """Pages of the order that the queryset came with, whatever it is, as long as it is total and without nulls.

    The size of a page is the filter set's. ``view.plan`` says what is read of a row.
    """

    def paginate(self, found: Counted, request: Request, view: Any) -> list[Any]:
        """The rows of the page, as the plan of the view reads them."""
        self.request = request
        self.list_id = _identify_list(request)
        self.size = view.filterset.page_size
        self.position = self._read_position(request)
        self.found = found
        self.plan = view.plan
        keys = [Key.read(entry) for entry in found.rows.query.order_by or found.rows.model._meta.ordering]
        rows = self._fetch(found.rows, keys)
        self.rows = rows[::-1] if self._goes_back else rows
        return self.rows

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return self.paginate(counted(queryset), request, view)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": self.found.count,
                "count_is_exact": self.found.is_exact,
                "next": self._next(),
                "previous": self._previous(),
                "results": data,
            }
        )

    @property
    def _goes_back(self) -> bool:
        return self.position is not None and self.position.backwards

    def _read_position(self, request: Request) -> Position | None:
        given = [cursor for cursor in request.query_params.getlist(CURSOR) if cursor]
        if not given:
            return None
        try:
            (cursor,) = given
            return Position.read(cursor, self.list_id)
        except (ValueError, signing.BadSignature):
            raise _refused_cursor() from None

    def _fetch(self, queryset: QuerySet[Any], keys: Sequence[Key]) -> list[Any]:
        # A rank is float4 in PostgreSQL: as double precision it comes back from a cursor as exactly what it was.
        named = {f"page_key_{place}": _exact(queryset, key.expression) for place, key in enumerate(keys)}
        self.keys = len(named)
        rows = queryset.annotate(**named).order_by(*(key.ordered(backwards=self._goes_back) for key in keys))
        if self.position is not None:
            try:
                rows = rows.filter(_beyond(self.position, keys))
            except (ValueError, TypeError, ValidationError):
                raise _refused_cursor() from None
        # Which rows they are is asked without what is told of them: that is a statement which need not be made anew.
        found = list(rows.prefetch_related(None).values_list("pk", *named)[: self.size + 1])
        self.has_more = len(found) > self.size
        keys_of = {row[0]: row[1:] for row in found[: self.size]}
        told = {row[-1]: row for row in self.plan.by_key.read(list(keys_of), rows.db)}
        # A row that was taken from the public between the two questions is not told.
        return [(*told[key], *values) for key, values in keys_of.items() if key in told]

    def _next(self) -> str | None:
        if self._goes_back:
            return self._link(self._at(-1, backwards=False))
        return self._link(self._at(-1, backwards=False)) if self.has_more else None

    def _previous(self) -> str | None:
        if self.position is None or (self._goes_back and not self.has_more):
            return None
        return self._link(self._at(0, backwards=True))

    def _at(self, place: int, *, backwards: bool) -> Position:
        if not self.rows:  # all that followed was removed meanwhile: turn around where the client stands
            assert self.position is not None  # noqa: S101 a first page without rows has no links
            return Position(self.position.values, backwards, is_inclusive=not self.position.is_inclusive)
        row = self.rows[place]
        return Position(tuple(_as_json(value) for value in row[-self.keys :]), backwards)

    def _link(self, position: Position) -> str:
        parameters = self.request.query_params.copy()
        parameters[CURSOR] = position.as_cursor(self.list_id)
        return self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        if isinstance(schema, dict):  # an example is put in the place of a marker, which is none
            schema = {**schema, "items": or_chosen(schema["items"])}
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["count", "count_is_exact", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Records in the whole list; at least so many where it is not exact.",
                    "example": 1,
                },
                "count_is_exact": {
                    "type": "boolean",
                    "description": "Whether `count` is exact. Meetings and statements always are; others up to 10,000.",
                    "example": True,
                },
                "next": {**link, "description": "Address of the next page; null on the last one."},
                "previous": {
                    **link,
                    "description": "Address of the page before; null on the first one.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, _view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": CURSOR,
                "in": "query",
                "required": False,
                "description": str(
                    gettext_lazy("Where to go on, as given in the addresses `next` and `previous`. Opaque and signed.")
                ),
                "schema": {"type": "string"},
            }
        ]


def or_chosen(whole: dict[str, Any]) -> dict[str, Any]:
    """The schema of a record, and of what is told of it when fields were chosen, left out or expanded."""
    chosen = {
        "type": "object",
        "title": "Chosen",
        "description": "What was asked for with `fields`, `omit` or `expand`, under the same names.",
    }
    return {"anyOf": [whole, chosen]}


def _identify_list(request: Request) -> str:
    """The same for all pages of one list: its path and whatever selects or orders its rows."""
    said = sorted((name, value) for name, values in request.query_params.lists() for value in values)
    selecting = [pair for pair in said if pair[0] not in NOT_PART_OF_THE_LIST]
    return hashlib.sha256(repr((request.path, selecting)).encode()).hexdigest()[:16]


def _beyond(position: Position, keys: Sequence[Key]) -> Q:
    """The rows that follow the position, in the direction it goes."""
    if len(position.values) != len(keys):
        raise ValueError("This cursor was made for another order.")
    condition, before = Q(), Q()
    for place, (key, value) in enumerate(zip(keys, position.values, strict=True)):
        onwards = "lt" if key.is_descending != position.backwards else "gt"
        if position.is_inclusive and place == len(keys) - 1:
            onwards += "e"
        condition |= before & Q(**{f"page_key_{place}__{onwards}": value})
        before &= Q(**{f"page_key_{place}": value})
        if place == 0:
            # Says nothing new, but lets an index on the first key begin where the page begins.
            bound = Q(**{f"page_key_0__{onwards[:2]}e": value})
    return bound & condition


def _exact(queryset: QuerySet[Any], expression: Any) -> Any:
    output = expression.resolve_expression(queryset.query).output_field
    return Cast(expression, FloatField()) if isinstance(output, FloatField) else expression


def _as_json(value: Any) -> Any:
    if value is None:
        raise TypeError("A list that is paged by position must be ordered by keys that are never null.")
    return value.isoformat() if isinstance(value, date) else value


def _refused_cursor() -> InvalidParameters:
    return InvalidParameters(
        {CURSOR: [_("This is not a cursor of this list. Take it from `next` or `previous`, or start without one.")]}
    )
