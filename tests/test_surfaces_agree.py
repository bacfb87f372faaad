"""The page, the API, the files, the filter set and a plain reading of the rule list the same meetings for any query."""

import csv
import io
import json
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.models import Actor, Office
from events.filters import MeetingFilterSet
from events.models import Formula, Meeting, MeetingTopic, Place, Series, Source, Topic
from records.uids import PATTERN
from tests.counting import counted_once
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory, TopicFactory
from tests.plain_rule import (
    COUNTRIES,
    KINDS,
    LANGUAGES,
    MODES,
    ROLES,
    STANCES,
    STATUSES,
    WORDS,
    PlainRule,
    collect,
    is_public,
    survivor,
)

pytestmark = pytest.mark.django_db

WINDOWS = [
    ("2023-02", "2023-02"),
    ("2023-02-21", None),
    (None, "2023-01"),
    ("2023", "2023-02-21"),
    ("2022-12", "2023-01-31"),
]


def allowed(model, **choice):
    """The ids that a parameter may take: of public records, and of those merged into one."""
    return [record.uid for record in model.objects.filter(**choice) if is_public(survivor(record))]


def queries():
    """Queries of one to four parameters out of the whole vocabulary, each with one or two values that are allowed."""
    actors = allowed(Actor)
    values = {
        "actor": actors,
        "speaker": actors,
        "channel": actors,
        "state": allowed(Actor, kind="state"),
        "topic": allowed(Topic),
        "topic_exact": allowed(Topic),
        "office": [office.uid for office in Office.objects.select_related("body") if is_public(office.body)],
        "place": allowed(Place),
        "series": allowed(Series),
        "source": allowed(Source),
        "formula": allowed(Formula),
        "role": ROLES,
        "stance": [stance for stance in STANCES if stance],
        "mode": [mode for mode in MODES if mode],
        "kind": KINDS,
        "status": STATUSES,
        "language": [language for language in LANGUAGES if language],
        "country": COUNTRIES,
        "accounts": ["differ", "agree", "several"],
    }
    values = {name: choice for name, choice in values.items() if choice}
    declared = MeetingFilterSet.base_filters
    # The companions as one word among the others: there are as many of them as there are words.
    ways = [name for name in declared if declared[name].companion_of in values]
    single = {
        "window": WINDOWS,
        "dates": ["certain", "possible"],
        "undated": ["true", "false"],
        "has_statement": ["true", "false"],
        "q": WORDS,
    }
    several = {
        name: st.lists(st.sampled_from(choice), min_size=1, max_size=2, unique=True) for name, choice in values.items()
    }
    one = {name: st.sampled_from(choice).map(lambda value: [value]) for name, choice in single.items()}
    several |= {name: several[declared[name].companion_of] for name in ways}
    some = st.sampled_from([*values, *single])
    names = st.sets(st.one_of(some, some, st.sampled_from(ways)), min_size=1, max_size=4)
    return st.builds(
        as_query,
        names.flatmap(lambda chosen: st.fixed_dictionaries({name: (several | one)[name] for name in sorted(chosen)})),
        st.sampled_from([None, "date", "-date", "title", "-title", "updated", "-updated"]),
    )


def as_query(chosen, order):
    query = dict(chosen)
    start, end = query.pop("window", [(None, None)])[0]
    query |= {name: [day] for name, day in (("from", start), ("to", end)) if day}
    # A search without an order is sorted by rank, of which the plain rule knows nothing.
    order = order or ("title" if "q" in query else None)
    return query | ({"order": [order]} if order else {})


def on_the_page(client, query):
    response = client.get("/meetings/", query)
    assert response.status_code == 200
    links = re.findall(rf'href="/meetings/({PATTERN})/', response.content.decode())
    return list(dict.fromkeys(links))


def in_the_api(client, query):
    response = client.get("/api/v1/meetings/", query)
    assert response.status_code == 200, response.content
    uids = [record["uid"] for record in response.json()["results"]]
    assert response.json()["count"] == len(uids)
    return uids


def in_the_files(client, query):
    """What the two ways of making a file hold: rows made in the database, and records made by the API's serializers."""
    table = client.get("/meetings/export/", query | {"format": "csv"})
    lines = client.get("/api/v1/meetings/export/", query | {"format": "jsonl"})
    assert (table.status_code, lines.status_code) == (200, 200)
    rows = csv.DictReader(io.StringIO(table.getvalue().decode(), newline=""))
    uids = [row["uid"] for row in rows]
    assert [json.loads(line)["uid"] for line in lines.getvalue().decode().splitlines()] == uids
    return uids


