"""A reader says that something is wrong, and an editor decides."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from events.models import Meeting
from readers import spam
from readers.corrections import forget_old_addresses
from readers.models import Correction, ReplyAddress
from records.history import event_model
from records.services import withdraw
from tests import factories
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A reader who took their time, and an address that sent nothing yet."""
    cache.clear()
    monkeypatch.setattr(spam, "LEAST", -1)


@pytest.fixture
def meeting():
    made = factories.MeetingFactory(title="Wang Yi in Moscow", place=factories.PlaceFactory(name="Moscow"))
    return Meeting.objects.get(pk=made.pk)


def form_of(client, record, field=""):
    response = client.get(reverse("readers:correction-new"), {"record": record.uid, "field": field})
    assert response.status_code == 200
    html = response.content.decode()
    return html, re.search(r'name="ticket" value="([^"]*)"', html)[1]


def send(client, ticket, **typed):
    given = {"text": "They met a day later.", "source": "", "email": "", "website": "", "ticket": ticket, **typed}
    return client.post(reverse("readers:correction-new"), given)


def test_fact_of_a_page_leads_to_a_form_that_names_it(client, meeting):
    page = client.get(meeting.get_absolute_url()).content.decode()
    address = f"/corrections/new/?record={meeting.uid}&amp;field=date"

    assert f'href="{address}"' in page
    html, _ticket = form_of(client, meeting, "date")
    assert "<dt>Date</dt>" in html
    assert "21 February 2023" in html


def test_correction_lies_on_the_desk_with_what_the_reader_saw(client, meeting):
    _html, ticket = form_of(client, meeting, "date")
    meeting.date = "2023-02-22"
    meeting.save()

    response = send(client, ticket, source="tass.com/1", email="reader@example.org")

    assert response.status_code == 302
    sent = Correction.objects.values("record", "field", "version", "value", "text", "source", "state").get()
    assert sent == {
        "record": meeting.uid,
        "field": "date",
        "version": 1,
        "value": "21 February 2023",
        "text": "They met a day later.",
        "source": "https://tass.com/1",
        "state": "new",
    }
    assert ReplyAddress.objects.get().email == "reader@example.org"
    assert "reader@example.org" not in str(list(event_model(Correction).objects.values()))
    assert client.get(response["Location"]).status_code == 200


