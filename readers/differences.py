"""What changed in a record since a version, in words for readers.

The history keeps everything, also what no reader may see. A row is told only when each record that it links to is
public now; a link to anything else reads as if it were not there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partialdates.fields import PartialDateField
from partialdates.values import PartialDate
from records.models import Identified
from records.reverting.past import state_at, state_now
from records.reverting.rows import told_columns
from records.services import Refused

#: What says where a record stands, not what it says.
WORKFLOW = frozenset({"state", "merged_into_id", "withdrawal_reason", "position"})
#: Longer texts are named, not printed.
LONGEST = 160
#: Changes of one record in one letter.
MOST = 12

Rows = dict[tuple[Any, Any], dict[str, Any]]


def changes_in_words(record: Any, since: int) -> list[str]:
    """Sentences on what readers see otherwise than in version ``since``; none when that is nothing.

    Some ten queries: for letters, not for pages.
    """
    try:
        before: Rows = state_at(record, since)
    except Refused:
        # What was brought in with an older history than the site has.
        return [_("It was changed; what it was before is not kept.")]
    after: Rows = state_now(record)
    names = _Names([*before.items(), *after.items()])
    own = (type(record), record.pk)
    lines = list(_own(own[0], before.get(own), after.get(own), names))
    for key in dict.fromkeys([*after, *before]):
        if key != own:
            lines += _of_part(record, key[0], before.get(key), after.get(key), names)
    if len(lines) > MOST:
        lines = [*lines[: MOST - 1], _("And %(n)s more changes.") % {"n": len(lines) - MOST + 1}]
    return lines


def _own(model: Any, before: Any, after: Any, names: "_Names") -> Iterator[str]:
    if before is None or after is None:
        return
    for field in told_fields(model):
        then, now = names.value(field, before[field.attname]), names.value(field, after[field.attname])
        if then != now:
            yield _replaced(str(capfirst(field.verbose_name)), then, now)


def _replaced(label: str, then: str, now: str) -> str:
    if max(len(then), len(now)) > LONGEST:
        return _("%(fact)s: the text was changed.") % {"fact": label}
    if not then:
        return _("%(fact)s: now “%(now)s”, nothing before.") % {"fact": label, "now": now}
    if not now:
        return _("%(fact)s: no longer “%(then)s”.") % {"fact": label, "then": then}
    return _("%(fact)s: now “%(now)s”, before “%(then)s”.") % {"fact": label, "now": now, "then": then}


def _of_part(record: Any, model: Any, before: Any, after: Any, names: "_Names") -> Iterator[str]:
    before = before if before is not None and names.is_open(model, before) else None
    after = after if after is not None and names.is_open(model, after) else None
    label = str(capfirst(model._meta.verbose_name))
    fields = [field for field in told_fields(model) if field.related_model is not type(record)]
    then = {field: names.value(field, before[field.attname]) for field in fields} if before else {}
    now = {field: names.value(field, after[field.attname]) for field in fields} if after else {}
    if then == now:
        return
    words = {"part": label, "what": _summary(now or then)}
    if not then:
        yield _("%(part)s added: %(what)s.") % words
    elif not now:
        yield _("%(part)s removed: %(what)s.") % words
    else:
        yield _("%(part)s changed: %(what)s; before %(then)s.") % {**words, "then": _summary(then)}


def _summary(values: dict[Any, str]) -> str:
    text = ", ".join(dict.fromkeys(value for value in values.values() if value)) or "–"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def told_fields(model: Any) -> list[Any]:
    """The fields of a model that say something of its rows to a reader, not where they stand in the workflow."""
    told = set(told_columns(model)) - WORKFLOW
    return [field for field in model._meta.concrete_fields if field.attname in told]


class _Names:
    """The public records that rows link to, read once for each table."""

    def __init__(self, rows: Iterable[tuple[tuple[Any, Any], dict[str, Any]]]) -> None:
        keys: dict[Any, set[Any]] = defaultdict(set)
        for (model, _key), values in rows:
            for field in _links(model):
                if values.get(field.attname) is not None:
                    keys[field.related_model].add(values[field.attname])
        self.texts = {
            model: {row.pk: str(row) for row in _public(model).filter(pk__in=wanted)} for model, wanted in keys.items()
        }

    def is_open(self, model: Any, values: dict[str, Any]) -> bool:
        """Whether every record that a row links to is public."""
        return all(
            values[field.attname] is None or values[field.attname] in self.texts.get(field.related_model, {})
            for field in _links(model)
        )

    def value(self, field: Any, value: Any) -> str:
        """A value of a field as a reader reads it."""
        if value is None or value == "" or value == []:
            return ""
        if field.related_model is not None:
            return self.texts.get(field.related_model, {}).get(value, "")
        if isinstance(field, PartialDateField):
            return value.text if isinstance(value, PartialDate) else PartialDate.parse(str(value)).text
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return "; ".join(map(str, value))
        return str(dict(field.flatchoices).get(value, value))


def _links(model: Any) -> list[Any]:
    return [field for field in told_fields(model) if field.related_model is not None]


def _public(model: Any) -> Any:
    rows: Any = model.objects
    return rows.public() if issubclass(model, Identified) or hasattr(rows, "public") else rows.none()
