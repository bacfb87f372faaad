"""What readers type: a correction, the name of a search, an address, where a webhook leads."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.addresses import address_typed
from readers import spam, tokens
from readers.hooks.addresses import LONGEST_ADDRESS
from readers.models import LONGEST_TEXT, SavedSearch

#: Addresses in the text: a source has a field of its own.
MOST_LINKS = 2
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
FORGED = _("This form did not come from this site, or was changed on the way. Open the page of the record again.")


class ReaderLook(forms.Form):
    """A form in the look of the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput | forms.CheckboxInput):
                field.widget.attrs["class"] = "input"


class CorrectionForm(ReaderLook):
    """A correction. ``ticket`` says which fact the form was made for; ``website`` is for machines, and stays empty."""

    text = forms.CharField(label=_("What is wrong?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))
    source = forms.CharField(
        label=_("Address of a source"),
        help_text=_("The document that says otherwise, if there is one: https://…"),
        max_length=1000,
        required=False,
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_(
            "Only if you want an answer. Editors alone see it; it is deleted 90 days after they decided, after a "
            "year at the latest, and at once if you ask."
        ),
        required=False,
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)
    ticket = forms.CharField(widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\x00", "").strip()
        if len(_LINK.findall(text)) > MOST_LINKS:
            raise ValidationError(_("At most two addresses can stand in the text. Give the source in its own field."))
        return text

    def clean_source(self) -> str:
        typed = str(self.cleaned_data["source"])
        return address_typed(typed) if typed.strip() else ""

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field is for machines. Leave it empty, and send the form again."))
        return ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        ticket = self.data.get("ticket", "")
        if spam.read_ticket(ticket) is None:
            raise ValidationError(FORGED)
        if spam.is_young(ticket):
            raise ValidationError(_("That was quicker than anybody reads. Wait a few seconds, and send it again."))
        if spam.read_ticket(ticket, max_age=spam.MOST) is None:
            raise ValidationError(
                _("The form was open for more than a day, and the record may have changed. Read it, and send it again.")
            )
        return cleaned


class LogInForm(ReaderLook, AuthenticationForm):
    """Name and password."""


class PasswordForm(ReaderLook, PasswordChangeForm):
    """The old password, and the new one twice."""


class TokenForm(ReaderLook):
    """A token to make. Who may not change records is not offered one that writes."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("What will use it, so that you know later what stops when you revoke it."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may = forms.ChoiceField(
        label=_("What it may do"), help_text=_("Any token reads, more often than a program without one.")
    )
    days = forms.TypedChoiceField(label=_("Works for"), coerce=int, choices=[], initial=tokens.DAYS[0])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("read", _("Read what is public"))]
        if tokens.may_have_write(user):
            offered.append(("read write", _("Read, and write as you may at the desk")))
        fields: Any = self.fields
        fields["may"].choices = offered
        fields["days"].choices = [
            (days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in sorted(tokens.DAYS)
        ]

    @property
    def scopes(self) -> list[str]:
        """What was chosen."""
        return str(self.cleaned_data["may"]).split()


class SearchChoice(forms.ModelChoiceField):
    """One of the saved searches of an account."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=SavedSearch.objects.none(), empty_label=None, **kwargs)


class WebhookForm(ReaderLook):
    """Which search is told of, and to which address."""

    search = SearchChoice(
        label=_("Saved search"), help_text=_("What joins this list, changes in it or leaves it is told.")
    )
    address = forms.CharField(
        label=_("Address"),
        help_text=_("Of your program, on the public internet: https://… It gets an HTTP POST for each message."),
        max_length=LONGEST_ADDRESS,
        widget=forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_account: Any = self.fields["search"]
        of_account.queryset = SavedSearch.objects.filter(user=user.pk)
