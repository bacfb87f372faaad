"""Pages carry their record in the words of schema.org: what they show, and nothing that is hidden."""

import json

import pytest

from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, PlaceFactory, StateFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def data_of(client, record):
    page = client.get(record.get_absolute_url()).content.decode()
    block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    return json.loads(block)


def test_a_meeting_is_an_event_with_its_public_participants_and_place(client):
    moscow = PlaceFactory(name="Moscow", country="RU", kind="city", state="published")
    meeting = MeetingFactory(title="Talks", date="2023-02-21", place=moscow, status="held", state="published")
    wang = PersonFactory(name="Wang Yi", state="published")
    for actor in (wang, PersonFactory(name="Hidden", state="draft")):
        ParticipationFactory(meeting=meeting, actor=actor)
    data = data_of(client, meeting)
    address = f"http://testserver{wang.get_absolute_url()}"
    assert (data["@type"], data["name"], data["startDate"]) == ("Event", "Talks", "2023-02-21")
    assert data["location"]["name"] == "Moscow"
    assert data["attendee"] == [{"@type": "Person", "@id": address, "url": address, "name": "Wang Yi"}]


def test_a_person_belongs_to_a_state_unless_that_is_hidden(client):
    china = StateFactory(name="China", state="published")
    wang = PersonFactory(name="Wang Yi", home_state=china, state="published")
    assert (data_of(client, wang)["@type"], data_of(client, wang)["nationality"]["name"]) == ("Person", "China")
    china.state = "draft"
    china.save()
    assert "nationality" not in data_of(client, wang)


def test_no_text_can_end_the_block(client):
    title = "</script><script>alert(1)</script><!-- \u2028 &"
    meeting = MeetingFactory(title=title, state="published")
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert data_of(client, meeting)["name"] == title


@pytest.mark.parametrize(
    ("date", "start"), [("2023-02", "2023-02"), ("2023~", None), ("", None), ("2023/2024", "2023")]
)
def test_a_date_in_doubt_is_not_stated(client, date, start):
    assert data_of(client, MeetingFactory(date=date, state="published")).get("startDate") == start
