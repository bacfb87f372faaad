"""Bulk work and lists as an editor meets them: by keyboard, in both schemes, narrow and wide."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from events.models import Meeting
from records.bulk import verbs_for
from records.context import history_context
from records.models import SavedView
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, PlaceFactory, TopicFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_page, client, django_user_model):
    """Open a page of the admin as somebody who may do everything."""
    client.force_login(django_user_model.objects.create_superuser("admin"))
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def open_desk(name, *args, query="", **how):
        return open_page(reverse(f"admin:{name}", args=args) + query, cookies=[cookie], **how)

    return open_desk


@pytest.fixture
def meetings(site):
    """Four drafts and one that readers see, with long titles as they come."""
    place, wang = PlaceFactory(name="Moscow"), PersonFactory(name="Wang Yi")
    made = []
    for number in range(4):
        title = f"Wang Yi, Director of the Office of the Central Foreign Affairs Commission, meets guest {number}"
        made.append(MeetingFactory(title=title, state="draft", place=place, date=f"2023-02-2{number}"))
    made.append(MeetingFactory(title="Talks that readers see", place=place, date="2023-03-01"))
    for meeting in made:
        ParticipationFactory(meeting=meeting, actor=wang)
    return made


def said(page):
    return [text.strip() for text in page.locator(".messagelist li").all_inner_texts()]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def choose_action(page, meetings, verb):
    """Tick the meetings and choose the verb with the keyboard alone."""
    for meeting in meetings:
        page.locator(f"input[name=_selected_action][value='{meeting.pk}']").press("Space")
    page.locator("select[name=action]").select_option(verb)
    page.locator(".actions button[name=index]").press("Enter")
    page.wait_for_load_state()


def set_relevance(page):
    assert "set_relevance_selected" in verbs_for(Meeting)
    page.locator("select[name=relevance]").select_option("core")
    page.locator("button[name=_preview]").press("Enter")
    page.locator("#bulk-change").wait_for()


def test_meetings_are_changed_and_taken_back_with_the_keyboard(desk, meetings):
    Meeting.objects.update(relevance="")
    chosen = meetings[:3]
    page = desk("events_meeting_changelist")

    choose_action(page, chosen, "set_relevance_selected")
    set_relevance(page)
    assert page.locator("#bulk-change").inner_text() == "3 records will change"
    assert [Meeting.objects.get(pk=one.pk).relevance for one in chosen] == [""] * 3
    page.locator("button[name=_confirm]").press("Enter")
    page.locator(".messagelist").wait_for()

    assert said(page) == ["3 records done. Undo"]
    assert [Meeting.objects.get(pk=one.pk).relevance for one in chosen] == ["core"] * 3

    page.get_by_role("link", name="Undo", exact=True).press("Enter")
    page.locator("#id_reason").press_sequentially("Too many.")
    page.locator(".save-bar button.default").press("Enter")
    page.locator(".messagelist").wait_for()

    assert said(page) == ["The batch was undone. Undo the undo to do it again."]
    assert [Meeting.objects.get(pk=one.pk).relevance for one in chosen] == [""] * 3


def test_view_is_saved_opened_and_deleted(desk, meetings):
    page = desk("events_meeting_changelist", query="?state__exact=draft")
    page.locator(".views__manage summary").press("Enter")
    page.locator("#view-name").press_sequentially("Drafts of mine")
    page.locator("#view-name").press("Enter")
    page.locator(".messagelist").wait_for()
    assert said(page) == ["Saved as “Drafts of mine”."]

    page.goto(reverse("admin:events_meeting_changelist"))
    page.get_by_role("link", name="Drafts of mine").press("Enter")
    page.wait_for_url(re.compile("state__exact=draft"))
    assert page.locator("#result_list tbody tr").count() == 4
    assert page.locator(".views__list a[aria-current=page]").inner_text() == "Drafts of mine"

    page.locator(".views__manage summary").press("Enter")
    page.locator(".views__manage button[name=_delete]").press("Enter")
    page.locator(".messagelist").wait_for()
    assert said(page) == ["The view “Drafts of mine” is deleted."]
    assert not SavedView.objects.exists()


def open_list(page, meetings):
    page.locator(".views__manage summary").press("Enter")


def open_preview(page, meetings):
    Meeting.objects.update(relevance="")
    choose_action(page, meetings, "set_relevance_selected")
    set_relevance(page)


def open_batches(page, meetings):
    with history_context(batch="bulk add topic", reason="A reason that is as long as reasons are, and longer still."):
        TopicFactory()
    page.goto(reverse("admin:pghistory_context_changelist"))


@pytest.mark.parametrize("width", [1280, 820, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("opened", [open_list, open_preview, open_batches])
def test_pages_of_bulk_work_are_accessible_and_fit(desk, violations, meetings, opened, scheme, width):
    page = desk("events_meeting_changelist", width=width, scheme=scheme)

    opened(page, meetings)

    assert overflow(page) == 0
    assert violations(page) == []
