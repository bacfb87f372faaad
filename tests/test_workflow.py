"""No way round the workflow: random steps by random roles, each compared with the workflow in plain Python."""

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actors.models import Actor
from config.api_urls import urlpatterns as api_patterns
from records import services
from records.context import history_context
from records.lookup import Gone, Moved, Unknown, find
from records.models import Review
from records.roles import EDITORS, RESEARCHERS, REVIEWERS
from records.services import Refused
from tests.factories import PersonFactory

pytestmark = pytest.mark.usefixtures("static_files")

#: Two of each who may write: what is one's own is not the other's.
WHO = {"anna": REVIEWERS, "boris": REVIEWERS, "clara": EDITORS, "david": EDITORS, "erik": RESEARCHERS}
FIRST = "first"


@dataclass
class Workflow:
    """What the house promises of one record, with nothing of its code."""

    creator: str
    self_review: bool
    state: str = "draft"
    content: str = FIRST
    content_let_pass: str = ""
    was_public: bool = False
    is_merged: bool = False
    is_there: bool = True
    submitter: str = ""
    #: Whose changes nobody has let pass, the first one first.
    changes: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.changes.append(self.creator)

    def may_write(self, who):
        return WHO[who] in {EDITORS, REVIEWERS} and self.is_there and not self.is_merged

    def may_publish(self, who):
        return self.may_write(who) and WHO[who] == REVIEWERS

    def is_own(self, who):
        if self.self_review:
            return False
        if who == self.creator or (self.state == "review" and who == self.submitter):
            return True
        return bool(self.changes) and who == self.changes[-1]

    def write(self, who, content):
        if content != self.content:
            self.content = content
            self.changes.append(who)

    def let_pass(self):
        self.changes.clear()
        self.content_let_pass = self.content

    def submit(self, who):
        if self.may_write(who) and self.state == "draft":
            self.state, self.submitter = "review", who
            self.changes.append(who)

    def draft(self, who):
        if self.may_write(who) and self.state in {"review", "withdrawn"} and not self.was_public:
            self.state = "draft"
            self.changes.append(who)

    def publish(self, who):
        if self.may_publish(who) and self.state != "published" and not self.is_own(who):
            self.state, self.was_public = "published", True
            self.let_pass()

    def withdraw(self, who, reason):
        if self.may_publish(who) and self.state != "withdrawn" and reason.strip():
            self.state = "withdrawn"
            if self.changes:
                self.changes.append(who)

    def form(self, who, button, content):
        if not self.may_write(who) or (button == "_publish" and not self.may_publish(who)):
            return
        self.write(who, content)
        if button != "_save":
            getattr(self, button.removeprefix("_"))(who)

    def revert(self, who):
        if self.may_write(who) and (not self.was_public or self.may_publish(who)):
            self.write(who, FIRST)

    def approve(self, who):
        if self.may_publish(who) and self.state == "published" and (self.self_review or who not in self.changes):
            self.let_pass()

    def take_back(self, who):
        if self.may_publish(who) and self.state == "published" and self.content != self.content_let_pass:
            self.content = self.content_let_pass
            self.changes.clear()

    def delete(self, who):
        if self.may_write(who) and not self.was_public:
            self.is_there = False

    def restore(self, who):
        if not self.is_there and WHO[who] in {EDITORS, REVIEWERS}:
            self.is_there = True
            self.changes.append(who)

    def merge(self, who):
        if self.may_publish(who):
            self.is_merged = True


class Desk:
    """The same steps, taken at the desk by whoever is logged in, or by the verbs that the desk calls."""

    def __init__(self, users, clients, creator):
        self.users, self.clients = users, clients
        with history_context(user=users[creator]):
            self.record = PersonFactory(state="draft", name="Wang Yi", description=FIRST)
        self.survivor = PersonFactory(name="Wang Yi")

    def url(self, page, *args):
        return reverse(f"admin:actors_actor_{page}", args=args)

    def now(self):
        return Actor.objects.filter(pk=self.record.pk).first()

    def version(self):
        current = self.now()
        return current.version if current else 1

    def content(self):
        current = self.now()
        return current.description if current else ""

    def form(self, who, button, content):
        prefixes = ("names", "tenures", "memberships", "identifiers", "citations")
        rows = {f"{prefix}-{count}_FORMS": "0" for prefix in prefixes for count in ("TOTAL", "INITIAL")}
        typed = {"name": "Wang Yi", "kind": "person", "description": content, "change_reason": "Tried."}
        sent = {**rows, **typed, "loaded_version": self.version(), button: "1"}
        self.clients[who].post(self.url("change", self.record.pk), sent)

    def bulk(self, who, verb):
        client, name = self.clients[who], f"{verb}_selected"
        chosen = {"action": name, "_selected_action": [self.record.pk], "index": "0"}
        shown = client.post(self.url("changelist"), chosen)
        selection = shown.context["selection"] if shown.context and "selection" in shown.context else ""
        client.post(self.url("bulk", name), {"selection": selection, "_confirm": "1", "reason": "Tried."})

    def verb(self, who, verb):
        given = {"reason": "Tried."} if verb == "withdraw" else {}
        name = {"draft": "return_to_draft"}.get(verb, verb)
        with suppress(Refused):
            getattr(services, name)(record=self.record, by=self.users[who], **given)

    def withdraw(self, who, reason):
        self.clients[who].post(
            self.url("withdraw", self.record.pk), {"reason": reason, "loaded_version": self.version()}
        )

    def revert(self, who):
        sent = {"reason": "Tried.", "loaded_version": self.version()}
        self.clients[who].post(self.url("revert", self.record.pk, 1), sent)

    def approve(self, who):
        self.clients[who].post(self.url("approve", self.record.pk), {"version": self.version()})

    def take_back(self, who):
        sent = {"version": self.version(), "reason": "Tried."}
        self.clients[who].post(self.url("takeback", self.record.pk), sent)

    def delete(self, who):
        self.clients[who].post(self.url("delete", self.record.pk), {"post": "yes"})

    def restore(self, who):
        self.clients[who].post(self.url("restore", self.record.uid), {"reason": "Tried."})

    def merge(self, who):
        url = f"{self.url('merge')}?survivor={self.survivor.pk}&absorbed={self.record.pk}"
        shown = self.clients[who].get(url)
        if shown.status_code == 200:
            self.clients[who].post(url, {"reason": "Tried.", **shown.context["form"].initial})


