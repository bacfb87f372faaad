"""Two editors in two browsers at the same meeting."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from events.models import Meeting
from records.roles import EDITORS
from tests.browser.test_admin import add_row, choose, overflow
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, TopicFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def talks(site):
    cache.clear()
    talks = MeetingFactory(title="Talks", state="draft", summary="")
    ParticipationFactory(meeting=talks, actor=PersonFactory(name="Wang Yi"))
    return talks


@pytest.fixture
def browser_of(open_page, django_user_model):
    def open_browser(name, path, **how):
        user, _made = django_user_model.objects.get_or_create(username=name, is_staff=True)
        user.groups.set([Group.objects.get(name=EDITORS)])
        client = Client()
        client.force_login(user)
        cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        return open_page(path, cookies=[cookie], **how)

    return open_browser


def form_of(meeting):
    return reverse("admin:events_meeting_change", args=[meeting.pk])


def save(page):
    page.locator("button[name=_continue]").click()
    page.wait_for_load_state("load")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_second_editor_sees_both_and_decides_and_nothing_is_lost(browser_of, talks, violations, scheme):
    PersonFactory(name="Nikolai Patrushev")
    TopicFactory(name="Multipolarity")
    anna, boris = (browser_of(name, form_of(talks), scheme=scheme) for name in ("anna", "boris"))

    add_row(anna, "participations")
    choose(anna.locator("#participations-group .row:not(.empty-form)").last, "actor", "patru")
    anna.locator("#id_title").fill("Talks in Moscow")
    boris.locator("#id_title").fill("Talks in Munich")
    boris.locator("#id_summary").fill("Typed for an hour.")
    choose(add_row(boris, "topic_links"), "topic", "multi")
    save(anna)
    anna.locator(".messagelist .success").wait_for()
    save(boris)

    one = boris.locator(".conflict__one")
    assert one.locator("legend").inner_text() == "Title"
    assert one.locator("dd").all_inner_texts() == ["Talks", "Talks in Moscow", "Talks in Munich"]
    assert "Nikolai Patrushev" in boris.locator(".conflict .change__table").inner_text()
    assert boris.locator("#participations-group .row:not(.empty-form)").count() == 2
    assert boris.locator("#id_summary").input_value() == "Typed for an hour."
    assert overflow(boris) == 0
    assert violations(boris) == []

    one.get_by_label("Take theirs").check()
    save(boris)
    boris.locator(".messagelist .success").wait_for()
    saved = Meeting.objects.get(pk=talks.pk)
    assert (saved.title, saved.summary) == ("Talks in Moscow", "Typed for an hour.")
    assert {str(row) for row in saved.participations.all()} == {"Wang Yi", "Nikolai Patrushev"}
    assert [str(link) for link in saved.topic_links.all()] == ["Multipolarity"]


def test_note_appears_and_goes_while_the_page_is_open(browser_of, talks):
    boris = browser_of("boris", form_of(talks))
    assert boris.locator(".editing p").count() == 0

    anna = browser_of("anna", form_of(talks))
    note = re.compile(r"^boris is editing this \(since \d\d:\d\d UTC\)\.$")
    assert note.match(anna.locator(".editing p").inner_text())
    boris.get_by_text("anna is editing this").wait_for(timeout=20_000)

    anna.goto(reverse("admin:events_meeting_changelist"))
    boris.get_by_text("anna is editing this").wait_for(state="detached", timeout=20_000)


def test_note_works_without_scripts(browser_of, talks, chromium, site):
    browser_of("boris", form_of(talks))
    anna = browser_of("anna", reverse("admin:index"))
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    context.add_cookies(anna.context.cookies())
    page = context.new_page()

    page.goto(form_of(talks))

    assert page.get_by_text("boris is editing this").count() == 1
    context.close()
