"""The schema: complete, true to what is answered, and served with its page."""

import json
import re
from collections import Counter
from functools import cache

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from actors.filters import ActorFilterSet, OfficeFilterSet, TenureFilterSet
from config.api_urls import router
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.views.facets import FACETS
from exchange.api.views import EXPORTS
from records.filters import DatedFilterSet
from tests.moscow import moscow_talks

pytestmark = pytest.mark.usefixtures("static_files")

FILTERSETS = {
    "meetings": MeetingFilterSet,
    "statements": StatementFilterSet,
    "actors": ActorFilterSet,
    "topics": TopicFilterSet,
    "places": PlaceFilterSet,
    "series": SeriesFilterSet,
    "sources": SourceFilterSet,
    "offices": OfficeFilterSet,
    "tenures": TenureFilterSet,
    "formulas": FormulaFilterSet,
}
COUNTED = [prefix for prefix, viewset, _name in router.registry if viewset.queryset.model in FACETS]
ONE_PROBLEMS = {"304", "308", "400", "401", "404", "406", "410", "429", "500", "503"}
LIST_PROBLEMS = {"304", "400", "401", "406", "429", "500", "503"}
CHOOSING = {"fields", "omit", "expand"}
#: What editors write and read with their tokens.
DESK = "/api/v1/desk/"


