import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting
from records import patrol, services
from records.context import history_context
from records.history import event_model
from records.models import Review
from records.roles import EDITORS, REVIEWERS
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, TopicFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def member(django_user_model):
    def make(name, group=REVIEWERS):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


def change(record, by, **values):
    """Change a record as another transaction would: within one, a record's version rises once."""
    with history_context(user=by, reason="Asked by a reader"):
        type(record).objects.filter(pk=record.pk).update(**values)
    record = type(record).objects.get(pk=record.pk)
    return record.version


def waiting(model=Actor):
    return list(patrol.unreviewed(model.objects.order_by("pk")))


def address(record, page):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_unreviewed_are_published_records_that_an_account_changed(member):
    anna = member("anna")
    changed, untouched = PersonFactory(), PersonFactory()
    draft, withdrawn = PersonFactory(state="draft"), PersonFactory(state="published")
    services.withdraw(record=withdrawn, reason="Entered twice.", by=anna)
    for record in (changed, draft):
        change(record, anna, description="Diplomat.")
    with history_context(batch="seeds"):
        Actor.objects.filter(pk=untouched.pk).update(description="From the starter data.")

    assert waiting() == [changed]


def test_publishing_is_a_review(member):
    anna, boris = member("anna", EDITORS), member("boris")
    actor = PersonFactory(state="draft")
    change(actor, anna, description="Diplomat.")

    services.publish(record=actor, by=boris)

    assert waiting() == []


@pytest.mark.django_db(transaction=True)
def test_changed_participant_of_a_published_meeting_waits_for_review(member):
    meeting = MeetingFactory()
    with history_context(user=member("anna")):
        ParticipationFactory(meeting=meeting)

    assert waiting(Meeting) == [meeting]


