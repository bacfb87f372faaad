"""What pages of lists and records offer to take away: the pages know these tags, and nothing of files."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from events.models import Source
from events.templatetags.readout import record_date, unknown
from exchange.exports import references, styles
from exchange.exports.kinds import KINDS
from exchange.exports.services import BYTE_ORDER_MARK, FORMAT, FORMATS, OF, REFERENCES
from exchange.selections.looks import date_of, heading, in_words

register = template.Library()

Links = list[tuple[Any, str]]


@register.inclusion_tag("exchange/_take.html")
def take_away(name: str, filters: Any) -> dict[str, Any]:
    """The files of a list as it is filtered; ``name`` is the stem of the names of its addresses."""
    kind = KINDS[name]
    query = filters.query_string(page_size=None, density=None)
    address = reverse(f"exchange:{name}-export")

    def link(form: str, label: Any = None, **more: str) -> tuple[Any, str]:
        asked = QueryDict(query, mutable=True)
        asked.update({FORMAT: form, **more})
        return label or FORMATS[form].label, f"{address}?{asked.urlencode()}"

    groups: list[tuple[Any, Links]] = [
        (
            _("As a table"),
            [link("csv"), link("csv", _("CSV for Excel"), **{BYTE_ORDER_MARK: "true"}), link("xlsx")],
        ),
        (_("For programs"), [link("json"), link("jsonl")]),
        (_("For a bibliography"), [link(form) for form in REFERENCES]),
    ]
    if kind.has_calendar:
        groups.insert(2, (_("For a calendar"), [link("ics")]))
    if kind.cited_by:
        groups.append((_("The sources they rest on"), [link(form, **{OF: "sources"}) for form in REFERENCES]))
    cite = reverse(f"exchange:{name}-cite")
    return {"groups": groups, "cite_url": f"{cite}?{query}" if query else cite}


@register.simple_tag
def frozen_heading(kind: Any, column: str) -> str:
    """The heading of a column of a selection."""
    return heading(kind, column)


@register.simple_tag
def frozen_cell(kind: Any, column: str, cell: str, empty: str = "") -> str:
    """A cell of a selection as pages say it: a date in words, marked when uncertain, its notation in ``title``."""
    date = date_of(column, cell)
    if date is not None:
        return format_html('<span title="{}">{}</span>', cell, record_date(date)) if cell else unknown()
    return in_words(kind, column, cell) or empty


@register.inclusion_tag("exchange/_cite.html")
def cite_record(record: Any, canonical: str) -> dict[str, Any]:
    """How to cite a record by the version shown, and its references; ``canonical`` is its whole address."""
    name = record._meta.model_name
    today = datetime.now(UTC).date()
    site = canonical.removesuffix(record.get_absolute_url())
    one = references.of_record(record, site=site, accessed=today)
    address = reverse(f"exchange:{name}-reference", args=[record.uid])
    return {
        "citations": styles.formatted(one),
        "document": styles.formatted(references.of_source(record)) if isinstance(record, Source) else [],
        "links": [(FORMATS[form].label, f"{address}?{FORMAT}={form}") for form in REFERENCES],
        "canonical": canonical,
        "accessed": today,
    }
