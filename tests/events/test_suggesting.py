"""What the search box offers at each key."""

import pytest

from events.models import TopicLabel
from tests.factories import ActorNameFactory, MeetingFactory, ParticipationFactory, PersonFactory, TopicFactory

pytestmark = pytest.mark.django_db


def offered(client, typed):
    answer = client.get("/search/suggest/", {"q": typed})
    assert answer.status_code == 200
    return [(one["group"], one["name"], one["also"]) for one in answer.json()["suggestions"]]


@pytest.fixture
def wang():
    wang = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorNameFactory(actor=wang, text="Ван И", language="ru")
    return wang


@pytest.mark.parametrize(
    ("typed", "also"),
    [("w", ""), ("wan", ""), ("yi", ""), ("yi wa", ""), ("王", "王毅"), ("毅", "王毅"), ("ва", "Ван И")],
)
def test_actor_is_offered_by_beginnings_of_words_of_any_name(client, wang, typed, also):
    assert offered(client, typed) == [("Actors", "Wang Yi", also)]


def test_exact_name_comes_first_then_its_beginning_then_who_met_more(client, wang):
    often = ParticipationFactory(actor__name="Wang Wenbin").actor
    for _ in range(2):
        ParticipationFactory(actor=often)
    PersonFactory(name="Li Wang")
    PersonFactory(name="Wang")

    assert [name for _group, name, _also in offered(client, "wang")] == ["Wang", "Wang Wenbin", "Wang Yi", "Li Wang"]


def test_topics_and_meetings_are_offered_and_drafts_never(client):
    topic = TopicFactory(name="Grain corridor")
    TopicLabel.objects.create(topic=topic, text="Getreide", language="de")
    MeetingFactory(title="Talks on grain", date="2023")
    MeetingFactory(title="Later talks on grain", date="2024")
    MeetingFactory(title="Secret talks on grain", state="draft")
    MeetingFactory(title="Other", summary="grain")
    TopicFactory(name="Grain prices", state="review")
    PersonFactory(name="Grainger", state="draft")

    assert offered(client, "grai") == [
        ("Topics", "Grain corridor", ""),
        ("Meetings", "Later talks on grain", ""),
        ("Meetings", "Talks on grain", ""),
    ]
    assert offered(client, "getr") == [("Topics", "Grain corridor", "Getreide")]


def test_misspelt_actor_is_offered_where_no_name_begins_so(client):
    PersonFactory(name="Nikolai Patrushev")

    assert offered(client, "Patrushew") == [("Actors", "Nikolai Patrushev", "")]


@pytest.mark.parametrize("n", [1, 3])
def test_offers_cost_the_same_for_one_and_for_three(client, n, django_assert_num_queries):
    for number in range(n):
        ActorNameFactory(actor=PersonFactory(name=f"Moscow envoy {number}"), text=f"посол {number}", language="ru")
        TopicFactory(name=f"Moscow {number}")
        MeetingFactory(title="Moscow talks")

    with django_assert_num_queries(8):
        assert len(offered(client, "moscow")) == 3 * n
