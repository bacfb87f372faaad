"""The pages of a reader who is refused, or whom the site failed: in words, in the look of the site."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from django.urls import include, path

from tests.pages import read

pytestmark = pytest.mark.usefixtures("static_files")


def breaks(_request):
    raise RuntimeError


def refuses(_request):
    raise PermissionDenied


def suspects(_request):
    raise SuspiciousOperation


urlpatterns = [
    path("breaks/", breaks),
    path("refuses/", refuses),
    path("suspects/", suspects),
    path("", include(settings.ROOT_URLCONF)),
]


@pytest.fixture
def visitor(settings):
    """Somebody whose forms are checked, and who is shown the pages of faults."""
    settings.ROOT_URLCONF = __name__
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/suspects/", 400, "This request cannot be read"),
        ("/refuses/", 403, "This is not open to you"),
        ("/nowhere/", 404, "There is no page at this address"),
        # No database is marked for this test: a page that asked it would fail.
        ("/breaks/", 500, "Something broke on our side"),
    ],
)
def test_refusals_and_faults_are_told_in_the_look_of_the_site_without_the_database(visitor, address, status, said):
    answer = visitor.get(address)

    page = read(answer)
    assert answer.status_code == status
    assert [page.one("h1").text, page.one(class_="kicker").text] == [said, str(status)]
    assert ("Meetings", "/meetings/") in page.one("nav").links()
    assert page.one("main").texts("p")[1:] != []


def test_form_that_was_too_old_is_told_apart_from_a_page_that_is_closed(visitor):
    answer = visitor.post("/account/login/", {"username": "reader"})

    assert (answer.status_code, read(answer).one("h1").text) == (403, "The form could not be sent")


@pytest.mark.django_db
def test_address_that_is_asked_in_another_way_says_how_it_is_used(client):
    client.force_login(get_user_model().objects.create_user("reader", "reader@example.org", "a long enough word"))

    asked = client.get("/account/logout/")
    sent = client.delete("/account/tokens/")

    assert (asked.status_code, asked["Allow"]) == (405, "POST, OPTIONS")
    assert "Go back to the page with the form" in read(asked).one("main").text
    assert sent.status_code == 405
    assert ("/account/tokens/", "/account/tokens/") in read(sent).one("main").links()
