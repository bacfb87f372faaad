"""Files of a list: their cells, their limits, what is refused, and that they are the same as the API."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from django.conf import settings
from django.db import connection, transaction
from icalendar import Calendar

from events.api import serializers
from events.models import Citation, Meeting
from exchange.exports import sheets
from exchange.exports.kinds import KINDS
from exchange.exports.sheets import unprotected
from exchange.seeds.services import load_seeds
from records.api.plans import Plan
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, SourceFactory, TopicFactory
from tests.moscow import moscow_talks

pytestmark = pytest.mark.django_db

#: The whole form of the kinds whose flat form holds more than a list of the API shows.
WHOLE = {
    "meeting": serializers.MeetingDetailSerializer,
    "statement": serializers.StatementDetailSerializer,
    "formula": serializers.FormulaDetailSerializer,
}


def rows_of(content):
    return [
        {name: unprotected(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(content, newline=""))
    ]


def file_of(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200, response.content
    return response.getvalue().decode()


# A second way from a record to its row: from what the API shows, by hand.


def flat(kind, shown):
    row = {}
    for name in kind.table.names:
        row[name] = FLAT.get(name, plain)(shown, name)
    return row


def plain(shown, name):
    if name in shown:
        value = shown[name]
        if isinstance(value, dict):
            return value.get("name") or value.get("title") or ""
        return moment(value) if name.endswith("_at") else value
    for suffix in ("edtf", "earliest", "latest", "certain"):
        if name.endswith(f"_{suffix}"):
            return shown[name.removesuffix(f"_{suffix}")][suffix]
    if name.endswith("_uid"):
        return (shown[name.removesuffix("_uid")] or {}).get("uid")
    raise KeyError(name)


def moment(text):
    return text and datetime.fromisoformat(text)


def beside(values):
    texts = ["" if value is None else str(value).replace("|", "¦") for value in values]
    return " | ".join(texts) if any(texts) else ""


def part(field, of):
    return lambda shown, _name: beside(of(one) for one in shown[field])


def offices(one):
    return "; ".join(f"{held['office']['name']}, {held['office']['body']['name']}" for held in one["tenures"])


def bodies(one):
    return "; ".join(held["office"]["body"]["uid"] for held in one["tenures"])


def sources(of):
    def cell(shown, _name):
        citations = list(shown["citations"])
        for one in shown.get("participations", []):
            citations += one["citations"]
        found = {one["source"]["uid"]: one["source"] for one in citations}
        return beside(of(found[uid]) for uid in sorted(found))

    return cell


FLAT = {
    "url": lambda shown, _name: shown["html_url"],
    "country": lambda shown, _name: shown["country"] if "country" in shown else (shown["place"] or {}).get("country"),
    "open_points": part("open_points", str),
    "participants": part("participations", lambda one: one["actor"]["name"] if one["actor"] else one["name_as_given"]),
    "participant_uids": part("participations", lambda one: one["actor"] and one["actor"]["uid"]),
    "participant_roles": part("participations", lambda one: one["role"]),
    "participant_sides": part("participations", lambda one: one["side"]),
    "participant_offices": part("participations", offices),
    "participant_office_body_uids": part("participations", bodies),
    "participant_on_behalf_of_uids": part("participations", lambda one: (one["on_behalf_of"] or {}).get("uid")),
    "participant_capacities": part("participations", lambda one: one["capacity"]),
    "participant_on_behalf_of": part("participations", lambda one: (one["on_behalf_of"] or {}).get("name")),
    "participant_attendance": part("participations", lambda one: one["attendance"]),
    "topics": part("topics", lambda one: one.get("topic", one)["name"]),
    "topic_uids": part("topics", lambda one: one.get("topic", one)["uid"]),
    "stances": part("topics", lambda one: one["stance"]),
    "speakers": part("speakers", lambda one: one["actor"]["name"] if one["actor"] else one["name_as_given"]),
    "speaker_uids": part("speakers", lambda one: one["actor"] and one["actor"]["uid"]),
    "speaker_roles": part("speakers", lambda one: one["role"]),
    "names": part("names", lambda one: one["text"]),
    "name_languages": part("names", lambda one: one["language"]),
    "name_kinds": part("names", lambda one: one["kind"]),
    "identifiers": part("identifiers", lambda one: f"{one['scheme']}:{one['value']}"),
    "labels": part("labels", lambda one: one["text"]),
    "label_languages": part("labels", lambda one: one["language"]),
    "variants": part("variants", lambda one: one["text"]),
    "variant_languages": part("variants", lambda one: one["language"]),
    "first_users": part("first_users", lambda one: one["name"]),
    "first_user_uids": part("first_users", lambda one: one["uid"]),
    "source_uids": sources(lambda one: one["uid"]),
    "sources": sources(lambda one: f"{one['publisher']}: {one['title'] or one['document_url'] or one['archived_url']}"),
    "source_urls": sources(lambda one: one["document_url"]),
}


def read(kind, row):
    kinds = {column.name: column.kind for column in kind.table.columns}
    readers = {
        "boolean": lambda text: text == "true",
        "number": lambda text: float(text) if text else None,
        "moment": moment,
        "date": lambda text: text or None,
    }
    return {name: readers.get(kinds[name], lambda text: text or None)(text) for name, text in row.items()}


def comparable(row):
    return {name: value if isinstance(value, bool) or value not in ("",) else None for name, value in row.items()}


def shown_by_the_api(kind):
    records = kind.filters({}).qs
    plan = Plan.of(WHOLE.get(kind.name, kind.serializer))
    return json.loads(json.dumps(list(plan.each(records, "http://testserver", batch=100)), default=str))


def test_every_row_of_the_seeds_is_what_the_api_shows_of_the_record(client):
    with transaction.atomic():
        load_seeds(Path(settings.BASE_DIR) / "seeds")
        for kind in KINDS.values():
            found = rows_of(file_of(client, f"/{kind.plural}/export/", format="csv"))

            shown = [comparable(flat(kind, one)) for one in shown_by_the_api(kind)]

            assert len(found) > 3
            for row, expected in zip(found, shown, strict=True):
                assert read(kind, row) == expected
        transaction.set_rollback(True)


def test_row_of_the_moscow_talks_reads_as_a_person_expects(client):
    moscow_talks()

    row = next(row for row in rows_of(file_of(client, "/meetings/export/", format="csv")) if row["round"])

    assert {
        name: row[name]
        for name in ("uid", "url", "title", "date_edtf", "date_certain", "place", "place_uid", "round", "part_of")
    } == {
        "uid": "mtg0000001",
        "url": "http://testserver/meetings/mtg0000001/",
        "title": "Wang Yi and Nikolai Patrushev",
        "date_edtf": "2023-02-21",
        "date_certain": "true",
        "place": "Moscow",
        "place_uid": "msk0000001",
        "round": "18",
        "part_of": "Visit of Wang Yi",
    }
    assert row["participants"].split(" | ")[:2] == ["Nikolai Patrushev", "Wang Yi"]
    assert row["participant_offices"].split(" | ")[0] == "Secretary, Security Council"


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("'No limits'", "''No limits'"),
        ("A = B", "A = B"),
        ('He said "no", twice', 'He said "no", twice'),
        ("two\nlines", "two\nlines"),
    ],
)
def test_cell_that_a_spreadsheet_would_calculate_is_protected_and_comes_back(client, title, cell):
    Meeting.objects.create(title=title, kind="bilateral", state="published")

    content = file_of(client, "/meetings/export/", format="csv")

    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    assert row["title"] == cell
    assert unprotected(row["title"]) == title


def test_names_with_the_separator_stay_one_item(client):
    ParticipationFactory(meeting=MeetingFactory(), actor=PersonFactory(name="A | B"))

    (row,) = rows_of(file_of(client, "/meetings/export/", format="csv"))

    assert row["participants"] == "A ¦ B"


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "bibtex"])
def test_file_of_nothing_is_a_file(client, form):
    assert client.get("/meetings/export/", {"format": form, "topic_exact": TopicFactory().uid}).getvalue()


def test_byte_order_mark_stands_where_it_is_asked_for(client):
    assert file_of(client, "/meetings/export/", format="csv", bom="true").startswith("\ufeffuid,")
    assert file_of(client, "/meetings/export/", format="csv").startswith("uid,")


def sheet(content, number):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    return [["".join(cell.itertext()) for cell in row.iter(f"{name}c")] for row in tree.iter(f"{name}row")]


def test_workbook_holds_the_rows_of_the_csv_and_what_they_are(client, static_files):
    moscow_talks()
    MeetingFactory(title="=1+1 & <b> \x07 王毅 _x0041_")

    content = client.get("/meetings/export/", {"format": "xlsx"}).getvalue()

    head, *rows = sheet(content, 1)
    expected = rows_of(file_of(client, "/meetings/export/", format="csv"))
    as_csv = [dict(zip(head, row, strict=True)) for row in rows]
    for row, wanted in zip(as_csv, expected, strict=True):
        wanted["date_certain"] = "1" if wanted["date_certain"] == "true" else "0"
        wanted["title"] = wanted["title"].replace("_x0041_", "_x005F_x0041_").replace("\x07", "_x0007_")
        assert row == wanted
    assert ["title", "Readout: meetings"] in sheet(content, 2)


def test_workbook_opens_with_wide_columns_a_head_that_stays_and_long_texts_wrapped(client, static_files):
    MeetingFactory(title="Talks", summary="They met. " * 200, date="2023-02")

    content = client.get("/meetings/export/", {"format": "xlsx"}).getvalue()

    book = openpyxl.load_workbook(io.BytesIO(content))
    rows, about = book["Rows"], book["About"]
    names = [cell.value for cell in rows[1]]
    title = rows.cell(2, names.index("title") + 1)
    letters = {name: rows.cell(1, place).column_letter for place, name in enumerate(names, start=1)}
    assert rows.freeze_panes == "A2"
    assert (title.value, title.data_type, title.alignment.wrap_text, title.alignment.vertical) == (
        "Talks",
        "s",
        True,
        "top",
    )
    assert all(cell.font.b for cell in rows[1])
    assert not title.font.b
    assert rows.row_dimensions[2].height == 45
    assert [rows.column_dimensions[letters[name]].width for name in ("uid", "title", "date_edtf", "version")] == [
        13, 60, 24, 10,
    ]  # fmt: skip
    assert all(rows.column_dimensions[letters[name]].width >= len(name) + 2 for name in names)
    assert [about.column_dimensions[letter].width for letter in "AB"] == [30, 60]


def test_cell_longer_than_excel_allows_is_cut_in_its_own_count():
    assert sheets.fitting("a" * 32_767) == "a" * 32_767
    cut = sheets.fitting("🕊" * 20_000)
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.endswith("the address of the row has the whole]")


def test_more_rows_than_a_sheet_holds_are_refused_in_words(client, monkeypatch, static_files):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    for _number in range(3):
        MeetingFactory()

    answer = client.get("/api/v1/meetings/export/", {"format": "xlsx"})
    page = client.get("/meetings/export/", {"format": "xlsx"})

    words = "a sheet of Excel holds 2 rows, and more were found. Narrow the list, or take CSV."
    assert (answer.status_code, page.status_code) == (400, 400)
    assert answer.json()["errors"] == {"format": [f"format: {words}"]}
    assert words in page.content.decode()


def test_json_is_the_list_of_the_api_under_what_it_is(client):
    moscow_talks()
    listed = client.get("/api/v1/meetings/?page_size=200").json()["results"]

    whole = json.loads(file_of(client, "/api/v1/meetings/export/", format="json", mode="in-person"))
    lines = file_of(client, "/api/v1/meetings/export/", format="jsonl")

    assert [json.loads(line) for line in lines.splitlines()] == listed
    assert whole["results"] == [one for one in listed if one["mode"] == "in-person"]
    assert whole["about"]["url"] == "http://testserver/meetings/?mode=in-person"
    assert whole["about"]["filter"] == [
        {"parameter": "mode", "value": "in-person", "label": "Mode", "meaning": "in person"}
    ]


def test_calendar_is_the_filtered_list_and_says_what_it_leaves_out(client):
    MeetingFactory(title="Talks in Moscow", date="2023-02-21/2023-02-22")
    MeetingFactory(title="Call", date="2023-04")
    MeetingFactory(title="Summit", date="2023")
    MeetingFactory(title="Next year", date="2024-01-01")
    MeetingFactory(title="Secret", date="2023-03-01", state="draft")

    page, api = (file_of(client, f"{place}meetings/export/", format="ics", to="2023") for place in ("/", "/api/v1/"))

    calendar = Calendar.from_ical(page)
    assert api == page
    assert {(str(one["summary"]), one["dtstart"].dt, one["dtend"].dt) for one in calendar.walk("VEVENT")} == {
        ("Talks in Moscow", date(2023, 2, 21), date(2023, 2, 23)),
        ("Call (date uncertain: April 2023)", date(2023, 4, 1), date(2023, 5, 1)),
    }
    assert str(calendar["description"]) == "1 meeting is not shown: its date is not known to the month."


def test_calendar_is_offered_of_meetings_alone(client):
    answer = client.get("/api/v1/actors/export/?format=ics")

    assert answer.status_code == 400
    assert "ics" not in answer.json()["allowed"]["format"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "bibtex", "ics"])
def test_file_costs_the_same_queries_for_one_row_and_for_three(client, form, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(40) as asked:
            client.get("/meetings/export/", {"format": form}).getvalue()
        return len(asked)

    moscow_talks()
    once = queries()
    for _number in range(3):
        Citation.objects.create(source=SourceFactory(), meeting=ParticipationFactory().meeting)

    assert queries() == once


def test_what_is_refused_keeps_what_was_asked(client, static_files):
    page = client.get("/meetings/export/?mode=phone&format=tsv&q=%E7%8E%8B")

    assert page.status_code == 400
    text = page.content.decode()
    assert "format: choose one of: csv, xlsx, json, jsonl, bibtex, ris, csl, ics, about." in text
    assert 'href="/meetings/?mode=phone&amp;q=%E7%8E%8B"' in text
    assert 'href="/meetings/export/?mode=phone&amp;q=%E7%8E%8B&amp;format=csv"' in text


def test_filter_that_is_wrong_is_refused_in_the_words_of_the_list(client, static_files):
    answer = client.get("/api/v1/meetings/export/?format=csv&mode=fax")
    page = client.get("/meetings/export/?format=csv&mode=fax")

    assert (answer.status_code, page.status_code) == (400, 400)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["allowed"] == {"mode": ["in-person", "phone", "video", "correspondence"]}
    assert "“fax” is not one of the allowed values" in page.content.decode()


def test_head_answers_with_the_headers_and_makes_no_file(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.head("/meetings/export/?format=csv")

    assert response.status_code == 200
    assert response.getvalue() == b""
    assert "Content-Length" not in response  # the file has another length than the answer without it
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response["Content-Disposition"].startswith('attachment; filename="readout-meetings-20')
    assert response["Link"] == (
        '<http://testserver/meetings/export/?format=about>; rel="describedby"; type="application/json"'
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "bibtex"])
def test_client_that_goes_away_ends_the_query_and_its_transaction(client, form):
    for _number in range(3):
        MeetingFactory()
    response = client.get("/meetings/export/", {"format": form})
    assert connection.in_atomic_block

    response.close()

    assert not connection.in_atomic_block
    assert Meeting.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_file_is_one_moment_whoever_writes_meanwhile(client):
    MeetingFactory(title="First")
    response = client.get("/meetings/export/", {"format": "jsonl"})
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)

    assert "First" in response.getvalue().decode()
