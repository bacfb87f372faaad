import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import MeetingTopic, ParticipationTenure, StatementLink, StatementTopic
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    MembershipFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    SourceFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.moscow import moscow_talks
from tests.pages import facts, read, titles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

PLURALS = ["meetings", "statements", "actors", "topics", "places", "series", "sources", "formulas"]
LISTS = ["meeting", "statement", "actor", "topic", "place", "series", "source", "formula"]


def get(client, path, **query):
    response = client.get(path, query)
    assert response.status_code == 200, response
    return read(response)


def meetings(client, **query):
    return get(client, "/meetings/", **query)


# The list


def test_meeting_list_shows_date_title_sides_place_topics_and_number_of_statements(client):
    moscow_talks()

    entry = meetings(client).all(class_="entry")[0]

    assert entry.one(class_="entry-date").text == "21 February 2023 (sources differ)"
    assert entry.one("h3").text == "Wang Yi and Nikolai Patrushev"
    parties, meta = entry.all("ul", class_="row")
    assert parties.texts("li") == ["Russia Nikolai Patrushev", "China Wang Yi", "experts (not certain)"]
    assert meta.texts("li") == [
        "bilateral talks, in person",
        "Moscow , Russia",
        "Strategic security consultations , round 18",
        "1 statement",
    ]
    assert entry.links(class_="")[-1] == ("Ukraine", "/topics/tpc0000001/")


def test_meeting_list_counts_and_pages_keep_the_query_string(client):
    for day in range(1, 4):
        MeetingFactory(title=f"Call {day}", date=f"2023-02-0{day}", mode="phone")
    MeetingFactory(mode="video")

    page = meetings(client, mode="phone", page_size="2", page="2")

    assert page.one("h2").text == "3 meetings"
    assert titles(page) == ["Call 1"]
    assert page.one("nav", class_="pages").links() == [
        ("Previous", "/meetings/?mode=phone&page_size=2&page=1"),
        ("1", "/meetings/?mode=phone&page_size=2&page=1"),
        ("2", "/meetings/?mode=phone&page_size=2&page=2"),
    ]


@pytest.mark.parametrize("number", ["99", "0", "-1", "many", "１", "9" * 400])
def test_page_that_is_not_there_shows_one_that_is_and_says_so(client, number):
    MeetingFactory(title="Talks in Moscow")

    page = meetings(client, page=number)

    assert titles(page) == ["Talks in Moscow"]
    assert page.one(class_="notice").text == f"There is no page “{number}”. This is page 1."


def test_filters_in_force_are_named_and_each_can_be_taken_away(client):
    wang = PersonFactory(name="Wang Yi")
    ParticipationFactory(actor=wang, meeting__mode="phone")

    page = meetings(client, actor=wang.uid, mode="phone")

    assert page.texts(class_="chip") == ["Participant: Wang Yi ×", "Mode: telephone ×"]
    assert page.links(class_="chip-remove") == [
        ("×", "/meetings/?mode=phone"),
        ("×", f"/meetings/?actor={wang.uid}"),
    ]


def test_form_sent_again_keeps_chosen_records_and_the_way_of_showing(client):
    wang = PersonFactory(name="Wang Yi")

    form = meetings(client, actor=wang.uid, order="title", page_size="20").one("form", class_="filters")

    assert [(one["name"], one["value"]) for one in form.all("input", type="hidden")] == [
        ("actor", wang.uid),
        ("order", "title"),
        ("page_size", "20"),
    ]


def test_what_is_refused_is_said_beside_the_form_and_nothing_typed_is_lost(client):
    MeetingFactory(title="Talks in Moscow")

    page = meetings(client, q="Moscow", to="soon", mode="phone")

    assert page.one("h2").text == "Nothing is listed until this is mended"
    assert titles(page) == []
    assert page.one(id="e-to").text in page.one(role="alert").text
    assert page.one(id="f-to").attributes | {"value": "soon", "aria-invalid": "true"} == page.one(id="f-to").attributes
    assert page.one(id="f-q")["value"] == "Moscow"
    assert [box["value"] for box in page.all("input", name="mode") if "checked" in box.attributes] == ["phone"]


