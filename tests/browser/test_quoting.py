"""Words of a text selected by a reader, and the link to them opened by another."""

import pytest

from tests.factories import StatementFactory

pytestmark = pytest.mark.browser

SELECT = """([from, to]) => {
    const text = (address) => document.querySelector(`#${address} .paragraph-text`).firstChild;
    const [first, start] = from, [last, end] = to;
    document.getSelection().setBaseAndExtent(text(first), start, text(last), end);
}"""


def test_link_to_selected_words_opens_with_them_marked(open_page, site):
    statement = StatementFactory(
        text="Мир.\n\nМы за мир.", language="ru", translation="Peace.\n\nWe want peace.", translation_language="en"
    )
    page = open_page(statement.get_absolute_url())

    page.evaluate(SELECT, [["t2", 8], ["t2", 13]])
    link = page.locator(".quoting-link")
    link.wait_for(state="visible")
    address = link.get_attribute("href").removeprefix(site).partition(":~:")[0]
    opened = open_page(address)

    assert address == f"{statement.get_absolute_url()}?mark=peace&at=t2#marked"
    assert opened.locator("mark").all_inner_texts() == ["peace"]
    assert opened.locator("mark").evaluate("one => one.closest('.paragraph').id") == "t2"


def test_selection_over_paragraphs_is_named_by_its_first_and_last_words(open_page):
    text = "\n\n".join(f"Paragraph {number} speaks of peace." for number in range(1, 4))
    page = open_page(StatementFactory(text=text, language="en").get_absolute_url())

    page.evaluate(SELECT, [["p1", 12], ["p3", 18]])
    page.locator(".quoting-link").wait_for(state="visible")
    page.locator(".quoting-link").click()
    page.wait_for_load_state()

    assert page.locator("mark").all_inner_texts() == [
        "speaks of peace.",
        "Paragraph 2 speaks of peace.",
        "Paragraph 3 speaks",
    ]
