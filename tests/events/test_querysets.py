import pytest

from events.models import (
    Citation,
    Meeting,
    MeetingTopic,
    Participation,
    Place,
    Statement,
    StatementTopic,
    Topic,
    TopicLabel,
)
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)


@pytest.mark.django_db
def test_topic_is_taken_with_everything_below_it():
    security = TopicFactory(name="Security")
    europe = TopicFactory(name="European security", parent=security)
    nato = TopicFactory(name="NATO enlargement", parent=europe)
    taiwan = TopicFactory(name="Taiwan")
    TopicFactory(name="Trade")

    asked = [security.pk, taiwan.pk]

    assert set(Topic.objects.at_or_below(asked)) == {security, europe, nato, taiwan}


@pytest.mark.django_db
def test_topics_come_with_their_labels(django_assert_num_queries):
    for name in ("Multilateralism", "Ukraine"):
        TopicLabel.objects.create(topic=TopicFactory(name=name), language="zh", text=name)

    with django_assert_num_queries(2):
        assert [len(topic.labels.all()) for topic in Topic.objects.with_labels()] == [1, 1]


@pytest.mark.django_db
def test_places_are_found_by_country():
    moscow = PlaceFactory(name="Moscow", country="RU")
    PlaceFactory(name="Munich", country="DE")

    assert list(Place.objects.in_country("RU")) == [moscow]


def talks_of_two():
    talks = MeetingFactory(place=PlaceFactory(), series=SeriesFactory(), part_of=MeetingFactory(kind="visit"))
    for _ in range(2):
        tenure = TenureFactory(person=PersonFactory(home_state=StateFactory()))
        ParticipationFactory(meeting=talks, actor=tenure.person).tenures.add(tenure)
    MeetingTopic.objects.create(meeting=talks, topic=TopicFactory())
    return talks


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 3])
def test_meetings_with_all_they_need_cost_the_same_for_one_and_for_many(n, django_assert_num_queries):
    talks = [talks_of_two() for _ in range(n)]
    asked = Meeting.objects.filter(pk__in=[row.pk for row in talks])

    with django_assert_num_queries(4):
        for row in asked.with_participants().with_topics().with_place_and_series():
            assert (row.place.name, row.series.name, row.part_of.title) != ("", "", "")
            assert [str(link.topic) for link in row.topic_links.all()] != []
            for participation in row.participations.all():
                assert participation.actor.home_state.name
                assert [str(tenure) for tenure in participation.tenures.all()] != []


@pytest.mark.django_db
def test_children_of_a_meeting_leave_out_what_is_not_public():
    talks = MeetingFactory()
    wang_yi = ParticipationFactory(meeting=talks, actor__name="Wang Yi")
    ParticipationFactory(meeting=talks, actor__state="draft")
    ParticipationFactory(meeting=talks, on_behalf_of=StateFactory(state="draft"))
    wang_yi.tenures.add(TenureFactory(person=wang_yi.actor, office__body__state="draft"))
    ukraine = TopicFactory(name="Ukraine")
    MeetingTopic.objects.create(meeting=talks, topic=ukraine)
    MeetingTopic.objects.create(meeting=talks, topic=TopicFactory(state="review"))

    read = Meeting.objects.with_participants().with_topics().get(pk=talks.pk)

    assert (
        list(read.participations.all()),
        list(read.participations.all()[0].tenures.all()),
        [link.topic for link in read.topic_links.all()],
    ) == ([wang_yi], [], [ukraine])


@pytest.mark.django_db
def test_unresolved_participants_are_those_known_by_name_only():
    ParticipationFactory(name_as_given="Wang")
    observers = ParticipationFactory(actor=None, name_as_given="observers")

    assert list(Participation.objects.unresolved()) == [observers]


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 3])
def test_statements_with_all_they_need_cost_the_same_for_one_and_for_many(n, django_assert_num_queries):
    for _ in range(n):
        tenure = TenureFactory()
        statement = StatementFactory(meeting=MeetingFactory(place=PlaceFactory()), channel=StateFactory())
        SpeakerFactory(statement=statement, actor=tenure.person, tenure=tenure)
        StatementTopic.objects.create(statement=statement, topic=TopicFactory(), stance="supports")

    with django_assert_num_queries(4):
        for row in Statement.objects.with_speakers().with_topics().with_meeting():
            assert (row.meeting.place.name, row.channel.name) != ("", "")
            assert [(str(speaker), str(speaker.tenure)) for speaker in row.speakers.all()] != []
            assert [(str(link.topic), link.stance) for link in row.topic_links.all()] != []


@pytest.mark.django_db
def test_children_of_a_statement_leave_out_what_is_not_public():
    statement = StatementFactory()
    wang_yi = SpeakerFactory(statement=statement)
    SpeakerFactory(statement=statement, actor__state="draft")
    StatementTopic.objects.create(statement=statement, topic=TopicFactory(state="draft"))

    read = Statement.objects.with_speakers().with_topics().get(pk=statement.pk)

    assert (list(read.speakers.all()), list(read.topic_links.all())) == ([wang_yi], [])


@pytest.mark.django_db
def test_citations_of_a_meeting_are_those_of_its_participations_too():
    talks = MeetingFactory()
    of_talks = CitationFactory(meeting=talks)
    of_participant = CitationFactory(meeting=None, participation=ParticipationFactory(meeting=talks))
    CitationFactory()

    assert list(Citation.objects.about_meeting(talks)) == [of_talks, of_participant]


@pytest.mark.django_db
def test_contradicting_citations_are_those_that_give_another_value(django_assert_num_queries):
    CitationFactory(field="date")
    sputnik = CitationFactory(field="date", verdict="contradicts", value_given="2025-12-01")

    with django_assert_num_queries(1):
        assert [
            (citation, citation.source.publisher) for citation in Citation.objects.contradicting().with_source()
        ] == [(sputnik, "TASS")]
