"""The page of what was changed: only what readers could see, each time it could be seen."""

import pytest
from django.db import transaction

from events.models import Meeting, Participation
from readers.differences import Difference
from readers.histories import PublicHistory, Version
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SourceFactory,
    StatementFactory,
)
from tests.pages import read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def change(record, **values):
    record = type(record).objects.get(pk=record.pk)
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return type(record).objects.get(pk=record.pk)


def history(record):
    return PublicHistory(type(record).objects.get(pk=record.pk))[:20]


def told(record):
    """What each version changed, the latest first."""
    return [[(one.label, one.then, one.now) for one in version.changes] for version in history(record)]


def test_history_tells_facts_before_and_after_and_rows_that_came_and_went():
    meeting = MeetingFactory(title="Talks", mode="phone")
    host = ParticipationFactory(meeting=meeting, actor=PersonFactory(name="Wang Yi"), role="host")
    change(meeting, mode="video", summary="They spoke.")
    Participation.objects.get(pk=host.pk).delete()

    assert told(meeting) == [
        [("Participation", "Wang Yi, host, confirmed", "")],
        [("Mode", "telephone", "video"), ("Summary", "", "They spoke.")],
        [("Participation", "", "Wang Yi, host, confirmed")],
        [],
    ]
    assert [(one.number, one.is_first) for one in history(meeting)] == [(4, False), (3, False), (2, False), (1, True)]


def test_versions_of_one_transaction_are_one():
    meeting = MeetingFactory(title="Talks")
    with transaction.atomic():
        change(meeting, title="Never seen")
        change(meeting, title="Long talks")

    assert told(meeting) == [[("Title", "Talks", "Long talks")], []]


def test_what_was_written_in_a_draft_or_while_withdrawn_is_never_told():
    meeting = MeetingFactory(title="Secret plan", state="draft")
    change(meeting, title="Talks")
    change(meeting, state="published")
    change(meeting, state="withdrawn", withdrawal_reason="Entered twice.")
    change(meeting, title="Rumour")
    meeting = change(meeting, title="Long talks", state="published", withdrawal_reason="")

    shown, first = history(meeting)

    assert first == Version(3, first.at, is_first=True)
    assert [(one.then, one.now) for one in shown.changes] == [("Talks", "Long talks")]
    assert shown.absence.reason == "Entered twice."


def test_what_joined_something_hidden_then_is_not_told_though_it_is_public_now(client):
    meeting = MeetingFactory(place=None)
    wang = PersonFactory(name="Wang Yi", state="draft")
    place = PlaceFactory(name="Sanya", state="draft")
    host = ParticipationFactory(meeting=meeting, actor=wang, capacity="a rumour")
    source = SourceFactory(publisher="Reuters", state="draft")
    citation = CitationFactory(meeting=meeting, source=source, note="off the record")
    change(meeting, place=place)
    change(host, capacity="the envoy")
    change(citation, note="")
    change(meeting, place=None)
    for one in (wang, place, source):
        change(one, state="published")
    change(meeting, openness="closed")

    page = client.get(f"/meetings/{meeting.uid}/history/").content.decode()

    assert "the envoy" in page
    assert "Reuters" in page
    assert [word for word in ("rumour", "off the record", "Sanya") if word in page] == []


def test_what_joins_something_hidden_now_is_not_told_though_it_was_public(client):
    meeting, wang = MeetingFactory(), PersonFactory(name="Wang Yi")
    tass = SourceFactory(publisher="TASS")
    ParticipationFactory(meeting=meeting, actor=wang, capacity="the envoy")
    CitationFactory(meeting=meeting, source=tass, quote="so it was")
    for one in (wang, tass):
        change(one, state="withdrawn", withdrawal_reason="Entered twice.")

    page = client.get(f"/meetings/{meeting.uid}/history/").content.decode()

    assert [word for word in ("Wang Yi", "the envoy", "TASS", "so it was") if word in page] == []


