import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from records import desk, discussion
from records.context import history_context
from records.models import State
from records.patrol import kinds_of_records
from records.roles import EDITORS, RESEARCHERS, REVIEWERS
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SeriesFactory,
    StatementFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def member(django_user_model):
    def make(name, group=EDITORS):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


def on_desk(user):
    """The counts on somebody's desk, by list and kind of record."""
    counts, _comments = desk.counts_for(user, kinds_of_records())
    return {(count.list.name, count.model._meta.model_name): count.number for count in counts}


def made_by(user, factory, **values):
    with history_context(user=user):
        return factory(**values)


def test_drafts_are_on_the_desk_of_who_began_them(member):
    anna, boris = member("anna"), member("boris")
    made_by(anna, PersonFactory, state="draft")
    made_by(anna, PersonFactory, state="published")

    assert [on_desk(user).get(("my-drafts", "actor")) for user in (anna, boris)] == [1, None]


def test_submitted_records_wait_for_reviewers_who_did_not_write_them(member):
    anna, boris, chen = member("anna"), member("boris", REVIEWERS), member("chen", REVIEWERS)
    made_by(anna, PersonFactory, state="review")
    made_by(boris, PersonFactory, state="review")
    PersonFactory(state="review")

    waiting = [on_desk(user).get(("to-review", "actor")) for user in (anna, boris, chen)]
    assert waiting == [None, 2, 3]


def test_changed_published_records_wait(member):
    anna = member("anna")
    PersonFactory()
    made_by(anna, PersonFactory, state="published")

    assert on_desk(anna)[("changed", "actor")] == 1


def test_record_in_somebodys_charge_is_on_their_desk_alone(member):
    anna, boris = member("anna"), member("boris")
    discussion.assign(record=PersonFactory(), to=boris, by=anna)

    assert [on_desk(user).get(("in-my-charge", "actor")) for user in (anna, boris)] == [None, 1]


def test_gaps_of_meetings_and_statements_are_counted(member):
    sound = MeetingFactory(date="2023-02-21")
    CitationFactory(meeting=sound)
    ParticipationFactory(meeting=sound)
    cited_by_part = ParticipationFactory(meeting=MeetingFactory(date=""), actor=None, name_as_given="a secretary")
    CitationFactory(meeting=None, participation=cited_by_part)
    MeetingFactory(date="2022-02-04", date_basis="inferred", open_points=["No list of participants."])
    StatementFactory()

    found = on_desk(member("anna"))

    assert {name: number for name, number in found.items() if name[0] != "double"} == {
        ("no-source", "meeting"): 1,
        ("no-source", "statement"): 1,
        ("unresolved", "meeting"): 1,
        ("nobody", "meeting"): 1,
        ("weak-date", "meeting"): 2,
        ("unverified", "meeting"): 1,
    }


def test_meetings_of_one_day_that_share_two_participants_may_be_one(member):
    wang, patrushev, lavrov = PersonFactory(), PersonFactory(), PersonFactory()
    talks, again = (MeetingFactory(date="2023-02-21") for _number in range(2))
    part = MeetingFactory(date="2023-02-22")
    visit = MeetingFactory(date="2023-02-22")
    part.part_of = visit
    part.save()
    others = [MeetingFactory(date="2023-02-21"), MeetingFactory(date="2023-02-23"), MeetingFactory(date="")]
    for meeting in (talks, again, part, visit, *others[1:]):
        ParticipationFactory(meeting=meeting, actor=wang)
        ParticipationFactory(meeting=meeting, actor=patrushev)
    ParticipationFactory(meeting=others[0], actor=wang)
    ParticipationFactory(meeting=others[0], actor=lavrov)

    question = desk.lists_of(type(talks))["double"]
    assert set(question.narrow(type(talks).objects.all(), member("anna"))) == {talks, again}


def test_actors_whose_names_differ_by_accents_may_be_one(member):
    first, second = PersonFactory(name="Sergéy Lavrov"), PersonFactory(name="Sergey LAVROV")
    PersonFactory(name="Wang Yi")
    PersonFactory(name="Sergey Lavrov", merged_into=first)

    question = desk.lists_of(type(first))["double"]
    assert set(question.narrow(type(first).objects.all(), member("anna"))) == {first, second}


def test_count_stops_where_nobody_would_go_on(member, monkeypatch, client):
    monkeypatch.setattr(desk, "MOST", 2)
    anna = member("anna")
    for _number in range(4):
        made_by(anna, PersonFactory, state="draft")
    client.force_login(anna)

    assert on_desk(anna)[("my-drafts", "actor")] == 3
    assert '<span class="desk__count">2+</span>' in client.get(reverse("admin:index")).content.decode()


def test_desk_opens_without_figures_when_counting_takes_too_long(member, monkeypatch, client):
    monkeypatch.setattr(desk, "_counted", lambda _querysets: None)
    client.force_login(member("anna"))

    page = client.get(reverse("admin:index")).content.decode()

    assert "Counting took too long" in page
    assert '?desk=my-drafts">Meetings</a>' in page


def test_counted_list_is_one_click_away(member, client):
    anna = member("anna")
    draft = made_by(anna, PersonFactory, state="draft", name="Wang Yi")
    PersonFactory(state="draft", name="Qin Gang")
    client.force_login(anna)

    address = reverse("admin:actors_actor_changelist") + "?desk=my-drafts"
    assert address in client.get(reverse("admin:index")).content.decode()
    assert list(client.get(address).context["cl"].queryset) == [draft]


def test_list_that_does_not_exist_leaves_all_records(member, client):
    PersonFactory()
    client.force_login(member("anna"))

    response = client.get(reverse("admin:actors_actor_changelist"), {"desk": "nothing"})

    assert response.context["cl"].queryset.count() == 1


def test_progress_counts_states_by_month_and_series():
    series = SeriesFactory(name="Strategic security consultation")
    MeetingFactory(date="2023-02-21", series=series, state="draft")
    MeetingFactory(date="2023-02", series=series)
    MeetingFactory(date="2022-12-30")
    MeetingFactory(date="2020-01-01")
    MeetingFactory(date="")

    months, by_series = desk.progress()
    none = dict.fromkeys(State.values, 0)

    assert months.rows == [
        ("2023-02", {**none, "draft": 1, "published": 1}),
        ("2022-12", {**none, "published": 1}),
    ]
    assert by_series.rows == [("Strategic security consultation", {**none, "draft": 1, "published": 1})]


def queries_of(client, url):
    """How many queries a page takes, once everything that is read once was read."""
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


@pytest.mark.parametrize("group", [RESEARCHERS, REVIEWERS])
def test_desk_costs_the_same_for_few_and_many(client, member, group):
    anna, boris = member("anna", group), member("boris")
    client.force_login(anna)
    taken = []
    for _round in range(2):
        for _number in range(2):
            made_by(anna, MeetingFactory, state="draft", date="2023-02-21", series=SeriesFactory())
            discussion.add_comment(record=PersonFactory(state="review"), text="@anna?", by=boris)
        taken.append(queries_of(client, reverse("admin:index")))

    assert taken[1] == taken[0] <= 20