def test_approval_covers_all_up_to_its_version_and_nothing_after(member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory()
    change(actor, anna, description="Diplomat.")
    seen = change(actor, anna, description="Director.")

    later = change(actor, anna, description="Minister.")
    patrol.approve(record=actor, version=seen, by=boris)
    assert waiting() == [actor]

    patrol.approve(record=actor, version=later, by=boris)
    assert waiting() == []


def test_nobody_approves_their_own_change(member):
    anna = member("anna")
    actor = PersonFactory()
    version = change(actor, anna, description="Diplomat.")

    with pytest.raises(services.OwnRecord):
        patrol.approve(record=actor, version=version, by=anna)

    assert waiting() == [actor]


def test_own_change_is_not_approved_behind_the_change_of_another(member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory()
    change(actor, anna, description="Diplomat.")
    version = change(actor, boris, description="Minister.")

    with pytest.raises(services.OwnRecord):
        patrol.approve(record=actor, version=version, by=anna)


def test_two_reviewers_who_both_changed_a_record_approve_each_others_steps(member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory()
    first = change(actor, anna, description="Diplomat.")
    second = change(actor, boris, description="Minister.")

    steps = patrol.steps_since(actor, patrol.reviewed_version(actor))
    assert (patrol.approvable(steps, by=boris), patrol.approvable(steps, by=anna)) == (first, None)

    patrol.approve(record=actor, version=first, by=boris)
    patrol.approve(record=actor, version=second, by=anna)
    assert waiting() == []


def test_own_change_is_approved_where_the_site_allows_it(member, settings):
    settings.READOUT_SELF_REVIEW = True
    anna = member("anna")
    actor = PersonFactory()

    patrol.approve(record=actor, version=change(actor, anna, description="Diplomat."), by=anna)

    assert waiting() == []


@pytest.mark.parametrize("version", [0, 99])
def test_version_that_does_not_exist_is_not_approved(member, version):
    with pytest.raises(services.Refused):
        patrol.approve(record=PersonFactory(), version=version, by=member("anna"))

    assert Review.objects.count() == 0


def test_draft_has_nothing_to_approve(member):
    with pytest.raises(services.WrongState):
        patrol.approve(record=PersonFactory(state="draft"), version=1, by=member("anna"))


def test_second_approval_of_a_version_leaves_the_first(member):
    anna, boris, chen = member("anna"), member("boris"), member("chen")
    actor = PersonFactory()
    version = change(actor, anna, description="Diplomat.")

    patrol.approve(record=actor, version=version, by=boris)
    patrol.approve(record=actor, version=version, by=chen)

    assert Review.objects.get().reviewer == boris


# At the desk


def test_patrol_page_says_who_changed_what_when_and_why(client, member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory(name="Wang Yi")
    version = change(actor, anna, description="Diplomat.")
    client.force_login(boris)

    [one] = client.get(reverse("admin:records_review_changelist")).context["waiting"]

    assert (one.record, one.address, one.since) == (actor, address(actor, "differences"), 1)
    assert [(step["version"], step["by"], step["reason"]) for step in one.steps] == [
        (version, "anna", "Asked by a reader")
    ]


def test_reviewer_sees_what_changed_since_the_last_review_and_approves_it(client, member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory(name="Wang Yi", state="draft", description="")
    services.publish(record=actor, by=boris)
    change(actor, anna, description="Diplomat.")
    client.force_login(boris)

    page = client.get(address(actor, "differences"))
    [entry] = page.context["changes"]
    assert [(one.field, one.before, one.after) for one in entry.changes] == [("Description", "", "Diplomat.")]

    response = client.post(address(actor, "approve"), {"version": page.context["version"]}, follow=True)
    assert messages_of(response) == ["Approved: “Wang Yi”."]
    assert waiting() == []
    assert client.get(address(actor, "differences")).context["changes"] == []


def test_author_of_a_change_is_offered_no_approval_and_gets_none(client, member):
    anna = member("anna")
    actor = PersonFactory(name="Wang Yi")
    version = change(actor, anna, description="Diplomat.")
    client.force_login(anna)

    assert client.get(address(actor, "differences")).context["version"] is None
    response = client.post(address(actor, "approve"), {"version": version}, follow=True)
    assert messages_of(response) == ["One of these changes is yours: somebody else has to look at it."]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_approval_of_nonsense_is_told(client, member, version):
    client.force_login(member("boris"))

    response = client.post(address(PersonFactory(), "approve"), {"version": version}, follow=True)

    assert messages_of(response) == ["The record has no such version."]


def test_editor_neither_sees_the_patrol_nor_approves(client, member):
    actor = PersonFactory()
    version = change(actor, member("anna"), description="Diplomat.")
    client.force_login(member("editor", EDITORS))

    assert client.get(reverse("admin:records_review_changelist")).status_code == 403
    for verb in ("approve", "takeback"):
        assert client.post(address(actor, verb), {"version": version, "reason": "No."}).status_code == 403
    assert waiting() == [actor]


def queries_of(client, url):
    """How many queries a page takes, once everything that is read once was read."""
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


def test_patrol_page_costs_the_same_for_few_and_many(client, member):
    anna = member("anna")
    client.force_login(member("boris"))
    url = reverse("admin:records_review_changelist")
    taken = []
    for _round in range(2):
        for _number in range(2):
            change(PersonFactory(), anna, description="Diplomat.")
            change(MeetingFactory(), anna, summary="Talks.")
        taken.append(queries_of(client, url))

    assert taken[1] == taken[0]


@pytest.mark.django_db(transaction=True)
def test_reviewer_takes_changes_back_with_a_reason(client, member):
    anna, boris = member("anna"), member("boris")
    actor = PersonFactory(name="Wang Yi", state="draft", description="Diplomat.")
    services.publish(record=actor, by=boris)
    version = change(actor, anna, description="Astronaut.")
    client.force_login(boris)

    missing = client.post(address(actor, "takeback"), {"version": version, "reason": " "}, follow=True)
    assert (Actor.objects.get().description, len(messages_of(missing))) == ("Astronaut.", 1)
    stale = client.post(address(actor, "takeback"), {"version": version - 1, "reason": "No source."}, follow=True)
    assert (Actor.objects.get().description, len(messages_of(stale))) == ("Astronaut.", 1)

    done = client.post(address(actor, "takeback"), {"version": version, "reason": "No source."}, follow=True)
    assert messages_of(done) == ["Taken back: “Wang Yi”."]
    assert (Actor.objects.get().description, Actor.objects.get().state) == ("Diplomat.", "published")
    assert waiting() == []


# The preview


def test_preview_shows_a_draft_as_readers_will_see_it_and_keeps_nothing(client, member):
    meeting = MeetingFactory(title="Talks in Moscow", state="draft")
    ParticipationFactory(meeting=meeting, actor=PersonFactory(name="Wang Yi"))
    ParticipationFactory(meeting=meeting, actor=PersonFactory(name="Hidden Envoy", state="draft"))
    events = event_model(Meeting).objects.count()
    version = Meeting.objects.get().version
    client.force_login(member("anna"))

    response = client.get(address(meeting, "preview"))
    page = response.content.decode()

    assert ("Talks in Moscow" in page, "Wang Yi" in page, "Hidden Envoy" in page) == (True, True, False)
    assert "Only the desk sees this page" in page
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert (Meeting.objects.get().state, Meeting.objects.get().version) == ("draft", version)
    assert event_model(Meeting).objects.count() == events


def test_public_page_stays_closed_to_whoever_sees_the_preview(client, member):
    meeting = MeetingFactory(state="draft")
    client.force_login(member("anna"))
    client.get(address(meeting, "preview"))

    assert client.get(meeting.get_absolute_url()).status_code == 404


def test_public_page_carries_no_note_of_a_preview(client):
    assert "Only the desk sees this page" not in client.get(PersonFactory().get_absolute_url()).content.decode()


def test_preview_needs_the_permission_to_look(client, django_user_model):
    meeting = MeetingFactory(state="draft")
    assert client.get(address(meeting, "preview")).status_code == 302

    client.force_login(django_user_model.objects.create_user("guest", is_staff=True))
    assert client.get(address(meeting, "preview")).status_code == 403


@pytest.mark.parametrize("state", ["draft", "review", "published"])
def test_every_kind_of_record_has_a_preview_in_every_state(client, member, state):
    client.force_login(member("anna"))
    for record in (PersonFactory(state=state), TopicFactory(state=state), MeetingFactory(state=state)):
        assert client.get(address(record, "preview")).status_code == 200


def test_merged_record_has_no_preview(client, member):
    double = PersonFactory(merged_into=PersonFactory())
    client.force_login(member("anna"))

    assert client.get(address(double, "preview")).status_code == 404
