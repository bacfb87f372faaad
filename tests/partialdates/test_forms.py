import json

import pytest
from django import forms
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import AdminSite
from django.test import RequestFactory
from django.urls import reverse

from partialdates import PartialDate
from partialdates.forms import PartialDateFormField, PartialDateInput
from partialdates.views import read
from tests.partialdates.models import Office, Talks


class TalksForm(forms.ModelForm):
    class Meta:
        model = Talks
        fields = ["date"]


class DateForm(forms.Form):
    date = PartialDateFormField(required=False)


def test_form_cleans_text_to_a_partial_date():
    form = TalksForm({"date": " 2023-2-21 "})
    assert form.is_valid()
    assert form.cleaned_data == {"date": PartialDate.parse("2023-02-21")}
    assert form.instance.date_outer == PartialDate.parse("2023-02-21").outer


def test_blank_is_the_unknown_date_unless_the_field_is_required():
    form = TalksForm({"date": " "})
    assert form.is_valid()
    assert form.cleaned_data == {"date": PartialDate.UNKNOWN}
    required = forms.modelform_factory(Office, fields=["held"])({"held": ""})
    assert required.errors == {"held": ["This field is required."]}


def test_refused_text_is_shown_again_as_typed_with_its_message_and_suggestion():
    form = TalksForm({"date": "21/02/2023"})
    message = "Not understood. Did you mean 2023-02-21? Type a date as 2023-02-21, 2023-02 or 2023."
    assert form.errors == {"date": [message]}
    html = form["date"].as_widget()
    assert 'value="21/02/2023"' in html
    assert 'data-suggestion="2023-02-21"' in html
    assert "hidden" not in html


def test_widget_shows_the_reading_of_its_first_value():
    html = TalksForm(instance=Talks(date="..2023-03"))["date"].as_widget()
    assert 'value="[..2023-02]"' in html
    assert ">before March 2023</output>" in html
    assert f'data-reading-url="{reverse("partialdates:read")}"' in html
    assert "style=" not in html
    assert "onclick" not in html


def test_widget_escapes_what_was_typed():
    html = TalksForm({"date": '"><script>'})["date"].as_widget()
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("initial", "typed", "changed"),
    [
        ("2023-02", "2023-2", False),
        (PartialDate.parse("2023-02"), " 2023-02", False),
        ("", "", False),
        (None, "", False),
        ("2023-02", "2023-03", True),
        ("2023-02", "", True),
        ("2023-02", "nonsense", True),
    ],
)
def test_form_has_changed_only_when_the_date_has(initial, typed, changed):
    assert DateForm({"date": typed}, initial={"date": initial}).has_changed() == changed


def test_admin_uses_the_widget_with_the_reading_and_keeps_the_help():
    field = ModelAdmin(Talks, AdminSite()).formfield_for_dbfield(Talks._meta.get_field("date"), request=None)
    assert isinstance(field, PartialDateFormField)
    assert isinstance(field.widget, PartialDateInput)
    assert str(field.help_text).startswith("As far as known: 2023-02-21, 2023-02, 2023")


def test_hidden_input_is_respected():
    field = Talks._meta.get_field("date").formfield(widget=forms.HiddenInput)
    assert isinstance(field.widget, forms.HiddenInput)


def answer(text):
    return json.loads(read(RequestFactory().get("/dates/read/", {"text": text})).content)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2023-2",
            {
                "valid": True,
                "edtf": "2023-02",
                "text": "February 2023",
                "earliest": "2023-02-01",
                "latest": "2023-02-28",
                "message": "",
                "suggestion": "",
            },
        ),
        (
            "",
            {
                "valid": True,
                "edtf": "",
                "text": "date unknown",
                "earliest": None,
                "latest": None,
                "message": "",
                "suggestion": "",
            },
        ),
        (
            "2023-13",
            {
                "valid": False,
                "edtf": "",
                "text": "",
                "earliest": None,
                "latest": None,
                "message": "There is no month 13. Did you mean 2023-12?",
                "suggestion": "2023-12",
            },
        ),
    ],
)
def test_reading_answers_with_what_was_understood(text, expected):
    assert answer(text) == expected


def test_reading_only_answers_questions():
    assert read(RequestFactory().post("/dates/read/")).status_code == 405
