"""Who spoke on a topic first: the earliest statement of each state and organisation, from the arrays of its facets.

Only a date whose beginning is known says who was first. What may have been said before that stands beside it, and never
above it: “before 2024” is no early date, it is an open one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from actors.models import Actor
from events.filters import StatementFilterSet
from events.models import Statement, Topic
from events.rows import StatementRow, statement_rows
from events.views.facets import ListFacets
from records.facets import Selection

#: States and organisations of the table.
SHOWN = 30
#: The parameters by which the page of a topic cuts out a time.
WINDOW = ("from", "to")


@dataclass(frozen=True)
class Side:
    """A state or organisation with its first statement of certain date, and one that may be earlier than that."""

    uid: str
    name: str
    first: StatementRow | None
    maybe_earlier: StatementRow | None

    @property
    def day(self) -> date | None:
        """The first day on which it certainly spoke."""
        return self.first.date.earliest if self.first else None


class Firsts:
    """Who raised ``topic`` first in the time that ``asked`` cuts out by ``from`` and ``to``."""

    def __init__(self, topic: Topic, asked: QueryDict) -> None:
        query = QueryDict(mutable=True)
        for name in WINDOW:
            query.setlist(name, [text.strip() for text in asked.getlist(name) if text.strip()])
        self.typed = {name: query.get(name, "") for name in WINDOW}
        query["topic"] = topic.uid
        filters = StatementFilterSet(query, queryset=Statement.objects.public())
        self.errors = [message for messages in filters.errors.values() for message in messages]
        self.sides = [] if self.errors else list(_sides(ListFacets(filters, Statement).selection))

    @property
    def fields(self) -> list[tuple[str, Any, str]]:
        """The fields of the window: name, label and what was typed."""
        labels = {"from": _("From"), "to": _("To")}
        return [(name, labels[name], self.typed[name]) for name in WINDOW]

    @cached_property
    def leaders(self) -> list[Side]:
        """Those whose first statement of certain date is of the earliest day; several on the same day."""
        day = min((one.day for one in self.sides if one.day), default=None)
        return [one for one in self.sides if one.day and one.day == day]

    @property
    def doubters(self) -> list[Side]:
        """The others that may have spoken before the leaders."""
        leaders = self.leaders
        day = leaders[0].day if leaders else None
        if day is None:
            return []
        return [one for one in self.sides if one not in leaders and _may_precede(one.maybe_earlier, day)]


def _may_precede(row: StatementRow | None, day: date) -> bool:
    return row is not None and (row.date.earliest is None or row.date.earliest < day)


def _sides(selection: Selection) -> Iterator[Side]:
    """The public states and organisations, the earliest first; those without a certain date come last."""
    columns = [_spoken(table, mask) for table, mask in zip(selection.tables, selection.masks(), strict=True)]
    states, keys, starts, are_certain = (np.concatenate(column) for column in zip(*columns, strict=True))
    certain = _earliest(states[are_certain], keys[are_certain], starts[are_certain])
    uncertain = _earliest(states[~are_certain], keys[~are_certain], starts[~are_certain])
    # One that starts on or after the first certain day cannot have been earlier.
    uncertain = {
        state: found for state, found in uncertain.items() if state not in certain or found[0] < certain[state][0]
    }
    public = Actor.objects.public().filter(pk__in=[*certain, *uncertain]).order_by()
    named = {key: (uid, name) for key, uid, name in public.values_list("pk", "uid", "name")}

    def place(state: int) -> tuple[bool, int, str]:
        start, _key = certain.get(state) or uncertain[state]
        return state not in certain, start, named[state][1]

    shown = sorted(named, key=place)[:SHOWN]
    wanted = [found[state][1] for state in shown for found in (certain, uncertain) if state in found]
    rows = {row.pk: row for row in statement_rows(Statement.objects.public().filter(pk__in=wanted))}
    for state in shown:
        first, other = (rows.get(found[state][1]) if state in found else None for found in (certain, uncertain))
        yield Side(*named[state], first, other)


def _spoken(table: Any, mask: np.ndarray) -> tuple[np.ndarray, ...]:
    """For each side of each dated statement: side, statement, first possible day, and whether that is certain."""
    rows, states = table.columns["state"].rows_and_values_of(mask & ~table.undated)
    starts = table.outer_lo[rows].astype(np.int64)
    return states.astype(np.int64), table.keys[rows], starts, table.core_lo[rows] == starts


def _earliest(states: np.ndarray, keys: np.ndarray, starts: np.ndarray) -> dict[int, tuple[int, int]]:
    """By side the first day and the statement of that day; of several the one entered first."""
    order = np.lexsort((keys, starts, states))
    states, keys, starts = states[order], keys[order], starts[order]
    _states, places = np.unique(states, return_index=True)
    return {int(states[at]): (int(starts[at]), int(keys[at])) for at in places}
