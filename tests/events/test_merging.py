from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, models
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from actors.models import Actor, ActorName
from events.models import (
    Citation,
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationTenure,
    Place,
    Source,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
)
from records.merging import NotMergeable, is_mergeable, merge, mergeable_models, plan_merge
from records.merging.links import links_of, tables, target_of
from records.merging.rules import row_rules
from records.models import Record
from records.reverting import revert_batch
from records.services import VersionConflict
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SourceFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.merging import all_rows, pointing_at

pytestmark = pytest.mark.django_db


def merged(survivor, absorbed, **how):
    return merge(survivor=survivor, absorbed=absorbed, reason="The same.", **how)


def test_every_link_under_a_rule_says_how_its_rows_are_combined():
    """A new foreign key that a merge must not just move fails here until its app says what is to happen."""
    reached, without = set(mergeable_models()), []
    for table in tables():
        if issubclass(table, Record) or not any(target_of(link) in reached for link in links_of(table)):
            continue
        ruled = [
            constraint for constraint in table._meta.constraints if not isinstance(constraint, models.CheckConstraint)
        ]
        if ruled and row_rules(table) is None:
            without.append(table._meta.label)
        reached.add(table)

    assert without == []


def test_actors_topics_places_sources_and_meetings_can_be_merged():
    assert set(mergeable_models()) == {Actor, Topic, Place, Source, Meeting}
    assert not is_mergeable(Participation)


def test_merge_lists_one_actor_once_in_a_meeting_with_all_that_was_said_of_it():
    wang, double = PersonFactory(name="Wang Yi"), PersonFactory(name="Wang I")
    meeting = MeetingFactory()
    office, other_office = TenureFactory(person=wang), TenureFactory(person=double)
    kept = ParticipationFactory(meeting=meeting, actor=wang, side="CN", capacity="Director", note="Arrived late.")
    gone = ParticipationFactory(meeting=meeting, actor=double, role="guest", side="PRC", capacity="Politburo member")
    kept.tenures.add(office)
    gone.tenures.add(other_office)
    tass = SourceFactory()
    CitationFactory(source=tass, meeting=None, participation=kept, confidence=None)
    CitationFactory(source=tass, meeting=None, participation=gone, confidence=3)
    CitationFactory(meeting=None, participation=gone)

    plan = plan_merge(wang, double)
    merged(wang, double)

    assert [(one.survivor, one.absorbed) for one in plan.conflicts] == [("CN", "PRC")]
    only = Participation.objects.get()
    assert (only.pk, only.actor, only.role, only.side) == (kept.pk, wang, "guest", "CN")
    assert only.capacity == "Director; Politburo member"
    assert only.note == "Arrived late.\nAlso recorded: Side: PRC."
    assert set(only.tenures.all()) == {office, other_office}
    assert sorted(only.citations.values_list("confidence", flat=True), key=str) == [3, None]


def test_merge_moves_a_speaker_together_with_its_office():
    wang, double = PersonFactory(), PersonFactory()
    tenure = TenureFactory(person=double)
    speaker = SpeakerFactory(actor=double, tenure=tenure)

    batch = merged(wang, double)

    speaker.refresh_from_db()
    assert (speaker.actor, speaker.tenure.person) == (wang, wang)
    revert_batch(batch_id=batch, reason="Two persons.")
    speaker.refresh_from_db()
    assert (speaker.actor, speaker.tenure.person) == (double, double)


def test_merge_lets_nobody_speak_on_its_own_behalf():
    china, double = StateFactory(name="China"), StateFactory(name="PRC")
    participation = ParticipationFactory(actor=double, on_behalf_of=china)

    plan = plan_merge(china, double)
    merged(china, double)

    assert [one.outcome for one in plan.conflicts] == ["On behalf of: left empty, it would point at itself"]
    participation.refresh_from_db()
    assert (participation.actor, participation.on_behalf_of) == (china, None)


def test_merge_of_topics_links_once_shows_stances_that_differ_and_keeps_one_preferred_label():
    drones, double = TopicFactory(name="Drones"), TopicFactory(name="Unmanned aircraft")
    statement, meeting = StatementFactory(), MeetingFactory()
    StatementTopic.objects.create(statement=statement, topic=drones, stance="supports")
    StatementTopic.objects.create(statement=statement, topic=double, stance="opposes")
    MeetingTopic.objects.create(meeting=meeting, topic=drones)
    MeetingTopic.objects.create(meeting=meeting, topic=double)
    TopicLabel.objects.create(topic=drones, language="ru", kind="preferred", text="Дроны")
    TopicLabel.objects.create(topic=double, language="ru", kind="preferred", text="Беспилотники")

    plan = plan_merge(drones, double)
    merged(drones, double)

    assert [(one.survivor, one.absorbed) for one in plan.conflicts] == [
        ("Дроны", "Беспилотники"),
        ("supports", "opposes"),
    ]
    assert list(StatementTopic.objects.values_list("topic", "stance")) == [(drones.pk, "supports")]
    assert list(MeetingTopic.objects.values_list("topic", flat=True)) == [drones.pk]
    assert sorted(TopicLabel.objects.filter(topic=drones).values_list("text", "kind")) == [
        ("Unmanned aircraft", "alternative"),
        ("Беспилотники", "alternative"),
        ("Дроны", "preferred"),
    ]


