import pytest
from django.http import QueryDict

from events.models import StatementTopic
from events.views.firsts import Firsts
from tests.factories import PersonFactory, SpeakerFactory, StateFactory, StatementFactory, TopicFactory
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def ukraine():
    return TopicFactory(name="Ukraine")


def said(topic, side, date, **values):
    statement = StatementFactory(title=date or "undated", date=date, **values)
    SpeakerFactory(statement=statement, actor=PersonFactory(home_state=side))
    StatementTopic.objects.create(statement=statement, topic=topic)
    return statement


def firsts(topic, query=""):
    found = Firsts(topic, QueryDict(query))
    return [
        (one.name, one.first and one.first.label, one.maybe_earlier and one.maybe_earlier.label) for one in found.sides
    ]


def test_open_dates_stand_beside_the_first_certain_one_and_never_before_it(ukraine):
    china, russia, france, serbia = (StateFactory(name=name) for name in ("China", "Russia", "France", "Serbia"))
    for state, date in (
        (china, "..2024"), (china, "2023-03-01"), (china, "2023-05-01"),
        (russia, "2023-02-21"), (russia, "2023-02"), (russia, "2023-04"),
        (france, "2023-02-20/2023-02-22"), (france, "2023-03"),
        (serbia, "2023-01"), (serbia, ""),
    ):  # fmt: skip
        said(ukraine, state, date)

    assert firsts(ukraine) == [
        ("France", "2023-02-20/2023-02-22", None),
        ("Russia", "2023-02-21", "2023-02"),
        ("China", "2023-03-01", "..2024"),
        ("Serbia", None, "2023-01"),
    ]
    found = Firsts(ukraine, QueryDict(""))
    assert [one.name for one in found.leaders] == ["France"]
    assert [one.name for one in found.doubters] == ["Russia", "China", "Serbia"]


def test_first_of_a_year_is_looked_for_in_that_year_and_below_the_topic(ukraine):
    china, russia = StateFactory(name="China"), StateFactory(name="Russia")
    grain = TopicFactory(name="Grain", parent=ukraine)
    said(ukraine, russia, "2022-02-24")
    said(ukraine, russia, "2023-02-21")
    said(grain, china, "2023-02-21")

    assert firsts(ukraine, "from=2023&to=2023") == [("China", "2023-02-21", None), ("Russia", "2023-02-21", None)]
    assert len(Firsts(ukraine, QueryDict("from=2023")).leaders) == 2


def test_hidden_statements_speakers_and_states_were_never_first(ukraine):
    china, hidden = StateFactory(name="China"), StateFactory(name="Hidden", state="draft")
    said(ukraine, china, "2021-01-01", state="draft")
    said(ukraine, hidden, "2021-01-02")
    SpeakerFactory(statement=said(ukraine, hidden, "2021-01-03"), actor=PersonFactory(home_state=china, state="draft"))
    said(ukraine, china, "2023-02-21")

    assert firsts(ukraine) == [("China", "2023-02-21", None)]


def test_topic_page_says_who_was_first_and_what_is_wrong_with_a_window(client, ukraine):
    said(ukraine, StateFactory(name="China"), "2023-02-21", gist="")

    page = read(client.get(ukraine.get_absolute_url(), {"from": "2023"}))
    refused = read(client.get(ukraine.get_absolute_url(), {"from": "soon"}))

    assert "China raised it first" in page.one(id="first").parent.text
    assert page.one(id="first-from").attributes["value"] == "2023"
    assert refused.one(id="first-errors").text.startswith("from: “soon” is not a date.")
    assert refused.one(id="first-from").attributes["value"] == "soon"
