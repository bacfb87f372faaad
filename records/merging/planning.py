"""What a merge will do, worked out before anything is written."""

import copy
import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partialdates.values import PartialDate
from records.merging.links import columns_of, links_of, pointers_of, tables, target_of, unique_keys
from records.merging.rules import RowRules, does_stay, is_mergeable, kind_of, row_rules
from records.models import Identified, Record, Redirect, RegisteredId, State
from records.triggers import NoCycle, rules_of

SURVIVOR, ABSORBED, BOTH = "survivor", "absorbed", "both"
#: So many rows of each kind are named in a preview; all are counted.
EXAMPLES = 12

_KEPT = frozenset({"id", "uid", "version", "version_xid", "state", "published_at", "withdrawal_reason", "merged_into"})
_STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})


class Row:
    """A row as it is stored and as it will be; ``into`` is the row that takes its place, if one does."""

    def __init__(self, model: Any, values: dict[str, Any]) -> None:
        self.model = model
        self.before = values
        self.after = dict(values)
        self.into: Row | None = None

    @property
    def pk(self) -> Any:
        return self.before[self.model._meta.pk.attname]

    def __getitem__(self, name: str) -> Any:
        return self.after[self.model._meta.get_field(name).attname]

    def __setitem__(self, name: str, value: Any) -> None:
        self.after[self.model._meta.get_field(name).attname] = value

    @property
    def changes(self) -> dict[str, Any]:
        """The columns that will be written."""
        return {name: value for name, value in self.after.items() if value != self.before[name]}


@dataclass(frozen=True)
class Moved:
    """Rows of one table that will belong to the survivor."""

    what: str
    count: int
    examples: tuple[str, ...]

    @property
    def unnamed(self) -> int:
        """How many are not among the examples."""
        return self.count - len(self.examples)


@dataclass(frozen=True)
class Conflict:
    """Two values of which one stays, and what becomes of the other."""

    subject: str
    survivor: str
    absorbed: str
    outcome: str


@dataclass(frozen=True)
class FieldChoice:
    """A field (or fields that belong together) in which the records differ."""

    name: str
    label: str
    survivor: str
    absorbed: str
    options: tuple[str, ...]
    chosen: str


@dataclass
class MergePlan:
    """What moves, what is combined, what has to be chosen, and what stands in the way of a merge."""

    survivor: Any
    absorbed: Any
    fields: list[FieldChoice] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    combined: list[Moved] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)
    #: What will be written, in this order: the absorbed, the survivor, the rows, the new rows; the dropped go last.
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    added: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """A short sum of all that an editor sees in the preview: another one, and there is something new to see."""
        written = [
            (row.model._meta.label, row.pk, row.into and row.into.pk, sorted(map(str, row.changes.items())))
            for row in self.rows
        ]
        seen = (self.survivor.pk, self.absorbed.pk, written, self.conflicts, self.blockers)
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def plan_merge(survivor: Any, absorbed: Any, *, keep: dict[str, str] | None = None, locking: bool = False) -> MergePlan:
    """Work out what merging ``absorbed`` into ``survivor`` will do; writes nothing.

    ``keep`` says for a field whose value stays: "survivor", "absorbed", or "both" for a text. With ``locking`` every
    row that will be written is locked to the end of the transaction.
    """
    plan = MergePlan(survivor, absorbed)
    plan.blockers += refusals(survivor, absorbed)
    if not plan.blockers:
        _Planner(plan, keep or {}, locking).work_out()
    return plan


def refusals(survivor: Any, absorbed: Any) -> Iterator[str]:
    """Yield why these two records cannot be merged, whatever they hold."""
    model = type(survivor)
    if type(absorbed) is not model:
        yield _("Only records of one kind can be merged.")
        return
    if not is_mergeable(model):
        yield _("Records of this kind cannot be merged.")
        return
    if survivor.pk == absorbed.pk:
        yield _("A record cannot be merged into itself. Choose another survivor.")
        return
    if absorbed.merged_into_id is not None:
        yield _("“%s” was merged already; undo that first.") % absorbed
    if survivor.merged_into_id is not None:
        yield _("“%s” was itself merged into another record. Choose that one as survivor.") % survivor
    if survivor.state == State.WITHDRAWN:
        yield _("“%s” is withdrawn: no other record can lead there. Choose the other one as survivor.") % survivor
    elif absorbed.published_at is not None and survivor.state != State.PUBLISHED:
        yield (
            _(
                "“%s” is not published, and the address of the other one is known to readers. "
                "Publish the survivor first, or merge the other way round."
            )
            % survivor
        )
    for name, message in kind_of(model).must_agree.items():
        if getattr(survivor, name) != getattr(absorbed, name):
            yield str(message)