def test_merge_of_a_topic_with_one_above_or_below_it_leaves_a_tree():
    security = TopicFactory(name="Security")
    arms = TopicFactory(name="Arms", parent=security)
    drones = TopicFactory(name="Drones", parent=arms)
    TopicFactory(name="Swarms", parent=drones)

    batch = merged(drones, security)
    assert dict(Topic.objects.public().values_list("name", "parent__name")) == {
        "Drones": None,
        "Arms": "Drones",
        "Swarms": "Drones",
    }
    revert_batch(batch_id=batch, reason="No.")
    merged(security, drones)

    assert dict(Topic.objects.public().values_list("name", "parent__name")) == {
        "Security": None,
        "Arms": "Security",
        "Swarms": "Security",
    }
    assert pointing_at(drones) == []


def test_merge_waits_for_narrower_topics_of_one_name():
    arms, weapons = TopicFactory(name="Arms"), TopicFactory(name="Weapons")
    TopicFactory(name="Drones", parent=arms)
    TopicFactory(name="Drones", parent=weapons)

    assert plan_merge(arms, weapons).blockers == [
        "Topic “Drones”: both records have it. Merge or change one of the two first."
    ]
    with pytest.raises(NotMergeable):
        merged(arms, weapons)


def test_merge_of_two_topics_below_one_keeps_the_name_of_either():
    above = TopicFactory(name="Arms")
    drones, double = TopicFactory(name="Drones", parent=above), TopicFactory(name="UAVs", parent=above)

    batch = merged(drones, double, keep={"name": "absorbed"})

    assert list(Topic.objects.public().values_list("name", flat=True)) == ["Arms", "UAVs"]
    revert_batch(batch_id=batch, reason="No.")
    assert sorted(Topic.objects.public().values_list("name", flat=True)) == ["Arms", "Drones", "UAVs"]


def test_merge_of_a_place_with_the_one_it_lies_in():
    moscow = PlaceFactory(name="Moscow")
    kremlin = PlaceFactory(name="Kremlin", parent=moscow, kind="venue", latitude="55.75000", longitude="37.61000")
    hall = PlaceFactory(name="Hall", parent=kremlin, kind="venue")
    meeting = MeetingFactory(place=kremlin)

    merged(moscow, kremlin)

    moscow.refresh_from_db()
    assert (moscow.parent, str(moscow.latitude)) == (None, "55.75000")
    assert Place.objects.get(pk=hall.pk).parent == moscow
    assert Meeting.objects.get(pk=meeting.pk).place == moscow


def test_merge_of_sources_cites_once_and_keeps_both_addresses():
    tass, double = SourceFactory(url="https://tass.com/1"), SourceFactory(url="https://tass.ru/1", title="Talks")
    meeting = MeetingFactory()
    CitationFactory(source=tass, meeting=meeting, note="Page 1.")
    CitationFactory(source=double, meeting=meeting, note="Page 2.")

    merged(tass, double)

    tass.refresh_from_db()
    assert (tass.url, tass.title) == ("https://tass.com/1", "Talks")
    assert tass.note == "Also recorded as address: https://tass.ru/1"
    assert list(Citation.objects.values_list("source", "note")) == [(tass.pk, "Page 1.\nPage 2.")]


def test_merge_of_sources_can_take_the_address_of_either():
    tass, double = SourceFactory(url="https://tass.com/1"), SourceFactory(url="https://tass.ru/1")

    merged(tass, double, keep={"url": "absorbed"})

    assert Source.objects.get(pk=tass.pk).url == "https://tass.ru/1"
    assert Source.objects.get(pk=double.pk).url == f"https://tass.ru/1#{double.uid}"


def test_merge_of_meetings_unites_participants_topics_and_statements():
    talks, double = MeetingFactory(title="Talks", date="2023-02"), MeetingFactory(title="Negotiations")
    wang, topic = PersonFactory(), TopicFactory()
    for meeting in (talks, double):
        ParticipationFactory(meeting=meeting, actor=wang)
        ParticipationFactory(meeting=meeting, actor=None, name_as_given="An aide")
        MeetingTopic.objects.create(meeting=meeting, topic=topic)
    statement, part = StatementFactory(meeting=double), MeetingFactory(part_of=double)

    merged(talks, double)

    assert sorted(Participation.objects.values_list("meeting", "actor", "name_as_given"), key=str) == sorted(
        [(talks.pk, wang.pk, ""), (talks.pk, None, "An aide")], key=str
    )
    assert list(MeetingTopic.objects.values_list("meeting", flat=True)) == [talks.pk]
    statement.refresh_from_db()
    part.refresh_from_db()
    assert (statement.meeting, part.part_of) == (talks, talks)
    talks.refresh_from_db()
    assert talks.date.edtf == "2023-02"
    assert talks.notes == "Also recorded as title: Negotiations\nAlso recorded as date: 2023-02-21"


