import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import StatementTopic
from tests.factories import (
    BodyFactory,
    CitationFactory,
    MeetingFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TopicFactory,
)
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def told(meeting, channel, author, **stances):
    """A readout of ``channel`` that ascribes stances to ``author``, by topic."""
    statement = StatementFactory(meeting=meeting, channel=channel, kind="readout", gist=f"Version of {channel}.")
    SpeakerFactory(statement=statement, actor=channel, role="issuer") if channel else None
    SpeakerFactory(statement=statement, actor=author, role="reported")
    for name, stance in stances.items():
        topic, _made = TopicFactory._meta.model.objects.get_or_create(name=name, defaults={"state": "published"})
        StatementTopic.objects.create(statement=statement, topic=topic, stance=stance)
    return statement


@pytest.fixture
def xi():
    return PersonFactory(name="Xi Jinping")


@pytest.fixture
def call(xi):
    """A call of which the Kremlin and Beijing gave accounts, and two agencies reports."""
    meeting = MeetingFactory(title="Xi and Putin", date="2022-06-15", mode="phone")
    beijing, kremlin = BodyFactory(name="Foreign Ministry"), BodyFactory(name="Kremlin")
    told(meeting, beijing, xi, Interests="supports", Talks="calls-for", Sanctions="opposes")
    told(meeting, kremlin, xi, Interests="supports", Talks="concerned", Sanctions="supports", Legitimacy="supports")
    upi = SourceFactory(publisher="UPI")
    tass = SourceFactory(publisher="TASS")
    CitationFactory(meeting=meeting, source=upi)
    CitationFactory(meeting=meeting, source=tass, field="date", verdict="contradicts", value_given="2022-06-16")
    return meeting


def rows(client, meeting):
    page = read(client.get(f"{meeting.get_absolute_url()}accounts/"))
    return [[cell.text for cell in row if cell.tag in ("th", "td")] for row in page.one("table").all("tr")]


def test_accounts_stand_side_by_side_and_each_fact_says_how_they_stand_to_each_other(client, call):
    head, *facts = rows(client, call)

    assert head == [
        "Fact",
        "Foreign Ministry published 1 statement",
        "Kremlin published 1 statement",
        "UPI press report, 21 February 2023 source 1",
        "TASS press report, 21 February 2023 source 2",
        "Together",
    ]
    assert facts == [
        ["In short"],
        ["Its version", "Version of Foreign Ministry.", "Version of Kremlin.", "silent", "silent", ""],
        ["The meeting"],
        [
            "Date 15 June 2022",
            "silent",
            "silent",
            "as recorded",
            "16 June 2022 (sources differ) source 2",
            "contradicting",
        ],
        ["Who said what"],
        ["Xi Jinping on Interests", "supports", "supports", "silent", "silent", "agreed"],
        ["Xi Jinping on Legitimacy", "silent", "supports", "silent", "silent", "only here"],
        ["Xi Jinping on Sanctions", "opposes", "supports", "silent", "silent", "contradicting"],
        ["Xi Jinping on Talks", "calls for", "is concerned about", "silent", "silent", "not the same"],
    ]


def test_page_of_the_meeting_leads_to_its_accounts_and_counts_how_they_stand(client, call):
    link = read(client.get(call.get_absolute_url())).one(class_="accounts-link")

    assert link.links() == [("4 accounts side by side", f"{call.get_absolute_url()}accounts/")]
    assert link.text.endswith("1 fact agreed · 1 told by one alone · 3 told differently")


def test_statement_without_a_channel_is_told_by_the_source_that_is_cited_for_it(client, xi):
    meeting = MeetingFactory(date="2022-06-15")
    statement = told(meeting, None, xi, Interests="supports")
    CitationFactory(meeting=None, statement=statement, source=SourceFactory(publisher="UPI"))
    CitationFactory(meeting=meeting, source=SourceFactory(publisher="TASS"))

    assert rows(client, meeting)[-1] == ["Xi Jinping on Interests", "supports", "silent", "only here"]


def test_hidden_channel_and_hidden_author_tell_nothing(client, call, xi):
    xi.state = "draft"
    xi.save()
    call.statements.last().channel.__class__.objects.filter(name="Kremlin").update(state="draft")

    found = rows(client, call)

    assert [row[0] for row in found] == ["Fact", "In short", "Its version", "The meeting", "Date 15 June 2022",
        "Who said what", "Foreign Ministry on Interests", "Foreign Ministry on Sanctions", "Foreign Ministry on Talks",
    ]  # fmt: skip
    assert "Kremlin" not in str([cell for row in found for cell in row if not cell.startswith("Version")])


def test_one_account_is_not_compared(client):
    meeting = MeetingFactory()

    page = read(client.get(f"{meeting.get_absolute_url()}accounts/"))

    assert page.texts(class_="none") == [
        "Only one account of this meeting is recorded, so there is nothing to compare."
    ]
    assert read(client.get(meeting.get_absolute_url())).all(class_="accounts-link") == []


def test_accounts_of_a_merged_meeting_are_those_of_the_survivor(client):
    survivor = MeetingFactory()
    merged = MeetingFactory(merged_into=survivor)

    response = client.get(f"{merged.get_absolute_url()}accounts/")

    assert (response.status_code, response["Location"]) == (301, f"{survivor.get_absolute_url()}accounts/")


def test_accounts_cost_the_same_number_of_queries_however_many(client, call, xi):
    address = f"{call.get_absolute_url()}accounts/"

    def cost():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    before = cost()
    for number in range(3):
        told(call, BodyFactory(), xi, Interests="supports", **{f"Topic {number}": "supports"})
        CitationFactory(meeting=call, field="place")

    assert cost() == before


def test_facet_of_accounts_has_its_own_page_beside_those_of_meetings(client, call):
    page = read(client.get("/meetings/by/accounts/"))

    assert [text for text, address in page.links() if address == "/meetings/?accounts=differ"] == ["differ 1"]
