"""Saved searches, and the letters about them."""

import re
import smtplib
import threading
from datetime import date

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from events.models import Meeting, MeetingTopic
from readers import holdings, searches
from readers.mailing import send_news
from readers.models import Letter, SavedSearch
from records.merging import merge
from records.services import withdraw
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def ana(django_user_model, client):
    user = django_user_model.objects.create_user("ana", email="ana@example.org", password="Moscow-2023-02-21")
    client.force_login(user)
    return user


def save(user, query="", list_name="meeting", name="Watched"):
    return searches.save(user=user, list_name=list_name, query=query, name=name)


def letter():
    """The text of the only letter sent."""
    (message,) = mail.outbox
    return message.body


rows = st.dictionaries(st.integers(1, 10**12), st.integers(1, 10**6))


@given(rows)
def test_what_a_list_holds_comes_out_as_it_went_in(held):
    assert holdings.unpack(holdings.pack(sorted(held.items()))) == held


@given(rows, rows)
def test_every_key_of_two_states_is_told_once_or_unchanged(then, now):
    told = holdings.difference(holdings.pack(sorted(then.items())), holdings.pack(sorted(now.items())))

    assert told.new == sorted(now.keys() - then.keys())
    assert told.gone == sorted(then.keys() - now.keys())
    assert told.changed == sorted((key, then[key]) for key in then.keys() & now.keys() if then[key] != now[key])


# The history dates what happens by transactions: a test in one of its own would have no before.
@pytest.mark.django_db(transaction=True)
def test_letter_tells_what_is_new_and_what_was_corrected_in_words(ana):
    known = factories.MeetingFactory(title="Wang Yi in Moscow")
    factories.MeetingFactory(title="Left alone")
    save(ana)
    new = factories.MeetingFactory(title="Call of February", mode="phone")
    known = Meeting.objects.get(pk=known.pk)
    known.date = "2023-02-22"
    known.save()
    factories.ParticipationFactory(meeting=known, actor=factories.PersonFactory(name="Nikolai Patrushev"))
    factories.MeetingFactory(title="Secret", state="draft")

    report = send_news(day=MONDAY)

    assert (report.written, report.sent) == (1, 1)
    text = letter()
    assert "New\n\n  * Meeting: Call of February (21 February 2023)" in text
    assert f"http://127.0.0.1:8000{new.get_absolute_url()}" in text
    assert "Date: now “22 February 2023”, before “21 February 2023”." in text
    assert "Participation added: Nikolai Patrushev" in text
    assert "Secret" not in text
    assert "Left alone" not in text
    html = mail.outbox[0].alternatives[0][0]
    assert "Call of February" in html


def test_nothing_is_sent_twice_and_nothing_when_nothing_is_new(ana):
    save(ana)
    assert send_news(day=MONDAY).written == 0
    factories.MeetingFactory(title="Call of February")
    send_news(day=TUESDAY)
    send_news(day=TUESDAY)
    send_news(day=date(2026, 11, 25))

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_change_that_readers_do_not_see_makes_no_letter(ana):
    meeting = factories.MeetingFactory(title="Wang Yi in Moscow")
    save(ana)
    hidden = factories.PersonFactory(name="Hidden", state="draft")
    factories.ParticipationFactory(meeting=meeting, actor=hidden)
    MeetingTopic.objects.create(meeting=meeting, topic=factories.TopicFactory(name="Hidden topic", state="draft"))
    meeting = Meeting.objects.get(pk=meeting.pk)
    meeting.place = factories.PlaceFactory(name="Hidden place", state="draft")
    meeting.save()

    assert meeting.version > 1
    assert send_news(day=MONDAY).written == 0


def test_record_that_comes_into_a_list_by_the_change_of_another_is_new(ana):
    topic, meeting = factories.TopicFactory(name="Ukraine"), factories.MeetingFactory(title="Wang Yi in Moscow")
    save(ana, f"topic={topic.uid}")
    MeetingTopic.objects.create(meeting=meeting, topic=factories.TopicFactory(name="Donbas", parent=topic))

    send_news(day=MONDAY)

    assert "New\n\n  * Meeting: Wang Yi in Moscow" in letter()


def test_what_is_gone_is_told_with_its_public_reason_alone(ana):
    withdrawn, merged = factories.MeetingFactory(title="Denied talks"), factories.MeetingFactory(title="Twice")
    deleted, moved = factories.MeetingFactory(title="Deleted talks"), factories.MeetingFactory(title="Moved")
    survivor = factories.MeetingFactory(title="Once")
    save(ana, "mode=in-person")
    withdraw(record=withdrawn, by=None, reason="Denied by both sides.")
    merge(survivor=survivor, absorbed=merged, reason="One thing.")
    Meeting.objects.filter(pk=deleted.pk).delete()
    Meeting.objects.filter(pk=moved.pk).update(mode="phone")

    send_news(day=MONDAY)

    text = letter()
    assert f"* Record {withdrawn.uid}\n    It was withdrawn: Denied by both sides." in text
    assert f"* Record {merged.uid}\n    It was merged into “Once (21 February 2023)”." in text
    assert f"* Record {deleted.uid}\n    It was deleted." in text
    assert "* Meeting: Moved (21 February 2023)\n    It no longer meets the filters." in text
    assert "Denied talks" not in text
    assert "Deleted talks" not in text


