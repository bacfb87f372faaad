"""The form of a record, and a field for lists of lines."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from records.admin.once import new_ticket, uid_of
from records.admin.rows import AskingForm
from records.models import Record, RegisteredId, State
from records.services import VersionConflict, lock

REASON_LENGTH = 500

#: Fields of the form that are not part of the record.
BESIDES = frozenset({"loaded_version", "change_reason", "ticket"})


def linked_by(sent: Iterable[Any]) -> dict[Any, set[Any]]:
    """The keys of the records that were chosen anew in valid forms, by model."""
    keys: dict[Any, set[Any]] = defaultdict(set)
    for form in sent:
        for name in form.changed_data:
            chosen = form.cleaned_data.get(name)
            for one in chosen if isinstance(chosen, models.QuerySet | list) else [chosen]:
                if isinstance(one, Record):
                    keys[type(one)].add(one.pk)
    return keys


class LinesField(forms.CharField):
    """A list of texts, one a line; commas are part of the text, blank lines are none of it."""

    widget = forms.Textarea

    def __init__(self, *, line_length: int | None = None, **kwargs: Any) -> None:
        self.line_length = line_length
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        for number, line in enumerate(value, start=1):
            if self.line_length is not None and len(line) > self.line_length:
                raise ValidationError(
                    _("Line %(number)d has %(length)d characters; a line may have %(limit)d."),
                    params={"number": number, "length": len(line), "limit": self.line_length},
                )

    def run_validators(self, value: list[str]) -> None:
        for line in value:
            super().run_validators(line)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial or []) != self.to_python(data))


class RecordForm(AskingForm):
    """A record as it was when the form was opened; whoever saves second is told, and nothing typed is lost.

    ``refusal`` is what the database said to the same values a moment ago, ``conflict`` what the change of somebody else
    means for them; the form then only shows it.
    """

    refusal = ""
    conflict = ""

    loaded_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    ticket = forms.CharField(required=False, widget=forms.HiddenInput)
    change_reason = forms.CharField(
        label=_("Reason for this change"), required=False, max_length=REASON_LENGTH, widget=forms.TextInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["ticket"] = new_ticket(type(self.instance))
            return
        del self.fields["ticket"]
        self.initial["loaded_version"] = self.instance.version
        self.fields["change_reason"].required = getattr(self.instance, "state", "") == State.PUBLISHED

    def _is_there(self, uid: str) -> bool:
        return bool(type(self.instance)._base_manager.filter(uid=uid).exists())

    def clean(self) -> dict[str, Any]:
        super().clean()
        uid = uid_of(self.cleaned_data.get("ticket", ""), type(self.instance)) if self.instance.pk is None else None
        # The id of a record that was deleted meanwhile is not given again; that of one that the same form made a moment
        # ago is refused by the database, which leads to it.
        if uid is not None and (not RegisteredId.objects.filter(uid=uid).exists() or self._is_there(uid)):
            self.instance.uid = uid
        if self.refusal:
            self.add_error(None, self.refusal)
        elif self.conflict:
            self.add_error(None, ValidationError(self.conflict, code="conflict"))
        elif self.instance.pk is not None:
            try:
                lock(self.instance, version=self.cleaned_data.get("loaded_version") or 0)
            except VersionConflict as conflict:
                self.add_error(None, self._words_of(conflict))
        return self.cleaned_data

    def _words_of(self, conflict: VersionConflict) -> ValidationError:
        options = self.instance._meta
        link = format_html(
            '<a href="{}" target="_blank" rel="noopener">{}</a>',
            reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[self.instance.pk]),
            _("Open the record as it is now in a new tab"),
        )
        words = _("Nothing was saved, and all you typed is still here. Copy over what is still right.")
        return ValidationError(format_html("{} {} {}", conflict.messages[0], words, link), code="conflict")
