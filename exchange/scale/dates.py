"""Partial dates with their spans, written down directly: reading each would take longer than all the rest.

A test compares what is written here with what `partialdates` reads.
"""

import random
from datetime import date, timedelta

FIRST, DAYS = date(1990, 1, 1), 13_000
DAY = timedelta(days=1)


def drawn(chance: random.Random) -> tuple[str, str | None, str | None]:
    """A partial date as EDTF, and its outer and core ranges as PostgreSQL writes them; the later, the likelier."""
    day = FIRST + timedelta(days=int(DAYS * chance.random() ** 0.6))
    shape = chance.random()
    if shape < 0.72:
        return day.isoformat(), _range(day, day + DAY), _range(day, day + DAY)
    if shape < 0.82:
        start = day.replace(day=1)
        return f"{day:%Y-%m}", _range(start, _next_month(start)), None
    if shape < 0.86:
        return f"{day:%Y}", _range(date(day.year, 1, 1), date(day.year + 1, 1, 1)), None
    end = day + timedelta(days=chance.randint(1, 4))
    if shape < 0.91:
        return f"{day}/{end}", _range(day, end + DAY), _range(day, end + DAY)
    if shape < 0.95:
        return f"[{day}..{end}]", _range(day, end + DAY), None
    if shape < 0.97:
        return f"{day}?", _range(day - DAY, day + 2 * DAY), None
    if shape < 0.98:
        return f"[{day}..]", _range(day, None), None
    return "", None, None


def _range(start: date, end: date | None) -> str:
    return f"[{start},{end or ''})"


def _next_month(start: date) -> date:
    return (start + timedelta(days=32)).replace(day=1)
