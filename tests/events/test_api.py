"""Meetings, statements and what belongs to them, as the API tells them."""

import re

import pytest

from events.models import FormulaUse, MeetingTopic, ParticipationTenure, StatementLink, StatementMention, StatementTopic
from tests import factories
from tests.moscow import moscow_talks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SITE = "http://testserver"


NO_CITATION = dict.fromkeys(("field", "value_given", "locator", "quote", "note"), "") | {
    "verdict": "supports",
    "confidence": None,
}


def get(client, path, **parameters):
    return client.get(f"/api/v1/{path}", parameters)


def uids(response):
    return [record["uid"] for record in response.json()["results"]]


def day(edtf, text):
    return {"edtf": edtf, "earliest": edtf, "latest": edtf, "certain": True, "text": text}


def addresses(plural, uid, page=None):
    return {
        "uid": uid,
        "url": f"{SITE}/api/v1/{plural}/{uid}/",
        "html_url": f"{SITE}/{page or f'{plural}/{uid}'}/",
    }


UNKNOWN_DAY = {"edtf": "", "earliest": None, "latest": None, "certain": False, "text": "date unknown"}
MOSCOW_DAY = day("2023-02-21", "21 February 2023")


def actor_brief(uid, kind, name):
    return {**addresses("actors", uid), "kind": kind, "name": name}


@pytest.fixture
def moscow():
    return moscow_talks()


@pytest.fixture
def hidden(moscow):
    """Drafts and withdrawn records tied to the talks in every way the model allows."""
    statement = moscow.statements.get()
    host = moscow.participations.first()
    source = moscow.citations.get().source
    draft = {"state": "draft"}
    person = factories.PersonFactory(**draft)
    state = factories.StateFactory(**draft)
    topic = factories.TopicFactory(**draft)
    withdrawn = factories.StatementFactory(state="withdrawn", withdrawal_reason="A forgery.", meeting=moscow)
    other = factories.StatementFactory(**draft)
    factories.MeetingFactory(part_of=moscow, **draft)
    unseen = factories.ParticipationFactory(meeting=moscow, actor=person)
    factories.ParticipationFactory(meeting=moscow, actor=factories.PersonFactory(), on_behalf_of=state)
    hidden_office = factories.OfficeFactory(body=factories.BodyFactory(**draft))
    ParticipationTenure.objects.create(
        participation=host, tenure=factories.TenureFactory(person=host.actor, office=hidden_office)
    )
    MeetingTopic.objects.create(meeting=moscow, topic=topic)
    factories.StatementFactory(meeting=moscow, **draft)
    StatementLink.objects.create(statement=withdrawn, relation="welcomes", to_meeting=moscow)
    factories.SpeakerFactory(statement=statement, actor=person)
    StatementMention.objects.create(statement=statement, actor=person)
    StatementTopic.objects.create(statement=statement, topic=topic)
    StatementLink.objects.create(statement=statement, relation="answers", to_statement=other)
    StatementLink.objects.create(statement=other, relation="answers", to_statement=statement)
    FormulaUse.objects.create(formula=factories.FormulaFactory(**draft), statement=statement)
    hidden_source = factories.SourceFactory(**draft)
    factories.CitationFactory(source=hidden_source, meeting=moscow)
    factories.CitationFactory(source=hidden_source, meeting=None, participation=host)
    factories.CitationFactory(source=hidden_source, meeting=None, statement=statement)
    factories.CitationFactory(source=source, meeting=None, participation=unseen)
    return moscow


def office_tenure():
    body = actor_brief("sc00000001", "body", "Security Council")
    return {
        **addresses("tenures", "ten0000001", page="actors/patr000001"),
        "office": {
            **addresses("offices", "sec0000001", page="actors/sc00000001"),
            "name": "Secretary",
            "body": body,
            "tier": 3,
        },
        "span": {
            "edtf": "2008-05-12/2024-05-12",
            "earliest": "2008-05-12",
            "latest": "2024-05-12",
            "certain": True,
            "text": "12 May 2008 – 12 May 2024",
        },
        "is_acting": False,
    }


