"""Webhooks: what an address is told, how it is signed, when it is tried again, and the pages of their owner."""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import settings as site
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection, connections
from django.urls import reverse
from django.utils.html import escape

from events.models import Meeting, MeetingTopic
from readers import searches
from readers.hooks import looking, services
from readers.hooks.queue import CLAIM, DELAYS, Worker, forget
from readers.hooks.signing import secret_of
from readers.hooks.transport import Transport
from readers.models import Delivery, OffReason, Webhook
from records.merging import merge
from records.services import Refused, withdraw
from tests import factories

sys.path.insert(0, str(site.BASE_DIR / "clients" / "python" / "src"))

from readout_client import NotSigned, verify_webhook

# A change is told of only when no transaction runs that is older: a test in one of its own would see nothing.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.WEBHOOKS_ANYWHERE = True


@pytest.fixture(autouse=True)
def steady(monkeypatch):
    """Neither a slow look nor what other databases of the server do puts off what is told.

    The feed waits for every transaction that runs on the server. None runs beside these tests in their own database.
    """

    def feed_now():
        feed = whole_feed()
        feed.horizon = feed.ceiling
        return feed

    whole_feed = looking.feed_now
    monkeypatch.setattr(looking, "feed_now", feed_now)
    monkeypatch.setattr(looking, "SHARE", 0)


@pytest.fixture
def ana(django_user_model, client):
    user = django_user_model.objects.create_user("ana", email="ana@example.org", password="Moscow-2023-02-21")
    client.force_login(user)
    return user


class Clock:
    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def later(self, step):
        self.now += step


@pytest.fixture
def clock():
    return Clock()


def follow(user, receiver, query="", list_name="meeting", name="Watched"):
    search = searches.save(user=user, list_name=list_name, query=query, name=name)
    return services.add(search=search, address=receiver.address)


def work(clock, **values):
    """What a worker does that looks again soon."""
    clock.later(timedelta(minutes=1))
    return Worker(clock=clock, spread=lambda: 0, **values).run(most=50)


def test_message_is_signed_and_says_what_joined_as_the_api_says_it(ana, receiver, clock, client):
    webhook = follow(ana, receiver, "mode=phone")
    meeting = factories.MeetingFactory(title="Call of February", mode="phone")
    factories.MeetingFactory(title="Elsewhere", mode="in-person")

    assert work(clock).delivered == 1

    ((path, headers, body),) = receiver.got
    assert path == "/told?by=readout"
    assert headers["Content-Type"] == "application/json"
    key = base64.b64decode(secret_of(webhook).removeprefix("whsec_"))
    content = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert headers["webhook-timestamp"] == str(int(clock.now.timestamp()))

    payload = json.loads(body)
    record = client.get(reverse("api:meeting-detail", args=[meeting.uid]), headers={"host": "127.0.0.1:8000"}).json()
    assert payload == {
        "type": "search.changed",
        "version": 1,
        "timestamp": clock.now.isoformat().replace("+00:00", "Z"),
        "search": {"name": "Watched", "url": "http://127.0.0.1:8000/api/v1/meetings/?mode=phone"},
        "cursor": payload["cursor"],
        "results": [
            {
                "event": "joined",
                "kind": "meeting",
                "uid": meeting.uid,
                "url": f"http://127.0.0.1:8000/api/v1/meetings/{meeting.uid}/",
                "change": "created",
                "version": record["version"],
                "updated_at": record["updated_at"],
                "reason": "",
                "survivor": None,
                "record": record,
            }
        ],
    }
    # The position is one of the feed: who lost a message goes on from there.
    assert client.get(reverse("api:changes"), {"since": payload["cursor"]}).json()["results"] == []


