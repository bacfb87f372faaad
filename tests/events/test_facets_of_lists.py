"""Counts of the smaller lists against what their filters find, and the way from record to record of a list."""

import pytest

from actors.filters import OfficeFilterSet, TenureFilterSet
from actors.models import Office, Tenure
from events.views.facets import FACETS, ListFacets
from events.views.within import FILTERSETS
from tests import factories
from tests.counting import counted_once
from tests.pages import read
from tests.plain_rule import collect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def test_every_value_of_every_list_counts_what_its_filter_finds_and_leaves_out():
    collect(1)
    told = 0
    with counted_once():
        for model, filterset in {**FILTERSETS, Office: OfficeFilterSet, Tenure: TenureFilterSet}.items():
            for name in FACETS[model][1]:
                told += _assert_counts(model, filterset, name)
    assert told > 60


def _assert_counts(model, filterset, name):
    """Each value of one facet counts what is found; returns how many values there are."""
    facets = ListFacets(filterset({}, queryset=model.objects.public()), model)
    counts = facets.selection.counts(name).as_dict()
    words = facets.words(name, list(counts))
    for number, (_label, text) in words.items():
        found = filterset({name: text}, queryset=model.objects.public())
        assert (model, name, text, counts[number]) == (model, name, text, found.qs.count())
        assert ListFacets(found, model).selection.count == counts[number]
        for other in (f"not_{name}", f"{name}_all"):
            if other in found.filters:
                found = filterset({other: text}, queryset=model.objects.public())
                assert ListFacets(found, model).selection.count == found.qs.count(), (model, other, text)
    return len(words)


def test_record_reached_from_a_list_leads_to_its_neighbours_there(client):
    days = [factories.MeetingFactory(date=f"2023-02-0{day}", mode="phone") for day in (1, 2, 3)]
    factories.MeetingFactory(date="2023-02-02", mode="video")
    factories.MeetingFactory(date="2023-02-02", mode="phone", state="draft")

    rows = read(client.get("/meetings/", {"mode": "phone"}))
    address = next(link for text, link in rows.links() if days[1].uid in link)
    within = read(client.get(address)).one(class_="within")

    assert within.one(class_="within-place").text == "2 of 3 in this list"
    assert within.links() == [
        ("Previous", f"/meetings/{days[2].uid}/?in=mode%3Dphone"),
        ("Next", f"/meetings/{days[0].uid}/?in=mode%3Dphone"),
        ("Back to the list", "/meetings/?mode=phone"),
    ]


@pytest.mark.parametrize("carried", ["mode=fax", "%00", "kind", "mode=video", "💥=1", "a" * 9000])
def test_list_that_cannot_be_read_or_lacks_the_record_is_said(client, carried):
    meeting = factories.MeetingFactory(mode="phone")

    response = client.get(f"/meetings/{meeting.uid}/", {"in": carried})

    assert response.status_code == 200
    assert "The list this link came from" in read(response).one(class_="within").text


def test_script_gets_the_list_alone_and_caches_are_told(client):
    factories.MeetingFactory()

    part = client.get("/meetings/", headers={"HX-Request": "true"})
    again = client.get("/meetings/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})

    assert "HX-Request" in part["Vary"]
    assert (b"<html" in part.content, b"<html" in again.content) == (False, True)


def test_short_window_is_shown_by_months_with_what_is_certain(client):
    for day in ("2023-01-05", "2023-01-31/2023-02-01", "2023", "2023-03"):
        factories.MeetingFactory(date=day)

    page = read(client.get("/meetings/", {"from": "2023-01", "to": "2023-03"}))

    assert [one["aria-label"] for one in page.one("svg").all("a")] == [
        "January 2023: 2 certainly then, 1 more possibly",
        "February 2023: 1 certainly then, 1 more possibly",
        "March 2023: 1 certainly then, 1 more possibly",
    ]
