"""Two transactions at once, on every way by which a record is written: what was acknowledged is never lost unseen."""

import threading
import time
from dataclasses import dataclass

import pytest
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from actors.models import Actor, Tenure
from events.models import Meeting, MeetingTopic, Place, Topic
from records import bulk, services
from records.context import history_context
from records.merging import merge
from records.reverting import revert_batch, revert_record
from records.services import Refused
from tests.factories import MeetingFactory, OfficeFactory, PersonFactory, PlaceFactory, TenureFactory, TopicFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

#: Longer than PostgreSQL takes to find a deadlock, twice.
PATIENCE = 20


@dataclass
class Answer:
    """What a writer was told: ``refused`` in words, or acknowledged; ``error`` is what nobody should ever see."""

    refused: str = ""
    error: BaseException | None = None


class Writer(threading.Thread):
    """Somebody who writes on a connection of their own."""

    def __init__(self, verb, *, holds=False):
        super().__init__(daemon=True)
        self.verb, self.holds = verb, holds
        self.answer = Answer()
        self.pid = None
        self.done, self.may_commit = threading.Event(), threading.Event()

    def run(self):
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            if self.holds:
                with transaction.atomic():
                    self.write()
                    self.done.set()
                    self.may_commit.wait(PATIENCE)
            else:
                self.write()
        except BaseException as error:
            self.answer.error = error
        finally:
            self.done.set()
            connection.close()

    def write(self):
        try:
            self.answer.refused = self.verb() or ""
        except Refused as refused:
            self.answer.refused = str(refused) or "?"

    def waits_for_a_lock(self):
        if self.pid is None:
            return False
        with connection.cursor() as cursor:
            # Within a transaction, what was seen of others once is not looked up again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [self.pid])
            found = cursor.fetchone()
        return bool(found and found[0])


def wait_until(is_so):
    for _attempt in range(PATIENCE * 100):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("Nothing happened.")


def one_within_the_other(first, second):
    """Both answers; ``second`` begins when ``first`` has written and not committed yet, and runs as far as it can."""
    early, late = Writer(first, holds=True), Writer(second)
    early.start()
    assert early.done.wait(PATIENCE)
    late.start()
    wait_until(lambda: late.done.is_set() or late.waits_for_a_lock())
    early.may_commit.set()
    return finished(early, late)


def from_one_gate(model, keys, first, second):
    """Both answers; both begin, wait for rows that somebody else holds, and go on at one moment."""
    writers = Writer(first), Writer(second)
    with transaction.atomic():
        list(model.objects.filter(pk__in=keys).order_by("pk").select_for_update())
        for writer in writers:
            writer.start()
        wait_until(lambda: all(writer.done.is_set() or writer.waits_for_a_lock() for writer in writers))
    return finished(*writers)


def finished(*writers):
    for writer in writers:
        writer.join(PATIENCE)
        assert not writer.is_alive()
    for writer in writers:
        if writer.answer.error is not None:
            raise writer.answer.error
    return [writer.answer for writer in writers]


def now(record):
    return type(record).objects.get(pk=record.pk)


def at_the_end(record):
    """The key of the record, or of the survivor at the end of its merges."""
    current, seen = now(record), set()
    while current.merged_into_id is not None and current.pk not in seen:
        seen.add(current.pk)
        current = now(current.merged_into)
    return current.pk


