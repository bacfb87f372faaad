"""``{% load partialdates %}``: partial dates in templates."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from partialdates.values import PartialDate

register = template.Library()


@register.filter
def wording(value: Any) -> str:
    """The date in words; None and "" are the unknown date."""
    return _partial_date(value).text


@register.filter
def certainty(value: Any) -> str:
    """``certain`` when the very days are known, ``possible`` when not, ``unknown``: for ``data-certainty``."""
    partial_date = _partial_date(value)
    if partial_date.is_unknown:
        return "unknown"
    return "certain" if partial_date.is_certain else "possible"


@register.filter
def time_element(value: Any) -> SafeString:
    """The wording, inside ``<time datetime>`` where HTML has a form for it: a plain day, month or year."""
    partial_date = _partial_date(value)
    markup = '<time datetime="{0}" data-certainty="{1}">{2}</time>'
    if not partial_date.is_machine_readable:
        markup = '<span data-certainty="{1}">{2}</span>'
    return format_html(markup, partial_date.edtf, certainty(partial_date), partial_date.text)


def _partial_date(value: Any) -> PartialDate:
    return value if isinstance(value, PartialDate) else PartialDate.parse(value)
