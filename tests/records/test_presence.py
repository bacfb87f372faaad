"""Who else is at the form of a record: a note, never a lock."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Meeting
from records.admin import presence
from records.history import event_model
from records.roles import EDITORS, RESEARCHERS
from tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture(autouse=True)
def nobody_there():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def talks():
    return MeetingFactory(title="Talks", state="draft")


@pytest.fixture
def browser(django_user_model):
    def open_browser(name, group=EDITORS):
        user, _made = django_user_model.objects.get_or_create(username=name, is_staff=True)
        user.groups.set([Group.objects.get(name=group)])
        client = Client()
        client.force_login(user)
        return client

    return open_browser


def url_of(meeting, page="change"):
    return f"/admin/events/meeting/{meeting.pk}/{page}/"


def note_on(response):
    return re.findall(r"<p>(\w+) is editing this \(since \d\d:\d\d UTC\)\.</p>", response.content.decode())


def answered(response):
    return [sentence.partition(" ")[0] for sentence in response.json()["words"]]


def test_form_says_who_has_it_open_and_not_oneself(browser, talks):
    anna, boris = browser("anna"), browser("boris")

    assert note_on(anna.get(url_of(talks))) == []
    assert note_on(boris.get(url_of(talks))) == ["anna"]
    assert note_on(anna.get(url_of(talks))) == ["boris"]
    assert note_on(anna.get(url_of(MeetingFactory(state="draft")))) == []


def test_script_of_a_page_asks_and_says_so(browser, talks):
    anna, boris = browser("anna"), browser("boris")

    assert answered(anna.post(url_of(talks, "editing"))) == []
    assert answered(boris.get(url_of(talks, "editing"))) == ["anna"]
    # Asking alone is not being there.
    assert answered(anna.post(url_of(talks, "editing"))) == []
    assert "no-store" in boris.get(url_of(talks, "editing")).headers["Cache-Control"]


def test_who_leaves_is_not_there_and_a_later_page_of_theirs_is(browser, talks):
    anna, boris = browser("anna"), browser("boris")
    anna.post(url_of(talks, "editing"), {"page": "first"})
    anna.post(url_of(talks, "editing"), {"page": "second"})

    anna.post(url_of(talks, "editing"), {"page": "first", "leave": "1"})
    assert answered(boris.get(url_of(talks, "editing"))) == ["anna"]
    left = anna.post(url_of(talks, "editing"), {"page": "second", "leave": "1"})
    assert (left.status_code, answered(boris.get(url_of(talks, "editing")))) == (204, [])


def test_who_is_silent_is_not_there_for_long(browser, talks, monkeypatch):
    anna, boris = browser("anna"), browser("boris")
    monkeypatch.setattr(presence, "SILENCE", -1)
    anna.post(url_of(talks, "editing"), {"page": "first"})

    assert answered(boris.get(url_of(talks, "editing"))) == []


def test_who_was_there_is_there_since_then(talks, django_user_model):
    anna, boris = (django_user_model.objects.create_user(name) for name in ("anna", "boris"))
    presence.arrive(talks, anna, page="first")
    [first] = presence.others_at(talks, boris)
    presence.arrive(talks, anna, page="second")

    [again] = presence.others_at(talks, boris)
    assert (again.since, again.page) == (first.since, "second")


def test_those_who_come_together_have_a_place_each(talks, django_user_model):
    users = [django_user_model.objects.create_user(f"editor {number}") for number in range(presence.PLACES + 2)]
    for user in users:
        presence.arrive(talks, user, page="first")

    there = [one.name for one in presence.others_at(talks, users[-1])]
    assert there == [user.username for user in users[: presence.PLACES]]


def test_saving_and_going_on_stays_and_saving_and_leaving_leaves(browser, talks):
    from tests.events.test_admin import form

    anna, boris = browser("anna"), browser("boris")
    anna.get(url_of(talks))
    sent = form(loaded_version=talks.version)
    anna.post(url_of(talks), {**sent, "_continue": ""})
    assert answered(boris.get(url_of(talks, "editing"))) == ["anna"]

    anna.post(url_of(talks), {**sent, "loaded_version": Meeting.objects.get().version, "_save": ""})
    assert answered(boris.get(url_of(talks, "editing"))) == []


def test_being_there_is_no_change(browser, talks):
    events = event_model(Meeting).objects.count()
    anna = browser("anna")
    anna.get(url_of(talks))
    anna.post(url_of(talks, "editing"), {"page": "first"})

    talks.refresh_from_db()
    assert (talks.version, event_model(Meeting).objects.count()) == (1, events)


def test_only_who_may_change_the_record_is_said_to(browser, client, talks):
    researcher = browser("olga", RESEARCHERS)

    assert researcher.get(url_of(talks, "editing")).status_code == 200
    assert researcher.post(url_of(talks, "editing")).status_code == 403
    assert client.get(url_of(talks, "editing")).status_code == 302
    assert browser("anna").post("/admin/events/meeting/0/editing/").status_code == 404
    assert browser("anna").delete(url_of(talks, "editing")).status_code == 405
    assert presence.others_at(talks, type("Nobody", (), {"pk": None})) == []


def test_asking_costs_the_same_for_few_and_many(browser, talks, django_user_model):
    boris = browser("boris")
    costs = []
    for number in range(3):
        presence.arrive(talks, django_user_model.objects.create_user(f"editor {number}"), page="first")
        with CaptureQueriesContext(connection) as queries:
            boris.get(url_of(talks, "editing"))
        costs.append(len(queries))

    assert costs[0] == costs[1] == costs[2]
