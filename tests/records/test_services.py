import pytest
from django.db import connection, transaction

from actors.models import Actor
from events.models import Meeting, Statement
from records import services
from records.context import history_context
from records.history import event_model
from records.lookup import Gone, Unknown, find
from records.models import Review
from tests.factories import (
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SpeakerFactory,
    StatementFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    meeting = MeetingFactory(state="draft", title="Wang Yi meets Nikolai Patrushev", date="2023-02-21")
    ParticipationFactory(meeting=meeting)
    meeting.refresh_from_db()
    return meeting


def state_of(record):
    return type(record).objects.get(pk=record.pk).state


def test_submit_hands_a_draft_to_the_reviewers(meeting):
    assert services.submit(record=meeting).state == "review"
    assert state_of(meeting) == "review"


@pytest.mark.parametrize("state", ["review", "published"])
def test_submit_refuses_what_is_no_draft(state):
    actor = PersonFactory(state=state)

    with pytest.raises(services.WrongState):
        services.submit(record=actor)

    assert state_of(actor) == state


def test_publish_shows_the_record_to_the_world(meeting):
    services.publish(record=meeting)

    assert Meeting.objects.public().get() == meeting
    assert Meeting.objects.get().published_at is not None


def test_publish_refuses_a_published_record():
    actor = PersonFactory(state="published")

    with pytest.raises(services.WrongState):
        services.publish(record=actor)


def test_publish_lists_all_that_a_meeting_lacks():
    meeting = MeetingFactory(state="draft", title=" ", date="")

    with pytest.raises(services.NotPublishable) as refused:
        services.publish(record=meeting)

    assert refused.value.messages == [
        "Give the meeting a title.",
        "Give the date, or say under “reason for the date” why it is not known.",
        "Name at least one participant.",
    ]
    assert state_of(meeting) == "draft"


def test_publish_takes_a_word_for_an_unknown_date(meeting):
    Meeting.objects.update(date="", date_note="The readout carries no date.")

    services.publish(record=meeting)

    assert state_of(meeting) == "published"


def test_publish_lists_all_that_a_statement_lacks():
    statement = StatementFactory(state="draft", title="Joint statement", gist="", text="")

    with pytest.raises(services.NotPublishable) as refused:
        services.publish(record=statement)

    assert refused.value.messages == ["Name at least one speaker or issuer.", "Write the gist, or fill in the text."]


def test_publish_takes_a_statement_with_speaker_and_gist():
    statement = StatementFactory(state="draft", gist="Both sides opposed unilateral bullying.")
    SpeakerFactory(statement=statement)

    services.publish(record=statement)

    assert Statement.objects.public().get() == statement


def test_publish_refuses_an_actor_with_a_blank_name():
    actor = PersonFactory(state="draft", name="  ")

    with pytest.raises(services.NotPublishable, match="Give the actor a name"):
        services.publish(record=actor)


def test_publish_needs_nothing_more_of_a_place_than_the_database_does():
    place = PlaceFactory(state="draft", name="Moscow")

    assert services.publish(record=place).state == "published"


def test_withdraw_tells_readers_why(meeting):
    services.publish(record=meeting)

    services.withdraw(record=meeting, reason="  The meeting was denied by both sides. ")

    with pytest.raises(Gone) as gone:
        find(meeting.uid, among=Meeting.objects.all())
    assert gone.value.reason == "The meeting was denied by both sides."


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_withdraw_needs_a_reason(meeting, reason):
    with pytest.raises(services.ReasonMissing):
        services.withdraw(record=meeting, reason=reason)

    assert state_of(meeting) == "draft"


def test_withdraw_keeps_user_and_reason_in_the_history(meeting, editor):
    services.publish(record=meeting, by=editor)
    services.withdraw(record=meeting, reason="Denied by both sides.", by=editor)

    said = event_model(Meeting).objects.order_by("-pgh_id").first().pgh_context.metadata
    assert said == {"user": editor.pk, "reason": "Denied by both sides."}
    assert Meeting.objects.get().updated_by == editor


def test_withdraw_refuses_what_is_withdrawn_already(meeting):
    services.withdraw(record=meeting, reason="Denied.")

    with pytest.raises(services.WrongState):
        services.withdraw(record=meeting, reason="Denied again.")


def test_publish_brings_a_withdrawn_record_back_at_its_address(meeting):
    services.publish(record=meeting)
    services.withdraw(record=meeting, reason="Denied.")

    services.publish(record=meeting)

    assert find(meeting.uid, among=Meeting.objects.all()) == meeting
    assert Meeting.objects.get().withdrawal_reason == ""


def test_return_to_draft_gives_a_record_in_review_back(meeting):
    services.submit(record=meeting)

    assert services.return_to_draft(record=meeting).state == "draft"


def test_return_to_draft_never_takes_the_reason_from_an_address_that_was_public(meeting):
    services.publish(record=meeting)
    services.withdraw(record=meeting, reason="Denied.")

    with pytest.raises(services.WrongState):
        services.return_to_draft(record=meeting)

    with pytest.raises(Gone):
        find(meeting.uid, among=Meeting.objects.all())


def test_return_to_draft_takes_back_a_withdrawal_that_no_reader_saw(meeting):
    services.withdraw(record=meeting, reason="Entered twice.")

    services.return_to_draft(record=meeting)

    assert (Meeting.objects.get().state, Meeting.objects.get().withdrawal_reason) == ("draft", "")
    with pytest.raises(Unknown):
        find(meeting.uid, among=Meeting.objects.all())


@pytest.mark.parametrize(
    "verb", [services.submit, services.publish, services.return_to_draft], ids=["submit", "publish", "return"]
)
def test_verbs_leave_a_merged_record_alone(verb):
    survivor = PersonFactory(name="Wang Yi")
    double = PersonFactory(name="Wang I", state="draft", merged_into=survivor)

    with pytest.raises(services.WrongState):
        verb(record=double)


def test_lock_refuses_another_version_than_the_one_read(meeting):
    read = meeting.version
    Meeting.objects.update(summary="Changed by a colleague.")

    with transaction.atomic(), pytest.raises(services.VersionConflict) as conflict:
        services.lock(meeting, version=read)

    assert conflict.value.current == read + 1


def test_lock_counts_a_changed_part_as_a_changed_record(meeting):
    read = meeting.version
    with connection.cursor() as cursor:
        # A transaction of its own: within one, rows saved together raise the version once.
        cursor.execute("UPDATE events_meeting SET version_xid = 0")
        cursor.execute("UPDATE events_participation SET side = 'CN'")

    with transaction.atomic(), pytest.raises(services.VersionConflict):
        services.lock(meeting, version=read)


def test_lock_says_that_a_record_was_deleted():
    actor = PersonFactory(state="draft")
    stale = Actor.objects.get()
    actor.delete()

    with transaction.atomic(), pytest.raises(services.VersionConflict) as conflict:
        services.lock(stale, version=1)

    assert conflict.value.current is None


def test_verbs_refuse_a_version_that_is_not_current(meeting):
    with pytest.raises(services.VersionConflict):
        services.publish(record=meeting, version=meeting.version + 1)

    assert state_of(meeting) == "draft"


# Nobody publishes their own record


@pytest.fixture
def reviewer(django_user_model):
    return django_user_model.objects.create_user("reviewer")


def written_by(user, meeting):
    """The meeting, changed by somebody."""
    with history_context(user=user):
        Meeting.objects.filter(pk=meeting.pk).update(summary="Both sides spoke of stability.")
    return Meeting.objects.get(pk=meeting.pk)


def refusal_of(meeting, *, by):
    with pytest.raises(services.OwnRecord) as refused:
        services.publish(record=meeting, by=by)
    assert state_of(meeting) in {"draft", "review", "withdrawn"}
    return refused.value.messages[0]


def test_publish_refuses_whoever_created_the_record(editor, reviewer):
    with history_context(user=editor):
        actor = PersonFactory(state="draft")
    written_by_another = Actor.objects.filter(pk=actor.pk)
    with history_context(user=reviewer):
        written_by_another.update(description="Diplomat.")

    assert refusal_of(actor, by=editor) == "You created this record: somebody else has to publish it."


def test_publish_refuses_whoever_submitted_the_record(meeting, editor, reviewer):
    services.submit(record=meeting, by=editor)
    written_by(reviewer, meeting)

    assert refusal_of(meeting, by=editor) == "You submitted this record: somebody else has to publish it."


def test_publish_remembers_who_submitted_last(meeting, editor, reviewer):
    services.submit(record=meeting, by=reviewer)
    services.return_to_draft(record=meeting, by=editor)
    services.submit(record=meeting, by=editor)

    assert services.publish(record=meeting, by=reviewer).state == "published"


def test_publish_refuses_whoever_changed_the_record_last(meeting, editor, reviewer):
    services.submit(record=meeting, by=editor)
    written_by(reviewer, meeting)

    assert (
        refusal_of(meeting, by=reviewer)
        == "The latest change to this record is yours: somebody else has to publish it."
    )


@pytest.mark.django_db(transaction=True)
def test_publish_counts_a_changed_participant_as_a_change_of_the_record(meeting, reviewer):
    with history_context(user=reviewer):
        ParticipationFactory(meeting=meeting)

    refusal_of(meeting, by=reviewer)


def test_publish_makes_no_exception_for_a_superuser(meeting, django_user_model):
    admin = django_user_model.objects.create_superuser("admin")

    assert "READOUT_SELF_REVIEW=on" in _hint(written_by(admin, meeting), by=admin)


def _hint(meeting, *, by):
    with pytest.raises(services.OwnRecord) as refused:
        services.publish(record=meeting, by=by)
    return refused.value.messages[1]


def test_publish_takes_ones_own_record_where_the_site_allows_it(meeting, editor, settings):
    settings.READOUT_SELF_REVIEW = True
    written_by(editor, meeting)
    services.submit(record=meeting, by=editor)

    assert services.publish(record=meeting, by=editor).state == "published"


def test_publish_asks_a_command_for_no_second_person(meeting, editor):
    written_by(editor, meeting)

    assert services.publish(record=meeting).state == "published"


def test_publishing_is_a_review_of_the_version_that_readers_see(meeting, reviewer):
    published = services.publish(record=meeting, by=reviewer)

    assert list(Review.objects.values_list("record", "version", "reviewer")) == [
        (meeting.uid, published.version, reviewer.pk)
    ]


def test_withdrawing_what_was_reviewed_leaves_nothing_to_review(meeting, reviewer):
    services.publish(record=meeting, by=reviewer)
    services.withdraw(record=meeting, reason="Denied.", by=reviewer)

    assert services.publish(record=meeting, by=reviewer).state == "published"


def test_withdrawing_what_was_not_reviewed_hides_no_change(meeting, editor, reviewer):
    services.publish(record=meeting, by=editor)
    written_by(reviewer, meeting)
    services.withdraw(record=meeting, reason="Denied.", by=reviewer)

    refusal_of(meeting, by=reviewer)


def test_checklist_says_what_is_done_and_what_is_not():
    meeting = MeetingFactory(state="draft", title="Talks in Moscow", date="")

    assert [(point.text, point.is_done) for point in services.checklist(meeting)] == [
        ("Give the meeting a title.", True),
        ("Give the date, or say under “reason for the date” why it is not known.", False),
        ("Name at least one participant.", False),
    ]
