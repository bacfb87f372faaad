"""The form of the desk, filled in by a program: what it takes and holds, and its being sent.

Nothing about a kind of record is said here. Which fields there are, which rows, what is refused and in which words, who
may do what: the admin of the kind says it, and saves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms.formsets import (
    DELETION_FIELD_NAME,
    INITIAL_FORM_COUNT,
    MAX_NUM_FORM_COUNT,
    MIN_NUM_FORM_COUNT,
    TOTAL_FORM_COUNT,
    all_valid,
)
from django.http import HttpRequest, QueryDict
from rest_framework import serializers

from records.admin.forms import BESIDES
from records.admin.posted import sent_as
from records.api.serializers import ApiAddress, LinkedRecordsField, ListAddress, PageAddress
from records.api.writing.fields import Entry, Labels
from records.api.writing.problems import Errors
from records.models import Identified


class _Unread:
    """Takes what the desk would show on its next page; the answer to a program is the record itself."""

    def add(self, *_message: Any) -> None:
        """Take a message."""


def as_at_the_desk(user: Any, sent: QueryDict | None = None, *, made_once: dict[Any, Any] | None = None) -> HttpRequest:
    """A request of the user to the desk: a form that was sent, or the question for one.

    Classes of forms for new records, which take longer to make than to fill in, are kept in ``made_once``.
    """
    request: Any = HttpRequest()
    request.user = user
    request.method = "GET" if sent is None else "POST"
    if sent is not None:
        request.POST = sent
    request._messages = _Unread()
    request.made_once = made_once
    return request


@dataclass(frozen=True)
class Rows:
    """A list of a document: rows of the form. ``only`` names the one link that a row is told by, where it has no more.

    Rows that are ``within`` rows of another list, by the field of that name, are told there too.
    """

    name: str
    prefix: str
    formset: Any
    entries: tuple[Entry, ...]
    only: str = ""
    within: str = ""
    field_within: str = ""
    inline: Any = None

    @property
    def model(self) -> Any:
        """The model of the rows."""
        return self.formset.model

    @property
    def has_uids(self) -> bool:
        """Whether the rows have ids that never change; others are told apart by a number."""
        return issubclass(self.model, Identified)

    @property
    def identities(self) -> list[tuple[str, ...]]:
        """The fields of which no two rows of one record hold the same."""
        known = {entry.on_form for entry in self.entries}
        own = self.formset.fk.name
        found = [
            tuple(name for name in rule.fields if name != own)
            for rule in self.model._meta.constraints
            if isinstance(rule, models.UniqueConstraint) and rule.fields and own in rule.fields and not rule.condition
        ]
        return [names for names in found if names and set(names) <= known]

    @cached_property
    def blank(self) -> Any:
        """The form of a row to come."""
        return self.formset.empty_form

    def rows_of(self, record: Any, request: HttpRequest) -> list[Any]:
        """The rows of a record, in the order of its form."""
        queryset = self.inline.get_queryset(request)
        return list(type(self.formset)(instance=record, prefix=self.prefix, queryset=queryset).get_queryset())

    def of(self, kept: Any) -> str:
        """How the row that a kept row is within is told apart; "" when it is within none."""
        return str(getattr(kept, f"{self.field_within}_id") or "") if self.field_within else ""


@cache
def _fields_of(told_by: Any) -> Any:
    """The fields that records are told with; making them takes as long as a few questions to the database."""
    return told_by().fields


class Desk:
    """The form of one record, or of one to come, as ``user`` has it.

    ``told_by`` is the serializer that names the fields. A desk without a record serves for any number of new ones, and
    tells them.
    """

    def __init__(self, model: Any, *, user: Any, told_by: Any, record: Any = None) -> None:
        self.model, self.user, self.record = model, user, record
        self.admin: Any = admin.site.get_model_admin(model)
        self._made_once: dict[Any, Any] = {}
        self.request = as_at_the_desk(user, made_once=self._made_once)
        self._told_by = told_by
        #: The keys of records that documents named: see `Links`.
        self.keys: dict[tuple[Any, str], int] = {}

    @cached_property
    def form(self) -> Any:
        """The form as it is opened."""
        form = self.admin.get_form(self.request, self.record, change=self.record is not None)
        return form(instance=self.record)

    @cached_property
    def blank(self) -> Any:
        """The form of a record to come."""
        return self.admin.get_form(self.request, None)()

    def form_to_send(self, request: HttpRequest) -> Any:
        """The class of the form that a request is read with."""
        if self.record is not None:
            return self.admin.get_form(request, self.record, change=True, fields=None)
        if "form" not in self._made_once:
            self._made_once["form"] = self.admin.get_form(request, None, change=False, fields=None)
        return self._made_once["form"]

    def request_with(self, sent: QueryDict) -> Any:
        """The request that sends a form."""
        return as_at_the_desk(self.user, sent, made_once=self._made_once)

    @cached_property
    def formsets(self) -> dict[str, Any]:
        """The rows of the form as it is opened, by prefix."""
        return {formset.prefix: formset for formset, _inline in self._opened}

    @cached_property
    def _opened(self) -> list[tuple[Any, Any]]:
        record = self.record if self.record is not None else self.model()
        found = self.admin._create_formsets(self.request, record, change=self.record is not None)
        return list(zip(*found, strict=True))

    @cached_property
    def prefixes(self) -> list[str]:
        """The prefixes of all rows that a record of the kind may have."""
        found, _inlines = self.admin._create_formsets(self.request, self.model(), change=False)
        return [formset.prefix for formset in found]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The fields of the record itself."""
        return tuple(
            Entry(self._names.get(name, name), name, name, one)
            for name, one in self.form.fields.items()
            if name not in BESIDES
        )

    @cached_property
    def rows(self) -> tuple[Rows, ...]:
        """The lists of rows."""
        return tuple(self._rows_of(formset, inline) for formset, inline in self._opened)

    @cached_property
    def _names(self) -> dict[str, str]:
        """How fields of the form are called in the API, where that is another name."""
        fields = _fields_of(self._told_by).items()
        return {
            one.source: name
            for name, one in fields
            if one.source not in ("*", name) and not isinstance(one, ApiAddress | PageAddress | ListAddress)
        }

    def _rows_of(self, formset: Any, inline: Any) -> Rows:
        prefix = formset.prefix
        name = self._names.get(prefix, prefix)
        form = formset.empty_form
        linked = getattr(form, "linked", {})
        beside = {formset.fk.name, formset.model._meta.pk.name, DELETION_FIELD_NAME}
        within = {one.row_of: field for field, one in form.fields.items() if hasattr(one, "row_of")}
        entries = tuple(
            Entry(linked.get(field, field), field, linked.get(field, field), one)
            for field, one in form.fields.items()
            if field not in beside and field not in within.values()
        )
        told = _fields_of(self._told_by).get(name)
        only = told.end if isinstance(told, LinkedRecordsField) else ""
        inner, field = next(iter(within.items()), ("", ""))
        return Rows(name, prefix, formset, entries, only, inner, field, inline)

    def rows_within(self, rows: Rows) -> Iterator[Rows]:
        """The lists whose rows are told within the rows of this one."""
        return (other for other in self.rows if other.within == rows.prefix)

    # What is kept

    def kept(self, rows: Rows) -> list[Any]:
        """The forms of the rows that are there."""
        return list(self.formsets[rows.prefix].initial_forms)

    def tell(self, records: list[Any], *, site: str) -> list[dict[str, Any]]:
        """The records as the desk has them: all that can be written, whatever their state; names of what they link to.

        What they link to is asked for together.
        """
        labels = Labels(self.request, site)
        return labels.settle([self._tell_one(record, labels) for record in records])

    def _tell_one(self, record: Any, labels: Labels) -> dict[str, Any]:
        document = {entry.name: entry.tell(record, labels) for entry in self.entries}
        inlines = set(self.admin.get_inlines(self.request, record))
        kept = {rows.prefix: rows.rows_of(record, self.request) for rows in self.rows if type(rows.inline) in inlines}
        for rows in self.rows:
            if rows.prefix in kept:
                own = kept[rows.prefix]
                document[rows.name] = [self._tell_row(rows, row, kept, labels) for row in own if not rows.of(row)]
        return document

    def _tell_row(self, rows: Rows, row: Any, kept: dict[str, list[Any]], labels: Labels) -> Any:
        if rows.only:
            (entry,) = rows.entries
            return entry.tell(row, labels)
        told = {"id": row.uid if rows.has_uids else row.pk}
        told |= {entry.name: entry.tell(row, labels) for entry in rows.entries}
        for inner in self.rows_within(rows):
            within = [one for one in kept[inner.prefix] if inner.of(one) == str(row.pk)]
            told[inner.name] = [self._tell_row(inner, one, kept, labels) for one in within]
        return told

    def refuses_to_write(self) -> dict[str, Any]:
        """The fields that are told of a record in the API and cannot be written, by name."""
        known = {entry.name for entry in self.entries} | {rows.name for rows in self.rows}
        fields: dict[str, serializers.Field] = _fields_of(self._told_by)
        return {name: one for name, one in fields.items() if name not in known}


