"""Going back: a batch undone, a record as it was, a record brought back."""

from threading import Thread

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.models import Actor, ActorName
from events.models import Citation, Meeting, Participation, ParticipationTenure
from records import services
from records.context import history_context
from records.history import event_model
from records.merging import merge
from records.reverting import ChangedSince, plan_of_undo, restore, revert_batch, revert_record, state_at
from records.reverting.rows import columns, tracked_models
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

KEPT = {"version", "version_xid", "updated_at", "updated_by_id"}


def everything():
    """All rows of all tables with a history, without what each write changes."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values(*sorted({*columns(model)} - KEPT)))
        for model in tracked_models()
    }


@pytest.fixture
def meeting():
    """Talks with a participant in his office, a source, and a topic, as a draft."""
    meeting = MeetingFactory(state="draft", title="Wang Yi meets Nikolai Patrushev")
    tenure = TenureFactory(person=PersonFactory(name="Wang Yi"))
    participation = ParticipationFactory(meeting=meeting, actor=tenure.person)
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    CitationFactory(meeting=None, participation=participation)
    meeting.refresh_from_db()
    return meeting


# A batch


def test_revert_batch_takes_back_what_was_changed_added_and_removed(meeting):
    envoy = PersonFactory()
    before = everything()
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed", date="2023-02")
        ParticipationFactory(meeting=meeting, actor=envoy)
        ParticipationTenure.objects.all().delete()
        Citation.objects.all().delete()
        Participation.objects.filter(actor__name="Wang Yi").delete()

    revert_batch(batch_id=batch, reason="Wrong file.")

    assert everything() == before


def test_revert_batch_refuses_a_row_that_was_changed_again_and_changes_nothing():
    talks, summit = MeetingFactory(title="Talks", state="draft"), MeetingFactory(title="Summit", state="draft")
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(summary="Set by the batch.")
    Meeting.objects.filter(pk=talks.pk).update(summary="Mended by hand.")

    with pytest.raises(ChangedSince) as refused:
        revert_batch(batch_id=batch, reason="Wrong file.")

    assert refused.value.messages == ["Meeting: Talks (21 February 2023) was changed again since."]
    assert set(Meeting.objects.values_list("title", "summary")) == {
        ("Talks", "Mended by hand."),
        ("Summit", "Set by the batch."),
    }
    assert summit.pk


def test_revert_batch_lets_two_rows_exchange_what_only_one_may_have(meeting):
    wang, patrushev = PersonFactory(), PersonFactory()
    Participation.objects.all().delete()
    first, second = (ParticipationFactory(meeting=meeting, actor=actor) for actor in (wang, patrushev))
    with history_context(batch="bulk edit") as batch:
        Participation.objects.filter(pk=first.pk).update(actor=None, name_as_given="x")
        Participation.objects.filter(pk=second.pk).update(actor=wang)
        Participation.objects.filter(pk=first.pk).update(actor=patrushev, name_as_given="")

    revert_batch(batch_id=batch, reason="Exchanged by mistake.")

    assert dict(Participation.objects.values_list("pk", "actor")) == {first.pk: wang.pk, second.pk: patrushev.pk}


def test_revert_of_the_revert_does_the_batch_again(meeting):
    actor = Actor.objects.get(name="Wang Yi")
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed")
        ActorNameFactory(actor=actor, text="王毅")

    undo = revert_batch(batch_id=batch, reason="Wrong file.")
    assert (Meeting.objects.get().title, ActorName.objects.count()) == ("Wang Yi meets Nikolai Patrushev", 0)
    redo = revert_batch(batch_id=undo, reason="Right after all.")

    assert (undo.partition(":")[0], redo.partition(":")[0]) == ("undo of bulk edit", "redo of bulk edit")
    assert (Meeting.objects.get().title, ActorName.objects.get().text) == ("Renamed", "王毅")
    assert plan_of_undo(redo).conflicts == []


def test_revert_batch_is_told_in_the_history(meeting, editor):
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed")

    undo = revert_batch(batch_id=batch, by=editor, reason="Wrong file.")

    last = event_model(Meeting).objects.latest("pgh_id")
    assert (last.title, last.pgh_context.metadata) == (
        "Wang Yi meets Nikolai Patrushev",
        {"user": editor.pk, "reason": "Wrong file.", "batch": undo, "undoes": batch},
    )


# One record


@pytest.mark.django_db(transaction=True)
def test_revert_record_brings_back_rows_and_rows_of_rows(meeting):
    before, version = everything(), meeting.version
    envoy = PersonFactory()
    with transaction.atomic():
        ParticipationTenure.objects.all().delete()
        Participation.objects.all().delete()
        meeting.title = "Renamed"
        meeting.save()
    ParticipationFactory(meeting=meeting, actor=envoy)
    meeting.refresh_from_db()
    seen = meeting.version

    reverted = revert_record(record=meeting, to_version=version, reason="All wrong.", version=seen)

    envoy.delete()
    assert everything() == before
    assert (reverted.title, reverted.version > seen) == ("Wang Yi meets Nikolai Patrushev", True)


@pytest.mark.django_db(transaction=True)
def test_state_at_a_version_is_what_stood_there_when_its_transaction_had_ended(meeting):
    version = meeting.version
    Participation.objects.update(side="CN")
    Meeting.objects.update(summary="They met.")

    def told(at):
        rows = state_at(meeting, at)
        [participation] = [values for (model, _key), values in rows.items() if model is Participation]
        return rows[Meeting, meeting.pk]["summary"], participation["side"]

    assert [told(version), told(version + 1), told(version + 2)] == [("", ""), ("", "CN"), ("They met.", "CN")]


@pytest.mark.django_db(transaction=True)
def test_revert_record_leaves_a_published_record_published_and_refuses_to_empty_it():
    meeting = MeetingFactory(state="draft", title="Talks")
    ParticipationFactory(meeting=meeting)
    services.publish(record=meeting)

    with pytest.raises(services.NotPublishable):
        revert_record(record=meeting, to_version=1, reason="Back to the start.")
    Meeting.objects.update(title="Renamed")
    revert_record(record=meeting, to_version=2, reason="Wrong title.")

    assert Meeting.objects.values("title", "state").get() == {"title": "Talks", "state": "published"}
    assert Participation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_revert_record_says_which_link_is_gone_and_changes_nothing(meeting):
    version, wang = meeting.version, Actor.objects.get(name="Wang Yi")
    Participation.objects.all().delete()
    wang.delete()

    with pytest.raises(services.Refused) as refused:
        revert_record(record=meeting, to_version=version, reason="All wrong.")

    assert any("Wang Yi" in message and "was deleted" in message for message in refused.value.messages)
    assert Participation.objects.count() == 0


def test_revert_record_refuses_what_a_colleague_changed_meanwhile(meeting):
    with pytest.raises(services.VersionConflict):
        revert_record(record=meeting, to_version=1, reason="All wrong.", version=meeting.version + 1)


def test_revert_record_refuses_a_version_that_never_was(meeting):
    with pytest.raises(services.Refused):
        revert_record(record=meeting, to_version=99, reason="All wrong.")


# A deleted record


def test_restore_brings_a_record_back_with_its_id_its_rows_and_their_citations(meeting):
    before, uid, version = everything(), meeting.uid, meeting.version
    meeting.delete()

    restored = restore(uid=uid, reason="Deleted by mistake.")

    assert everything() == before
    assert (restored.uid, restored.version, restored.created_at) == (uid, version + 1, meeting.created_at)


@pytest.mark.django_db(transaction=True)
def test_restored_record_goes_back_to_the_version_that_was_deleted():
    wang = PersonFactory(state="draft", name="Wang Yi")
    uid = wang.uid
    wang.delete()
    restored = restore(uid=uid, reason="Deleted by mistake.")
    restored.name = "Wang"
    restored.save()

    again = revert_record(record=restored, to_version=1, reason="The name was right.")

    assert (again.uid, again.name) == (uid, "Wang Yi")


@pytest.mark.django_db(transaction=True)
def test_restore_refuses_an_id_that_is_in_use_or_never_was(meeting):
    for uid in (meeting.uid, "zzzzzzzzzz"):
        with pytest.raises(services.Refused, match="No deleted record had this id"):
            restore(uid=uid, reason="Deleted by mistake.")


def test_register_of_ids_opens_only_for_the_row_that_was_deleted():
    series = SeriesFactory(uid="0123456789")
    series.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('readout.restoring', '0123456789', true)")

    with pytest.raises(IntegrityError), transaction.atomic():
        SeriesFactory(uid="0123456789")
    with pytest.raises(IntegrityError), transaction.atomic():
        TopicFactory(uid="0123456789")


def test_revert_of_a_revert_makes_a_deleted_record_again():
    with history_context(batch="import") as batch:
        series = SeriesFactory(state="draft")

    undo = revert_batch(batch_id=batch, reason="Wrong file.")
    revert_batch(batch_id=undo, reason="Right after all.")

    assert type(series).objects.get().uid == series.uid


def test_undo_of_an_import_withdraws_what_readers_saw_and_deletes_the_rest():
    with history_context(batch="import") as batch:
        talks = MeetingFactory(title="Talks")
        wang, munich = PersonFactory(name="Wang Yi", state="draft"), PlaceFactory(name="Munich", state="draft")
        ParticipationFactory(meeting=talks, actor=wang)
        PersonFactory(name="Nikolai Patrushev", state="draft")

    plan = plan_of_undo(batch)
    undo = revert_batch(batch_id=batch, reason="Wrong file.")

    talks.refresh_from_db()
    assert (plan.conflicts, plan.withdrawn) == ([], 1)
    assert (talks.state, talks.withdrawal_reason) == ("withdrawn", "Wrong file.")
    # Its participant is needed, and stays as private as it was.
    assert [row.actor for row in talks.participations.all()] == [wang]
    assert list(Actor.objects.values_list("name", "state")) == [("Wang Yi", "draft")]
    assert not type(munich).objects.exists()

    revert_batch(batch_id=undo, reason="Right after all.")
    assert list(Meeting.objects.public()) == [talks]
    assert Actor.objects.count() == 2


def test_undo_leaves_what_was_withdrawn_by_the_batch_itself_with_its_reason():
    with history_context(batch="import") as batch:
        talks = MeetingFactory(title="Talks")
        Meeting.objects.update(state="withdrawn", withdrawal_reason="Denied.")

    assert plan_of_undo(batch).changes == []
    talks.refresh_from_db()
    assert (talks.state, talks.withdrawal_reason) == ("withdrawn", "Denied.")


def in_another_transaction(change):
    """Make a change on a connection of its own, as a colleague does; waits for it."""

    def run():
        try:
            change()
        finally:
            connections.close_all()

    colleague = Thread(target=run)
    colleague.start()
    colleague.join()


@pytest.mark.django_db(transaction=True)
def test_revert_that_began_before_a_colleague_saved_overwrites_nothing():
    meeting = MeetingFactory(state="draft", title="Talks")
    Meeting.objects.update(title="Renamed")
    seen = Meeting.objects.get().version

    with transaction.atomic():
        list(Meeting.objects.all())
        in_another_transaction(lambda: Meeting.objects.update(summary="Written by a colleague."))
        with pytest.raises(services.VersionConflict):
            revert_record(record=meeting, to_version=1, reason="Wrong.", version=seen)

    assert Meeting.objects.values_list("title", "summary").get() == ("Renamed", "Written by a colleague.")


@pytest.mark.django_db(transaction=True)
def test_undo_that_began_before_a_colleague_saved_overwrites_nothing():
    MeetingFactory(state="draft", title="Talks")
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed")

    with transaction.atomic():
        assert plan_of_undo(batch).conflicts == []
        in_another_transaction(lambda: Meeting.objects.update(title="Written by a colleague."))
        with pytest.raises(ChangedSince):
            revert_batch(batch_id=batch, reason="Wrong.")

    assert Meeting.objects.get().title == "Written by a colleague."


EDITS = st.lists(
    st.sampled_from(["rename", "date", "add", "side", "raw", "office", "clear", "cite", "uncite"]),
    min_size=1,
    max_size=6,
)


def edit(meeting, what):
    match what:
        case "rename":
            Meeting.objects.filter(pk=meeting.pk).update(title=f"Renamed {meeting.version}", summary="They met.")
        case "date":
            Meeting.objects.filter(pk=meeting.pk).update(date="2023-02")
        case "add":
            ParticipationFactory(meeting=meeting, actor=None, name_as_given="two aides")
        case "side":
            for row in meeting.participations.all():
                row.side = f"{row.side}x"
                row.save()
        case "raw":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE events_participation SET position = position + 1")
        case "office":
            ParticipationTenure.objects.all().delete()
        case "clear":
            meeting.participations.all().delete()
        case "cite":
            CitationFactory(meeting=meeting)
        case "uncite":
            Citation.objects.filter(meeting=meeting).delete()


def rows_of(meeting):
    known = [Meeting, Participation, ParticipationTenure, Citation]
    return {model: list(model.objects.order_by("pk").values(*sorted({*columns(model)} - KEPT))) for model in known}


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_any_version_comes_back_row_for_row(edits):
    for model in (Citation, Meeting):
        model.objects.all().delete()
    meeting = MeetingFactory(state="draft", title="Talks")
    tenure = TenureFactory()
    participation = ParticipationFactory(meeting=meeting, actor=tenure.person)
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    seen = {}
    for what in edits:
        meeting.refresh_from_db()
        seen[meeting.version] = rows_of(meeting)
        edit(meeting, what)

    for version, rows in seen.items():
        meeting.refresh_from_db()
        if rows_of(meeting) != rows:
            revert_record(record=meeting, to_version=version, reason="Back.", version=meeting.version)
        assert rows_of(meeting) == rows


def test_undo_gives_a_link_to_a_merged_record_to_the_survivor():
    moscow, double = PlaceFactory(name="Moscow"), PlaceFactory(name="Moskva")
    meeting = ParticipationFactory(meeting__place=double).meeting
    with history_context(batch="bulk place") as batch:
        Meeting.objects.filter(pk=meeting.pk).update(place=None)
    merge(survivor=moscow, absorbed=double, reason="One city.")

    revert_batch(batch_id=batch, reason="It was known.")

    assert Meeting.objects.get(pk=meeting.pk).place == moscow


def test_restore_gives_a_link_to_a_merged_record_to_the_survivor():
    moscow, double = PlaceFactory(name="Moscow"), PlaceFactory(name="Moskva")
    meeting = MeetingFactory(place=double, state="draft")
    Meeting.objects.filter(pk=meeting.pk).delete()
    merge(survivor=moscow, absorbed=double, reason="One city.")

    assert restore(uid=meeting.uid, reason="Deleted by mistake.").place == moscow
