"""The search over everything: why a record was found, what to try where nothing was, and the page that shows it."""

from urllib.parse import quote

import pytest
from django.db import connection

from events.facets import MEETINGS as MEETINGS_COUNTED
from events.filters import MeetingFilterSet
from events.finding import loosenings, search_everything, spellings
from events.models import Meeting, MeetingTopic, ParticipationTenure, TopicLabel
from events.rows import CountedFound
from events.search import MEETINGS
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def marked(pieces):
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


def shown(typed, kind):
    """Title and excerpts of the finds of one kind: label, whose other name, language, text with the words marked."""
    [finds] = [one for one in search_everything(typed) if one.kind == kind]
    return [
        (
            marked(one.title),
            [
                (str(each.passage.label), each.passage.of, each.passage.language, marked(each.pieces))
                for each in one.excerpts
            ],
        )
        for one in finds.finds
    ]


def test_words_are_marked_by_their_stems_in_title_and_text():
    MeetingFactory(title="Talks on grain", summary="They negotiated grain exports. Négociations went on.", notes="")

    assert shown("talk negotiating", "meetings") == [
        ("[Talks] on grain", [("", "", "", "They [negotiated] grain exports. Négociations went on.")])
    ]


def test_text_is_marked_in_its_own_language():
    StatementFactory(title="Note", gist="", text="Les négociations continuent.", language="fr")

    assert shown("négociation", "statements") == [("Note", [("text", "", "fr", "Les [négociations] continuent.")])]


def test_chinese_and_phrases_are_marked_where_they_stand_together():
    StatementFactory(
        title="Readout", gist="No limits to limits, no limits.", text="王毅会见帕特鲁舍夫。", language="zh"
    )

    assert shown("帕特鲁舍夫", "statements") == [("Readout", [("text", "", "zh", "王毅会见[帕特鲁舍夫]。")])]
    assert shown('"no limits"', "statements") == [("Readout", [("", "", "", "[No limits] to limits, [no limits].")])]


def test_other_name_that_matched_is_said_of_actor_participant_and_topic():
    wang = PersonFactory(name="Wang Yi", description="")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    meeting = ParticipationFactory(actor=wang, meeting__title="Talks").meeting
    topic = TopicFactory(name="Ukraine conflict", scope_note="")
    TopicLabel.objects.create(topic=topic, text="乌克兰危机", language="zh")
    MeetingTopic.objects.create(meeting=meeting, topic=topic)

    assert shown("王毅", "actors") == [("Wang Yi", [("also known as", "", "zh", "[王毅]")])]
    assert shown("王毅 乌克兰", "meetings") == [
        (
            "Talks",
            [("participant", "Wang Yi", "zh", "[王毅]"), ("topic", "Ukraine conflict", "zh", "[乌克兰]危机")],
        )
    ]


def test_office_that_matched_is_shown_beside_its_holder():
    office = OfficeFactory(name="Secretary", aliases=["Секретарь"], body=BodyFactory(name="Security Council of Russia"))
    ActorNameFactory(actor=office.body, text="俄罗斯联邦安全会议", language="zh")
    tenure = TenureFactory(office=office, person=PersonFactory(name="Sergei Shoigu", description=""))
    talks = ParticipationFactory(actor=tenure.person, meeting__title="Talks", capacity="Secretary of the Council")
    ParticipationTenure.objects.create(participation=talks, tenure=tenure)
    SpeakerFactory(actor=tenure.person, tenure=tenure, statement__title="Remarks", statement__gist="")

    in_words = "[Secretary], [Security] Council of Russia"
    assert shown("security secretaries", "actors") == [("Sergei Shoigu", [("office", "", "", in_words)])]
    assert shown("security secretaries", "meetings") == [("Talks", [("Sergei Shoigu", "", "", in_words)])]
    assert shown("security secretaries", "statements") == [("Remarks", [("Sergei Shoigu", "", "", in_words)])]
    assert shown("секретарь", "meetings") == [("Talks", [("Sergei Shoigu", "", "", "[Секретарь]")])]
    in_chinese = ("Sergei Shoigu", "Secretary, Security Council of Russia", "zh", "俄罗斯联邦[安全会议]")
    assert shown("安全会议", "statements") == [("Remarks", [in_chinese])]
    assert shown('"secretary of the council"', "meetings") == [
        ("Talks", [("Sergei Shoigu", "", "", "[Secretary of the Council]")])
    ]


