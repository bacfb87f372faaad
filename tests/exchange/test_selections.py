"""Selections that are cited: the same for ever, and what became of their records since."""

import csv
import io
import json

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction

from events.models import Meeting, Participation
from exchange.exports.kinds import KINDS
from exchange.models import FrozenRow, Selection
from exchange.selections import services
from exchange.selections.looks import Look
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


def freeze(client, query=""):
    response = client.post(f"/meetings/cite/?{query}")
    assert response.status_code == 303, response.content
    return Selection.objects.get(key=response["Location"].split("/")[2])


def statuses(selection):
    return [(row.uid, row.status) for row in Look(selection).batches()]


def test_same_filter_with_the_same_result_has_one_address(client):
    first, _second = MeetingFactory(mode="phone"), MeetingFactory(mode="video")

    selection = freeze(client, "mode=phone&mode=video&page_size=10")

    assert freeze(client, "mode=video&mode=phone&page=1") == selection
    assert freeze(client, "mode=phone") != selection
    Meeting.objects.filter(pk=first.pk).update(title="Corrected")
    assert freeze(client, "mode=phone&mode=video") != selection
    assert Selection.objects.count() == 3
    assert FrozenRow.objects.count() == 3


def test_page_shows_the_rows_as_they_were_and_what_changed_field_by_field(client):
    kept = MeetingFactory(title="Talks in Moscow", date="2023-02-21", mode="phone")
    gone = MeetingFactory(title="Withdrawn talks", mode="phone")
    twin = MeetingFactory(title="Entered twice", mode="phone")
    off = MeetingFactory(title="Talks by video after all", mode="phone")
    selection = freeze(client, "mode=phone")
    Meeting.objects.filter(pk=kept.pk).update(title="Talks in Minsk")
    Meeting.objects.filter(pk=gone.pk).update(state="withdrawn", withdrawal_reason="It never took place.")
    Meeting.objects.filter(pk=twin.pk).update(merged_into=kept)
    Meeting.objects.filter(pk=off.pk).update(mode="video")
    MeetingFactory(title="New talks", mode="phone")

    page = client.get(selection.get_absolute_url()).content.decode()
    corrected = client.get(f"{selection.get_absolute_url()}?show=corrected").content.decode()
    added = client.get(f"{selection.get_absolute_url()}?show=added").content.decode()

    assert dict(statuses(selection)) == {
        kept.uid: "corrected", gone.uid: "withdrawn", twin.uid: "merged", off.uid: "corrected",
    }  # fmt: skip
    assert "Talks in Moscow" in page
    assert "Withdrawn talks" not in page
    assert "It never took place." in page
    assert "Entered twice" in page
    ways = read(client.get(selection.get_absolute_url())).one(class_="ways")
    assert [one.split(" ", 1) for one in ways.texts("li")] == [
        ["1", "added since"], ["1", "no longer found by the filter"], ["2", "corrected"], ["1", "merged"],
        ["1", "withdrawn"],
    ]  # fmt: skip
    assert '<del dir="auto">Talks in Moscow</del>' in corrected
    assert '<ins dir="auto">Talks in Minsk</ins>' in corrected
    assert "New talks" in added


def test_page_heads_columns_as_the_codebook_and_says_dates_in_words_and_files_keep_what_was_frozen(client):
    MeetingFactory(title="Talks", date="[2025-12-01..2025-12-02]", mode="phone")
    MeetingFactory(title="Call", date="2023-02", mode="phone")
    MeetingFactory(title="Undated", date="", mode="phone")
    selection = freeze(client, "mode=phone&order=title")

    page = read(client.get(selection.get_absolute_url()))
    table = page.one("table")
    as_csv = client.get(f"{selection.get_absolute_url()}export/?format=csv").getvalue().decode()

    assert table.texts("th", scope="col") == ["Record", "Title", "Date", "Place", "Participants", "Topics"]
    dates = [row.all("td")[1] for row in table.one("tbody").all("tr")]
    assert [" ".join(one.text.split()[:5]) for one in dates] == [
        "February 2023 (not certain)", "between 1 and 2 December", "not known",
    ]  # fmt: skip
    assert [one.all(title="2023-02") != [] for one in dates] == [True, False, False]
    assert [row["date_edtf"] for row in csv.DictReader(io.StringIO(as_csv))] == [
        "2023-02",
        "[2025-12-01..2025-12-02]",
        "",
    ]


