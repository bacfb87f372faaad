"""What stood in the tables at a moment of the past, for any question asked in the usual way.

Inside `as_of`, each SELECT begins with common table expressions that bear the names of the tables and read their
histories instead. So querysets, filters and representations need no second version for the past, and ``public()``
means what was public then. Nothing is returned of a record that is not public any more: see `Past`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections, models
from pghistory.models import Event as PghistoryEvent
from psycopg import sql as quoting

from records.history import event_model
from records.models import Record, RegisteredId

_WORD = re.compile(r"\w+")
_WITH = re.compile(r"\s*WITH(\s+RECURSIVE)?\s", re.IGNORECASE)


class NotKnownThen(Exception):
    """The question touches what has no history; an answer from the present would be wrong."""


@contextmanager
def as_of(moment: datetime, *, using: str = "default", keeps_withheld: bool = False) -> Iterator[None]:
    """Answer all questions to the database as of ``moment``, which counts as included.

    A change belongs to the moment at which its transaction began. Raises `NotKnownThen` at the first question that
    the histories cannot answer. ``keeps_withheld`` also returns what is not public any more: never show that.
    """
    connection = connections[using]
    with connection.execute_wrapper(Past(moment, connection, keeps_withheld=keeps_withheld)):
        yield


class Past:
    """Rewrites questions so that they read histories.

    What was taken from the public since (withdrawn, made private, deleted, or merged into such a record) is left out as
    though it had never been there: a withdrawal also takes back what was said before. A record that was merged into one
    that is public is shown as it was.
    """

    def __init__(self, moment: datetime, connection: Any, *, keeps_withheld: bool) -> None:
        self.moment = quoting.Literal(moment).as_string(None)
        self.connection = connection
        self.keeps_withheld = keeps_withheld

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        return execute(self.rewrite(sql, has_params=params is not None), params, many, context)

    def rewrite(self, sql: str, *, has_params: bool) -> str:
        """The question with its tables replaced; one that reads none of them is left as it is."""
        words = set(_WORD.findall(sql))
        if unknown := sorted(words & _tables_without_history()):
            raise NotKnownThen(", ".join(unknown))
        replaced = [self._rows_of(model, words) for table, model in _tables_with_history().items() if table in words]
        if not replaced:
            return sql
        expressions = ", ".join(replaced)
        if has_params:
            expressions = expressions.replace("%", "%%")
        if found := _WITH.match(sql):
            recursive = found[1] or ""
            return f"WITH{recursive} {expressions}, {sql[found.end() :]}"
        return f"WITH {expressions} {sql}"

    def _rows_of(self, model: Any, words: set[str]) -> str:
        events = event_model(model)
        kept = {field.column for field in events._meta.concrete_fields}
        columns = []
        for field in model._meta.concrete_fields:
            if field.column in kept:
                columns.append(f'event."{field.column}"')
            elif field.column in words and not isinstance(field, models.GeneratedField):
                raise NotKnownThen(f"{model._meta.db_table}.{field.column}")
            elif field.column in words:
                columns.append(f'{self._computed(field)} AS "{field.column}"')
        table = model._meta.db_table
        log = self._qualified(events._meta.db_table)
        still = "" if self.keeps_withheld or not issubclass(model, Record) else f" AND {self._is_still_public(table)}"
        # The histories are small for each row, and indexed by row and by the links that rows are looked up by.
        return f"""
            "{table}" AS NOT MATERIALIZED (
                SELECT {", ".join(columns)} FROM {log} AS event
                WHERE event.pgh_created_at <= {self.moment} AND event.pgh_label <> 'delete' AND NOT EXISTS (
                    SELECT 1 FROM {log} AS later
                    WHERE later.pgh_obj_id = event.pgh_obj_id AND later.pgh_id > event.pgh_id
                    AND later.pgh_created_at <= {self.moment}
                ){still}
            )
        """  # noqa: S608 (names of our own models and a quoted moment)

    def _computed(self, field: models.GeneratedField) -> str:
        sql, params = field.generated_sql(self.connection)
        return str(sql % tuple(quoting.Literal(value).as_string(None) for value in params)) if params else str(sql)

    def _is_still_public(self, table: str) -> str:
        rows = self._qualified(table)
        return f"""EXISTS (
            SELECT 1 FROM {rows} AS present WHERE present.id = event.id AND present.state = 'published'
            AND (present.merged_into_id IS NULL OR EXISTS (
                WITH RECURSIVE trail (id, next, state) AS (
                    SELECT id, merged_into_id, state FROM {rows} WHERE id = present.merged_into_id
                    UNION
                    SELECT step.id, step.merged_into_id, step.state
                    FROM trail JOIN {rows} AS step ON step.id = trail.next
                )
                SELECT 1 FROM trail WHERE next IS NULL AND state = 'published'
            ))
        )"""  # noqa: S608 (names of our own models)

    def _qualified(self, table: str) -> str:
        # The bare name would be that of the expression, which a recursive question would read in itself.
        return f'"{_schema(self.connection.alias)}"."{table}"'


@cache
def _schema(using: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


@cache
def _tables_with_history() -> dict[str, Any]:
    found = {}
    for model in apps.get_models():
        try:
            event_model(model)
        except LookupError:
            continue
        found[model._meta.db_table] = model
    return found


@cache
def _tables_without_history() -> frozenset[str]:
    """Tables of ours that are not kept. The histories themselves and the register of ids only grow, and may be read."""
    ours = {app.label for app in apps.get_app_configs() if not app.name.startswith("django.")}
    return frozenset(
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in ours
        and model._meta.db_table not in _tables_with_history()
        and not issubclass(model, PghistoryEvent)
        and model is not RegisteredId
    )
