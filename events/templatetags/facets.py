"""``{% load facets %}``: the values of a facet and the bars of a histogram, of which a page has a hundred.

Written by hand, as `events.templatetags.rows` is: a template takes several times as long for so many small parts.
"""

from html import escape

from django import template
from django.utils.formats import localize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from events.views.facets import FacetValue
from events.views.histogram import HIGH, Bar, Histogram

register = template.Library()


@register.simple_tag
def facet_values(values: list[FacetValue], list_url: str) -> SafeString:
    """A list of values with their counts, each a link to the list at ``list_url`` with it, and one without it."""
    words = escape(gettext("Remove:")), escape(gettext("Leave out"))
    return mark_safe(_values(values, escape(list_url), words))  # noqa: S308 (escaped)


def _values(values: list[FacetValue], list_url: str, words: tuple[str, str]) -> str:
    items = "\n".join(_value(one, list_url, words) for one in values)
    return f'<ul class="facet-values">\n{items}\n</ul>'


def _value(one: FacetValue, list_url: str, words: tuple[str, str]) -> str:
    remove, leave_out = words
    label, query = escape(str(one.label)), f"?{escape(one.query)}" if one.query else ""
    chosen = f' aria-current="true" data-way="{escape(one.way)}"' if one.way else ""
    said = f'<span class="visually-hidden">{remove}</span> ' if one.way else ""
    parts = [
        f'<li><a class="facet-value" id="v-{escape(one.key)}" href="{list_url}{query}"{chosen}>'
        f'<span class="facet-label" dir="auto">{said}{label}</span> '
        f'<span class="facet-count">{escape(str(localize(one.count)))}</span></a>'
    ]
    if one.not_query:
        parts.append(
            f'<a class="facet-not" id="n-{escape(one.key)}" href="{list_url}?{escape(one.not_query)}" '
            f'title="{leave_out}"><span class="visually-hidden">{leave_out} {label}</span></a>'
        )
    if one.below:
        parts.append(_values(one.below, list_url, words))
    return "\n".join((*parts, "</li>"))


@register.simple_tag
def histogram_bars(chart: Histogram, list_url: str) -> SafeString:
    """The bars, each a link to the list at ``list_url`` of its time, the possible part behind the certain one."""
    place = escape(list_url)
    return mark_safe("\n".join(_bar(bar, place) for bar in chart.bars))  # noqa: S308 (escaped)


def _bar(bar: Bar, list_url: str) -> str:
    said = escape(bar.said)
    parts = [
        f'<a href="{list_url}?{escape(bar.query)}" aria-label="{said}" data-from="{escape(bar.since)}" '
        f'data-to="{escape(bar.until)}" data-label="{escape(bar.label)}">',
        f"<title>{said}</title>",
        f'<rect class="bar-ground" x="{bar.x}" y="0" width="{bar.width}" height="{HIGH}" />',
    ]
    if bar.possible != bar.certain:
        parts.append(_rect(bar, "possible", bar.possible_y, bar.possible_height))
    if bar.certain:
        parts.append(_rect(bar, "certain", bar.certain_y, bar.certain_height))
    return "\n".join((*parts, "</a>"))


def _rect(bar: Bar, certainty: str, top: str, height: str) -> str:
    within = "yes" if bar.is_within else "no"
    return (
        f'<rect class="bar" data-certainty="{certainty}" data-within="{within}" x="{bar.x}" y="{top}" '
        f'width="{bar.inner_width}" height="{height}" />'
    )