def test_everything_that_joins_changes_or_leaves_is_told_and_no_draft(ana, receiver, clock):
    topic = factories.TopicFactory(name="Ukraine")
    held, twin, denied, moved = (factories.MeetingFactory(title=name) for name in ("Held", "Twin", "Denied", "Moved"))
    for meeting in (held, twin, denied, moved):
        MeetingTopic.objects.create(meeting=meeting, topic=topic)
    host = factories.ParticipationFactory(meeting=held, actor=factories.PersonFactory(name="Wang")).actor
    follow(ana, receiver, f"topic={topic.uid}")
    work(clock)
    assert receiver.got == []

    secret = factories.MeetingFactory(title="Secret", state="draft")
    MeetingTopic.objects.create(meeting=secret, topic=topic)
    hidden = factories.TopicFactory(name="Hidden", state="draft", parent=topic)
    MeetingTopic.objects.create(meeting=factories.MeetingFactory(title="Below"), topic=hidden)
    work(clock)
    assert receiver.got == []

    host.name = "Wang Yi"  # the meeting's own version stays
    host.save()
    work(clock)
    assert receiver.told() == [("changed", "changed", held.uid)]

    withdraw(record=denied, by=None, reason="Denied by both sides.")
    merge(survivor=held, absorbed=twin, reason="One thing.")
    MeetingTopic.objects.filter(meeting=moved).delete()
    work(clock)
    assert sorted(receiver.told()) == sorted(
        [
            ("changed", "changed", held.uid),
            ("left", "changed", moved.uid),
            ("left", "merged", twin.uid),
            ("left", "withdrawn", denied.uid),
        ]
    )

    narrower = factories.TopicFactory(name="Donbas")
    joined = factories.MeetingFactory(title="By another")
    MeetingTopic.objects.create(meeting=joined, topic=narrower)
    work(clock)
    assert receiver.told() == []
    narrower.parent = topic  # no change to the meeting itself
    narrower.save()
    work(clock)
    assert ("joined", joined.uid) in {(event, uid) for event, _change, uid in receiver.told()}


def test_what_was_hidden_while_a_message_waited_is_not_told(ana, receiver, clock):
    follow(ana, receiver)
    meeting, gone = factories.MeetingFactory(title="Denied talks"), factories.MeetingFactory(title="Never seen")
    receiver.answers = [500]
    work(clock)
    first = receiver.ids
    receiver.got.clear()
    withdraw(record=meeting, by=None, reason="Denied by both sides.")
    Meeting.objects.filter(pk=gone.pk).update(state="draft")

    work(clock)

    assert receiver.ids[0] == first[0]
    assert "Denied talks" not in str(receiver.payloads)
    assert "Never seen" not in str(receiver.payloads)
    entries = {one["uid"]: one for one in receiver.payloads[0]["results"]}
    assert {uid: (one["change"], one["record"]) for uid, one in entries.items()} == {
        meeting.uid: ("withdrawn", None),
        gone.uid: ("hidden", None),
    }


def test_attempts_come_later_and_later_and_after_three_days_it_is_off_with_a_letter(ana, receiver, clock):
    webhook = follow(ana, receiver)
    factories.MeetingFactory()
    receiver.answers = [500, 301, *[503] * 50]
    work(clock)
    tried = [clock.now]
    while (webhook := Webhook.objects.get()).is_on:
        assert webhook.due_at == webhook.retry_at
        clock.now = webhook.retry_at - timedelta(seconds=1)
        assert not Worker(clock=clock).step()
        clock.now = webhook.retry_at
        Worker(clock=clock, spread=lambda: 0).run()
        tried.append(clock.now)

    assert tuple(then - before for before, then in pairwise(tried)) == DELAYS
    assert timedelta(days=2, hours=12) < sum(DELAYS, timedelta()) < timedelta(days=3, hours=12)
    assert (len(receiver.got), len(set(receiver.ids))) == (len(DELAYS) + 1, 1)
    assert (webhook.off_reason, webhook.off_at, webhook.is_notice_due) == (OffReason.FAILED, clock.now, False)
    (message,) = mail.outbox
    assert message.to == ["ana@example.org"]
    assert "No message has arrived since" in message.body
    assert "The last attempt: It answered 503." in message.body
    assert f"http://127.0.0.1:8000/account/webhooks/{webhook.pk}/" in message.body
    assert work(clock).delivered == 0

    receiver.answers.clear()
    receiver.got.clear()
    services.turn_on(webhook)
    late = factories.MeetingFactory()
    work(clock)
    assert [payload["results"][0]["event"] for payload in receiver.payloads] == ["joined", "joined"]
    assert receiver.payloads[1]["results"][0]["uid"] == late.uid


def test_delays_spread_and_wait_as_long_as_the_answer_asks(ana, receiver, clock):
    follow(ana, receiver)
    factories.MeetingFactory()
    receiver.answers, receiver.headers = [500, 429, 429], {}
    clock.later(timedelta(minutes=1))
    Worker(clock=clock, spread=lambda: 1).run()
    assert Webhook.objects.get().retry_at - clock.now == DELAYS[0] * 1.2
    receiver.headers = {"Retry-After": "7200"}
    work(clock)
    assert Webhook.objects.get().retry_at - clock.now == timedelta(hours=2)


def test_address_that_is_gone_is_off_at_once(ana, receiver, clock):
    follow(ana, receiver)
    factories.MeetingFactory()
    receiver.answers = [410]

    assert work(clock).turned_off == 1

    assert Webhook.objects.get().off_reason == OffReason.GONE
    assert "is gone (410)" in mail.outbox[0].body


