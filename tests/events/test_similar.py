import pytest
from django.urls import reverse

from events.models import Meeting
from events.similar import meetings_like, sources_like, statements_like
from partialdates.values import PartialDate
from tests.factories import (
    ActorNameFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    StatementFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def similar(client, model, **typed):
    response = client.get(reverse(f"admin:{model}_similar"), typed)
    return [one["text"] for one in response.json()["results"]]


@pytest.mark.parametrize(
    ("date", "state", "is_found"),
    [
        ("2023-02-21", "published", True),
        ("2023-02", "draft", True),
        ("2023-02-20/2023-02-22", "review", True),
        ("2023-02-22", "published", False),
        ("2023-03", "published", False),
    ],
)
def test_meeting_that_may_share_a_day_and_shares_a_participant_is_like_it(date, state, is_found):
    wang = PersonFactory(name="Wang Yi")
    other = MeetingFactory(date=date, state=state)
    ParticipationFactory(meeting=other, actor=wang)
    MeetingFactory(date=date)

    found = meetings_like(date=PartialDate.parse("2023-02-21"), actors=[wang.pk])

    assert found == ([other.pk] if is_found else [])


def test_meetings_with_more_shared_participants_come_first():
    wang, patrushev = PersonFactory(), PersonFactory()
    one, both = MeetingFactory(), MeetingFactory()
    for meeting, actor in ((one, wang), (both, wang), (both, patrushev)):
        ParticipationFactory(meeting=meeting, actor=actor)

    assert meetings_like(date=one.date, actors=[wang.pk, patrushev.pk]) == [both.pk, one.pk]


def test_meeting_of_a_like_title_is_found_without_participants():
    known = MeetingFactory(title="Wang Yi meets Nikolai Patrushev", date="2023-02-21")
    MeetingFactory(title="Session of the Security Council", date="2023-02-21")

    assert meetings_like(title="Nikolai Patrushev meets Wang Yi") == [known.pk]
    assert meetings_like(title="Nikolai Patrushev meets Wang Yi", date=PartialDate.parse("2024")) == []
    assert meetings_like(title="Nikolai Patrushev meets Wang Yi", but=known.pk) == []


def test_merged_meeting_is_not_offered():
    known = MeetingFactory(title="Wang Yi meets Nikolai Patrushev")
    Meeting.objects.filter(pk=known.pk).update(merged_into=MeetingFactory(title="Survivor"))

    assert meetings_like(title="Wang Yi meets Nikolai Patrushev") == []


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("https://tass.com/world/1", True),
        ("http://www.TASS.com/world/1/", True),
        ("https://tass.com/world/1?utm_source=x&fbclid=1#top", True),
        ("https://tass.com/world/1?page=2", False),
        ("https://tass.com/world/11", False),
        ("", False),
    ],
)
def test_source_at_the_same_address_is_found(typed, is_found):
    known = SourceFactory(url="https://www.tass.com/world/1", state="draft")
    SourceFactory(url="", title="A leaflet")

    assert sources_like(url=typed) == ([known.pk] if is_found else [])


def test_statement_of_the_same_words_is_found():
    known = StatementFactory(gist="Both sides opposed unilateral bullying and the Cold War mentality.", state="draft")
    StatementFactory(gist="Both sides spoke of trade.")

    assert statements_like(texts=["Both sides opposed the Cold War mentality and unilateral bullying"]) == [known.pk]
    assert statements_like(texts=["Unilateral sanctions"]) == []
    assert statements_like(texts=["", "short"]) == []


@pytest.mark.parametrize("typed", ["Patrushev Nikolai", "Николай Патрушев", "Nikolay Patrushev"])
def test_actor_is_found_by_names_in_another_order_script_or_spelling(admin_client, typed):
    PersonFactory(name="Nikolai Patrushev", state="draft")
    PersonFactory(name="Sergey Lavrov")

    assert similar(admin_client, "actors_actor", name=typed) == ["Nikolai Patrushev"]


def test_actor_is_found_by_a_name_in_the_rows(admin_client):
    wang = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=wang, text="王毅")

    assert similar(admin_client, "actors_actor", **{"name": "Foreign Minister", "names-text": "王毅"}) == ["Wang Yi"]
    assert similar(admin_client, "actors_actor", name="Wang Yi", self=wang.pk) == []


def test_answer_names_the_form_and_what_tells_it_apart(admin_client):
    meeting = MeetingFactory(title="Wang Yi meets Nikolai Patrushev", state="draft")

    answer = admin_client.get(reverse("admin:events_meeting_similar"), {"title": "Wang Yi meets Patrushev"}).json()

    assert answer == {
        "results": [
            {
                "text": "Wang Yi meets Nikolai Patrushev (21 February 2023)",
                "detail": "",
                "mark": "draft",
                "url": f"/admin/events/meeting/{meeting.pk}/change/",
            }
        ],
        "words": "1 record like this one is there already:",
    }


@pytest.mark.parametrize("model", ["events_meeting", "events_statement", "events_source", "actors_actor"])
def test_similar_records_are_for_those_who_may_see_them(client, editor, model):
    url = reverse(f"admin:{model}_similar")
    assert client.get(url).status_code == 302
    editor.is_staff = True
    editor.save()
    client.force_login(editor)
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("model", ["events_meeting", "events_statement", "events_source", "actors_actor"])
def test_what_cannot_be_read_finds_nothing(admin_client, model):
    typed = {
        "title": "\x00",
        "date": "sometime",
        "participations-actor": "x",
        "url": "http://[",
        "name": "\x00",
        "self": "-1",
    }

    assert similar(admin_client, model, **typed) == []


def test_form_shows_what_is_like_the_record(admin_client):
    title = "Wang Yi meets Nikolai Patrushev"
    one, other = MeetingFactory(title=title), MeetingFactory(title=title)

    page = admin_client.get(reverse("admin:events_meeting_change", args=[one.pk])).content.decode()

    assert f'<a href="/admin/events/meeting/{other.pk}/change/" target="_blank"' in page
    add_page = admin_client.get(reverse("admin:events_meeting_add")).content.decode()
    assert 'data-similar="/admin/events/meeting/similar/"' in add_page