def in_words(link: Any, value: Any) -> str:
    """A value as an editor reads it."""
    if value is None or value == "" or value == []:
        return ""
    if link.related_model is not None:
        return str(link.related_model._base_manager.filter(pk=value).first() or "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, PartialDate):
        return value.edtf
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(dict(link.flatchoices).get(value, value))


def is_empty(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value == "" or value == [] or (isinstance(value, PartialDate) and not value)


def joined(first: str, second: str, *, by: str = "\n\n") -> str:
    """Both texts, or the longer when it holds the other."""
    if second.strip() in first:
        return first
    return second if first.strip() in second else f"{first.rstrip()}{by}{second.lstrip()}"


class _Planner:
    def __init__(self, plan: MergePlan, keep: dict[str, str], locking: bool) -> None:
        self.plan = plan
        self.keep = keep
        self.locking = locking
        self.survivor, self.absorbed = plan.survivor, plan.absorbed
        self.model: Any = type(plan.survivor)
        self.kind = kind_of(self.model)
        self.roots = {self.survivor.pk, self.absorbed.pk}
        #: What a key is to become: by table, from the key of a row that goes to the key of the one that stays.
        self.becomes: dict[type[models.Model], dict[Any, Any]] = defaultdict(dict)
        self.becomes[self.model][self.absorbed.pk] = self.survivor.pk
        self.becomes[RegisteredId][self.absorbed.uid] = self.survivor.uid
        self.final: dict[str, Any] = {}
        self.by_table: dict[type[models.Model], list[Row]] = {}

    def work_out(self) -> None:
        self._choose_fields()
        self._remember_names()
        self._check_survivor()
        for table in tables():
            self._move_rows(table)
        self._tell()

    # The fields of the record itself

    def _own_fields(self) -> Iterator[tuple[str, ...]]:
        units = {unit[0]: unit for unit in self.kind.units}
        in_units = {name for unit in self.kind.units for name in unit}
        for one in self.model._meta.concrete_fields:
            if one.name in _KEPT | _STAMPS | {"open_points"} or one.attname not in columns_of(self.model):
                continue
            if one.name in units:
                unit = units[one.name]
                if self._value(SURVIVOR, one.name) == self._value(ABSORBED, one.name):
                    yield from ((name,) for name in unit)
                else:
                    yield unit
            elif one.name not in in_units:
                yield (one.name,)

    def _value(self, side: str, name: str) -> Any:
        record = self.survivor if side == SURVIVOR else self.absorbed
        return getattr(record, self.model._meta.get_field(name).attname)

    def _choose_fields(self) -> None:
        unknown = set(self.keep)
        for names in self._own_fields():
            unknown.discard(names[0])
            self._choose(names)
        points = list(dict.fromkeys([*self.survivor.open_points, *self.absorbed.open_points]))
        self._set("open_points", points)
        if unknown:
            self.plan.blockers.append(_("There is nothing to choose in: %s.") % ", ".join(sorted(unknown)))

    def _choose(self, names: tuple[str, ...]) -> None:
        lead = self.model._meta.get_field(names[0])
        ours, theirs = (tuple(self._value(side, name) for name in names) for side in (SURVIVOR, ABSORBED))
        options = [side for side, value in ((SURVIVOR, ours), (ABSORBED, theirs)) if self._is_possible(lead, value[0])]
        if SURVIVOR not in options:
            # It points at the other record, or lies below it: it takes that one's place, or none.
            chosen = ABSORBED if ABSORBED in options else ""
            self._take(names, theirs if chosen else tuple(None for _name in names))
            outcome = in_words(lead, self.final[lead.attname]) if chosen else _("left empty")
            self._conflict(self._label(names), self._words(names, ours), self._words(names, theirs), outcome)
            return
        if ours == theirs or is_empty(theirs[0]) or ABSORBED not in options:
            if self.keep.get(names[0]) == ABSORBED and ours != theirs and not is_empty(theirs[0]):
                self.plan.blockers.append(
                    _("%s: the value of “%s” cannot stay, the record would point at itself.")
                    % (self._label(names), self.absorbed)
                )
            return
        is_text = isinstance(lead, models.TextField) and len(names) == 1 and not is_empty(ours[0])
        if is_text and theirs[0].strip() in ours[0]:
            return
        if is_text:
            options.append(BOTH)
        default = ABSORBED if is_empty(ours[0]) else BOTH if is_text else SURVIVOR
        chosen = self.keep.get(names[0], default)
        if chosen not in options:
            self.plan.blockers.append(_("%s: choose one of the listed values.") % self._label(names))
            chosen = default
        if chosen == ABSORBED:
            self._take(names, theirs)
        elif chosen == BOTH:
            self._take(names, (joined(ours[0], theirs[0]),))
        self.plan.fields.append(
            FieldChoice(
                name=names[0],
                label=self._label(names),
                survivor=self._words(names, ours),
                absorbed=self._words(names, theirs),
                options=tuple(options),
                chosen=chosen,
            )
        )

    def _is_possible(self, one: Any, value: Any) -> bool:
        """Whether the survivor can have the value: no link to itself or the other, no circle."""
        if value is None or one.related_model is not self.model:
            return True
        if value in self.roots:
            return False
        in_tree = any(isinstance(rule, NoCycle) and rule.field == one.name for rule in rules_of(self.model))
        above, seen = value, set()
        while in_tree and above is not None and above not in seen:
            seen.add(above)
            above = self.model._base_manager.filter(pk=above).values_list(one.attname, flat=True).first()
            if above in self.roots:
                return False
        return True

    def _take(self, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
        for name, value in zip(names, values, strict=True):
            self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        self.final[self.model._meta.get_field(name).attname] = value

    def _label(self, names: tuple[str, ...]) -> str:
        return str(capfirst(", ".join(str(self.model._meta.get_field(name).verbose_name) for name in names)))

    def _words(self, names: tuple[str, ...], values: tuple[Any, ...]) -> str:
        told = (in_words(self.model._meta.get_field(name), value) for name, value in zip(names, values, strict=True))
        return ", ".join(text for text in told if text)

    def _conflict(self, subject: str, ours: str, theirs: str, outcome: str) -> None:
        self.plan.conflicts.append(Conflict(subject, ours, theirs, outcome))

    def _final(self, name: str) -> Any:
        attname = self.model._meta.get_field(name).attname
        return self.final.get(attname, getattr(self.survivor, attname))

    def _remember_names(self) -> None:
        """Let a name that is given up become an alias, and write other values that are given up into a text."""
        for name, into in self.kind.remembered.items():
            one = self.model._meta.get_field(name)
            values = [in_words(one, self._value(side, name)) for side in (SURVIVOR, ABSORBED)]
            given_up = [value for value in values if value and value != in_words(one, self._final(name))]
            for value in given_up:
                told = {"field": one.verbose_name, "value": value}
                line = _("Also recorded as %(field)s: %(value)s") % told
                text = self._final(into)
                self._set(into, joined(text, line, by="\n") if text else line)
        if self.kind.alias is None:
            return
        alias = self.kind.alias
        given_up = [self._value(side, self.kind.name) for side in (SURVIVOR, ABSORBED)]
        known = set(
            alias.model._base_manager.filter(**{f"{alias.owner}__in": self.roots}).values_list(alias.text, flat=True)
        )
        for text in dict.fromkeys(given_up):
            if text != self._final(self.kind.name) and text not in known:
                self.plan.added.append((alias.model, {alias.owner: self.survivor, alias.text: text, **alias.values}))
                self.plan.names.append(text)

    def _check_survivor(self) -> None:
        """Try the rules of the survivor's own table on what it will be."""
        after = copy.copy(self.survivor)
        for attname, value in self.final.items():
            setattr(after, attname, value)
        absorbed: dict[str, Any] = {"merged_into_id": self.survivor.pk}
        for constraint in self.model._meta.constraints:
            try:
                constraint.validate(self.model, after)
            except ValidationError as refused:
                fields = getattr(constraint, "fields", ())
                if fields and all(getattr(after, name) == getattr(self.absorbed, name) for name in fields):
                    self._mark(fields, absorbed)
                else:
                    self.plan.blockers += refused.messages
        self.plan.own = {ABSORBED: absorbed, SURVIVOR: self.final}

    def _mark(self, names: Any, absorbed: dict[str, Any]) -> None:
        """Let the absorbed make room for a value that only one record may have; it goes on to be readable there."""
        for name in names:
            one: Any = self.model._meta.get_field(name)
            if isinstance(one, models.CharField) and not one.choices and (limit := one.max_length or 0) > 20:
                value = getattr(self.absorbed, name)
                mark = f"#{self.absorbed.uid}" if isinstance(one, models.URLField) else f" ({self.absorbed.uid})"
                absorbed[one.attname] = value[: limit - len(mark)] + mark
                return

    # The rows of other tables

    def _move_rows(self, table: type[models.Model]) -> None:
        links = [
            link
            for link in pointers_of(table)
            if self.becomes.get(target_of(link)) and link.name != "merged_into" and not does_stay(table, link.name)
        ]
        redirects = [link for link in links_of(table) if link.name == "merged_into" and table is self.model]
        if not links and not redirects:
            return
        moved = self._read(table, self._pointing_at(links + redirects, gone=True))
        rows = {row.pk: row for row in moved if not (table is self.model and row.pk in self.roots)}
        for row in rows.values():
            for link in links + redirects:
                row.after[link.attname] = self.becomes[target_of(link)].get(
                    row.after[link.attname], row.after[link.attname]
                )
        self.by_table[table] = list(rows.values())
        rules = row_rules(table) or RowRules()
        beside: dict[Any, Row] = {}
        if rows and (row_rules(table) or unique_keys(table)):
            beside = {
                row.pk: row
                for row in self._read(table, self._beside(table, links, list(rows.values())))
                if row.pk not in rows and not (table is self.model and row.pk in self.roots)
            }
        self._keep_apart(table, rules, list(rows.values()))
        self._combine(table, rules, list(beside.values()), list(rows.values()))
        together = [row for row in (*beside.values(), *rows.values()) if row.into is None]
        if rules.adjust is not None and rows:
            self.plan.conflicts += rules.adjust(together)
        self.plan.rows += [*rows.values(), *(row for row in beside.values() if row.changes)]

    def _pointing_at(self, links: list[Any], *, gone: bool) -> Q:
        condition = Q(pk__in=[])
        for link in links:
            keys = self.becomes[target_of(link)]
            condition |= Q(**{f"{link.attname}__in": list(keys if gone else keys.values())})
        return condition

    def _beside(self, table: type[models.Model], links: list[Any], rows: list[Row]) -> Q:
        """The rows that point at what stays and could say the same as one of ``rows``."""
        moving = {link.attname for link in links}
        others = [
            link
            for link in links_of(table)
            if link.attname not in moving and not link.remote_field.hidden and link.name != "merged_into"
        ]
        condition = self._pointing_at(links, gone=False)
        if not others:
            return condition
        near, unlinked = Q(pk__in=[]), Q()
        for link in others:
            keys = {row.after[link.attname] for row in rows} - {None}
            near |= Q(**{f"{link.attname}__in": list(keys)}) if keys else Q(pk__in=[])
            unlinked &= Q(**{f"{link.attname}__isnull": True})
        return condition & (near | unlinked)

    def _read(self, table: type[models.Model], condition: Q) -> list[Row]:
        found = table._base_manager.filter(condition).order_by("pk")
        if self.locking:
            found = found.select_for_update()
        return [Row(table, values) for values in found.values(*columns_of(table))]

    def _keep_apart(self, table: Any, rules: RowRules, rows: list[Row]) -> None:
        for first, second, message in rules.apart:
            for row in rows:
                if row[first] is None or row[first] != row[second]:
                    continue
                label = _label_of(row, without=self.model)
                if message:
                    self.plan.blockers.append(f"{label}: {message}")
                else:
                    subject = f"{capfirst(table._meta.verbose_name)}: {label}"
                    link = table._meta.get_field(second)
                    row[second] = None
                    self._conflict(
                        subject, str(self.survivor), str(self.absorbed),
                        _("%s: left empty, it would point at itself") % capfirst(link.verbose_name),
                    )  # fmt: skip

    def _combine(self, table: Any, rules: RowRules, beside: list[Row], rows: list[Row]) -> None:
        taken: dict[Hashable, list[Row]] = defaultdict(list)
        for row in beside:
            for key in _keys_of(row, rules):
                taken[key].append(row)
        for row in rows:
            keys = list(_keys_of(row, rules))
            same = next(
                (other for key in keys for other in taken[key] if self._says_the_same(key, other, row, rules)), None
            )
            if same is None:
                for key in keys:
                    taken[key].append(row)
            elif refusal := self._refusal(table, rules, same, row):
                self.plan.blockers += refusal
            else:
                row.into = same
                self.becomes[table][row.pk] = same.pk
                if issubclass(table, Identified):
                    self._redirect(row["uid"], same["uid"])
                self._unite(table, rules, same, row)

    def _redirect(self, old: str, into: str) -> None:
        """Let the address of a row that goes lead to the row that stays."""
        self.becomes[RegisteredId][old] = into
        self.plan.added.append((Redirect, {"old_id": old, "into_id": into}))

    def _says_the_same(self, key: Any, other: Row, row: Row, rules: RowRules) -> bool:
        return other.pk != row.pk and (key[0] != "also" or rules.clashes is None or rules.clashes(other, row))

    def _refusal(self, table: Any, rules: RowRules, stays: Row, goes: Row) -> list[str]:
        label = f"{capfirst(table._meta.verbose_name)} “{_label_of(goes, without=self.model)}”"
        if row_rules(table) is None or issubclass(table, Record):
            return [_("%s: both records have it. Merge or change one of the two first.") % label]
        return [f"{label}: {message}" for message in rules.refuse(stays, goes)] if rules.refuse else []

    def _unite(self, table: Any, rules: RowRules, stays: Row, goes: Row) -> None:
        label = f"{capfirst(table._meta.verbose_name)}: {_label_of(goes, without=self.model)}"
        given_up = []
        for one in table._meta.concrete_fields:
            name = one.attname
            if one.primary_key or one.name in _KEPT | _STAMPS | {"position"} or name not in columns_of(table):
                continue
            ours, theirs = stays.after[name], goes.after[name]
            if ours == theirs or is_empty(theirs):
                continue
            if one.name in rules.united:
                stays.after[name] = rules.united[one.name](ours, theirs)
            elif is_empty(ours) or (one.name in rules.weak and ours == rules.weak[one.name]):
                stays.after[name] = theirs
            elif one.name in rules.weak and theirs == rules.weak[one.name]:
                continue
            elif isinstance(one, ArrayField):
                stays.after[name] = list(dict.fromkeys([*ours, *theirs]))
            elif isinstance(one, models.TextField):
                stays.after[name] = joined(ours, theirs, by="\n")
            elif one.name in rules.joined and len(both := joined(ours, theirs, by="; ")) <= one.max_length:
                stays.after[name] = both
            else:
                words = in_words(one, ours), in_words(one, theirs)
                kept = _("the first stays, the second is noted") if rules.remembers else _("the first stays")
                self._conflict(f"{label}, {one.verbose_name}", *words, kept)
                given_up.append(f"{capfirst(one.verbose_name)}: {words[1]}")
        if given_up and rules.remembers:
            line = _("Also recorded: %s.") % "; ".join(given_up)
            text = stays[rules.remembers]
            stays[rules.remembers] = joined(text, line, by="\n") if text else line

    # The preview

    def _tell(self) -> None:
        for table, rows in self.by_table.items():
            for what, listed in (
                (self.plan.moved, [row for row in rows if row.into is None]),
                (self.plan.combined, [row for row in rows if row.into is not None]),
            ):
                if listed:
                    labels = _labels_of(listed[:EXAMPLES], without=self.model)
                    what.append(Moved(str(capfirst(table._meta.verbose_name_plural)), len(listed), tuple(labels)))
        if self.absorbed.state == State.WITHDRAWN:
            self.plan.notes.append(
                _(
                    "“%s” is withdrawn. Its address will lead to the survivor, and what belonged to it becomes public "
                    "there."
                )
                % self.absorbed
            )
        if set(self.plan.own.get(ABSORBED, {})) - {"merged_into_id"}:
            self.plan.notes.append(
                _("Where no two records may have the same value, the absorbed one is marked with its id.")
            )


def _keys_of(row: Row, rules: RowRules) -> Iterator[Hashable]:
    for columns, nulls_differ in unique_keys(row.model):
        values = tuple(row.after[column] for column in columns)
        if not (nulls_differ and None in values):
            yield ("unique", columns, values)
    if rules.also_same is not None and (key := rules.also_same(row)) is not None:
        yield ("also", key)


def _label_of(row: Row, *, without: Any) -> str:
    return _labels_of([row], without=without)[0]


def _labels_of(rows: list[Row], *, without: Any) -> list[str]:
    """What rows are called: by what they link to besides the merged records, or by themselves."""
    if not rows:
        return []
    table: Any = rows[0].model
    told = [link for link in links_of(table) if issubclass(target_of(link), models.Model) and _is_told(link, without)]
    paths = [link.name for link in told]
    paths += [
        f"{link.name}__{further.name}"
        for link in told
        for further in links_of(target_of(link))
        if not further.null and further.name not in _STAMPS
    ]
    every = [link.name for link in links_of(table) if not link.null and link.name not in _STAMPS]
    found = table._base_manager.select_related(*paths, *every).in_bulk([row.pk for row in rows])
    by_itself = issubclass(table, Record)
    labels = []
    for row in rows:
        instance = found[row.pk]
        linked = [] if by_itself else [str(getattr(instance, link.name)) for link in told if row.after[link.attname]]
        labels.append(" · ".join(linked) or str(instance))
    return labels


def _is_told(link: Any, without: Any) -> bool:
    return target_of(link) not in {without, RegisteredId} and link.name not in _STAMPS
