"""A form as it is sent: rows found in it, values read from it and written into it, before any form is made of it.

Read and written is what stands in the request: the names of fields, and the management form of the rows. How a formset
checks and saves them is its own affair.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict

from partialdates.values import PartialDate

#: Marks a new row that takes up a row which somebody else removed; its value is the key of that row.
WAS = "was"

#: Django builds no more rows than that from one form.
MOST_ROWS = 2000


def widget_of(field: forms.Field) -> Any:
    """The widget that reads and writes the value of a field."""
    widget = field.widget
    return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


def told(field: forms.Field, value: Any) -> Hashable:
    """What a value says, the same for one that is typed and one that is kept; text that cannot be read stays text."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return frozenset(str(getattr(one, "pk", one)) for one in value or ())
    if isinstance(field, forms.ModelChoiceField):
        return "" if value is None else str(getattr(value, "pk", value))
    try:
        read = field.to_python(value)
    except ValidationError:
        return str(value)
    if isinstance(read, PartialDate):
        return read.edtf
    if read in field.empty_values:
        return ""
    if isinstance(read, list):
        return tuple(map(str, read))
    if isinstance(read, str):
        return read.replace("\r\n", "\n").strip()
    return read if isinstance(read, Hashable) else str(read)


def sent_as(field: forms.Field, value: Any) -> list[str]:
    """A value as a browser sends it, also one in the form of `told`."""
    widget = widget_of(field)
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        value = list(value)
    shown = widget.format_value(field.prepare_value(value))
    return [str(one) for one in shown] if isinstance(shown, list) else ["" if shown is None else str(shown)]


@dataclass
class Row:
    """A row as it was sent; ``key`` is ``None`` while it is not saved. ``sent`` is by the name within the row."""

    key: str | None
    sent: dict[str, list[str]] = field(default_factory=dict)
    was: str | None = None

    @property
    def is_removed(self) -> bool:
        """Whether it is marked to be removed."""
        return bool(forms.CheckboxInput().value_from_datadict(self.sent_once, None, DELETION_FIELD_NAME))  # type: ignore[arg-type]

    @property
    def sent_once(self) -> dict[str, str]:
        """The last value under each name."""
        return {name: values[-1] for name, values in self.sent.items() if values}

    def read(self, name: str, one: forms.Field) -> Hashable:
        """What the row says in a field."""
        return told(one, widget_of(one).value_from_datadict(_query(self.sent), {}, name))

    def write(self, name: str, values: list[str]) -> None:
        """Let the row say something else in a field."""
        if values:
            self.sent[name] = values
        else:
            self.sent.pop(name, None)


def _query(sent: dict[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, values in sent.items():
        query.setlist(name, values)
    return query


class Posted:
    """A form as it was sent, with its rows by prefix. A prefix without a management form has no rows in it."""

    def __init__(self, sent: QueryDict, prefixes: dict[str, str]) -> None:
        """``prefixes`` are those of the rows, each with the name of their primary key."""
        self.fields = sent.copy()
        self.rows: dict[str, list[Row]] = {}
        counts = {prefix: self._counts(prefix) for prefix in prefixes}
        by_number: dict[str, dict[int, Row]] = {prefix: {} for prefix, count in counts.items() if count is not None}
        pattern = re.compile(
            rf"({'|'.join(map(re.escape, sorted(by_number, key=len, reverse=True)))})-(\d{{1,4}})-(.+)"
        )
        for name in list(self.fields) if by_number else ():
            if match := pattern.fullmatch(name):
                prefix, number, rest = match[1], int(match[2]), match[3]
                if number < counts[prefix][0]:  # type: ignore[index]
                    row = by_number[prefix].setdefault(number, Row(None))
                    row.sent[rest] = self.fields.pop(name)
        for prefix, rows in by_number.items():
            _total, initial = counts[prefix] or (0, 0)
            for number, row in rows.items():
                keys = row.sent.pop(prefixes[prefix], [""])
                was = row.sent.pop(WAS, [""])
                row.key = keys[-1] if number < initial and _is_key(keys[-1]) else None
                row.was = was[-1] if row.key is None and _is_key(was[-1]) else None
            self.rows[prefix] = [rows[number] for number in sorted(rows)]

    def _counts(self, prefix: str) -> tuple[int, int] | None:
        counts = [self.fields.get(f"{prefix}-{name}", "") for name in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT)]
        if not all(count.isascii() and count.isdigit() and len(count) < 5 for count in counts):
            return None
        total, initial = map(int, counts)
        return min(total, MOST_ROWS), initial

    def read(self, name: str, one: forms.Field) -> Hashable:
        """What the form says in a field of the record."""
        return told(one, widget_of(one).value_from_datadict(self.fields, {}, name))

    def write(self, name: str, values: list[str]) -> None:
        """Let the form say something else in a field of the record."""
        if values:
            self.fields.setlist(name, values)
        else:
            self.fields.pop(name, None)

    def as_sent(self, prefixes: dict[str, str]) -> QueryDict:
        """The whole of it again: saved rows first, as Django counts them."""
        sent = self.fields.copy()
        for prefix, rows in self.rows.items():
            ordered = [*(row for row in rows if row.key is not None), *(row for row in rows if row.key is None)]
            for number, row in enumerate(ordered):
                names = {**row.sent, prefixes[prefix]: [row.key or ""], **({WAS: [row.was]} if row.was else {})}
                for name, values in names.items():
                    sent.setlist(f"{prefix}-{number}-{name}", values)
            sent[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(ordered))
            sent[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(sum(row.key is not None for row in ordered))
        sent._mutable = False
        return sent


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
