import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    FormulaFactory,
    MeetingFactory,
    PersonFactory,
    PlaceFactory,
    SpeakerFactory,
    StatementFactory,
    TopicFactory,
)
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

PAGE, TABLE = "/statements/concordance/", "/statements/concordance/export/"


def said(title="", **values):
    statement = StatementFactory(title=title, gist="", **values)
    SpeakerFactory(statement=statement, actor=PersonFactory(name="Wang Yi"))
    return statement


def page_of(client, **query):
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return read(response)


def lines(client, **query):
    return page_of(client, **query).texts("p", class_="kwic")


def marked(client, **query):
    return page_of(client, **query).texts("mark")


def test_words_are_found_by_their_stems_and_shown_in_the_order_of_time(client):
    said(date="2022-03-01", language="ru", text="Москва против блоков.", translation="Moscow is against blocs.",
         translation_language="en")  # fmt: skip
    said(date="2021-01-01", language="en", text="First.\n\nA bloc is a bloc; we oppose the bloc.")
    said(date="..2024", language="en", text="Every bloc fails.")
    said(date="", language="en", text="One bloc more.")

    assert [" ".join(one.split()) for one in lines(client, q="bloc")] == [
        "A bloc is a bloc ; we oppose the bloc .",
        "Moscow is against blocs .",
        "Every bloc fails.",
        "One bloc more.",
    ]
    assert marked(client, q="блок") == ["блоков"]
    rows = page_of(client, q="bloc").one("table").one("tbody").texts("tr")
    assert rows == ["2021 1 1", "2022 1 1", "not known 2 2"]


def test_line_leads_to_the_words_in_the_statement(client):
    statement = said(date="2021-01-01", language="en", text="First.\n\nWe oppose bloc confrontation today.")

    (link,) = page_of(client, q='"bloc confrontation"').all("a", class_="kwic-words")
    target = read(client.get(link["href"]))

    assert link["href"] == f"{statement.get_absolute_url()}?mark=bloc%20confrontation&at=p2#p2"
    assert target.texts("mark") == ["bloc confrontation"]


def test_gist_speaks_only_where_there_is_no_text_and_is_said_to_be_the_editors(client):
    StatementFactory(date="2021-01-01", gist="Wang opposed blocs.")
    StatementFactory(date="2021-01-02", gist="Lavrov opposed blocs.", text="No to NATO.", language="en")

    page = page_of(client, q="blocs")

    assert page.texts("p", class_="kwic-of") == ["gist, in the editors' words"]


def test_chinese_is_found_inside_a_sentence_and_cut_short(client):
    said(date="2021-01-01", language="zh", text="各方应坚持共同安全，" + "反对阵营对抗，" + "推动政治解决。" * 20)

    assert marked(client, q="阵营对抗") == ["阵营对抗"]
    assert len(lines(client, q="阵营对抗")[0]) < 80


def test_every_filter_of_statements_narrows_and_a_wrong_one_is_named(client):
    said(date="2021-01-01", language="en", text="A bloc.", kind="remark")
    said(date="2022-01-01", language="en", text="Another bloc.", kind="interview")

    assert marked(client, q="another", kind="interview", **{"from": "2022"}) == ["Another"]
    assert lines(client, q="bloc", kind="remark") == ["A bloc ."]
    refused = page_of(client, q="bloc", kind="talk", **{"from": "2022"})
    assert "“talk” is not one of the allowed values" in refused.one(role="alert").text
    assert refused.one(id="f-q")["value"] == "bloc"
    assert page_of(client).texts("p", class_="nothing") == ["Type a word or a “phrase” to see it in its context."]
    assert page_of(client, q="-bloc").one("p", class_="nothing").text.startswith("There is no word in it")


def test_hidden_statements_meetings_places_and_names_of_authors_make_no_line(client):
    hidden = MeetingFactory(title="Hidden talks", state="draft", place=PlaceFactory(name="Sochi"))
    said(date="2021-01-01", language="en", text="A bloc.", meeting=hidden)
    said(date="2021-01-02", language="en", text="A draft bloc.", state="draft")
    open_talks = MeetingFactory(title="Talks", place=PlaceFactory(name="Hidden place", state="draft"))
    said(date="2021-01-03", language="en", text="This bloc.", meeting=open_talks)

    page = page_of(client, q="bloc")
    table = client.get(TABLE, {"q": "bloc"}).getvalue().decode()

    assert page.texts("p", class_="kwic") == ["A bloc .", "This bloc ."]
    for text in (page.text, table):
        assert not any(word in text for word in ("Hidden", "Sochi", "draft bloc"))
    assert lines(client, q="wang") == []


def test_table_has_the_lines_of_the_page_and_no_formula(client):
    said("Remarks", date="2021-01", language="en", text="=1+1 is a bloc, he said.")

    table = client.get(TABLE, {"q": "bloc"})
    (row,) = csv.DictReader(io.StringIO(table.getvalue().decode()))

    names = ("earliest", "latest", "before", "words", "after", "from", "language", "speakers")
    assert [row[name] for name in names] == [
        "2021-01-01", "2021-01-31", "'=1+1 is a ", "bloc", ", he said.", "original", "en", "Wang Yi",
    ]  # fmt: skip
    assert client.get(TABLE, {"q": "bloc", "kind": "talk"}).headers["Location"] == f"{PAGE}?q=bloc&kind=talk"


def test_earliest_are_read_and_the_page_says_so_and_goes_on(client, monkeypatch):
    monkeypatch.setattr("events.concordance.MOST_STATEMENTS", 2)
    for day in range(1, 5):
        said(date=f"2021-01-0{day}", language="en", text=f"Bloc {day}.")

    page = page_of(client, q="bloc")

    assert page.one("h2", id="results").text == "4 statements"
    (notice,) = page.all("p", class_="notice")
    assert lines(client, q="bloc", **{"from": "2021-01-03"}) == ["Bloc 3.", "Bloc 4."]
    assert notice.one("a")["href"] == f"{PAGE}?q=bloc&from=2021-01-02"


def test_page_costs_the_same_for_one_line_and_for_three(client):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page_of(client, q="bloc")
        return len(queries)

    def add():
        meeting = MeetingFactory(place=PlaceFactory())
        said(date="2021-01-01", language="en", text="A bloc.", meeting=meeting)

    add()
    cost()
    before = cost()
    add()
    add()

    assert cost() == before


def test_topic_formula_search_and_list_lead_to_wordings_in_context(client):
    topic = TopicFactory(name="Blocs")
    statement = said(date="2021-01-01", language="en", text="We oppose bloc confrontation.")
    statement.topic_links.create(topic=topic)
    formula = FormulaFactory(name="bloc confrontation")

    def ways(address):
        return [url for _text, url in read(client.get(address)).links() if url.startswith(PAGE)]

    assert ways(topic.get_absolute_url()) == [f"{PAGE}?topic={topic.uid}"]
    assert ways(formula.get_absolute_url()) == [f"{PAGE}?q=%22bloc%20confrontation%22"]
    assert ways("/search/?q=bloc+confrontation") == [f"{PAGE}?q=bloc%20confrontation"]
    assert ways("/statements/") == [PAGE]