SOURCE = {
    **addresses("sources", "src0000001"),
    "title": "Talks in Moscow",
    "kind": "report",
    "publisher": "TASS",
    "published": MOSCOW_DAY,
    "language": "en",
    "document_url": "https://tass.com/1",
    "archived_url": "https://a.org/1",
}
PATRUSHEV = actor_brief("patr000001", "person", "Nikolai Patrushev")
CHINA = actor_brief("chna000001", "state", "China")
UKRAINE = {**addresses("topics", "tpc0000001"), "name": "Ukraine"}
STATEMENT = {
    **addresses("statements", "stm0000001"),
    "kind": "readout",
    "label": "Wang Yi meets Patrushev",
    "date": MOSCOW_DAY,
}
ANSWER = {
    **addresses("statements", "stm0000002"),
    "kind": "briefing",
    "label": "Briefing",
    "date": day("2023-02-22", "22 February 2023"),
}
VISIT = {
    **addresses("meetings", "vst0000001"),
    "title": "Visit of Wang Yi",
    "date": {
        "edtf": "2023-02",
        "earliest": "2023-02-01",
        "latest": "2023-02-28",
        "certain": False,
        "text": "February 2023",
    },
}


def expected_participations():
    rest = {"name_as_given": "", "on_behalf_of": None, "tenures": [], "capacity": "", "head_count": None, "note": ""}
    return [
        {
            **rest,
            "actor": PATRUSHEV,
            "role": "host",
            "side": "RU",
            "tenures": [office_tenure()],
            "capacity": "Secretary",
            "attendance": "confirmed",
        },
        {
            **rest,
            "actor": actor_brief("wang000001", "person", "Wang Yi"),
            "role": "guest",
            "side": "CN",
            "on_behalf_of": CHINA,
            "attendance": "confirmed",
        },
        {
            **rest,
            "actor": None,
            "name_as_given": "experts",
            "role": "participant",
            "side": "",
            "head_count": 4,
            "attendance": "reported",
        },
    ]


def moment(value):
    return value.isoformat().replace("+00:00", "Z")


def listed_meeting(meeting):
    return {
        **addresses("meetings", "mtg0000001"),
        "title": "Wang Yi and Nikolai Patrushev",
        "date": MOSCOW_DAY,
        "date_basis": "inferred",
        "mode": "in-person",
        "kind": "bilateral",
        "place": {
            **addresses("places", "msk0000001"),
            "name": "Moscow",
            "kind": "city",
            "country": "RU",
            "latitude": 55.7558,
            "longitude": 37.6173,
        },
        "part_of": VISIT,
        "series": {**addresses("series", "ser0000001"), "name": "Strategic security consultations"},
        "round": 18,
        "status": "held",
        "openness": "public",
        "relevance": "core",
        "participations": expected_participations(),
        "topics": [UKRAINE],
        "summary": "They spoke of security.",
        "statement_count": 1,
        "open_points": ["Who else was in the room."],
        "version": meeting.version,
        "published_at": moment(meeting.published_at),
        "updated_at": moment(meeting.updated_at),
    }


def whole_meeting(meeting):
    participations = [{**participation, "citations": []} for participation in expected_participations()]
    participations[0]["citations"] = [{**NO_CITATION, "source": SOURCE, "field": "role"}]
    return {
        **listed_meeting(meeting),
        "date_note": "Printed on Wednesday.",
        "parts": [],
        "participations": participations,
        "notes": "Coded from two readouts.",
        "statements": [STATEMENT],
        "links_here": [{"statement": ANSWER, "relation": "welcomes"}],
        "citations": [
            {
                "source": SOURCE,
                "field": "date",
                "verdict": "contradicts",
                "value_given": "22 February",
                "locator": "p. 1",
                "quote": "on Wednesday",
                "confidence": 2,
                "note": "The day of printing.",
            }
        ],
    }


