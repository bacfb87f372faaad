"""Lists of records at the desk: counted up to a bound, narrowed by what is typed, at one cost for any rows."""

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import CharField, Func
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from events.admin.meetings import MeetingAdmin
from events.models import Meeting, MeetingTopic, Statement, StatementTopic
from records.admin import listing
from records.admin.finding import found_in_order
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


def test_list_that_takes_too_long_says_so_and_keeps_what_was_asked(admin_client, monkeypatch):
    MeetingFactory(title="Talks", state="draft")
    monkeypatch.setattr(MeetingAdmin, "for_list", lambda _self, rows: rows.annotate(slept=_Slept()))
    monkeypatch.setattr(listing, "PATIENCE", 0.05)

    page = shown(admin_client, Meeting, q="talks", state__exact="draft")

    assert "This search takes too long: add a word or a filter." in page.content.decode()
    assert 'name="q" value="talks"' in page.content.decode()
    assert list(page.context["cl"].result_list) == []
    # The connection is as it was before.
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_selection_of_a_list_that_takes_too_long_is_refused_in_words(admin_client, monkeypatch):
    meeting = MeetingFactory(title="Talks", state="draft")
    monkeypatch.setattr(MeetingAdmin, "for_list", lambda _self, rows: rows)
    monkeypatch.setattr(
        MeetingAdmin, "get_queryset", lambda _self, _request: Meeting.objects.annotate(slept=_Slept()).filter(slept="")
    )
    monkeypatch.setattr(listing, "PATIENCE", 0.05)

    sent = {"action": "submit_selected", "_selected_action": [meeting.pk], "index": "0"}
    page = admin_client.post(reverse("admin:events_meeting_changelist"), sent, follow=True)

    assert "This takes too long: add a word or a filter." in page.content.decode()


class _Slept(Func):
    template = "pg_sleep(0.2)::text"
    output_field = CharField()


@pytest.mark.parametrize(
    ("typed", "titles_found"),
    [
        ("talks", ["Talks in Moscow", "Talks on energy", "Talks on trade"]),
        ("talks -trade", ["Talks in Moscow", "Talks on energy"]),
        ("talks energy", ["Talks on energy"]),
        ("energy or trade", ["Summit", "Talks on energy", "Talks on trade"]),
        ("talks moscow", ["Talks in Moscow", "Talks on trade"]),
        ("summit", ["Summit"]),
        ("nothing", []),
    ],
)
@pytest.mark.parametrize("counted", [0, 1, 10_000])
def test_search_finds_the_same_whether_words_are_common_or_rare(
    admin_client, monkeypatch, counted, typed, titles_found
):
    moscow = PlaceFactory(name="Moscow")
    for title in ("Talks in Moscow", "Talks on energy", "Summit"):
        MeetingFactory(title=title, state="draft")
    MeetingFactory(title="Talks on trade", place=moscow)
    ParticipationFactory(meeting=Meeting.objects.get(title="Summit"), actor=PersonFactory(name="Energy Ministry"))
    rows = found_in_order(MeetingAdmin.search, Meeting.objects.all(), typed, most=counted)

    assert sorted(rows.values_list("title", flat=True)) == titles_found


def test_words_are_asked_of_each_record_only_when_all_of_them_are_common():
    for title in ("Talks on trade", "Talks on energy"):
        MeetingFactory(title=title)

    asked = {
        typed: MeetingAdmin.search.matches_each(typed, most=1) is not None
        for typed in ("talks", "trade", "talks trade", "trade or talks", "-talks", "")
    }

    assert asked == {
        "talks": True,
        "trade": False,
        "talks trade": False,
        "trade or talks": True,
        "-talks": False,
        "": False,
    }
