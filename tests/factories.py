"""Factories: real actors and meetings by default, published, so that a test only says what matters to it."""

import factory

from actors import models as actors
from events import models as events
from readers import models as readers


class RecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    state = "published"


class StateFactory(RecordFactory):
    class Meta:
        model = actors.Actor

    kind = "state"
    name = factory.Sequence(lambda n: f"State {n}")


class OrganisationFactory(RecordFactory):
    class Meta:
        model = actors.Actor

    kind = "organisation"
    name = factory.Sequence(lambda n: f"Organisation {n}")


class BodyFactory(RecordFactory):
    class Meta:
        model = actors.Actor

    kind = "body"
    name = factory.Sequence(lambda n: f"Ministry {n}")


class PersonFactory(RecordFactory):
    class Meta:
        model = actors.Actor

    kind = "person"
    name = factory.Sequence(lambda n: f"Envoy {n}")


class ActorNameFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = actors.ActorName

    actor = factory.SubFactory(PersonFactory)
    text = "王毅"
    language = "zh"
    kind = "native"


class OfficeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = actors.Office

    body = factory.SubFactory(BodyFactory)
    name = factory.Sequence(lambda n: f"Secretary {n}")
    tier = 3


class TenureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = actors.Tenure

    person = factory.SubFactory(PersonFactory)
    office = factory.SubFactory(OfficeFactory)
    span = "2008-05/2024-05-12"


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = actors.Membership

    member = factory.SubFactory(StateFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class TopicFactory(RecordFactory):
    class Meta:
        model = events.Topic

    name = factory.Sequence(lambda n: f"Topic {n}")


class PlaceFactory(RecordFactory):
    class Meta:
        model = events.Place

    name = factory.Sequence(lambda n: f"City {n}")
    kind = "city"
    country = "RU"


class SeriesFactory(RecordFactory):
    class Meta:
        model = events.Series

    name = factory.Sequence(lambda n: f"Consultation {n}")


class MeetingFactory(RecordFactory):
    class Meta:
        model = events.Meeting

    title = factory.Sequence(lambda n: f"Talks {n}")
    date = "2023-02-21"
    mode = "in-person"
    kind = "bilateral"


class ParticipationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = events.Participation

    meeting = factory.SubFactory(MeetingFactory)
    actor = factory.SubFactory(PersonFactory)


class StatementFactory(RecordFactory):
    class Meta:
        model = events.Statement

    kind = "remark"
    basis = "press-paraphrase"
    date = "2023-02-21"
    gist = factory.Sequence(lambda n: f"Both sides said thing {n}.")


class SpeakerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = events.StatementSpeaker

    statement = factory.SubFactory(StatementFactory)
    actor = factory.SubFactory(PersonFactory)


class FormulaFactory(RecordFactory):
    class Meta:
        model = events.Formula

    name = factory.Sequence(lambda n: f"set phrase {n}")


class SourceFactory(RecordFactory):
    class Meta:
        model = events.Source

    publisher = "TASS"
    url = factory.Sequence(lambda n: f"https://tass.com/world/{n}")
    published = "2023-02-21"
    language = "en"


class CitationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = events.Citation

    source = factory.SubFactory(SourceFactory)
    meeting = factory.SubFactory(MeetingFactory)


class CorrectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = readers.Correction

    record_id = factory.LazyFunction(lambda: MeetingFactory().uid)
    field = "date"
    version = 1
    value = "21 February 2023"
    text = "They met a day later."
    ticket = factory.Sequence(lambda n: f"{n:032d}")