def listed_statement(statement):
    return {
        **addresses("statements", "stm0000001"),
        "kind": "readout",
        "title": "Wang Yi meets Patrushev",
        "label": "Wang Yi meets Patrushev",
        "date": MOSCOW_DAY,
        "meeting": {
            **addresses("meetings", "mtg0000001"),
            "title": "Wang Yi and Nikolai Patrushev",
            "date": MOSCOW_DAY,
        },
        "speakers": [
            {"actor": PATRUSHEV, "name_as_given": "", "tenure": office_tenure(), "role": "speaker"},
            {"actor": None, "name_as_given": "observers", "tenure": None, "role": "reported"},
        ],
        "basis": "official-paraphrase",
        "channel": CHINA,
        "channel_note": "website of the ministry",
        "language": "zh",
        "gist": "Both oppose unilateral bullying.",
        "topics": [{"topic": UKRAINE, "stance": "calls-for"}],
        "open_points": ["The hour."],
        "version": statement.version,
        "published_at": moment(statement.published_at),
        "updated_at": moment(statement.updated_at),
    }


def whole_statement(statement):
    return {
        **listed_statement(statement),
        "mentions": [{"actor": CHINA, "relation": "addressee"}],
        "text": "王毅会见帕特鲁舍夫",
        "translation": "Wang Yi meets Patrushev",
        "translation_language": "en",
        "translator": "Readout",
        "note": "Undated.",
        "links": [{"relation": "announces", "to_statement": None, "to_meeting": VISIT}],
        "links_here": [{"statement": ANSWER, "relation": "repeats"}],
        "formulas": [
            {
                "formula": {**addresses("formulas", "frm0000001"), "name": "unilateral bullying"},
                "wording": "all unilateral bullying",
            }
        ],
        "citations": [{**NO_CITATION, "source": SOURCE}],
    }


def test_meeting_is_told_whole(client, moscow):
    moscow.refresh_from_db()
    assert get(client, "meetings/mtg0000001/").json() == whole_meeting(moscow)


def test_meeting_list_is_lighter_than_the_meeting(client, moscow):
    moscow.refresh_from_db()
    listed = get(client, "meetings/", kind="bilateral").json()
    assert listed == {
        "count": 1,
        "count_is_exact": True,
        "next": None,
        "previous": None,
        "results": [listed_meeting(moscow)],
    }


def test_statement_is_told_whole(client, moscow):
    assert get(client, "statements/stm0000001/").json() == whole_statement(moscow.statements.get())


def test_statement_list_leaves_out_the_texts(client, moscow):
    listed = get(client, "statements/", kind="readout").json()
    assert listed == {
        "count": 1,
        "count_is_exact": True,
        "next": None,
        "previous": None,
        "results": [listed_statement(moscow.statements.get())],
    }


def test_meeting_says_nothing_of_hidden_records(client, hidden):
    hidden.refresh_from_db()
    assert get(client, "meetings/mtg0000001/").json() == whole_meeting(hidden)
    assert get(client, "meetings/", kind="bilateral").json()["results"] == [listed_meeting(hidden)]


def test_statement_says_nothing_of_hidden_records(client, hidden):
    statement = hidden.statements.get(uid="stm0000001")
    assert get(client, "statements/stm0000001/").json() == whole_statement(statement)
    assert get(client, "statements/", kind="readout").json()["results"] == [listed_statement(statement)]