def test_unknown_parameter_is_named(client):
    page = meetings(client, knd="visit")

    assert "knd: there is no such parameter. Did you mean kind?" in page.one(role="alert").text


def test_list_that_finds_nothing_says_which_filter_to_loosen(client):
    MeetingFactory(mode="phone", kind="visit")
    MeetingFactory(mode="phone", kind="summit")

    page = meetings(client, mode="video", kind="visit")

    assert page.one(class_="nothing").links() == [("without Mode: video", "/meetings/?kind=visit")]
    assert page.one(class_="nothing").one("li").text == "without Mode: video : 1"


def test_list_says_when_one_filter_less_is_not_enough(client):
    MeetingFactory(mode="phone", kind="visit")

    page = meetings(client, mode="video", kind="summit", status="denied")

    assert "Taking away a single one is not enough." in page.one(class_="nothing").text


def test_empty_fields_of_a_form_are_left_out_of_the_address(client):
    response = client.get("/meetings/?q=&from=2023&mode=phone&mode=&find=&find_as=actor&page=2")

    assert (response.status_code, response["Location"]) == (302, "/meetings/?from=2023&mode=phone&page=2")


def test_orders_are_offered_and_the_one_that_applies_is_marked(client):
    MeetingFactory.create_batch(2)

    menu = meetings(client, order="title").all("details", class_="menu")[0]

    assert menu.one("summary").text == "Sorted by: title, A to Z"
    assert menu.one("a", aria_current="true")["href"] == "/meetings/?order=title"


def test_topics_are_shown_as_a_tree_until_a_filter_is_set(client):
    security = TopicFactory(name="Security")
    TopicFactory(name="European security", parent=security)
    TopicFactory(name="Below a draft", parent=TopicFactory(name="Not yet", state="draft"))

    tree = get(client, "/topics/").all("ul", class_="tree")[0]
    found = get(client, "/topics/", q="european")

    assert [one.text for one in tree.all("a")] == ["Below a draft", "Security", "European security"]
    assert [one.text for one in found.one("tbody").all("a")] == ["European security", "Security"]


@pytest.mark.parametrize("name", LISTS)
def test_list_is_empty_before_anything_is_entered(client, name):
    page = get(client, reverse(f"events:{name}-list"))

    assert page.one(class_="nothing").text == "There is nothing here yet."


# Choosing a record for a filter


def test_name_that_one_record_bears_is_added_to_the_filters_at_once(client):
    wang = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=wang, text="王毅")

    response = client.get("/meetings/?q=security&mode=phone&find_as=actor&find=王毅", follow=True)

    assert response.redirect_chain[-1] == (f"/meetings/?q=security&mode=phone&actor={wang.uid}", 302)


def test_name_that_several_bear_offers_each_with_all_that_was_typed_before(client):
    yi = PersonFactory(name="Wang Yi")
    wenbin = PersonFactory(name="Wang Wenbin")
    PersonFactory(name="Wang Draft", state="draft")

    page = get(client, "/meetings/choose/", find="wang", find_as="not_actor", actor=yi.uid, q="x y")

    assert page.one("h2").text == "2 matches for “wang”: choose one"
    assert set(page.one("ul", class_="choices").links()) == {
        ("Wang Yi", f"/meetings/?actor={yi.uid}&q=x+y&not_actor={yi.uid}"),
        ("Wang Wenbin", f"/meetings/?actor={yi.uid}&q=x+y&not_actor={wenbin.uid}"),
    }


def test_beginning_of_a_name_is_enough(client):
    PersonFactory(name="Sergei Shoigu")
    lavrov = PersonFactory(name="С. Лавров")
    ActorNameFactory(actor=lavrov, text="Sergey Lavrov")

    page = get(client, "/meetings/choose/", find="Ser", find_as="actor")

    assert page.one("ul", class_="choices").links()[0][0] == "Sergei Shoigu"
    assert len(page.one("ul", class_="choices").links()) == 2