def test_page_marks_the_words_that_differ_and_leads_to_the_record_as_it_was(client):
    statement = StatementFactory(gist="There are no limits.")
    statement = change(statement, gist="There are some limits.")

    page = read(client.get(f"/statements/{statement.uid}/history/"))
    link = page.one(id="version-2").links(class_="")[-1][1]

    assert [one.text for one in page.all("del") + page.all("ins")] == ["no", "some"]
    assert client.get(link).json()["gist"] == "There are some limits."
    earlier = page.one(id="version-1").links(class_="")[-1][1]
    assert client.get(earlier).json()["gist"] == "There are no limits."
    assert ("What was changed", f"/statements/{statement.uid}/history/") in read(
        client.get(statement.get_absolute_url())
    ).links(class_="")


def test_long_text_is_shown_around_what_differs():
    words = "The two sides agreed. " * 40

    then, now = Difference("Text", f"{words}王毅会见帕特鲁舍夫{words}", f"{words}王毅会见绍伊古{words}").excerpts

    assert (then.changed, now.changed) == ("帕特鲁舍夫", "绍伊古")
    assert now.lead.startswith("…")
    assert now.lead.endswith("王毅会见")
    assert now.tail.startswith("The two sides")
    assert now.tail.endswith("…")


def test_history_costs_the_same_for_many_versions_and_shows_a_page_of_them(client, django_assert_num_queries):
    meeting, place = MeetingFactory(), PlaceFactory()
    ParticipationFactory(meeting=meeting)
    change(meeting, place=place)
    address = f"/meetings/{meeting.uid}/history/"
    client.get(address)
    with django_assert_num_queries(14):
        client.get(address)
    for number in range(21):
        meeting = change(meeting, title=f"Talks {number}", place=PlaceFactory())
        ParticipationFactory(meeting=meeting)
    with django_assert_num_queries(14):
        page = read(client.get(address))

    assert len(page.all(class_="version")) == 20
    assert [name for name, _url in page.one(class_="pages").links(class_="")] == ["Earlier"]
    assert len(read(client.get(address, {"page": "3"})).all(class_="version")) == 5


def test_pages_together_tell_each_public_version_once_and_no_hidden_one(client):
    meeting = MeetingFactory(title="Talks 0")
    public = [meeting.version]
    for number in range(1, 24):
        meeting = change(meeting, state="withdrawn", withdrawal_reason="Entered twice.")
        change(meeting, title=f"Rumour {number}", summary="Never to be seen.")
        meeting = change(meeting, title=f"Talks {number}", summary="", state="published", withdrawal_reason="")
        public.append(meeting.version)
    address = f"/meetings/{meeting.uid}/history/"

    pages = [client.get(address, {"page": page}) for page in (1, 2)]
    told = [one["id"].removeprefix("version-") for page in pages for one in read(page).all(class_="version")]

    assert told == [str(version) for version in reversed(public)]
    assert [word for word in (b"Rumour", b"Never to be seen") if any(word in page.content for page in pages)] == []
    # The last of a page is compared with the first of the next.
    last = read(pages[0]).one(id=f"version-{public[4]}")
    assert [one.text for one in last.all("del") + last.all("ins")] == ["3", "4"]


def test_only_what_stands_in_the_versions_of_a_page_is_read_whole(django_assert_max_num_queries):
    meeting = MeetingFactory(summary="At first. ")
    for number in range(8):
        change(meeting, summary=f"Version {number}")
    found = PublicHistory(Meeting.objects.get(pk=meeting.pk))

    with django_assert_max_num_queries(12) as asked:
        found[:2]

    (whole,) = [one["sql"] for one in asked.captured_queries if '"events_meetingevent"."summary"' in one["sql"]]
    assert len(whole.rpartition(" IN (")[2].partition(")")[0].split(",")) == 3


def test_address_of_a_history_answers_as_the_record_does(client):
    meeting, survivor = MeetingFactory(title="Talks"), MeetingFactory()
    assert client.get("/meetings/0000000000/history/").status_code == 404
    assert client.get(f"/meetings/{MeetingFactory(state='draft').uid}/history/").status_code == 404
    Meeting.objects.filter(pk=meeting.pk).update(merged_into=survivor)
    assert client.get(f"/meetings/{meeting.uid}/history/")["Location"] == f"/meetings/{survivor.uid}/history/"
    Meeting.objects.filter(pk=survivor.pk).update(state="withdrawn", withdrawal_reason="Entered twice.")
    assert client.get(f"/meetings/{survivor.uid}/history/").status_code == 410
