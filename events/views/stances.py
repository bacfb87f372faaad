"""Who takes which stance on what and when, counted in statements from the arrays of their facets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from actors.models import Actor
from events.models import Stance, Topic
from records.facets import Selection
from records.facets.selection import WIDTH

#: Rows of the table; the rest is in the list of statements.
SHOWN = 30


@dataclass(frozen=True)
class Taken:
    """So many statements that take a stance, and the first and last year that these can be of; 0 without any."""

    stance: str
    count: int
    first: int = 0
    last: int = 0

    @property
    def years(self) -> str:
        """The years in words, nothing where no date is known."""
        if not self.first:
            return ""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True)
class Position:
    """An actor or a topic with the number of its statements by stance, in the order of `Stance`."""

    uid: str
    name: str
    counts: list[Taken]


class Positions:
    """A table of stances: ``by`` the topics spoken on, or ``by`` the actors who speak on ``topic``.

    ``statements`` is a selection of public statements. A topic counts for those above it only where ``topic`` is given.
    """

    def __init__(self, statements: Selection, *, by: Literal["topic", "speaker"], topic: Topic | None = None) -> None:
        rows = [_by_topic(*one) if topic is None else _by_speaker(*one, topic.pk) for one in _parts(statements)]
        keys, stances, first, last = (np.concatenate(column) for column in zip(*rows, strict=True))
        table: dict[int, dict[int, tuple[int, int, int]]] = {}
        together, places, counts = np.unique(keys * WIDTH + stances, return_inverse=True, return_counts=True)
        starts, ends = np.full(len(together), 9999, np.int64), np.zeros(len(together), np.int64)
        np.minimum.at(starts, places, np.where(first > 0, first, 9999))
        np.maximum.at(ends, places, last)
        for number, count, start, end in zip(
            together.tolist(), counts.tolist(), starts.tolist(), ends.tolist(), strict=True
        ):
            key, stance = divmod(number, WIDTH)
            table.setdefault(key, {})[stance] = (count, start if end else 0, end)
        totals = {key: sum(count for count, _start, _end in row.values()) for key, row in table.items()}
        frequent = sorted(totals, key=lambda key: (-totals[key], key))[: 2 * SHOWN]
        model: Any = Topic if by == "topic" else Actor
        # What is hidden from readers has no name here, and no row.
        public = model.objects.public().filter(pk__in=frequent).order_by()
        named = {key: (uid, name) for key, uid, name in public.values_list("pk", "uid", "name")}
        shown = sorted(named, key=lambda key: (-totals[key], named[key][1]))[:SHOWN]
        taken = sorted({stance for key in shown for stance in table[key]})
        words = list(Stance.choices)
        self.stances = [words[stance] for stance in taken]
        self.rows = [
            Position(*named[key], [Taken(words[one][0], *table[key].get(one, (0, 0, 0))) for one in taken])
            for key in shown
        ]


Part = tuple[Any, np.ndarray]
Found = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _parts(selection: Selection) -> Iterator[Part]:
    return zip(selection.tables, selection.masks(), strict=True)


def _years(table: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and last year that each row can be of; 0 where it is not bounded."""
    first, last = table.possible_years(rows)
    is_known = (first > 0) & (last > 0) & (first < 10_000) & (last < 10_000)
    return np.where(is_known, first, 0), np.where(is_known, last, 0)


def _by_topic(table: Any, mask: np.ndarray) -> Found:
    rows, pairs = table.columns["topic_exact_stance"].rows_and_values_of(mask)
    return (pairs // WIDTH, pairs % WIDTH, *_years(table, rows))


def _by_speaker(table: Any, mask: np.ndarray, topic: int) -> Found:
    """Each speaker of each statement with each stance that it takes on the topic or on a narrower one."""
    rows, pairs = table.columns["topic_stance"].rows_and_values_of(mask)
    here = pairs // WIDTH == topic
    rows, stances = rows[here], pairs[here] % WIDTH
    spoken, speakers = table.columns["speaker"].rows_and_values_of(mask)
    starts, ends = np.searchsorted(rows, spoken, "left"), np.searchsorted(rows, spoken, "right")
    lengths = ends - starts
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    taken = np.repeat(starts, lengths) + offsets
    return (np.repeat(speakers, lengths), stances[taken], *_years(table, rows[taken]))
