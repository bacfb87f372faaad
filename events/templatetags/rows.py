"""``{% load rows %}``: what stands many times in each row of a list; see `events.rows`."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from events.models import ParticipationAttendance
from events.rows import Named
from events.templatetags.readout import certainty_mark

register = template.Library()


@register.simple_tag
def named(one: Named) -> SafeString:
    """A link to a record by its name; a name that stands for no record, as the source gives it."""
    if one.url:
        return format_html('<a href="{}">{}</a>', one.url, one.name)
    return format_html('<span class="as-given">{}</span>', one.name)


@register.simple_tag
def parties(participants: list[Named]) -> SafeString:
    """Those on one side of the table, each with what is known of its having been there."""
    return format_html_join(", ", "{}{}", ((named(one), _attendance(one.attendance)) for one in participants))


@register.simple_tag
def speakers(authors: list[Named]) -> SafeString:
    """The authors of a statement, each with its role unless it simply spoke."""
    return format_html_join(
        ", ", "{}{}", ((named(one), _noted(' <span class="quiet">({})</span>', one)) for one in authors)
    )


@register.simple_tag
def tags(topics: list[Named]) -> SafeString:
    """Topics as items of a list, each with the stance on it."""
    stance = '<span class="tag-stance">{}</span> '
    return format_html_join("\n", '<li class="tag">{}{}</li>', ((_noted(stance, one), named(one)) for one in topics))


def _noted(markup: str, one: Named) -> str:
    return format_html(markup, one.note) if one.note else ""


def _attendance(attendance: str) -> str:
    if attendance == ParticipationAttendance.CONFIRMED:
        return ""
    if attendance == ParticipationAttendance.ABSENT:
        return format_html(" ({})", ParticipationAttendance.ABSENT.label)
    return certainty_mark("possible")
