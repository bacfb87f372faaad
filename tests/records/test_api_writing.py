"""Records written by programs: created, changed, moved through the workflow, by the rules and the roles of the desk."""

import json
import threading
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from events.api.drafts import DRAFTS
from events.models import Meeting, Source
from readers import tokens
from records.admin.history import history_of
from records.api.problems import MOST_BYTES
from records.api.writing.services import STEPS
from records.roles import EDITORS, RESEARCHERS, REVIEWERS, ROLES
from tests.factories import (
    BodyFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

MEETINGS = "/api/v1/desk/meetings/"


class Desk:
    """Somebody who writes with a token."""

    def __init__(self, client, secret):
        self.client, self.secret = client, secret

    def ask(self, method, address, document=None, *, content_type="application/json", **headers):
        body = document if isinstance(document, str | bytes) else "" if document is None else json.dumps(document)
        sent = {
            "Authorization": f"Bearer {self.secret}",
            **{name.replace("_", "-"): one for name, one in headers.items()},
        }
        return self.client.generic(method, address, body, content_type=content_type, headers=sent)

    def create(self, document, address=MEETINGS, **headers):
        return self.ask("POST", address, document, **headers)

    def change(self, record, document, **headers):
        return self.ask("PATCH", record["url"], document, If_Match=f'"{record["version"]}"', **headers)

    def step(self, record, name, document=None, **headers):
        return self.ask("POST", f"{record['url']}{name}/", document or {}, If_Match=f'"{record["version"]}"', **headers)


@pytest.fixture
def at_the_desk(client, django_user_model):
    def make(group=EDITORS, name=None, *, is_staff=True):
        user = django_user_model.objects.create_user(name or group.lower(), is_staff=is_staff)
        user.groups.add(Group.objects.get(name=group))
        return Desk(client, tokens.make(user=user, name="Script", scopes=["read", "write"], days=30)[1])

    return make


def a_meeting(**more):
    return {"title": "Talks in Moscow", "date": "2023-02-21", "kind": "bilateral", **more}


def test_created_record_is_a_draft_with_its_rows_and_can_be_read_again(at_the_desk):
    desk = at_the_desk()
    wang, source, topic = PersonFactory(name="Wang Yi"), SourceFactory(), TopicFactory(name="Ukraine")

    answer = desk.create(
        a_meeting(
            participations=[
                {"actor": wang.uid, "role": "guest", "citations": [{"source": source.uid, "quote": "Wang Yi met"}]},
                {"name_as_given": "the Russian side", "role": "host"},
            ],
            topics=[topic.uid],
            citations=[{"source": source.uid, "field": "date"}],
        )
    )

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer["Location"] == told["url"] == f"http://testserver{MEETINGS}{told['uid']}/"
    assert answer["Cache-Control"] == "private, no-store"
    assert (told["state"], told["public_url"]) == ("draft", None)
    assert told["date"]["earliest"] == "2023-02-21"
    first, second = told["participations"]
    assert (first["actor"]["uid"], first["role"], second["name_as_given"]) == (wang.uid, "guest", "the Russian side")
    assert [one["quote"] for one in first["citations"]] == ["Wang Yi met"]
    assert [one["uid"] for one in told["topics"]] == [topic.uid]
    assert [one["field"] for one in told["citations"]] == ["date"]
    again = desk.ask("GET", told["url"])
    assert {**again.json(), "similar": []} == told
    assert again["ETag"].startswith(f'"{told["version"]}-')
    assert desk.client.get(f"/api/v1/meetings/{told['uid']}/").status_code == 404


# Creating and changing


def test_change_touches_what_it_names_and_replaces_a_list_that_it_names(at_the_desk):
    desk = at_the_desk()
    wang, patrushev, lavrov = (PersonFactory(name=name) for name in ("Wang Yi", "Nikolai Patrushev", "Sergei Lavrov"))
    rows = [{"actor": wang.uid, "role": "guest"}, {"actor": patrushev.uid, "role": "host"}]
    first = desk.create(a_meeting(summary="They met.", participations=rows)).json()

    answer = desk.change(
        first,
        {
            "title": "Talks",
            "participations": [{"actor": lavrov.uid, "role": "host"}, {"actor": wang.uid, "role": "chair"}],
        },
    )

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["title"], told["summary"], told["version"]) == ("Talks", "They met.", first["version"] + 1)
    assert answer["ETag"] == f'"{told["version"]}"'
    found = {one["actor"]["label"]: (one["id"], one["role"]) for one in told["participations"]}
    assert found["Wang Yi"] == (first["participations"][0]["id"], "chair")
    assert {name: role for name, (_id, role) in found.items()} == {"Wang Yi": "chair", "Sergei Lavrov": "host"}
    assert Meeting.objects.get().participations.count() == 2


