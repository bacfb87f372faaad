"""The tables of docs/codebook.md that follow from the code: choice lists, fields of each model, readings of dates.

Each stands between markers, ``<!-- choices events.Meeting.mode -->`` and ``<!-- end -->``. The command keeps its first
columns in step with the code and keeps the words that people wrote in the others. A row that is new has empty cells,
which is a problem until somebody fills them: a value whose meaning is not written is coded by guessing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from partialdates.fields import DerivedRangeField
from partialdates.values import PartialDate
from records.models import Identified, Part, Record

PATH = Path(settings.BASE_DIR) / "docs" / "codebook.md"
CODED_APPS = ("actors", "events")

_SECTION = re.compile(r"<!-- (choices|fields|dates)(?: ([\w.]+))? -->\n(.*?)<!-- end -->", re.DOTALL)

Table = dict[str, list[str]]


def rewritten(text: str) -> str:
    """The codebook with every marked table as the code has it now. Raises ``LookupError`` for a name the code lacks."""

    def section(found: re.Match[str]) -> str:
        kind, name, body = found[1], found[2] or "", found[3]
        marker = f"<!-- {' '.join(part for part in (kind, name) if part)} -->"
        return f"{marker}\n{_TABLES[kind](name, _cells(body))}<!-- end -->"

    return _SECTION.sub(section, text)


def problems(text: str) -> list[str]:
    """What is wrong with a codebook, one line each: tables that are missing, out of step, or not filled in."""
    sections = {(found[1], found[2] or ""): found[3] for found in _SECTION.finditer(text)}
    found = [f"There is no table <!-- {kind} {name} -->." for kind, name in expected() if (kind, name) not in sections]
    for (kind, name), body in sections.items():
        cells = _cells(body)
        if _TABLES[kind](name, cells) != body:
            found.append(f"The table {kind} {name} differs from the code: run manage.py writecodebook.")
        found += [
            f"The row {row} of the table {kind} {name} has an empty cell."
            for row, words in cells.items()
            if not all(words)
        ]
    return found


def expected() -> Iterator[tuple[str, str]]:
    """Every table that the codebook must have: the fields of each coded model, each of its choice lists, and dates."""
    yield "fields", "records.Record"
    yield "choices", "records.Record.state"
    yield "dates", ""
    for model in coded_models():
        yield "fields", model._meta.label
        yield from (("choices", f"{model._meta.label}.{field.name}") for field in coded_fields(model) if field.choices)


def coded_models() -> list[type[models.Model]]:
    """The models whose rows editors write."""
    return [
        model
        for app in CODED_APPS
        for model in apps.get_app_config(app).get_models()
        if issubclass(model, (Identified, Part))
    ]


def coded_fields(model: Any) -> list[Any]:
    """The fields that an editor fills in, without those that every record has and without the link to the owner."""
    is_kind_of_record = issubclass(model, Record) and model is not Record
    left_out = {field.name for field in Record._meta.local_fields} if is_kind_of_record else set()
    if issubclass(model, Part) and len(model.owners) == 1:
        left_out |= set(model.owners)
    return [
        field
        for field in model._meta.local_fields
        if (field.editable or field.name in {"state", "withdrawal_reason", "merged_into"})
        and not isinstance(field, (models.AutoField, models.GeneratedField, DerivedRangeField))
        and field.name not in left_out
    ]


def _choices_table(name: str, kept: Table) -> str:
    label, _dot, field_name = name.rpartition(".")
    choices = _model(label)._meta.get_field(field_name).flatchoices
    rows = [(f"`{value}`", str(words), *_words(kept, f"`{value}`", 2, 3)) for value, words in choices]
    return _markdown(("value", "label", "meaning"), rows)


def _fields_table(name: str, kept: Table) -> str:
    rows = [
        (f"`{field.name}`", str(field.verbose_name), *_words(kept, f"`{field.name}`", 2, 4))
        for field in coded_fields(_model(name))
    ]
    return _markdown(("field", "on the form", "how it is coded", "example"), rows)


def _dates_table(_name: str, kept: Table) -> str:
    rows = []
    for typed, cells in kept.items():
        read = PartialDate.parse(typed.strip("`") if typed != "(blank)" else "")
        rows.append((typed, read.text, _days(read, "outer"), _days(read, "core"), *cells[4:5]))
    return _markdown(("typed", "read as", "possible days", "certain days", "use it when"), rows)


def _days(read: PartialDate, aspect: str) -> str:
    days = getattr(read, aspect)
    if days is None:
        return "none"
    first = days.lower.isoformat() if days.lower else "…"
    last = (days.upper - timedelta(days=1)).isoformat() if days.upper else "…"  # a range ends before its upper day
    return first if first == last else f"{first} to {last}"


_TABLES: dict[str, Callable[[str, Table], str]] = {
    "choices": _choices_table,
    "fields": _fields_table,
    "dates": _dates_table,
}


def _model(label: str) -> Any:
    return Record if label == "records.Record" else apps.get_model(label)


def _words(kept: Table, key: str, start: int, end: int) -> list[str]:
    cells = kept.get(key, [])
    return [*cells[start:end], *[""] * (end - start - len(cells[start:end]))]


def _cells(body: str) -> Table:
    """The cells of each row of a Markdown table, by the first of them."""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in body.splitlines() if "|" in line]
    return {row[0]: row for row in rows[2:]}


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