@cache
def written():
    """The schema as it is served."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


@cache
def schema():
    """The schema with parameters, headers and answers where they are referred to."""
    return {**written(), "paths": followed(written()["paths"])}


def followed(value):
    if isinstance(value, list):
        return [followed(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind, _sign, name = value.get("$ref", "").removeprefix("#/components/").partition("/")
    if name and kind != "schemas":
        return followed(written()["components"][kind][name])
    return {key: followed(one) for key, one in value.items()}


def operation(address):
    return schema()["paths"][f"/api/v1/{address}"]["get"]


def conforms(value, described):
    jsonschema.Draft202012Validator(
        {**described, "components": schema()["components"]}, format_checker=jsonschema.FormatChecker()
    ).validate(value)


def body(address, status="200"):
    (content,) = operation(address)["responses"][status]["content"].values()
    return content["schema"]


def component(plural):
    return body(f"{plural}/")["$ref"].rsplit("/", 1)[1]


def whole(described):
    """The schema of a record told whole, out of the choice of that and of a part of it."""
    first, chosen = described["anyOf"]
    assert chosen["title"] == "Chosen"
    return first


def test_schema_is_valid_and_made_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_schema_is_openapi_3_1():
    assert schema()["openapi"] == "3.1.0"


def test_what_operations_have_alike_is_written_once_and_all_of_it_is_referred_to():
    known = {
        f"#/components/{kind}/{name}"
        for kind, some in written()["components"].items()
        for name in some
        if kind != "securitySchemes"
    }
    assert set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(written()))) == known
    twice = [
        Counter(json.dumps(one, sort_keys=True) for one in found if "$ref" not in one).most_common(1)
        for found in (
            [one for operation in operations() for one in operation.get("parameters", [])],
            [one for operation in operations() for status, one in operation["responses"].items() if status >= "3"],
        )
    ]
    assert [times for common in twice for _one, times in common if times > 1] == []


def operations():
    return [operation for item in written()["paths"].values() for operation in item.values()]


@pytest.mark.django_db
def test_schema_is_short_enough_to_be_read_at_once(client):
    whole, readers = (len(client.get(f"/api/v1/schema/{query}").content) for query in ("", "?part=readers"))
    assert whole < 650_000
    assert readers < 400_000


def test_schema_has_every_address():
    expected = {"/api/v1/", "/api/v1/changes/"}
    expected |= {f"/api/v1/{plural}/" for plural in FILTERSETS}
    expected |= {f"/api/v1/{plural}/{{uid}}/" for plural in FILTERSETS}
    expected |= {f"/api/v1/{plural}/facets/" for plural in COUNTED}
    expected |= {f"/api/v1/{plural}/export/" for plural in EXPORTS}
    expected |= {f"/api/v1/{plural}/histogram/" for plural in COUNTED if issubclass(FILTERSETS[plural], DatedFilterSet)}
    assert {path for path in schema()["paths"] if not path.startswith(DESK)} == expected
    assert [prefix for prefix, _viewset, _name in router.registry] == list(FILTERSETS)


def test_only_the_desk_writes():
    methods = {method for path, item in schema()["paths"].items() if not path.startswith(DESK) for method in item}
    assert methods == {"get"}


def test_desk_has_every_kind_and_every_step():
    steps = ("submit", "publish", "return", "withdraw", "merge")
    written = {path.removeprefix(DESK): set(item) for path, item in schema()["paths"].items() if path.startswith(DESK)}
    expected = {}
    for plural in FILTERSETS:
        expected |= {
            f"{plural}/": {"post"},
            f"{plural}/bulk/": {"post"},
            f"{plural}/{{uid}}/": {"get", "patch", "delete"},
        }
        of_one = ("confirm",) if plural in ("offices", "tenures") else ("confirm", *steps)
        expected |= {f"{plural}/{{uid}}/{step}/": {"post"} for step in of_one}
    assert written == expected


@pytest.mark.parametrize("plural", FILTERSETS)
def test_every_operation_of_the_desk_says_what_it_takes_and_answers(plural):
    paths = {path: item for path, item in schema()["paths"].items() if path.startswith(f"{DESK}{plural}/")}
    for path, method, described in [(path, *one) for path, item in paths.items() for one in item.items()]:
        assert described["summary"]
        assert described["description"]
        assert described["security"] == [{"token": []}]
        assert [one["name"] for one in described["parameters"] if not one["description"].strip()] == []
        named = {one["name"] for one in described["parameters"] if one["in"] == "header"}
        assert ("If-Match" in named) == ("{uid}" in path and method != "get")
        assert [status for status, one in described["responses"].items() if not one["description"]] == []
        for content in described.get("requestBody", {}).get("content", {}).values():
            conforms(content["example"], content["schema"])


@pytest.mark.parametrize(("plural", "filterset"), FILTERSETS.items())
def test_list_uses_the_filter_set_of_the_pages_and_describes_every_parameter(plural, filterset):
    viewset = next(viewset for prefix, viewset, _name in router.registry if prefix == plural)
    assert viewset.filterset_class is filterset
    described = {parameter["name"]: parameter for parameter in operation(f"{plural}/")["parameters"]}
    assert set(described) == {*filterset.base_filters, "as_of", "cursor", *CHOOSING}
    assert [name for name, parameter in described.items() if not parameter["description"].strip()] == []
    assert {parameter["name"] for parameter in operation(f"{plural}/{{uid}}/")["parameters"]} == {
        "as_of",
        "uid",
        *CHOOSING,
    }


@pytest.mark.parametrize(("action", "own"), [("facets", {"facet", "limit"}), ("histogram", {"by"})])
def test_counts_take_the_parameters_of_their_list_and_describe_their_own(action, own):
    parameters = operation(f"meetings/{action}/")["parameters"]
    assert {one["name"] for one in parameters} == {*MeetingFilterSet.base_filters, *own}
    assert [one["name"] for one in parameters if not one["description"].strip()] == []


def test_parameter_of_a_closed_list_names_its_values_and_may_be_repeated():
    (mode,) = [parameter for parameter in operation("meetings/")["parameters"] if parameter["name"] == "mode"]
    assert mode == {
        "name": "mode",
        "in": "query",
        "required": False,
        "description": "How the parties met.",
        "schema": {
            "type": "array",
            "items": {"type": "string", "enum": ["in-person", "phone", "video", "correspondence", ""]},
        },
        "style": "form",
        "explode": True,
    }


@pytest.mark.parametrize("plural", FILTERSETS)
def test_every_operation_documents_its_problems(plural):
    assert set(operation(f"{plural}/")["responses"]) == {"200", *LIST_PROBLEMS}
    assert set(operation(f"{plural}/{{uid}}/")["responses"]) == {"200", *ONE_PROBLEMS}
    for address in (f"{plural}/", f"{plural}/{{uid}}/"):
        for status, response in operation(address)["responses"].items():
            assert response["description"] or status == "200"
            if status >= "400":
                assert response["description"]
                ((kind, content),) = response["content"].items()
                assert (kind, content["schema"]) == (
                    "application/problem+json",
                    {"$ref": "#/components/schemas/Problem"},
                )
                conforms(content["example"], content["schema"])
                assert content["example"]["status"] == int(status)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_is():
    operations = [one for item in schema()["paths"].values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert [one["operationId"] for one in operations if not (one.get("summary") and one.get("description"))] == []


def test_no_field_of_an_answer_is_optional():
    optional = {
        f"{name}.{field}"
        for name, component in schema()["components"]["schemas"].items()
        # What is sent names what it likes; the form of an actor has other rows for each kind.
        if name != "Problem" and not name.endswith(("Written", "AtDesk"))
        for field in component.get("properties", {})
        if field not in component.get("required", [])
    }
    assert optional == set()


@pytest.mark.parametrize("address", ["meetings/", "statements/", "meetings/{uid}/", "statements/{uid}/"])
def test_examples_conform_to_the_schema(address):
    (content,) = operation(address)["responses"]["200"]["content"].values()
    examples = content["examples"]
    assert examples
    for example in examples.values():
        conforms(example["value"], content["schema"])


@pytest.mark.django_db
def test_answers_conform_to_the_schema(client):
    moscow_talks()
    root = client.get("/api/v1/").json()
    conforms(root, body(""))
    for plural in COUNTED:
        conforms(client.get(f"/api/v1/{plural}/facets/").json(), body(f"{plural}/facets/"))
    conforms(client.get("/api/v1/meetings/histogram/?by=month").json(), body("meetings/histogram/"))
    for plural in FILTERSETS:
        page = client.get(f"/api/v1/{plural}/?page_size=1").json()
        conforms(page, body(f"{plural}/"))
        for record in page["results"]:
            conforms(
                record, whole(schema()["components"]["schemas"][component(plural)]["properties"]["results"]["items"])
            )
        assert page["results"], plural
        for record in page["results"]:
            conforms(client.get(record["url"]).json(), whole(body(f"{plural}/{{uid}}/")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "described"),
    [
        ("meetings/?mode=telepathy&x=1", "meetings/"),
        ("meetings/?cursor=x", "meetings/"),
        ("meetings/0123456789/", "meetings/{uid}/"),
    ],
)
def test_problems_conform_to_the_schema(client, address, described):
    response = client.get(f"/api/v1/{address}")
    conforms(response.json(), body(described, str(response.status_code)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("application/yaml", "application/yaml"),
    ],
)
def test_schema_is_served_as_json_or_yaml(client, accept, given):
    response = client.get("/api/v1/schema/", HTTP_ACCEPT=accept)
    assert (response.status_code, response["Content-Type"].split(";")[0]) == (200, given)


@pytest.mark.django_db
def test_parts_of_the_schema_are_the_whole_of_it(client):
    whole, readers, desk = (
        client.get(f"/api/v1/schema/{query}").json() for query in ("", "?part=readers", "?part=desk")
    )

    assert readers["paths"] | desk["paths"] == whole["paths"]
    for kind, known in whole["components"].items():
        assert readers["components"].get(kind, {}) | desk["components"].get(kind, {}) == known
    for part in (readers, desk):
        names = re.findall(r'"#/components/(\w+)/([^"]*)"', json.dumps(part))
        assert [(kind, name) for kind, name in names if name not in part["components"][kind]] == []
    assert "MeetingWritten" not in readers["components"]["schemas"]
    assert {path.startswith("/api/v1/desk/") for path in readers["paths"]} == {False}
    assert {path.startswith("/api/v1/desk/") for path in desk["paths"]} == {True}
    assert list(client.get("/api/v1/schema/?part=nobody").json()["errors"]) == ["part"]


@pytest.mark.django_db
def test_docs_page_takes_all_from_this_site_under_the_policy_of_every_page(client, static_files):
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert 'data-schema="/api/v1/schema/?part=readers"' in page
    assert [sign for sign in ("://", "<style", " style=", "<script>", "onload=") if sign in page] == []
    policy = client.get("/api/v1/")["Content-Security-Policy"]
    assert sorted(response["Content-Security-Policy"].split("; ")) == sorted(policy.split("; "))
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_docs_page_refuses_as_the_rest_of_the_api_does():
    response = Client(enforce_csrf_checks=True).post("/api/v1/docs/")
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
