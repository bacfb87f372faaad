"""The histogram above a list: how many records fall in each time, certainly and by possibility.

Years at first, decades for a long time. A window of less than four years is shown by quarters, months or days, and
fills the chart. Each bar is a link to the list of its time; with a script a stretch of bars can be chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from records.facets import Selection

#: More years than this are shown by decades.
MOST_YEARS = 60
#: A window of at most so many days is shown by days, by months, by quarters.
BY_DAY, BY_MONTH, BY_QUARTER = 62, 550, 4 * 366
#: The height of the chart in its own units; it is 100 wide.
HIGH = 24
#: So many labels stand below the chart at most; as many bars have a label each.
MOST_LABELS = 6


@dataclass(frozen=True)
class Bar:
    """The records of one time, and where the bar stands in a chart of 100 by `HIGH` units."""

    label: str
    #: The first and the last time of the bar, as ``from`` and ``to`` take them.
    since: str
    until: str
    possible: int
    certain: int
    query: str
    is_within: bool
    #: Label and numbers, in words.
    said: str
    # Written as they stand in the drawing: a template would take longer for that than for all the rest.
    x: str
    width: str
    #: The width of the bar without the gap to the next one.
    inner_width: str
    possible_y: str
    possible_height: str
    certain_y: str
    certain_height: str


@dataclass(frozen=True)
class Histogram:
    """The bars, and how to see more than they show."""

    bars: list[Bar]
    #: “By year”.
    title: str
    #: The list without a window, for a script to add another.
    query: str
    #: A longer time, where only a part is shown.
    wider: str | None
    highest: int

    @property
    def is_each_labelled(self) -> bool:
        """Whether each bar has its label below it."""
        return len(self.bars) <= MOST_LABELS

    @property
    def labels(self) -> list[str]:
        """Of some bars from the first to the last, as evenly as they go."""
        last = len(self.bars) - 1
        steps = max(min(last, MOST_LABELS - 1), 1)
        return [self.bars[place * last // steps].label for place in range(steps + 1)]


@dataclass(frozen=True)
class _Span:
    label: str
    since: str
    until: str
    first: date
    end: date


def histogram(filters: Any, selection: Selection) -> Histogram | None:
    """The chart of a dated list; ``None`` where all is in one year and no shorter window is asked for."""
    since, until = filters.window
    if since and until and (until - since).days < BY_QUARTER:
        return _short(filters, selection, since, until)
    years = selection.years()
    if len(years.possible) < 2:
        return None
    step = 1 if len(years.possible) <= MOST_YEARS else 10
    starts = range(years.first - years.first % step, years.first + len(years.possible), step)
    spans = []
    counts = []
    for start in starts:
        last = start + step - 1
        label = str(start) if step == 1 else f"{start}–{last}"
        spans.append(
            _Span(label, f"{start:04}", f"{last:04}", date(max(start, 1), 1, 1), date(min(last, 9999), 12, 31))
        )
        places = [year - years.first for year in range(start, last + 1)]
        known = [place for place in places if 0 <= place < len(years.possible)]
        counts.append((sum(years.possible[place] for place in known), sum(years.certain[place] for place in known)))
    return _chart(filters, spans, counts, _("By year") if step == 1 else _("By decade"), None)


def _short(filters: Any, selection: Selection, since: date, until: date) -> Histogram:
    """A short window by days, months or quarters."""
    length = (until - since).days
    spans: list[_Span] = []
    if length < BY_DAY:
        title, first, step, make = _("By day"), since, _next_day, _day
    elif length < BY_MONTH:
        title, first, step, make = _("By month"), since.replace(day=1), _next_month, _month
    else:
        first = since.replace(month=since.month - (since.month - 1) % 3, day=1)
        title, step, make = _("By quarter"), _next_quarter, _quarter
    start: date | None = first
    while start is not None and start <= until:
        after = step(start)
        spans.append(make(start, (after or date.max) - timedelta(days=1)))
        start = after
    counts = list(zip(*selection.periods([*(one.first for one in spans), start]), strict=True))
    return _chart(filters, spans, counts, title, _wider(filters, since, until))


def _wider(filters: Any, since: date, until: date) -> str:
    """The query of the next longer time: the whole years of the window, or all."""
    years = {"from": [f"{since.year:04}"], "to": [f"{until.year:04}"]}
    is_whole = since == date(since.year, 1, 1) and until == date(until.year, 12, 31)
    return str(filters.query_string_with(**({"from": [], "to": []} if is_whole else years)))


def _next_day(day: date) -> date | None:
    return None if day == date.max else day + timedelta(days=1)


def _next_month(day: date, months: int = 1) -> date | None:
    place = 12 * day.year + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, 1) if year <= date.max.year else None


def _next_quarter(day: date) -> date | None:
    return _next_month(day, 3)


def _day(first: date, last: date) -> _Span:
    return _Span(date_format(first, "j F Y"), first.isoformat(), first.isoformat(), first, last)


def _month(first: date, last: date) -> _Span:
    text = first.isoformat()[:7]
    return _Span(date_format(first, "F Y"), text, text, first, last)


def _quarter(first: date, last: date) -> _Span:
    label = f"{date_format(first, 'M')}–{date_format(last, 'M Y')}"
    return _Span(label, first.isoformat()[:7], last.isoformat()[:7], first, last)


def _said(label: str, certain: int, more: int) -> str:
    """What a bar shows, in the words of the key below it."""
    if not more:
        return _("%(label)s: %(certain)d certainly then") % {"label": label, "certain": certain}
    words = _("%(label)s: %(certain)d certainly then, %(more)d more possibly")
    return words % {"label": label, "certain": certain, "more": more}


def _chart(filters: Any, spans: list[_Span], counts: list[tuple[int, int]], title: str, wider: str | None) -> Histogram:
    highest = max(possible for possible, _certain in counts)
    scale = HIGH / (highest or 1)
    width = 100 / len(spans)
    since, until = filters.window
    query: Callable[..., str] = filters.query_string_with
    bars = [
        Bar(
            label=span.label,
            since=span.since,
            until=span.until,
            possible=possible,
            certain=certain,
            query=query(**{"from": [span.since], "to": [span.until]}),
            is_within=(since is None or since <= span.end) and (until is None or until >= span.first),
            said=_said(span.label, certain, possible - certain),
            x=_written(place * width),
            width=_written(width),
            inner_width=_written(0.86 * width),
            possible_y=_written(HIGH - scale * possible),
            possible_height=_written(scale * possible),
            certain_y=_written(HIGH - scale * certain),
            certain_height=_written(scale * certain),
        )
        for place, (span, (possible, certain)) in enumerate(zip(spans, counts, strict=True))
    ]
    return Histogram(bars, title, query(**{"from": [], "to": []}), wider, highest)


def _written(number: float) -> str:
    return f"{number:.2f}"
