"""``{% load rows %}``: what stands many times in each row of a list; see `events.rows`."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from events.models import ParticipationAttendance
from events.rows import Named
from events.templatetags.readout import certainty_mark

register = template.Library()

ROLE = ' <span class="quiet">({})</span>'
STANCE = '<span class="tag-stance">{}</span> '


@register.simple_tag
def named(one: Named) -> SafeString:
    """A link to a record by its name; a name that stands for no record, as the source gives it."""
    # By hand: a page has some hundred of them, and `format_html` takes ten times as long.
    if one.url:
        return mark_safe(f'<a href="{escape(one.url)}">{escape(one.name)}</a>')  # noqa: S308 (escaped)
    return mark_safe(f'<span class="as-given">{escape(one.name)}</span>')  # noqa: S308 (escaped)


@register.simple_tag
def parties(participants: list[Named]) -> SafeString:
    """Those on one side of the table, each with what is known of its having been there."""
    return _joined(", ", (f"{named(one)}{_attendance(one.attendance)}" for one in participants))


@register.simple_tag
def speakers(authors: list[Named]) -> SafeString:
    """The authors of a statement, each with its role unless it simply spoke."""
    return _joined(", ", (f"{named(one)}{_noted(ROLE, one)}" for one in authors))


@register.simple_tag
def tags(topics: list[Named]) -> SafeString:
    """Topics as items of a list, each with the stance on it."""
    return _joined("\n", (f'<li class="tag">{_noted(STANCE, one)}{named(one)}</li>' for one in topics))


def _joined(between: str, parts: Iterable[str]) -> SafeString:
    """Markup that the functions here made, which escape what they are given."""
    return mark_safe(between.join(parts))  # noqa: S308 (see above)


def _noted(markup: str, one: Named) -> str:
    return format_html(markup, one.note) if one.note else ""


def _attendance(attendance: str) -> str:
    if attendance == ParticipationAttendance.CONFIRMED:
        return ""
    if attendance == ParticipationAttendance.ABSENT:
        return format_html(" ({})", ParticipationAttendance.ABSENT.label)
    return certainty_mark("possible")