def test_answer_can_be_sent_back_as_it_is_and_changes_nothing(at_the_desk):
    desk = at_the_desk()
    source = SourceFactory()
    rows = [{"actor": PersonFactory().uid, "role": "guest", "citations": [{"source": source.uid}]}]
    first = desk.create(a_meeting(participations=rows, topics=[TopicFactory().uid])).json()
    told = desk.ask("GET", first["url"]).json()

    answer = desk.change(told, told)

    assert answer.status_code == 200, answer.content
    assert answer.json() == told


@pytest.mark.parametrize(
    "plural", ["actors", "places", "sources", "topics", "series", "offices", "tenures", "formulas"]
)
def test_every_kind_can_be_created_and_changed(at_the_desk, plural):
    desk, links = at_the_desk(), {"person": PersonFactory, "office": OfficeFactory, "body": BodyFactory}
    document = {name: links[name]().uid if name in links else value for name, value in DRAFTS[plural].items()}

    answer = desk.create(document, f"/api/v1/desk/{plural}/")

    assert answer.status_code == 201, answer.content
    name = next(name for name in document if name not in links)
    changed = desk.change(answer.json(), {name: document[name]})
    assert changed.status_code == 200, changed.content
    assert (changed.json()[name], changed.json()["version"]) == (answer.json()[name], answer.json()["version"])


def test_change_needs_the_version_and_a_stale_one_is_told_the_present_one(at_the_desk):
    desk = at_the_desk()
    record = desk.create(a_meeting()).json()
    assert desk.change(record, {"title": "First"}).status_code == 200

    unnamed = desk.ask("PATCH", record["url"], {"title": "Second"})
    any_version = desk.ask("PATCH", record["url"], {"title": "Second"}, If_Match="*")
    stale = desk.change(record, {"title": "Second"})

    now = record["version"] + 1
    assert [one.status_code for one in (unnamed, any_version, stale)] == [428, 428, 412]
    assert {(one["ETag"], one.json()["version"]) for one in (unnamed, any_version, stale)} == {(f'"{now}"', now)}
    assert Meeting.objects.get().title == "First"


def test_reason_is_in_the_history_and_a_published_record_needs_one(at_the_desk):
    desk = at_the_desk()
    meeting = MeetingFactory(title="Talks")
    record = desk.ask("GET", f"{MEETINGS}{meeting.uid}/").json()

    without = desk.change(record, {"title": "Talks in Moscow"})
    answer = desk.change(record, {"title": "Talks in Moscow", "reason": "The readout says so."})

    assert (without.status_code, list(without.json()["errors"])) == (400, ["/reason"])
    assert answer.status_code == 200, answer.content
    latest = history_of(meeting)[0]
    assert (latest.reason, str(latest.by)) == ("The readout says so.", "editors")


