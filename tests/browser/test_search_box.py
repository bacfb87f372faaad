"""The search box of every page: what it offers while somebody types, by keyboard and by mouse."""

import pytest
from playwright.sync_api import expect

from tests.factories import ActorNameFactory, MeetingFactory, PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (360, "dark")])
def test_box_offers_records_by_keyboard_and_mouse(open_page, violations, width, scheme):
    wang = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    MeetingFactory(title="Wang Yi in Jakarta", date="2023-07-13")
    page = open_page("/meetings/", width=width, scheme=scheme)
    box = page.get_by_role("combobox", name="Search everything")
    offers = page.get_by_role("listbox", name="Suggestions").get_by_role("option")

    box.press_sequentially("wang")
    expect(offers).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    edges = page.get_by_role("listbox", name="Suggestions").bounding_box()
    assert edges["x"] >= 0
    assert edges["x"] + edges["width"] <= width

    box.press("ArrowUp")
    expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", offers.nth(1).get_attribute("id"))
    box.press("Escape")
    expect(offers).to_have_count(0)
    expect(box).to_have_value("wang")

    box.press("ArrowDown")
    expect(offers).to_have_count(2)
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(f"**{wang.get_absolute_url()}")

    page.get_by_role("combobox", name="Search everything").press_sequentially("jak")
    offers.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wang Yi in Jakarta")

    page.get_by_role("combobox", name="Search everything").press_sequentially("wang")
    expect(offers).to_have_count(2)
    page.get_by_role("combobox", name="Search everything").press("Enter")
    page.wait_for_url("**/search/?q=wang")
