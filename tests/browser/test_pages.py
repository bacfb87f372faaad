"""The public pages as a reader meets them: a real browser, under the strict Content-Security-Policy of the site."""

import pytest
from django.contrib.auth import get_user_model

from actors.models import Actor
from readers.hook_models import Webhook
from readers.models import SavedSearch
from tests.browser.addresses import pages
from tests.factories import ActorNameFactory, CitationFactory, MeetingFactory, PersonFactory, StatementFactory
from tests.moscow import moscow_talks

pytestmark = pytest.mark.browser

#: States of pages beside the one in which their address alone shows them.
STATES = [
    "/search/?q=Wang",
    "/search/?q=nothing-like-it",
    "/meetings/?mode=in-person&page_size=1",
    "/meetings/?from=soon&knd=visit",
    "/meetings/?mode=video&kind=visit",
    "/meetings/choose/?find=talks&find_as=actor",
    "/statements/concordance/?q=bullying",
    "/statements/stm0000001/?mark=Wang&at=t1",
    "/actors/sc00000001/",
    "/topics/?q=ukraine",
    "/topics/tpc0000001/?from=soon",
]
#: What axe-core asks of colours, which is all that differs in the dark.
COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.fixture
def talks(site):
    """The Moscow talks, with names that run from right to left and a text as long as they come."""
    meeting = moscow_talks()
    wang = PersonFactory(name="Wang Wenbin")
    ActorNameFactory(actor=wang, text="وانغ ون بين", language="ar", is_verified=False)
    StatementFactory(meeting=meeting, gist="unbreakable" * 30)
    address = "https://example.org/" + "a-very-long-address-without-a-space" * 6
    CitationFactory(meeting=meeting, source__title=address, source__url=address, confidence=1)
    MeetingFactory(title="Talks announced", date="2023-02~", status="announced")
    MeetingFactory(title="Talks of unknown date", date="", status="denied")
    return meeting


def look_at(page, paths, see):
    """What ``see`` finds on each page, with everything opened; only where it finds anything."""
    found = {}
    for path in paths:
        page.goto(path)
        page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if seen := see(page):
            found[path] = seen
    return found


def test_pages_keep_nobody_out_by_day_and_in_the_dark_and_fit_a_telephone(open_page, violations, talks, client):
    reader = get_user_model().objects.create_user("reader", "reader@example.org", "a long enough word")
    search = SavedSearch.objects.create(user=reader, name="Talks", list="meeting", query="mode=in-person", told=b"")
    webhook = Webhook.objects.create(search=search, address="https://example.org/told", told=b"", cursor="")
    client.force_login(reader)
    cookies = [(name, one.value) for name, one in client.cookies.items()]
    paths = [*pages(client, webhook=webhook.pk, search=search.pk), *STATES]

    def faults(page):
        page.set_viewport_size({"width": 1280, "height": 900})
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        found += [("dark", *one) for one in violations(page, COLOURS)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 360, "height": 740})
        width = page.evaluate("document.documentElement.scrollWidth")
        return found + ([] if width == 360 else [("width", width)])

    assert {"/account/", "/account/tokens/", "/meetings/mtg0000001/accounts/"} <= set(paths)
    assert look_at(open_page(cookies=cookies), paths, faults) == {}


def test_pages_of_who_is_not_logged_in_keep_nobody_out(open_page, violations, talks):
    assert look_at(open_page(), ["/account/login/", "/meetings/mtg0000001/"], violations) == {}


def test_first_key_leads_past_the_head_to_the_content(open_page, talks):
    page = open_page("/meetings/mtg0000001/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_focus_is_seen_on_whatever_can_be_reached(open_page, talks):
    page = open_page("/meetings/")
    outlines = set()
    for _stop in range(25):
        page.keyboard.press("Tab")
        outlines.add(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

    assert outlines == {"solid"}


def test_reader_finds_a_participant_by_the_beginning_of_a_name(open_page, talks):
    page = open_page("/meetings/")

    page.get_by_label("Search", exact=True).fill("security")
    page.get_by_label("Name, in any script").fill("Patru")
    page.get_by_label("Name, in any script").press("Enter")
    # The script asks first, and is sent on: only then the page is left.
    page.locator(".chip", has_text="Nikolai Patrushev").wait_for()

    assert page.locator(".chip").all_inner_texts() == ["Search: security ×", "Participant: Nikolai Patrushev ×"]
    assert page.locator(".entry-title a").all_inner_texts() == ["Wang Yi and Nikolai Patrushev"]


def test_reader_follows_a_number_to_the_source_that_says_otherwise(open_page, talks):
    page = open_page("/meetings/mtg0000001/")

    page.locator(".fact .note-mark[data-verdict=contradicts] a").first.click()

    assert "contradicts date: gives 22 February" in page.locator(":target").inner_text()


def test_page_on_paper_is_a_document(open_page, talks):
    page = open_page("/meetings/mtg0000001/", scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")

    assert page.locator("nav:visible").count() == 0
    assert page.locator("form:visible").count() == 0
    colours = page.evaluate("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    address = page.locator(".source .outside").first.evaluate("one => getComputedStyle(one, '::after').content")
    assert "https://tass.com/1" in address


def test_name_in_another_script_keeps_its_direction(open_page, talks):
    page = open_page(Actor.objects.get(name="Wang Wenbin").get_absolute_url())

    assert page.locator("td, th").locator("bdi[lang=ar]").evaluate("one => getComputedStyle(one).direction") == "rtl"
