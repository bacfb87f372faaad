"""Lists of records at the desk: counted up to a bound, narrowed by what is typed, at one cost for any rows."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting, MeetingTopic, Statement, StatementTopic
from records.admin import listing
from records.models import Assignment, Identified
from tests.factories import (
    FormulaFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LISTED = [model for model in admin.site._registry if issubclass(model, Identified)]


def shown(client, model, **query):
    page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), query)
    assert page.status_code == 200, page.get("Location")
    return page


def titles(client, **query):
    return sorted(meeting.title for meeting in shown(client, Meeting, **query).context["cl"].result_list)


def test_list_is_counted_and_paged_up_to_a_bound(admin_client, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 60)
    PersonFactory.create_batch(60)

    page = shown(admin_client, Actor)
    assert (page.context["cl"].result_count, page.context["cl"].is_more) == (60, False)
    PersonFactory()
    page = shown(admin_client, Actor, p=2)

    assert (page.context["cl"].result_count, page.context["cl"].is_more) == (60, True)
    assert len(page.context["cl"].result_list) == 10
    assert "More than 60 actors" in page.content.decode()
    assert "Select all, more than 60 actors" in page.content.decode()


def test_list_never_counts_everything(admin_client):
    MeetingFactory()

    with CaptureQueriesContext(connection) as told:
        shown(admin_client, Meeting)

    counts = [query["sql"] for query in told if "COUNT(*)" in query["sql"] and "events_meeting" in query["sql"]]
    assert counts
    assert all(f"LIMIT {listing.COUNTED + 1}" in sql for sql in counts)


def test_meetings_are_narrowed_by_what_an_editor_asks(admin_client, admin_user):
    asia = TopicFactory(name="Asia")
    china = TopicFactory(name="China", parent=asia)
    moscow = PlaceFactory(name="Moscow")
    kremlin = PlaceFactory(name="Kremlin", kind="venue", parent=moscow)
    series, wang = SeriesFactory(name="Consultations"), PersonFactory(name="Wang Yi")
    talks = MeetingFactory(title="talks", date="2023-02", place=kremlin, series=series)
    ParticipationFactory(meeting=talks, actor=wang)
    MeetingTopic.objects.create(meeting=talks, topic=china)
    MeetingFactory(title="summit", date="2024-05-16", place=None)
    Assignment.objects.create(record_id=talks.uid, user=admin_user)

    questions = [
        {"actor": wang.pk},
        {"topic": asia.pk},
        {"series": series.pk},
        {"place": moscow.pk},
        {"to": "2023-02-10"},
        {"from": "2023-02-10", "to": "2023"},
        {"assigned": "admin"},
    ]
    assert [titles(admin_client, **question) for question in questions] == [["talks"]] * len(questions)
    assert titles(admin_client, **{"from": "2024"}) == ["summit"]
    assert titles(admin_client, topic=TopicFactory(name="Arctic").pk) == []
    assert titles(admin_client, changed="2020") == ["summit", "talks"]
    assert titles(admin_client, changed="2999-01-01") == []
    assert titles(admin_client, by="admin") == []
    # Not the default for a missing answer.
    assert titles(admin_client, actor="", **{"from": ""}) == ["summit", "talks"]


def test_statements_are_narrowed_by_speaker_topic_and_meeting(admin_client):
    talks, wang, peace = MeetingFactory(), PersonFactory(name="Wang Yi"), TopicFactory(name="Peace")
    said = StatementFactory(title="remarks", meeting=talks)
    SpeakerFactory(statement=said, actor=wang)
    StatementTopic.objects.create(statement=said, topic=peace)
    StatementFactory(title="post")

    for question in ({"actor": wang.pk}, {"topic": peace.pk}, {"meeting": talks.pk}):
        assert list(shown(admin_client, Statement, **question).context["cl"].result_list) == [said]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("actor", "x"),
        ("actor", "999999999"),
        ("actor", "99999999999999999999999"),
        ("from", "yesterday"),
        ("assigned", "nobody-of-that-name"),
        ("topic", "1\x00"),
    ],
)
def test_wrong_answer_is_said_and_finds_nothing(admin_client, name, typed):
    MeetingFactory()

    page = shown(admin_client, Meeting, **{name: typed})

    [spec] = [one for one in page.context["cl"].filter_specs if isinstance(one, listing.NarrowingFilter)]
    assert (list(spec.form.errors), list(page.context["cl"].result_list)) == ([name], [])


def test_form_that_narrows_keeps_the_other_filters(admin_client):
    MeetingFactory(title="talks", state="draft")

    page = shown(admin_client, Meeting, state__exact="draft", q="talks", o="2", p="1")

    [spec] = [one for one in page.context["cl"].filter_specs if isinstance(one, listing.NarrowingFilter)]
    [told] = spec.choices(page.context["cl"])
    assert told == {
        "others": [("o", "2"), ("q", "talks"), ("state__exact", "draft")],
        "clear": "?o=2&q=talks&state__exact=draft",
        "is_used": False,
    }


MAKERS = {
    "actor": PersonFactory,
    "meeting": lambda: ParticipationFactory(meeting=MeetingFactory(place=PlaceFactory())),
    "statement": lambda: SpeakerFactory(statement=StatementFactory(meeting=MeetingFactory())),
    "topic": TopicFactory,
    "place": PlaceFactory,
    "series": SeriesFactory,
    "source": SourceFactory,
    "formula": FormulaFactory,
    "office": TenureFactory,
    "tenure": TenureFactory,
}


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.model_name)
def test_list_costs_the_same_for_one_row_and_for_three(admin_client, model):
    make, costs = MAKERS[model._meta.model_name], []
    shown(admin_client, model)
    for number in (1, 2):
        for _one in range(number):
            make()
        with CaptureQueriesContext(connection) as told:
            shown(admin_client, model)
        costs.append(len(told))

    assert costs[0] == costs[1]