def test_pages_and_api_lead_to_the_survivor_and_back_after_undo(client, static_files):
    wang, double = PersonFactory(name="Wang Yi"), PersonFactory(name="Wang I")
    ParticipationFactory(actor=double)
    page, endpoint = reverse("events:actor-detail", args=[double.uid]), f"/api/v1/actors/{double.uid}/"

    batch = merged(wang, double)

    assert (client.get(page).status_code, client.get(endpoint).status_code) == (301, 308)
    assert client.get(page).url.startswith(reverse("events:actor-detail", args=[wang.uid]))
    listed = client.get("/api/v1/actors/").json()["results"]
    assert [one["name"] for one in listed] == ["Wang Yi"]

    revert_batch(batch_id=batch, reason="Two persons.")

    assert (client.get(page).status_code, client.get(endpoint).status_code) == (200, 200)


def test_merge_refuses_another_version_than_the_one_looked_at():
    tass, double = SourceFactory(), SourceFactory()
    seen = Source.objects.get(pk=double.pk).version
    Source.objects.filter(pk=double.pk).update(note="Changed.")

    with pytest.raises(VersionConflict):
        merged(tass, double, absorbed_version=seen)
    assert Source.objects.public().count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_in_opposite_directions_one_wins():
    first, second = PersonFactory(name="Wang Yi"), PersonFactory(name="Wang I")
    ready, outcomes = Barrier(2), []

    def run(survivor, absorbed):
        try:
            ready.wait(10)
            merged(survivor, absorbed)
            outcomes.append("merged")
        except NotMergeable:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["merged", "refused"]
    assert Actor.objects.public().count() == 1


SIDES = ["", "CN", "RU"]
SPANS = ["", "2008/2012", "2013-03/..", "2012"]
TEXTS = ["", "Arrived late.", "Left early."]


class TestAnyTwoActors(TestCase):
    @settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=st.data())
    def test_nothing_points_at_the_absorbed_nothing_is_lost_and_undo_restores(self, data):
        draw = partial(lambda choices: data.draw(st.sampled_from(choices)))
        pair = [PersonFactory(name=f"Wang {n}", description=draw(TEXTS)) for n in range(2)]
        others, offices = [PersonFactory() for _ in range(2)], [TenureFactory().office for _ in range(2)]
        meetings, sources = [MeetingFactory() for _ in range(2)], [SourceFactory() for _ in range(2)]
        for actor in pair:
            for text in data.draw(st.sets(st.sampled_from(["王毅", "Ван И"]))):
                ActorName.objects.create(actor=actor, text=text, language="", kind=draw(["alias", "native"]))
            tenures = [
                TenureFactory(person=actor, office=office, span=draw(SPANS), note=draw(TEXTS))
                for office in data.draw(st.sets(st.sampled_from(offices)))
            ]
            for meeting in data.draw(st.sets(st.sampled_from(meetings))):
                row = ParticipationFactory(
                    meeting=meeting,
                    actor=actor,
                    side=draw(SIDES),
                    role=draw(["participant", "guest", "host"]),
                    note=draw(TEXTS),
                    on_behalf_of=draw([None, *others, *(one for one in pair if one != actor)]),
                )
                row.tenures.set(tenures[:1])
                for source in data.draw(st.sets(st.sampled_from(sources))):
                    CitationFactory(source=source, meeting=None, participation=row, note=draw(TEXTS))
                speaker = SpeakerFactory(actor=actor, tenure=draw([None, *tenures]))
                StatementTopic.objects.create(statement=speaker.statement, topic=TopicFactory())
        before = all_rows()
        survivor, absorbed = pair
        facts = _facts(pair)
        plan = plan_merge(survivor, absorbed)
        if plan.blockers:
            with pytest.raises(NotMergeable):
                merged(survivor, absorbed)
            assert all_rows() == before
            return

        batch = merged(survivor, absorbed)

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert pointing_at(absorbed) == []
        assert facts <= _facts([survivor])
        revert_batch(batch_id=batch, reason="Two persons.")
        assert all_rows() == before


def _facts(actors):
    """What is known of the actors, each fact once, whoever of them it is told of."""
    texts = {text for actor in Actor.objects.filter(pk__in=[one.pk for one in actors]) for text in [actor.description]}
    names = set(ActorName.objects.filter(actor__in=actors).values_list("text", flat=True))
    rows = Participation.objects.filter(actor__in=actors)
    said = {
        ("side", row.meeting_id, word) for row in rows for word in SIDES if word and word in f"{row.side} {row.note}"
    }
    notes = {("note", row.meeting_id, text) for row in rows for text in TEXTS if text and text in row.note}
    cited = set(Citation.objects.filter(participation__in=rows).values_list("participation__meeting", "source"))
    offices = set(
        ParticipationTenure.objects.filter(participation__in=rows).values_list(
            "participation__meeting", "tenure__office", "tenure__span"
        )
    )
    spoken = set(StatementSpeaker.objects.filter(actor__in=actors).values_list("statement", "tenure__office"))
    described = {("text", text) for text in TEXTS if text and any(text in one for one in texts)}
    return names | said | notes | cited | offices | spoken | described
