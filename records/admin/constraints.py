"""What the constraints of a model say to many rows, asked of the database in one query.

Django asks once for each row and each constraint: a form of a hundred rows would ask a thousand times. Rows and answers
are the same; a kind of constraint that is not known here is asked in Django's way, row by row.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.sql import Query

#: The SQL of each check with its parameters, by model and name.
_CHECKS: dict[tuple[Any, str], tuple[str, list[Any]]] = {}


@dataclass(frozen=True)
class Asked:
    """A row that is not saved yet, and the fields that must not be looked at: they are wrong already, or not known."""

    row: Any
    exclude: frozenset[str]


def broken_constraints(
    model: Any, asked: Sequence[Asked], *, gone: Collection[int] = ()
) -> list[list[ValidationError | dict[str, list[ValidationError]]]]:
    """What an editor is told of each row, as ``Model.validate_constraints`` says it.

    ``gone`` are the keys of rows that are deleted before these are saved: nothing is a repetition of them.
    """
    said: list[list[Any]] = [[] for _one in asked]
    answers = _answers(model, asked, gone)
    for number, one in enumerate(asked):
        for constraint in model._meta.constraints:
            if (holds := answers.get((number, constraint.name))) is not None:
                if not holds:
                    said[number].append(_message(constraint))
            elif not _is_asked_together(model, constraint):
                try:
                    constraint.validate(model, one.row, exclude=set(one.exclude))
                except ValidationError as refused:
                    said[number].append(refused)
    return said


def _message(constraint: Any) -> Any:
    refused = ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)
    fields = getattr(constraint, "fields", ())
    return {fields[0]: [refused]} if refused.code == "unique" and len(fields) == 1 else refused


def _is_asked_together(model: Any, constraint: Any) -> bool:
    if any(model._meta.get_field(name).generated for name in _fields_of(constraint)):
        return False
    if isinstance(constraint, models.CheckConstraint):
        return True
    return (
        isinstance(constraint, models.UniqueConstraint)
        and bool(constraint.fields)
        and constraint.condition is None
        and constraint.violation_error_message != constraint.default_violation_error_message
    )


def _fields_of(constraint: Any) -> frozenset[str]:
    if isinstance(constraint, models.CheckConstraint):
        return frozenset(Q(constraint.condition).referenced_base_fields)
    return frozenset(getattr(constraint, "fields", ()))


def _answers(model: Any, asked: Sequence[Asked], gone: Collection[int]) -> dict[tuple[int, str], bool]:
    """Whether a row keeps a constraint, by its number and the name of the constraint; one query, or none."""
    groups: dict[tuple[str, ...], list[int]] = {}
    together = {one.name: one for one in model._meta.constraints if _is_asked_together(model, one)}
    for number, one in enumerate(asked):
        names = tuple(name for name, constraint in together.items() if not _fields_of(constraint) & one.exclude)
        if names:
            groups.setdefault(names, []).append(number)
    if not groups:
        return {}
    statements, parameters = [], []
    for names, numbers in groups.items():
        sql, values = _statement(
            model, [together[name] for name in names], [(number, asked[number].row) for number in numbers], gone
        )
        statements.append(sql)
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        rows = dict(cursor.fetchall())
    return {
        (number, name): kept
        for names, numbers in groups.items()
        for number in numbers
        for name, kept in zip(names, rows[number], strict=True)
    }


def _statement(
    model: Any, constraints: Iterable[Any], rows: Iterable[tuple[int, Any]], gone: Collection[int]
) -> tuple[str, list[Any]]:
    """Select, for each row, its number and a list of whether it keeps each of the constraints."""
    constraints = list(constraints)
    key = model._meta.pk
    names = {name for constraint in constraints for name in _fields_of(constraint)}
    fields = [key, *(field for field in model._meta.local_concrete_fields if field.name in names and field != key)]
    conditions, parameters = [], []
    for constraint in constraints:
        if isinstance(constraint, models.CheckConstraint):
            sql, values = _check(model, constraint)
        else:
            sql, values = _is_single(model, constraint, gone)
        conditions.append(sql)
        parameters += values
    line = "(%s::integer, " + ", ".join(f"%s::{_type(field)}" for field in fields) + ")"
    lines = []
    for number, row in rows:
        lines.append(line)
        parameters += [number, *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields)]
    columns = ", ".join(["number", *(_quoted(field.column) for field in fields)])
    return (
        f"SELECT row.number, ARRAY[{', '.join(conditions)}] FROM (VALUES {', '.join(lines)}) AS row ({columns})",  # noqa: S608 (names of our own models; values stay parameters)
        parameters,
    )


def _check(model: Any, constraint: models.CheckConstraint) -> tuple[str, list[Any]]:
    # To write it takes longer than to ask it, and it is the same for every row and every form.
    if (kept := _CHECKS.get((model, constraint.name))) is not None:
        return kept
    query: Any = Query(None)
    for field in map(model._meta.get_field, _fields_of(constraint)):
        query.add_annotation(RawSQL(f"row.{_quoted(field.column)}", (), output_field=field), field.name, select=False)  # noqa: S611 (a column of our own models)
    # A comparison with null is neither true nor false, and the database lets it pass.
    query.add_q(Q(Coalesce(Q(constraint.condition), True, output_field=BooleanField())))
    sql, parameters = query.get_compiler(connection=connection).compile(query.where)
    return _CHECKS.setdefault((model, constraint.name), (sql, list(parameters)))


def _is_single(model: Any, constraint: models.UniqueConstraint, gone: Collection[int]) -> tuple[str, list[Any]]:
    table, key = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    same = []
    for name in constraint.fields:
        field = model._meta.get_field(name)
        # An index serves "=", but not the other.
        equals = "IS NOT DISTINCT FROM" if field.null and constraint.nulls_distinct is False else "="
        same.append(f"other.{_quoted(field.column)} {equals} row.{_quoted(field.column)}")
    return (
        f"NOT EXISTS (SELECT 1 FROM {table} AS other WHERE {' AND '.join(same)} "  # noqa: S608 (names of our own models)
        f"AND other.{key} IS DISTINCT FROM row.{key} AND other.{key} <> ALL(%s))",
        [list(gone)],
    )


def _type(field: Any) -> str:
    """The type of a column without its length: a cast to a length would cut what is too long."""
    return re.sub(r"\([^)]*\)", "", field.db_type(connection))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
