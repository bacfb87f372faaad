"""How answers of the API are written into bytes, and made small."""

import gzip
import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import brotli
import pytest
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer as FrameworksRenderer

from records.api.compression import takes_brotli
from records.api.rendering import JSONRenderer
from tests.factories import MeetingFactory

ANYTHING = {
    "text": 'Переговоры \u2028 "quoted" \x01',
    "none": None,
    "numbers": [1, -1.5, 10**30, Decimal("1.50")],
    "moment": datetime(2024, 11, 12, 9, 30, 0, 5000, tzinfo=UTC),
    "day": datetime(2024, 11, 12, tzinfo=UTC).date(),
    "uid": uuid.UUID(int=7),
    "lazy": gettext_lazy("Date"),
    "rows": ({"empty": {}}, []),
}


@pytest.mark.parametrize("data", [ANYTHING, {**ANYTHING, "numbers": [1.5]}, [], "", None])
def test_json_says_what_the_framework_would_say(data):
    ours, theirs = JSONRenderer().render(data), FrameworksRenderer().render(data)
    assert (json.loads(ours) if ours else ours) == (json.loads(theirs) if theirs else theirs)


def test_indent_that_was_asked_for_is_given():
    assert JSONRenderer().render({"a": 1}, "application/json; indent=2") == b'{\n  "a": 1\n}'


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [("br", True), ("gzip, br;q=0.8", True), ("gzip, deflate, BR; q=1.0", True),
     ("br;q=0", False), ("gzip, br; q=0.000", False), ("gzip", False), ("", False), ("brotli", False)],
)  # fmt: skip
def test_brotli_is_taken_where_it_is_named_and_has_weight(accepted, takes):
    assert takes_brotli(accepted) is takes


@pytest.mark.django_db
def test_api_answers_in_brotli_or_gzip_and_both_are_the_same_answer(client):
    for _number in range(3):
        MeetingFactory()

    def told(accepted):
        return client.get("/api/v1/meetings/", headers={"accept-encoding": accepted})

    plain, small, zipped = told("identity"), told("gzip, deflate, br, zstd"), told("gzip")

    assert [one.headers.get("Content-Encoding") for one in (plain, small, zipped)] == [None, "br", "gzip"]
    assert brotli.decompress(small.content) == gzip.decompress(zipped.content) == plain.content
    assert len(small.content) == int(small["Content-Length"]) < len(zipped.content)
    assert all("Accept-Encoding" in one["Vary"] for one in (plain, small, zipped))
    assert small["ETag"] == f"W/{plain['ETag']}"
    again = client.get("/api/v1/meetings/", headers={"accept-encoding": "br", "if-none-match": small["ETag"]})
    assert (again.status_code, again.content, again.has_header("Content-Encoding")) == (304, b"", False)


@pytest.mark.django_db
def test_export_is_sent_in_brotli_while_it_is_read(client):
    MeetingFactory(title="Talks in Astana")

    def told(accepted):
        response = client.get("/api/v1/meetings/export/?format=csv", headers={"accept-encoding": accepted})
        return response, b"".join(response.streaming_content)

    plain, rows = told("identity")
    small, compressed = told("br")

    assert "Talks in Astana" in rows.decode()
    assert brotli.decompress(compressed) == rows
    assert (plain.has_header("Content-Encoding"), small["Content-Encoding"]) == (False, "br")
    assert not small.has_header("Content-Length")


@pytest.mark.django_db
@pytest.mark.usefixtures("static_files")
def test_pages_which_hold_tokens_of_forms_are_not_sent_in_brotli(client):
    assert client.get("/meetings/", headers={"accept-encoding": "gzip, br"})["Content-Encoding"] == "gzip"
