"""Bulk verbs beside the form and beside each other, in real transactions."""

import threading

import pytest
from django.db import connection, transaction

from events.models import Meeting, MeetingTopic
from records import bulk, services
from tests.factories import MeetingFactory, ParticipationFactory, TopicFactory

pytestmark = pytest.mark.django_db(transaction=True)


def verb(name, model=Meeting):
    return bulk.verbs_for(model)[name]


def versions(*meetings):
    return dict(Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).values_list("pk", "version"))


def in_threads(*works):
    """Run each of the works in a thread with a connection of its own; their answers, or what they raised."""
    answers = {}

    def run(number, work):
        try:
            answers[number] = work()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [answers[number] for number in range(len(works))]


def test_form_that_was_saved_while_bulk_waited_is_not_overwritten():
    meeting, other = MeetingFactory(title="Talks", state="draft"), MeetingFactory(title="Plan", state="draft")
    topic, seen, has_lock = TopicFactory(name="Ukraine"), versions(meeting, other), threading.Event()

    def form():
        with transaction.atomic():
            current = services.lock(meeting, version=1)
            has_lock.set()
            waits_for_lock()
            current.summary = "Typed."
            current.save()

    def many():
        has_lock.wait(10)
        return bulk.carry_out(
            verb=verb("add_topic_selected"), model=Meeting, versions=seen, given={"topic": topic}, by=None
        )

    _saved, report = in_threads(form, many)

    assert (report.done, [outcome.record.pk for outcome in report.refused]) == (1, [meeting.pk])
    assert list(MeetingTopic.objects.values_list("meeting", flat=True)) == [other.pk]
    assert Meeting.objects.get(pk=meeting.pk).summary == "Typed."


def waits_for_lock():
    """Return once another connection waits for a lock of this one."""
    for _attempt in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")


def test_form_is_told_of_a_bulk_change_it_did_not_see():
    meeting = MeetingFactory(title="Talks", state="draft")
    bulk.carry_out(
        verb=verb("set_status_selected"),
        model=Meeting,
        versions=versions(meeting),
        given={"status": "cancelled"},
        by=None,
    )

    with pytest.raises(services.VersionConflict), transaction.atomic():
        services.lock(meeting, version=1)


def test_two_bulk_changes_of_the_same_records_wait_for_each_other():
    meetings = MeetingFactory.create_batch(40, state="draft", place=None)
    for meeting in meetings:
        ParticipationFactory(meeting=meeting)
    topic, seen, barrier = TopicFactory(name="Ukraine"), versions(*meetings), threading.Barrier(2)
    backwards = dict(reversed(seen.items()))

    def do(name, order, given):
        barrier.wait(10)
        return bulk.carry_out(verb=verb(name), model=Meeting, versions=order, given=given, by=None)

    reports = in_threads(
        lambda: do("add_topic_selected", seen, {"topic": topic}),
        lambda: do("publish_selected", backwards, {}),
    )

    # Whoever came first did all of it, and the other saw that all had changed.
    assert sorted((report.done, len(report.refused)) for report in reports) == [(0, 40), (40, 0)]


def test_rule_that_only_the_database_knows_refuses_one_record_and_not_the_others():
    first, second = MeetingFactory(title="Talks", state="draft"), MeetingFactory(title="Plan", state="draft")

    class Careless(bulk.SetField):
        def outcomes(self, records, given, *, by):
            return [bulk.Outcome(record, "changes") for record in records]

        def values(self, record, given):
            return {"title": "" if record.pk == first.pk else "Anew"}

    report = bulk.carry_out(
        verb=Careless(Meeting, "title", "Title"), model=Meeting, versions=versions(first, second), given={}, by=None
    )

    assert (report.done, [(one.record.pk, one.refusal) for one in report.refused]) == (
        1,
        [(first.pk, "Give the meeting a title.")],
    )
    assert list(Meeting.objects.order_by("pk").values_list("title", flat=True)) == ["Talks", "Anew"]