def test_only_states_and_organisations_are_found_for_a_state(client):
    PersonFactory(name="Chin Aman")
    china = StateFactory(name="China")

    response = client.get("/meetings/choose/?find=chin&find_as=state")

    assert response["Location"] == f"/meetings/?state={china.uid}"


def test_name_that_nobody_bears_can_be_typed_again(client):
    page = get(client, "/meetings/choose/", find="Nobody", find_as="actor", mode="phone")

    assert page.one("h2").text == "Nothing public is called “Nobody”"
    assert page.one(id="f-find")["value"] == "Nobody"
    assert page.one(class_="results").links()[-1][1] == "/meetings/?mode=phone"


def test_choosing_for_what_is_no_filter_is_not_found(client):
    assert client.get("/meetings/choose/?find=a&find_as=mode").status_code == 404
    assert client.get("/series/choose/?find=a&find_as=q").status_code == 404


# The page of a meeting


def test_meeting_page_states_each_fact_with_its_sources_and_who_says_otherwise(client):
    page = get(client, moscow_talks().get_absolute_url())

    assert facts(page) == {
        "Date": (
            "21 February 2023 (sources differ) (inferred) (not certain) contradicted by source ≠ 1 "
            "TASS gives 22 February instead. The day of printing. source 1"
        ),
        "Reason for the date": "Printed on Wednesday.",
        "Place": "Moscow , Russia",
        "Mode": "in person",
        "Kind": "bilateral talks",
        "Status": "held",
        "Series": "Strategic security consultations , round 18",
        "Part of": "Visit of Wang Yi , February 2023",
        "Relevance": "core",
        "Topics": "Ukraine",
    }
    assert page.one(class_="lede").text == "They spoke of security."
    assert page.one(class_="not-known").texts("li") == [
        "(not certain) The date is not stated by a source: inferred.",
        "(not known) Names are not given: experts.",
        "(not certain) Attendance is reported, not confirmed: experts.",
        "(not known) In which office is not recorded: Wang Yi.",
        "(not known) No source is cited for: date, place, participations.",
        "(sources differ) Date: TASS gives 22 February.",
        "(not certain) Who else was in the room.",
    ]


def test_meeting_page_seats_participants_by_side_with_office_and_capacity(client):
    page = get(client, moscow_talks().get_absolute_url())

    assert page.texts(class_="side") == [
        "Russia Nikolai Patrushev host source 1 something wrong? (Nikolai Patrushev) "
        "Secretary, Security Council as worded: Secretary",
        "China Wang Yi guest something wrong? (Wang Yi) on behalf of China",
        "Others experts reported (not certain) something wrong? (experts) 4 persons",
    ]


def test_meeting_page_numbers_its_sources_and_says_what_each_is_cited_for(client):
    page = get(client, moscow_talks().get_absolute_url())

    source = page.one(id="source-1")
    assert source.one("p").links() == [
        ("tass.com", "https://tass.com/1"),
        ("archived copy : TASS", "https://a.org/1"),
        ("all that rests on it : TASS", "/sources/src0000001/"),
    ]
    assert source.one("ul").texts("li") == [
        "contradicts date: gives 22 February : on Wednesday , p. 1 · confidence: medium · The day of printing.",
        "supports Nikolai Patrushev: role",
        "supports the statement “Wang Yi meets Patrushev”",
    ]


def test_meeting_page_ends_with_a_line_to_cite(client):
    meeting = moscow_talks()

    page = get(client, meeting.get_absolute_url())

    meeting.refresh_from_db()
    apa, *chicago = page.texts(class_="cite")
    assert "Wang Yi and Nikolai Patrushev (21 February 2023) (Version 1) [Database record]." in apa
    assert [one.rpartition(" ")[2] for one in (apa, *chicago)] == [
        "http://testserver/meetings/mtg0000001/",
        "http://testserver/meetings/mtg0000001/.",
        "http://testserver/meetings/mtg0000001/.",
    ]
    assert all(f"version {meeting.version}" in one for one in chicago)


