"""The value: a partial date, its days, its two tests against a window, and its words."""

from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from django.db.backends.postgresql.psycopg_any import DateRange

from partialdates import parsing, wording
from partialdates.shapes import Days, Precision, Shape, shift_days


class PartialDate:
    """A date as far as it is known. Immutable, hashable, equal by canonical text; false when unknown.

    ``outer`` and ``core`` are ranges in PostgreSQL's canonical form: the lower day included, the upper not.
    The last day of the calendar (9999-12-31) has no day after it, so a range that reaches it is open above.
    """

    __slots__ = ("_shape", "edtf")

    UNKNOWN: ClassVar["PartialDate"]
    edtf: str
    _shape: Shape | None

    def __init__(self, shape: Shape | None) -> None:
        object.__setattr__(self, "_shape", shape)
        object.__setattr__(self, "edtf", "" if shape is None else str(shape))

    @classmethod
    def parse(cls, text: str | None) -> "PartialDate":
        """What an editor typed; blank is the unknown date. Raises ``InvalidPartialDate``. Costs some ms."""
        return _parse((text or "").strip())

    @classmethod
    def from_canonical(cls, text: str | None) -> "PartialDate":
        """Text that ``parse`` made earlier and the database kept: no validation, so that lists stay quick."""
        return _from_canonical(text or "")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"A PartialDate cannot be changed ({name}).")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_canonical, (self.edtf,)

    def __copy__(self) -> "PartialDate":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "PartialDate":
        return self

    def __eq__(self, other: object) -> bool:
        return self.edtf == other.edtf if isinstance(other, PartialDate) else NotImplemented

    def __hash__(self) -> int:
        return hash((PartialDate, self.edtf))

    def __bool__(self) -> bool:
        return self._shape is not None

    def __str__(self) -> str:
        return self.edtf

    def __repr__(self) -> str:
        return f"<PartialDate {self.edtf or 'unknown'}>"

    @property
    def is_unknown(self) -> bool:
        return self._shape is None

    @property
    def precision(self) -> Precision:
        return "unknown" if self._shape is None else self._shape.precision

    @property
    def earliest(self) -> date | None:
        """First day it can mean; None when unknown or open on that side."""
        return None if self._shape is None else self._shape.outer[0]

    @property
    def latest(self) -> date | None:
        """Last day it can mean (included); None when unknown or open on that side."""
        return None if self._shape is None else self._shape.outer[1]

    @property
    def outer(self) -> DateRange | None:
        """Every day it can mean; None only when unknown."""
        return None if self._shape is None else _as_range(self._shape.outer)

    @property
    def core(self) -> DateRange | None:
        """The days that are certain; None when no day is. Never an empty range."""
        days = None if self._shape is None else self._shape.core
        return None if days is None else _as_range(days)

    @property
    def is_certain(self) -> bool:
        """Whether the very days are known, so that nothing is left open between ``outer`` and ``core``."""
        return self._shape is not None and self._shape.outer == self._shape.core

    @property
    def start_is_unknown(self) -> bool:
        """Whether it is an extent of which nobody knows when it began."""
        return self.edtf.startswith("/")

    @property
    def end_is_unknown(self) -> bool:
        """Whether it is an extent of which nobody knows when it ended, or whether it did: ``2018-03/``."""
        return self.edtf.endswith("/")

    @property
    def is_machine_readable(self) -> bool:
        """Whether ``edtf`` is also a valid ``datetime`` of HTML's ``<time>``: a plain day, month or year."""
        return self.precision in {"day", "month", "year"} and self.edtf.replace("-", "").isdecimal()

    @property
    def text(self) -> str:
        """In words, in the active language."""
        return wording.in_words(self._shape)

    def possibly_within(self, start: date | None, end: date | None) -> bool:
        """Whether it can have fallen in ``start``..``end`` (both included, None is open). Never when unknown."""
        return self._shape is not None and _overlap(self._shape.outer, (start, end))

    def certainly_within(self, start: date | None, end: date | None) -> bool:
        """Whether it fell in ``start``..``end`` (both included, None is open) whatever day turns out to be right."""
        if self._shape is None or _is_empty((start, end)):
            return False
        core = self._shape.core
        return _contains((start, end), self._shape.outer) or (core is not None and _overlap(core, (start, end)))

    def as_dict(self) -> dict[str, Any]:
        """For JSON. ``certain`` is true when the very days are known (a day, or an extent between two known days)."""
        earliest, latest = self.earliest, self.latest
        return {
            "edtf": self.edtf,
            "earliest": earliest.isoformat() if earliest else None,
            "latest": latest.isoformat() if latest else None,
            "certain": self.is_certain,
            "text": self.text,
        }


def _as_range(days: Days) -> DateRange:
    first, last = days
    upper = None if last is None or last == date.max else shift_days(last, 1)
    return DateRange(first, upper, "()" if first is None else "[)")


def _is_empty(days: Days) -> bool:
    first, last = days
    return first is not None and last is not None and first > last


def _overlap(days: Days, window: Days) -> bool:
    if _is_empty(window):
        return False
    return (days[0] or date.min) <= (window[1] or date.max) and (window[0] or date.min) <= (days[1] or date.max)


def _contains(window: Days, days: Days) -> bool:
    # The last day of the calendar counts as open, as it does in the ranges (see the class).
    starts = window[0] is None or (days[0] is not None and window[0] <= days[0])
    ends = window[1] in {None, date.max} or (days[1] is not None and window[1] is not None and days[1] <= window[1])
    return starts and ends


@lru_cache(maxsize=4096)
def _parse(text: str) -> PartialDate:
    shape = parsing.read(text) if text else None
    return PartialDate.UNKNOWN if shape is None else PartialDate(shape)


@lru_cache(maxsize=4096)
def _from_canonical(text: str) -> PartialDate:
    return PartialDate(parsing.read_canonical(text)) if text else PartialDate.UNKNOWN


PartialDate.UNKNOWN = PartialDate(None)
