"""A form that was sent for a record somebody else saved meanwhile: put together with theirs, contradictions in words.

Nothing is remembered between two requests: the form itself carries which version it began with, and which
contradictions are open.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partialdates.errors import InvalidPartialDate
from partialdates.forms import PartialDateFormField
from partialdates.values import PartialDate
from records.admin.forms import BESIDES
from records.admin.history import Entry, history_of, names_of
from records.admin.posted import Posted, Row, sent_as, told, widget_of
from records.conflicts import Fate, MergedRow, MergedValue, MyRow, merge_rows, merge_values
from records.models import Record, State
from records.reverting.past import Rows, state_at, state_now
from records.reverting.rows import columns
from records.services import Refused

#: What the form carries besides its fields. The choice of each contradiction is under its own name.
OPENED, OPEN, CHOICE = "conflict_opened", "conflict_open", "conflict_choice-"
MINE, THEIRS = "mine", "theirs"


@dataclass
class Contradiction:
    """What both changed differently: the three values in words, and what can be chosen."""

    id: str
    version: int
    label: str
    before: str
    theirs: str
    mine: str
    keep: str
    take: str
    field_id: str = ""


@dataclass
class Report:
    """What an editor is told whose form met the change of somebody else."""

    message: str
    opened: int
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def open(self) -> list[str]:
        """What the form carries of the contradictions."""
        return [f"{one.version}|{one.id}" for one in self.contradictions]


@dataclass
class Kind:
    """The rows of one kind on the form: their prefix, and the fields in them."""

    prefix: str
    inline: Any
    formset: Any
    fields: dict[str, forms.Field]
    blank: dict[str, Hashable]

    @classmethod
    def of(cls, prefix: str, inline: Any, formset: Any) -> "Kind":
        """What stands in the rows of a formset, without what Django keeps in them itself."""
        form = formset.form()
        own = {formset.fk.name, formset.model._meta.pk.name, DELETION_FIELD_NAME}
        fields = {name: one for name, one in form.fields.items() if name not in own}
        blank = {name: told(one, form.get_initial_for_field(one, name)) for name, one in fields.items()}
        return cls(prefix, inline, formset, fields, blank)

    @property
    def identities(self) -> list[tuple[str, ...]]:
        """The fields of which no two rows of one record hold the same."""
        names = [
            tuple(name for name in rule.fields if name != self.formset.fk.name)
            for rule in self.formset.model._meta.constraints
            if isinstance(rule, models.UniqueConstraint) and rule.fields and not rule.condition
        ]
        return [one for one in names if one and set(one) <= set(self.fields)]

    def read(self, row: Row) -> dict[str, Hashable]:
        """What a row says."""
        return {name: row.read(name, one) for name, one in self.fields.items()}


class Then:
    """A record and its rows at one time, as the form would show them. ``rows`` is ``None`` when nobody remembers."""

    def __init__(self, record: Any, rows: Rows | None) -> None:
        self.record = record
        self.rows = rows
        self._known: dict[Any, Any] = {}

    def own(self, form_class: Any) -> dict[str, Any] | None:
        """What the fields of the record held."""
        if self.rows is None or (type(self.record), self.record.pk) not in self.rows:
            return None
        return self._shown(form_class, type(self.record), self.record.pk)

    def parts(self, kind: Kind) -> dict[str, dict[str, Any]] | None:
        """What the rows of a kind held, by key."""
        if self.rows is None:
            return None
        if kind.prefix not in self._known:
            link = kind.formset.fk.attname
            # A row that leads to the record another way, as a citation of a participant does, is part of it too.
            self._known[kind.prefix] = {
                str(key): self._shown(kind.formset.form, model, key)
                for (model, key), values in self.rows.items()
                if model is kind.formset.model and values[link] in {self.record.pk, None}
            }
        known: dict[str, dict[str, Any]] = self._known[kind.prefix]
        return known

    def _shown(self, form_class: Any, model: Any, key: Any) -> dict[str, Any]:
        form = form_class(instance=self._instance(model, key))
        return {name: form.get_initial_for_field(one, name) for name, one in form.fields.items()}

    def _instance(self, model: Any, key: Any) -> Any:
        rows = self.rows or {}
        one = model(**{name: rows[model, key][name] for name in columns(model)})
        one._state.adding = False
        one._prefetched_objects_cache = {}
        for link in model._meta.many_to_many:
            through, near, far = link.remote_field.through, link.m2m_column_name(), link.m2m_reverse_name()
            there = [values for (part, _key), values in rows.items() if part is through and values[near] == key]
            found = link.related_model._default_manager.none()
            found._result_cache = [link.related_model(pk=values[far]) for values in there]
            found._prefetch_done = True
            one._prefetched_objects_cache[link.name] = found
        return one


def is_met(request: HttpRequest, record: Any) -> bool:
    """Whether the form that was sent is for another version than this, or has open contradictions."""
    return version_among(request.POST, "loaded_version") != record.version or OPEN in request.POST


def version_among(sent: QueryDict, name: str) -> int:
    """A version as it was sent; 0, which no record is at, for anything else."""
    text = sent.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class Encounter:
    """One form against the record as it is now, under a lock."""

    def __init__(self, model_admin: Any, request: HttpRequest, record: Any) -> None:
        self.record = record
        fieldsets = model_admin.get_fieldsets(request, record)
        self.form_class = model_admin.get_form(request, record, change=True, fields=flatten_fieldsets(fieldsets))
        form = self.form_class(instance=record)
        self.fields = {name: one for name, one in form.fields.items() if name not in BESIDES}
        self.kinds = {kind.prefix: kind for kind in kinds_of(model_admin, request, record)}
        self.keys = {prefix: kind.formset.model._meta.pk.name for prefix, kind in self.kinds.items()}
        self.posted = Posted(request.POST, self.keys)
        self.loaded = version_among(request.POST, "loaded_version")
        self.opened = version_among(request.POST, OPENED) or self.loaded
        self.notes: list[tuple[str, Kind, Row]] = []
        self._thens: dict[int, Then] = {}

    def meet(self) -> tuple[QueryDict, Report | None]:
        """The form as it is to be read, and what to tell the editor before anything is saved; ``None``: save it."""
        open_before = self._settle()
        is_behind = self.loaded != self.record.version
        found = {**(dict.fromkeys(self._merge(), self.loaded) if is_behind else {}), **open_before}
        for rows in self.posted.rows.values():
            rows.sort(key=lambda row: row.key is None)
        self.posted.fields["loaded_version"] = str(self.record.version)
        told_of = list(self._told(found))
        if not is_behind and not told_of:
            return self.posted.as_sent(self.keys), None
        return self.posted.as_sent(self.keys), Report(
            message=self._message(is_behind, len(told_of)),
            opened=self.opened,
            entries=history_of(self.record, since=self.opened) if 0 < self.opened < self.record.version else [],
            notes=[*self._state_notes(), *self._row_notes()],
            contradictions=told_of,
        )

    def then(self, version: int) -> Then:
        """The record at a version."""
        if version not in self._thens:
            try:
                rows = state_now(self.record) if version == self.record.version else state_at(self.record, version)
            except Refused:
                rows = None
            self._thens[version] = Then(self.record, rows)
        return self._thens[version]

    @property
    def now(self) -> Then:
        """The record as it is."""
        return self.then(self.record.version)

    # What was chosen

    def _settle(self) -> dict[str, int]:
        """Do what was chosen for the open contradictions; returns those for which nothing was."""
        sent = self.posted.fields
        carried = [one.partition("|") for one in sent.getlist(OPEN)]
        choices = {name.removeprefix(CHOICE): sent.get(name) for name in sent if name.startswith(CHOICE)}
        for name in [OPENED, OPEN, *(name for name in sent if name.startswith(CHOICE))]:
            sent.pop(name, None)
        left = {}
        for version, _sign, name in carried:
            if choices.get(name) == THEIRS and self._take(name):
                continue
            if choices.get(name) == MINE:
                self._keep(name)
                continue
            left[name] = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        return left

    def _take(self, name: str) -> bool:
        prefix, key, inner = _parts_of(name)
        seen = self.then(self.loaded)
        if not key:
            values = seen.own(self.form_class)
            if values is None or name not in self.fields:
                return name not in self.fields
            self.posted.write(name, sent_as(self.fields[name], values[name]))
            return True
        kind, row = self.kinds.get(prefix), self._row(prefix, key)
        if kind is None or row is None:
            return True
        if row.key is None:
            self.posted.rows[prefix].remove(row)
            return True
        theirs = (seen.parts(kind) or {}).get(key)
        if theirs is None:
            return False
        for one in [inner] if inner in kind.fields else kind.fields if not inner else ():
            row.write(one, sent_as(kind.fields[one], theirs[one]))
        if not inner:
            row.sent.pop(DELETION_FIELD_NAME, None)
        return True

    def _keep(self, name: str) -> None:
        prefix, key, inner = _parts_of(name)
        row = self._row(prefix, key)
        if row is not None and not inner:
            row.was = None

    def _row(self, prefix: str, key: str) -> Row | None:
        return next((row for row in self.posted.rows.get(prefix, ()) if key and key in {row.key, row.was}), None)

    # Putting together

    def _merge(self) -> Iterator[str]:
        """Put both together; the ids of the new contradictions."""
        base, theirs = self.then(self.loaded).own(self.form_class), self.now.own(self.form_class) or {}
        mine = {name: self.posted.read(name, one) for name, one in self.fields.items()}
        merged = merge_values(_told(base, self.fields), _told(theirs, self.fields) or {}, mine)
        for name, value in merged.items():
            if value.is_conflict:
                yield name
            elif value.value != mine[name]:
                self.posted.write(name, _sent(self.fields[name], value, theirs[name]))
        for prefix, kind in self.kinds.items():
            if prefix in self.posted.rows:
                yield from self._merge_rows(kind)

    def _merge_rows(self, kind: Kind) -> Iterator[str]:
        typed = self.posted.rows[kind.prefix]
        before, now = self.then(self.loaded).parts(kind), self.now.parts(kind) or {}
        merged = merge_rows(
            None if before is None else {key: _told(values, kind.fields) or {} for key, values in before.items()},
            {key: _told(values, kind.fields) or {} for key, values in now.items()},
            [MyRow(number, row.key, kind.read(row), row.is_removed) for number, row in enumerate(typed)],
            blank=kind.blank,
            identities=kind.identities,
        )
        rows = []
        for one in merged:
            row = self._row_of(kind, one, typed, now)
            name = f"{kind.prefix}:{one.key}"
            match one.fate:
                case Fate.GONE:
                    if not row.is_removed:
                        self.notes.append((_("%s was removed by them; you had not changed it."), kind, row))
                    continue
                case Fate.CHANGED_BUT_GONE:
                    row.key, row.was = None, str(one.key)
                    yield name
                case Fate.REMOVED_BUT_CHANGED:
                    yield name
                case Fate.TOGETHER:
                    self.notes.append((_("%s was added by both of you: there is one row of it."), kind, row))
            rows.append(row)
            yield from (f"{name}:{inner}" for inner in one.conflicts)
        self.posted.rows[kind.prefix] = rows

    def _row_of(self, kind: Kind, merged: MergedRow, typed: list[Row], now: dict[str, dict[str, Any]]) -> Row:
        theirs = now.get(merged.key, {})
        if merged.number is None:
            row = Row(merged.key)
            for name, one in kind.fields.items():
                row.write(name, sent_as(one, theirs[name]))
            return row
        row = typed[merged.number]
        mine = kind.read(row)
        for name, value in merged.values.items():
            if value.value != mine[name]:
                row.write(name, _sent(kind.fields[name], value, theirs.get(name)))
        if merged.fate is Fate.TOGETHER:
            row.key = merged.key
        return row

    # In words

    def _message(self, is_behind: bool, contradictions: int) -> str:
        if not is_behind:
            return _("Nothing is saved yet: choose for each contradiction whether yours or theirs stands.")
        said = _("Somebody else saved this record while you were typing. Nothing of yours is lost, or saved yet.")
        if not contradictions:
            return f"{said} {_('Both changes are in the form now: look through it, and save again.')}"
        counted = ngettext(
            "In %d place you contradict each other: choose which stands, and save again.",
            "In %d places you contradict each other: choose which stands, and save again.",
            contradictions,
        )
        return f"{said} {counted % contradictions}"

    def _state_notes(self) -> Iterator[str]:
        before = (self.then(self.opened).rows or {}).get((type(self.record), self.record.pk))
        if not isinstance(self.record, Record) or before is None or before["state"] == self.record.state:
            return
        yield {
            State.PUBLISHED: _("The record was published meanwhile: readers will see at once what you save."),
            State.WITHDRAWN: _("The record was withdrawn meanwhile: readers do not see it any more."),
            State.REVIEW: _("The record was submitted for review meanwhile."),
            State.DRAFT: _("The record was given back as a draft meanwhile."),
        }[State(self.record.state)]

    def _row_notes(self) -> Iterator[str]:
        titles = [(kind, _title(kind, kind.read(row))) for _text, kind, row in self.notes]
        words = Words([pair for _kind, pair in titles if pair])
        for (text, kind, _row), (_kind, pair) in zip(self.notes, titles, strict=True):
            yield text % words.title(kind, pair)

    def _told(self, found: dict[str, int]) -> Iterator[Contradiction]:
        raw = [one for name, version in found.items() if (one := self._raw(name, version)) is not None]
        words = Words(pair for one in raw for pair in one.pairs())
        yield from (one.in_words(words) for one in raw)

    def _raw(self, name: str, version: int) -> "_Raw | None":
        """The contradiction as it stands now; ``None`` when it is none any more."""
        prefix, key, inner = _parts_of(name)
        if not key:
            if name not in self.fields:
                return None
            one = self.fields[name]
            values = [then.own(self.form_class) for then in (self.then(version), self.now)]
            before, theirs = (None if shown is None else told(one, shown[name]) for shown in values)
            mine = self.posted.read(name, one)
            if mine == theirs:
                return None
            return _Raw(name, version, None, None, {name: one}, _at(name, before), _at(name, theirs), {name: mine},
                        f"id_{name}")  # fmt: skip
        kind, row = self.kinds.get(prefix), self._row(prefix, key)
        if kind is None or row is None or (inner and (inner not in kind.fields or row.key is None)):
            return None
        shown_before = (self.then(version).parts(kind) or {}).get(key)
        shown_now = (self.now.parts(kind) or {}).get(key)
        before_row, now_row = _told(shown_before, kind.fields), _told(shown_now, kind.fields)
        mine_row = kind.read(row)
        number = self.posted.rows[prefix].index(row)
        title = _title(kind, now_row or mine_row)
        if inner:
            if now_row is None or now_row[inner] == mine_row[inner]:
                return None
            return _Raw(
                name,
                version,
                kind,
                title,
                {inner: kind.fields[inner]},
                _at(inner, (before_row or {}).get(inner)),
                _at(inner, now_row[inner]),
                {inner: mine_row[inner]},
                f"id_{prefix}-{number}-{inner}",
            )
        if row.key is not None and not row.is_removed:
            return None
        mine_or_none = None if row.key is not None else mine_row
        return _Raw(name, version, kind, title, kind.fields, before_row, now_row, mine_or_none, f"{prefix}-{number}")


@dataclass
class _Raw:
    """A contradiction before it is put into words; ``None`` for values is a row that is not there."""

    id: str
    version: int
    kind: Kind | None
    title: tuple[forms.Field, Hashable] | None
    fields: dict[str, forms.Field]
    before: dict[str, Hashable] | None
    theirs: dict[str, Hashable] | None
    mine: dict[str, Hashable] | None
    field_id: str

    def pairs(self) -> Iterator[tuple[forms.Field, Hashable]]:
        if self.title:
            yield self.title
        for values in (self.before, self.theirs, self.mine):
            yield from ((self.fields[name], value) for name, value in (values or {}).items())

    def in_words(self, words: "Words") -> Contradiction:
        is_row = self.kind is not None and len(_parts_of(self.id)[2]) == 0
        labels = [] if self.kind is None else [words.title(self.kind, self.title)]
        keep, take = _("Keep mine"), _("Take theirs")
        if is_row:
            said = [self._row_in_words(values, words) for values in (self.before, self.theirs, self.mine)]
            if self.mine is None:
                keep, take = _("Remove it"), _("Keep it as they changed it")
            else:
                keep, take = _("Keep mine, as a new row"), _("Let it go")
        else:
            [(name, one)] = self.fields.items()
            labels.append(_label(name, one))
            said = [_("(not known)") if values is None else words.of(one, values[name]) or _("(empty)")
                    for values in (self.before, self.theirs, self.mine)]  # fmt: skip
        before, theirs, mine = said
        label = " · ".join(labels)
        return Contradiction(self.id, self.version, label, before, theirs, mine, keep, take, self.field_id)

    def _row_in_words(self, values: dict[str, Hashable] | None, words: "Words") -> str:
        if values is None:
            return _("(removed)")
        blank = self.kind.blank if self.kind else {}
        # What every new row says anyway is left out.
        said = {name: words.of(self.fields[name], value) for name, value in values.items() if value != blank.get(name)}
        return "\n".join(f"{_label(name, self.fields[name])}: {text}" for name, text in said.items() if text)


class Words:
    """Values of form fields as a person reads them; what they lead to is read once for each table."""

    def __init__(self, pairs: Iterable[tuple[forms.Field, Hashable]]) -> None:
        keys: dict[Any, set[str]] = defaultdict(set)
        for one, value in pairs:
            if isinstance(one, forms.ModelChoiceField):
                chosen = value if isinstance(value, frozenset) else {str(value)}
                keys[_chosen_from(one)].update(key for key in chosen if key.isascii() and key.isdigit())
        self.names = {model: names_of(model, wanted) for model, wanted in keys.items() if wanted}

    def of(self, one: forms.Field, value: Any) -> str:
        """One value."""
        if value is None or value == "":
            return ""
        if isinstance(one, forms.ModelChoiceField):
            names = self.names.get(_chosen_from(one), {})
            chosen = sorted(value) if isinstance(value, frozenset) else [value]
            return "; ".join(names.get(key, _("no. %s, deleted") % key) for key in chosen)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, tuple):
            return "\n".join(value)
        if isinstance(one, PartialDateFormField):
            try:
                return PartialDate.parse(str(value)).text
            except InvalidPartialDate:
                return str(value)
        for known, label in getattr(widget_of(one), "choices", ()):
            if str(known) == str(value):
                return str(label)
        return str(value)

    def title(self, kind: Kind, pair: tuple[forms.Field, Hashable] | None) -> str:
        """What a row is called."""
        name = str(capfirst(kind.inline.verbose_name))
        text = self.of(*pair) if pair else ""
        return f"{name}: {text}" if text else name


def kinds_of(model_admin: Any, request: HttpRequest, record: Any) -> Iterator[Kind]:
    """The kinds of rows on the form, with the prefixes that Django gives them."""
    seen: dict[str, int] = defaultdict(int)
    for formset, inline in model_admin.get_formsets_with_inlines(request, record):
        prefix = formset.get_default_prefix()
        seen[prefix] += 1
        yield Kind.of(prefix if seen[prefix] == 1 else f"{prefix}-{seen[prefix]}", inline, formset)


def _parts_of(name: str) -> tuple[str, str, str]:
    prefix, _sign, rest = name.partition(":")
    key, _sign, inner = rest.partition(":")
    return prefix, key, inner


def _told(shown: dict[str, Any] | None, fields: dict[str, forms.Field]) -> dict[str, Hashable] | None:
    return None if shown is None else {name: told(one, shown[name]) for name, one in fields.items()}


def _sent(one: forms.Field, merged: MergedValue, theirs: Any) -> list[str]:
    """A merged value as a browser sends it; theirs as their form would show it."""
    return sent_as(one, theirs if merged.value == told(one, theirs) else merged.value)


def _at(name: str, value: Hashable) -> dict[str, Hashable] | None:
    return None if value is None else {name: value}


def _title(kind: Kind, values: dict[str, Hashable]) -> tuple[forms.Field, Hashable] | None:
    return next(((kind.fields[name], value) for name, value in values.items() if value), None)


def _chosen_from(one: Any) -> Any:
    return one.queryset.model


def _label(name: str, one: forms.Field) -> str:
    return str(one.label or capfirst(name.replace("_", " ")))
