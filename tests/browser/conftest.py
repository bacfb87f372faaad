"""A site with a real database behind it, and a Chromium to look at it with."""

import os
import shutil

import pytest
from pytest_django.live_server_helper import LiveServer

# Playwright runs an event loop in the thread of the tests; fixtures ask the database between its steps.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("No Chromium is installed (Debian: apt install chromium).")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # The sandbox does not start as root, which is who a container runs as.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(static_files, transactional_db):
    """The address of the site; a server of this test alone, because its settings are."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def open_page(chromium, site):
    """Open pages of a size and colour scheme; what their consoles say must be nothing."""
    contexts, complaints = [], []

    def listen(page):
        page.on("console", lambda message: hear(message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(kind, text):
        # axe-core measures with styles of its own, which the policy refuses it.
        of_axe = "Applying inline style" in text or "preload assets" in text
        if kind in {"error", "warning"} and not (of_axe and open_page.is_measured):
            complaints.append(text)

    def open_page(path="/", *, cookies=(), width=1280, height=900, scheme="light"):
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": height}, color_scheme=scheme)
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies])
        # Chromium asks for it of its own accord, and says so when there is none.
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        context.on("page", listen)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        page.wait_for_load_state()
        return page

    open_page.is_measured = False
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def violations(open_page):
    """What axe-core finds on a page that keeps people out: rule and element; by all rules or by those named."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")

    def measure(page, rules=()):
        open_page.is_measured = True
        only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
        options = {"resultTypes": ["violations"], "preload": False, **only}
        found = axe.Axe().run(page, options=options).response["violations"]
        grave = [one for one in found if one["impact"] in {"serious", "critical"}]
        return [(one["id"], node["html"]) for one in grave for node in one["nodes"]]

    return measure
