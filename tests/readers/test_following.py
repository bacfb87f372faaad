"""Lists as feeds and calendars, as a program reads them."""

import re
from datetime import date, datetime
from time import time
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils.http import http_date
from icalendar import Calendar

from events.models import Meeting, MeetingTopic
from events.views.lists import LISTS
from records.services import withdraw
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


def feed(client, address, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def titles(root):
    return [one.text for one in root.findall("atom:entry/atom:title", ATOM)]


def links(root):
    return {one.get("rel"): one.get("href") for one in root.findall("atom:link", ATOM)}


def events(client, address="/meetings/calendar.ics"):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = Calendar.from_ical(response.content)
    return {str(one["uid"]).partition("@")[0]: one for one in calendar.walk("VEVENT")}, calendar


@pytest.fixture
def talks():
    wang = factories.PersonFactory(name="Wang Yi")
    moscow = factories.MeetingFactory(title="Wang Yi in Moscow", place=factories.PlaceFactory(name="Moscow"))
    factories.ParticipationFactory(meeting=moscow, actor=wang)
    factories.ParticipationFactory(meeting=moscow, actor=factories.PersonFactory(name="Hidden", state="draft"))
    MeetingTopic.objects.create(meeting=moscow, topic=factories.TopicFactory(name="Ukraine"))
    factories.MeetingFactory(title="Call", date="2024")
    factories.MeetingFactory(title="Secret", state="draft")
    return {"wang": wang, "moscow": Meeting.objects.get(pk=moscow.pk)}


def test_feed_tells_what_changed_latest_first_and_nothing_hidden(client, talks):
    root = feed(client, "/meetings/feed/")

    assert titles(root) == ["Call (2024)", "Wang Yi in Moscow (21 February 2023)"]
    assert links(root) == {
        "alternate": "http://testserver/meetings/",
        "self": "http://testserver/meetings/feed/",
        "first": "http://testserver/meetings/feed/",
    }
    moscow = root.findall("atom:entry", ATOM)[1]
    told = {one.tag.partition("}")[2]: one.text for one in moscow}
    meeting = talks["moscow"]
    assert told["id"] == f"tag:127.0.0.1,2026:meeting:{meeting.uid}"
    assert datetime.fromisoformat(told["updated"]) == meeting.updated_at
    assert datetime.fromisoformat(told["published"]) == meeting.published_at
    assert moscow.find("atom:category", ATOM).get("term") == "Ukraine"
    assert moscow.find("atom:link", ATOM).get("href") == f"http://testserver{meeting.get_absolute_url()}"
    assert "Wang Yi" in told["summary"]
    assert "Hidden" not in told["summary"]


def test_feed_follows_the_filters_of_its_list_and_names_them(client, talks):
    root = feed(client, f"/meetings/feed/?actor={talks['wang'].uid}")

    assert titles(root) == ["Wang Yi in Moscow (21 February 2023)"]
    assert root.find("atom:title", ATOM).text == "Readout: Meetings (Participant: Wang Yi)"
    assert links(root)["alternate"] == f"http://testserver/meetings/?actor={talks['wang'].uid}"


def test_feed_has_pages_that_lead_to_each_other(client):
    for number in range(5):
        factories.MeetingFactory(title=f"Round {number}", date="2023")

    first = feed(client, "/meetings/feed/?page_size=2")
    second = feed(client, links(first)["next"])
    third = feed(client, links(second)["next"])

    assert titles(first) + titles(second) + titles(third) == [f"Round {number} (2023)" for number in (4, 3, 2, 1, 0)]
    assert links(second)["previous"] == links(second)["first"] == links(first)["self"]
    assert "next" not in links(third)


def test_withdrawn_record_leaves_the_feed_and_whoever_asks_by_date_hears_of_it(client, talks):
    a_second_ago = http_date(time() - 1)

    withdraw(record=talks["moscow"], by=None, reason="Denied by both sides.")

    after = feed(client, "/meetings/feed/", **{"if-modified-since": a_second_ago})
    assert titles(after) == ["Call (2024)"]


@pytest.mark.parametrize("address", ["/meetings/feed/", "/meetings/calendar.ics"])
def test_program_that_has_the_list_already_is_told_so(client, talks, address):
    first = client.get(address)

    again = client.get(address, headers={"if-none-match": first["ETag"]})
    talks["wang"].name = "Wang Yi (foreign minister)"
    talks["wang"].save()
    renamed = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert renamed.status_code == 200


@pytest.mark.parametrize("address", ["/meetings/feed/", "/meetings/calendar.ics"])
def test_refused_filters_are_named_and_nothing_is_listed(client, talks, address):
    response = client.get(f"{address}?actor=nobody&colour=red&page=0")

    assert response.status_code == 400
    text = response.content.decode()
    assert "actor: there is no public record with the id “nobody”." in text
    assert "colour: there is no such parameter." in text
    assert "page: give a number from 1 to 100." in text
    assert "Moscow" not in text


@pytest.mark.parametrize("view", LISTS.values(), ids=lambda view: view.name)
def test_every_list_has_a_feed_that_costs_the_same_for_one_entry_and_for_three(
    client, view, django_assert_max_num_queries
):
    make = {
        "meeting": factories.MeetingFactory,
        "statement": factories.StatementFactory,
        "actor": factories.PersonFactory,
        "topic": factories.TopicFactory,
        "place": factories.PlaceFactory,
        "series": factories.SeriesFactory,
        "source": factories.SourceFactory,
        "formula": factories.FormulaFactory,
    }[view.name]
    address = reverse(f"readers:{view.name}-feed")
    make()
    feed(client, address)
    with django_assert_max_num_queries(12) as one:
        feed(client, address)
    make(), make()
    with django_assert_max_num_queries(len(one)) as three:
        assert len(titles(feed(client, address))) == 3

    assert len(three) == len(one)


def test_meeting_of_a_known_day_is_an_event_of_that_day(client, talks):
    meeting = talks["moscow"]
    event = events(client)[0][meeting.uid]

    assert (event.start, event.end) == (date(2023, 2, 21), date(2023, 2, 22))
    assert str(event["summary"]) == "Wang Yi in Moscow"
    assert str(event["location"]) == "Moscow"
    assert (event["sequence"], str(event["status"])) == (meeting.version - 1, "CONFIRMED")
    assert str(event["url"]) == f"http://testserver{meeting.get_absolute_url()}"
    assert event.categories == ["Ukraine"]
    assert "Hidden" not in str(event["description"])


@pytest.mark.parametrize(
    ("typed", "days", "name"),
    [
        ("2023-02-20/2023-02-22", (date(2023, 2, 20), date(2023, 2, 23)), "Talks"),
        ("2023-02", (date(2023, 2, 1), date(2023, 3, 1)), "Talks (date uncertain: February 2023)"),
        (
            "[2025-12-01..2025-12-02]",
            (date(2025, 12, 1), date(2025, 12, 3)),
            "Talks (date uncertain: between 1 and 2 December 2025)",
        ),
    ],
)
def test_meeting_known_to_the_month_lies_on_all_days_it_can_have_been(client, typed, days, name):
    meeting = factories.MeetingFactory(title="Talks", date=typed)
    event = events(client)[0][meeting.uid]

    assert (event.start, event.end) == days
    assert str(event["summary"]).startswith(name.partition(":")[0])
    assert str(event["status"]) == ("CONFIRMED" if name == "Talks" else "TENTATIVE")


def test_calendar_counts_what_no_calendar_can_show(client):
    for typed in ("2023", "", "..2023-03", "2023-02-21"):
        factories.MeetingFactory(date=typed)

    shown, calendar = events(client)

    assert len(shown) == 1
    assert str(calendar["x-wr-caldesc"]) == "3 meetings are not shown: their dates are not known to the month."


@pytest.mark.parametrize(
    ("status", "told"), [("held", "CONFIRMED"), ("announced", "TENTATIVE"), ("cancelled", "CANCELLED")]
)
def test_status_of_a_meeting_is_that_of_its_event(client, status, told):
    meeting = factories.MeetingFactory(status=status)

    assert str(events(client)[0][meeting.uid]["status"]) == told


def test_list_leads_to_its_feed_and_calendar_with_its_filters(client, talks):
    page = client.get("/meetings/?mode=in-person").content.decode()

    assert re.findall(r'<link rel="alternate"[^>]*href="([^"]*)"', page) == [
        "/meetings/feed/?mode=in-person",
        "/meetings/calendar.ics?mode=in-person",
    ]
    assert 'href="/statements/feed/"' in client.get("/statements/").content.decode()
