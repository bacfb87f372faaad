"""``{% linked_data record %}``: the record as JSON-LD, in a block of data that no browser executes."""

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from events.linked_data import linked_data as as_linked_data

register = template.Library()

#: Nothing in the data may end the block, or begin a comment or another script in it.
_ESCAPED = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.simple_tag
def linked_data(record: Any, canonical: str) -> SafeString:
    """The block for the record whose page is at the absolute address ``canonical``."""
    site = canonical.removesuffix(record.get_absolute_url())
    text = json.dumps(as_linked_data(record, site), ensure_ascii=False).translate(_ESCAPED)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 escaped above
