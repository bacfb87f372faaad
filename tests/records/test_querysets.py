import pytest

from actors import models as actors
from events import models as events
from records.models import Identified, Part, Record
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    MembershipFactory,
    OfficeFactory,
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
from tests.refusals import models_of_ours


def participation():
    return ParticipationFactory(on_behalf_of=StateFactory())


def participation_tenure():
    tenure = TenureFactory()
    return events.ParticipationTenure.objects.create(
        participation=ParticipationFactory(actor=tenure.person), tenure=tenure
    )


def participation_tenure_on_behalf():
    link = participation_tenure()
    link.participation.on_behalf_of = StateFactory()
    link.participation.save()
    return link


def speaker_in_office():
    tenure = TenureFactory()
    return SpeakerFactory(actor=tenure.person, tenure=tenure)


def link_to(**target):
    return events.StatementLink.objects.create(statement=StatementFactory(), relation="repeats", **target)


# For each model, rows that together fill every link of its `public_through`.
ROWS = {
    actors.ActorName: [ActorNameFactory],
    actors.ActorIdentifier: [
        lambda: actors.ActorIdentifier.objects.create(actor=PersonFactory(), scheme="wikidata", value="Q15031")
    ],
    actors.Office: [OfficeFactory],
    actors.Tenure: [TenureFactory],
    actors.Membership: [MembershipFactory],
    events.PlaceName: [lambda: events.PlaceName.objects.create(place=PlaceFactory(), text="Москва", language="ru")],
    events.TopicLabel: [lambda: events.TopicLabel.objects.create(topic=TopicFactory(), text="多边主义", language="zh")],
    events.MeetingTopic: [lambda: events.MeetingTopic.objects.create(meeting=MeetingFactory(), topic=TopicFactory())],
    events.Participation: [participation],
    events.ParticipationTenure: [participation_tenure, participation_tenure_on_behalf],
    events.StatementSpeaker: [SpeakerFactory, speaker_in_office],
    events.StatementMention: [
        lambda: events.StatementMention.objects.create(statement=StatementFactory(), actor=StateFactory())
    ],
    events.StatementTopic: [
        lambda: events.StatementTopic.objects.create(statement=StatementFactory(), topic=TopicFactory())
    ],
    events.StatementLink: [
        lambda: link_to(to_statement=StatementFactory()),
        lambda: link_to(to_meeting=MeetingFactory()),
    ],
    events.FormulaVariant: [
        lambda: events.FormulaVariant.objects.create(formula=FormulaFactory(), text="无上限", language="zh")
    ],
    events.FormulaUser: [lambda: events.FormulaUser.objects.create(formula=FormulaFactory(), actor=PersonFactory())],
    events.FormulaUse: [
        lambda: events.FormulaUse.objects.create(formula=FormulaFactory(), statement=StatementFactory())
    ],
    events.Citation: [
        CitationFactory,
        lambda: CitationFactory(meeting=None, participation=participation()),
        lambda: CitationFactory(meeting=None, statement=StatementFactory()),
        lambda: CitationFactory(meeting=None, tenure=TenureFactory()),
        lambda: CitationFactory(meeting=None, actor=PersonFactory()),
        lambda: CitationFactory(meeting=None, formula=FormulaFactory()),
    ],
}
RECORDS = [model for model in models_of_ours() if issubclass(model, Record)]
PATHS = [(model, path) for model in ROWS for path in model.public_through]


def at(row, path):
    for step in path.split("__"):
        row = row and getattr(row, step)
    return row


def row_with(model, path):
    """A row of a model whose link at ``path`` is set."""
    for build in ROWS[model]:
        row = build()
        if at(row, path) is not None:
            return row
    raise AssertionError(f"No row here sets {model.__name__}.{path}")


def test_every_model_that_follows_others_is_tried():
    following = {m for m in models_of_ours() if issubclass(m, (Part, Identified)) and not issubclass(m, Record)}

    assert following == set(ROWS)


#: Links that hide only what they lead to: an author stays when the body of the office is not public.
HIDES_ITSELF_ALONE = {"events.StatementSpeaker.tenure"}