@pytest.mark.parametrize("seed", [1, 2])
def test_filter_set_and_plain_rule_list_the_same_meetings_in_the_same_order(seed):
    collect(seed)
    rule = PlainRule()

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(queries())
    def agree(query):
        filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
        assert filters.errors == {}
        assert [meeting.uid for meeting in filters.qs] == rule.uids(query)

    agree()


def test_page_api_files_and_plain_rule_list_the_same_meetings_in_the_same_order(client, static_files):
    collect(3)
    rule = PlainRule()
    found = []

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(queries())
    def agree(query):
        expected = rule.uids(query)
        found.append(len(expected))
        assert on_the_page(client, query) == expected
        assert in_the_api(client, query) == expected
        assert in_the_files(client, query) == expected

    with counted_once():
        agree()
    assert sum(1 for count in found if count) > 8  # queries that find nothing prove little


def test_page_api_and_sql_by_hand_give_the_meetings_of_an_actor_on_a_topic(client, static_files):
    wang, ukraine = PersonFactory(name="Wang Yi"), TopicFactory(name="Ukraine")
    grain = TopicFactory(name="Grain", parent=ukraine)
    for title, topic, state in (
        ("Moscow", ukraine, "published"),
        ("Istanbul", grain, "published"),
        ("Draft", ukraine, "draft"),
        ("Trade", TopicFactory(), "published"),
    ):
        meeting = MeetingFactory(title=title, state=state)
        ParticipationFactory(meeting=meeting, actor=wang)
        MeetingTopic.objects.create(meeting=meeting, topic=topic)
    other = MeetingFactory(title="Without Wang")
    MeetingTopic.objects.create(meeting=other, topic=ukraine)

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT m.uid, m.date_sort, m.id FROM events_meeting m
            JOIN events_participation p ON p.meeting_id = m.id AND p.attendance <> 'absent'
            JOIN actors_actor a ON a.id = p.actor_id
            JOIN events_meetingtopic mt ON mt.meeting_id = m.id
            JOIN events_topic t ON t.id = mt.topic_id
            LEFT JOIN events_topic above ON above.id = t.parent_id
            WHERE m.state = 'published' AND m.merged_into_id IS NULL AND a.uid = %s AND %s IN (t.uid, above.uid)
            ORDER BY m.date_sort DESC, m.id DESC
            """,
            [wang.uid, ukraine.uid],
        )
        by_hand = [uid for uid, _day, _key in cursor.fetchall()]
    query = {"actor": wang.uid, "topic": ukraine.uid}

    assert len(by_hand) == 2
    assert on_the_page(client, query) == by_hand
    assert in_the_api(client, query) == by_hand


@pytest.mark.parametrize(
    "query", [{"mode": "fax"}, {"actor": "0000000000"}, {"from": "2023-03", "to": "2023-02"}, {"from": "21/02/2023"}]
)
def test_what_the_api_refuses_the_page_says_in_the_same_words(client, static_files, query):
    MeetingFactory()
    (messages,) = MeetingFilterSet(query, queryset=Meeting.objects.public()).errors.values()

    answer = client.get("/api/v1/meetings/", query)
    page = client.get("/meetings/", query)

    assert answer.status_code == 400
    assert messages[0] in str(answer.json())
    assert page.status_code == 200
    assert messages[0] in page.content.decode()
    assert on_the_page(client, query) == []


def test_unknown_parameter_is_named_by_page_and_api(client, static_files):
    MeetingFactory()

    answer = client.get("/api/v1/meetings/?aktor=x")
    page = client.get("/meetings/?aktor=x")

    assert answer.status_code == 400
    for text in (str(answer.json()), page.content.decode()):
        assert "aktor: there is no such parameter. Did you mean actor? Allowed are: q, actor, " in text
    assert on_the_page(client, {"aktor": "x"}) == []


def test_address_of_a_query_survives_its_own_encoding():
    query = {"q": ["王毅 & Патрушев"], "from": ["2023-02~"], "language": ["zh", "ru"]}
    filters = MeetingFilterSet(query, queryset=Meeting.objects.public())

    assert filters.query_string() == urlencode(query, doseq=True)
