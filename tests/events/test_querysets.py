import pytest

from events.models import (
    Citation,
    Participation,
    Topic,
)
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
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
def test_unresolved_participants_are_those_known_by_name_only():
    ParticipationFactory(name_as_given="Wang")
    observers = ParticipationFactory(actor=None, name_as_given="observers")

    assert list(Participation.objects.unresolved()) == [observers]


@pytest.mark.django_db
def test_citations_of_a_meeting_are_those_of_its_participations_too():
    talks = MeetingFactory()
    of_talks = CitationFactory(meeting=talks)
    of_participant = CitationFactory(meeting=None, participation=ParticipationFactory(meeting=talks))
    CitationFactory()

    assert list(Citation.objects.about_meeting(talks)) == [of_talks, of_participant]


@pytest.mark.django_db
def test_contradicting_citations_are_those_that_give_another_value():
    CitationFactory(field="date")
    sputnik = CitationFactory(field="date", verdict="contradicts", value_given="2025-12-01")

    assert list(Citation.objects.contradicting()) == [sputnik]
