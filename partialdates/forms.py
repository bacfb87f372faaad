"""The form field: text with a reading of what was understood."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate

HELP_TEXT = _(
    "As far as known: 2023-02-21, 2023-02, 2023, 2023-02-20/2023-02-22 (lasted), "
    "[2023-02-20..2023-02-22] (one day of these), 2023-02~ (about), 2023-02-21? (doubtful), ..2023-03 (before), "
    "2023-07-25/.. (since). Blank: unknown."
)


class PartialDateInput(forms.TextInput):
    """A text input with the reading of its value beneath it, which a script keeps up to date while typing.

    The script asks the view ``partialdates:read``; a project without it still has a text input and the first reading.
    """

    template_name = "partialdates/widgets/partial_date.html"

    class Media:
        css = {"all": ["partialdates/reading.css"]}
        js = ["partialdates/reading.js"]

    def format_value(self, value: Any) -> str | None:
        return str(value) if value else None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"].setdefault("autocomplete", "off")
        widget["attrs"].setdefault("spellcheck", "false")
        widget |= _reading(widget["value"])
        try:
            widget["reading_url"] = reverse("partialdates:read")
        except NoReverseMatch:
            widget["reading_url"] = ""
        return context


def _reading(text: str | None) -> dict[str, str]:
    try:
        return {"reading": PartialDate.parse(text).text if text else "", "suggestion": ""}
    except InvalidPartialDate as refusal:
        # The form shows the message among its errors.
        return {"reading": "", "suggestion": refusal.suggestion}


class PartialDateFormField(forms.CharField):
    """Cleans to a ``PartialDate``; blank is the unknown one. What cannot be read is shown again as it was typed."""

    widget = PartialDateInput
    empty_values = [None, "", PartialDate.UNKNOWN]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP_TEXT)
        super().__init__(**kwargs)
        self.empty_value: Any = PartialDate.UNKNOWN

    def prepare_value(self, value: Any) -> Any:
        return value.edtf if isinstance(value, PartialDate) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate.parse(str(value) if value is not None else "")
        except InvalidPartialDate as refusal:
            raise ValidationError(refusal.message, code="invalid_partial_date") from refusal

    def run_validators(self, value: PartialDate) -> None:
        super().run_validators(value.edtf)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True
