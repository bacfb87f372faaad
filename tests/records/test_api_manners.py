"""Copies that are still good, caches, other sites, and how often one may ask."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import include, path
from django.utils.http import http_date
from rest_framework.response import Response

from actors.models import Actor
from readers import tokens
from records.api.manners import Deprecation
from records.api.views import ApiView
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LEAVING = Deprecation(
    since=datetime(2027, 1, 1, tzinfo=UTC), sunset=datetime(2028, 1, 1, tzinfo=UTC), link="https://readout.example/why"
)


class LeavingView(ApiView):
    deprecation = LEAVING

    def get(self, request):
        return Response({})


urlpatterns = [path("api/v1/leaving/", LeavingView.as_view()), path("", include("config.urls"))]


def get(client, address, **extra):
    return client.get(f"/api/v1/{address}", **extra)


@pytest.mark.parametrize(
    "address", ["meetings/", "meetings/mtg0000001/", "meetings/facets/", "meetings/histogram/", ""]
)
def test_copy_that_is_still_good_is_not_sent_again(client, address):
    factories.MeetingFactory(uid="mtg0000001", date="2023")
    tag = get(client, address)["ETag"]
    again = get(client, address, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert "s-maxage" in again["Cache-Control"]
    assert client.head(f"/api/v1/{address}")["ETag"] == tag


@pytest.mark.parametrize("address", ["meetings/", "meetings/mtg0000001/", "meetings/facets/"])
def test_copy_is_no_longer_good_when_anything_it_tells_has_changed(client, address):
    meeting = factories.MeetingFactory(uid="mtg0000001")
    host = factories.ParticipationFactory(meeting=meeting, actor=factories.PersonFactory(name="Wang Yi")).actor
    tag = get(client, address)["ETag"]
    Actor.objects.filter(pk=host.pk).update(name="Wang Yi (minister)")  # the meeting itself is the same
    again = get(client, address, HTTP_IF_NONE_MATCH=tag)
    assert again.status_code == 200
    assert "Wang Yi (minister)" in again.content.decode()


def test_tag_of_a_record_begins_with_its_version_and_differs_by_what_is_chosen(client):
    meeting = factories.MeetingFactory()
    meeting.title = "Talks"
    meeting.save()
    whole, part = get(client, f"meetings/{meeting.uid}/"), get(client, f"meetings/{meeting.uid}/?fields=uid")
    assert whole["ETag"].startswith('"2-')
    assert whole["ETag"] != part["ETag"]


def test_no_time_of_a_change_hides_that_a_linked_record_changed(client):
    meeting = factories.MeetingFactory()
    address = f"meetings/{meeting.uid}/"
    assert "Last-Modified" not in get(client, address)
    later = http_date(time.time() + 60)
    assert get(client, address, HTTP_IF_MODIFIED_SINCE=later).status_code == 200


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("meetings/", "public, max-age=0, s-maxage=60, stale-while-revalidate=60"),
        ("meetings/0123456789/", "public, max-age=0, s-maxage=60"),
        ("meetings/?x=1", "no-store"),
    ],
)
def test_caches_are_told_how_long_to_keep_an_answer(client, address, kept):
    response = get(client, address)
    assert response["Cache-Control"] == kept
    assert {"Accept", "Accept-Language"} <= set(response["Vary"].split(", "))
    assert "Cookie" not in response["Vary"]


@pytest.mark.parametrize("address", ["/api/v1/meetings/", "/api/v1/meetings/?x=1", "/api/nothing/"])
def test_page_of_another_site_may_read(client, address):
    response = client.get(address, HTTP_ORIGIN="https://dashboard.example")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_browser_that_asks_beforehand_is_told_what_it_may(client):
    response = client.options(
        "/api/v1/meetings/", HTTP_ORIGIN="https://dashboard.example", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET"
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
    asked = {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Readout-Reason"}
    assert asked <= set(response["Access-Control-Allow-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in response


def test_pages_are_not_opened_to_other_sites(client):
    assert "Access-Control-Allow-Origin" not in client.get("/meetings/", HTTP_ORIGIN="https://dashboard.example")


@pytest.mark.urls(__name__)
def test_address_that_will_go_says_so(client):
    response = get(client, "leaving/")
    assert (response["Deprecation"], response["Sunset"]) == ("@1798761600", "Sat, 01 Jan 2028 00:00:00 GMT")
    assert response["Link"] == '<https://readout.example/why>; rel="deprecation"; type="text/html"'


# Throttles


def test_limit_is_stated_counted_down_and_kept(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    first, second, third = (get(client, "meetings/") for _ in range(3))
    assert first["RateLimit-Policy"] == '"address";q=2;w=60'
    assert [one["RateLimit"].split(";")[1] for one in (first, second, third)] == ["r=1", "r=0", "r=0"]
    assert [one.status_code for one in (first, second, third)] == [200, 200, 429]
    assert third.json()["type"] == "urn:readout:problem:too-many-requests"
    assert 0 < int(third["Retry-After"]) <= 60
    assert third["Cache-Control"] == "no-store"


def test_every_address_is_counted_by_itself(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    assert get(client, "", REMOTE_ADDR="192.0.2.1").status_code == 200
    assert get(client, "", REMOTE_ADDR="192.0.2.2").status_code == 200
    assert get(client, "", REMOTE_ADDR="192.0.2.1").status_code == 429


def test_forged_forwarding_makes_no_new_caller(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    assert get(client, "", HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 200
    assert get(client, "", HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 429


def test_token_may_ask_more_often_than_an_address_and_is_counted_by_itself(client, settings, editor):
    settings.API_REQUESTS_PER_MINUTE, settings.API_TOKEN_REQUESTS_PER_MINUTE = 1, 2
    mirror, dashboard = (tokens.make(user=editor, name=name, scopes=["read"], days=30)[1] for name in ("A", "B"))

    def asked(secret):
        return get(client, "", headers={"Authorization": f"Bearer {secret}"})

    first, second, third = (asked(mirror) for _ in range(3))
    assert (first["RateLimit-Policy"], first["RateLimit"][:11]) == ('"token";q=2;w=60', '"token";r=1')
    assert [one.status_code for one in (second, third, asked(dashboard), get(client, ""))] == [200, 429, 200, 200]
    assert get(client, "").status_code == 429


def test_wrong_tokens_count_for_the_address_that_sends_them(client, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [get(client, "", headers={"Authorization": "Bearer readout_wrong"}) for _ in range(3)]
    assert [one.status_code for one in answers] == [401, 401, 429]
    assert answers[0]["RateLimit"][:13] == '"address";r=1'


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_each_counted(settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000

    def ask(_number):
        try:
            return Client().get("/api/v1/")["RateLimit"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(ask, range(40)))
    left = [int(one.split("r=")[1].split(";")[0]) for one in told]
    assert len(set(left)) == 40
