from datetime import date

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget, RelatedFieldWidgetWrapper
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from actors.models import Actor
from records.admin.rendering import FormRenderer

NASTY = "\"<b>' & О'Нил ’"
ATTRS = {
    "id": f"id{NASTY}",
    "class": "vTextField",
    "required": True,
    "hidden": False,
    "data-x": 1000,
    "data-none": None,
}
VALUES = [None, "", 0, 1234567, 1.5, NASTY, mark_safe("<i>&amp;</i>"), gettext_lazy("Yes"), date(2024, 5, 1)]
CHOICES = [
    ("", "---------"),
    (1, 1234567),
    (NASTY, NASTY),
    ("lazy", gettext_lazy("Yes")),
    ("safe", mark_safe("<i>")),
    (f"group {NASTY}", [("a", "A"), ("b", NASTY)]),
]
WIDGETS = [
    forms.TextInput,
    forms.NumberInput,
    forms.HiddenInput,
    forms.CheckboxInput,
    forms.URLInput,
    forms.EmailInput,
    forms.DateInput,
    forms.PasswordInput,
    forms.Textarea,
    AdminURLFieldWidget,
]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_each_widget_is_written_as_django_writes_it(widget, language):
    with override(language):
        for value in VALUES:
            ours, theirs = (
                widget(attrs=ATTRS).render(f"name{NASTY}", value, renderer=renderer())
                for renderer in (FormRenderer, DjangoTemplates)
            )
            assert ours == theirs


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.RadioSelect])
def test_each_choosing_widget_is_written_as_django_writes_it(widget, language):
    with override(language):
        for value in (None, "", 1, "b", NASTY, ["a", "lazy"], True):
            ours, theirs = (
                widget(attrs=ATTRS, choices=CHOICES).render(f"name{NASTY}", value, renderer=renderer())
                for renderer in (FormRenderer, DjangoTemplates)
            )
            assert ours == theirs


@pytest.mark.parametrize("verb", [None, "add", "change", "delete", "view"])
@pytest.mark.parametrize("inner", [forms.Select, forms.HiddenInput])
def test_links_beside_a_choosing_field_are_those_of_django(verb, inner):
    link = Actor._meta.get_field("home_state").remote_field
    can = {f"can_{one}_related": one == verb for one in ("add", "change", "delete", "view")}
    for language in ("en", "ru"):
        with override(language):
            ours, theirs = (
                RelatedFieldWidgetWrapper(inner(attrs={"id": "x"}), link, admin.site, **can).render(
                    f"name{NASTY}", NASTY, renderer=renderer()
                )
                for renderer in (FormRenderer, DjangoTemplates)
            )
            assert parse_html(ours) == parse_html(theirs)


class Refused(forms.Form):
    text = forms.CharField(label=NASTY, help_text=NASTY, max_length=3)
    number = forms.IntegerField(label=mark_safe("<i>n</i>"), required=False)
    kind = forms.ChoiceField(choices=CHOICES, initial="b")


@pytest.mark.parametrize("sent", [None, {}, {"text": NASTY, "number": NASTY, "kind": NASTY}])
def test_whole_form_with_its_labels_and_errors_is_written_as_django_writes_it(sent):
    ours, theirs = (Refused(sent, renderer=renderer()) for renderer in (FormRenderer, DjangoTemplates))
    for form in (ours, theirs):
        if sent is not None:
            form.add_error(None, NASTY)

    assert str(ours) == str(theirs)
    for name in Refused.base_fields:
        assert str(ours[name].errors) == str(theirs[name].errors)
        assert ours[name].label_tag(attrs={"class": NASTY}) == theirs[name].label_tag(attrs={"class": NASTY})
