"""The tables of one kind of record, kept right: what a question sees is what its own transaction could read."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from django.db import connections, transaction

from records import changes
from records.changes import Moment, TooManyChanges
from records.facets.columns import Column, Dates, NoDates, TextColumn, read_together
from records.facets.kept import Kept, read, write
from records.facets.tables import Table
from records.limits import time_limit

#: With more records to read anew than this, everything is read anew.
MOST_ANEW = 20_000


@dataclass(frozen=True)
class Influence:
    """How records of another kind change what records are counted by.

    ``touched`` leads from keys of the other kind to keys of those that may count differently. ``facts`` gives what of
    the others matters, by key: one whose facts are the same as before touches nothing, whatever else changed.
    """

    kind: str
    touched: Callable[[list[int]], Iterable[int]]
    facts: Callable[[list[int] | None], dict[int, Any]] | None = None


@dataclass(frozen=True)
class _Held:
    moment: Moment
    base: Table
    anew: Table | None
    facts: Mapping[str, dict[int, Any]]
    #: See `Index.state`.
    answers: dict[Any, Any] = field(default_factory=dict)
    #: Whether nothing changed since the table was read as a whole.
    is_fresh: bool = False

    @property
    def tables(self) -> list[Table]:
        return [self.base] if self.anew is None else [self.base, self.anew]


class Index:
    """What the public records of ``model`` are counted by.

    A process reads it once, when it is first asked, and after that only what changed. Inside a transaction that has
    written, everything is read for that one question alone: it may never have happened.
    """

    #: Every index that an app made.
    all: ClassVar[list["Index"]] = []

    def __init__(
        self,
        model: Any,
        dates: Dates | NoDates,
        columns: Iterable[Column | TextColumn],
        influences: Iterable[Influence],
    ) -> None:
        self.model = model
        self.dates = dates
        self.columns = tuple(columns)
        own = Influence(model._meta.label_lower, lambda keys: keys)
        self.influences = {one.kind: one for one in (own, *influences)}
        self._held: dict[tuple[str, str], _Held] = {}
        self._lock = threading.Lock()
        Index.all.append(self)

    def tables(self, using: str = "default") -> list[Table]:
        """The tables that together hold each public record alive once; one or two queries when nothing changed."""
        return self.state(using)[0]

    def state(self, using: str = "default") -> tuple[list[Table], dict[Any, Any]]:
        """The tables, and what was asked of the database about them and may be kept until any record changes."""
        if changes.is_writing(using):
            return [self._read(None, using)], {}
        place = self._place(using)
        with self._lock:
            held = self._held.get(place)
            try:
                held = self._follow(held, using) if held else self._begin(using)
            except TooManyChanges:
                held = self._begin(using)
            self._held[place] = held
            return held.tables, held.answers

    def recall(self, directory: Path, using: str = "default") -> None:
        """Begin with what `keep` left there, if that is of use; see `records.facets.kept`."""
        kept = read(self._file(directory), using)
        if kept is None:
            return
        for name, column in self._texts.items():
            kept.table.renumber(name, [column.words.number(text) for text in kept.words[name]])
        with self._lock, time_limit(None), _one_moment(using):
            try:
                held = self._follow(_Held(kept.moment, kept.table, None, kept.facts), using)
            except TooManyChanges:
                return
            if sum(table.count for table in held.tables) == self.model.objects.using(using).public().count():
                self._held[self._place(using)] = held

    def keep(self, directory: Path, using: str = "default") -> None:
        """Leave what was read for the next start; not what was read there and followed since."""
        held = self._held.get(self._place(using))
        if held is not None and held.is_fresh:
            words = {name: column.words.texts for name, column in self._texts.items()}
            write(self._file(directory), using, Kept(held.moment, held.base, held.facts, words))

    def _file(self, directory: Path) -> Path:
        return directory / f"{self.model._meta.label_lower}.npz"

    @property
    def _texts(self) -> dict[str, TextColumn]:
        return {one.name: one for one in self.columns if isinstance(one, TextColumn)}

    def _place(self, using: str) -> tuple[str, str]:
        return using, str(connections[using].settings_dict["NAME"])

    def _begin(self, using: str) -> _Held:
        # Whoever asks first, or after very many changes, is not refused for it.
        with time_limit(None), _one_moment(using):
            moment = changes.now(using)
            facts = {one.kind: one.facts(None) for one in self.influences.values() if one.facts}
            return _Held(moment, self._read(None, using), None, facts, is_fresh=True)

    def _follow(self, held: _Held, using: str) -> _Held:
        changed, moment = changes.since(held.moment, list(self.influences), using, most=MOST_ANEW)
        if not changed:
            # A change of a kind that is not counted here may still change what is found.
            answers = held.answers if moment.last == held.moment.last else {}
            return _Held(moment, held.base, held.anew, held.facts, answers)
        facts = dict(held.facts)
        touched: set[int] = set()
        for kind, keys in changed.items():
            one = self.influences[kind]
            if one.facts is not None:
                found = one.facts(keys)
                keys = [key for key in keys if facts[kind].get(key) != found.get(key)]
                facts[kind] = {**facts[kind], **found} if keys else facts[kind]
            touched.update(one.touched(keys) if keys else ())
        if len(touched) + (held.anew.size if held.anew else 0) > MOST_ANEW:
            raise TooManyChanges
        if not touched:
            return _Held(moment, held.base, held.anew, facts)
        # What was read anew before is read again with it, so that there are never more than two tables.
        gone = np.fromiter(touched, np.int64)
        again = touched | set(held.anew.keys.tolist() if held.anew else ())
        return _Held(moment, held.base.without(gone), self._read(sorted(again), using), facts)

    def _read(self, keys: list[int] | None, using: str) -> Table:
        rows = self.model.objects.using(using).public()
        if keys is not None:
            rows = rows.filter(pk__in=keys)
        texts = {name: one.read(keys, using) for name, one in self._texts.items()}
        numbers = read_together([one for one in self.columns if isinstance(one, Column)], keys, using)
        return Table(self.dates.read(rows), numbers | texts)


def read_all(kept_in: Path | None = None) -> None:
    """Read every index, so that no reader waits for it; quick where it was read before.

    With a directory, what was kept there is taken where it is right, and what had to be read is kept.
    """
    for index in Index.all:
        if kept_in is not None:
            index.recall(kept_in)
        for table in index.tables():
            table.make_ready()
        if kept_in is not None:
            index.keep(kept_in)


def _one_moment(using: str) -> Any:
    """A block whose questions are all answered at one moment; inside a transaction it is the caller's."""
    if connections[using].in_atomic_block:
        return transaction.atomic(using=using)
    return _Repeatable(using)


class _Repeatable:
    def __init__(self, using: str) -> None:
        self.using = using
        self.block = transaction.atomic(using=using)

    def __enter__(self) -> None:
        self.block.__enter__()
        with connections[self.using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def __exit__(self, *failure: Any) -> None:
        self.block.__exit__(*failure)
