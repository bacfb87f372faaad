"""One verb for many records: what it would do to each, said before, and done in one batch that can be undone.

An app registers verbs of its own in its ``bulk.py``, which is found by its name. A verb looks at records together: a
constant number of queries for `TOGETHER` of them, wherever the rules allow.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import CheckConstraint, F, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import discussion, services
from records.context import history_context
from records.merging import refuse_merged
from records.models import Assignment, Record, State
from records.refusals import is_momentary, is_refusal, message_of
from records.services import ReasonMissing, Refused
from records.triggers import rules_of

#: So many records are done in one go, and no more: one transaction, one page to read before.
MOST = 5000
#: So many are read and written together.
TOGETHER = 500

CHANGE, PUBLISH = "change", "publish"

#: What was asked for beside the records, by name.
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """Something the verb has to be told: a field of a model says how it is typed. ``choices`` narrows what it links to.

    ``none`` says in words what an empty answer means; without it an answer is needed.
    """

    field: Any
    none: Any = ""
    choices: Callable[[], Any] | None = None
    label: Any = ""


@dataclass(frozen=True)
class Outcome:
    """What becomes of one record: ``words`` say what changes, ``refusal`` why nothing will; neither: it is so now."""

    record: Any
    words: str = ""
    refusal: str = ""


class Verb:
    """Something done to many records of one kind. ``name`` is the name of the action in the lists, and stable."""

    name: str
    label: Any
    #: What readers or colleagues are owed a reason for: "published" records among them, "always", or "never".
    reason: str = "published"
    reason_help: Any = gettext_lazy("Colleagues read it in the history.")
    permission: str = CHANGE

    def asks(self) -> dict[str, Ask]:
        """What it has to be told."""
        return {}

    def is_for(self, model: Any) -> bool:
        """Whether records of the model can have it done to them."""
        return issubclass(model, Record)

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:
        """What would become of each record, in their order."""
        raise NotImplementedError

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:
        """Do it with locked records whose outcome is a change."""
        raise NotImplementedError

    @property
    def batch(self) -> str:
        """The word by which the history knows it."""
        return f"bulk {self.name.removesuffix('_selected').replace('_', ' ')}"


_verbs: list[Verb] = []


def register(*verbs: Verb) -> None:
    """Let the lists of records offer the verbs, in this order."""
    _verbs.extend(verbs)


def verbs_for(model: Any) -> dict[str, Verb]:
    """The verbs for a kind of record, by name; those of its own app first."""
    fitting = [verb for verb in _verbs if verb.is_for(model)]
    return {verb.name: verb for verb in sorted(fitting, key=lambda verb: isinstance(verb, OfAllRecords))}


@dataclass
class Report:
    """What was done: ``batch`` is the id by which it can be undone, "" when nothing changed.

    ``was_public`` says that readers had seen one of the records: a reviewer undoes that.
    """

    batch: str = ""
    done: int = 0
    same: int = 0
    was_public: bool = False
    refused: list[Outcome] = field(default_factory=list)


def look(*, verb: Verb, records: Iterable[Any], given: Given, by: Any) -> list[Outcome]:
    """What the verb would do to each of the records, in their order; nothing is changed."""
    return [outcome for chunk in _chunks(list(records)) for outcome in verb.outcomes(chunk, given, by=by)]


def needs_reason(verb: Verb, outcomes: Iterable[Outcome]) -> bool:
    """Whether somebody is owed a reason for these changes."""
    if verb.reason != "published":
        return verb.reason == "always"
    return any(outcome.words and outcome.record.state == State.PUBLISHED for outcome in outcomes)


@services.taking_turns
def carry_out(
    *, verb: Verb, model: Any, versions: Mapping[int, int], given: Given, by: Any, reason: str = ""
) -> Report:
    """Do the verb with the records that are still at the ``versions`` (by key) that somebody looked at.

    All that can be done is done in one transaction and one batch; the others are told with why not. Raises
    `ReasonMissing` when a reason is owed, and `Refused` with what the database said against the whole.
    """
    reason, report = reason.strip(), Report()
    if len(versions) > MOST:
        raise Refused(_("No more than %d records can be changed in one go.") % MOST)
    try:
        with transaction.atomic(), history_context(user=by, reason=reason, batch=verb.batch) as batch:
            # In one order, and all of them before the first is changed: two who want the same records wait for each
            # other instead of blocking each other.
            keys = sorted(versions)
            rows = model._base_manager.select_for_update(of=("self",), no_key=True).order_by("pk")
            locked = {record.pk: record for chunk in _chunks(keys) for record in rows.filter(pk__in=chunk)}
            report.refused += _changed_meanwhile(model, versions, locked)
            fresh = [record for key, record in locked.items() if record.version == versions[key]]
            outcomes = look(verb=verb, records=fresh, given=given, by=by)
            if not reason and needs_reason(verb, outcomes):
                raise ReasonMissing(_("Say why: published records are among these."))
            report.refused += [outcome for outcome in outcomes if outcome.refusal]
            report.same = sum(not outcome.words and not outcome.refusal for outcome in outcomes)
            changing = [outcome for outcome in outcomes if outcome.words and not outcome.refusal]
            for chunk in _chunks(changing):
                report.done += _do(verb, chunk, given, by, reason, report)
            connection.check_constraints()
            for one in given.values():
                if isinstance(one, Record):
                    refuse_merged({type(one): {one.pk}})
            report.batch = batch if report.done else ""
            report.was_public = any(outcome.record.published_at is not None for outcome in changing)
    except DatabaseError as error:
        if not is_refusal(error) or is_momentary(error):
            raise
        raise Refused(message_of(error)) from error
    return report


def _changed_meanwhile(model: Any, versions: Mapping[int, int], locked: Mapping[int, Any]) -> Iterator[Outcome]:
    for key, version in sorted(versions.items()):
        if key not in locked:
            yield Outcome(model(pk=key), refusal=_("The record was deleted meanwhile."))
        elif locked[key].version != version:
            yield Outcome(locked[key], refusal=_("Somebody changed the record since you looked: look at it again."))


def _do(verb: Verb, outcomes: Sequence[Outcome], given: Given, by: Any, reason: str, report: Report) -> int:
    """Do it with all of these in a few statements; where the database refuses one of them, one after the other."""
    try:
        with transaction.atomic():
            verb.do([outcome.record for outcome in outcomes], given, by=by, reason=reason)
            connection.check_constraints()
    except DatabaseError as error:
        if not is_refusal(error) or is_momentary(error):
            raise
        if len(outcomes) == 1:
            report.refused.append(Outcome(outcomes[0].record, refusal=message_of(error)))
            return 0
        return sum(_do(verb, [outcome], given, by, reason, report) for outcome in outcomes)
    return len(outcomes)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + TOGETHER] for start in range(0, len(items), TOGETHER))


def merged_refusal(record: Any) -> str:
    """Why a merged record is left alone; "" for one that is not."""
    return _("The record was merged into another one; change that one.") if record.merged_into_id is not None else ""


# The verbs of the workflow, for every kind of record


class OfAllRecords(Verb):
    """A verb for records of every kind."""


class Move(OfAllRecords):
    """A step of the workflow."""

    def __init__(self, name: str, label: Any, step: services.Step, *, permission: str = CHANGE) -> None:
        self.name, self.label, self.step, self.permission = name, label, step, permission
        self.reason = "always" if step is services.WITHDRAW else "never"
        if step is services.WITHDRAW:
            self.reason_help = gettext_lazy("Everyone who opens the address of one of the records will read it.")

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:  # noqa: ARG002
        refused = services.refusals(self.step, records, by=by)
        return [
            Outcome(record, refusal=" ".join(refused[record.pk].messages))
            if record.pk in refused
            else Outcome(record, _change(State(record.state).label, self.step.target.label))
            for record in records
        ]

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:  # noqa: ARG002
        services.take(self.step, records, by=by, reason=reason)

    @property
    def batch(self) -> str:
        return f"bulk {self.step.name}"


class Assign(OfAllRecords):
    """Put somebody in charge, or nobody. The record itself does not change: nobody is owed a reason."""

    name = "assign_selected"
    label = gettext_lazy("Assign selected %(verbose_name_plural)s…")
    reason = "never"

    def asks(self) -> dict[str, Ask]:
        return {
            "user": Ask(
                Assignment._meta.get_field("user"),
                none=gettext_lazy("nobody"),
                choices=lambda: discussion.members().order_by("username"),
                label=gettext_lazy("In charge"),
            )
        }

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:  # noqa: ARG002
        assigned = Assignment.objects.filter(record__in=[record.uid for record in records]).select_related("user")
        now = {assignment.record_id: assignment.user for assignment in assigned}
        return [
            Outcome(record, _change(now.get(record.uid) or _("nobody"), given["user"] or _("nobody")))
            if now.get(record.uid) != given["user"]
            else Outcome(record)
            for record in records
        ]

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:  # noqa: ARG002
        discussion.assign_all(records=records, to=given["user"], by=by)


def _change(before: Any, after: Any) -> str:
    return _("%(before)s → %(after)s") % {"before": before, "after": after}


# Verbs that apps make for their kinds


class SetField(Verb):
    """Give a field of the record one value. ``empty`` says what no value is called, where there may be none.

    Rules that speak of the field are asked before; the database asks all of them again.
    """

    def __init__(self, model: Any, name: str, label: Any, *, empty: Any = "") -> None:
        self.model, self.field_name, self.label, self.empty = model, name, label, empty
        self.name = f"set_{name}_selected"

    @property
    def field(self) -> Any:
        """The field of the model."""
        return self.model._meta.get_field(self.field_name)

    def asks(self) -> dict[str, Ask]:
        return {self.field_name: Ask(self.field, none=self.empty)}

    def is_for(self, model: Any) -> bool:
        return model is self.model

    def values(self, record: Any, given: Given) -> dict[str, Any]:  # noqa: ARG002
        """What the fields of the record shall hold."""
        return {self.field_name: self._stored(given[self.field_name])}

    def _stored(self, value: Any) -> Any:
        return "" if value is None and not self.field.null else value

    def words(self, record: Any, values: Mapping[str, Any]) -> str:
        """What changes, from what to what; "" when nothing does."""
        said = []
        for name, value in values.items():
            now = getattr(record, name)
            if now != value:
                one = record._meta.get_field(name)
                change = _change(_shown(one, now) or _("none"), _shown(one, value) or _("none"))
                said.append(_("%(field)s: %(change)s") % {"field": capfirst(one.verbose_name), "change": change})
        return "; ".join(said)

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:  # noqa: ARG002
        links = [
            name for name in self.asks() if name in {one.name for one in self.model._meta.fields if one.many_to_one}
        ]
        models.prefetch_related_objects(records, *links)
        said: dict[Any, str] = {}
        return [self._outcome(record, given, said) for record in records]

    def _outcome(self, record: Any, given: Given, said: dict[Any, str]) -> Outcome:
        values = self.values(record, given)
        if refusal := merged_refusal(record):
            return Outcome(record, refusal=refusal)
        if not (words := self.words(record, values)):
            return Outcome(record)
        before = {name: getattr(record, name) for name in values}
        try:
            for name, value in values.items():
                setattr(record, name, value)
            refusal = _broken_rules(record, frozenset(values), said)
        finally:
            for name, value in before.items():
                setattr(record, name, value)
        return Outcome(record, words, refusal) if not refusal else Outcome(record, refusal=refusal)

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:  # noqa: ARG002
        alike: dict[Any, list[Any]] = defaultdict(list)
        for record in records:
            values = self.values(record, given)
            alike[tuple(values.items())].append(record.pk)
        for changes, keys in alike.items():
            self.model._base_manager.filter(pk__in=keys).update(**dict(changes))


def _shown(one: Any, value: Any) -> str:
    if one.choices:
        value = dict(one.flatchoices).get(value, value)
    return "" if value is None else str(value)


def _broken_rules(record: Any, names: frozenset[str], said: dict[Any, str]) -> str:
    """Which rules the values of the fields ``names`` break. Answers that hang on nothing else are kept in ``said``."""
    messages = []
    for constraint in record._meta.constraints:
        read = _fields_read(constraint)
        if not read & names:
            continue
        key = (constraint.name, *(str(getattr(record, name)) for name in sorted(read))) if read <= names else None
        if key is None or key not in said:
            message = ""
            try:
                constraint.validate(type(record), record)
            except ValidationError as error:
                message = " ".join(error.messages)
            if key is None:
                messages.append(message)
                continue
            said[key] = message
        messages.append(said[key])
    if any(rule.field in names for rule in rules_of(type(record))):
        try:
            record.clean()
        except ValidationError as error:
            messages += error.messages
    return " ".join(filter(None, messages))


def _fields_read(constraint: Any) -> set[str]:
    if isinstance(constraint, CheckConstraint):
        return {name.split("__")[0] for name in _names_in(constraint.condition)}
    return set(getattr(constraint, "fields", ()))


def _names_in(condition: Any) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, tuple):
            yield child[0]
            if isinstance(child[1], F):
                yield str(child[1].name)  # type: ignore[attr-defined]
        elif isinstance(child, Q):
            yield from _names_in(child)


class AddLink(Verb):
    """Add one row that links the records to something: a topic. ``also`` names further fields of the row.

    A record that has the link keeps its row; where ``also`` differs in it, the row takes what is given.
    """

    def __init__(self, link: Any, owner: str, target: str, label: Any, *, also: tuple[str, ...] = ()) -> None:
        self.link, self.owner, self.target, self.also, self.label = link, owner, target, also, label
        self.name = f"add_{target}_selected"

    def asks(self) -> dict[str, Ask]:
        options = self.link._meta
        return {self.target: Ask(options.get_field(self.target))} | {
            name: Ask(options.get_field(name), none=gettext_lazy("none")) for name in self.also
        }

    def is_for(self, model: Any) -> bool:
        return model is self.link._meta.get_field(self.owner).related_model

    def _rows(self, records: Collection[Any], given: Given) -> dict[Any, Any]:
        rows = self.link._base_manager.filter(
            **{f"{self.owner}__in": [record.pk for record in records], self.target: given[self.target]}
        )
        return {getattr(row, f"{self.owner}_id"): row for row in rows}

    def _also(self, given: Given) -> dict[str, Any]:
        return {name: given[name] or "" for name in self.also}

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:  # noqa: ARG002
        rows, also = self._rows(records, given), self._also(given)
        return [self._outcome(record, rows.get(record.pk), given, also) for record in records]

    def _outcome(self, record: Any, row: Any, given: Given, also: dict[str, Any]) -> Outcome:
        target = given[self.target]
        if refusal := merged_refusal(record):
            return Outcome(record, refusal=refusal)
        if getattr(target, "merged_into_id", None) is not None:
            return Outcome(record, refusal=_("“%s” was merged into another one; choose that one.") % target)
        if row is None:
            details = ", ".join(_shown(self.link._meta.get_field(name), value) for name, value in also.items() if value)
            return Outcome(record, f"+ {target} ({details})" if details else f"+ {target}")
        changes = [
            _change(_shown(one, getattr(row, one.name)) or _("none"), _shown(one, also[one.name]) or _("none"))
            for one in map(self.link._meta.get_field, also)
            if getattr(row, one.name) != also[one.name]
        ]
        return Outcome(record, f"{target}: {', '.join(changes)}" if changes else "")

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:  # noqa: ARG002
        rows, also = self._rows(records, given), self._also(given)
        new = [
            self.link(**{f"{self.owner}_id": record.pk, self.target: given[self.target], **also})
            for record in records
            if record.pk not in rows
        ]
        self.link._base_manager.bulk_create(new)
        if rows and also:
            self.link._base_manager.filter(pk__in=[row.pk for row in rows.values()]).update(**also)


class RemoveLink(Verb):
    """Delete the row that links the records to something."""

    def __init__(self, link: Any, owner: str, target: str, label: Any) -> None:
        self.link, self.owner, self.target, self.label = link, owner, target, label
        self.name = f"remove_{target}_selected"

    def asks(self) -> dict[str, Ask]:
        return {self.target: Ask(self.link._meta.get_field(self.target))}

    def is_for(self, model: Any) -> bool:
        return model is self.link._meta.get_field(self.owner).related_model

    def _rows(self, records: Collection[Any], given: Given) -> Any:
        return self.link._base_manager.filter(
            **{f"{self.owner}__in": [record.pk for record in records], self.target: given[self.target]}
        )

    def outcomes(self, records: Sequence[Any], given: Given, *, by: Any) -> list[Outcome]:  # noqa: ARG002
        linked = set(self._rows(records, given).values_list(f"{self.owner}_id", flat=True))
        return [self._outcome(record, record.pk in linked, given[self.target]) for record in records]

    def _outcome(self, record: Any, is_linked: bool, target: Any) -> Outcome:
        if refusal := merged_refusal(record):
            return Outcome(record, refusal=refusal)
        return Outcome(record, f"− {target}" if is_linked else "")

    def do(self, records: Sequence[Any], given: Given, *, by: Any, reason: str) -> None:  # noqa: ARG002
        self._rows(records, given).delete()


register(
    Assign(),
    Move("submit_selected", gettext_lazy("Submit selected %(verbose_name_plural)s for review…"), services.SUBMIT),
    Move("draft_selected", gettext_lazy("Return selected %(verbose_name_plural)s to draft…"), services.RETURN),
    Move(
        "publish_selected",
        gettext_lazy("Publish selected %(verbose_name_plural)s…"),
        services.PUBLISH,
        permission=PUBLISH,
    ),
    Move(
        "withdraw_selected",
        gettext_lazy("Withdraw selected %(verbose_name_plural)s…"),
        services.WITHDRAW,
        permission=PUBLISH,
    ),
)
