"""What records are counted by: how pairs of a record and a value are asked of the database, and read fast."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from django.db import connections
from django.db.models import BigIntegerField, Case, F, Func, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce

from records.facets.tables import LAST, NEVER_HI, NEVER_LO, SINCE_EVER
from records.facets.values import Pairs

# The binary format of COPY: a head of 19 bytes; rows (a count, then a length and a value for each column); 2 bytes.
_HEAD, _END = 19, 2


def letters(name: Any, width: int) -> Any:
    """The first ``width`` letters of an ASCII text as a number, whatever their case; see `number_of`."""
    return sum(
        (_Letter(name, place) * 27 ** (width - place) for place in range(2, width + 1)),
        _Letter(name, 1) * 27 ** (width - 1),
    )


class _Letter(Func):
    template = "greatest(ascii(substr(lower(%(expressions)s), %(place)s, 1)) - 96, 0)"
    output_field = IntegerField()

    def __init__(self, name: Any, place: int) -> None:
        super().__init__(F(name) if isinstance(name, str) else name, place=place)


def number_of(text: str, width: int) -> int:
    """The number that `letters` makes of a text of at most ``width`` ASCII letters."""
    number = 0
    for letter in text.lower().ljust(width, "`"):
        number = number * 27 + ord(letter) - 96
    return number


def letters_of(number: int) -> str:
    """The text, in small letters, that `number_of` made the number of."""
    text = ""
    while number:
        number, letter = divmod(number, 27)
        text = (chr(96 + letter) if letter else "") + text
    return text


def code_of(name: str, words: Iterable[Any]) -> Case:
    """The place of the word at the lookup ``name`` among ``words``, from 0, as an expression; null for any other."""
    whens = [When(**{name: word}, then=Value(place)) for place, word in enumerate(words)]
    return Case(*whens, default=Value(None), output_field=IntegerField())


#: A queryset, the lookup that leads from its rows to the record, and the value (a lookup or an expression).
Rows = tuple[Any, str, Any]


@dataclass(frozen=True)
class Column:
    """Values of records, as whole numbers: keys, or places in a list of words.

    ``rows`` gives where they are read from; rows without a record or a value count for nothing. ``wider`` says for
    which other values a value counts, too: a topic for those above it. It is asked anew at each reading; a value that
    it leaves out counts for nothing.
    """

    #: Whether it has a reading of its own, ``read``, which shares no rows with other columns.
    is_read_alone: ClassVar[bool] = False

    name: str
    rows: Callable[[], Iterable[Rows]]
    wider: Callable[[], Mapping[int, tuple[int, ...]]] | None = None

    def read(self, keys: list[int] | None, using: str) -> Pairs:
        """The pairs of all records, or of those with these keys: each pair once, sorted."""
        return read_together([self], keys, using)[self.name]


def read_together(columns: Collection[Column], keys: list[int] | None, using: str) -> dict[str, Pairs]:
    """The pairs of each column, by name; rows that several columns count are read once for all of them."""
    alone = {column.name: column.read(keys, using) for column in columns if column.is_read_alone}
    columns = tuple(column for column in columns if not column.is_read_alone)
    asked: dict[Any, tuple[Any, str, list[tuple[str, Any]]]] = {}
    for column in columns:
        for rows, owner, value in column.rows():
            place = (rows.model, owner, rows.query.sql_with_params() if not rows.query.is_empty() else None)
            asked.setdefault(place, (rows, owner, []))[2].append((column.name, value))
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {column.name: [] for column in columns}
    for rows, owner, wanted in asked.values():
        owners, *values = _read(rows, owner, [value for _name, value in wanted], keys, using)
        for (name, _value), numbers in zip(wanted, values, strict=True):
            known = numbers != NONE
            parts[name].append((owners[known], numbers[known]))
    found = {}
    for column in columns:
        pairs = Pairs.of(*(np.concatenate(part) for part in zip(*parts[column.name], strict=True)))
        found[column.name] = pairs if column.wider is None else pairs.widened(column.wider())
    return alone | found


#: Stands for a value that is not there: all others are keys and places, from 0.
NONE = -1


def _read(rows: Any, owner: str, values: list[Any], keys: list[int] | None, using: str) -> list[np.ndarray]:
    rows = rows.using(using).order_by()
    if keys is not None:
        rows = rows.filter(**{f"{owner}__in": keys})
    numbers = {
        f"value_{place}": Coalesce(Cast(F(value) if isinstance(value, str) else value, BigIntegerField()), NONE)
        for place, value in enumerate(values)
    }
    rows = rows.annotate(the_owner=Cast(F(owner), BigIntegerField()), **numbers).filter(the_owner__isnull=False)
    return read_numbers(rows.values_list("the_owner", *numbers), 1 + len(numbers))


class Words:
    """Texts that come from an open list, as whole numbers; the same text keeps its number while the process runs."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []
        self._lock = threading.Lock()

    def number(self, text: str) -> int:
        """The number of a text."""
        with self._lock:
            if text not in self._numbers:
                self._numbers[text] = len(self._texts)
                self._texts.append(text)
            return self._numbers[text]

    def known(self, text: str) -> int | None:
        """The number of a text; ``None`` for one that was never counted."""
        return self._numbers.get(text)

    @property
    def texts(self) -> list[str]:
        """All of them, in the order of their numbers."""
        return list(self._texts)

    def text(self, number: int) -> str:
        """The text with a number."""
        return self._texts[number]


