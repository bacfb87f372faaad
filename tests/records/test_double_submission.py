import threading

import pytest
from django.core import signing
from django.db import connections
from django.test import Client
from django.urls import reverse

from events.models import Meeting, Series
from tests.events.test_admin import form, participant
from tests.factories import PersonFactory

pytestmark = pytest.mark.usefixtures("static_files")

ADD = "/admin/events/series/add/"


def ticket_on(page):
    return page.context["adminform"].form["ticket"].value()


def sent_series(page, **typed):
    return {"name": "Strategic security consultation", "open_points": "", "ticket": ticket_on(page), **typed}


@pytest.mark.django_db
def test_form_sent_again_leads_to_the_one_record(admin_client, django_capture_on_commit_callbacks):
    page = admin_client.get(reverse("admin:events_meeting_add"))
    sent = form(participations=[participant(PersonFactory(name="Wang Yi"))], ticket=ticket_on(page))

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(reverse("admin:events_meeting_add"), sent)
    again = admin_client.post(reverse("admin:events_meeting_add"), {**sent, "_continue": ""}, follow=True)

    meeting = Meeting.objects.get()
    assert again.redirect_chain == [(f"/admin/events/meeting/{meeting.pk}/change/", 302)]
    assert "Saved already: “Wang Yi meets Nikolai Patrushev (February 2023)”. The form was sent twice." in [
        str(message) for message in again.context["messages"]
    ]
    assert meeting.participations.count() == 1


@pytest.mark.django_db
def test_form_filled_in_anew_is_shown_again_and_then_makes_another_record(
    admin_client, django_capture_on_commit_callbacks
):
    page = admin_client.get(ADD)
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(ADD, sent_series(page))

    shown = admin_client.post(ADD, sent_series(page, name="Foreign ministers' talks"))
    assert shown.status_code == 200
    assert [series.name for series in Series.objects.all()] == ["Strategic security consultation"]
    assert shown.context["adminform"].form["name"].value() == "Foreign ministers' talks"

    admin_client.post(ADD, sent_series(shown, name="Foreign ministers' talks"))
    assert {series.name for series in Series.objects.all()} == {
        "Strategic security consultation",
        "Foreign ministers' talks",
    }


@pytest.mark.django_db
def test_form_that_was_refused_keeps_its_id(admin_client):
    page = admin_client.get(ADD)
    refused = admin_client.post(ADD, sent_series(page, name=""))
    assert ticket_on(refused) == ticket_on(page)

    admin_client.post(ADD, sent_series(refused))
    assert Series.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ticket",
    ["", "0123456789", signing.dumps(["events.series", "0123456789"], salt="mine")],
    ids=["none", "not signed", "signed for something else"],  # a signature holds the time, and workers compare names
)
def test_nobody_chooses_the_id_of_a_record(admin_client, ticket):
    admin_client.post(ADD, {"name": "Strategic security consultation", "open_points": "", "ticket": ticket})

    assert Series.objects.get().uid != "0123456789"


@pytest.mark.django_db
def test_id_of_a_deleted_record_is_not_given_again(admin_client):
    page = admin_client.get(ADD)
    admin_client.post(ADD, sent_series(page))
    first = Series.objects.get()
    first.delete()

    admin_client.post(ADD, sent_series(page))
    assert Series.objects.get().uid != first.uid


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_record(admin_user):
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(admin_user)
    sent = {**form(), "ticket": ticket_on(clients[0].get(reverse("admin:events_meeting_add")))}
    together, answers = threading.Barrier(2), []

    def send(client):
        together.wait(timeout=30)
        try:
            answers.append(client.post(reverse("admin:events_meeting_add"), {**sent, "_continue": ""}))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    meeting = Meeting.objects.get()
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, f"/admin/events/meeting/{meeting.pk}/change/")
    ] * 2
