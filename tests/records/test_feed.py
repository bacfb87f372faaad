"""The feed of changes: a mirror built from it is equal to the public records, and nothing hidden is told."""

import json
import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse

from config.api_urls import router
from config.bench.mirror import run
from config.bench.settled import settle
from records.api.serializers import ADDRESS_FIELDS, RecordSerializer
from records.api.showing import shown_by
from records.feed import Place
from tests.factories import (
    BodyFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    StatementFactory,
    TenureFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def test_a_mirror_that_follows_while_others_write_is_equal_in_the_end():
    outcome = run(writers=3, seconds=4, seed=7)
    assert outcome.differences == []
    assert set(outcome.told) >= {"created", "changed", "withdrawn", "hidden", "deleted"}


def follow(client, address=None, **query):
    """All that is told from an address on once nothing runs any more, and where to go on."""
    settle()
    return read_on(client, address, **query)


def read_on(client, address=None, **query):
    """All that is told now from an address on, and where to go on."""
    told, page = [], client.get(address or reverse("api:changes"), query).json()
    while True:
        told += page["results"]
        if not page["has_more"]:
            return told, page["next"]
        page = client.get(page["next"]).json()


def in_brief(told):
    return [(one["change"], one["uid"]) for one in told]


def save(record, **values):
    for name, value in values.items():
        setattr(record, name, value)
    record.save()


def test_a_follower_is_told_what_became_of_each_record(client):
    talks, visit = (MeetingFactory(title=title, state="published") for title in ("Talks", "Visit"))
    told, onwards = follow(client, expand="record")
    assert in_brief(told) == [("created", talks.uid), ("created", visit.uid)]
    assert told[0]["record"] == client.get(told[0]["url"]).json()
    assert follow(client, onwards) == ([], onwards)
    save(talks, title="Consultations")
    (change,), onwards = follow(client, onwards)
    assert (change["change"], change["version"], change["record"]["title"]) == ("changed", 2, "Consultations")
    save(talks, state="withdrawn", withdrawal_reason="It never took place.")
    (change,), onwards = follow(client, onwards)
    assert (change["change"], change["reason"], change["record"]) == ("withdrawn", "It never took place.", None)
    assert "Consultations" not in json.dumps(change)
    save(visit, state="draft")
    told, onwards = follow(client, onwards)
    assert in_brief(told) == [("hidden", visit.uid)]
    visit.delete()
    told, onwards = follow(client, onwards)
    assert in_brief(told) == [("deleted", visit.uid)]


def test_a_merge_names_the_survivor(client):
    one, other = (PersonFactory(state="published") for _each in range(2))
    _told, onwards = follow(client)
    type(one).objects.filter(pk=one.pk).update(merged_into=other)
    (change,), _onwards = follow(client, onwards)
    assert (change["change"], change["survivor"]["uid"]) == ("merged", other.uid)


def test_what_never_was_public_is_never_told_of(client):
    _told, onwards = follow(client)
    draft = PersonFactory(name="Draft", state="draft")
    save(draft, name="Still a draft")
    tenure = TenureFactory(person=draft, office=OfficeFactory(body=BodyFactory(state="published")))
    gone = MeetingFactory(state="review")
    gone.delete()
    tenure_gone = TenureFactory(person=draft, office=OfficeFactory(body=tenure.office.body))
    tenure_gone.delete()
    told, onwards = follow(client, onwards)
    offices = {tenure.office.uid, tenure_gone.office.uid}
    assert {one["uid"] for one in told} == {tenure.office.body.uid, *offices}
    # Nor what is joined to one that was public only before.
    save(draft, state="published")
    assert {("created", draft.uid), ("changed", tenure.uid)} <= set(in_brief(follow(client, onwards)[0]))
    save(draft, state="draft")
    _told, onwards = follow(client, onwards)
    late = TenureFactory(person=draft, office=tenure_gone.office)
    told, _onwards = follow(client, onwards)
    assert late.uid not in {one["uid"] for one in told}


def test_who_shows_a_record_is_told_of_when_that_changes(client):
    actor, place = PersonFactory(name="Wang Yi", state="draft"), PlaceFactory(name="Moscow", state="published")
    meeting = MeetingFactory(place=place, state="published")
    ParticipationFactory(meeting=meeting, actor=actor)
    _told, onwards = follow(client)
    save(actor, state="published")
    told, onwards = follow(client, onwards)
    assert in_brief(told) == [("created", actor.uid), ("changed", meeting.uid)]
    save(actor, description="What no other record shows of it.")
    told, onwards = follow(client, onwards)
    assert in_brief(told) == [("changed", actor.uid)]
    save(place, name="Moskva")
    told, onwards = follow(client, onwards)
    assert in_brief(told) == [("changed", place.uid), ("changed", meeting.uid)]
    # Who listed it before is told of too.
    statement = StatementFactory(meeting=meeting, state="published")
    _told, onwards = follow(client, onwards)
    save(statement, meeting=None)
    told, onwards = follow(client, onwards)
    assert set(in_brief(told)) == {("changed", meeting.uid), ("changed", statement.uid)}


def test_a_transaction_that_ends_late_is_not_skipped(client):
    _told, onwards = follow(client)
    begun, may_end = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            MeetingFactory(title="Slow", state="published")
            begun.set()
            may_end.wait(20)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    begun.wait(20)
    quick = MeetingFactory(title="Quick", state="published")
    told, onwards = read_on(client, onwards)
    assert told == []  # the quick one waits behind the slow one
    may_end.set()
    slow.join()
    told, _onwards = follow(client, onwards)
    assert [one["change"] for one in told] == ["created", "created"]
    assert told[1]["uid"] == quick.uid


def test_pages_are_as_long_as_asked_for_and_may_be_taken_one_by_one(client):
    actor = PersonFactory(state="published")
    meetings = [MeetingFactory(state="published") for _each in range(5)]
    for meeting in meetings:
        ParticipationFactory(meeting=meeting, actor=actor)
    ours = sorted(one.uid for one in (actor, *meetings))

    told, onwards = follow(client, limit=2)
    assert sorted(one["uid"] for one in told) == ours

    save(actor, name="Wang Yi")
    settle()
    page = client.get(onwards).json()
    assert (len(page["results"]), page["has_more"]) == (2, True)
    told, _onwards = follow(client, onwards)
    assert sorted(one["uid"] for one in told) == ours


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("since=nonsense", "since"), ("limit=0", "limit"), ("limit=501", "limit"), ("limit=x", "limit"),
        ("kind=treaty", "kind"), ("expand=all", "expand"), ("colour=red", "colour"), ("limit=1&limit=2", "limit"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_name(client, query, name):
    response = client.get(f"{reverse('api:changes')}?{query}")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


def test_a_cursor_of_another_database_says_that_it_expired(client):
    response = client.get(reverse("api:changes"), {"since": Place("another", (1, 1)).as_cursor()})
    assert (response.status_code, response.json()["type"]) == (410, "urn:readout:problem:cursor-expired")


@pytest.mark.parametrize("n", [1, 3])
def test_a_page_costs_the_same_for_one_record_and_for_three(client, n, django_assert_max_num_queries):
    for _each in range(n):
        ParticipationFactory(meeting=MeetingFactory(state="published"), actor=PersonFactory(state="published"))
    with django_assert_max_num_queries(45):
        client.get(reverse("api:changes"), {"expand": "record"})


def test_whoever_lists_a_row_is_noted_when_it_comes_or_goes():
    """Each way from a record to rows that point to it is either one that raises its version, or is noted."""
    unnoted = set()
    for _prefix, viewset, _name in router.registry:
        for path, _model in shown_by(viewset.detail_serializer_class):
            model = viewset.queryset.model
            for step in path.split("__"):
                link = model._meta.get_field(step)
                row = link.related_model
                if link.one_to_many:
                    named = {one.split("__")[0] for one in (*row.owners, *row.listed_at)}
                    unnoted |= {f"{row.__name__}.{link.field.name}"} - {f"{row.__name__}.{one}" for one in named}
                model = row
    assert unnoted == set()


def test_what_others_show_of_a_record_is_known_to_its_trigger():
    """The fields of a brief representation are all among those whose change is told to others."""
    made_of = {"label": ("title", "gist", "text"), "document_url": ("url",)}
    brief = [
        one
        for one in subclasses(RecordSerializer)
        if one.__name__.endswith(("BriefSerializer", "HolderSerializer", "PostSerializer"))
    ]
    shown = {
        (one.Meta.model.__name__, column, column in one.Meta.model.shown_elsewhere)
        for one in brief
        for name in set(one.Meta.fields) - set(ADDRESS_FIELDS)
        for column in made_of.get(name, (name,))
    }
    assert {(model, column) for model, column, is_known in shown if not is_known} == set()
    assert len(shown) > 20


def subclasses(one):
    for below in one.__subclasses__():
        yield below
        yield from subclasses(below)