class Dies(Transport):
    """Sends, and dies before anybody can write down what came of it, as by kill -9."""

    def post(self, *args, **values):
        super().post(*args, **values)
        raise KeyboardInterrupt


def test_crash_between_sending_and_writing_it_down_sends_it_again_under_the_same_id(ana, receiver, clock):
    follow(ana, receiver)
    factories.MeetingFactory()
    with pytest.raises(KeyboardInterrupt):
        work(clock, transport=Dies())

    work(clock)

    assert (len(receiver.ids), len(set(receiver.ids))) == (2, 1)
    assert Delivery.objects.get().state == "delivered"


def test_claim_of_a_dead_process_runs_out_and_another_takes_over(ana, receiver, clock):
    webhook = follow(ana, receiver)
    factories.MeetingFactory()
    Webhook.objects.update(claim="dead", claimed_until=clock.now + CLAIM)

    assert work(clock).delivered == 0
    clock.later(CLAIM)
    assert work(clock).delivered == 1
    webhook.refresh_from_db()
    assert (webhook.claim, webhook.claimed_until) == ("", None)


class Slow(Transport):
    """Counts how many messages of one webhook are under way at once."""

    now, most = 0, 0

    def post(self, *args, **values):
        with LOCK:
            Slow.now += 1
            Slow.most = max(Slow.most, Slow.now)
        try:
            time.sleep(0.02)
            return super().post(*args, **values)
        finally:
            with LOCK:
                Slow.now -= 1


LOCK = threading.Lock()


def test_workers_at_once_send_each_message_once_and_in_order(ana, receiver, clock, monkeypatch):
    monkeypatch.setattr("readers.hooks.looking.MOST", 1)
    follow(ana, receiver)
    meetings = [factories.MeetingFactory() for _ in range(6)]
    clock.later(timedelta(minutes=1))
    start = threading.Barrier(4)

    def run():
        start.wait()
        for _round in range(30):
            Worker(clock=clock, transport=Slow()).run()
            time.sleep(0.005)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Slow.most == 1
    assert [uid for _event, _change, uid in receiver.told()] == [meeting.uid for meeting in meetings]


def test_fault_of_ours_with_one_webhook_keeps_no_other_from_its_turn(ana, receiver, clock, caplog, monkeypatch):
    broken, good = follow(ana, receiver), follow(ana, receiver, name="Also")
    Webhook.objects.filter(pk=broken.pk).update(cursor="not a position")
    factories.MeetingFactory()

    report = work(clock)

    assert (report.faults, report.delivered) == (1, 1)
    assert Delivery.objects.get().webhook == good


def test_test_goes_out_before_what_waits_and_changes_nothing_of_it(ana, receiver, clock):
    webhook = follow(ana, receiver)
    factories.MeetingFactory()
    receiver.answers = [500, 500]
    work(clock)
    retry_at = Webhook.objects.get().retry_at
    clock.later(timedelta(seconds=1))
    Webhook.objects.update(retry_at=clock.now + timedelta(hours=1), due_at=clock.now + timedelta(hours=1))
    services.send_test(webhook)
    Webhook.objects.update(due_at=clock.now)
    Worker(clock=clock).run()

    assert [payload["type"] for payload in receiver.payloads] == ["search.changed", "webhook.test"]
    assert Webhook.objects.get().due_at == clock.now + timedelta(hours=1)
    assert retry_at is not None
    services.send_test(webhook)
    Webhook.objects.update(due_at=clock.now)
    Worker(clock=clock).run()
    # It answers: what waited is sent at once.
    assert [payload["type"] for payload in receiver.payloads][2:] == ["webhook.test", "search.changed"]


def test_new_secret_signs_beside_the_old_one_for_a_day(ana, receiver, clock):
    webhook = follow(ana, receiver)
    old = secret_of(webhook)
    services.renew_secret(webhook)
    factories.MeetingFactory()
    work(clock)
    clock.later(timedelta(days=1))
    factories.MeetingFactory()
    work(clock)

    assert secret_of(webhook) != old
    assert [len(headers["webhook-signature"].split()) for _path, headers, _body in receiver.got] == [2, 1]


def test_copy_of_the_database_does_not_hold_the_secret(ana, receiver, settings):
    webhook = follow(ana, receiver)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(one)::text FROM readers_webhook AS one")
        row = cursor.fetchone()[0]
    secret = secret_of(webhook)
    settings.SECRET_KEY = "of another site"

    assert secret.removeprefix("whsec_") not in row
    assert secret_of(webhook) != secret


