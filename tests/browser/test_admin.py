"""The desk as an editor meets it: a real browser, under the strict Content-Security-Policy of the site."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting, ParticipationTenure, Source
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    CitationFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_page, client, django_user_model):
    """Open a page of the admin as somebody who may do everything."""
    admin = django_user_model.objects.create_superuser("admin")
    client.force_login(admin)
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def open_desk(name, *args, **how):
        return open_page(reverse(f"admin:{name}", args=args), cookies=[cookie], **how)

    return open_desk


@pytest.fixture
def wang(site):
    wang = PersonFactory(name="Wang Yi", home_state=StateFactory(name="China"))
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    office = OfficeFactory(body=BodyFactory(name="Central Foreign Affairs Commission"), name="Director of the Office")
    TenureFactory(person=wang, office=office, span="2023-01-01/..")
    return wang


@pytest.fixture
def patrushev(site):
    patrushev = PersonFactory(name="Nikolai Patrushev", home_state=StateFactory(name="Russia"))
    ActorNameFactory(actor=patrushev, text="Николай Патрушев", language="ru")
    return patrushev


@pytest.fixture
def conference(site):
    """A meeting with twelve participants in two offices each."""
    meeting = MeetingFactory(title="Conference", state="draft", place=PlaceFactory(name="Munich"))
    for position in range(12):
        person = PersonFactory()
        participation = ParticipationFactory(meeting=meeting, actor=person, position=position)
        for _number in range(2):
            tenure = TenureFactory(person=person, office=OfficeFactory())
            ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    CitationFactory(meeting=meeting)
    SpeakerFactory(statement=StatementFactory(meeting=meeting))
    return meeting


def add_row(page, prefix):
    page.locator(f"#{prefix}-group .add-row a").press("Enter")
    return page.locator(f"#{prefix}-group .row:not(.empty-form)").last


def choose(row, field, typed):
    """Type into a choosing field and take the first answer, with the keyboard."""
    box = row.locator(f".field-{field} .chooser__input")
    box.select_text()
    box.press_sequentially(typed)
    row.locator(f".field-{field} [role=option][aria-selected=true]").wait_for()
    box.press("Enter")
    return box


def said(page):
    return page.locator(".messagelist li").all_inner_texts()


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_meeting_is_coded_from_a_readout_and_published_with_the_keyboard(desk, wang, patrushev, settings):
    settings.READOUT_SELF_REVIEW = True
    TopicFactory(name="Multipolarity")
    PlaceFactory(name="Moscow")
    page = desk("events_meeting_add")

    page.locator("#id_title").press_sequentially("Wang Yi meets Nikolai Patrushev")
    page.locator("#id_date").press_sequentially("2023-02")
    page.locator(".field-date [data-reading]").get_by_text("February 2023").wait_for()
    page.locator("#id_kind").select_option("bilateral")
    choose(page.locator("fieldset").first, "place", "mosc")

    first = add_row(page, "participations")
    assert page.evaluate("document.activeElement.id") == "id_participations-0-actor_search"
    assert choose(first, "actor", "王毅").input_value() == "Wang Yi"
    # The office held then is proposed, and stands unless the editor takes it away.
    first.get_by_text("Proposed: Director of the Office").wait_for()
    second = add_row(page, "participations")
    assert choose(second, "actor", "Патрушев").input_value() == "Nikolai Patrushev"
    choose(add_row(page, "topic_links"), "topic", "multi")

    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile("/change/"))
    page.locator("button[name=_publish]").press("Enter")
    page.get_by_text("Published:").wait_for()

    meeting = Meeting.objects.public().get()
    assert (meeting.date.edtf, meeting.place.name) == ("2023-02", "Moscow")
    assert [str(row) for row in meeting.participations.all()] == ["Wang Yi", "Nikolai Patrushev"]
    assert [str(link.tenure.office) for link in ParticipationTenure.objects.all()] == [
        "Director of the Office, Central Foreign Affairs Commission"
    ]
    assert [link.topic.name for link in meeting.topic_links.all()] == ["Multipolarity"]


def test_missing_source_is_added_without_leaving_the_form(desk):
    page = desk("events_meeting_add")
    row = add_row(page, "citations")

    with page.expect_popup() as opened:
        row.locator(".add-related").click()
    window = opened.value
    window.locator("#id_url").fill("https://tass.com/politics/1580047")
    window.locator("#id_publisher").fill("TASS")
    with window.expect_event("close"):
        window.locator("button[name=_save]").click()

    box = row.locator(".field-source .chooser__input")
    assert box.input_value() == "TASS: https://tass.com/politics/1580047"
    assert row.locator("select[name$=-source]").input_value() == str(Source.objects.get().pk)


def test_enter_saves_nothing_by_accident(desk):
    page = desk("actors_actor_add")
    page.locator("#id_name").press_sequentially("Wang Yi")

    page.locator("#id_name").press("Enter")
    page.locator("#id_home_state_search").press("Enter")
    page.wait_for_timeout(300)

    assert page.url.endswith(reverse("admin:actors_actor_add"))
    assert Actor.objects.count() == 0


def test_second_saver_keeps_what_was_typed_and_sees_what_a_colleague_saved(desk, wang):
    page = desk("actors_actor_change", wang.pk)
    Actor.objects.filter(pk=wang.pk).update(description="Written by a colleague.")

    page.locator("#id_description").fill("Typed for an hour.")
    page.locator("#id_change_reason").fill("From the readout")
    page.keyboard.press("Control+s")

    contradiction = page.get_by_role("group", name="Description")
    contradiction.get_by_text("Written by a colleague.").wait_for()
    assert contradiction.get_by_role("radio", checked=True).count() == 0
    assert page.locator("#id_description").input_value() == "Typed for an hour."
    assert Actor.objects.get(pk=wang.pk).description == "Written by a colleague."


def test_choosing_offers_namesakes_told_apart_and_escape_keeps_the_choice(desk, wang):
    PersonFactory(name="Wang Yi", home_state=StateFactory(name="Canada"))
    page = desk("events_meeting_add")
    row = add_row(page, "participations")
    box = row.locator(".chooser__input").first

    box.press_sequentially("wang yi")
    row.locator("[role=option]").nth(1).wait_for()
    details = row.locator(".field-actor .chooser__detail").all_inner_texts()
    assert sorted(details) == [
        "person · Canada",
        "王毅 · person · China · Director of the Office, Central Foreign Affairs Commission (since 1 January 2023)",
    ]

    box.press("ArrowDown")
    box.press("Enter")
    chosen = row.locator("select[name$=-actor]").input_value()
    box.press_sequentially("nobody of this name")
    row.get_by_text("Nothing found").wait_for()
    box.press("Escape")
    assert (box.input_value(), row.locator("select[name$=-actor]").input_value()) == ("Wang Yi", chosen)

    box.fill("")
    box.press("Tab")
    assert row.locator("select[name$=-actor]").input_value() == ""


def test_date_in_an_added_row_is_read_while_it_is_typed(desk, wang):
    page = desk("actors_actor_change", wang.pk)
    row = add_row(page, "tenures")

    row.locator("input[name$=-span]").press_sequentially("2013-03/..")

    row.locator(".field-span [data-reading]").get_by_text("since March 2013").wait_for()


def test_removed_row_leaves_the_other_rows_as_they_were(desk, wang, patrushev):
    page = desk("events_meeting_add")
    choose(add_row(page, "participations"), "actor", "王毅")
    choose(add_row(page, "participations"), "actor", "Патрушев")

    page.locator("#participations-group .row:not(.empty-form) .inline-deletelink").first.click()

    rows = page.locator("#participations-group .row:not(.empty-form)")
    assert rows.count() == 1
    assert rows.locator("select[name='participations-0-actor']").input_value() == str(patrushev.pk)
    assert choose(rows, "actor", "王毅").input_value() == "Wang Yi"


def test_leaving_a_form_with_something_typed_is_asked_about(desk):
    page = desk("actors_actor_add")
    page.locator("#id_name").press_sequentially("Wang Yi")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.goto(reverse("admin:index"))

    assert asked == ["beforeunload"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 820])
def test_form_of_twelve_participants_fits_and_is_accessible(desk, violations, conference, width, scheme):
    page = desk("events_meeting_change", conference.pk, width=width, scheme=scheme)

    assert overflow(page) == 0
    assert violations(page) == []


@pytest.mark.parametrize(
    "name",
    ["index", "events_meeting_changelist", "events_meeting_add", "events_statement_add", "actors_actor_add"],
)
def test_pages_are_accessible_and_fit(desk, violations, conference, name):
    page = desk(name)

    assert overflow(page) == 0
    assert violations(page) == []


def test_login_works_under_the_policy(open_page, django_user_model):
    django_user_model.objects.create_superuser("admin", password="Мoscow-2023-02-21")
    page = open_page(reverse("admin:login"))

    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill("Мoscow-2023-02-21")
    page.locator("[type=submit]").click()

    page.wait_for_url(re.compile(f"{reverse('admin:index')}$"))


def test_participants_are_near_for_the_keyboard(desk, conference):
    page = desk("events_meeting_change", conference.pk)

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to participants"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "id_participations-0-actor_search"

    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.reload()
    stops = 0
    while page.evaluate("document.activeElement.id") != "id_participations-0-actor_search" and stops < 50:
        page.keyboard.press("Tab")
        stops += 1
    assert stops <= 25
