"""Sitemaps, robots.txt and well-known addresses: what is public, and nothing else."""

import pytest
from django.urls import reverse

from config import discovery
from tests.factories import MeetingFactory, PlaceFactory, StateFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def test_sitemaps_name_each_public_record_once_in_files_of_a_bounded_size(client, monkeypatch):
    monkeypatch.setattr(discovery, "SPAN", 2)
    meetings = [MeetingFactory(state="published") for _each in range(4)]
    hidden = [MeetingFactory(state="draft"), MeetingFactory(state="withdrawn", withdrawal_reason="In error.")]
    hidden.append(MeetingFactory(state="published", merged_into=meetings[0]))
    index = client.get(reverse("sitemap"))
    assert index["Content-Type"] == "application/xml"
    files = [part.partition("</loc>")[0] for part in index.content.decode().split("<loc>")[1:]]
    assert files
    found = []
    for file in files:
        page = client.get(file).content.decode()
        found += [part.partition("</loc>")[0] for part in page.split("<loc>")[1:]]
        assert page.count("<loc>") <= 2
    assert sorted(found) == sorted(f"http://testserver{one.get_absolute_url()}" for one in meetings)
    assert not any(one.uid in str(found) for one in hidden)


@pytest.mark.parametrize(
    "address", ["/sitemaps/meetings-9.xml", "/sitemaps/treaties-1.xml", "/sitemaps/meetings-0.xml"]
)
def test_a_sitemap_without_records_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_robots_are_led_to_the_sitemap_and_away_from_the_desk(client):
    said = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/\n" in said
    assert said.endswith("Sitemap: http://testserver/sitemap.xml\n")


def test_the_catalog_leads_to_the_description_of_the_api(client):
    response = client.get("/.well-known/api-catalog")
    assert response["Content-Type"] == "application/linkset+json"
    (links,) = response.json()["linkset"]
    assert links["anchor"] == "http://testserver/api/v1/"
    assert client.get(links["service-desc"][0]["href"]).status_code == 200


def test_a_contact_for_safety_is_told_only_where_there_is_one(client, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "safety@example.org"
    assert b"Contact: mailto:safety@example.org\nExpires: 20" in client.get("/.well-known/security.txt").content


@pytest.mark.parametrize("n", [1, 3])
def test_a_sitemap_costs_the_same_for_one_record_and_for_three(client, n, django_assert_num_queries):
    places = [PlaceFactory(state="published") for _each in range(n)]
    StateFactory(state="published")
    with django_assert_num_queries(1):
        client.get(reverse("sitemap-page", args=["places", (places[0].pk - 1) // discovery.SPAN + 1]))
