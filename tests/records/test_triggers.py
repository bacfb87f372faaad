import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from actors.models import Actor, ActorName
from events.models import Citation, Meeting, MeetingTopic, Participation, Series, Topic
from records.models import Identified, RegisteredId
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    SpeakerFactory,
    StateFactory,
    TenureFactory,
    TopicFactory,
)
from tests.refusals import models_of_ours


def version(row):
    return type(row).objects.values_list("version", flat=True).get(pk=row.pk)


@pytest.mark.django_db
def test_uid_never_changes():
    series = SeriesFactory(uid="0123456789")
    series.uid = "9876543210"

    with (
        pytest.raises(IntegrityError, match=r"The public id of a record never changes\.") as refused,
        transaction.atomic(),
    ):
        series.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.update(uid="9876543210")

    assert (refused.value.__cause__.diag.constraint_name, Series.objects.get().uid) == (
        "uid_is_immutable",
        "0123456789",
    )


@pytest.mark.django_db
def test_uid_of_a_deleted_record_is_never_given_again():
    SeriesFactory(uid="0123456789").delete()

    with pytest.raises(IntegrityError), transaction.atomic():
        SeriesFactory(uid="0123456789")
    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.bulk_create([Series(name="Another", uid="0123456789")])


@pytest.mark.django_db
def test_uid_is_unique_among_all_kinds_of_records():
    SeriesFactory(uid="0123456789")

    with pytest.raises(IntegrityError), transaction.atomic():
        TopicFactory(uid="0123456789")


