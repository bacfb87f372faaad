"""Every page of the desk, found by its address: accessible in both schemes, silent under the policy, 1280 px wide.

A new page is walked without a word here. When its address needs what is not known below, or leads nowhere, the walk
fails and names it.
"""

from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import URLPattern, reverse

from actors.models import Actor, Office, Tenure
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from exchange.models import ImportedRecord
from readers.models import Correction, Webhook
from readers.searches import save
from records.context import history_context
from records.discussion import add_comment, assign
from records.merging import is_mergeable, merge
from records.models import Record
from tests import factories

pytestmark = pytest.mark.browser

FACTORIES = {
    Actor: factories.PersonFactory,
    Office: factories.OfficeFactory,
    Tenure: factories.TenureFactory,
    Formula: factories.FormulaFactory,
    Meeting: factories.MeetingFactory,
    Place: factories.PlaceFactory,
    Series: factories.SeriesFactory,
    Source: factories.SourceFactory,
    Statement: factories.StatementFactory,
    Topic: factories.TopicFactory,
}
#: What is asked of a page besides its address, by the last word of its name.
QUERIES = {
    "compare": lambda seed: {"from": 1, "to": 2},
    "merge": lambda seed: {"survivor": seed["object_id"], "absorbed": seed["other"]},
}
#: Pages that are there for another row than the one with the form.
OTHER_ROWS = {"unmerge": "merged"}
ATTEMPT = {"username": "boss", "ip_address": "192.0.2.1", "user_agent": "Firefox", "path_info": "/admin/login/"}
#: How a row comes to be that no factory makes.
ROWS = {
    ImportedRecord: lambda: ImportedRecord.objects.create(
        dataset="travels", kind="visit", key="1", uid="abc", version=1
    ),
    Correction: lambda: factories.CorrectionFactory(),
    AccessAttempt: lambda: AccessAttempt.objects.create(failures_since_start=1, **ATTEMPT),
    AccessFailureLog: lambda: AccessFailureLog.objects.create(**ATTEMPT),
    AccessLog: lambda: AccessLog.objects.create(**ATTEMPT),
    Webhook: lambda: Webhook.objects.create(
        search=save(user=get_user_model().objects.first(), list_name="meeting", query="", name="All"),
        address="https://hooks.example.org/told",
        told=b"",
        cursor="",
    ),
    Group: Group.objects.first,
    get_user_model(): get_user_model().objects.first,
}
LABELS = ["", *sorted(model._meta.label for model in admin.site._registry)]


@pytest.fixture
def boss(django_user_model, client):
    boss = django_user_model.objects.create_superuser("boss")
    client.force_login(boss)
    return boss


@pytest.fixture
def desk(open_page, client, boss):
    """Open an address of the desk as somebody who may do everything."""
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return lambda address: open_page(address, cookies=[cookie])


@pytest.fixture
def faults(violations):
    """What keeps people from using the page as it stands: violations in both schemes, and what is cut off."""

    def look(page):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found = violations(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        # Nothing else depends on the scheme.
        found += [("dark", *one) for one in violations(page, rules=["color-contrast"])]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        if wide := page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"):
            found.append(f"{wide} px too wide")
        return found

    return look


def seeded(model, boss):
    """What the addresses of a model's pages can hold, made so that these pages have something to show."""
    with history_context(batch="bulk edit", reason="Mended.", user=boss) as batch:
        factories.TopicFactory(name="Multipolarity")
    known = {"id": boss.pk, "batch_id": batch, "app_label": "events", "verb": "submit_selected"}
    if model in FACTORIES:
        known |= recorded(model, boss)
    elif model in ROWS:
        known["object_id"] = ROWS[model]().pk
    return known


def recorded(model, boss):
    """A record with parts, a second version, a comment and a person in charge; others that are merged or deleted."""
    make, is_record = FACTORIES[model], issubclass(model, Record)
    record, other, spare = make(), make(), make(**({"state": "draft"} if is_record else {}))
    deleted = spare.uid
    spare.delete()
    if model is Meeting:
        factories.ParticipationFactory(meeting=record)
        factories.SpeakerFactory(statement=factories.StatementFactory(meeting=record))
        factories.CitationFactory(meeting=record)
    if model is Actor:
        factories.ActorNameFactory(actor=record)
        factories.TenureFactory(person=record)
    known = {"object_id": record.pk, "key": record.pk, "version": 1, "uid": deleted, "other": other.pk}
    with history_context(user=boss, reason="From the readout."):
        type(record)._default_manager.get(pk=record.pk).save()
    if is_record:
        add_comment(record=record, text="@boss Which source says so?", by=boss)
        assign(record=record, to=boss, by=boss)
    if is_mergeable(model):
        gone = make()
        merge(survivor=record, absorbed=gone, by=boss, reason="One and the same.")
        known["merged"] = gone.pk
    return known


def addresses(label, seed):
    """The name and address of each page. What has no name leads on to another page."""
    if label:
        patterns = admin.site.get_model_admin(apps.get_model(label)).get_urls()
    else:
        patterns = [pattern for pattern in admin.site.get_urls() if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        if not pattern.name or pattern.name == "view_on_site":
            continue
        verb = pattern.name.rsplit("_", 1)[-1]
        known = {**seed, "object_id": seed[OTHER_ROWS[verb]]} if verb in OTHER_ROWS else seed
        needed = pattern.pattern.regex.groupindex
        assert set(needed) <= set(known), f"{pattern.name} needs {set(needed) - set(known)}: let `seeded` make it"
        address = reverse(f"admin:{pattern.name}", kwargs={name: known[name] for name in needed})
        yield pattern.name, f"{address}?{urlencode(QUERIES[verb](seed))}" if verb in QUERIES else address


def is_page(response):
    """Whether people look at the answer: not when it sends them on, is closed to all, or answers a form or a script."""
    if response.status_code in {302, 403, 405}:
        return False
    assert response.status_code == 200, response.request
    return response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("label", LABELS, ids=[label or "desk" for label in LABELS])
def test_every_page_of_the_desk_is_accessible_in_both_schemes_and_fits(desk, client, faults, boss, label):
    pages = [
        (name, address)
        for name, address in addresses(label, seeded(apps.get_model(label) if label else None, boss))
        if is_page(client.get(address))
    ]
    page = desk(reverse("admin:index"))

    found = {}
    for name, address in pages:
        page.goto(address)
        found[name] = faults(page)

    assert pages
    assert found == {name: [] for name, _address in pages}


def test_pages_before_and_after_a_session_are_accessible(open_page, faults, django_user_model):
    django_user_model.objects.create_superuser("boss", password="Moscow-2023-02-21")
    page = open_page(reverse("admin:login"))

    found = [faults(page)]
    page.get_by_label("Username").fill("boss")
    page.get_by_label("Password").fill("Moscow-2023")
    page.keyboard.press("Enter")
    page.get_by_text("Please enter the correct username").wait_for()
    found.append(faults(page))
    page.get_by_label("Password").fill("Moscow-2023-02-21")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Logged out").wait_for()
    found.append(faults(page))

    assert found == [[], [], []]


def test_forms_that_are_refused_or_open_in_a_window_are_accessible(desk, faults):
    found = {}
    page = desk(reverse("admin:events_meeting_add"))
    page.locator("#participations-group .add-row a").click()
    page.keyboard.press("Control+s")
    page.locator(".errornote").wait_for()
    found["refused"] = faults(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("admin:events_source_add") + "?_popup=1")
    found["window"] = faults(page)

    assert found == {"refused": [], "window": []}