def test_meeting_page_leads_to_the_rounds_before_and_after(client):
    series = SeriesFactory()
    before = MeetingFactory(series=series, round=16, date="2021-05-25")
    MeetingFactory(series=series, round=17, date="2022-09-19", state="draft")
    middle = MeetingFactory(series=series, round=18, date="2023-09-19")
    after = MeetingFactory(series=series, date="2024")

    page = get(client, middle.get_absolute_url())

    assert page.one(class_="rounds").links() == [
        ("round 16, 25 May 2021", before.get_absolute_url()),
        ("2024", after.get_absolute_url()),
    ]


def test_meeting_page_separates_accounts_from_what_was_said(client):
    meeting = MeetingFactory()
    StatementFactory(meeting=meeting, kind="readout", gist="They agreed on much.")
    StatementFactory(meeting=meeting, kind="remark", gist="He opposed blocs.")

    page = get(client, meeting.get_absolute_url())

    assert [one.parent.parent.one("h2").text for one in page.all(class_="saying")] == ["Accounts", "What was said"]
    assert page.texts(class_="saying-gist") == ["They agreed on much.", "He opposed blocs."]


def test_unknown_place_mode_and_date_are_said_to_be_unknown(client):
    page = get(client, MeetingFactory(date="", mode="", place=None).get_absolute_url())

    found = facts(page)
    assert (found["Date"], found["Place"], found["Mode"]) == ("date unknown (not known)", "not known", "not known")


def test_links_to_what_is_not_public_are_left_out(client):
    hidden = {"state": "draft"}
    meeting = MeetingFactory(
        place=PlaceFactory(name="Hidden Place", **hidden),
        series=SeriesFactory(name="Hidden Series", **hidden),
        round=3,
        part_of=MeetingFactory(title="Hidden Visit", **hidden),
    )
    statement = StatementFactory(meeting=meeting, channel=BodyFactory(name="Hidden Channel", **hidden))
    wang = PersonFactory(name="Wang Yi", home_state=StateFactory(name="Hidden State", **hidden))
    office = OfficeFactory(body=BodyFactory(name="Hidden Body", **hidden), name="Hidden Office")
    tenure = TenureFactory(person=wang, office=office)
    SpeakerFactory(statement=statement, actor=wang, tenure=tenure)
    SpeakerFactory(statement=statement, actor=PersonFactory(name="Hidden Speaker", **hidden))
    participation = ParticipationFactory(meeting=meeting, actor=wang)
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    CitationFactory(meeting=meeting, source=SourceFactory(publisher="Hidden Source", **hidden))

    for record in (meeting, statement, wang):
        content = client.get(record.get_absolute_url()).content.decode()
        assert "Wang Yi" in content
        assert "Hidden" not in content


# The pages of statements, actors, topics, and the rest


def test_statement_page_shows_text_and_translation_side_by_side_with_their_languages(client):
    moscow_talks()

    page = get(client, "/statements/stm0000001/")

    original, translation = page.all(class_="paragraph-text")
    assert (original.text, original["lang"]) == ("王毅会见帕特鲁舍夫", "zh")
    assert (translation.text, translation["lang"]) == ("Wang Yi meets Patrushev", "en")
    assert page.one(class_="transcript-heads").texts("dd") == ["Chinese", "English, translated by Readout"]


def test_statement_page_links_both_ways(client):
    speech = StatementFactory(title="Speech")
    reply = StatementFactory(title="Reply")
    StatementLink.objects.create(statement=reply, relation="answers", to_statement=speech)

    there = get(client, speech.get_absolute_url())
    back = get(client, reply.get_absolute_url())

    assert "Answered by Reply , 21 February 2023" in there.texts("li")
    assert "Answers Speech , 21 February 2023" in back.texts("li")


