"""What the templates of the admin ask."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def is_used(fieldset: Any) -> bool:
    """Whether a fieldset holds anything an editor must see: a value, or an error."""
    return any(not cell.is_readonly and (cell.errors() or cell.field.value()) for line in fieldset for cell in line)


@register.filter
def is_wide(cell: Any) -> bool:
    """Whether a field needs the whole width: a text of several lines."""
    widget = getattr(cell.field.field, "widget", None) if not cell.is_readonly else None
    return getattr(widget, "template_name", "") == "django/forms/widgets/textarea.html"
