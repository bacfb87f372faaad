"""From what an editor typed to a shape, or to a refusal that shows the nearest valid form.

The edtf library has the last word on what is EDTF; this module knows what to make of it, and what was meant instead.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

from partialdates.errors import InvalidPartialDate
from partialdates.proposals import propose
from partialdates.shapes import OPEN, SEASON_MONTHS, UNSTATED, Choice, Extent, Point, Shape, Span

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

HOW_TO_TYPE = _("Type a date as 2023-02-21, 2023-02 or 2023.")
LEAVE_BLANK = _("Leave the field blank when the date is unknown.")

MAX_LENGTH = 64
# Longer input is refused before any pattern looks at it.
MAX_TYPED = 200

_POINT = re.compile(r"(\d{4}|\d{3}X|\d\dXX)(?:-(\d{1,2}|XX)(?:-(\d{1,2}|XX))?)?([~?%]?)", re.ASCII)
_BEYOND_LEVEL_1 = re.compile(r"Y.*|-\d{4}.*|\d+S\d+|\d{5,}(-.*)?", re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-") | {"…": "..", "／": "/", "～": "~", "？": "?", "％": "%"})


def read(text: str) -> Shape:
    """The shape of non-blank ``text``. Raises ``InvalidPartialDate``."""
    if len(text) > MAX_TYPED:
        raise InvalidPartialDate(format_lazy("{} {}", _("This is too long for a date."), HOW_TO_TYPE))
    try:
        return _read_checked(text)
    except _NotReadable as refusal:
        if refusal.what:
            suggestion = _nearest(refusal.candidate)
            parts = [refusal.what, _did_you_mean(suggestion) if suggestion else refusal.advice]
        else:
            suggestion = _nearest(propose(text))
            parts = [_("Not understood."), *([_did_you_mean(suggestion)] if suggestion else []), HOW_TO_TYPE]
        raise InvalidPartialDate(format_lazy(" ".join(["{}"] * len(parts)), *parts), suggestion) from None


def read_canonical(text: str) -> Shape:
    """The shape of text that ``read`` accepted before."""
    return _read_shape(text)


class _NotReadable(Exception):
    """Text that is no date. Without ``what`` it looks like no form at all, and may be a date in words.

    ``candidate`` is what may have been meant; it is tried before it is shown.
    """

    def __init__(self, what: "_StrOrPromise" = "", candidate: str = "", advice: "_StrOrPromise" = HOW_TO_TYPE) -> None:
        self.what = what
        self.candidate = candidate
        self.advice = advice


def _did_you_mean(suggestion: str) -> "_StrOrPromise":
    return format_lazy(_("Did you mean {suggestion}?"), suggestion=suggestion)


def _nearest(candidate: str) -> str:
    """``candidate`` in canonical form, or what comes of it by its own corrections; else "" ."""
    for _attempt in range(6):
        if not candidate:
            break
        try:
            return str(_read_checked(candidate))
        except _NotReadable as refusal:
            candidate = refusal.candidate
    return ""


def _read_checked(text: str) -> Shape:
    shape = _read_shape(_tidy(text))
    canonical = str(shape)
    if len(canonical) > MAX_LENGTH:
        first, last = shape.outer
        raise _NotReadable(
            format_lazy(_("This date is longer than {length} characters."), length=MAX_LENGTH),
            f"[{first or ''}..{last or ''}]",
        )
    if isinstance(shape, Point) and shape.precision == "season" and shape.qualifier:
        raise _NotReadable(_("A season stands alone, without ~, ? or %."), str(shape.plain))
    try:
        parse_edtf(canonical)
    except EDTFParseException:
        plain = canonical.translate({ord(sign): None for sign in "~?%"})
        raise _NotReadable(
            _("EDTF does not allow these signs together."), plain if plain != canonical else ""
        ) from None
    return shape


def _tidy(text: str) -> str:
    text = text.strip().translate(_DASHES)
    text = re.sub(r"\s*(\.\.|[/,\[\]~?%])\s*", r"\1", text)
    text = re.sub(r"(?<=[\dxX])[xX]|[xX](?=[\dxX])", "X", text)
    return re.sub(r"(?<=[\dX])\s*-\s*(?=[\dX])", "-", text)


def _read_shape(text: str) -> Shape:
    if _BEYOND_LEVEL_1.fullmatch(text):
        raise _NotReadable(_("Only years 0001 to 9999, written with four digits, are kept here."), propose(text))
    if text.startswith("{"):
        raise _NotReadable(
            _("Braces stand for several dates at once; a date here is one date."),
            "[" + text.strip("{}") + "]",
        )
    if text.startswith("["):
        return _read_choice(text)
    if "/" in text:
        return _read_extent(text)
    if ".." in text:
        return _read_shorthand(text)
    return _read_point(text)


def _read_point(text: str) -> Point:
    if re.fullmatch(r"[~?%]\d{4}", text):
        text = text[1:] + text[0]
    match = _POINT.fullmatch(text)
    if match is None:
        if re.fullmatch(r"[\dX]{4}[~?%]?", text, re.ASCII):
            raise _NotReadable(_("Only the last one or two digits of a year may be X, as in 199X or 19XX."))
        raise _NotReadable
    year, month, day, qualifier = (part or "" for part in match.groups())
    month, day = month and month.zfill(2), day and day.zfill(2)
    if year == "0000":
        raise _NotReadable(_("There is no year 0000."), "-".join(filter(None, ("0001", month, day))) + qualifier)
    if year.endswith("X"):
        if month:
            raise _NotReadable(_("A month needs a year with all four digits."), year)
        return Point(year, qualifier=qualifier)
    if month == "XX":
        if day not in {"", "XX"}:
            raise _NotReadable(_("A day needs its month."), f"{year}-XX-XX")
        return Point(year, month, day, qualifier)
    if not month:
        return Point(year, qualifier=qualifier)
    if month in SEASON_MONTHS:
        if day:
            raise _NotReadable(_("A season has no numbered days."), f"{year}-{month}")
        return Point(year, month, qualifier=qualifier)
    if not 1 <= int(month) <= 12:
        nearest = "01" if month == "00" else "12"
        raise _NotReadable(
            format_lazy(_("There is no month {month}."), month=month),
            "-".join(filter(None, (year, nearest, day))) + qualifier,
        )
    if day and day != "XX":
        last = monthrange(int(year), int(month))[1]
        if not 1 <= int(day) <= last:
            raise _NotReadable(
                format_lazy(_("There is no day {day} in {month}."), day=day, month=f"{year}-{month}"),
                f"{year}-{month}-{'01' if day == '00' else last}{qualifier}",
            )
    return Point(year, month, day, qualifier)


def _read_part(text: str, whole: Callable[[str], str]) -> Point:
    """A point inside a longer text; what it has for candidate becomes the ``whole`` with the part put right."""
    try:
        return _read_point(text)
    except _NotReadable as refusal:
        raise _NotReadable(refusal.what, whole(refusal.candidate) if refusal.candidate else "") from None


def _read_extent(text: str) -> Extent:
    if text.count("/") > 1:
        raise _NotReadable
    first, last = text.split("/")
    start = first if first in {OPEN, UNSTATED} else _read_part(first, lambda better: f"{better}/{last}")
    end = last if last in {OPEN, UNSTATED} else _read_part(last, lambda better: f"{first}/{better}")
    if isinstance(start, str) and isinstance(end, str):
        raise _NotReadable(_("An extent needs a start or an end."), advice=LEAVE_BLANK)
    if isinstance(start, Point) and isinstance(end, Point) and end.days()[1] < start.days()[0]:
        raise _NotReadable(_("The extent ends before it starts."), f"{end}/{start}")
    return Extent(start, end)


def _read_choice(text: str) -> Shape:
    if not text.endswith("]") or text.count("[") + text.count("]") != 2:
        raise _NotReadable(_("A choice of dates stands in one pair of brackets."), f"[{text.strip('[]')}]")
    parts = [part for part in text[1:-1].split(",") if part]
    if not parts:
        raise _NotReadable(_("There is no date between the brackets."), advice=LEAVE_BLANK)
    members = {_read_span(part, parts) for part in parts}
    open_members = [member for member in members if None in (member.first, member.last)]
    kept = [
        member
        for member in members
        if not any(other != member and _lies_within(member, other) for other in open_members)
    ]
    kept.sort(key=lambda member: (*(day or date.min for day in member.outer), str(member)))
    kept.sort(key=lambda member: member.last is None)
    choice = Choice(tuple(kept))
    if choice.outer == (None, None):
        raise _NotReadable(_("Open on both sides says nothing."), advice=LEAVE_BLANK)
    only = kept[0]
    if len(kept) == 1 and only.first is not None and only.first == only.last:
        return only.first
    return choice


def _lies_within(member: Span, other: Span) -> bool:
    first, last = member.outer
    other_first, other_last = other.outer
    return (other_first is None or (first is not None and first >= other_first)) and (
        other_last is None or (last is not None and last <= other_last)
    )


def _read_span(part: str, parts: list[str]) -> Span:
    def whole(better: str) -> str:
        return f"[{','.join(better if other == part else other for other in parts)}]"

    if ".." not in part:
        point = _read_part(part, whole)
        if point.precision == "season":
            raise _NotReadable(
                _("A choice is made among days, months and years; write a season as its months."),
                whole(f"{_plain_edge(point, 0)}..{_plain_edge(point, 1)}"),
            )
        return Span(point, point)
    first, _dots, last = part.partition("..")
    if ".." in last or not (first or last):
        raise _NotReadable
    lower = _read_part(first, lambda better: whole(f"{better}..{last}")) if first else None
    upper = _read_part(last, lambda better: whole(f"{first}..{better}")) if last else None
    if any(point and (point.qualifier or "X" in str(point) or point.precision == "season") for point in (lower, upper)):
        raise _NotReadable(
            _("The ends of .. are plain days, months or years."),
            whole(f"{_plain_edge(lower, 0)}..{_plain_edge(upper, 1)}"),
        )
    if lower and upper:
        if lower.precision != upper.precision:
            coarse = min(len(str(lower)), len(str(upper)))
            raise _NotReadable(
                _("Both ends of .. are known to the same unit: two days, two months or two years."),
                whole(f"{str(lower)[:coarse]}..{str(upper)[:coarse]}"),
            )
        if upper.days()[1] < lower.days()[0]:
            raise _NotReadable(_("The last date of .. comes before the first."), whole(f"{last}..{first}"))
        if lower == upper:
            return Span(lower, lower)
    return Span(lower, upper)


def _plain_edge(point: Point | None, side: int) -> str:
    """The plain year, month or day nearest to the first (0) or last (1) day of a point that cannot bound a span."""
    if point is None:
        return ""
    day = point.days()[side]
    if point.precision == "day":
        return str(day)
    return str(day)[:7] if point.precision in {"month", "season"} else str(day)[:4]


def _read_shorthand(text: str) -> Choice:
    """``..2023-03`` is before March 2023 (not in it), ``2023-03..`` after it: the words editors use, kept as EDTF.

    EDTF itself includes the bound: ``[..2023-03]`` is in or before March.
    """
    first, _dots, last = text.partition("..")
    if not (first or last) or ".." in last:
        raise _NotReadable
    if first and last:
        raise _NotReadable(
            _("Put brackets around one unknown date among several, or a slash between the ends of an extent."),
            f"[{first}..{last}]",
        )
    if last:
        point = _read_part(last, lambda better: f"..{better}")
        bound = point.before()
    else:
        point = _read_part(first, lambda better: f"{better}..")
        bound = point.after()
    if point.qualifier:
        raise _NotReadable(
            _("Before and after need a date without ~, ? or %."), f"..{point.plain}" if last else f"{point.plain}.."
        )
    if bound is None:
        raise _NotReadable(_("Only years 0001 to 9999 are kept here."), str(point))
    return Choice((Span(None, bound) if last else Span(bound, None),))