def test_long_text_is_cut_around_what_was_found():
    StatementFactory(title="Speech", gist="", text=f"{'word ' * 400}bullying {'word ' * 400}", language="en")

    [(_title, [(_label, _of, _language, text)])] = shown("bullying", "statements")

    assert text.startswith("… word word")
    assert "[bullying]" in text
    assert text.endswith("word …")
    assert len(text) < 260


def test_misspelt_name_is_marked():
    PersonFactory(name="Nikolai Patrushev")

    assert shown("Patrushew", "actors") == [("Nikolai [Patrushev]", [])]


def test_hidden_names_are_never_a_reason():
    wang = PersonFactory(name="Zakharova", state="draft")
    ActorNameFactory(actor=wang, text="Захарова", language="ru")
    ParticipationFactory(actor=wang, meeting__title="Talks Захарова")

    assert shown("Захарова", "meetings") == [("Talks [Захарова]", [])]


def test_nothing_found_offers_near_names_of_public_records_and_what_to_leave_out():
    PersonFactory(name="Ukraine")
    PersonFactory(name="Ukrania", state="draft")
    MeetingFactory(title="Grain talks")

    assert spellings("Ukrne") == ["Ukraine"]
    assert [(one.text, one.without, one.is_nowhere) for one in loosenings("grain -talks xqzzy")] == [
        ("grain", "-talks xqzzy", False),
        ("-talks", "grain xqzzy", False),
        ("xqzzy", "grain -talks", True),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-talks", "Everything is left out"),
        ("'; --", "has no word in it"),
        ('"', "has no word in it"),
        ("xqzzy", "Nothing public matches"),
        ("x" * 5_000, "Only the first 300 characters"),
        ("or", "has no word in it"),
    ],
)
def test_page_says_what_is_wrong_with_a_query(client, typed, said):
    response = client.get("/search/", {"q": typed})

    assert response.status_code == 200
    assert said in response.content.decode()


def test_page_escapes_what_it_marks(client):
    SourceFactory(title="<script>alert(1)</script> grain", publisher="Xinhua")

    page = client.get("/search/", {"q": "grain"}).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<mark>grain</mark>" in page
    assert "<b>" not in client.get("/search/", {"q": "grain <b>"}).content.decode()


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "王%", "a\\b", "((((", '"" ""', "- - -", "or or"])
def test_page_stands_any_text(client, typed):
    assert client.get(f"/search/?q={quote(typed, errors='surrogatepass')}").status_code == 200
    assert client.get(f"/search/suggest/?q={quote(typed, errors='surrogatepass')}").status_code == 200


def test_pages_by_relevance_are_parts_of_the_order_of_the_database(monkeypatch):
    for module in ("records.search", "events.rows"):
        monkeypatch.setattr(f"{module}.RANKED", 3)
    MeetingFactory(title="Grain", date="2019")
    MeetingFactory(title="Grain", date="2020")
    MeetingFactory(title="Fish", summary="grain", date="2024")
    MeetingFactory(title="Grain", date="2023")
    MeetingFactory(title="Fish", summary="grain", date="2022")
    MeetingFactory(title="Grain", date="")
    filters = MeetingFilterSet({"q": "grain"}, queryset=Meeting.objects.public())
    found = CountedFound(filters, MEETINGS_COUNTED.select(filters), list)

    dates = [str(one.date) for one in filters.qs]
    assert dates == ["2023", "2024", "2022", "2020", "2019", ""]
    assert [str(one.date) for one in found[0:2] + found[2:4] + found[4:6]] == dates


def test_keys_come_latest_first_and_leave_the_planner_as_it_was(django_assert_num_queries):
    keys = [MeetingFactory(title="Grain", date=date).pk for date in ("2021", "", "2023")]
    MeetingFactory(title="Grain", state="draft")

    with django_assert_num_queries(1):
        found = MEETINGS.keys_latest_first(Meeting.objects.public(), ["grain"]).tolist()
    assert found == [keys[2], keys[0], keys[1]]
    assert sorted(MEETINGS.keys(Meeting.objects.public(), ["grain"]).tolist()) == keys
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)