@dataclass(frozen=True)
class TextColumn:
    """Texts of records that no closed list names, as a publisher; otherwise like `Column`. The empty text is no value.

    ``rows`` gives one queryset, the lookup that leads from its rows to the record, and the text.
    """

    name: str
    rows: Callable[[], Rows]
    words: Words

    def read(self, keys: list[int] | None, using: str) -> Pairs:
        """The pairs of all records, or of those with these keys: each pair once, sorted."""
        rows, owner, text = self.rows()
        rows = rows.using(using).order_by()
        if keys is not None:
            rows = rows.filter(**{f"{owner}__in": keys})
        found = [(key, self.words.number(one)) for key, one in rows.values_list(owner, text).iterator() if one]
        table = np.array(found, np.int64).reshape(-1, 2)
        return Pairs.of(table[:, 0], table[:, 1])


class _Day(Func):
    """A bound of a range as a number of days; what is not bounded, or not there at all, as a number far away."""

    output_field = BigIntegerField()

    def __init__(self, name: str, function: str, *, without: int, unbounded: int) -> None:
        last = " - 1" if function == "upper" else ""
        self.template = (
            f"CASE WHEN %(expressions)s IS NULL OR isempty(%(expressions)s) THEN {without} "
            f"ELSE COALESCE({function}(%(expressions)s) - DATE '0001-01-01'{last}, {unbounded}) END"
        )
        super().__init__(F(name))


@dataclass(frozen=True)
class Dates:
    """The partial date ``name`` of records: what they are counted by in time."""

    name: str

    def read(self, rows: Any) -> tuple[np.ndarray, ...]:
        """Keys, and for each the first and last day that are possible and that are certain; sorted by key."""
        outer, core = f"{self.name}_outer", f"{self.name}_core"
        rows = rows.order_by().annotate(
            the_key=Cast(F("pk"), BigIntegerField()),
            outer_lo=_Day(outer, "lower", without=NEVER_LO, unbounded=SINCE_EVER),
            outer_hi=_Day(outer, "upper", without=NEVER_HI, unbounded=LAST),
            core_lo=_Day(core, "lower", without=NEVER_LO, unbounded=SINCE_EVER),
            core_hi=_Day(core, "upper", without=NEVER_HI, unbounded=LAST),
        )
        names = ("the_key", "outer_lo", "outer_hi", "core_lo", "core_hi")
        columns = read_numbers(rows.values_list(*(Cast(name, BigIntegerField()) for name in names)), 5)
        order = np.argsort(columns[0], kind="stable")
        return tuple(column[order] for column in columns)


class NoDates:
    """In place of `Dates` for records without a date that means anything to a list of them."""

    def read(self, rows: Any) -> tuple[np.ndarray, ...]:
        """Keys, sorted, and for each days that never were."""
        (keys,) = read_numbers(rows.order_by().values_list(Cast("pk", BigIntegerField())), 1)
        never = (np.full(len(keys), day, np.int64) for day in (NEVER_LO, NEVER_HI, NEVER_LO, NEVER_HI))
        return (np.sort(keys), *never)


def read_numbers(rows: Any, width: int) -> list[np.ndarray]:
    """The columns of a queryset of whole numbers without nulls, as arrays of int64; by COPY, with no object a row."""
    sql, parameters = rows.query.sql_with_params()
    if rows.query.is_empty():
        return [np.empty(0, np.int64) for _ in range(width)]
    with (
        connections[rows.db].cursor() as cursor,
        # The wrapper of a cursor that keeps a log of queries knows no parameters here.
        cursor.cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)", parameters) as copy,
    ):
        data = b"".join(bytes(part) for part in copy)
    row = np.dtype(
        [(name, kind) for place in range(width) for name, kind in ((f"n{place}", ">i4"), (f"v{place}", ">i8"))]
    )
    whole = np.dtype(
        {"names": ["count", "row"], "formats": [">i2", row], "offsets": [0, 2], "itemsize": 2 + row.itemsize}
    )
    table = np.frombuffer(data, whole, count=(len(data) - _HEAD - _END) // whole.itemsize, offset=_HEAD)
    return [table["row"][f"v{place}"].astype(np.int64) for place in range(width)]