class Scene:
    """Three persons that turn out to be one; a batch changed the first; the second holds an office."""

    def __init__(self, user):
        self.user = user
        with history_context(reason="Created."):
            self.one = PersonFactory(state="draft", name="Wang Yi", description="first")
            self.other = PersonFactory(state="draft", name="王毅", description="other")
            self.third = PersonFactory(state="draft", name="Ван И", description="third")
        with history_context(batch="bulk change") as self.batch:
            Actor.objects.filter(pk=self.one.pk).update(description="batch")
        self.office = OfficeFactory()
        self.tenure = TenureFactory(person=self.other, span="2013/2018")
        self.one, self.other, self.third = now(self.one), now(self.other), now(self.third)
        self.tenure = now(self.tenure)
        self.clients = {}

    def client(self):
        client = Client()
        client.force_login(self.user)
        return client

    # Each way to write: a function that prepares it and returns what the writer does, and whether it is kept.

    def form(self):
        """The form of the first person."""
        sent = {
            "name": "Wang Yi",
            "kind": "person",
            "description": "typed",
            "loaded_version": self.one.version,
            **{
                f"{prefix}-{count}_FORMS": "0"
                for prefix in ("names", "tenures", "memberships", "identifiers", "citations")
                for count in ("TOTAL", "INITIAL")
            },
        }
        return self.posted("actors_actor_change", sent, self.one.pk), lambda: now(self.one).description == "typed"

    def form_of_a_row(self):
        """The form of the office that the second person holds."""
        sent = {
            "person": self.other.pk,
            "office": self.tenure.office_id,
            "span": "2013/2019",
            "loaded_version": self.tenure.version,
            "citations-TOTAL_FORMS": 0,
            "citations-INITIAL_FORMS": 0,
        }

        def is_kept():
            tenure = now(self.tenure)
            return str(tenure.span) == "2013/2019" and tenure.person_id == at_the_end(self.other)

        return self.posted("actors_tenure_change", sent, self.tenure.pk), is_kept

    def form_that_links(self):
        """A new office of the second person."""
        sent = {
            "person": self.other.pk,
            "office": self.office.pk,
            "span": "2020",
            "citations-TOTAL_FORMS": 0,
            "citations-INITIAL_FORMS": 0,
        }

        def is_kept():
            held = Tenure.objects.filter(office=self.office)
            return {tenure.person_id for tenure in held} == {at_the_end(self.other)}

        return self.posted("actors_tenure_add", sent), is_kept

    def posted(self, page, sent, *args):
        client, url = self.client(), reverse(f"admin:{page}", args=args)

        def post():
            response = client.post(url, sent)
            if response.status_code == 302:
                return ""
            assert response.status_code in {200, 403}
            return "refused" if response.status_code == 403 else str(response.context["errors"])

        return post

    def bulk_action(self):
        """The list: submit the first person, as the preview showed it."""
        client = self.client()
        chosen = {"action": "submit_selected", "_selected_action": [self.one.pk], "index": "0"}
        shown = client.post(reverse("admin:actors_actor_changelist"), chosen)
        url = reverse("admin:actors_actor_bulk", args=["submit_selected"])
        sent = {"selection": shown.context["selection"], "_confirm": "1"}

        def post():
            said = list(get_messages(client.post(url, sent).wsgi_request))
            return " ".join(str(message) for message in said if message.level_tag == "error")

        return post, lambda: now(self.one).state == "review"

    def merged(self, survivor, absorbed):
        versions = {"survivor_version": survivor.version, "absorbed_version": absorbed.version}

        def run():
            merge(survivor=survivor, absorbed=absorbed, by=self.user, reason="One person.", **versions)

        def is_kept():
            return now(absorbed).merged_into_id is not None and at_the_end(absorbed) == at_the_end(survivor)

        return run, is_kept

    def merge(self):
        return self.merged(self.one, self.other)

    def merge_back(self):
        return self.merged(self.other, self.one)

    def merge_on(self):
        return self.merged(self.third, self.one)

    def revert(self):
        def run():
            revert_record(record=self.one, to_version=1, by=self.user, reason="Back.", version=self.one.version)

        return run, lambda: now(self.one).description == "first"

    def undo(self):
        """The batch that changed the first person; an undo names no version: it looks for itself."""
        return (
            lambda: revert_batch(batch_id=self.batch, by=self.user, reason="Back.") and None,
            lambda: now(self.one).description == "first",
        )

    def verb(self, name, state, **given):
        def run():
            getattr(services, name)(record=self.one, by=self.user, version=self.one.version, **given)

        return run, lambda: now(self.one).state == state

    def publish(self):
        return self.verb("publish", "published")

    def withdraw(self):
        return self.verb("withdraw", "withdrawn", reason="Denied.")


WAYS = (
    "form",
    "form_of_a_row",
    "form_that_links",
    "bulk_action",
    "merge",
    "merge_back",
    "merge_on",
    "revert",
    "undo",
    "publish",
    "withdraw",
)


def lost(scene, ways, answers):
    """The ways that were acknowledged, and whose change is not there."""
    return [name for (name, is_kept), answer in zip(ways, answers, strict=True) if not answer.refused and not is_kept()]


@pytest.mark.parametrize("early", WAYS)
def test_nothing_acknowledged_is_lost_to_who_began_before_it_was_committed(admin_user, early):
    wrong = []
    for late in WAYS:
        scene = Scene(admin_user)
        (first, first_kept), (second, second_kept) = getattr(scene, early)(), getattr(scene, late)()

        answers = one_within_the_other(first, second)

        gone = lost(scene, [(early, first_kept), (late, second_kept)], answers)
        if gone or answers[0].refused:
            wrong.append((late, gone, answers))

    assert wrong == []


CROSSING = [
    *(("merge", late) for late in ("merge", "merge_back", "merge_on", "revert", "form_that_links", "form_of_a_row")),
    ("merge_on", "merge_back"),
    ("revert", "undo"),
    ("bulk_action", "form"),
    ("publish", "withdraw"),
]


def test_nothing_acknowledged_is_lost_to_who_goes_on_at_the_same_moment(admin_user):
    wrong = []
    for first, second in CROSSING * 2:
        scene = Scene(admin_user)
        ways = [(name, *getattr(scene, name)()) for name in (first, second)]
        keys = [scene.one.pk, scene.other.pk, scene.third.pk]

        answers = from_one_gate(Actor, keys, ways[0][1], ways[1][1])

        gone = lost(scene, [(name, is_kept) for name, _verb, is_kept in ways], answers)
        if gone or all(answer.refused for answer in answers):
            wrong.append((first, second, gone, answers))

    assert wrong == []


