"""Freezing a selection. The rows are copied inside the database, as the files of the list have them."""

import hashlib
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from exchange.exports.kinds import Kind
from exchange.models import Selection
from records import attempts
from records.attempts import HOUR

#: More rows than this are no selection but the collection: cite that, and keep a file.
MOST_ROWS = 100_000
#: How many selections one address may freeze in an hour.
MOST_AN_HOUR = 30


class NotFrozen(Exception):
    """The selection cannot be frozen; the message says why and what to do."""


def canonical_query(filters: Any) -> str:
    """The query string of what a list holds and in which order, the same however it was typed."""
    query = filters.data.copy()
    for name in list(query):
        if name not in filters.filters or (name in filters.DISPLAY and name != "order"):
            del query[name]
        else:
            query.setlist(name, sorted(dict.fromkeys(query.getlist(name))))
    ordered = query.copy()
    ordered.clear()
    for name in sorted(query):
        ordered.setlist(name, query.getlist(name))
    return str(ordered.urlencode())


def count_attempt(request: HttpRequest) -> None:
    """Note that somebody freezes a selection. Raises `NotFrozen` when one address has for too often."""
    if attempts.is_too_often(request, "selection", [(MOST_AN_HOUR, HOUR)]):
        raise NotFrozen(
            _("From your address, %(most)d selections were made within an hour. Try again later.")
            % {"most": MOST_AN_HOUR}
        )


def freeze(*, kind: Kind, filters: Any) -> Selection:
    """The selection of what the valid filter set finds now; the one that is there when both are the same.

    Raises `NotFrozen` for more than `MOST_ROWS` rows.
    """
    too_many = NotFrozen(
        _("More than %(most)d records were found: narrow the list, or take it as a file and cite that.")
        % {"most": MOST_ROWS}
    )
    query = canonical_query(filters)
    with transaction.atomic():
        rows = _frozen_rows(kind, filters)
        if len(rows) > MOST_ROWS:
            raise too_many
        digest = hashlib.sha256(repr((kind.name, query, rows)).encode()).digest()
        Selection.objects.bulk_create(
            [Selection(kind=kind.name, query=query, rows=rows, digest=digest)], ignore_conflicts=True
        )
    return Selection.objects.get(digest=digest)


def _frozen_rows(kind: Kind, filters: Any) -> list[int]:
    """The keys of the frozen rows of what is found, in its order; those that are new are written."""
    found, parameters = kind.table.query(filters.qs, order=filters.order_keys, site="", is_keyed=True)
    names = kind.table.names
    with connection.cursor() as cursor:
        # One question is one moment of the database; the rest works on what it answered.
        cursor.execute(
            "CREATE TEMPORARY TABLE freezing ON COMMIT DROP AS SELECT row_number() OVER () AS position, found.*, "  # noqa: S608
            "sha256(convert_to(jsonb_build_array(%s::text, %s::text[], record_key, cells)::text, 'UTF8')) AS digest "
            f"FROM ({found}) AS found LIMIT {MOST_ROWS + 1}",
            [kind.name, names, *parameters],
        )
        cursor.execute(
            "INSERT INTO exchange_frozenrow (digest, kind, record_key, columns, cells) "
            "SELECT digest, %s, record_key, %s, cells FROM freezing ON CONFLICT (digest) DO NOTHING",
            [kind.name, names],
        )
        cursor.execute(
            "SELECT coalesce(array_agg(kept.id ORDER BY freezing.position), '{}') FROM freezing "
            "JOIN exchange_frozenrow AS kept USING (digest)"
        )
        (rows,) = cursor.fetchone()
        cursor.execute("DROP TABLE freezing")
    return list(rows)
