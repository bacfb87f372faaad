"""Facets, histograms and lengths of lists in the API are what the lists themselves hold."""

import pytest

from actors.models import Office
from events.filters import MeetingFilterSet, StatementFilterSet
from events.models import Meeting, MeetingTopic, Statement
from events.views.facets import FACETS
from records.api import pagination
from tests import factories
from tests.counting import counted_once
from tests.plain_rule import collect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def get(client, address, **parameters):
    return client.get(f"/api/v1/{address}", parameters)


def count(plural, **parameters):
    """How many records the filter set of the list finds, counted by the database."""
    model, filterset = {"meetings": (Meeting, MeetingFilterSet), "statements": (Statement, StatementFilterSet)}[plural]
    filters = filterset(parameters, queryset=model.objects.public())
    assert filters.errors == {}
    return filters.qs.count()


def values(answer, name):
    return {one["value"]: one["count"] for one in answer.json()["facets"][name]["values"]}


@pytest.fixture
def collection():
    """Records that no test here changes, so that what they are counted by is read once."""
    collect(4)
    with counted_once():
        yield


@pytest.mark.parametrize(
    ("plural", "query"), [("meetings", {}), ("meetings", {"dates": "certain", "from": "2022"}), ("statements", {})]
)
def test_list_has_with_each_value_of_a_facet_what_the_facet_says(client, collection, plural, query):
    counted = get(client, f"{plural}/facets/", limit=200, **query)
    assert counted.json()["count"] == count(plural, **query) == get(client, f"{plural}/", **query).json()["count"]
    tried = 0
    for name, facet in counted.json()["facets"].items():
        for one in facet["values"][:4]:
            assert count(plural, **query, **{name: one["value"]}) == one["count"], (name, one)
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("plural", ["meetings", "statements"])
@pytest.mark.parametrize("by", ["year", "quarter", "month"])
def test_list_has_in_each_period_what_the_histogram_says(client, collection, plural, by):
    told = get(client, f"{plural}/histogram/", by=by, **{"from": "2022-11", "to": "2023-04"}).json()
    assert [one["period"] for one in told["periods"]] == {
        "year": ["2022", "2023"],
        "quarter": ["2022-Q4", "2023-Q1", "2023-Q2"],
        "month": ["2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04"],
    }[by]
    assert told["undated"] == count(plural, undated="true")
    for one in told["periods"]:
        window = {"from": one["from"], "to": one["to"]}
        assert one["possible"] == count(plural, **window)
        assert one["certain"] == count(plural, dates="certain", **window)
    assert sum(one["possible"] for one in told["periods"]) > 0


def test_hidden_record_is_neither_a_value_nor_one_more(client):
    place, hidden = factories.PlaceFactory(name="Moscow"), factories.PlaceFactory(name="Secret", state="draft")
    factories.MeetingFactory(place=place)
    factories.MeetingFactory(place=hidden)
    factories.MeetingFactory(place=factories.PlaceFactory(), state="draft")
    facet = get(client, "meetings/facets/", facet="place", limit=1).json()["facets"]["place"]
    assert facet == {"values": [{"value": place.uid, "label": "Moscow", "count": 1}], "has_more": False}


def test_facets_tell_the_most_frequent_values_and_whether_there_are_more(client):
    often, seldom = factories.TopicFactory(name="Grain"), factories.TopicFactory(name="Gas")
    for topic in (often, often, seldom):
        MeetingTopic.objects.create(meeting=factories.MeetingFactory(), topic=topic)
    told = get(client, "meetings/facets/", facet="topic", limit=1)
    assert list(told.json()["facets"]) == ["topic"]
    assert values(told, "topic") == {often.uid: 2}
    assert told.json()["facets"]["topic"]["has_more"] is True


@pytest.mark.parametrize(
    ("address", "name", "part_of_message"),
    [
        ("meetings/facets/?facet=title", "facet", "“title” is not counted here. Allowed are: actor, "),
        ("meetings/facets/?limit=201", "limit", "is not a whole number from 1 to 200"),
        ("meetings/facets/?limit=1&limit=2", "limit", "give it once only"),
        ("meetings/facets/?cursor=x", "cursor", "there is no such parameter"),
        ("meetings/facets/?mode=telepathy", "mode", "“telepathy” is not one of the allowed values"),
        ("meetings/histogram/?by=week", "by", "allowed values: year, quarter, month"),
        ("meetings/histogram/?by=month&from=1800&to=2024", "by", "that would be 2700 periods, and 1200 can be told"),
        ("statements/histogram/?to=soon", "to", "is not a date"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused_by_name(client, address, name, part_of_message):
    response = client.get(f"/api/v1/{address}")
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])
    assert part_of_message in response.json()["errors"][name][0]


def test_histogram_of_nothing_has_no_periods(client):
    assert get(client, "meetings/histogram/").json() == {"by": "year", "count": 0, "undated": 0, "periods": []}
    factories.MeetingFactory(date="")
    assert get(client, "meetings/histogram/").json() == {"by": "year", "count": 1, "undated": 1, "periods": []}


def test_histogram_reaches_to_the_last_year_that_a_date_can_be_of(client):
    factories.MeetingFactory(date="9999-12")
    (period,) = get(client, "meetings/histogram/", by="quarter").json()["periods"]
    assert (period["period"], period["from"], period["to"], period["possible"]) == (
        "9999-Q4", "9999-10-01", "9999-12-31", 1,
    )  # fmt: skip


def test_long_list_of_what_has_no_counts_says_that_it_holds_at_least_so_many(client, monkeypatch):
    monkeypatch.setattr(pagination, "COUNTED_AT_MOST", 2)
    monkeypatch.delitem(FACETS, Office)
    for _ in range(3):
        factories.OfficeFactory()
    told = get(client, "offices/").json()
    assert (told["count"], told["count_is_exact"], len(told["results"])) == (2, False, 3)


def test_list_of_many_is_cut_as_the_list_of_few(client, collection, monkeypatch):
    few = get(client, "meetings/", page_size=200, kind="bilateral").json()["results"]
    monkeypatch.setattr("records.facets.selection.FEW", 0)
    assert get(client, "meetings/", page_size=200, kind="bilateral").json()["results"] == few
