"""What the templates of the admin ask."""

from typing import Any

from django import template
from django.contrib import admin
from django.urls import reverse
from django.utils.text import capfirst

from records import desk
from records.admin.posted import WAS
from records.models import State
from records.patrol import kinds_of_records
from records.roles import may_publish

register = template.Library()


#: Where a row stands among the others is seen by where it stands.
_SEEN_ANYWAY = frozenset({"position"})


@register.filter
def is_used(fieldset: Any) -> bool:
    """Whether a fieldset holds anything an editor must see: an error, or a value that is not the default."""
    cells = [cell for line in fieldset for cell in line if not cell.is_readonly]
    told = any(cell.errors() or _is_told(cell.field) for cell in cells if cell.field.name not in _SEEN_ANYWAY)
    return told or any(getattr(beside(cell), "contradicting", None) for cell in cells)


@register.filter
def beside(cell: Any) -> Any:
    """What an app has to say beside a field: an object that knows its ``template``; ``None`` when there is nothing."""
    name = cell.field["name"] if cell.is_readonly else cell.field.name
    form = cell.form if cell.is_readonly else cell.field.form
    return getattr(form, "beside", {}).get(name)


@register.filter
def beside_row(form: Any) -> Any:
    """The same for a row as a whole."""
    return getattr(form, "beside", {}).get("")


def _is_told(field: Any) -> bool:
    value, default = field.value(), field.field.initial
    return bool(value) and str(value) != str(default() if callable(default) else default)


@register.filter
def is_wide(cell: Any) -> bool:
    """Whether a field needs the whole width: a text of several lines."""
    widget = getattr(cell.field.field, "widget", None) if not cell.is_readonly else None
    return getattr(widget, "template_name", "") == "django/forms/widgets/textarea.html"


@register.filter
def taken_up(form: Any) -> str:
    """The key of the row that a new row takes up after somebody else removed it; see `records.admin.posted`."""
    return str(form.data.get(f"{form.prefix}-{WAS}", "")) if form.is_bound else ""


@register.filter
def kind_of(record: Any) -> str:
    """The plain word for the kind of record."""
    return str(record._meta.verbose_name)


@register.simple_tag
def desk_of(user: Any) -> dict[str, Any]:
    """What waits for somebody: the lists with a count for each kind of record that they may look at."""
    models = [
        model
        for model in kinds_of_records()
        if admin.site.is_registered(model) and user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    ]
    counts, comments = desk.counts_for(user, models)
    lists: dict[str, list[tuple[Any, str, str]]] = {}
    for count in counts:
        options = count.model._meta
        address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        lists.setdefault(str(count.list.label), []).append(
            (count, f"{address}?desk={count.list.name}", str(capfirst(options.verbose_name_plural)))
        )
    return {
        "lists": list(lists.items()),
        "comments": comments,
        "most": desk.MOST,
        "can_see_comments": user.has_perm("records.view_comment"),
        "can_patrol": user.has_perm("records.view_review"),
        "progress": list(desk.progress()) if models else [],
        "states": State.choices,
    }


@register.filter
def capped(number: int, most: int) -> str:
    """A count as far as it was counted."""
    return f"{most}+" if number > most else str(number)


@register.filter
def is_reviewer(user: Any) -> bool:
    """Whether the user may publish, withdraw and undo batches."""
    return may_publish(user)
