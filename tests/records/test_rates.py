"""Feeds, calendars and files of pages: how often one address may ask, and what it is told."""

import pytest
from django.urls import reverse

from tests.factories import MeetingFactory
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

FEEDS = ["/meetings/feed/", "/meetings/calendar.ics", "/actors/feed/?kind=person"]
FILES = [
    "/meetings/export/?format=csv",
    "/meetings/export/?format=nonsense",
    "/meetings/{uid}/export/?format=ris",
    "/statements/concordance/export/?q=peace",
    "{selection}export/?format=csv",
]


@pytest.fixture
def few(settings):
    settings.FEED_REQUESTS_PER_MINUTE, settings.FILE_REQUESTS_PER_MINUTE = len(FEEDS), len(FILES)


def test_feeds_and_files_are_counted_by_kind_and_refused_above_it_before_anything_is_read(
    client, few, django_assert_num_queries
):
    words = {"uid": MeetingFactory().uid, "selection": client.post("/meetings/cite/")["Location"]}
    for policy, addresses in (("feeds", FEEDS), ("files", FILES)):
        answers = [client.get(address.format(**words)) for address in addresses]
        assert {one["RateLimit-Policy"] for one in answers} == {f'"{policy}";q={len(addresses)};w=60'}
        assert [one["RateLimit"].split(";")[1] for one in answers] == [f"r={n}" for n in reversed(range(len(answers)))]
        assert 429 not in {one.status_code for one in answers}
        with django_assert_num_queries(1):
            refused = client.get(addresses[0])
        assert (refused.status_code, refused["Cache-Control"]) == (429, "no-store")
        assert 0 < int(refused["Retry-After"]) <= 60
        assert refused["RateLimit"] == f'"{policy}";r=0;t={refused["Retry-After"]}'
        assert client.get(addresses[0], REMOTE_ADDR="192.0.2.7").status_code == 200


def test_program_is_told_in_lines_and_a_browser_on_a_page(client, settings, django_assert_num_queries):
    settings.FEED_REQUESTS_PER_MINUTE = 1
    client.get("/meetings/feed/")
    lines = client.get("/meetings/feed/", headers={"Accept": "application/atom+xml, */*;q=0.1"})
    with django_assert_num_queries(1):
        page = client.get("/meetings/feed/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    seconds = lines["Retry-After"]
    said = [
        "Too many requests",
        "From one address this site answers 1 request a minute of this kind.",
        f"Ask again in {seconds} second{'s' if seconds != '1' else ''}.",
        "Once in five minutes is enough for a feed or a calendar. One file of a list, or the API, tells more.",
    ]
    assert (lines["Content-Type"], lines.content.decode().splitlines()) == ("text/plain; charset=utf-8", said)
    assert (page.status_code, page["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert "Accept" in page["Vary"].split(", ")
    assert read(page).one("h1").text == said[0]
    assert ("How programs read this site", reverse("api:docs")) in read(page).links(class_="")


def test_program_that_has_the_feed_already_is_counted_and_told_what_is_left(client, settings):
    settings.FEED_REQUESTS_PER_MINUTE = 2
    etag = client.get("/topics/feed/")["ETag"]

    again = client.get("/topics/feed/", headers={"If-None-Match": etag})

    assert (again.status_code, again["RateLimit"].split(";")[1]) == (304, "r=0")


def test_pages_and_lists_have_no_such_limit(client, few):
    assert [client.get(address).has_header("RateLimit") for address in ("/meetings/", "/meetings/cite/")] == [False] * 2