@pytest.mark.django_db
def test_every_uid_is_registered_with_its_kind():
    SeriesFactory(uid="0123456789")
    TenureFactory(uid="abcdefghjk")

    assert set(RegisteredId.objects.filter(uid__in=["0123456789", "abcdefghjk"]).values_list("uid", "kind")) == {
        ("0123456789", "events.series"),
        ("abcdefghjk", "actors.tenure"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("write", ["UPDATE records_registeredid SET kind = 'x'", "DELETE FROM records_registeredid"])
def test_register_of_ids_is_append_only(write):
    SeriesFactory()

    refused = pytest.raises(DatabaseError, match="Cannot update or delete rows")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(write)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [m for m in models_of_ours() if issubclass(m, Identified)], ids=lambda m: m.__name__)
def test_every_table_of_records_keeps_its_identity(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O' "
            "AND (tgname LIKE 'pgtrigger_enter_identity_%%' OR tgname LIKE 'pgtrigger_keep_identity_%%')",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (2,)


@pytest.mark.django_db
def test_version_rises_with_each_update_in_whatever_way():
    series = SeriesFactory()
    versions = [series.version]
    series.description = "Yearly."
    series.save()
    versions.append(series.version)
    Series.objects.filter(pk=series.pk).update(description="Every year.")
    versions.append(version(series))
    Series.objects.bulk_update([series], ["description"])
    versions.append(version(series))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_series SET description = '' WHERE id = %s", [series.pk])
    versions.append(version(series))

    assert versions == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_version_cannot_be_set_by_hand():
    series = SeriesFactory()
    Series.objects.update(version=99)

    assert version(series) == 2


@pytest.mark.django_db
def test_moment_of_creation_cannot_be_set_back():
    series = SeriesFactory()
    Series.objects.update(created_at="1999-01-01T00:00:00Z")

    assert Series.objects.get().created_at == series.created_at


@pytest.mark.django_db
def test_publication_is_stamped_once():
    series = SeriesFactory(state="draft")
    before = series.published_at
    series.state = "published"
    series.save()
    first = series.published_at
    Series.objects.update(state="withdrawn", withdrawal_reason="A duplicate.")
    Series.objects.update(state="published")

    assert (before, first is not None, Series.objects.get().published_at) == (None, True, first)


@pytest.mark.django_db
def test_record_created_published_is_stamped_also_in_bulk():
    Series.objects.bulk_create([Series(name="BRICS security", state="published")])

    assert Series.objects.get().published_at is not None


@pytest.mark.django_db(transaction=True)
def test_version_of_a_record_rises_once_in_a_transaction_however_many_of_its_rows_change():
    talks = MeetingFactory()
    with transaction.atomic():
        ParticipationFactory(meeting=talks)
        ParticipationFactory(meeting=talks)
        CitationFactory(meeting=talks)
        MeetingTopic.objects.create(meeting=talks, topic=TopicFactory())

    assert version(talks) == 2


@pytest.mark.django_db(transaction=True)
def test_rows_saved_with_the_record_itself_raise_its_version_once():
    talks = MeetingFactory()
    with transaction.atomic():
        talks.summary = "Both sides spoke of Ukraine."
        talks.save()
        ParticipationFactory(meeting=talks)

    assert version(talks) == 2


@pytest.mark.django_db(transaction=True)
def test_record_created_together_with_its_rows_has_version_1():
    with transaction.atomic():
        talks = MeetingFactory()
        ParticipationFactory(meeting=talks)

    assert version(talks) == 1


@pytest.mark.django_db(transaction=True)
def test_version_of_a_record_rises_with_its_rows_written_in_bulk_or_raw():
    talks = MeetingFactory()
    Participation.objects.bulk_create([Participation(meeting=talks, name_as_given=name) for name in ("one", "two")])
    versions = [version(talks)]
    Participation.objects.update(side="CN")
    versions.append(version(talks))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_participation")
    versions.append(version(talks))

    assert versions == [2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_row_that_moves_to_another_record_raises_both_versions():
    wang_yi, wang_wenbin = PersonFactory(name="Wang Yi"), PersonFactory(name="Wang Wenbin")
    name = ActorNameFactory(actor=wang_yi)
    before = version(wang_yi), version(wang_wenbin)
    ActorName.objects.filter(pk=name.pk).update(actor=wang_wenbin)

    assert (before, version(wang_yi), version(wang_wenbin)) == ((2, 1), 3, 2)


@pytest.mark.django_db(transaction=True)
def test_office_of_a_participant_raises_the_version_of_the_meeting():
    tenure = TenureFactory()
    talks = MeetingFactory()
    participation = ParticipationFactory(meeting=talks, actor=tenure.person)
    before = version(talks)
    participation.tenures.add(tenure)
    Citation.objects.create(source=CitationFactory().source, participation=participation)

    assert (before, version(talks)) == (2, 4)


@pytest.mark.django_db(transaction=True)
def test_speaker_raises_the_version_of_the_statement_and_not_of_the_actor():
    speaker = SpeakerFactory()

    assert (version(speaker.statement), version(speaker.actor)) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_record_deleted_with_its_rows_leaves_no_trace_of_a_raised_version():
    talks = MeetingFactory()
    ParticipationFactory(meeting=talks)
    talks.delete()

    assert (Meeting.objects.count(), Participation.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_record_moves_within_its_tree_as_long_as_there_is_no_circle():
    ukraine, peace, settlement = (TopicFactory(name=name) for name in ("Ukraine", "Peace", "Settlement"))
    settlement.parent = ukraine
    settlement.save()
    settlement.parent = peace
    settlement.save()
    ukraine.parent = settlement
    ukraine.save()

    assert list(Topic.objects.order_by("name").values_list("name", "parent__name")) == [
        ("Peace", None),
        ("Settlement", "Peace"),
        ("Ukraine", "Settlement"),
    ]


@pytest.mark.django_db
def test_circle_of_three_is_refused_in_bulk():
    a, b, c = (PersonFactory(kind="body", name=name) for name in "ABC")
    Actor.objects.filter(pk=b.pk).update(parent=a)
    Actor.objects.filter(pk=c.pk).update(parent=b)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Actor.objects.filter(pk=a.pk).update(parent=c)

    assert refused.value.__cause__.diag.constraint_name == "actors_actor_parent_no_cycle"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("factory", "field"),
    [(BodyFactory, "parent"), (MeetingFactory, "part_of"), (TopicFactory, "parent"), (PlaceFactory, "parent")],
)
def test_two_crossing_moves_at_once_do_not_close_a_circle(factory, field):
    first, second = factory(), factory()
    model = type(first)
    both_are_ready = threading.Barrier(2, timeout=20)
    outcomes = []

    def move(row, below):
        try:
            with transaction.atomic():
                model.objects.get(pk=row.pk)
                both_are_ready.wait()
                model.objects.filter(pk=row.pk).update(**{field: below})
            outcomes.append("moved")
        except DatabaseError:
            # By the rule; or, where the link is part of a unique key, by PostgreSQL, which sees the two deadlock.
            outcomes.append("refused")
        finally:
            connection.close()

    movers = [threading.Thread(target=move, args=pair) for pair in ((first, second), (second, first))]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()

    assert sorted(outcomes) == ["moved", "refused"]
    assert model.objects.filter(**{f"{field}__isnull": True}).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_rows_of_one_record_each_raise_its_version():
    talks = MeetingFactory()
    both_are_ready = threading.Barrier(2, timeout=20)

    def add(name):
        try:
            both_are_ready.wait()
            Participation.objects.create(meeting_id=talks.pk, name_as_given=name)
        finally:
            connection.close()

    writers = [threading.Thread(target=add, args=(name,)) for name in ("observers", "senior officials")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert version(talks) == 3


@pytest.mark.django_db
def test_kind_of_an_actor_does_not_change_while_others_rely_on_it():
    # A state with nationals cannot become a person.
    china = StateFactory(name="China")
    PersonFactory(home_state=china)

    with pytest.raises(IntegrityError), transaction.atomic():
        Actor.objects.filter(pk=china.pk).update(kind="person")


def change_and_commit(row, **values):
    """Write past the forms, and let the rules speak that wait for the end of the transaction."""
    type(row).objects.filter(pk=row.pk).update(**values)
    connection.check_constraints()


@pytest.mark.django_db
def test_participant_does_not_change_while_it_acts_in_offices_of_its_own():
    tenure = TenureFactory()
    participation = ParticipationFactory(actor=tenure.person)
    participation.tenures.add(tenure)

    with pytest.raises(IntegrityError), transaction.atomic():
        change_and_commit(participation, actor=PersonFactory())


@pytest.mark.django_db
def test_tenure_does_not_pass_to_another_person_while_a_participant_acts_in_it():
    tenure = TenureFactory()
    ParticipationFactory(actor=tenure.person).tenures.add(tenure)

    with pytest.raises(IntegrityError), transaction.atomic():
        change_and_commit(tenure, person=PersonFactory())


@pytest.mark.django_db
def test_tenure_does_not_pass_to_another_person_while_a_speaker_spoke_in_it():
    tenure = TenureFactory()
    SpeakerFactory(actor=tenure.person, tenure=tenure)

    with pytest.raises(IntegrityError, match="held by somebody else"), transaction.atomic():
        change_and_commit(tenure, person=PersonFactory())


@pytest.mark.django_db
def test_participant_may_change_together_with_its_offices():
    tenure = TenureFactory()
    participation = ParticipationFactory(actor=tenure.person)
    participation.tenures.add(tenure)
    successor = TenureFactory()

    participation.actor = successor.person
    participation.save()
    participation.tenures.set([successor])
    connection.check_constraints()

    assert [held.person for held in participation.tenures.all()] == [successor.person]


@pytest.mark.django_db
def test_kind_that_others_rely_on_is_refused_in_the_form_as_well():
    china = StateFactory(name="China")
    PersonFactory(home_state=china)
    china.kind = "person"

    with pytest.raises(ValidationError) as refused:
        china.full_clean()

    assert refused.value.message_dict["kind"] == [
        "Other records rely on the kind of this one; change those first. "
        "An actor belongs to a state or an international organisation. Choose one of these."
    ]
