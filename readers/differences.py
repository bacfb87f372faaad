"""What changed in a record since a version, in words for readers.

The history keeps everything, also what no reader may see. A row is told only when each record that it links to is
public now; a link to anything else reads as if it were not there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partialdates.fields import PartialDateField
from partialdates.values import PartialDate
from records.models import Identified, Record
from records.reverting.past import state_at, state_now
from records.reverting.rows import told_columns
from records.services import Refused

#: What says where a record stands, not what it says.
WORKFLOW = frozenset({"state", "merged_into_id", "withdrawal_reason", "position"})
#: Longer texts are named, not printed.
LONGEST = 160
#: Changes of one record in one letter.
MOST = 12

#: Letters around and of what differs in a longer text, on a page.
AROUND, LONGEST_CHANGE = 80, 600
#: Words, spaces and signs; in scripts without spaces every sign is a piece.
_PIECES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|\s+|[^\w\s]")

Rows = dict[tuple[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class Excerpt:
    """A text of which a part differs from another, with what stands before and behind that part."""

    lead: str
    changed: str
    tail: str

    @classmethod
    def of(cls, pieces: list[str], start: int, end: int) -> "Excerpt":
        """The text of ``pieces``, of which those from ``start`` to ``end`` differ."""
        lead, changed, tail = ("".join(some) for some in (pieces[:start], pieces[start:end], pieces[end:]))
        if len(lead) + len(changed) + len(tail) > LONGEST:
            lead = f"…{lead[-AROUND:]}" if len(lead) > AROUND else lead
            tail = f"{tail[:AROUND]}…" if len(tail) > AROUND else tail
            changed = f"{changed[:LONGEST_CHANGE]}…" if len(changed) > LONGEST_CHANGE else changed
        return cls(lead, changed, tail)


@dataclass(frozen=True)
class Difference:
    """A fact that reads otherwise, or a row that came, went or changed; an empty text stands for nothing there."""

    label: str
    then: str
    now: str
    is_row: bool = False

    @property
    def is_long(self) -> bool:
        """Whether the texts are too long for a sentence."""
        return max(len(self.then), len(self.now)) > LONGEST

    @property
    def excerpts(self) -> tuple["Excerpt", "Excerpt"]:
        """Both texts, what differs apart; of long ones only what stands around it."""
        then, now = _PIECES.findall(self.then), _PIECES.findall(self.now)
        most = min(len(then), len(now))
        lead = next((at for at in range(most) if then[at] != now[at]), most)
        tail = next((at for at in range(most - lead) if then[-1 - at] != now[-1 - at]), most - lead)
        return tuple(Excerpt.of(pieces, lead, len(pieces) - tail) for pieces in (then, now))  # type: ignore[return-value]

    def __str__(self) -> str:
        return self._of_row() if self.is_row else self._of_fact()

    def _of_fact(self) -> str:
        words = {"fact": self.label, "then": self.then, "now": self.now}
        if self.is_long:
            return _("%(fact)s: the text was changed.") % words
        if not self.then:
            return _("%(fact)s: now “%(now)s”, nothing before.") % words
        if not self.now:
            return _("%(fact)s: no longer “%(then)s”.") % words
        return _("%(fact)s: now “%(now)s”, before “%(then)s”.") % words

    def _of_row(self) -> str:
        words = {"part": self.label, "then": _shortened(self.then), "now": _shortened(self.now)}
        if not self.then:
            return _("%(part)s added: %(now)s.") % words
        if not self.now:
            return _("%(part)s removed: %(then)s.") % words
        return _("%(part)s changed: %(now)s; before %(then)s.") % words


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
    names = Names([*before.items(), *after.items()])
    lines = [str(one) for one in differences(record, before, after, names)]
    if len(lines) > MOST:
        lines = [*lines[: MOST - 1], _("And %(n)s more changes.") % {"n": len(lines) - MOST + 1}]
    return lines


def differences(record: Any, before: Rows, after: Rows, names: "Names") -> Iterator[Difference]:
    """What readers see otherwise in ``after``: the facts of the record, then its rows."""
    own = (type(record), record.pk)
    yield from _own(own[0], before.get(own), after.get(own), names)
    for key in dict.fromkeys([*after, *before]):
        if key != own:
            yield from _of_part(record, key[0], before.get(key), after.get(key), names)


def _own(model: Any, before: Any, after: Any, names: "Names") -> Iterator[Difference]:
    if before is None or after is None:
        return
    for field in told_fields(model):
        then, now = names.value(field, before[field.attname]), names.value(field, after[field.attname])
        if then != now:
            yield Difference(str(capfirst(field.verbose_name)), then, now)


def _of_part(record: Any, model: Any, before: Any, after: Any, names: "Names") -> Iterator[Difference]:
    before = before if before is not None and names.is_open(model, before) else None
    after = after if after is not None and names.is_open(model, after) else None
    then, now = (_told(record, model, values, names) if values else {} for values in (before, after))
    if then != now:
        yield Difference(str(capfirst(model._meta.verbose_name)), _summary(then), _summary(now), is_row=True)


def _summary(values: dict[Any, str]) -> str:
    if not values:
        return ""
    return ", ".join(dict.fromkeys(value for value in values.values() if value)) or "–"


def summary_of(record: Any, row: Any) -> str:
    """The values of a public row of a record as a reader reads them."""
    model: Any = type(row)
    values = {one.attname: getattr(row, one.attname) for one in told_fields(model)}
    return _summary(_told(record, model, values, Names([((model, row.pk), values)])))


def _told(record: Any, model: Any, values: dict[str, Any], names: "Names") -> dict[Any, str]:
    """What a row says beside that it belongs to the record."""
    return {
        field: names.value(field, values[field.attname])
        for field in told_fields(model)
        if (field.related_model, values[field.attname]) != (type(record), record.pk)
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def told_fields(model: Any) -> list[Any]:
    """The fields of a model that say something of its rows to a reader, not where they stand in the workflow."""
    told = set(told_columns(model)) - WORKFLOW
    return [field for field in model._meta.concrete_fields if field.attname in told]


class Names:
    """The public records that rows link to, read once for each table."""

    def __init__(self, rows: Iterable[tuple[tuple[Any, Any], dict[str, Any]]]) -> None:
        keys: dict[Any, set[Any]] = defaultdict(set)
        for (model, _key), values in rows:
            for field in links(model):
                if values.get(field.attname) is not None:
                    keys[field.related_model].add(values[field.attname])
        self.texts = {
            model: {row.pk: str(row) for row in _public(model).filter(pk__in=wanted)} for model, wanted in keys.items()
        }

    def is_open(self, model: Any, values: dict[str, Any]) -> bool:
        """Whether every record that a row links to is public."""
        return all(
            values[field.attname] is None or values[field.attname] in self.texts.get(field.related_model, {})
            for field in links(model)
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


def links(model: Any) -> list[Any]:
    """The told fields of a model that lead to other rows."""
    return [field for field in told_fields(model) if field.related_model is not None]


def _public(model: Any) -> Any:
    rows: Any = model.objects
    if not issubclass(model, Identified) and not hasattr(rows, "public"):
        return rows.none()
    # What a row without a name of its own is called by stands in those it joins.
    return rows.public() if issubclass(model, Record) else rows.public().select_related(*model.public_through)