def test_long_message_gives_addresses_instead_of_records(ana, receiver, clock, monkeypatch):
    monkeypatch.setattr("readers.hooks.messages.MOST_BYTES", 1000)
    follow(ana, receiver)
    meeting = factories.MeetingFactory()
    work(clock)

    (entry,) = receiver.payloads[0]["results"]
    assert (entry["uid"], entry["version"], entry["record"]) == (meeting.uid, 1, None)


def test_account_has_so_many_webhooks_and_each_address_once_for_a_search(ana, receiver):
    webhook = follow(ana, receiver)
    with pytest.raises(Exception, match="This address is told of this search already"):
        services.add(search=webhook.search, address=receiver.address)
    for number in range(services.MOST - 1):
        services.add(search=webhook.search, address=f"{receiver.address}&n={number}")

    with pytest.raises(Refused, match="An account keeps 5 webhooks"):
        services.add(search=webhook.search, address=f"{receiver.address}&n=9")


def test_old_messages_are_forgotten_and_those_that_wait_are_not(ana, receiver):
    webhook = follow(ana, receiver)
    for state in ("waiting", "delivered", "failed"):
        Delivery.objects.create(webhook=webhook, state=state, made_at=NOON - timedelta(days=31))

    assert forget(NOON) == 2
    assert Delivery.objects.get().state == "waiting"


def test_owner_makes_tries_and_ends_a_webhook_on_the_pages(ana, receiver, clock, client):
    search = searches.save(user=ana, list_name="meeting", query="", name="Watched")
    page = reverse("readers:webhooks")
    assert "https://" in client.get(page).content.decode()

    made = client.post(page, {"search": search.pk, "address": receiver.address}, follow=True)
    webhook = Webhook.objects.get()
    one, change = (reverse(f"readers:{name}", args=[webhook.pk]) for name in ("webhook", "webhook-change"))
    assert secret_of(webhook) in made.content.decode()
    assert secret_of(webhook) not in client.get(one).content.decode()

    client.post(change, {"test": "1"})
    assert "waiting" in client.get(one).content.decode()
    work(clock)
    assert receiver.payloads[0]["type"] == "webhook.test"
    assert "delivered" in client.get(reverse("readers:webhook-deliveries", args=[webhook.pk])).content.decode()

    old = secret_of(webhook)
    renewed = client.post(change, {"secret": "1"}, follow=True).content.decode()
    webhook.refresh_from_db()
    assert secret_of(webhook) in renewed
    assert old not in renewed
    client.post(change, {"off": "1"})
    assert "turned off by you" in client.get(one).content.decode()
    assert mail.outbox == []
    client.post(change, {"on": "1"})
    client.post(change, {"delete": "1"})
    assert Webhook.objects.count() == 0


def test_search_is_deleted_only_with_the_webhooks_that_were_named_to_its_owner(
    ana, receiver, client, django_assert_num_queries
):
    webhook = follow(ana, receiver)
    page = reverse("readers:search-delete", args=[webhook.search_id])
    first = client.get(page).content.decode()
    later = services.add(search=webhook.search, address=f"{receiver.address}&again=1")

    assert f'href="{reverse("readers:webhook", args=[webhook.pk])}">{escape(webhook.address)}</a>' in first
    assert "One webhook ends with it" in first
    for named in ([], [webhook.pk], ["x"]):
        refused = client.post(page, {"webhook": named})
        assert refused.status_code == 409
        assert "Nothing is deleted yet" in refused.content.decode()
        assert escape(later.address) in refused.content.decode()
        assert Webhook.objects.count() == 2
    with django_assert_num_queries(4):  # session, account, search, webhooks
        assert "2 webhooks end with it" in client.get(page).content.decode()

    done = client.post(page, {"webhook": [webhook.pk, later.pk]}, follow=True)

    assert "“Watched” is deleted." in done.content.decode()
    assert (Webhook.objects.count(), client.get(page).status_code) == (0, 404)


def test_bad_address_is_refused_with_a_reason_and_what_was_typed_stays(ana, client, settings):
    settings.WEBHOOKS_ANYWHERE = False
    search = searches.save(user=ana, list_name="meeting", query="", name="Watched")

    for typed, reason in (("http://example.org/", "begins with https://"), ("https://127.0.0.1/", "public internet")):
        answer = client.post(reverse("readers:webhooks"), {"search": search.pk, "address": typed})
        assert answer.status_code == 400
        assert reason in answer.content.decode()
        assert f'value="{typed}"' in answer.content.decode()
    assert Webhook.objects.count() == 0


