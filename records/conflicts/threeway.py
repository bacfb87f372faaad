"""The three-way merge: what somebody began with, what was saved meanwhile, and what was typed.

Values are compared by equality. A ``frozenset`` is put together member by member and never contradicts itself.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

Value = Hashable
Values = Mapping[str, Value]


class _Unknown:
    """A value that nobody remembers; it equals nothing but itself."""

    def __repr__(self) -> str:
        return "UNKNOWN"


#: What stands for the beginning when the history does not know it: every difference is then a contradiction.
UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class MergedValue:
    """What a field holds after the merge. In a contradiction that is ``mine``, until somebody decides."""

    value: Value
    is_conflict: bool = False


def merge_value(base: Value, theirs: Value, mine: Value) -> MergedValue:
    """Put one field together: whoever changed it has it; who changed it alike agree; else it is a contradiction."""
    if mine == theirs or theirs == base:
        return MergedValue(mine)
    if mine == base:
        return MergedValue(theirs)
    if isinstance(base, frozenset) and isinstance(theirs, frozenset) and isinstance(mine, frozenset):
        return MergedValue((mine & theirs) | (mine - base) | (theirs - base))
    return MergedValue(mine, is_conflict=True)


def merge_values(base: Values | None, theirs: Values, mine: Values) -> dict[str, MergedValue]:
    """Put the fields together that ``mine`` has; without a ``base``, every difference is a contradiction."""
    return {
        name: merge_value(UNKNOWN if base is None else base.get(name, UNKNOWN), theirs.get(name, value), value)
        for name, value in mine.items()
    }


class Fate(Enum):
    """What becomes of a row. In the last two somebody has to decide; until then mine stands."""

    KEPT = "kept"
    NEW = "new: I added it"
    THEIRS = "new: they added it"
    TOGETHER = "both added it: mine is put into theirs"
    REMOVED = "I removed it"
    GONE = "they removed it, and I had not touched it"
    REMOVED_BUT_CHANGED = "I removed it, and they changed it"
    CHANGED_BUT_GONE = "they removed it, and I changed it"


CONTRADICTIONS: Final = frozenset({Fate.REMOVED_BUT_CHANGED, Fate.CHANGED_BUT_GONE})


@dataclass(frozen=True)
class MyRow:
    """A row as it was typed. ``number`` is its place in the form; ``key`` is ``None`` while it is not saved."""

    number: int
    key: Any
    values: Values
    is_removed: bool = False


@dataclass(frozen=True)
class MergedRow:
    """A row after the merge: the ``key`` it is saved under, the ``number`` of what was typed, and its values."""

    fate: Fate
    key: Any = None
    number: int | None = None
    values: Mapping[str, MergedValue] = field(default_factory=dict)

    @property
    def conflicts(self) -> list[str]:
        """The fields that contradict each other."""
        return [name for name, merged in self.values.items() if merged.is_conflict]


def merge_rows(
    base: Mapping[Any, Values] | None,
    theirs: Mapping[Any, Values],
    mine: Sequence[MyRow],
    *,
    blank: Values,
    identities: Iterable[Sequence[str]] = (),
) -> list[MergedRow]:
    """Put the rows of one kind together: those there were in the order typed, then those they added, then mine.

    ``base`` and ``theirs`` are rows by key. ``identities`` are the fields of which two rows cannot hold the same: a new
    row of mine that is one they added, by these or in all of its values, is put into theirs. ``blank`` is a new row
    before anything is typed.
    """
    known = [row for row in mine if row.key is not None]
    new = [row for row in mine if row.key is None and not row.is_removed]
    merged = [_merge_known(row, base, theirs) for row in known]
    typed = {row.key for row in known}
    added = {key: values for key, values in theirs.items() if key not in typed}
    same: dict[int, Any] = {}
    for row in new:
        # What was there when I began is no row of theirs: two of mine that are alike are the form's own matter.
        candidates = {
            key: values
            for key, values in added.items()
            if key not in same.values() and (base is None or key not in base)
        }
        key = next(_alike(row.values, candidates, blank, identities), None)
        if key is not None:
            same[row.number] = key
    numbers = {key: row for row in new if (key := same.get(row.number)) is not None}
    for key, values in added.items():
        if key in numbers:
            row = numbers[key]
            merged.append(MergedRow(Fate.TOGETHER, key, row.number, merge_values(blank, values, row.values)))
        else:
            kept = {name: MergedValue(value) for name, value in values.items()}
            merged.append(MergedRow(Fate.THEIRS if base is None or key not in base else Fate.KEPT, key, None, kept))
    rest = [row for row in new if row.number not in same]
    return [*merged, *(MergedRow(Fate.NEW, None, row.number, _as_typed(row)) for row in rest)]


def _merge_known(row: MyRow, base: Mapping[Any, Values] | None, theirs: Mapping[Any, Values]) -> MergedRow:
    before = (base or {}).get(row.key)
    now = theirs.get(row.key)
    if now is None:
        is_untouched = row.is_removed or (before is not None and _same(before, row.values))
        fate = Fate.GONE if is_untouched else Fate.CHANGED_BUT_GONE
        return MergedRow(fate, row.key, row.number, _as_typed(row))
    if row.is_removed:
        is_changed = before is None or not _same(before, {name: now.get(name) for name in row.values})
        fate = Fate.REMOVED_BUT_CHANGED if is_changed else Fate.REMOVED
        return MergedRow(fate, row.key, row.number, _as_typed(row))
    return MergedRow(Fate.KEPT, row.key, row.number, merge_values(before, now, row.values))


def _same(before: Values, values: Values) -> bool:
    return all(name in before and before[name] == value for name, value in values.items())


def _as_typed(row: MyRow) -> dict[str, MergedValue]:
    return {name: MergedValue(value) for name, value in row.values.items()}


def _alike(
    values: Values, added: Mapping[Any, Values], blank: Values, identities: Iterable[Sequence[str]]
) -> Iterator[Any]:
    if _same(blank, values):
        return
    for names in identities:
        # A field that says nothing makes no two rows the same.
        if all(values.get(name) for name in names):
            yield from (key for key, theirs in added.items() if all(theirs.get(name) == values[name] for name in names))
    yield from (key for key, theirs in added.items() if _same(theirs, values))
