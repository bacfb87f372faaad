"""Everything can be taken back, as a reviewer does it: a merge, a change, a batch, a change to a published record."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting, Participation
from records.context import history_context
from records.roles import REVIEWERS
from tests.factories import ActorNameFactory, MeetingFactory, ParticipationFactory, PersonFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_page, client, django_user_model):
    """Open a page of the desk as a reviewer."""
    reviewer = django_user_model.objects.create_user("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name=REVIEWERS))
    client.force_login(reviewer)
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return lambda name, *args: open_page(reverse(f"admin:{name}", args=args), cookies=[cookie])


@pytest.fixture
def talks(site):
    """A draft of which a batch renamed the title, and somebody lost the participant."""
    meeting = MeetingFactory(state="draft", title="Wang Yi meets Nikolai Patrushev")
    ParticipationFactory(meeting=meeting, actor=PersonFactory(name="Wang Yi"))
    with history_context(batch="bulk edit", reason="Titles by the new rule."):
        Meeting.objects.update(title="Renamed")
    Participation.objects.all().delete()
    return meeting


def give_reason(page, reason, button, *, asked="Reason"):
    page.get_by_label(asked).fill(reason)
    page.get_by_role("button", name=button).click()


def state_of(meeting):
    meeting.refresh_from_db()
    return meeting.title, [str(row) for row in meeting.participations.all()]


def test_two_actors_are_merged_after_a_look_at_both_and_stand_for_themselves_again(desk):
    wang = PersonFactory(name="Wang Yi", description="Director of the Office.")
    twin = PersonFactory(name="Wang I", description="Member of the Politburo.")
    ActorNameFactory(actor=twin, text="王毅")
    ParticipationFactory(actor=twin, meeting=MeetingFactory(title="Talks in Moscow"))
    page = desk("actors_actor_change", twin.pk)

    page.get_by_role("link", name="Merge into").click()
    page.get_by_role("combobox", name="Merge into").press_sequentially("Wang Yi")
    page.locator("[role=option][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Look at the merge").click()
    page.get_by_text("The name “Wang I” becomes another name of the survivor.").wait_for()
    described = page.get_by_role("row", name="Description")
    assert described.get_by_role("cell").all_inner_texts() == ["Director of the Office.", "Member of the Politburo."]
    give_reason(page, "The same man.", "Merge", asked="Why are these the same?")

    page.get_by_text("leads to “Wang Yi” now").wait_for()
    twin.refresh_from_db()
    assert (twin.merged_into, Participation.objects.get().actor) == (wang, wang)
    page.get_by_role("link", name="Undo this merge").click()
    give_reason(page, "Two men after all.", "Undo the merge", asked="Why is the merge undone?")
    page.get_by_text("stands for itself again").wait_for()
    twin.refresh_from_db()
    assert (twin.merged_into, Participation.objects.get().actor) == (None, twin)
    assert [name.text for name in twin.names.all()] == ["王毅"]
    assert list(Actor.objects.get(pk=wang.pk).names.all()) == []


def test_meeting_is_compared_and_reverted_and_the_revert_undone_as_one_batch(desk, talks):
    page = desk("events_meeting_history", talks.pk)

    page.get_by_role("button", name="Compare the chosen versions").click()
    page.get_by_role("heading", name="Compare versions").wait_for()
    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_role("link", name="Revert to version 2").click()
    page.get_by_role("heading", name="What will change").wait_for()
    give_reason(page, "Removed by mistake.", "Revert to version 2")
    page.get_by_text("Taken back to version 2.").wait_for()
    assert state_of(talks) == ("Wang Yi meets Nikolai Patrushev", ["Wang Yi"])

    page.get_by_role("link", name="All of the batch “revert”").click()
    give_reason(page, "Right after all.", "Undo this batch")
    page.get_by_text("The batch was undone.").wait_for()
    assert state_of(talks) == ("Renamed", [])


def test_batch_over_many_records_is_undone_from_the_list_of_batches(desk):
    titles = [f"Round {number}" for number in range(3)]
    for title in titles:
        MeetingFactory(state="draft", title=title)
    with history_context(batch="bulk edit", reason="Titles by the new rule."):
        Meeting.objects.update(title="Renamed")
    page = desk("events_meeting_changelist")

    page.get_by_role("link", name="Batches").click()
    page.get_by_role("link", name="bulk edit").click()
    give_reason(page, "Wrong rule.", "Undo this batch")

    page.get_by_text("The batch was undone.").wait_for()
    assert sorted(Meeting.objects.values_list("title", flat=True)) == titles
    assert page.locator(".change__table tbody th").all_inner_texts() == ["undo of bulk edit", "bulk edit undone"]


@pytest.mark.parametrize(
    ("decide", "said", "description"),
    [
        (lambda page: page.get_by_role("button", name="Approve these changes").click(), "Approved:", "New."),
        (
            lambda page: (
                page.get_by_label("Reason for taking these changes back").fill("No source."),
                page.get_by_role("button", name="Take back to version 1").click(),
            ),
            "Taken back:",
            "Old.",
        ),
    ],
    ids=["approve", "take back"],
)
def test_change_to_a_published_record_is_seen_on_patrol_and_decided(desk, editor, decide, said, description):
    wang = PersonFactory(name="Wang Yi", description="Old.")
    with history_context(user=editor, reason="From the readout."):
        Actor.objects.update(description="New.", updated_by=editor)
    page = desk("index")

    page.get_by_role("link", name="changes to published records").click()
    page.get_by_text("From the readout.").wait_for()
    page.get_by_role("link", name="See what changed, and decide").click()
    page.locator("tr", has_text="Description").get_by_text("New.").wait_for()
    decide(page)

    page.get_by_text(said).wait_for()
    page.get_by_text("Every change to a published record was reviewed.").wait_for()
    wang.refresh_from_db()
    assert wang.description == description