def test_nobody_sees_or_changes_the_webhook_of_another(ana, receiver, client, django_user_model):
    webhook = follow(django_user_model.objects.create_user("li"), receiver)

    for name in ("webhook", "webhook-deliveries"):
        assert client.get(reverse(f"readers:{name}", args=[webhook.pk])).status_code == 404
    change = reverse("readers:webhook-change", args=[webhook.pk])
    assert client.post(change, {"delete": "1"}).status_code == 404
    assert receiver.address not in client.get(reverse("readers:webhooks")).content.decode()
    made = client.post(reverse("readers:webhooks"), {"search": webhook.search_id, "address": receiver.address})
    assert made.status_code == 400
    client.logout()
    assert "/account/login/" in client.get(reverse("readers:webhooks"))["Location"]


@pytest.mark.parametrize("n", [1, 3])
def test_pages_ask_the_same_number_of_questions_for_one_and_three(
    ana, receiver, client, n, django_assert_max_num_queries
):
    for number in range(n):
        webhook = follow(ana, receiver, name=f"Search {number}")
        for _each in range(n):
            Delivery.objects.create(webhook=webhook)
    with django_assert_max_num_queries(7):
        client.get(reverse("readers:webhooks"))
    with django_assert_max_num_queries(5):
        client.get(reverse("readers:webhook", args=[webhook.pk]))


def test_client_checks_what_is_sent(ana, receiver, clock):
    webhook = follow(ana, receiver)
    factories.MeetingFactory()
    work(clock)
    ((_path, headers, body),) = receiver.got
    secret, now = secret_of(webhook), clock.now.timestamp()

    assert verify_webhook(body, headers, secret, now=now) == receiver.payloads[0]
    for wrong in (
        {"body": body + b" "},
        {"secret": "whsec_" + base64.b64encode(b"another").decode()},
        {"headers": {**headers, "webhook-id": "msg_other"}},
        {"headers": {}},
        {"now": now + 301},
        {"now": now - 301},
    ):
        with pytest.raises(NotSigned):
            verify_webhook(**{"body": body, "headers": headers, "secret": secret, "now": now, **wrong})


def test_administrators_alone_turn_a_webhook_off_and_see_no_secret(ana, receiver, client, django_user_model, clock):
    webhook = follow(ana, receiver)
    page = reverse("admin:readers_webhook_changelist")
    off = {"action": "turn_off", "_selected_action": [webhook.pk]}
    for role in ("Reviewers", "Administrators"):
        user = django_user_model.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        answer = client.post(page, off)
        assert answer.status_code == (302 if role == "Administrators" else 403)
    shown = client.get(page).content.decode()
    shown += client.get(reverse("admin:readers_webhook_change", args=[webhook.pk])).content.decode()

    assert "127.0.0.1" in shown
    for hidden in (webhook.seed, secret_of(webhook), "told?by=readout"):
        assert hidden not in shown
    work(clock)
    assert "An administrator of the site turned it off." in mail.outbox[0].body
    webhook.refresh_from_db()
    with pytest.raises(Refused):
        services.turn_on(webhook)
    client.post(page, {**off, "action": "allow"})
    webhook.refresh_from_db()
    assert services.turn_on(webhook)


class Asked(Transport):
    """While a message is under way, its owner does something."""

    def __init__(self, what):
        super().__init__()
        object.__setattr__(self, "what", [what])

    def post(self, *args, **values):
        answer = super().post(*args, **values)
        if self.what:
            self.what.pop()()
        return answer


def test_test_asked_for_while_a_worker_is_busy_goes_out_with_its_next_step(ana, receiver, clock):
    webhook = follow(ana, receiver)
    factories.MeetingFactory()
    receiver.answers = [500]
    clock.later(timedelta(minutes=1))
    Worker(clock=clock, transport=Asked(lambda: services.send_test(webhook))).run()

    assert [payload["type"] for payload in receiver.payloads][:2] == ["search.changed", "webhook.test"]


def test_webhook_turned_on_while_a_worker_is_busy_is_not_forgotten(ana, receiver, clock):
    webhook = follow(ana, receiver)
    services.turn_off(webhook, OffReason.OWNER)
    services.send_test(webhook)
    Webhook.objects.update(due_at=clock.now)
    worker = Worker(clock=clock)
    update = worker._update

    def late(one, **values):
        services.turn_on(webhook)
        update(one, **values)

    worker._update = late
    worker.run(most=2)

    assert Webhook.objects.get().due_at is not None