def test_link_to_a_hidden_record_reads_like_a_link_that_is_not_set(client, moscow):
    for linked in (moscow.place, moscow.series, moscow.part_of):
        type(linked).objects.filter(pk=linked.pk).update(state="draft")
    statement = moscow.statements.get()
    type(statement.channel).objects.filter(pk=statement.channel.pk).update(state="draft")
    office = statement.speakers.first().tenure.office
    type(office.body).objects.filter(pk=office.body.pk).update(state="draft")

    meeting = get(client, "meetings/mtg0000001/").json()
    assert {name: meeting[name] for name in ("place", "series", "part_of")} == dict.fromkeys(
        ("place", "series", "part_of")
    )
    told = get(client, "statements/stm0000001/").json()
    assert (told["channel"], told["speakers"][0]["tenure"]) == (None, None)


def test_hidden_meeting_is_not_named_by_its_statement_nor_by_its_part(client, moscow):
    part = factories.MeetingFactory(part_of=moscow, title="Talks over dinner")
    type(moscow).objects.filter(pk=moscow.pk).update(state="draft")
    assert get(client, "statements/stm0000001/").json()["meeting"] is None
    assert get(client, f"meetings/{part.uid}/").json()["part_of"] is None


@pytest.mark.parametrize("n", [1, 3])
def test_meeting_list_asks_the_database_as_often_for_three_rows_as_for_one(client, n, django_assert_num_queries):
    for _ in range(n):
        meeting = factories.MeetingFactory(
            place=factories.PlaceFactory(),
            series=factories.SeriesFactory(),
            part_of=factories.MeetingFactory(kind="visit"),
        )
        participation = factories.ParticipationFactory(meeting=meeting, on_behalf_of=factories.StateFactory())
        ParticipationTenure.objects.create(
            participation=participation, tenure=factories.TenureFactory(person=participation.actor)
        )
        MeetingTopic.objects.create(meeting=meeting, topic=factories.TopicFactory())
        factories.StatementFactory(meeting=meeting)
    with django_assert_num_queries(10):
        assert len(uids(get(client, "meetings/", kind="bilateral"))) == n


@pytest.mark.parametrize("n", [1, 3])
def test_statement_list_asks_the_database_as_often_for_three_rows_as_for_one(client, n, django_assert_num_queries):
    for _ in range(n):
        statement = factories.StatementFactory(meeting=factories.MeetingFactory(), channel=factories.StateFactory())
        speaker = factories.PersonFactory()
        factories.SpeakerFactory(statement=statement, actor=speaker, tenure=factories.TenureFactory(person=speaker))
        StatementTopic.objects.create(statement=statement, topic=factories.TopicFactory(), stance="supports")
    with django_assert_num_queries(8):
        assert len(uids(get(client, "statements/"))) == n


PAGES = ["meetings", "statements", "actors", "topics", "places", "series", "sources", "formulas"]


@pytest.mark.parametrize("plural", PAGES)
@pytest.mark.parametrize(
    "query",
    [
        "page_size=200",
        "q=security",
        "order=-updated",
        "updated_since=2000-01-01",
        "updated_since=2999-01-01",
        "q=%E7%8E%8B",
    ],
)
def test_page_and_api_list_the_same_records_for_one_query_string(client, static_files, hidden, plural, query):
    told = uids(client.get(f"/api/v1/{plural}/?{query}"))
    page = client.get(f"/{plural}/?{query}").content.decode()
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    assert set(re.findall(rf'href="/{plural}/([0-9a-z]{{10}})/', main)) == set(told)


def test_speaker_in_an_office_of_a_draft_body_is_shown_without_the_office(client):
    body = factories.BodyFactory(name="Hidden Body", state="draft")
    tenure = factories.TenureFactory(office=factories.OfficeFactory(body=body, name="Hidden Office"))
    speaker = factories.SpeakerFactory(actor=tenure.person, tenure=tenure)

    answer = client.get(f"/api/v1/statements/{speaker.statement.uid}/")

    [shown] = answer.json()["speakers"]
    assert (shown["actor"]["uid"], shown["tenure"]) == (tenure.person.uid, None)
    assert "Hidden" not in answer.content.decode()