def test_actor_page_shows_names_in_their_scripts_and_marks_those_not_seen(client):
    wang = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorNameFactory(actor=wang, text="وانغ يي", language="ar", kind="transliteration", is_verified=False)

    page = get(client, wang.get_absolute_url())

    rows = [(row.one("bdi")["lang"], row.text) for row in page.all("tbody")[0].all("tr")]
    assert rows == [
        ("zh", "王毅 Chinese native something wrong? (王毅)"),
        ("ar", "وانغ يي not yet seen in a source Arabic transliteration something wrong? (وانغ يي)"),
    ]


def test_actor_page_names_counterparts_of_the_other_side_by_number_of_meetings(client):
    wang, lavrov, aide, draft = (
        PersonFactory(name="Wang Yi"),
        PersonFactory(name="Sergey Lavrov"),
        PersonFactory(name="An aide"),
        PersonFactory(name="Not public", state="draft"),
    )
    for _number in range(2):
        meeting = MeetingFactory()
        for actor, side in ((wang, "CN"), (aide, "CN"), (lavrov, "RU"), (draft, "RU")):
            ParticipationFactory(meeting=meeting, actor=actor, side=side)
    hidden = MeetingFactory(state="draft")
    ParticipationFactory(meeting=hidden, actor=wang)
    ParticipationFactory(meeting=hidden, actor=lavrov)

    page = get(client, wang.get_absolute_url())

    link = f"/meetings/?actor_all={wang.uid}&actor_all={lavrov.uid}"
    assert page.all(class_="often")[0].links() == [
        ("Sergey Lavrov", lavrov.get_absolute_url()),
        ("2 meetings: Sergey Lavrov", link),
    ]
    assert meetings(client, actor_all=[wang.uid, lavrov.uid]).one("h2").text == "2 meetings"


def test_state_page_counts_the_meetings_of_those_who_belong_to_it(client):
    china = StateFactory(name="China")
    ParticipationFactory(actor=PersonFactory(home_state=china), meeting__title="Talks in Guilin")

    page = get(client, china.get_absolute_url())

    assert titles(page) == ["Talks in Guilin"]
    assert page.one(id="nationals").text == "Who belongs to it"


def test_numbers_in_a_table_of_stances_are_those_of_the_lists_behind_them(client):
    security = TopicFactory(name="Security")
    europe = TopicFactory(name="European security", parent=security)
    wang = PersonFactory(name="Wang Yi")
    for topic, stance in ((security, "supports"), (europe, "supports"), (europe, "opposes"), (europe, "")):
        statement = StatementFactory()
        SpeakerFactory(statement=statement, actor=wang)
        SpeakerFactory(statement=statement, actor=PersonFactory(name="Not public", state="draft"))
        StatementTopic.objects.create(statement=statement, topic=topic, stance=stance)
    draft = StatementFactory(state="draft")
    SpeakerFactory(statement=draft, actor=wang)
    StatementTopic.objects.create(statement=draft, topic=security, stance="supports")

    table = get(client, security.get_absolute_url()).all("table", class_="table-numbers")[0]

    assert table.one("tbody").texts("tr") == ["Wang Yi 2 2023 1 2023"]
    for number, address in table.one("tbody").links()[1:]:
        assert get(client, address).one("h2").text in (f"{number} statements", f"{number} statement")
    table = get(client, wang.get_absolute_url()).all("table", class_="table-numbers")[0]
    assert table.one("tbody").texts("tr") == ["European security 1 2023 1 2023", "Security 1 2023 – none"]
    for number, address in table.one("tbody").links():
        if number == "1":
            assert get(client, address).one("h2").text == "1 statement"