BAD = {
    "unknown field": ({"titel": "Talks"}, 400, ["/titel"]),
    "unknown field of a row": ({"participations": [{"rol": "guest"}]}, 400, ["/participations/0/rol"]),
    "unknown word": ({"kind": "tea"}, 400, ["/kind"]),
    "date": ({"date": "soon"}, 400, ["/date"]),
    "wrong type": ({"title": ["Talks"]}, 400, ["/title"]),
    "number for text": ({"title": 5}, 400, ["/title"]),
    "no such actor": ({"participations": [{"actor": "0123456789"}]}, 400, ["/participations/0/actor"]),
    "the same actor twice": ({"participations": "twice"}, 400, ["/participations/1", "/participations"]),
    "row of another record": ({"participations": [{"id": "0123456789"}]}, 400, ["/participations/0/id"]),
    "state": ({"state": "published"}, 400, ["/state"]),
    "too long": ({"title": "T" * 5000}, 400, ["/title"]),
    "NUL": ({"title": "a\x00b"}, 400, ["/title"]),
    "no object": ([1], 400, [""]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_document_names_the_place_and_changes_nothing(at_the_desk, case):
    desk = at_the_desk()
    document, status, places = BAD[case]
    record = desk.create(a_meeting()).json()
    if document == {"participations": "twice"}:
        wang = PersonFactory().uid
        document = {"participations": [{"actor": wang, "role": "guest"}, {"actor": wang, "role": "host"}]}

    answers = [desk.change(record, document)]
    if isinstance(document, dict):
        answers.append(desk.create(a_meeting(**document)))

    for answer in answers:
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert list(answer.json()["errors"]) == places
    assert list(Meeting.objects.values_list("title", "version")) == [("Talks in Moscow", record["version"])]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ('{"title": "a", "title": "b"}', "application/json", 400),
        ("[" * 50 + "]" * 50, "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"title": "\\ud800"}', "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        ('{"round": NaN}', "application/json", 400),
        ('"' + "x" * MOST_BYTES + '"', "application/json", 413),
        ("title=Talks", "application/x-www-form-urlencoded", 415),
        ("<a/>", "text/xml", 415),
    ],
)
def test_what_is_no_document_is_refused_as_what_it_is(at_the_desk, body, content_type, status):
    answer = at_the_desk().create(body, content_type=content_type)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Meeting.objects.exists()


def test_dry_run_answers_as_if_and_keeps_nothing(at_the_desk):
    desk = at_the_desk()
    record = desk.create(a_meeting()).json()

    tried = desk.ask("POST", f"{MEETINGS}?dry_run=true", a_meeting(title="Other talks"), Idempotency_Key="a")
    changed = desk.ask("PATCH", f"{record['url']}?dry_run=true", {"title": "Other"}, If_Match=f'"{record["version"]}"')
    refused = desk.ask("POST", f"{MEETINGS}?dry_run=true", {"title": "No kind", "kind": "tea"})

    assert [one.status_code for one in (tried, changed, refused)] == [201, 200, 400]
    assert changed.json()["title"] == "Other"
    assert list(Meeting.objects.values_list("title", "version")) == [("Talks in Moscow", record["version"])]
    assert desk.ask("POST", f"{MEETINGS}?dry_run=yes", a_meeting()).status_code == 400


def test_similar_records_are_told_refused_on_demand_and_confirmed(at_the_desk):
    desk = at_the_desk()
    there = SourceFactory(url="https://www.mid.ru/ru/1/", state="draft")
    document = {"document_url": "http://mid.ru/ru/1", "publisher": "МИД", "kind": "readout"}
    address = "/api/v1/desk/sources/"

    refused = desk.create(document, f"{address}?similar=refuse")
    told = desk.create(document, f"{address}?dry_run=true")
    confirmed = desk.create({**document, "other_than": [there.uid]}, f"{address}?similar=refuse")

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:readout:problem:similar-records")
    assert [one["uid"] for one in refused.json()["similar"]] == [there.uid]
    assert [one["uid"] for one in told.json()["similar"]] == [there.uid]
    assert (confirmed.status_code, confirmed.json()["similar"]) == (201, [])
    assert Source.objects.count() == 2


def test_warning_is_told_and_can_be_confirmed(at_the_desk):
    desk = at_the_desk()
    dead = PersonFactory(name="Zhou Enlai", died="1976-01-08")
    record = desk.create(a_meeting(participations=[{"actor": dead.uid, "role": "guest"}])).json()
    (warning,) = [one for one in record["warnings"] if one["code"] == "after-death"]

    answer = desk.step(record, "confirm", {"fingerprint": warning["fingerprint"], "word": "An effigy."})
    unknown = desk.step(answer.json(), "confirm", {"fingerprint": "0", "word": "Why not."})

    assert answer.status_code == 200, answer.content
    (confirmed,) = [one for one in answer.json()["warnings"] if one["code"] == "after-death"]
    assert confirmed["confirmed"] == "An effigy."
    assert unknown.status_code == 409


# The workflow


def test_record_goes_from_draft_to_readers_by_a_second_person_and_back(at_the_desk):
    desk, reviewer = at_the_desk(), at_the_desk(REVIEWERS)
    rows = [{"actor": PersonFactory().uid, "role": "guest"}]
    record = desk.create(a_meeting(participations=rows)).json()

    submitted = desk.step(record, "submit").json()
    assert submitted["state"] == "review"
    assert desk.step(submitted, "submit").status_code == 409
    back = reviewer.step(submitted, "return").json()
    assert back["state"] == "draft"
    again = desk.step(back, "submit").json()
    stale = reviewer.step(submitted, "publish")
    assert (stale.status_code, stale["ETag"]) == (412, f'"{again["version"]}"')
    published = reviewer.step(again, "publish").json()
    public = desk.client.get(published["public_url"])
    assert (published["state"], public.status_code) == ("published", 200)
    no_reason = reviewer.step(published, "withdraw")
    assert (no_reason.status_code, list(no_reason.json()["errors"])) == (400, ["/reason"])
    withdrawn = reviewer.step(published, "withdraw", {"reason": "It never took place."}).json()
    assert withdrawn["withdrawal_reason"] == "It never took place."
    assert desk.client.get(published["public_url"]).status_code == 410
    assert desk.ask("DELETE", withdrawn["url"], If_Match=f'"{withdrawn["version"]}"').status_code == 405


def test_own_record_and_unfinished_one_are_not_published(at_the_desk):
    reviewer = at_the_desk(REVIEWERS)
    record = reviewer.create(a_meeting()).json()
    unfinished = reviewer.step(record, "publish")
    assert (unfinished.status_code, unfinished.json()["type"]) == (409, "urn:readout:problem:refused")
    rows = [{"actor": PersonFactory().uid, "role": "guest"}]
    whole = reviewer.change(record, {"participations": rows}).json()
    own = reviewer.step(whole, "publish")
    assert own.status_code == 409
    assert "somebody else has to publish" in own.json()["detail"]


def test_merge_is_shown_then_carried_out(at_the_desk):
    desk = at_the_desk()
    wang = PersonFactory()
    absorbed, survivor = (MeetingFactory(title=title, state="draft") for title in ("Talks", "Talks in Moscow"))
    ParticipationFactory(meeting=absorbed, actor=wang)
    one, other = (desk.ask("GET", f"{MEETINGS}{record.uid}/").json() for record in (absorbed, survivor))
    document = {"into": survivor.uid, "into_version": other["version"], "reason": "The same talks."}

    shown = desk.ask("POST", f"{one['url']}merge/?dry_run=true", document, If_Match=f'"{one["version"]}"')
    stale = desk.step(one, "merge", {**document, "into_version": 99})
    nonsense = desk.step(one, "merge", {**document, "keep": {"title": "neither"}})
    missing = desk.step(one, "merge", {**document, "into": "0123456789"})
    itself = desk.step(one, "merge", {**document, "into": one["uid"], "into_version": one["version"]})
    assert shown.status_code == 200, shown.content
    assert [answer.status_code for answer in (stale, nonsense, missing, itself)] == [412, 400, 400, 409]
    assert Meeting.objects.filter(merged_into__isnull=False).count() == 0

    done = desk.step(one, "merge", {**document, "keep": {"title": "absorbed"}, "seen": shown.json()["plan"]["seen"]})
    later = desk.change(one, {"title": "Again"})

    assert done.status_code == 200, done.content
    assert done.json()["record"]["title"] == "Talks"
    assert [row["actor"]["uid"] for row in done.json()["record"]["participations"]] == [wang.uid]
    assert (later.status_code, later.json()["url"]) == (409, other["url"])


def test_draft_is_deleted_but_not_what_others_refer_to(at_the_desk):
    desk = at_the_desk()
    record = desk.create(a_meeting()).json()
    gone = desk.ask("DELETE", record["url"], If_Match=f'"{record["version"]}"', Readout_Reason="Twice.")
    assert (gone.status_code, Meeting.objects.count()) == (204, 0)
    assert desk.ask("GET", record["url"]).status_code == 404
    wang = PersonFactory(state="draft", published_at=None)
    ParticipationFactory(actor=wang)
    told = desk.ask("GET", f"/api/v1/desk/actors/{wang.uid}/").json()
    kept = desk.ask("DELETE", told["url"], If_Match=f'"{told["version"]}"')
    assert kept.status_code in (405, 409)


# Who may


ACTS = ["read", "create", "bulk", "change", "delete", "merge", *STEPS]


def act(desk, name, record):
    if name == "read":
        return desk.ask("GET", record["url"])
    if name == "create":
        return desk.create(a_meeting())
    if name == "bulk":
        return desk.create({"records": [a_meeting()]}, f"{MEETINGS}bulk/")
    if name == "change":
        return desk.change(record, {"title": "Other"})
    if name == "delete":
        return desk.ask("DELETE", record["url"], If_Match=f'"{record["version"]}"')
    if name == "merge":
        other = MeetingFactory(state="draft")
        return desk.step(record, name, {"into": other.uid, "into_version": other.version, "reason": "The same."})
    return desk.step(record, name, {"reason": "It is so."})


#: Beside these all that editors may.
REVIEWED = {"publish", "withdraw"}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("who", [*ROLES, "nobody at the desk", "read only", "anonymous"])
def test_nobody_does_more_than_at_the_desk(at_the_desk, client, django_user_model, who, name):
    meeting = MeetingFactory(state="draft", published_at=None)
    ParticipationFactory(meeting=meeting)
    # What is sent back was handed in before.
    if name == "return":
        Meeting.objects.filter(pk=meeting.pk).update(state="review")
    meeting.refresh_from_db()
    record = {"url": f"{MEETINGS}{meeting.uid}/", "version": meeting.version}
    if who == "nobody at the desk":
        desk = at_the_desk(EDITORS, is_staff=False)
    elif who == "read only":
        desk = at_the_desk(REVIEWERS)
        user = django_user_model.objects.get()
        desk.secret = tokens.make(user=user, name="Reading", scopes=["read"], days=30)[1]
    elif who == RESEARCHERS:
        # Made while the account was an editor's.
        desk = at_the_desk(EDITORS, name="former")
        user = django_user_model.objects.get()
        user.groups.set([Group.objects.get(name=RESEARCHERS)])
    elif who == "anonymous":
        desk = Desk(client, "")
        desk.ask = lambda method, address, document=None, **headers: client.generic(
            method, address, json.dumps(document or {}), content_type="application/json",
            headers={key.replace("_", "-"): value for key, value in headers.items()},
        )  # fmt: skip
    else:
        desk = at_the_desk(who)

    status = act(desk, name, record).status_code

    if who == "anonymous":
        assert status == 401
    elif who in ("nobody at the desk", "read only"):
        assert status == 403
    elif who == RESEARCHERS:
        assert status == (200 if name == "read" else 403)
    elif who == EDITORS and name in REVIEWED:
        assert status == 403
    else:
        assert status in (200, 201, 204)


def test_draft_is_at_no_address_for_readers_also_with_a_token(at_the_desk):
    desk = at_the_desk()
    record = desk.create(a_meeting(title="A secret visit")).json()
    for address in (
        f"/api/v1/meetings/{record['uid']}/", "/api/v1/meetings/", "/api/v1/meetings/facets/", "/api/v1/changes/",
        "/api/v1/meetings/export/?format=json", f"/meetings/{record['uid']}/",
    ):  # fmt: skip
        answer = desk.ask("GET", address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code in (200, 404)
        assert b"A secret visit" not in content
        if answer.status_code == 200:
            assert record["uid"].encode() not in content


# Many at once


def test_bad_row_in_many_changes_nothing_and_each_is_told_its_errors(at_the_desk):
    desk = at_the_desk()
    records = [a_meeting(), a_meeting(kind="tea"), {"title": "Talks"}, 5]

    answer = desk.create({"records": records, "reason": "Communiqués"}, f"{MEETINGS}bulk/")

    assert answer.status_code == 400
    assert {"/records/1/kind", "/records/3"} <= set(answer.json()["errors"])
    assert not Meeting.objects.exists()

    some = desk.create({"records": records}, f"{MEETINGS}bulk/?partial=true")

    assert some.status_code == 200, some.content
    assert [one["status"] for one in some.json()["items"]][:2] == ["created", "refused"]
    assert some.json()["items"][1]["errors"]["/kind"]
    assert Meeting.objects.count() == some.json()["created"]


def test_many_are_tried_first_and_created_once_in_one_batch(at_the_desk):
    desk = at_the_desk()
    document = {"records": [a_meeting(title=f"Talks {number}") for number in range(3)], "reason": "Communiqués"}

    tried = desk.create(document, f"{MEETINGS}bulk/?dry_run=true")
    assert (tried.status_code, tried.json()["created"], Meeting.objects.count()) == (201, 3, 0)
    first = desk.create(document, f"{MEETINGS}bulk/", Idempotency_Key="once")
    second = desk.create(document, f"{MEETINGS}bulk/", Idempotency_Key="once")

    assert (first.status_code, second.status_code, Meeting.objects.count()) == (201, 201, 3)
    assert second.json() == first.json()
    assert history_of(Meeting.objects.first())[0].reason == "Communiqués"


def test_reason_of_one_of_many_is_checked_as_any(at_the_desk):
    desk = at_the_desk()
    records = [a_meeting(title=f"Talks {number}", reason=reason) for number, reason in enumerate((5, "x" * 501, None))]
    answer = desk.create({"records": records, "reason": None}, f"{MEETINGS}bulk/")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "/records/0/reason": ["Give a text."],
        "/records/1/reason": ["At most 500 characters can be given."],
    }
    assert not Meeting.objects.exists()


def test_many_are_told_as_each_is_told_alone(at_the_desk):
    desk = at_the_desk()
    wang, source = PersonFactory(name="Wang Yi"), SourceFactory()
    rows = [{"actor": wang.uid, "citations": [{"source": source.uid}]}, {"name_as_given": "the Russian side"}]
    records = [a_meeting(title=f"Talks {number}", participations=rows) for number in range(2)]

    items = desk.create({"records": records}, f"{MEETINGS}bulk/").json()["items"]

    told = [{name: value for name, value in item["record"].items() if name != "similar"} for item in items]
    assert told == [desk.ask("GET", one["url"]).json() for one in told]


@pytest.mark.parametrize("document", [[], {"records": []}, {"records": 5}, {"rows": []}, {"records": [{}] * 101}])
def test_request_for_many_that_is_none_is_refused(at_the_desk, document):
    assert at_the_desk().create(document, f"{MEETINGS}bulk/").status_code == 400


# Once


def test_same_key_creates_once_and_another_body_is_refused(at_the_desk):
    desk, other = at_the_desk(), at_the_desk(REVIEWERS)
    first = desk.create(a_meeting(), Idempotency_Key='"8e03978e"')
    again = desk.create(a_meeting(), Idempotency_Key="8e03978e")
    changed = desk.create(a_meeting(title="Other"), Idempotency_Key="8e03978e")
    somebody_else = other.create(a_meeting(), Idempotency_Key="8e03978e")
    nonsense = desk.create(a_meeting(), Idempotency_Key="a b")

    assert (first.status_code, again.status_code, changed.status_code) == (201, 201, 422)
    assert (again.json(), again["Location"], again["ETag"]) == (first.json(), first["Location"], first["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    assert (somebody_else.status_code, nonsense.status_code) == (201, 400)
    assert Meeting.objects.count() == 2


def test_refused_request_may_be_mended_and_sent_with_the_same_key(at_the_desk):
    desk = at_the_desk()
    assert desk.create(a_meeting(kind="tea"), Idempotency_Key="a").status_code == 400
    assert desk.create(a_meeting(), Idempotency_Key="a").status_code == 201


def at_once(works):
    """Run all of them on connections of their own; what each of them gives."""
    found, start = [None] * len(works), threading.Barrier(len(works))

    def run(number, work):
        try:
            start.wait()
            found[number] = work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_with_the_same_version_exactly_one_wins(at_the_desk):
    desks = [at_the_desk(), at_the_desk(REVIEWERS)]
    for desk in desks:
        desk.client = Client()
    record = desks[0].create(a_meeting()).json()
    for turn in range(20):
        titles = [f"{turn} first", f"{turn} second"]
        works = [partial(desk.change, record, {"title": title}) for desk, title in zip(desks, titles, strict=True)]
        answers = at_once(works)
        assert sorted(one.status_code for one in answers) == [200, 412]
        (won,) = [one.json() for one in answers if one.status_code == 200]
        (lost,) = [one for one in answers if one.status_code == 412]
        record = desks[0].ask("GET", record["url"]).json()
        assert (record["title"], record["version"]) == (won["title"], won["version"])
        assert lost["ETag"] == f'"{record["version"]}"'


@pytest.mark.django_db(transaction=True)
def test_same_key_sent_twenty_times_at_once_creates_one_record(at_the_desk):
    desk = at_the_desk()
    desks = [Desk(Client(), desk.secret) for _number in range(20)]
    answers = at_once([lambda d=d: d.create(a_meeting(), Idempotency_Key="once") for d in desks])

    statuses = {one.status_code for one in answers}
    assert statuses <= {201, 409}
    assert {one.json()["type"] for one in answers if one.status_code == 409} <= {"urn:readout:problem:key-in-progress"}
    assert len({one.json()["uid"] for one in answers if one.status_code == 201}) == Meeting.objects.count() == 1
