"""Questions that are asked again and again for other keys: written by the ORM once, and planned by PostgreSQL once.

To put a queryset into SQL takes longer than to run it, and to plan it as long again. What an answer is made of differs
only in the keys, so its statements are kept for as long as the process lives, and prepared in each connection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections
from django.db.models import BooleanField, F, Func

Row = tuple[Any, ...]
#: Stands for the keys among the parameters of a statement.
_KEYS = object()


class _Belongs(Func):
    """Whether the value of a column is one of the keys, or the one key, that are given when the statement is run.

    Two forms, because PostgreSQL keeps the plan of a statement only when that is no dearer than a plan made for its
    values, and it takes a list of unknown length to be one of ten.
    """

    def __init__(self, path: str, kind: str, *, is_one: bool) -> None:
        self.form = f"%s::{kind}" if is_one else f"ANY(%s::{kind}[])"
        super().__init__(F(path), output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, *_form: Any, **_context: Any) -> Any:  # noqa: ARG002 the framework's names
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} = {self.form}", [*parameters, _KEYS]


class _Cursor(psycopg.Cursor[Row]):
    """Has PostgreSQL keep the statement ``text``. What became of it on the way, as for the past, is asked once."""

    text = ""

    def execute(self, query: Any, params: Any = None, **_given: Any) -> Any:
        return super().execute(query, params, prepare=query is self.text)


@dataclass(frozen=True)
class _Statement:
    """SQL with its parameters, of which those that are `_KEYS` are yet to come, and what makes values of columns."""

    text: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, Any, Any], ...]

    def rows(self, keys: Any, connection: Any) -> list[Row]:
        parameters = [keys if one is _KEYS else one for one in self.parameters]
        with self._cursor(connection) as cursor:
            cursor.execute(self.text, parameters)
            rows: list[Row] = cursor.fetchall()
        return [self._converted(row, connection) for row in rows] if self.converters else rows

    def _cursor(self, connection: Any) -> Any:
        if connection.queries_logged:
            return connection.cursor()  # writes the keys into the statement, for whoever reads the log
        connection.ensure_connection()
        prepared = _Cursor(connection.connection)
        prepared.text = self.text
        return connection.make_cursor(prepared)

    def _converted(self, row: Row, connection: Any) -> Row:
        values = list(row)
        for place, convert, expression in self.converters:
            values[place] = convert(values[place], expression, connection)
        return tuple(values)


class Keyed:
    """The rows of a queryset that belong to some keys.

    ``rows`` gives the queryset, which must be the same whenever it is asked for, without a slice; ``select`` makes of
    it what is read, from ``values_list``. ``path`` leads to the key of a row; ``kind`` is its type in PostgreSQL.
    """

    def __init__(
        self, rows: Callable[[], Any], path: str, select: Callable[[Any], Any], *, kind: str = "bigint"
    ) -> None:
        self.rows, self.path, self.select, self.kind = rows, path, select, kind
        self._statements: dict[tuple[str, bool], _Statement] = {}

    def read(self, keys: Sequence[Any], using: str) -> list[Row]:
        """The rows that belong to the keys, in the order of the queryset."""
        if not keys:
            return []
        is_one = len(keys) == 1
        statement = self._statements.get((using, is_one)) or self._written(using, is_one=is_one)
        return statement.rows(keys[0] if is_one else list(keys), connections[using])

    def _written(self, using: str, *, is_one: bool) -> _Statement:
        belonging = self.rows().using(using).filter(_Belongs(self.path, self.kind, is_one=is_one))
        query = self.select(belonging.prefetch_related(None)).query
        compiler = query.get_compiler(using)
        text, parameters = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        found = compiler.get_converters(columns).items()
        converters = tuple((place, convert, one) for place, (several, one) in found for convert in several)
        statement = self._statements[using, is_one] = _Statement(text, tuple(parameters), converters)
        return statement