def test_place_page_counts_meetings_in_places_inside(client):
    russia = PlaceFactory(name="Russia", kind="country")
    moscow = PlaceFactory(name="Moscow", parent=russia)
    MeetingFactory(place=moscow, title="Talks in Moscow")

    page = get(client, russia.get_absolute_url())

    assert titles(page) == ["Talks in Moscow"]
    assert facts(page)["Places in it"] == "Moscow city or town, 1 meeting"


def test_series_page_lists_rounds_the_last_first(client):
    series = SeriesFactory()
    for number, day in ((18, "2023-09-19"), (20, "2025-12-02"), (19, "2024-11-12")):
        MeetingFactory(series=series, round=number, date=day, title=f"Round {number}")

    page = get(client, series.get_absolute_url())

    assert page.one("tbody").texts("th") == ["Round 20", "Round 19", "Round 18"]


def test_source_page_shows_everything_that_rests_on_it_under_its_record(client):
    moscow_talks()

    page = get(client, "/sources/src0000001/")

    assert page.one(id="rests").text == "3 facts rest on it"
    assert page.one("ul", class_="cited").texts("p") == [
        "Wang Yi and Nikolai Patrushev (21 February 2023) meeting",
        "Wang Yi meets Patrushev statement",
    ]


def test_formula_page_shows_uses_as_worded(client):
    moscow_talks()

    page = get(client, "/formulas/frm0000001/")

    assert page.one("h1").text == "“unilateral bullying”"
    assert page.one(class_="entry-meta").text.endswith("as worded: all unilateral bullying")


# The address of a record


def test_merged_record_redirects_to_its_survivor_for_ever(client):
    survivor = PersonFactory()
    merged = PersonFactory(merged_into=survivor)

    response = client.get(merged.get_absolute_url())

    assert (response.status_code, response["Location"]) == (301, survivor.get_absolute_url())


def test_withdrawn_record_answers_410_with_its_reason(client):
    meeting = MeetingFactory(title="Talks that never were")
    meeting.state, meeting.withdrawal_reason = "withdrawn", "The report was a forgery."
    meeting.save()

    response = client.get(meeting.get_absolute_url())

    assert response.status_code == 410
    assert read(response).one("blockquote").text == "The report was a forgery."
    assert "Talks that never were" not in response.content.decode()


def test_draft_answers_exactly_as_an_address_that_nobody_ever_had(client):
    draft = MeetingFactory(state="draft")

    of_draft = client.get(draft.get_absolute_url())
    of_nothing = client.get("/meetings/0000000000/")

    assert (of_draft.status_code, of_draft.content) == (404, of_nothing.content)


def test_another_spelling_of_an_id_redirects_to_the_canonical_address(client):
    MeetingFactory(uid="mt01000001")

    response = client.get("/meetings/MTOI00000L/")

    assert (response.status_code, response["Location"]) == (301, "/meetings/mt01000001/")


def test_slug_after_the_id_is_decoration_and_the_canonical_address_is_named(client):
    meeting = MeetingFactory()

    page = get(client, f"{meeting.get_absolute_url()}talks-in-moscow/")

    assert page.one("link", rel="canonical")["href"] == f"http://testserver{meeting.get_absolute_url()}"


# Home and search


def test_home_shows_counts_the_latest_of_known_date_and_the_top_of_the_tree(client):
    for title, date in (("Old", "2021"), ("New", "2025-12-02"), ("Undated", "")):
        MeetingFactory(title=title, date=date)
    MeetingFactory(title="Draft", state="draft")
    TopicFactory(name="European security", parent=TopicFactory(name="Security"))

    page = get(client, "/")

    assert page.one("ul", class_="counts").texts("li")[:2] == ["3 meetings", "0 statements"]
    assert titles(page) == ["New", "Old"]
    assert page.one(id="by-topic").parent.texts("li") == ["Security"]


