"""What makes a form bearable for a day: keys, a bar that is never in the way, the switch of the colour scheme."""

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import MeetingFactory, ParticipationFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_page, client, django_user_model):
    """Open a page of the desk as somebody who may do everything."""
    client.force_login(django_user_model.objects.create_superuser("admin"))
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return lambda name, *args, **how: open_page(reverse(f"admin:{name}", args=args), cookies=[cookie], **how)


def test_ctrl_enter_adds_a_row_to_the_part_one_is_in_and_to_no_other(desk):
    page = desk("events_meeting_add")
    page.locator("#id_title").press("Control+Enter")
    page.locator("#participations-group .add-row a").press("Enter")

    page.keyboard.press("Control+Enter")

    assert page.evaluate("document.activeElement.id") == "id_participations-1-actor_search"
    totals = {name: page.locator(f"#id_{name}-TOTAL_FORMS").input_value() for name in ("participations", "topic_links")}
    assert totals == {"participations": "2", "topic_links": "0"}


@pytest.mark.parametrize("width", [1280, 820, 360])
def test_nothing_that_has_the_focus_is_left_under_the_bar_that_saves(desk, width):
    meeting = MeetingFactory(state="draft")
    for position in range(4):
        ParticipationFactory(meeting=meeting, position=position)
    page = desk("events_meeting_change", meeting.pk, width=width, height=640)

    covered = set()
    for _stop in range(70):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
              const one = document.activeElement;
              const [box, bar] = [one, document.querySelector(".save-bar")].map((each) => each.getBoundingClientRect());
              const isSeen = one === document.body || one.closest(".save-bar, .talk");
              return !isSeen && box.bottom > bar.top && box.top < bar.bottom ? one.id || one.outerHTML : null;
            }"""
        )
        covered |= {hidden} - {None}

    assert covered == set()


def test_switch_of_the_desk_decides_between_light_and_dark(desk):
    page = desk("index", scheme="light")

    def paper():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    switch = page.get_by_role("button", name="Toggle theme")
    grounds = [paper()]
    for _press in range(2):
        switch.click()
        grounds.append(paper())

    assert len(set(grounds)) == 2
    assert grounds[0] == "rgb(251, 250, 246)"
    assert "rgb(23, 24, 26)" in grounds
