"""Answers as of a time: equal to what was answered then, and nothing that was not public then or is not any more."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from config.bench.mirror import Outcome, Writer
from events.models import Meeting
from tests.factories import (
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    StateFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def ask(client, record, **query):
    return client.get(reverse(f"api:{record._meta.model_name}-detail", args=[record.uid]), query)


def clock():
    """The clock of the database, which stamps the changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def everything(client, **query):
    """Lists and single records, as they are answered: what a reader can see of everything."""
    said = {}
    for kind in ("meeting", "statement", "actor", "topic", "place", "series", "source", "office", "tenure", "formula"):
        page = client.get(reverse(f"api:{kind}-list"), {"page_size": 100, **query}).json()
        said[kind] = page["results"]
        for row in page["results"]:
            address = reverse(f"api:{kind}-detail", args=[row["uid"]])
            said[kind, row["uid"]] = client.get(address, query).json()
    return said


def without_what_is_hidden_now(said, client):
    """Only single records, and only those that show nothing but what is public still."""
    present = {
        (key, one["uid"])
        for key in ("meeting", "statement", "actor", "topic", "place", "series", "source", "formula")
        for one in client.get(reverse(f"api:{key}-list"), {"page_size": 100}).json()["results"]
    }
    return {
        key: one
        for key, one in said.items()
        if isinstance(key, tuple) and uids_in(one) <= {uid for _kind, uid in present}
    }


def uids_in(one):
    """The records with a workflow that a representation shows."""
    if isinstance(one, list):
        return set().union(*map(uids_in, one)) if one else set()
    if not isinstance(one, dict):
        return set()
    own = {one["uid"]} if "uid" in one and "/offices/" not in one["url"] and "/tenures/" not in one["url"] else set()
    return own.union(*map(uids_in, one.values()))


def test_what_was_answered_then_is_answered_as_of_then(client):
    writer = Writer(3, Outcome())
    writer.furnish()
    recorded = []
    for _moment in range(3):
        for _write in range(5):
            writer._attempt("change", writer._change)
            writer._attempt("state", writer._set_state)
            writer._attempt("together", writer._together)
        recorded.append((clock(), everything(client)))
    for moment, said in recorded:
        then = everything(client, as_of=moment.isoformat())
        expected = without_what_is_hidden_now(said, client)
        assert expected
        assert {key: then.get(key) for key in expected} == expected
        # Nothing is told that was not told then.
        assert {key for key in then if isinstance(key, tuple)} <= {key for key in said if isinstance(key, tuple)}


def test_a_record_that_was_withdrawn_since_is_gone_as_of_before_too(client):
    meeting = MeetingFactory(title="Talks in Moscow", state="published")
    actor = PersonFactory(name="Wang Yi", state="published")
    ParticipationFactory(meeting=meeting, actor=actor)
    moment = clock()
    assert ask(client, meeting, as_of=moment.isoformat()).json()["participations"][0]["actor"]["name"] == "Wang Yi"
    actor.state, actor.withdrawal_reason = "withdrawn", "Entered twice."
    actor.save()
    response = ask(client, actor, as_of=moment.isoformat())
    assert (response.status_code, response.json()["reason"]) == (410, "Entered twice.")
    assert ask(client, meeting, as_of=moment.isoformat()).json()["participations"] == []
    listed = client.get(reverse("api:actor-list"), {"as_of": moment.isoformat()}).json()
    assert "Wang Yi" not in json.dumps(listed)


def test_what_was_a_draft_then_is_not_told_and_the_answer_says_since_when_it_is_public(client):
    meeting = MeetingFactory(title="Talks in Moscow", state="draft")
    moment = clock()
    assert ask(client, meeting, as_of=moment.isoformat()).status_code == 404
    meeting.state = "published"
    meeting.save()
    response = ask(client, meeting, as_of=moment.isoformat())
    assert response.status_code == 404
    assert "was not public at that time" in response.json()["detail"]
    assert ask(client, meeting, as_of=clock().isoformat()).json() == ask(client, meeting).json()


def test_a_record_is_told_as_it_was_before_it_was_merged(client):
    meeting, survivor = MeetingFactory(title="Talks", state="published"), MeetingFactory(state="published")
    moment = clock()
    Meeting.objects.filter(pk=meeting.pk).update(merged_into=survivor)
    assert ask(client, meeting).status_code == 308
    assert ask(client, meeting, as_of=moment.isoformat()).json()["title"] == "Talks"
    survivor.state, survivor.withdrawal_reason = "withdrawn", "In error."
    survivor.save()
    assert ask(client, meeting, as_of=moment.isoformat()).status_code == 410


def test_filters_are_answered_as_of_then(client):
    moscow, china = PlaceFactory(name="Moscow", state="published"), StateFactory(name="China", state="published")
    meeting = MeetingFactory(title="Talks", place=moscow, date="2023-02-21", state="published")
    ParticipationFactory(meeting=meeting, actor=china)
    moment = clock()
    meeting.place, meeting.date = None, "2024-02-21"
    meeting.save()
    found = {"place": moscow.uid, "actor": china.uid, "to": "2023"}
    address = reverse("api:meeting-list")
    assert client.get(address, found).json()["count"] == 0
    then = client.get(address, {**found, "as_of": moment.isoformat()})
    assert [one["uid"] for one in then.json()["results"]] == [meeting.uid]
    assert then.headers["Memento-Datetime"].endswith("GMT")


@pytest.mark.parametrize(
    "moment", ["yesterday", "2023-02-21", "2023-02-21T10:00:00", "9999-12-31T23:59:59Z", "2023-02-30T10:00:00Z", ""]
)
def test_a_time_that_is_none_or_has_not_come_is_refused(client, moment):
    TopicFactory(state="published")
    response = client.get(reverse("api:topic-list"), {"as_of": moment})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["as_of"]


def test_before_the_first_record_lists_are_empty(client):
    TopicFactory(state="published")
    before = timezone.now() - timedelta(days=400)
    assert client.get(reverse("api:topic-list"), {"as_of": before.isoformat()}).json()["count"] == 0


@pytest.mark.parametrize("address", ["meetings/facets/", "meetings/histogram/", "statements/export/?format=csv"])
def test_what_knows_the_present_only_refuses_a_time_and_says_what_answers(client, address):
    response = client.get(f"/api/v1/{address}{'&' if '?' in address else '?'}as_of=2026-03-01T12:00:00Z")
    assert response.status_code == 400
    assert response.json()["errors"] == {
        "as_of": [
            "as_of: this address knows the present only. The list takes it: its `count` says how many there were, and "
            "its pages give them all."
        ]
    }
