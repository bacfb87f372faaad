"""What a form field becomes on the page, written without templates where there are very many of them.

A form of a hundred rows holds 1,700 inputs, and each is several templates to Django. What is written here is what
Django's own templates write, to the character; everything else goes to them.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.templatetags.static import static
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

_OPTION = "django/forms/widgets/select_option.html"


class FormRenderer(DjangoTemplates):
    """Django's renderer, with a short way for the plain elements of a form."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        write = _WRITERS.get(template_name)
        written = write(context) if write is not None else None
        if written is None:
            return super().render(template_name, context, request)
        return mark_safe(written)  # noqa: S308 (each writer escapes what it is given)


def _value(value: Any) -> str:
    """What ``stringformat:'s'`` makes of it in a template."""
    return value if isinstance(value, SafeString) else escape(str(value))


def _shown(value: Any) -> str:
    """What ``{{ value }}`` makes of it."""
    return conditional_escape(value if isinstance(value, str) else localize(value))


# The same few hundred texts stand in every row, and escaping them is most of the work.
@cache
def _name(name: str) -> str:
    return escape(name)


def _attributes(attributes: dict[str, Any]) -> str:
    return "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def _input(context: dict[str, Any]) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{_value(widget["value"])}"'
    attributes = _attributes(widget["attrs"])
    return f'<input type="{_name(widget["type"])}" name="{_value(widget["name"])}"{value}{attributes}>'


def _textarea(context: dict[str, Any]) -> str:
    widget = context["widget"]
    held = _shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_value(widget["name"])}"{_attributes(widget["attrs"])}>\n{held}</textarea>'


def _select(context: dict[str, Any]) -> str | None:
    widget = context["widget"]
    groups = widget["optgroups"]
    if any(option["template_name"] != _OPTION for _name, options, _index in groups for option in options):
        return None
    attributes = _attributes(widget["attrs"])
    return f'<select name="{_value(widget["name"])}"{attributes}>{"".join(_groups(groups))}\n</select>'


def _groups(groups: Iterable[Any]) -> Iterable[str]:
    for name, options, _index in groups:
        if name:
            yield f'\n  <optgroup label="{_shown(name)}">'
        for option in options:
            value, attributes = _value(option["value"]), _attributes(option["attrs"])
            yield f'\n  <option value="{value}"{attributes}>{_shown(option["label"])}</option>\n'
        if name:
            yield "\n  </optgroup>"


def _label(context: dict[str, Any]) -> str:
    label = _shown(context["label"])
    tag = _value(context["tag"])
    return f"<{tag}{_attributes(context['attrs'])}>{label}</{tag}>" if context["use_tag"] else label


def _errors(context: dict[str, Any]) -> str:
    errors = context["errors"]
    if not errors:
        return ""
    field = f' id="{_shown(errors.field_id)}_error"' if getattr(errors, "field_id", None) else ""
    listed = "".join(f"<li>{_shown(error)}</li>" for error in errors)
    return f'<ul class="{_shown(context["error_class"])}"{field}>{listed}</ul>'


def _beside_links(context: dict[str, Any]) -> str | None:
    """A choosing field of the admin with the link to add what is missing; with more links, Django writes it."""
    if any(context[f"can_{verb}_related"] for verb in ("change", "delete", "view")):
        return None
    model = "" if context["model_has_limit_choices_to"] else f'data-model-ref="{_shown(context["model_name"])}"'
    link = ""
    if context["can_add_related"] and not context["is_hidden"]:
        title = _("Add another %(model)s") % {"model": _shown(context["model"])}
        link = (
            f'<a class="related-widget-wrapper-link add-related" id="add_id_{_shown(context["name"])}"'
            f' data-popup="yes" href="{_shown(context["add_related_url"])}?{_shown(context["url_params"])}"'
            f' title="{title}"><img src="{_shown(static("admin/img/icon-addlink.svg"))}" alt="" width="24"'
            f' height="24"></a>'
        )
    return f'<div class="related-widget-wrapper" {model}>{_shown(context["rendered_widget"])}{link}</div>'


_WRITERS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    **dict.fromkeys(
        (
            f"django/forms/widgets/{name}.html"
            for name in ("text", "number", "hidden", "checkbox", "url", "email", "date", "password")
        ),
        _input,
    ),
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/label.html": _label,
    "django/forms/errors/list/default.html": _errors,
    "django/forms/errors/list/ul.html": _errors,
    "admin/widgets/related_widget_wrapper.html": _beside_links,
}
