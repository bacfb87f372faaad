"""What of a record the API tells: fields that are chosen, left out, or expanded, and what that costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import MeetingTopic
from tests import factories
from tests.moscow import moscow_talks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

TALKS = "meetings/mtg0000001/"


@pytest.fixture
def moscow():
    return moscow_talks()


def get(client, address, **parameters):
    return client.get(f"/api/v1/{address}", parameters)


def refused(response):
    assert response.status_code == 400
    return response.json()["errors"]


def test_fields_choose_at_any_depth(client, moscow):
    told = get(client, TALKS, fields="title,place.name,participations.actor.name,participations.role").json()
    assert told == {
        "title": "Wang Yi and Nikolai Patrushev",
        "place": {"name": "Moscow"},
        "participations": [
            {"actor": {"name": "Nikolai Patrushev"}, "role": "host"},
            {"actor": {"name": "Wang Yi"}, "role": "guest"},
            {"actor": None, "role": "participant"},
        ],
    }


def test_fields_may_be_given_in_several_parameters_and_a_name_stands_for_all_in_it(client, moscow):
    told = client.get(f"/api/v1/{TALKS}?fields=series.name&fields=series,title").json()
    assert told == {"title": "Wang Yi and Nikolai Patrushev", "series": get(client, TALKS).json()["series"]}


def test_list_may_be_asked_for_what_only_a_single_record_has(client, moscow):
    (told,) = get(client, "meetings/", kind="bilateral", fields="uid,notes,citations.quote").json()["results"]
    assert told == {
        "uid": "mtg0000001",
        "notes": "Coded from two readouts.",
        "citations": [{"quote": "on Wednesday"}],
    }


def test_omit_leaves_out_and_changes_nothing_else(client, moscow):
    everything = get(client, TALKS).json()
    told = get(client, TALKS, omit="citations,participations.tenures").json()
    del everything["citations"]
    for participation in everything["participations"]:
        del participation["tenures"]
    assert told == everything


def test_expanded_record_is_told_as_its_own_list_tells_it(client, moscow):
    told = get(client, TALKS, expand="place,participations.actor,statements").json()
    assert told["place"] == get(client, "places/").json()["results"][0]
    by_uid = {one["uid"]: one for one in get(client, "actors/").json()["results"]}
    assert [one["actor"] and one["actor"]["uid"] for one in told["participations"]] == [
        "patr000001",
        "wang000001",
        None,
    ]
    assert told["participations"][0]["actor"] == by_uid["patr000001"]
    assert told["statements"] == get(client, "statements/", kind="readout").json()["results"]


def test_expansion_goes_on_in_what_was_expanded(client, moscow):
    told = get(client, "statements/stm0000001/", fields="meeting.place.names", expand="meeting.place").json()
    assert told == {"meeting": {"place": {"names": []}}}


def test_hidden_record_is_not_expanded(client, moscow):
    type(moscow.place).objects.update(state="draft")
    assert get(client, TALKS, fields="place,title", expand="place").json() == {
        "title": "Wang Yi and Nikolai Patrushev",
        "place": None,
    }


def test_children_of_an_expanded_record_are_public_children(client, moscow):
    factories.StatementFactory(meeting=moscow, state="draft", title="A draft")
    told = get(client, "statements/stm0000001/", expand="meeting", fields="meeting.statement_count").json()
    assert told == {"meeting": {"statement_count": 1}}


@pytest.mark.parametrize(
    ("parameter", "value", "part_of_message"),
    [
        ("fields", "colour", "there is no “colour” here. Allowed are: uid, url, html_url, title"),
        ("fields", "participations.colour", "no “participations.colour” here. Allowed are: participations.actor"),
        ("fields", "title.length", "“title.length” does not exist: nothing is nested there."),
        ("omit", "place.colour", "there is no “place.colour” here."),
        ("expand", "title", "there is no “title” here. Allowed are: place, "),
        ("expand", "participations", "Allowed are: participations.actor, participations.on_behalf_of"),
        ("expand", "participations.tenures.office.body", "is nested too deeply: at most 3 names."),
        ("fields", "a.b.c.d.e.f.g", "is nested too deeply: at most 6 names."),
        ("fields", ",".join(f"a{number}" for number in range(101)), "At most 100 names can be given."),
        ("fields", "title," * 400, "At most 2000 characters can be given."),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused_by_name_with_what_can(client, moscow, parameter, value, part_of_message):
    for address in ("meetings/", TALKS):
        errors = refused(get(client, address, **{parameter: value}))
        assert list(errors) == [parameter]
        assert part_of_message in errors[parameter][0]


def test_choosing_is_not_part_of_the_list_that_a_cursor_belongs_to(client):
    for _ in range(3):
        factories.MeetingFactory()
    page = get(client, "meetings/", page_size=1, fields="uid").json()
    following = client.get(page["next"].replace("fields=uid", "fields=title"))
    assert list(following.json()["results"][0]) == ["title"]


def asked(client, address):
    """The tables that an address reads, counts of the list aside."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/api/v1/{address}").status_code == 200
    return [query["sql"] for query in queries]


def test_only_what_is_asked_for_is_read(client, moscow):
    names = asked(client, f"{TALKS}?fields=title")
    assert len(names) == 1
    assert [word for word in ("summary", "notes", "events_place", "events_participation") if word in names[0]] == []

    parties = asked(client, f"{TALKS}?fields=participations.actor.name")
    assert len(parties) == 2
    assert "tenure" not in parties[1]

    assert len(asked(client, TALKS)) > 8


@pytest.mark.parametrize("n", [1, 3])
def test_expanded_list_asks_the_database_as_often_for_three_rows_as_for_one(client, n, django_assert_num_queries):
    for _ in range(n):
        meeting = factories.MeetingFactory(place=factories.PlaceFactory())
        factories.ParticipationFactory(meeting=meeting)
        MeetingTopic.objects.create(meeting=meeting, topic=factories.TopicFactory())
    plain = len(asked(client, "meetings/?fields=uid"))
    # Participations, names and identifiers of their actors, topics, labels of these, names of the place.
    with django_assert_num_queries(plain + 6):
        get(client, "meetings/", fields="place,participations.actor,topics", expand="place,participations.actor,topics")