def links_to_records(model):
    """The paths of all records that hide a row that joins them, directly or through a row that joins them."""
    for field in model._meta.local_fields:
        if str(field) in HIDES_ITSELF_ALONE:
            continue
        if field.is_relation and issubclass(field.related_model, Record):
            yield field.name
        elif field.is_relation and issubclass(field.related_model, (Part, Identified)):
            yield from (f"{field.name}__{path}" for path in links_to_records(field.related_model))


@pytest.mark.parametrize("model", list(ROWS), ids=lambda model: model.__name__)
def test_visibility_follows_every_record_that_a_row_joins(model):
    assert set(links_to_records(model)) == set(model.public_through)


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", ["draft", "review", "withdrawn", "merged"])
@pytest.mark.parametrize(("model", "path"), PATHS, ids=lambda value: getattr(value, "__name__", value))
def test_row_is_hidden_with_any_record_it_joins(model, path, hidden):
    row = row_with(model, path)
    assert list(model.objects.public().filter(pk=row.pk)) == [row]

    record = at(row, path)
    if hidden == "merged":
        survivor = type(record).objects.create(**copy_of(record))
        type(record).objects.filter(pk=record.pk).update(merged_into=survivor)
    else:
        type(record).objects.filter(pk=record.pk).update(state=hidden, withdrawal_reason="A duplicate.")

    assert list(model.objects.public().filter(pk=row.pk)) == []


def copy_of(record):
    """What another record of the same model needs to exist."""
    needed = {"kind", "basis", "publisher", "state"}
    texts = {name: f"another {getattr(record, name)}" for name in ("name", "title", "gist") if hasattr(record, name)}
    return {name: getattr(record, name) for name in needed if hasattr(record, name)} | texts


@pytest.mark.django_db
@pytest.mark.parametrize("model", list(ROWS), ids=lambda model: model.__name__)
def test_link_that_is_not_set_hides_nothing(model):
    rows = [build() for build in ROWS[model]]

    assert set(model.objects.public().filter(pk__in=[row.pk for row in rows])) == set(rows)


@pytest.mark.django_db
def test_participant_known_by_name_only_is_public_with_its_meeting():
    observers = ParticipationFactory(actor=None, name_as_given="observers")
    ParticipationFactory(actor=None, name_as_given="observers", meeting__state="draft")

    assert list(events.Participation.objects.public()) == [observers]


@pytest.mark.django_db
def test_record_is_public_when_published_and_not_merged():
    survivor = SeriesFactory(name="Strategic security consultation")
    for state in ("draft", "review"):
        SeriesFactory(state=state)
    SeriesFactory(state="withdrawn", withdrawal_reason="A duplicate.")
    SeriesFactory(merged_into=survivor)

    assert list(events.Series.objects.public()) == [survivor]


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
@pytest.mark.django_db
def test_every_kind_of_record_has_the_one_definition_of_public(model):
    assert str(model.objects.public().query.where) == str(
        model.objects.filter(state="published", merged_into__isnull=True).query.where
    )


@pytest.mark.django_db
def test_records_are_found_by_where_they_stand():
    draft = SeriesFactory(state="draft")
    waiting = SeriesFactory(state="review")
    withdrawn = SeriesFactory(state="withdrawn", withdrawal_reason="A duplicate.")
    SeriesFactory()
    series = events.Series.objects

    assert [list(series.drafts()), list(series.in_review()), list(series.withdrawn())] == [
        [draft],
        [waiting],
        [withdrawn],
    ]


@pytest.mark.django_db
def test_records_with_open_points_are_those_that_state_what_is_unverified():
    MeetingFactory()
    new_york = MeetingFactory(open_points=["The exact day: 21 September 2022 is an inference."])

    assert list(events.Meeting.objects.with_open_points()) == [new_york]


@pytest.mark.django_db
def test_questions_are_asked_of_a_set_that_is_already_narrowed():
    council = BodyFactory(name="Security Council of the Russian Federation")
    shown = OfficeFactory(body=council)
    OfficeFactory()

    assert list(actors.Office.objects.filter(body=council).public()) == [shown]
