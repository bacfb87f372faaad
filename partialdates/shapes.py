"""What a partial date is made of, and the days each form bounds.

A shape's ``str()`` is its EDTF text. Spans of days are pairs with both days included; None is an open side.
``outer`` holds every day the date can mean. ``core`` holds the days that are certain whatever the truth turns out
to be, or is None. Nothing here validates: ``parsing`` builds only shapes that exist.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

Precision = Literal["day", "month", "season", "year", "decade", "century", "range", "set", "unknown"]
Days = tuple[date | None, date | None]

# What may stand in an extent for an end that is not a date: still (or always) so, and not known.
OPEN = ".."
UNSTATED = ""

# Meteorological seasons of the northern hemisphere: first month, and the last counted from January of the same year.
# The edtf library cuts winter at 31 December; a day in January known only as "winter 2023" would then be lost.
SEASON_MONTHS = {"21": (3, 5), "22": (6, 8), "23": (9, 11), "24": (12, 14)}

# A qualified date may lie this many units of its own precision away.
MARGINS = {"": 0, "~": 1, "?": 1, "%": 2}


def _first_day(month_index: int) -> date:
    """First day of a month counted from January of year 0, kept inside the calendar."""
    year, month = divmod(month_index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, 1)


def _last_day(month_index: int) -> date:
    year, month = divmod(month_index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, monthrange(year, month + 1)[1])


def shift_days(day: date, days: int) -> date:
    """``day`` moved by ``days``, stopping at the ends of the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


@dataclass(frozen=True)
class Point:
    """One date: a day, month, season, year, decade or century, perhaps qualified with ``~``, ``?`` or ``%``.

    ``XX`` stands for a month or day that is not known; ``199X`` and ``19XX`` for a decade and a century.
    """

    year: str
    month: str = ""
    day: str = ""
    qualifier: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.year, self.month, self.day) if part) + self.qualifier

    @property
    def precision(self) -> Precision:
        """The finest unit that is known: ``2023-02-XX`` is known to the month."""
        if self.day and self.day != "XX":
            return "day"
        if self.month in SEASON_MONTHS:
            return "season"
        if self.month and self.month != "XX":
            return "month"
        if self.year.endswith("XX"):
            return "century"
        return "decade" if self.year.endswith("X") else "year"

    @property
    def plain(self) -> "Point":
        """The same date without its qualifier."""
        return replace(self, qualifier="")

    @property
    def is_exact(self) -> bool:
        return self.precision == "day" and not self.qualifier

    @cached_property
    def _months(self) -> tuple[int, int]:
        """The first and last month, each counted from January of year 0."""
        first_year, last_year = int(self.year.replace("X", "0")), int(self.year.replace("X", "9"))
        if self.precision in {"day", "month"}:
            first_month = last_month = int(self.month)
        elif self.precision == "season":
            first_month, last_month = SEASON_MONTHS[self.month]
        else:
            first_month, last_month = 1, 12
        return first_year * 12 + first_month - 1, last_year * 12 + last_month - 1

    def days(self, margin: int = 0) -> tuple[date, date]:
        """First and last day, both widened by ``margin`` whole units of the precision."""
        first, last = self._months
        if self.precision == "day":
            day = date(first // 12, first % 12 + 1, int(self.day))
            return shift_days(day, -margin), shift_days(day, margin)
        widths = {"month": 1, "season": 3, "year": 12, "decade": 120, "century": 1200}
        width = widths[self.precision] * margin
        return _first_day(first - width), _last_day(last + width)

    @cached_property
    def outer(self) -> tuple[date, date]:
        return self.days(MARGINS[self.qualifier])

    @property
    def core(self) -> Days | None:
        return self.outer if self.is_exact else None

    def before(self) -> "Point | None":
        """The point of the same kind that ends where this one starts; None at the start of the calendar."""
        first, _ = self._months
        if self.precision == "day":
            day = self.days()[0]
            return point_of_day(day - timedelta(days=1)) if day > date.min else None
        if first <= 12:
            return None
        return _point_of_month(first - 1) if self.precision in {"month", "season"} else Point(f"{first // 12 - 1:04}")

    def after(self) -> "Point | None":
        """The point of the same kind that starts where this one ends; None at the end of the calendar."""
        _, last = self._months
        if self.precision == "day":
            day = self.days()[0]
            return point_of_day(day + timedelta(days=1)) if day < date.max else None
        if last >= 9999 * 12 + 11:
            return None
        return _point_of_month(last + 1) if self.precision in {"month", "season"} else Point(f"{last // 12 + 1:04}")


def point_of_day(day: date) -> Point:
    return Point(f"{day.year:04}", f"{day.month:02}", f"{day.day:02}")


def _point_of_month(month_index: int) -> Point:
    return Point(f"{month_index // 12:04}", f"{month_index % 12 + 1:02}")


@dataclass(frozen=True)
class Extent:
    """Something that lasted from ``start`` to ``end``, either of which may be ``OPEN`` or ``UNSTATED``."""

    start: Point | str
    end: Point | str

    precision: Precision = "range"

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"

    @property
    def outer(self) -> Days:
        return (
            self.start.outer[0] if isinstance(self.start, Point) else None,
            self.end.outer[1] if isinstance(self.end, Point) else None,
        )

    @property
    def core(self) -> Days | None:
        """The days inside every extent that can be meant: one that starts and ends where it says, and not backwards.

        ``2018-03/`` has none: its end is unknown, and 15 March is possible. ``2018-03-01/`` has its first day.
        """
        match self.start, self.end:
            case Point() as start, Point() as end:
                latest_start = min(start.outer[1], end.outer[1])
                earliest_end = max(end.outer[0], start.outer[0])
                return (latest_start, earliest_end) if latest_start <= earliest_end else None
            case Point() as start, "..":
                return start.outer[1], None
            case "..", Point() as end:
                return None, end.outer[0]
            case (Point() as known, _) | (_, Point() as known):
                return known.core
        return None


@dataclass(frozen=True)
class Span:
    """One member of a choice: a single point (``first == last``), ``first..last``, ``..last`` or ``first..``."""

    first: Point | None
    last: Point | None

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return f"{self.first or ''}..{self.last or ''}"

    @property
    def outer(self) -> Days:
        return self.first.outer[0] if self.first else None, self.last.outer[1] if self.last else None


@dataclass(frozen=True)
class Choice:
    """One unknown date among several, ``[a,b..c]``; ``[..b]`` is b or earlier, ``[a..]`` a or later."""

    members: tuple[Span, ...]

    precision: Precision = "set"
    core: None = None

    def __str__(self) -> str:
        return f"[{','.join(map(str, self.members))}]"

    @property
    def outer(self) -> Days:
        firsts, lasts = zip(*(member.outer for member in self.members), strict=True)
        return (
            None if None in firsts else min(day for day in firsts if day),
            None if None in lasts else max(day for day in lasts if day),
        )


Shape = Point | Extent | Choice
