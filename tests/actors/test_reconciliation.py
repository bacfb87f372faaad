"""Matching names to actors, in the shapes that OpenRefine sends and reads."""

import json

import pytest
from django.test import Client

from actors.models import ActorIdentifier
from tests.factories import ActorNameFactory, PersonFactory, StateFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]
ADDRESS = "/api/v1/reconcile/"


@pytest.fixture
def wang():
    wang = PersonFactory(name="Wang Yi", home_state=StateFactory(name="China", state="published"), state="published")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorIdentifier.objects.create(actor=wang, scheme="wikidata", value="Q701402")
    return wang


def match(queries):
    # As OpenRefine sends it: a form, without a token of ours.
    client = Client(enforce_csrf_checks=True)
    response = client.post(ADDRESS, {"queries": json.dumps(queries)})
    assert response["Access-Control-Allow-Origin"] == "*"
    return response


def test_the_manifest_says_what_the_service_can(client):
    manifest = client.get(ADDRESS).json()
    assert manifest["versions"] == ["0.2"]
    assert manifest["view"]["url"] == "http://testserver/actors/{{id}}/"
    assert {one["id"] for one in manifest["defaultTypes"]} == {"person", "state", "organisation", "body"}
    for service in manifest["suggest"].values():
        assert client.get(f"{service['service_path']}?prefix=wa").status_code == 200


def test_a_batch_is_matched_in_any_script_and_order_of_words(wang):
    PersonFactory(name="Wang Yi", state="draft")
    queries = {
        "q0": {"query": "WANG, Yi", "type": "person", "limit": 3},
        "q1": {"query": "王毅"},
        "q2": {"query": "Yi Wang", "type": "state"},
        "q3": {"query": "Nobody Known"},
        "q4": {"query": "somebody", "properties": [{"pid": "wikidata", "v": "q701402"}]},
    }
    answer = match(queries).json()
    found = {key: [(one["id"], one["score"], one["match"]) for one in said["result"]] for key, said in answer.items()}
    sure = [(wang.uid, 100.0, True)]
    assert found == {"q0": sure, "q1": sure, "q2": [], "q3": [], "q4": sure}
    assert answer["q0"]["result"][0]["type"] == [{"id": "person", "name": "person"}]


def test_two_of_one_name_are_both_told_and_neither_is_sure(wang):
    other = PersonFactory(name="Wang Yi", state="published")
    result = match({"q0": {"query": "Wang Yi"}}).json()["q0"]["result"]
    assert {(one["id"], one["match"]) for one in result} == {(wang.uid, False), (other.uid, False)}


def test_actors_are_extended_and_shown_in_a_frame(client, wang):
    draft = PersonFactory(name="Draft", state="draft")
    said = {"ids": [wang.uid, draft.uid], "properties": [{"id": "home_state"}, {"id": "identifier:wikidata"}]}
    rows = client.post(ADDRESS, {"extend": json.dumps(said)}).json()["rows"]
    assert rows == {
        wang.uid: {
            "home_state": [{"id": wang.home_state.uid, "name": "China"}],
            "identifier:wikidata": [{"str": "Q701402"}],
        },
        draft.uid: {"home_state": [], "identifier:wikidata": []},
    }
    preview = client.get(f"{ADDRESS}preview/?id={wang.uid}")
    assert "王毅" in preview.content.decode()
    assert "X-Frame-Options" not in preview
    assert "frame-ancestors *" in preview["Content-Security-Policy"]
    assert client.get(f"{ADDRESS}preview/?id={draft.uid}").status_code == 404


@pytest.mark.parametrize(
    "queries",
    ["nonsense", "[]", '{"q0": {"query": 5}}', '{"q0": {"query": "x", "type": "treaty"}}',
     '{"q0": {"query": "x", "limit": 0}}', '{"q0": 7}', '{"q0": {"query": "' + "x" * 400 + '"}}', "[" * 5000],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(client, queries):
    response = client.post(ADDRESS, {"queries": queries})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["queries"])
