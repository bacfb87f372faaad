"""What the templates of the admin ask."""

from typing import Any

from django import template

register = template.Library()


#: Where a row stands among the others is seen by where it stands.
_SEEN_ANYWAY = frozenset({"position"})


@register.filter
def is_used(fieldset: Any) -> bool:
    """Whether a fieldset holds anything an editor must see: an error, or a value that is not the default."""
    cells = [cell for line in fieldset for cell in line if not cell.is_readonly]
    return any(cell.errors() or _is_told(cell.field) for cell in cells if cell.field.name not in _SEEN_ANYWAY)


def _is_told(field: Any) -> bool:
    value, default = field.value(), field.field.initial
    return bool(value) and str(value) != str(default() if callable(default) else default)


@register.filter
def is_wide(cell: Any) -> bool:
    """Whether a field needs the whole width: a text of several lines."""
    widget = getattr(cell.field.field, "widget", None) if not cell.is_readonly else None
    return getattr(widget, "template_name", "") == "django/forms/widgets/textarea.html"


@register.filter
def kind_of(record: Any) -> str:
    """The plain word for the kind of record."""
    return str(record._meta.verbose_name)
