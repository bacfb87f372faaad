"""The rules of what readers keep and send, in the form and in the database."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS

from readers import holdings
from readers.models import Correction, Letter, SavedSearch
from tests import factories
from tests.refusals import Refusal, database_says, form_says

ROW = NON_FIELD_ERRORS


def correction(**values):
    return factories.CorrectionFactory.build(record_id=factories.MeetingFactory().uid, **values)


def search(**values):
    user = get_user_model().objects.get_or_create(username="ana")[0]
    return SavedSearch(user=user, list="meeting", told=holdings.pack([]), **{"name": "Calls", **values})


def name_twice():
    search().save()
    return search(query="mode=phone")


def second_letter():
    user = get_user_model().objects.create_user("ana")
    Letter.objects.create(user=user, day=date(2026, 11, 25), items=[{}])
    return Letter(user=user, day=date(2026, 11, 25), items=[{}])


REFUSALS = [
    Refusal(
        Correction,
        "correction_has_text",
        lambda: correction(text=""),
        {"text": ["This field cannot be blank."]},
    ),
    Refusal(
        Correction,
        "correction_state_is_known",
        lambda: correction(state="lost"),
        {"state": ["Value 'lost' is not a valid choice."]},
    ),
    Refusal(
        Correction,
        "declined_correction_has_reason",
        lambda: correction(state="declined"),
        {ROW: ["Say why it is declined."]},
    ),
    Refusal(
        SavedSearch,
        "saved_search_name_once_per_account",
        name_twice,
        {ROW: ["You have a search of this name already. Choose another name."]},
    ),
    Refusal(
        SavedSearch,
        "saved_search_has_name",
        lambda: search(name=""),
        {"name": ["This field cannot be blank."]},
    ),
    Refusal(
        Letter,
        "one_letter_a_day",
        second_letter,
        {ROW: ["This account has its letter of the day already."]},
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_a_person(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name
