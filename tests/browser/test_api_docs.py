"""The page of the API in a real browser, under the strict Content-Security-Policy of the site."""

import json

import pytest

from tests.factories import MeetingFactory

pytestmark = pytest.mark.browser


def test_reader_tries_a_request_on_the_page_of_the_api(open_page):
    MeetingFactory(title="Talks in Moscow")
    asked = []
    page = open_page("/api/v1/docs/")
    # The page resolves the whole schema before it draws anything, which a busy machine takes long for.
    page.set_default_timeout(90_000)
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="get /api/v1/meetings/", exact=True).click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .highlight-code code").first
    assert json.loads(answer.inner_text())["results"][0]["title"] == "Talks in Moscow"
    assert [
        url for url in asked if not url.startswith(page.url.split("/api/")[0]) and not url.startswith("data:")
    ] == []
