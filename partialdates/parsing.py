"""From what an editor typed to a shape, or to a refusal that shows the nearest valid form.

The edtf library has the last word on what is EDTF; this module knows what to make of it, and what was meant instead.
"""

import re
from calendar import monthrange
from collections.abc import Callable
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

MAX_LENGTH = 64
# Longer input is refused before any pattern looks at it.
MAX_TYPED = 200

_POINT = re.compile(r"(\d{4}|\d{3}X|\d\dXX)(?:-(\d{1,2}|XX)(?:-(\d{1,2}|XX))?)?([~?%]?)", re.ASCII)
_BEYOND_LEVEL_1 = re.compile(r"Y.*|-\d{4}.*|\d+S\d+|\d{5,}(-.*)?", re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-") | {"…": "..", "／": "/", "～": "~", "？": "?", "％": "%"})


def read(text: str) -> Shape:
    """The shape of non-blank ``text``. Raises ``InvalidPartialDate``."""
    if len(text) > MAX_TYPED:
        raise InvalidPartialDate(_("This is too long for a date. Type a date as 2023-02-21, 2023-02 or 2023."))
    tidy = _tidy(text)
    try:
        shape = _read_shape(tidy)
    except _NoShape:
        suggestion = _nearest(propose(text))
        if suggestion:
            message = format_lazy(
                _("Not understood. Did you mean {suggestion}? Type a date as 2023-02-21, 2023-02 or 2023."),
                suggestion=suggestion,
            )
        else:
            message = _("Not understood. Type a date as 2023-02-21, 2023-02 or 2023.")
        raise InvalidPartialDate(message, suggestion) from None
    canonical = str(shape)
    if len(canonical) > MAX_LENGTH:
        raise InvalidPartialDate(
            format_lazy(
                _(
                    "This date is longer than {length} characters. Give the first and the last as [2023-02-20..2023-02-22]."
                ),
                length=MAX_LENGTH,
            ),
            _as_one_span(shape),
        )
    try:
        parse_edtf(canonical)
    except EDTFParseException:
        plain = canonical.translate({ord(sign): None for sign in "~?%"})
        suggestion = _nearest(plain) if plain != canonical else ""
        raise _refusal(_("EDTF does not allow these marks together."), suggestion) from None
    return shape


def read_canonical(text: str) -> Shape:
    """The shape of text that ``read`` accepted before."""
    return _read_shape(text)


class _NoShape(Exception):  # noqa: N818
    """Text that looks like no form at all: whatever it is, it is not nearly EDTF."""


def _tidy(text: str) -> str:
    text = text.strip().translate(_DASHES)
    text = re.sub(r"\s*(\.\.|[/,\[\]~?%])\s*", r"\1", text)
    text = re.sub(r"(?<=[\dxX])[xX]|[xX](?=[\dxX])", "X", text)
    return re.sub(r"(?<=[\dX])\s*-\s*(?=[\dX])", "-", text)


def _refusal(what: "_StrOrPromise", suggestion: str = "") -> InvalidPartialDate:
    if suggestion:
        return InvalidPartialDate(
            format_lazy(_("{what} Did you mean {suggestion}?"), what=what, suggestion=suggestion), suggestion
        )
    return InvalidPartialDate(format_lazy(_("{what} Type a date as 2023-02-21, 2023-02 or 2023."), what=what))


def _nearest(candidate: str) -> str:
    """``candidate``, or what is suggested in its place, if that is a partial date; else "" ."""
    for _attempt in range(4):
        if not candidate:
            return ""
        try:
            return str(read(candidate))
        except InvalidPartialDate as refusal:
            candidate = refusal.suggestion
    return ""


def _read_shape(text: str) -> Shape:
    if _BEYOND_LEVEL_1.fullmatch(text):
        raise _refusal(_("Only years 0001 to 9999, written with four digits, are kept here."), _nearest(propose(text)))
    if text.startswith("{"):
        raise _refusal(
            _("Braces stand for several dates at once; a date here is one date."),
            _nearest("[" + text.strip("{}") + "]"),
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
        raise _NoShape
    year, month, day, qualifier = (part or "" for part in match.groups())
    month, day = month and month.zfill(2), day and day.zfill(2)
    if year == "0000":
        raise _refusal(_("There is no year 0000."), _nearest("-".join(filter(None, ("0001", month, day))) + qualifier))
    if year.endswith("X"):
        if month:
            raise _refusal(_("A month needs a year with all four digits."), year)
        if year.startswith("00") and qualifier == "" and int(year.replace("X", "9")) < 1:
            raise _refusal(_("There is no year 0000."), "0001")
        return Point(year, qualifier=qualifier)
    if month == "XX":
        if day not in {"", "XX"}:
            raise _refusal(_("A day needs its month."), f"{year}-XX-XX")
        return Point(year, month, day, qualifier)
    if not month:
        return Point(year, qualifier=qualifier)
    if month in SEASON_MONTHS:
        if day:
            raise _refusal(_("A season has no numbered days."), f"{year}-{month}")
        return Point(year, month, qualifier=qualifier)
    if not 1 <= int(month) <= 12:
        nearest = "01" if month == "00" else "12"
        raise _refusal(
            format_lazy(_("There is no month {month}."), month=month),
            _nearest("-".join(filter(None, (year, nearest, day))) + qualifier),
        )
    if day and day != "XX":
        last = monthrange(int(year), int(month))[1]
        if not 1 <= int(day) <= last:
            raise _refusal(
                format_lazy(_("There is no day {day} in {month}."), day=day, month=f"{year}-{month}"),
                f"{year}-{month}-{'01' if day == '00' else last}{qualifier}",
            )
    return Point(year, month, day, qualifier)


def _read_part(text: str, whole: Callable[[str], str]) -> Point:
    """A point inside a longer text; its refusal suggests the ``whole`` with the part put right."""
    try:
        return _read_point(text)
    except InvalidPartialDate as refusal:
        raise _refusal(_first_sentence(refusal), _nearest(whole(refusal.suggestion))) from None


def _first_sentence(refusal: InvalidPartialDate) -> str:
    return re.split(r"(?<=[.。])\s", str(refusal), maxsplit=1)[0]


def _read_extent(text: str) -> Extent:
    if text.count("/") > 1:
        raise _NoShape
    first, last = text.split("/")
    start = first if first in {OPEN, UNSTATED} else _read_part(first, lambda better: f"{better}/{last}")
    end = last if last in {OPEN, UNSTATED} else _read_part(last, lambda better: f"{first}/{better}")
    if isinstance(start, str) and isinstance(end, str):
        raise InvalidPartialDate(_("An extent needs a start or an end. Leave the field blank when neither is known."))
    if isinstance(start, Point) and isinstance(end, Point) and end.days()[1] < start.days()[0]:
        raise _refusal(_("The extent ends before it starts."), _nearest(f"{end}/{start}"))
    return Extent(start, end)


def _read_choice(text: str) -> Shape:
    if not text.endswith("]") or text.count("[") + text.count("]") != 2:
        raise _refusal(_("A choice of dates stands in one pair of brackets."), _nearest(f"[{text.strip('[]')}]"))
    parts = [part for part in text[1:-1].split(",") if part]
    if not parts:
        raise InvalidPartialDate(
            _("There is no date between the brackets. Type [2023-02-20..2023-02-22] or leave the field blank.")
        )
    members = {_read_span(part, parts) for part in parts}
    open_members = [member for member in members if None in (member.first, member.last)]
    kept = [
        member
        for member in members
        if not any(other != member and _lies_within(member, other) for other in open_members)
    ]
    kept.sort(key=lambda member: tuple(str(day or "") for day in member.outer) + (str(member),))
    kept.sort(key=lambda member: member.last is None)
    choice = Choice(tuple(kept))
    if choice.outer == (None, None):
        raise InvalidPartialDate(_("Open on both sides says nothing. Leave the field blank when the date is unknown."))
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
        return Span(point, point)
    first, _dots, last = part.partition("..")
    if ".." in last or not (first or last):
        raise _NoShape
    lower = _read_part(first, lambda better: whole(f"{better}..{last}")) if first else None
    upper = _read_part(last, lambda better: whole(f"{first}..{better}")) if last else None
    if any(point and (point.qualifier or "X" in str(point) or point.precision == "season") for point in (lower, upper)):
        raise _refusal(
            _("The ends of .. are plain days, months or years."),
            _nearest(whole(f"{_plain_edge(lower, 0)}..{_plain_edge(upper, 1)}")),
        )
    if lower and upper:
        if lower.precision != upper.precision:
            coarse = min(len(first), len(last), key=lambda length: length)
            raise _refusal(
                _("Both ends of .. are known to the same unit: two days, two months or two years."),
                _nearest(whole(f"{str(lower)[:coarse]}..{str(upper)[:coarse]}")),
            )
        if upper.days()[1] < lower.days()[0]:
            raise _refusal(_("The last date of .. comes before the first."), _nearest(whole(f"{last}..{first}")))
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
        raise _NoShape
    if first and last:
        raise _refusal(
            _("Put brackets around one unknown date among several, or a slash between the ends of an extent."),
            _nearest(f"[{first}..{last}]"),
        )
    if last:
        point = _read_part(last, lambda better: f"..{better}")
        bound = point.before()
    else:
        point = _read_part(first, lambda better: f"{better}..")
        bound = point.after()
    if point.qualifier:
        raise _refusal(
            _("Before and after need a date without ~, ? or %."), f"..{point.plain}" if last else f"{point.plain}.."
        )
    if bound is None:
        raise _refusal(_("Only years 0001 to 9999 are kept here."), str(point))
    return Choice((Span(None, bound) if last else Span(bound, None),))


def _as_one_span(shape: Shape) -> str:
    first, last = shape.outer
    return f"[{first or ''}..{last or ''}]"