def test_search_finds_every_kind_and_leads_to_the_list_of_the_same(client):
    wang = PersonFactory(name="Wang Yi")
    ParticipationFactory(actor=wang, meeting__title="Talks in Guilin")
    ParticipationFactory(actor=wang, meeting__title="Secret talks", meeting__state="draft")

    page = get(client, "/search/", q="wang yi")

    assert page.one("nav", aria_label="Found").texts("li") == ["Actors 1", "Meetings 1"]
    assert page.one(id="meetings").parent.links() == [
        ("Talks in Guilin", wang.participations.first().meeting.get_absolute_url()),
        ("As a list, to filter : Meetings", "/meetings/?q=wang+yi"),
    ]


@pytest.mark.parametrize("typed", ["", " ", "\x00", '"', "-", "(((", "or or", "%", "Wang' --", "x" * 5000])
def test_whatever_is_typed_into_the_search_is_answered(client, typed):
    assert client.get("/search/", {"q": typed}).status_code == 200
    assert client.get("/meetings/", {"q": typed}, follow=True).status_code == 200
    assert client.get("/meetings/", {"find": typed, "find_as": "actor"}, follow=True).status_code == 200


# Health


def test_health_pages_answer(client):
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"


def test_readyz_says_when_the_database_does_not_answer(client, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"the database does not answer\n")


# What a page costs


def one_of_each(number):
    """A record of each kind, tied to the others, and the name of its list."""
    china = StateFactory(name=f"China {number}")
    body = BodyFactory(home_state=china, parent=china)
    person = PersonFactory(home_state=china)
    ActorNameFactory(actor=person, text=f"王毅{number}")
    MembershipFactory(member=china)
    tenure = TenureFactory(person=person, office=OfficeFactory(body=body))
    place = PlaceFactory(parent=PlaceFactory(kind="country"))
    topic = TopicFactory(parent=TopicFactory())
    meeting = MeetingFactory(place=place, series=SeriesFactory(), part_of=MeetingFactory())
    participation = ParticipationFactory(meeting=meeting, actor=person, on_behalf_of=china)
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    MeetingTopic.objects.create(meeting=meeting, topic=topic)
    statement = StatementFactory(meeting=meeting, channel=body)
    SpeakerFactory(statement=statement, actor=person, tenure=tenure)
    StatementTopic.objects.create(statement=statement, topic=topic, stance="supports")
    formula = FormulaFactory(topic=topic, first_meeting=meeting)
    formula.uses.create(statement=statement)
    formula.first_users.create(actor=person)
    CitationFactory(meeting=meeting, source=SourceFactory(publisher_actor=body))
    return meeting


def cost(client, path):
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", ["/", "/meetings/?q=talks", *(f"/{plural}/" for plural in PLURALS)])
def test_page_costs_the_same_for_one_row_and_for_three(client, path):
    one_of_each(1)
    for_one = cost(client, path)
    one_of_each(2)
    one_of_each(3)

    assert cost(client, path) == for_one


def test_record_page_costs_the_same_whatever_hangs_on_it(client):
    def enrich():
        more = one_of_each(meeting.participations.count())
        more.series = meeting.series
        more.part_of = meeting
        more.save()
        person = more.participations.get().actor
        participation = ParticipationFactory(meeting=meeting, actor=person)
        ParticipationTenure.objects.create(participation=participation, tenure=person.tenures.get())
        statement = StatementFactory(meeting=meeting)
        SpeakerFactory(statement=statement, actor=wang, tenure=wang.tenures.get())
        StatementTopic.objects.create(statement=statement, topic=topic, stance="opposes")
        MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory())
        CitationFactory(meeting=None, statement=statement, source=source)
        CitationFactory(meeting=None, participation=participation, field="role", source=source)

    meeting = one_of_each(0)
    wang = meeting.participations.get().actor
    topic = meeting.topic_links.get().topic
    source = meeting.citations.get().source
    enrich()
    pages = [
        one.get_absolute_url() for one in (meeting, meeting.statements.first(), wang, topic, meeting.series, source)
    ]
    before = [cost(client, page) for page in pages]
    enrich()
    enrich()

    assert [cost(client, page) for page in pages] == before