class Refusing(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPConnectError(421, "Busy.")


class Dying(EmailBackend):
    def send_messages(self, messages):
        super().send_messages(messages)
        raise KeyboardInterrupt


def test_what_is_withdrawn_while_the_letter_waits_is_told_by_its_reason(ana, settings):
    save(ana)
    meeting = factories.MeetingFactory(title="Denied talks")
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Refusing"
    assert send_news(day=MONDAY).refused == 1
    withdraw(record=meeting, by=None, reason="Denied by both sides.")
    settings.EMAIL_BACKEND = works

    assert send_news(day=MONDAY).sent == 1
    assert "It was withdrawn: Denied by both sides." in letter()
    assert "Denied talks" not in letter() + mail.outbox[0].alternatives[0][0]


def test_letter_of_a_process_that_died_is_not_sent_again_unasked(ana, settings):
    save(ana)
    factories.MeetingFactory()
    works, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Dying"
    with pytest.raises(KeyboardInterrupt):
        send_news(day=MONDAY)
    settings.EMAIL_BACKEND = works

    assert (send_news(day=MONDAY).sent, send_news(day=TUESDAY).uncertain, len(mail.outbox)) == (0, 1, 1)
    Letter.objects.update(claimed_at="2026-11-23T00:00Z")
    assert send_news(day=TUESDAY, again=True).sent == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_send_one_letter(django_user_model):
    user = django_user_model.objects.create_user("ana", email="ana@example.org")
    save(user)
    factories.MeetingFactory()
    start, sent = threading.Barrier(2), []

    def run():
        start.wait()
        sent.append(send_news(day=MONDAY).sent)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(sent) == [0, 1]
    assert Letter.objects.count() == 1


def test_link_in_a_letter_ends_the_letters_without_a_log_in(ana, client):
    save(ana)
    factories.MeetingFactory()
    send_news(day=MONDAY)
    client.logout()
    headers = mail.outbox[0].extra_headers
    link = headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")

    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(link).status_code == 200
    assert SavedSearch.objects.get().is_by_mail is True
    strict = type(client)(enforce_csrf_checks=True)
    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert SavedSearch.objects.get().is_by_mail is False
    assert client.get(link[:-2] + "x/").status_code == 404
    factories.MeetingFactory()
    assert send_news(day=TUESDAY).written == 0


def test_search_is_saved_from_its_list_and_counts_what_is_new(ana, client):
    page = client.get("/meetings/?mode=phone&order=date").content.decode()
    link = re.search(r'href="(/account/searches/new/[^"]*)"', page)[1].replace("&amp;", "&")
    form = client.get(link).content.decode()
    assert 'value="Meetings (Mode: telephone)"' in form

    client.post(reverse("readers:search-new"), {"list": "meeting", "query": "mode=phone", "name": "Calls"})
    factories.MeetingFactory(mode="phone")
    factories.MeetingFactory(mode="phone", state="draft")
    factories.MeetingFactory(mode="video")

    (search,) = SavedSearch.objects.all()
    SavedSearch.objects.update(seen_at="2026-11-01T00:00Z")
    assert "1 new" in client.get(reverse("readers:account")).content.decode()
    opened = client.get(reverse("readers:search-open", args=[search.pk]))
    assert opened["Location"] == "/meetings/?mode=phone"


def test_search_is_renamed_silenced_and_deleted_by_its_owner_alone(ana, client, django_user_model):
    other = save(django_user_model.objects.create_user("li"), name="Theirs")
    mine, twin = save(ana, name="Mine"), save(ana, name="Twin")

    def change(search, **typed):
        return client.post(reverse("readers:search-change", args=[search.pk]), typed, follow=True)

    assert change(other, name="Stolen").status_code == 404
    assert "You have a search of this name already." in change(mine, name="Twin").content.decode()
    change(mine, name="Calls")
    for search in (other, twin):
        client.post(reverse("readers:search-delete", args=[search.pk]))

    assert list(SavedSearch.objects.order_by("pk").values_list("name", "is_by_mail")) == [
        ("Theirs", True),
        ("Calls", False),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "This field cannot be blank."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"query": "colour=red"}, "colour: there is no such parameter."),
        ({"query": "actor=nobody"}, "there is no public record with the id “nobody”."),
    ],
)
def test_search_that_cannot_be_saved_says_why_and_keeps_its_name(ana, client, typed, said):
    given = {"list": "meeting", "query": "mode=phone", "name": "Calls", **typed}
    response = client.post(reverse("readers:search-new"), given)

    assert response.status_code == 400
    assert said in response.content.decode()
    assert not SavedSearch.objects.exists()


def test_account_is_for_who_is_logged_in_and_needs_no_role(client, ana):
    assert client.get(reverse("readers:account")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 302
    client.post(reverse("readers:logout"))

    response = client.get(reverse("readers:account"))
    assert response["Location"] == "/account/login/?next=/account/"
    logged_in = client.post("/account/login/", {"username": "ana", "password": "Moscow-2023-02-21"})
    assert logged_in["Location"] == "/account/"


def test_new_address_is_asked_before_letters_go_there(client, ana):
    client.post(reverse("readers:address"), {"email": "new@example.org"})
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    (message,) = mail.outbox
    link = re.search(r"http://127.0.0.1:8000(\S+)", message.body)[1]

    assert message.to == ["new@example.org"]
    client.get(link)
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    client.post(link)
    ana.refresh_from_db()
    assert ana.email == "new@example.org"
