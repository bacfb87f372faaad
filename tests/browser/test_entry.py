"""Entering what a readout says fast: pasted participants, sources at their facts, sources by address alone."""

import pytest

from actors.models import ActorIdentifier
from events.models import Citation, Meeting, Source
from tests.browser.test_admin import desk, overflow  # noqa: F401 (a fixture)
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    MeetingFactory,
    OfficeFactory,
    PersonFactory,
    SourceFactory,
    StateFactory,
    TenureFactory,
)

pytestmark = pytest.mark.browser

LINES = """王毅; host; CN
3 officials; guest; RU
Nikolay Patrushev; guest
role: king; Foo"""


@pytest.fixture
def wang(site):
    china = StateFactory(name="China")
    ActorIdentifier.objects.create(actor=china, scheme="iso3166-1", value="CN")
    wang = PersonFactory(name="Wang Yi", home_state=china)
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    TenureFactory(person=wang, office=OfficeFactory(name="Director"), span="2023-01-01/..")
    return wang


def focused(page):
    return page.evaluate("document.activeElement.id")


def tab_to(page, selector, most=60):
    """Press Tab until what the selector names has the focus."""
    for _press in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}.")


def test_participants_are_pasted_previewed_and_saved_with_the_keyboard(desk, wang):  # noqa: F811
    PersonFactory(name="Nikolai Patrushev", home_state=StateFactory(name="Russia"))
    page = desk("events_meeting_add")
    page.locator("#id_title").focus()
    page.keyboard.type("Talks in Moscow")
    tab_to(page, "#id_date")
    page.keyboard.type("2023-02-21")
    tab_to(page, "#id_kind")
    page.keyboard.type("bilateral")

    tab_to(page, ".paste > summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(LINES)
    page.keyboard.press("Control+Enter")
    page.locator(".paste__preview").wait_for()
    assert focused(page) == "paste-preview-heading"
    assert page.locator(".paste__status").all_inner_texts() == ["found", "not known", "look again", "not read"]
    tab_to(page, "[name=_paste_add]")
    page.keyboard.press("Enter")

    assert focused(page) == "id_participations-0-actor_search"
    assert page.locator("[data-said]").inner_text() == "3 rows were added to the form. Nothing is saved yet."
    assert page.locator("#paste-lines").input_value() == "role: king; Foo"
    page.keyboard.press("Control+s")
    page.locator(".messagelist").wait_for()

    rows = Meeting.objects.get().participations.order_by("id")
    saved = [
        (str(row), row.role, row.side, row.head_count, [str(one.office.name) for one in row.tenures.all()])
        for row in rows
    ]
    assert saved == [
        ("Wang Yi", "host", "CN", None, ["Director"]),
        ("officials", "guest", "RU", 3, []),
        ("Nikolai Patrushev", "guest", "Russia", None, []),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_preview_is_accessible_and_fits(desk, wang, violations, scheme):  # noqa: F811
    PersonFactory(name="Wang Yi", home_state=StateFactory(name="Canada"))
    page = desk("events_meeting_add", scheme=scheme)
    page.locator(".paste > summary").click()
    page.locator("#paste-lines").fill("Wang Yi\n" + LINES)
    page.locator("[name=_paste_look]").click()
    page.locator(".paste__preview").wait_for()

    assert overflow(page) == 0
    assert violations(page) == []


def test_field_and_new_participant_are_cited_from_where_they_stand_with_the_keyboard(desk, wang):  # noqa: F811
    SourceFactory(publisher="TASS", title="Talks in Moscow")
    meeting = MeetingFactory(state="draft", date="2023-02-21")
    page = desk("events_meeting_change", meeting.pk)

    page.locator("#id_date").press("Alt+q")
    assert focused(page) == "id_citations-0-source_search"
    page.keyboard.type("TASS")
    page.locator("[role=option][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")

    page.locator("#participations-group .add-row a").press("Enter")
    page.keyboard.type("Wang Yi")
    page.locator("#participations-0 [role=option][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    page.locator("#id_participations-0-role").press("Alt+q")
    assert focused(page) == "id_citations-1-source_search"
    page.keyboard.type("TASS")
    page.locator("#citations-1 [role=option][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    page.locator(".messagelist").wait_for()

    saved = [(str(one.participation or ""), one.field) for one in Citation.objects.order_by("id")]
    assert saved == [("", "date"), ("Wang Yi", "role")]
    assert page.locator(".field-date .cited summary").inner_text().startswith("1 source")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contradicted_fields_are_accessible_and_fit(desk, violations, site, scheme):  # noqa: F811
    meeting = MeetingFactory(state="draft")
    CitationFactory(
        meeting=meeting, field="date", verdict="contradicts", value_given="22 February", quote="on Wednesday"
    )
    page = desk("events_meeting_change", meeting.pk, scheme=scheme)
    page.locator(".field-date .cited summary").click()

    assert page.locator(".cited__other").inner_text().split()[:4] == ["TASS", "gives:", "22", "February"]
    assert overflow(page) == 0
    assert violations(page) == []


def test_source_is_added_by_pasting_its_address_with_the_keyboard(desk):  # noqa: F811
    meeting = MeetingFactory(state="draft", date="2023-02-21")
    page = desk("events_meeting_change", meeting.pk)

    page.locator("#id_date").press("Alt+q")
    assert focused(page) == "id_citations-0-source_search"
    page.keyboard.insert_text("https://www.mid.ru/ru/foreign_policy/news/1855234/")
    page.get_by_role("option", name="Add a source by this address alone").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Added as a draft.").wait_for()
    assert page.locator("#id_citations-0-source_search").input_value() == (
        "mid.ru/ru/foreign_policy/news/1855234 (to be completed) (draft)"
    )
    page.keyboard.press("Control+s")
    page.locator(".messagelist").wait_for()

    cited = Citation.objects.select_related("source").get()
    assert (cited.field, cited.source.url, cited.source.state) == (
        "date", "https://www.mid.ru/ru/foreign_policy/news/1855234/", "draft",
    )  # fmt: skip
    page.goto("/admin/")
    page.locator(".desk__lists li", has_text="Sources to complete").get_by_role("link").click()
    page.wait_for_url("**/source/?desk=to-complete")
    listed = page.locator("#result_list tbody tr")
    assert [row.split("\t")[1] for row in listed.all_inner_texts()] == [
        "mid.ru/ru/foreign_policy/news/1855234 (to be completed)"
    ]


def test_address_that_is_left_with_tab_is_added_too_and_a_refusal_is_said(desk):  # noqa: F811
    meeting = MeetingFactory(state="draft", date="2023-02-21")
    page = desk("events_meeting_change", meeting.pk)
    page.locator("#id_date").press("Alt+q")
    page.keyboard.insert_text("https://tass.com/" + "x" * 1000)
    page.get_by_role("option", name="Add a source by this address alone").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("a source can hold 1000").wait_for()
    assert page.locator("#id_citations-0-source_search").input_value().startswith("https://tass.com/xxx")

    page.keyboard.press("Control+a")
    page.keyboard.insert_text("https://tass.com/politics/2052031")
    page.keyboard.press("Tab")

    page.get_by_text("Added as a draft.").wait_for()
    assert page.locator("#id_citations-0-source").input_value() == str(Source.objects.get().pk)
