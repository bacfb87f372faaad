"""The article's meeting, coded by one person and published by another, neither of whom touches a mouse."""

import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from events.models import Meeting, Source, Statement
from records.roles import EDITORS, REVIEWERS
from tests.browser.keyboard import Keyboard
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    OfficeFactory,
    PersonFactory,
    PlaceFactory,
    StateFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = pytest.mark.browser

PASSWORD = "Strategic-Consultation-2023"
URL = "https://socialbites.ca/politics/china-and-russia-emphasize-multilateralism-peace-and-shared-security"


@pytest.fixture
def world(site):
    """What is coded already: the two men, their offices, the city, and some topics."""
    russia = StateFactory(name="Russia")
    wang = PersonFactory(name="Wang Yi", home_state=StateFactory(name="China"))
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    commission = BodyFactory(name="Central Foreign Affairs Commission")
    TenureFactory(
        person=wang, office=OfficeFactory(body=commission, name="Director of the Office"), span="2023-01-01/.."
    )
    patrushev = PersonFactory(name="Nikolai Patrushev", home_state=russia)
    ActorNameFactory(actor=patrushev, text="Николай Патрушев", language="ru")
    council = BodyFactory(name="Security Council of the Russian Federation")
    TenureFactory(person=patrushev, office=OfficeFactory(body=council, name="Secretary"), span="2008-05-12/2024-05-12")
    PlaceFactory(name="Moscow")
    TopicFactory(name="Multilateralism")