def test_same_form_twice_and_same_words_twice_are_one_correction(client, meeting):
    _html, ticket = form_of(client, meeting, "date")
    send(client, ticket)
    send(client, ticket)
    send(client, form_of(client, meeting, "date")[1])

    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 3001}, "Ensure this value has at most 3000 characters (it has 3001)."),
        ({"text": "http://a.b http://c.d www.e.f"}, "At most two addresses can stand in the text."),
        ({"source": "no address"}, "Enter a valid URL."),
        ({"source": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"website": "https://spam.example"}, "This field is for machines."),
        ({"ticket": "forged"}, "This form did not come from this site"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_refused_correction_says_why_and_keeps_what_was_typed(client, meeting, typed, said):
    _html, ticket = form_of(client, meeting, "date")
    url = reverse("readers:correction-new") + f"?record={meeting.uid}&field=date"
    given = {"text": "They met later.", "source": "https://tass.com/7", "email": "me@example.org", "ticket": ticket}

    response = client.post(url, {**given, **typed})
    html = response.content.decode()

    assert response.status_code == 400
    assert said in html
    assert Correction.objects.count() == 0
    assert all(kept in html for kept in ({**given, **typed})["text"].split("&")[:1])
    assert ({**given, **typed})["email"] in html


def test_form_sent_at_once_is_refused_and_its_words_are_kept(client, meeting, monkeypatch):
    monkeypatch.setattr(spam, "LEAST", 4)
    _html, ticket = form_of(client, meeting, "date")
    response = send(client, ticket)

    assert response.status_code == 400
    assert "quicker than anybody reads" in response.content.decode()
    assert "They met a day later." in response.content.decode()


def test_sixth_correction_of_an_hour_is_refused_and_its_words_are_kept(client, meeting):
    answers = [
        send(client, form_of(client, meeting, "date")[1], text=f"Mistake {number}.").status_code for number in range(6)
    ]

    assert answers == [302, 302, 302, 302, 302, 429]
    assert Correction.objects.count() == 5


@pytest.mark.parametrize(("state", "code"), [("draft", 404), ("review", 404), ("withdrawn", 410)])
def test_nothing_hidden_can_be_corrected_or_read_in_the_form(client, meeting, state, code):
    if state == "withdrawn":
        withdraw(record=meeting, by=None, reason="Denied by both sides.")
    else:
        meeting = factories.MeetingFactory(title="Wang Yi in Moscow", state=state)

    response = client.get(reverse("readers:correction-new"), {"record": meeting.uid, "field": "date"})

    assert response.status_code == code
    assert "Moscow" not in response.content.decode()


def test_value_of_a_fact_names_nothing_hidden(client):
    hidden = factories.PlaceFactory(name="Hidden", state="draft")
    meeting = factories.MeetingFactory(place=hidden)
    factories.ParticipationFactory(meeting=meeting, actor=factories.PersonFactory(name="Hidden", state="draft"))

    pages = [form_of(client, meeting, field)[0] for field in ("place", "participations", "topics", "")]

    assert not any("Hidden" in page for page in pages)


@pytest.mark.parametrize("field", ["state", "version", "search", "created_by", "withdrawal_reason", "nonsense", "pk"])
def test_what_no_page_states_cannot_be_asked_for(client, meeting, field):
    response = client.get(reverse("readers:correction-new"), {"record": meeting.uid, "field": field})

    assert response.status_code == 404


@pytest.fixture
def desk(client, django_user_model):
    editor = django_user_model.objects.create_user("li", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    return client


def decide(client, correction, **typed):
    address = reverse("admin:readers_correction_decide", args=[correction.pk])
    return client.post(address, {"was": "new", "reason": "", "answer": "", **typed})


def test_editor_sees_what_the_reader_saw_beside_what_it_says_now(desk, meeting):
    correction = factories.CorrectionFactory(record_id=meeting.uid)
    meeting.date = "2023-02-22"
    meeting.save()
    page = desk.get(reverse("admin:readers_correction_change", args=[correction.pk])).content.decode()

    for told in ("21 February 2023", "22 February 2023", "They met a day later."):
        assert told in page
    assert f'href="/admin/events/meeting/{meeting.pk}/change/#id_date"' in page
    assert str(meeting) in desk.get(reverse("admin:readers_correction_changelist")).content.decode()
    assert "With a reader’s correction" in desk.get(reverse("admin:index")).content.decode()


def test_declining_needs_a_reason_and_accepting_sends_the_answer(desk):
    correction = factories.CorrectionFactory()
    ReplyAddress.objects.create(correction=correction, email="reader@example.org")

    refused = decide(desk, correction, state="declined", answer="No.")
    assert "Say why it is declined." in refused.content.decode()
    assert Correction.objects.get().state == "new"
    decide(desk, correction, state="accepted", answer="You are right, thank you.")

    done = Correction.objects.get()
    assert (done.state, done.decided_by.username) == ("accepted", "li")
    assert [(one.to, "You are right" in one.body) for one in mail.outbox] == [(["reader@example.org"], True)]


def test_second_of_two_editors_is_told_what_the_first_decided(desk):
    correction = factories.CorrectionFactory()
    decide(desk, correction, state="accepted")

    response = decide(desk, correction, state="spam")

    assert "Somebody decided meanwhile: it is accepted now." in response.content.decode()
    assert Correction.objects.get().state == "accepted"


def test_address_is_deleted_when_asked_and_when_its_time_is_over(desk):
    first, second = factories.CorrectionFactory(), factories.CorrectionFactory()
    ReplyAddress.objects.create(correction=first, email="a@example.org")
    ReplyAddress.objects.create(correction=second, email="b@example.org", created_at="2024-01-01T00:00Z")

    decide(desk, first, forget="1")
    assert [one.email for one in ReplyAddress.objects.all()] == ["b@example.org"]
    assert forget_old_addresses() == 1
    assert not ReplyAddress.objects.exists()


def test_reader_can_say_that_one_row_is_wrong_and_learns_nothing_of_hidden_rows(client):
    meeting = factories.MeetingFactory()
    wang = factories.ParticipationFactory(
        meeting=meeting, actor=factories.PersonFactory(name="Wang Yi"), role="guest", side="CN"
    )
    hidden = factories.ParticipationFactory(meeting=meeting, actor=factories.PersonFactory(state="draft"))
    elsewhere = factories.ParticipationFactory()

    link = read(client.get(meeting.get_absolute_url())).one(class_="person").one(class_="something-wrong")
    fact = read(client.get(link["href"])).one(class_="fact")
    answers = [
        client.get("/corrections/new/", {"record": meeting.uid, "field": f"participations.{key}"}).status_code
        for key in (hidden.pk, elsewhere.pk, "", "x", "9" * 30)
    ]

    assert (link.text, fact.one("dt").text) == ("something wrong? (Wang Yi)", "Participation")
    assert fact.one("dd").text.startswith("Wang Yi, guest, CN, confirmed")
    assert f"participations.{wang.pk}" in link["href"]
    assert answers == [404] * 5