people = st.sampled_from(list(WHO))
reviewers = st.sampled_from([who for who, role in WHO.items() if role == REVIEWERS])
verbs = st.sampled_from(["submit", "publish", "draft", "withdraw"])
steps = st.one_of(
    st.tuples(st.just("form"), people, st.sampled_from(["_save", "_submit", "_publish", "_draft"]), st.booleans()),
    st.tuples(st.just("bulk"), people, verbs),
    # Who may is asked by the surface: the verbs themselves are called for those who may.
    st.tuples(st.just("verb"), reviewers, verbs),
    st.tuples(st.just("withdraw"), people, st.sampled_from(["", " ", "Denied."])),
    *(st.tuples(st.just(name), people) for name in ("revert", "approve", "take_back", "delete", "restore", "merge")),
)


@pytest.fixture
def users(django_user_model):
    made = {}
    for name, role in WHO.items():
        made[name] = django_user_model.objects.create_user(name, is_staff=True)
        made[name].groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def clients(users):
    logged_in = {}
    for name, user in users.items():
        logged_in[name] = Client()
        logged_in[name].force_login(user)
    return logged_in


def expect(workflow, step, number):
    """What the plain workflow makes of the step."""
    name, who, *more = step
    if name == "form":
        button, writes = more
        workflow.form(who, button, f"step {number}" if writes else workflow.content)
    elif name in {"bulk", "verb"}:
        [verb] = more
        getattr(workflow, verb)(who, *(["Tried."] if verb == "withdraw" else []))
    else:
        getattr(workflow, name)(who, *more)


def carry_out(desk, step, number):
    name, who, *more = step
    if name == "form":
        button, writes = more
        desk.form(who, button, f"step {number}" if writes else desk.content())
    else:
        getattr(desk, name)(who, *more)


def as_readers_see_it(record):
    try:
        return "public", find(record.uid, among=Actor.objects.all()).uid
    except Moved as moved:
        return "moved", moved.record.uid
    except Gone as gone:
        return "gone", gone.reason
    except Unknown:
        return "unknown", ""


def expected_of(workflow, desk):
    if workflow.is_merged:
        return "moved", desk.survivor.uid
    if not workflow.is_there or not workflow.was_public:
        return "unknown", ""
    return ("public", desk.record.uid) if workflow.state == "published" else ("gone", None)


@pytest.mark.django_db(transaction=True)
@given(creator=st.sampled_from(["anna", "clara"]), self_review=st.booleans(), taken=st.lists(steps, max_size=9))
@example(
    creator="anna", self_review=False, taken=[("form", "boris", "_save", True), ("form", "anna", "_publish", False)]
)
@example(
    creator="clara",
    self_review=False,
    taken=[("form", "anna", "_submit", False), ("form", "boris", "_save", True), ("bulk", "anna", "publish")],
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_steps_of_any_role_lead_round_the_workflow(users, clients, creator, self_review, taken):
    desk, workflow = Desk(users, clients, creator), Workflow(creator, self_review)
    with override_settings(READOUT_SELF_REVIEW=self_review):
        for number, step in enumerate(taken):
            before = Actor.objects.filter(pk=desk.record.pk).values().first()
            was_merged, was_public = workflow.is_merged, workflow.was_public

            expect(workflow, step, number)
            carry_out(desk, step, number)

            record = desk.now()
            assert (record is not None) == workflow.is_there
            seen, what = as_readers_see_it(desk.record)
            wanted, target = expected_of(workflow, desk)
            assert (seen, what if target is not None else None) == (wanted, target)
            if record is None:
                assert not was_public
                continue
            said = (record.state, record.description, record.merged_into_id is not None)
            assert said == (workflow.state, workflow.content, workflow.is_merged)
            assert (record.published_at is not None) == workflow.was_public
            assert (record.state == "withdrawn") == bool(record.withdrawal_reason.strip())
            if was_merged:
                assert Actor.objects.filter(pk=record.pk).values().first() == before
            elif not workflow.is_merged:
                is_reviewed = Review.objects.filter(record=record.uid, version__gte=record.version).exists()
                assert is_reviewed == (not workflow.changes)


# What the API has for readers only reads; the desk for programs has tests of its own


def addresses_for_readers():
    for pattern in api_patterns:
        if pattern.name and not str(pattern.pattern).startswith("desk/"):
            known = dict.fromkeys(pattern.pattern.regex.groupindex, "24680bcdfg")
            yield reverse(f"api:{pattern.name}", kwargs=known)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_address_of_the_api_for_readers_takes_anything(admin_client, method):
    answers = {url: getattr(admin_client, method)(url, {"name": "Wang"}).status_code for url in addresses_for_readers()}

    assert len(answers) > 20
    # Names are sent to be matched, which changes nothing: the protocol of reconciliation posts its questions.
    questions = {reverse("api:reconcile"): 200} if method == "post" else {}
    assert {url: status for url, status in answers.items() if status != 405} == questions
