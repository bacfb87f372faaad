"""What every address of the API does alike: errors, methods, formats, cursors, merged and withdrawn records."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.urls import include, path
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from events.models import Meeting
from records.api.views import ApiView
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LISTS = (
    "meetings",
    "statements",
    "actors",
    "topics",
    "places",
    "series",
    "sources",
    "offices",
    "tenures",
    "formulas",
)


class Never(BaseThrottle):
    def allow_request(self, request, view):
        return False

    def wait(self):
        return 7


class FailingView(ApiView):
    def get(self, request):
        raise RuntimeError("A fault of ours.")


class ThrottledView(ApiView):
    throttle_classes = [Never]

    def get(self, request):
        return Response({})


class SlowView(ApiView):
    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(10)")


urlpatterns = [
    path("api/v1/fails/", FailingView.as_view()),
    path("api/v1/throttled/", ThrottledView.as_view()),
    path("api/v1/slow/", SlowView.as_view()),
    path("", include("config.urls")),
]


def get(client, address, **extra):
    return client.get(f"/api/v1/{address}", **extra)


def problem(response, *, leave_out=()):
    assert response["Content-Type"] == "application/problem+json"
    return {name: value for name, value in response.json().items() if name not in leave_out}


def walk(client, address, *, link="next"):
    """All pages from an address on, as lists of uids."""
    pages = []
    while address:
        assert len(pages) < 50, "the pages go round in a circle"
        page = client.get(address).json()
        pages.append([record["uid"] for record in page["results"]])
        address = page[link]
    return pages


# Errors


@pytest.mark.parametrize("plural", LISTS)
def test_unknown_parameter_is_named_with_those_that_exist(client, plural):
    response = get(client, f"{plural}/?actr=1")
    told = problem(response)
    assert response.status_code == told["status"] == 400
    assert (told["type"], told["title"], told["instance"]) == (
        "urn:readout:problem:invalid-request",
        "Bad Request",
        f"/api/v1/{plural}/",
    )
    assert list(told["errors"]) == ["actr"]
    assert {"q", "order", "page_size", "cursor", "updated_since", "format"} <= set(told["parameters"])
    assert "page" not in told["parameters"]


def test_page_numbers_of_the_pages_are_refused(client):
    assert list(problem(get(client, "meetings/?page=2"))["errors"]) == ["page"]


def test_unknown_value_is_named_with_those_allowed(client):
    told = problem(get(client, "meetings/?mode=telepathy&status=held"))
    assert told["allowed"] == {"mode": ["in-person", "phone", "video", "correspondence"]}
    assert told["errors"] == {
        "mode": ["mode: “telepathy” is not one of the allowed values: in-person, phone, video, correspondence."]
    }


def test_every_wrong_parameter_is_named_at_once(client):
    told = problem(get(client, "meetings/?from=soon&actor=nobody&page_size=0"))
    assert sorted(told["errors"]) == ["actor", "from", "page_size"]


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("", ["format"]),
        ("schema/", ["format", "part"]),
        ("actors/0000000000/", ["as_of", "expand", "fields", "format", "omit"]),
    ],
)
def test_address_without_filters_takes_no_parameters(client, address, known):
    told = problem(get(client, f"{address}?actor=1"))
    assert (told["status"], told["errors"], told["parameters"]) == (400, {"actor": ["Unknown parameter."]}, known)


@pytest.mark.parametrize("typed", ["0123456789", "no-such-id", "%00", "a%2Fb", "..", "💥", "x" * 3000])
def test_unknown_id_is_not_found(client, typed):
    response = get(client, f"meetings/{typed}/")
    assert problem(response, leave_out=["instance"]) == {
        "type": "urn:readout:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": response.json()["detail"],
    }


@pytest.mark.parametrize("state", ["draft", "review"])
def test_draft_is_told_exactly_as_an_id_that_was_never_given(client, state):
    draft = factories.MeetingFactory(state=state)
    hidden, unknown = get(client, f"meetings/{draft.uid}/"), get(client, "meetings/0123456789/")
    assert problem(hidden, leave_out=["instance"]) == problem(unknown, leave_out=["instance"])
    assert dict(hidden.headers) == {**unknown.headers, "Content-Length": hidden["Content-Length"]}
    assert get(client, "meetings/").json()["count"] == 0


@pytest.mark.parametrize(
    "address", ["nothing/", "nothing", "meetings/0123456789/parts/", "docs/more/", "../", "../v2/meetings/"]
)
def test_address_that_does_not_exist_is_a_problem_document(client, address):
    assert problem(get(client, address))["detail"] == "The API has no such address. Its root lists those it has."
    assert client.post(f"/api/v1/{address}").status_code == 404


def test_address_without_its_last_slash_leads_to_the_one_with_it(client):
    response = get(client, "meetings?kind=summit")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/meetings/?kind=summit")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("one", [False, True])
def test_reading_addresses_refuse_writing_and_change_nothing(client, method, one):
    meeting = factories.MeetingFactory(title="Talks in Moscow")
    response = getattr(client, method)(f"/api/v1/meetings/{meeting.uid + '/' if one else ''}", "{", "application/json")
    assert problem(response)["status"] == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert list(Meeting.objects.values_list("title", "version")) == [("Talks in Moscow", 1)]


@pytest.mark.parametrize("address", ["", "meetings/", "nothing/", "meetings/0123456789/"])
def test_head_has_the_headers_of_get_and_no_body(client, address):
    asked, headed = get(client, address), client.head(f"/api/v1/{address}")
    assert headed.status_code == asked.status_code
    assert headed["Content-Type"] == asked["Content-Type"]
    assert headed.content == b""


@pytest.mark.parametrize("address", ["", "meetings/", "meetings/0123456789/"])
def test_options_names_the_methods(client, address):
    response = client.options(f"/api/v1/{address}")
    assert (response.status_code, response["Allow"], response.content) == (204, "GET, HEAD, OPTIONS", b"")


@pytest.mark.parametrize("accept", ["text/csv", "image/png", "application/xml;q=0.9", "nonsense", ";;;"])
def test_format_that_is_not_there_is_not_acceptable(client, accept):
    assert problem(get(client, "meetings/", HTTP_ACCEPT=accept))["status"] == 406


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html,*/*;q=0.8", "application/*"])
def test_json_is_what_everyone_gets(client, accept):
    assert get(client, "meetings/", HTTP_ACCEPT=accept)["Content-Type"] == "application/json"


def test_unknown_format_is_named_with_those_allowed(client):
    told = problem(get(client, "meetings/?format=xml"))
    assert (told["errors"], told["allowed"]) == (
        {"format": ["There is no such format here. Choose one of: json."]},
        {"format": ["json"]},
    )
    assert get(client, "meetings/?format=json").status_code == 200


@pytest.mark.urls(__name__)
def test_fault_of_ours_is_a_problem_document_that_tells_nothing_of_the_inside(client, caplog):
    client.raise_request_exception = False
    assert problem(get(client, "fails/")) == {
        "type": "urn:readout:problem:internal-error",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something went wrong on our side. It has been written to the log.",
        "instance": "/api/v1/fails/",
    }
    assert "A fault of ours." in caplog.text


@pytest.mark.urls(__name__)
def test_throttled_client_is_told_how_long_to_wait(client):
    response = get(client, "throttled/")
    assert (problem(response)["type"], response["Retry-After"]) == ("urn:readout:problem:too-many-requests", "7")


@pytest.mark.urls(__name__)
def test_question_that_takes_too_long_is_answered_politely(client):
    assert problem(get(client, "slow/")) == {
        "type": "urn:readout:problem:took-too-long",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The question took longer than the time limit. Narrow it with more filters.",
        "instance": "/api/v1/slow/",
    }


def test_query_string_of_too_many_parameters_is_refused(client):
    assert problem(get(client, f"meetings/?{'&'.join(f'a{n}=1' for n in range(2000))}"))["status"] == 400


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plural=st.sampled_from(LISTS),
    query=st.dictionaries(
        st.sampled_from(["q", "from", "to", "order", "page_size", "cursor", "updated_since", "format", "kind", "actor"])
        | st.text(max_size=6),
        st.text(max_size=30),
        max_size=4,
    ),
)
def test_any_query_string_is_answered_or_refused_by_name(client, plural, query):
    response = client.get(f"/api/v1/{plural}/", {key: value.encode("utf-8", "replace") for key, value in query.items()})
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert problem(response)["errors"]


def test_errors_are_in_the_language_that_was_asked_for_and_say_so(client):
    response = get(client, "meetings/0123456789/", HTTP_ACCEPT_LANGUAGE="en")
    assert response["Content-Language"] == "en"
    assert "Accept-Language" in response["Vary"]


# Merged and withdrawn records


def test_merged_record_leads_to_its_survivor(client):
    survivor = factories.PersonFactory(uid="aaaaaaaaaa", name="Wang Yi")
    middle = factories.PersonFactory(merged_into=survivor)
    merged = factories.PersonFactory(uid="bbbbbbbbbb", merged_into=middle)
    response = get(client, f"actors/{merged.uid}/?format=json")
    there = "http://testserver/api/v1/actors/aaaaaaaaaa/"
    assert (response.status_code, response["Location"]) == (308, f"{there}?format=json")
    assert response.json() == {"uid": "aaaaaaaaaa", "url": there}
    assert client.get(response["Location"]).json()["name"] == "Wang Yi"


def test_id_typed_otherwise_leads_to_its_spelling(client):
    factories.PersonFactory(uid="abc0000001")
    assert get(client, "actors/ABCOOOOOOl/")["Location"] == "http://testserver/api/v1/actors/abc0000001/"


def test_withdrawn_record_says_why(client):
    meeting = factories.MeetingFactory(uid="aaaaaaaaaa")
    meeting.state, meeting.withdrawal_reason = "withdrawn", "It never took place."
    meeting.save()
    response = get(client, "meetings/aaaaaaaaaa/")
    assert response.status_code == 410
    assert problem(response) == {
        "type": "urn:readout:problem:withdrawn",
        "title": "Gone",
        "status": 410,
        "detail": "This record was public once. It is no more, for the reason given.",
        "instance": "/api/v1/meetings/aaaaaaaaaa/",
        "uid": "aaaaaaaaaa",
        "reason": "It never took place.",
    }


# Cursors


@pytest.fixture
def meetings():
    """Seven meetings with ties, an open start and unknown dates, entered in no order of time."""
    dates = {5: "2023-02-21", 3: "2022-01-01", 1: "../2021", 4: "2022", 7: "", 2: "2022-01-01", 6: ""}
    for number, edtf in dates.items():
        factories.MeetingFactory(uid=f"mtg000000{number}", date=edtf)
    return [f"mtg000000{number}" for number in ORDERS["date"]]


# Ties and unknown dates follow the order of entry.
ORDERS = {
    "date": [1, 3, 4, 2, 5, 7, 6],
    "-date": [5, 2, 4, 3, 1, 6, 7],
    "updated": [5, 3, 1, 4, 7, 2, 6],
    "-updated": [6, 2, 7, 4, 1, 3, 5],
}


@pytest.mark.parametrize(
    ("order", "size"), [*((order, 2) for order in ORDERS), ("date", 1), ("-date", 3), ("updated", 7)]
)
def test_cursor_walks_every_order_forwards_and_back(client, meetings, order, size):
    expected = [f"mtg000000{n}" for n in ORDERS[order]]
    first = f"/api/v1/meetings/?order={order}&page_size={size}"
    pages = walk(client, first)
    assert pages == [expected[start : start + size] for start in range(0, 7, size)]

    page = client.get(first).json()
    while page["next"]:
        page = client.get(page["next"]).json()
    back = [[record["uid"] for record in page["results"]]]
    back += walk(client, page["previous"], link="previous") if page["previous"] else []
    assert [uid for one in reversed(back) for uid in one] == expected


def test_first_page_has_no_previous_and_last_no_next(client, meetings):
    first = get(client, "meetings/?page_size=4").json()
    last = client.get(first["next"]).json()
    assert (first["previous"], last["next"], first["count"], last["count"]) == (None, None, 7, 7)
    assert client.get(last["previous"]).json() == first


def test_empty_list_has_neither_page(client):
    assert get(client, "meetings/").json() == {
        "count": 0,
        "count_is_exact": True,
        "next": None,
        "previous": None,
        "results": [],
    }


def test_rows_added_and_removed_meanwhile_shift_no_page(client, meetings):
    first = get(client, "meetings/?order=date&page_size=3").json()
    factories.MeetingFactory(uid="early00001", date="2020")
    factories.MeetingFactory(uid="tied000001", date="2022-01-01")
    factories.MeetingFactory(uid="drft000001", date="2022-06", state="draft")
    Meeting.objects.filter(uid__in=["mtg0000001", "mtg0000003", "mtg0000005"]).update(state="draft")
    assert walk(client, first["next"]) == [["mtg0000002", "tied000001", "mtg0000007"], ["mtg0000006"]]


def test_client_at_the_end_turns_round_when_all_that_followed_is_gone(client, meetings):
    first = get(client, "meetings/?order=date&page_size=5").json()
    Meeting.objects.filter(date="").update(state="draft")
    empty = client.get(first["next"]).json()
    assert (empty["results"], empty["next"]) == ([], None)
    assert client.get(empty["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("plural", ["meetings", "actors", "sources"])
def test_relevance_is_walked_like_any_order(client, plural):
    for letter in "abcde":
        factories.MeetingFactory(title=f"Talks {letter} of Wang", summary="Wang " * "ab".count(letter))
        factories.PersonFactory(name=f"Wang {letter}")
        factories.SourceFactory(title=f"Wang {letter}")
    (everything,) = walk(client, f"/api/v1/{plural}/?q=wang")
    assert len(everything) == 5
    assert walk(client, f"/api/v1/{plural}/?q=wang&page_size=1") == [[uid] for uid in everything]


@pytest.mark.parametrize("plural", ["actors", "topics", "places", "series", "formulas"])
def test_names_in_many_scripts_are_walked_in_order(client, plural):
    factory = {
        "actors": factories.PersonFactory,
        "topics": factories.TopicFactory,
        "places": factories.PlaceFactory,
        "series": factories.SeriesFactory,
        "formulas": factories.FormulaFactory,
    }[plural]
    for name in ("Wang Yi", "wang yi", "Élysée", "王毅", "Ван И", 'a "quoted" name', "z" * 200):
        factory(name=name)
    for order in ("name", "-name"):
        (everything,) = walk(client, f"/api/v1/{plural}/?order={order}")
        assert walk(client, f"/api/v1/{plural}/?order={order}&page_size=1") == [[uid] for uid in everything]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: "x" + cursor,
        lambda cursor: cursor.split(":")[0],
        lambda cursor: "nonsense",
        lambda cursor: "💥" * 100,
        lambda cursor: f"{cursor}&cursor={cursor}",
    ],
)
def test_cursor_that_we_did_not_write_is_refused(client, meetings, spoil):
    link = urlsplit(get(client, "meetings/?page_size=2").json()["next"])
    cursor = parse_qs(link.query)["cursor"][0]
    told = problem(get(client, f"meetings/?page_size=2&cursor={spoil(cursor)}"))
    assert (told["status"], list(told["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize(
    "other", ["meetings/?order=-date", "meetings/?order=date&status=held", "statements/?order=date"]
)
def test_cursor_of_another_list_is_refused(client, meetings, other):
    link = urlsplit(get(client, "meetings/?order=date&page_size=2").json()["next"])
    cursor = parse_qs(link.query)["cursor"][0]
    told = problem(get(client, f"{other}&cursor={cursor}"))
    assert (told["status"], list(told["errors"])) == (400, ["cursor"])


def test_page_size_may_change_on_the_way(client, meetings):
    link = get(client, "meetings/?order=date&page_size=2").json()["next"]
    assert walk(client, link.replace("page_size=2", "page_size=4")) == [meetings[2:6], meetings[6:]]


# Root


def test_root_lists_addresses_that_answer(client):
    root = get(client, "").json()
    assert list(root) == [*LISTS, "changes", "schema", "docs"]
    for name in LISTS:
        assert root[name] == f"http://testserver/api/v1/{name}/"
        assert client.get(root[name]).json() == {
            "count": 0,
            "count_is_exact": True,
            "next": None,
            "previous": None,
            "results": [],
        }


def test_editor_who_is_logged_in_reads_what_everyone_reads(client, editor):
    client.force_login(editor)
    draft = factories.StateFactory(state="draft", name="China")
    assert get(client, "actors/").json()["count"] == 0
    assert get(client, f"actors/{draft.uid}/").status_code == 404