@dataclass
class SentRow:
    """A row of the form as it will be sent; ``key`` is ``None`` for a new one, ``pointer`` where a document has it."""

    values: dict[str, list[str]]
    key: int | None = None
    pointer: str = ""
    is_removed: bool = False


@dataclass
class Sheet:
    """The form filled in: the fields of the record, and its rows by prefix."""

    desk: Desk
    fields: dict[str, list[str]]
    rows: dict[str, list[SentRow]]

    def put_in_order(self) -> None:
        """Rows that are there first, as a formset counts them."""
        for prefix, rows in self.rows.items():
            self.rows[prefix] = sorted(rows, key=lambda row: row.key is None)

    def as_sent(self, *, reason: str, version: int | None) -> QueryDict:
        """What a browser would send."""
        sent = QueryDict(mutable=True)
        for name, values in self.fields.items():
            sent.setlist(name, values)
        sent["change_reason"] = reason
        if version is not None:
            sent["loaded_version"] = str(version)
        for prefix in self.desk.prefixes:
            # Another kind of actor has other rows: those that come or go with this change are none.
            sent[f"{prefix}-{TOTAL_FORM_COUNT}"] = sent[f"{prefix}-{INITIAL_FORM_COUNT}"] = "0"
        for rows in self.desk.rows:
            own, prefix, key = self.rows[rows.prefix], rows.prefix, rows.model._meta.pk.name
            counts = {TOTAL_FORM_COUNT: len(own), INITIAL_FORM_COUNT: sum(row.key is not None for row in own)}
            for name, number in {**counts, MIN_NUM_FORM_COUNT: 0, MAX_NUM_FORM_COUNT: len(own)}.items():
                sent[f"{prefix}-{name}"] = str(number)
            for number, row in enumerate(own):
                for name, values in row.values.items():
                    sent.setlist(f"{prefix}-{number}-{name}", values)
                sent[f"{prefix}-{number}-{key}"] = "" if row.key is None else str(row.key)
                if self.desk.record is not None:
                    sent[f"{prefix}-{number}-{rows.formset.fk.name}"] = str(self.desk.record.pk)
                if row.is_removed:
                    sent[f"{prefix}-{number}-{DELETION_FIELD_NAME}"] = "on"
        return sent

    def save(self, *, reason: str, version: int | None) -> tuple[Any, Errors]:
        """Send the form: the record as it was saved, or what the desk says against it. Call it in a transaction."""
        desk = self.desk
        request = desk.request_with(self.as_sent(reason=reason, version=version))
        change = desk.record is not None
        form = desk.form_to_send(request)(request.POST, request.FILES, instance=desk.record)
        is_valid = form.is_valid()
        record = desk.admin.save_form(request, form, change=change) if is_valid else form.instance
        formsets, _inlines = desk.admin._create_formsets(request, record, change=change)
        if not all_valid(formsets) or not is_valid:
            return None, self._errors(form, formsets)
        desk.admin.save_model(request, record, form, change)
        desk.admin.save_related(request, form, formsets, change)
        message = desk.admin.construct_change_message(request, form, formsets, not change)
        (desk.admin.log_change if change else desk.admin.log_addition)(request, record, message)
        return record, {}

    def _errors(self, form: Any, formsets: list[Any]) -> Errors:
        names = {entry.on_form: entry.name for entry in self.desk.entries} | {"change_reason": "reason"}
        found: Errors = {}
        _add(found, "", form.errors, names)
        by_prefix = {formset.prefix: formset for formset in formsets}
        for rows in self.desk.rows:
            formset = by_prefix.get(rows.prefix)
            if formset is None:
                continue
            names = {entry.on_form: entry.name for entry in rows.entries}
            for sent, row in zip(self.rows[rows.prefix], formset.forms, strict=True):
                if not sent.is_removed or DELETION_FIELD_NAME in row.errors or NON_FIELD_ERRORS in row.errors:
                    _add(found, sent.pointer or f"/{rows.name}", row.errors, names, only=rows.only)
            _say(found, f"/{rows.name}", formset.non_form_errors())
        return found


def _add(found: Errors, pointer: str, errors: Any, names: dict[str, str], *, only: str = "") -> None:
    for name, messages in errors.items():
        at = "" if name in (NON_FIELD_ERRORS, DELETION_FIELD_NAME, only) else f"/{names.get(name, name)}"
        _say(found, f"{pointer}{at}", messages)


def _say(found: Errors, pointer: str, messages: Any) -> None:
    for message in messages:
        said = found.setdefault(pointer, [])
        if str(message) not in said:
            said.append(str(message))


def values_of(form: Any, names: list[str]) -> dict[str, list[str]]:
    """What the fields of a form hold as it is opened, as a browser would send them."""
    return {name: sent_as(form.fields[name], form.get_initial_for_field(form.fields[name], name)) for name in names}
