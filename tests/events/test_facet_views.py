"""The facets and the histogram of a list, as readers see and follow them."""

import re

import pytest

from events.models import MeetingKind, MeetingTopic
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


BILATERAL = str(MeetingKind.BILATERAL.label)


def facet(html, label):
    """The values of a facet on a page: label, count, address."""
    found = re.search(rf'<details class="facet"[^>]*>\s*<summary>{label}</summary>(.*?)</details>', html, re.S)
    return values(found[1]) if found else None


def values(html):
    pattern = (
        r'href="([^"]*)"[^>]*>\s*<span class="facet-label" dir="auto">(.*?)</span>\s*<span class="facet-count">([\d,]+)'
    )
    rows = re.findall(pattern, html, re.S)
    words = [re.sub(r"<.*?>|Remove:", "", label).strip() for _address, label, _count in rows]
    return [(word, int(count), address) for word, (address, _label, count) in zip(words, rows, strict=True)]


def counts(html, label):
    return [(text, count) for text, count, _address in facet(html, label) or []]


@pytest.fixture
def talks():
    """Three public meetings and a draft of Wang Yi, two of them with Nikolai Patrushev."""
    wang = factories.PersonFactory(name="Wang Yi")
    patrushev = factories.PersonFactory(name="Nikolai Patrushev")
    for title, day, state, people in (
        ("Moscow", "2023-02-21", "published", [wang, patrushev]),
        ("Kazan", "2024", "published", [wang, patrushev]),
        ("Beijing", "2022-12/2023-01", "published", [wang]),
        ("Secret", "2021", "draft", [wang, patrushev]),
    ):
        meeting = factories.MeetingFactory(title=title, date=day, state=state)
        for person in people:
            factories.ParticipationFactory(meeting=meeting, actor=person)
    return {"wang": wang, "patrushev": patrushev}


def test_facet_counts_what_readers_may_see(client, talks):
    html = client.get("/meetings/").content.decode()

    assert counts(html, "Participant") == [("Wang Yi", 3), ("Nikolai Patrushev", 2)]


def test_facet_that_stands_closed_is_counted_when_it_is_opened(client, talks):
    html = client.get("/meetings/", {"actor": talks["patrushev"].uid}).content.decode()
    closed = re.search(r'<details class="facet"\s+data-facet="kind">(.*?)</details>', html, re.S)[1]
    asked, followed = re.search(r'hx-get="([^"]*)"', closed)[1], re.search(r'href="([^"]*)"', closed)[1]

    opened = client.get(asked, headers={"HX-Request": "true"}).content.decode()

    assert (values(closed), [one[:2] for one in values(opened)]) == ([], [(BILATERAL, 2)])
    assert [one[:2] for one in values(client.get(followed).content.decode())] == [(BILATERAL, 2)]


def test_facet_of_which_a_value_is_chosen_stands_open(client, talks):
    html = client.get("/meetings/", {"kind": "bilateral"}).content.decode()

    assert counts(html, "Kind") == [(BILATERAL, 3)]


def test_value_of_a_facet_leads_to_as_many_records_as_it_counts(client, talks):
    html = client.get("/meetings/").content.decode()

    for _label, count, address in facet(html, "Participant"):
        found = client.get(address).content.decode()
        assert f"{count} meetings" in found


def test_chosen_value_is_marked_and_leads_back_without_it(client, talks):
    uid = talks["patrushev"].uid

    html = client.get("/meetings/", {"actor": uid, "order": "date"}).content.decode()

    chosen = facet(html, "Participant")[0]
    assert chosen == ("Nikolai Patrushev", 2, "/meetings/?order=date")
    assert 'aria-current="true"' in html


def test_facet_follows_the_other_filters_and_not_its_own(client, talks):
    html = client.get("/meetings/", {"actor": talks["patrushev"].uid, "from": "2024"}).content.decode()

    assert counts(html, "Participant") == [("Nikolai Patrushev", 1), ("Wang Yi", 1)]


def test_topics_are_shown_as_a_tree_opened_at_what_is_chosen(client):
    food = factories.TopicFactory(name="Food")
    grain = factories.TopicFactory(name="Grain", parent=food)
    MeetingTopic.objects.create(meeting=factories.MeetingFactory(), topic=grain)

    closed = client.get("/meetings/").content.decode()
    opened = client.get("/meetings/", {"topic": grain.uid}).content.decode()

    assert counts(closed, "Topic") == [("Food", 1)]
    assert counts(opened, "Topic") == [("Food", 1), ("Grain", 1)]


def test_histogram_tells_the_certain_from_the_possible(client, talks):
    html = client.get("/meetings/").content.decode()

    assert re.findall(r"<title>(\d{4}: .*?)</title>", html) == [
        "2022: 1 certainly then",
        "2023: 2 certainly then",
        "2024: 1 certainly then",
    ]


def test_bar_of_the_histogram_leads_to_its_year(client, talks):
    html = client.get("/meetings/").content.decode()
    address = re.search(r'href="([^"]*)"\s*aria-label="2024:', html)[1].replace("&amp;", "&")

    assert "1 meeting" in client.get(address).content.decode()


def test_page_of_a_facet_is_narrowed_by_a_name_in_any_script(client, talks):
    factories.ActorNameFactory(actor=talks["wang"], text="王毅", language="zh")

    html = client.get("/meetings/by/actor/", {"find": "王毅"}).content.decode()

    assert [(label, count) for label, count, _address in values(html)] == [("Wang Yi", 3)]


def test_page_of_a_facet_says_when_nothing_bears_the_name(client, talks):
    html = client.get("/meetings/by/actor/", {"find": "<nobody>"}).content.decode()

    assert "No value of this list has “&lt;nobody&gt;” in its name." in html


@pytest.mark.parametrize("address", ["/meetings/by/nothing/", "/meetings/by/q/", "/actors/by/role/"])
def test_facet_that_a_list_does_not_have_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_page_of_a_facet_costs_the_same_for_one_value_and_for_three(client, django_assert_max_num_queries):
    wang = factories.PersonFactory()
    factories.ParticipationFactory(meeting=factories.MeetingFactory(), actor=wang)
    client.get("/meetings/by/actor/")
    for _ in range(3):
        factories.ParticipationFactory(meeting=factories.MeetingFactory(), actor=factories.PersonFactory())

    with django_assert_max_num_queries(30):
        client.get("/meetings/by/actor/")
