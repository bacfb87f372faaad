"""Sources that are added by their address alone, and completed later."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse

from events.addresses import place_of
from events.models import Source
from events.services import source_by_address
from records import desk, services
from records.merging import merge
from records.roles import EDITORS, RESEARCHERS
from tests.events.test_admin import url_of
from tests.factories import CitationFactory, MeetingFactory, SourceFactory, StatementFactory
from tests.sent_forms import sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

ADDRESS = "https://www.fmprc.gov.cn/eng/zxxx/t1863858.html"
BY_ADDRESS = "/admin/events/source/by-address/"


@pytest.fixture
def member(client, django_user_model):
    def log_in(group):
        user = django_user_model.objects.create_user(group.lower(), is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return client

    return log_in


def answer_to(client, typed, **more):
    return client.get(reverse("admin:events_source_choices"), {"term": typed, "offers": "1", **more}).json()


def on_the_list(user=None):
    return set(desk.lists_of(Source)["to-complete"].narrow(Source.objects.all(), user))


def test_form_takes_a_source_by_its_address_alone(member):
    client = member(EDITORS)

    response = client.post(
        reverse("admin:events_source_add"),
        {**sent(client.get(reverse("admin:events_source_add"))), "url": ADDRESS},
    )

    assert response.status_code == 302
    source = Source.objects.get()
    assert (source.url, source.publisher, source.title, source.state) == (ADDRESS, "", "", "draft")
    assert str(source) == "fmprc.gov.cn/eng/zxxx/t1863858.html (to be completed)"


@pytest.mark.parametrize(
    ("values", "missing", "is_listed"),
    [
        ({"publisher": ""}, ["Say who published it."], True),
        ({"publisher": "", "title": "Talks"}, ["Say who published it."], True),
        ({"title": " "}, [], True),
        ({"title": "Talks"}, [], False),
        ({"kind": "post"}, [], False),
        ({"kind": "post", "publisher": " "}, ["Say who published it."], True),
    ],
)
def test_list_on_the_desk_is_of_drafts_without_publisher_or_title(values, missing, is_listed):
    source = SourceFactory(state="draft", **values)

    assert services.missing_for_publication(source) == missing
    assert on_the_list() == ({source} if is_listed else set())


def test_published_withdrawn_and_merged_sources_wait_for_nobody():
    SourceFactory()
    SourceFactory(state="withdrawn", withdrawal_reason="A forgery.")
    SourceFactory(state="draft", publisher="", merged_into=SourceFactory(title="Talks"))

    assert on_the_list() == set()


def test_incomplete_source_is_not_published(django_user_model):
    source, _is_new = source_by_address(typed=ADDRESS)

    with pytest.raises(services.NotPublishable) as refused:
        services.publish(record=source)

    assert refused.value.messages == ["Say who published it."]
    source.refresh_from_db()
    assert source.state == "draft"


def test_desk_counts_what_is_to_be_completed_and_leads_to_it(member):
    client = member(EDITORS)
    source_by_address(typed=ADDRESS)

    page = client.get("/admin/").content.decode()
    address = f"{reverse('admin:events_source_changelist')}?desk=to-complete"

    assert "Sources to complete" in page
    assert f'<a href="{address}">' in page
    assert "fmprc.gov.cn/eng/zxxx/t1863858.html (to be completed)" in client.get(address).content.decode()


def test_address_finds_its_source_however_it_is_spelled(member):
    client = member(EDITORS)
    known = SourceFactory(url="http://fmprc.gov.cn/eng/zxxx/t1863858.html/", title="Talks", published="")
    SourceFactory(url=f"{ADDRESS}?id=2")

    answer = answer_to(client, f"{ADDRESS}?utm_source=x")

    assert answer == {
        "results": [{"id": str(known.pk), "text": "TASS: Talks", "detail": known.url, "mark": ""}],
        "more": False,
    }


def test_address_of_a_merged_source_finds_the_survivor(member):
    client = member(EDITORS)
    survivor, absorbed = SourceFactory(title="Talks"), SourceFactory(url=ADDRESS)
    merge(survivor=survivor, absorbed=absorbed, reason="One document.")

    assert [one["id"] for one in answer_to(client, ADDRESS)["results"]] == [str(survivor.pk)]
    assert source_by_address(typed=ADDRESS) == (survivor, False)


def test_unknown_address_is_offered_to_who_may_add(member):
    SourceFactory(url=f"{ADDRESS}/annex")

    answer = answer_to(member(EDITORS), f" {ADDRESS} ")

    assert answer == {
        "results": [],
        "more": False,
        "offer": {"text": "Add a source by this address alone", "detail": ADDRESS, "url": BY_ADDRESS},
    }


def test_words_half_addresses_and_filters_are_offered_nothing(member):
    client = member(EDITORS)
    url = reverse("admin:events_source_choices")

    answers = [answer_to(client, typed) for typed in ("Patrushev", "https://", "https://tass", "tass.com/1", "\x00")]
    answers.append(client.get(url, {"term": ADDRESS}).json())

    assert answers == [{"results": [], "more": False}] * 6


def test_who_only_looks_is_offered_nothing_and_adds_nothing(member):
    client = member(RESEARCHERS)

    assert answer_to(client, ADDRESS) == {"results": [], "more": False}
    assert client.post(BY_ADDRESS, {"typed": ADDRESS}).status_code == 403
    assert not Source.objects.exists()


def test_address_alone_makes_a_draft_once(member):
    client = member(EDITORS)

    first = client.post(BY_ADDRESS, {"typed": f" {ADDRESS}\n"})
    again = client.post(BY_ADDRESS, {"typed": ADDRESS.replace("https://www.", "http://") + "/"})

    source = Source.objects.get()
    choice = {
        "id": str(source.pk),
        "text": "fmprc.gov.cn/eng/zxxx/t1863858.html (to be completed)",
        "detail": ADDRESS,
        "mark": "draft",
    }
    assert (first.status_code, first.json()) == (
        201,
        {**choice, "words": "Added as a draft. It is on the desk, under “Sources to complete”."},
    )
    assert (again.status_code, again.json()) == (200, {**choice, "words": "It was added a moment ago, or before."})
    assert (source.url, source.created_by.username) == (ADDRESS, "editors")


@pytest.mark.parametrize(
    "typed",
    ["", "Patrushev", "ftp://tass.com/1", "javascript:alert(1)", "https://tass.com/a b", "https://", "https://tass",
     "https://me:secret@tass.com/1", "https://tass.com/\x00", "http://[::1", "mailto:a@tass.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(member, typed):
    response = member(EDITORS).post(BY_ADDRESS, {"typed": typed})

    words = "This is no address of a page: it begins with http:// or https:// and a host, and holds no spaces."
    assert (response.status_code, response.json()) == (200, {"refusal": words})
    assert not Source.objects.exists()


def test_address_as_long_as_the_column_is_taken_and_no_longer_one(member):
    client = member(EDITORS)
    longest = "https://tass.com/".ljust(1000, "x")

    answers = [client.post(BY_ADDRESS, {"typed": typed}) for typed in (longest, longest + "x")]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[1].json() == {"refusal": "The address has 1001 characters; a source can hold 1000."}
    assert Source.objects.get().url == longest


def test_other_sites_cannot_make_an_editor_add_a_source(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    assert client.post(BY_ADDRESS, {"typed": ADDRESS}).status_code == 403
    assert not Source.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_address_added_by_several_at_once_is_one_source():
    spellings = [ADDRESS, f"{ADDRESS}/", ADDRESS.replace("https", "http"), ADDRESS.replace("www.", "")]
    gate, found = threading.Barrier(len(spellings), timeout=30), []

    def add(typed):
        gate.wait()
        try:
            found.append(source_by_address(typed=typed))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add, args=[typed]) for typed in spellings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(is_new for _source, is_new in found) == [False, False, False, True]
    assert {source.pk for source, _is_new in found} == {Source.objects.get().pk}


def test_incomplete_source_is_on_no_public_surface(client):
    secret, _is_new = source_by_address(typed="https://unlisted.example/secret-readout")
    meeting, statement = MeetingFactory(title="Talks in Moscow"), StatementFactory(title="Readout")
    for cited in ({"meeting": meeting}, {"meeting": None, "statement": statement}):
        CitationFactory(source=secret, quote="told in confidence", **cited)
    pages = [
        "/", "/sources/", "/meetings/", "/statements/", "/search/?q=unlisted", "/sources/?q=secret-readout",
        meeting.get_absolute_url(), statement.get_absolute_url(),
        "/api/v1/sources/", "/api/v1/meetings/", f"/api/v1/meetings/{meeting.uid}/",
        f"/api/v1/statements/{statement.uid}/",
    ]  # fmt: skip

    answers = {page: client.get(page) for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(pages, 200)
    bodies = [answer.content.decode().replace("/search/?q=unlisted", "") for answer in answers.values()]
    secrets = ("unlisted.example", "told in confidence", "to be completed")
    assert [word for word in secrets for body in bodies if word in body] == []
    assert client.get(secret.get_absolute_url()).status_code == 404
    assert client.get(f"/api/v1/sources/{secret.uid}/").status_code == 404


def test_incomplete_source_has_no_preview_and_the_form_says_why(admin_client):
    source, _is_new = source_by_address(typed=ADDRESS)

    page = admin_client.get(reverse("admin:events_source_preview", args=[source.pk]), follow=True)

    assert page.redirect_chain == [(url_of(source), 302)]
    assert [str(said) for said in page.context["messages"]] == ["There is no preview yet. Say who published it."]


def test_incomplete_draft_can_be_withdrawn_but_what_was_public_keeps_its_publisher():
    draft, _is_new = source_by_address(typed=ADDRESS)
    services.withdraw(record=draft, reason="Not what it seemed.")
    public = SourceFactory(title="Talks")
    services.withdraw(record=public, reason="A forgery.")
    public.refresh_from_db()
    public.publisher = ""

    draft.refresh_from_db()
    assert draft.state == "withdrawn"
    with pytest.raises(IntegrityError, match="source_has_publisher"), transaction.atomic():
        public.save()


def test_citations_say_which_key_cites_where_one_stands(admin_client):
    page = admin_client.get(url_of(MeetingFactory())).content.decode()

    assert "Alt+Q in a field of this form begins a citation of that field." in page


def test_place_of_an_address_is_host_and_path():
    assert [place_of(url) for url in (ADDRESS, "http://tass.com/?id=1", "https://WWW.mfa.ru/a/#b", "")] == [
        "fmprc.gov.cn/eng/zxxx/t1863858.html", "tass.com", "mfa.ru/a", "",
    ]  # fmt: skip
