"""The rules of webhooks, their messages and kept answers: in the form with words, in the database by name."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from readers import searches
from readers.models import Delivery, Webhook
from records.models import SentRequest
from tests.refusals import Refusal, database_says, form_says

pytestmark = pytest.mark.django_db


def ana():
    return get_user_model().objects.get_or_create(username="ana")[0]


def webhook(**values):
    search = searches.save(user=ana(), list_name="meeting", query="", name="Watched")
    given = {"search": search, "address": "https://hooks.example.org/told", "told": b"-", "cursor": "-"}
    return Webhook(**{**given, **values})


def address_twice():
    one = webhook()
    one.save()
    return Webhook(search=one.search, address=one.address, told=b"-", cursor="-")


def message(**values):
    followed = webhook()
    followed.save()
    return Delivery(**{"webhook": followed, "items": [], "cursor": "-", "made_at": timezone.now(), **values})


def key_twice():
    given = {
        "owner": ana(),
        "key": "f3a1",
        "digest": "0" * 64,
        "status": 201,
        "headers": {"ETag": "1"},
        "body": {"n": 1},
    }
    SentRequest.objects.create(**given)
    return SentRequest(**given)


REFUSALS = [
    Refusal(
        Webhook,
        "webhook_address_once_per_search",
        address_twice,
        {"__all__": ["This address is told of this search already."]},
    ),
    Refusal(Webhook, "webhook_has_address", lambda: webhook(address=""), {"address": ["This field cannot be blank."]}),
    Refusal(
        Webhook,
        "webhook_off_has_reason",
        lambda: webhook(is_on=False),
        {"__all__": ["A webhook that is off says why and since when."]},
    ),
    Refusal(
        Delivery,
        "delivery_state_is_known",
        lambda: message(state="lost", items=[[1, "7rqkn0b6z4", "joined", True]]),
        {"state": ["Value 'lost' is not a valid choice."]},
    ),
    Refusal(
        SentRequest,
        "sent_request_once_per_key",
        key_twice,
        {"__all__": ["Request with a key with this Sent by and Key already exists."]},
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_a_person(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name
