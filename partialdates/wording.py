"""Partial dates in the words of the active language.

Every phrase and every date format passes through gettext, so that a translation can reorder both. Formats are
those of ``django.utils.dateformat``; E is the month as it is said with a day (genitive where there is one), F alone.
"""

from datetime import date

from django.utils.dateformat import format as format_date
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from partialdates.shapes import OPEN, UNSTATED, Choice, Extent, Point, Shape, Span


def in_words(shape: Shape | None) -> str:
    """Never empty."""
    if shape is None:
        return _("date unknown")
    if isinstance(shape, Point):
        return _point(shape)
    return _extent(shape) if isinstance(shape, Extent) else _choice(shape)


def _day(day: date) -> str:
    return format_date(day, pgettext("format of a day", "j E Y"))


def _plain_point(point: Point) -> str:
    first, last = point.days()
    match point.precision:
        case "day":
            return _day(first)
        case "month":
            month = format_date(first, pgettext("format of a month", "F Y"))
            return _("%(month)s (day unknown)") % {"month": month} if point.day else month
        case "season":
            return _season(point)
        case "year":
            year = format_date(first, pgettext("format of a year", "Y"))
            return _("%(year)s (month unknown)") % {"year": year} if point.month else year
        case "decade":
            return _("%(year)ss") % {"year": point.year.replace("X", "0")}
        case _:
            return _("between %(first)s and %(last)s") % {"first": first.year, "last": last.year}


def _season(point: Point) -> str:
    year = int(point.year)
    words = {
        "21": _("spring %(year)s"),
        "22": _("summer %(year)s"),
        "23": _("autumn %(year)s"),
        "24": _("winter %(year)s–%(next_year)s"),
    }
    return words[point.month] % {"year": f"{year:04}", "next_year": f"{year + 1:04}"}


def _point(point: Point) -> str:
    words = {
        "": "%(date)s",
        "~": _("about %(date)s"),
        "?": _("%(date)s (doubtful)"),
        "%": _("about %(date)s (doubtful)"),
    }
    return words[point.qualifier] % {"date": _plain_point(point)}


def _extent(extent: Extent) -> str:
    start, end = extent.start, extent.end
    if isinstance(start, Point) and isinstance(end, Point):
        if start == end and start.precision == "day":
            return _point(start)
        if start.precision == end.precision and not start.qualifier + end.qualifier:
            joined = _joined(start, end, _("%(first)s–%(last)s"), _("%(first)s – %(last)s"))
            if joined:
                return joined
        return _("from %(start)s to %(end)s") % {"start": _point(start), "end": _point(end)}
    if isinstance(start, Point):
        phrase = _("since %(start)s") if end == OPEN else _("from %(start)s, end unknown")
        return phrase % {"start": _point(start)}
    if isinstance(end, Point):
        phrase = _("until %(end)s, start unknown") if start == UNSTATED else _("until %(end)s")
        return phrase % {"end": _point(end)}
    return _("date unknown")


def _joined(start: Point, end: Point, tight: str, spaced: str) -> str:
    """Two days, months or years with what they share said once; "" for other precisions."""
    first, last = start.days()[0], end.days()[0]
    if start.precision == "day":
        if (first.year, first.month) == (last.year, last.month):
            return tight % {
                "first": format_date(first, pgettext("format of the first day, in the month of the last", "j")),
                "last": format_date(last, pgettext("format of the last day, in the month of the first", "j E Y")),
            }
        if first.year == last.year:
            return spaced % {
                "first": format_date(first, pgettext("format of the first day, in the year of the last", "j E")),
                "last": format_date(last, pgettext("format of the last day, in the year of the first", "j E Y")),
            }
        return spaced % {"first": _day(first), "last": _day(last)}
    if "X" in str(start) + str(end):
        return ""
    if start.precision == "month":
        if start == end:
            return ""
        if first.year == last.year:
            return tight % {
                "first": format_date(first, pgettext("format of the first month, in the year of the last", "F")),
                "last": format_date(last, pgettext("format of the last month, in the year of the first", "F Y")),
            }
        return spaced % {"first": _plain_point(start), "last": _plain_point(end)}
    if start.precision == "year" and start != end:
        return tight % {"first": _plain_point(start), "last": _plain_point(end)}
    return ""


def _choice(choice: Choice) -> str:
    return get_text_list([_span(member) for member in choice.members], pgettext("between the last two choices", "or"))


def _span(span: Span) -> str:
    first, last = span.first, span.last
    if first is None and last is not None:
        following = last.after()
        if following is None:
            return _("in or before %(date)s") % {"date": _point(last)}
        return _("before %(date)s") % {"date": _point(following)}
    if last is None and first is not None:
        preceding = first.before()
        if preceding is None:
            return _("in or after %(date)s") % {"date": _point(first)}
        return _("after %(date)s") % {"date": _point(preceding)}
    if first is None or last is None or first == last:
        return _point(first or last) if first or last else _("date unknown")  # type: ignore[arg-type]
    between = _("between %(first)s and %(last)s")
    return _joined(first, last, between, between)