CIRCLES = {Topic: "A topic cannot lie below itself", Place: "A place cannot lie in itself"}


@pytest.mark.parametrize("make", [TopicFactory, PlaceFactory])
def test_crossing_moves_end_in_the_words_of_the_rule(admin_user, make):
    """Each record moves below the other, by its form: one is moved, and the other is told why it is not."""
    for _attempt in range(3):
        one, other = make(state="draft"), make(state="draft")
        model = type(one)
        posts = [moving(admin_user, now(one), other), moving(admin_user, now(other), one)]

        answers = from_one_gate(model, [one.pk, other.pk], *posts)

        refused = [answer.refused for answer in answers if answer.refused]
        assert len(refused) == 1
        assert CIRCLES[model] in refused[0], refused
        assert model.objects.filter(pk__in=[one.pk, other.pk], parent=None).count() == 1


def moving(user, record, parent):
    """What sends the form of the record as it stands, with another parent."""
    client, options = Client(), record._meta
    client.force_login(user)
    url = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
    page = client.get(url)
    forms = [page.context["adminform"].form, *(one.formset for one in page.context["inline_admin_formsets"])]
    sent = {}
    for form in forms:
        fields = form.management_form if hasattr(form, "management_form") else form
        for bound in fields:
            value = bound.value()
            sent[bound.html_name] = "" if value is None else value
    sent["parent"] = parent.pk

    def post():
        response = client.post(url, sent)
        return "" if response.status_code == 302 else str(response.context["errors"])

    return post


def test_merge_waits_for_a_link_that_is_being_written_and_takes_it_along(admin_user):
    scene = Scene(admin_user)
    link, is_kept = scene.form_that_links()
    run, is_merged = scene.merge()

    answers = one_within_the_other(link, run)

    # The office came in the meantime: the version that was looked at is not the one that would be merged.
    assert (answers[0].refused, "Somebody else changed the record" in answers[1].refused) == ("", True)
    assert (is_kept(), is_merged()) == (True, False)


def test_link_to_a_record_that_is_being_merged_is_refused_with_the_name_of_the_survivor(admin_user):
    scene = Scene(admin_user)
    link, _is_kept = scene.form_that_links()
    run, is_merged = scene.merge()

    answers = one_within_the_other(run, link)

    assert (answers[0].refused, is_merged()) == ("", True)
    assert "“王毅” was merged into “Wang Yi”. Choose that one." in answers[1].refused
    assert Tenure.objects.filter(office=scene.office).count() == 0


def test_bulk_link_to_a_record_that_is_being_merged_is_refused_with_the_name_of_the_survivor(admin_user):
    kept, double, meeting = TopicFactory(name="Ukraine"), TopicFactory(name="Украина"), MeetingFactory(state="draft")
    meeting = now(meeting)

    def run():
        merge(survivor=kept, absorbed=double, by=admin_user, reason="One topic.")

    def link():
        verb, versions = bulk.verbs_for(Meeting)["add_topic_selected"], {meeting.pk: meeting.version}
        bulk.carry_out(verb=verb, model=Meeting, versions=versions, given={"topic": double}, by=admin_user)

    answers = one_within_the_other(run, link)

    assert [answer.refused for answer in answers] == ["", "“Украина” was merged into “Ukraine”. Choose that one."]
    assert MeetingTopic.objects.count() == 0


def test_two_that_block_each_other_are_tried_again(admin_user):
    """A deadlock is made by hand: the first to ask again gives way, and does its work at the second try."""
    one, other = PersonFactory(state="draft"), PersonFactory(state="draft")
    both = threading.Barrier(2, timeout=PATIENCE)
    met = set()

    def turn(first, second, word):
        @services.taking_turns
        def verb():
            with transaction.atomic():
                services.lock(first)
                if word not in met:
                    met.add(word)
                    both.wait()
                services.lock(second)
                Actor.objects.filter(pk__in=[first.pk, second.pk]).update(description=word)

        return verb

    answers = [Writer(turn(one, other, "to and")), Writer(turn(other, one, "fro"))]
    for writer in answers:
        writer.start()

    assert [answer.refused for answer in finished(*answers)] == ["", ""]
    assert len({now(one).description, now(other).description}) == 1


def test_verb_within_a_transaction_says_that_somebody_was_faster(admin_user):
    one, other = PersonFactory(state="draft"), PersonFactory(state="draft")
    both = threading.Barrier(2, timeout=PATIENCE)

    def turn(first, second):
        def verb():
            with transaction.atomic():
                services.lock(first)
                both.wait()
                services.submit(record=second)

        return verb

    writers = [Writer(turn(one, other)), Writer(turn(other, one))]
    for writer in writers:
        writer.start()

    said = sorted(answer.refused for answer in finished(*writers))
    assert said == ["", "Somebody saved at the same moment. Save again."]