def test_what_a_row_said_of_somebody_who_is_public_no_more_is_gone(client):
    meeting = MeetingFactory()
    for place, (name, capacity) in enumerate((("Wang Yi", "Minister"), ("Nikolai Patrushev", "Secretary"))):
        ParticipationFactory(meeting=meeting, actor=PersonFactory(name=name), capacity=capacity, position=place)
    selection = freeze(client)
    one = Participation.objects.get(capacity="Secretary").actor
    type(one).objects.filter(pk=one.pk).update(state="withdrawn", withdrawal_reason="Another person.")

    (row,) = Look(selection).batches()

    assert (row.cells["participants"], row.cells["participant_capacities"]) == ("Wang Yi | ", "Minister | ")
    assert one.uid not in str(row.cells)


def test_files_of_a_selection_hold_the_frozen_rows(client):
    MeetingFactory(title="=Talks", uid="mtg0000001")
    selection = freeze(client)
    Meeting.objects.update(title="Other")

    as_csv = client.get(f"{selection.get_absolute_url()}export/?format=csv").getvalue().decode()
    as_json = json.loads(client.get(f"{selection.get_absolute_url()}export/?format=json").getvalue())

    (row,) = csv.DictReader(io.StringIO(as_csv))
    assert (row["title"], row["url"], row["status"]) == (
        "'=Talks",
        "http://testserver/meetings/mtg0000001/",
        "corrected",
    )
    assert as_json["results"][0]["row"]["title"] == "=Talks"


@pytest.mark.parametrize("model", [Selection, FrozenRow])
def test_nothing_frozen_is_ever_changed_or_deleted(client, model):
    MeetingFactory()
    freeze(client)

    for change in (lambda: model.objects.update(kind="actor"), lambda: model.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_too_many_rows_and_too_many_selections_are_refused_in_words(client, monkeypatch):
    for _number in range(3):
        MeetingFactory()
    monkeypatch.setattr(services, "MOST_ROWS", 2)
    large = client.post("/meetings/cite/")
    monkeypatch.setattr(services, "MOST_AN_HOUR", 1)
    often = client.post("/meetings/cite/")

    assert (large.status_code, often.status_code) == (400, 429)
    assert "More than 2 records were found" in large.content.decode()
    assert "1 selections were made within an hour" in often.content.decode()
    assert not Selection.objects.exists()


def test_filter_that_is_refused_freezes_nothing(client):
    answer = client.post("/meetings/cite/?mode=fax")

    assert answer.status_code == 400
    assert "“fax” is not one of the allowed values" in answer.content.decode()
    assert not Selection.objects.exists()


def test_form_is_protected_against_other_sites(client):
    client.handler.enforce_csrf_checks = True

    assert client.post("/meetings/cite/").status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_list_can_be_frozen_and_looked_at(client, kind):
    ParticipationFactory()
    response = client.post(f"/{KINDS[kind].plural}/cite/")

    assert client.get(response["Location"]).status_code == 200


def test_selection_costs_the_same_queries_for_one_row_and_for_three(client, django_assert_max_num_queries):
    def queries():
        selection = freeze(client)
        with django_assert_max_num_queries(40) as asked:
            client.get(selection.get_absolute_url())
        return len(asked)

    ParticipationFactory()
    once = queries()
    for _number in range(2):
        ParticipationFactory()

    assert queries() == once
