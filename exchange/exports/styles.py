"""A reference as a sentence: APA (7th edition) and Chicago (18th edition, notes and author-date).

Two kinds of things are cited: entries of this database, and documents on the web. Styles are English, as their rules
are; dates are written by their rules and not by the language of the page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from exchange.exports.references import SITE_NAME, Reference
from partialdates.values import PartialDate

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


@dataclass(frozen=True)
class Formatted:
    """One way to cite something, ready to be copied."""

    name: Any
    text: SafeString


def formatted(one: Reference) -> list[Formatted]:
    """The reference in each style."""
    return [
        Formatted(_("APA"), apa(one)),
        Formatted(_("Chicago, note"), chicago_note(one)),
        Formatted(_("Chicago, author–date"), chicago_author_date(one)),
    ]


def apa(one: Reference) -> SafeString:
    """As in the 7th edition of the Publication Manual, 10.9 and 10.16."""
    if one.container == one.author or not one.version:
        title = format_html("<i>{}</i>", one.title) if one.title else format_html("[{}]", one.described_as)
        return format_html(
            "{} ({}). {}.{} {}", _stopped(one.author), _apa_date(one.issued), title, _retrieved(one), one.url
        )
    return format_html(
        "{}. ({}). <i>{}</i> (Version {}) [{}].{} {}",
        SITE_NAME,
        _apa_date(one.issued),
        one.title,
        one.version,
        "Data set" if one.kind == "selection" else "Database record",
        _retrieved(one),
        one.url,
    )


def chicago_note(one: Reference) -> SafeString:
    """As in the 18th edition of the Manual of Style, 14.159: a note."""
    if not one.version:
        return format_html(
            "{}, {}{}{}, {}.",
            one.author,
            _in_quotes(one, ","),
            f" {_american(one.issued)}" if one.issued else " undated",
            f", accessed {_day(one.accessed)}" if one.accessed else "",
            one.url,
        )
    return format_html(
        "“{},” {}, {}, last modified {}, accessed {}, {}.",
        one.title,
        SITE_NAME,
        _of(one),
        _american(one.issued),
        _day(one.accessed),
        one.url,
    )


def chicago_author_date(one: Reference) -> SafeString:
    """As in the 18th edition of the Manual of Style, 13.102 and 14.159: an entry of the list of references."""
    year = one.issued.edtf[:4] if one.issued.edtf[:4].isdigit() else "n.d."
    if not one.version:
        return format_html(
            "{} {}. {}{}{} {}.",
            _stopped(one.author),
            year,
            _in_quotes(one, "."),
            f" {_american(one.issued)}." if one.issued else "",
            f" Accessed {_day(one.accessed)}." if one.accessed else "",
            one.url,
        )
    return format_html(
        "{}. {}. “{}.” {}. Last modified {}. Accessed {}. {}.",
        SITE_NAME,
        year,
        one.title,
        _of(one)[:1].upper() + _of(one)[1:],
        _american(one.issued),
        _day(one.accessed),
        one.url,
    )


def _of(one: Reference) -> str:
    return one.note[:1].lower() + one.note[1:]


def _in_quotes(one: Reference, end: str) -> str:
    if not one.title:
        return f"{one.described_as.lower()}{end}"
    return f"“{one.title}{end}”" if one.title[-1:] not in "?!" else f"“{one.title}”"


def _stopped(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _retrieved(one: Reference) -> str:
    return f" Retrieved {_day(one.accessed)}, from" if one.accessed else ""


def _day(day: date | None) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}" if day else ""


def _american(date_: PartialDate) -> str:
    return _day(date_.earliest) if _is_day(date_) else date_.text


def _apa_date(date_: PartialDate) -> str:
    if not date_:
        return "n.d."
    if not date_.is_machine_readable or date_.earliest is None:
        return str(date_.text)
    day = date_.earliest
    month = MONTHS[day.month - 1]
    return {"day": f"{day.year}, {month} {day.day}", "month": f"{day.year}, {month}"}.get(
        date_.precision, f"{day.year}"
    )


def _is_day(date_: PartialDate) -> bool:
    return date_.precision == "day" and date_.is_machine_readable