@pytest.fixture
def sit_down(open_page, django_user_model):
    """Somebody of a group comes to the desk and logs in."""

    def sit_down(name, group):
        user = django_user_model.objects.create_user(name, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        hands = Keyboard(open_page(reverse("admin:index")))
        hands.type(name)
        hands.press("Tab")
        hands.type(PASSWORD)
        hands.press("Enter")
        hands.page.wait_for_url(re.compile(f"{reverse('admin:index')}$"))
        return hands

    return sit_down


def unfold(hands, row):
    """Open what is folded away in a row."""
    hands.open(hands.page.locator(f"[id='{row}'] summary"))


def submit(hands):
    hands.open(hands.page.locator("button[name=_submit]"))
    hands.page.get_by_text("Submitted for review:").wait_for()


def code_meeting(hands):
    page = hands.page
    hands.open(page.get_by_role("link", name="New meeting"))
    page.wait_for_url(re.compile("/meeting/add/"))
    page.wait_for_load_state()
    hands.fill("title", "Wang Yi and Patrushev talk in Moscow")
    hands.fill("date", "2023-02-21")
    page.get_by_text("21 February 2023").wait_for()
    hands.choose("place", "mosc")
    hands.fill("mode", "in person")
    hands.fill("kind", "consultation")

    row = hands.add_row("participations")
    hands.choose(f"{row}-actor", "王毅")
    page.get_by_text("Proposed: Director of the Office").wait_for()
    hands.fill(f"{row}-role", "guest")
    row = hands.next_row("participations")
    hands.choose(f"{row}-actor", "Патрушев")
    page.get_by_text("Proposed: Secretary").wait_for()
    hands.fill(f"{row}-role", "host")

    row = hands.add_row("topic_links")
    hands.choose(f"{row}-topic", "multilat")
    row = hands.next_row("topic_links")
    window = hands.in_window(page.locator(f"[id='add_id_{row}-topic']"))
    window.fill("name", "Pressure by single powers")
    with window.page.expect_event("close"):
        window.press("Control+s")
    hands.fill("summary", "The two heads of the security consultation took up Ukraine and Asia.")

    row = hands.add_row("citations")
    window = hands.in_window(page.locator(f"[id='add_id_{row}-source']"))
    window.fill("title", "Talks on multilateralism and peace")
    window.fill("publisher", "Social Bites")
    window.fill("url", URL)
    with window.page.expect_event("close"):
        window.press("Control+s")
    unfold(hands, row)
    hands.fill(f"{row}-locator", "paragraph 1")
    hands.press("Control+s")
    page.wait_for_url(re.compile("/change/"))
    page.wait_for_load_state()
    assert "was added successfully" in hands.said()[0]
    submit(hands)


def code_statement(hands):
    page = hands.page
    hands.open(page.get_by_role("link", name="Add a statement for this meeting"))
    page.wait_for_url(re.compile("/statement/add/"))
    page.wait_for_load_state()
    hands.fill("kind", "remark")
    hands.fill("basis", "press")
    row = hands.add_row("speakers")
    hands.choose(f"{row}-actor", "Wang Yi")
    page.get_by_text("Proposed: Director of the Office").wait_for()
    row = hands.next_row("speakers")
    hands.choose(f"{row}-actor", "Patrushev")
    page.get_by_text("Proposed: Secretary").wait_for()
    hands.fill("gist", "Neither accepts that one power presses the others.")
    row = hands.add_row("topic_links")
    hands.choose(f"{row}-topic", "pressure")
    hands.fill(f"{row}-stance", "opposes")
    row = hands.add_row("citations")
    hands.choose(f"{row}-source", "social bites")
    unfold(hands, row)
    hands.fill(f"{row}-locator", "paragraph 1")
    submit(hands)


def publish(hands, word, seen):
    """From the desk to the record that waits: look at it as readers will, look at what changed, publish."""
    page = hands.page
    waiting = page.locator(".desk__lists li", has_text="Waiting for my review")
    hands.open(waiting.get_by_role("link", name=word))
    page.wait_for_url(re.compile("desk="))
    hands.open(page.locator("tbody th a"))
    page.wait_for_url(re.compile("/change/"))

    hands.open(page.get_by_role("link", name="As readers will see it"))
    page.wait_for_url(re.compile("/preview/"))
    page.get_by_text(seen).first.wait_for()
    hands.open(page.get_by_role("link", name="Back to the desk"))
    page.wait_for_url(re.compile("/change/"))
    hands.open(page.get_by_role("link", name="What changed since the last review"))
    page.wait_for_url(re.compile("/differences/"))
    page.get_by_text(seen).first.wait_for()
    hands.open(page.locator(".breadcrumbs a").last)
    page.wait_for_url(re.compile("/change/"))
    page.wait_for_load_state()

    hands.open(page.locator("button[name=_publish]"))
    page.get_by_text("Published:").wait_for()
    hands.open(page.get_by_role("link", name="Home"))
    page.wait_for_url(re.compile(f"{reverse('admin:index')}$"))


def test_article_is_coded_from_an_empty_form_and_published_by_a_second_person_with_keys_alone(sit_down, world):
    editor = sit_down("editor", EDITORS)
    code_meeting(editor)
    code_statement(editor)
    assert {record.state for record in [*Meeting.objects.all(), *Statement.objects.all()]} == {"review"}

    reviewer = sit_down("reviewer", REVIEWERS)
    publish(reviewer, "Meetings", "Wang Yi and Patrushev talk in Moscow")
    publish(reviewer, "Statements", "Neither accepts that one power presses the others.")

    meeting, statement = Meeting.objects.public().get(), Statement.objects.public().get()
    assert (meeting.date.edtf, meeting.place.name, meeting.mode, meeting.kind) == (
        "2023-02-21",
        "Moscow",
        "in-person",
        "consultation",
    )
    assert [
        (row.actor.name, row.role, [str(tenure.office) for tenure in row.tenures.all()])
        for row in meeting.participations.all()
    ] == [
        ("Wang Yi", "guest", ["Director of the Office, Central Foreign Affairs Commission"]),
        ("Nikolai Patrushev", "host", ["Secretary, Security Council of the Russian Federation"]),
    ]
    assert [link.topic.name for link in meeting.topic_links.all()] == ["Multilateralism", "Pressure by single powers"]
    assert [(link.topic.name, link.stance) for link in statement.topic_links.all()] == [
        ("Pressure by single powers", "opposes")
    ]
    source = Source.objects.get()
    assert (source.url, source.publisher) == (URL, "Social Bites")
    assert [(one.source, one.locator) for one in [*meeting.citations.all(), *statement.citations.all()]] == [
        (source, "paragraph 1"),
        (source, "paragraph 1"),
    ]
    assert (meeting.created_by.username, meeting.updated_by.username) == ("editor", "reviewer")
    shown = reviewer
    shown.open(shown.page.get_by_role("link", name="View site"))
    shown.page.wait_for_load_state()
    shown.open(shown.page.get_by_role("link", name="Wang Yi and Patrushev talk in Moscow"))
    shown.page.get_by_role("heading", name="Wang Yi and Patrushev talk in Moscow").wait_for()
    shown.page.get_by_text("Neither accepts that one power presses the others.").first.wait_for()
