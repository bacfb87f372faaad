import pytest

from actors.models import ActorIdentifier
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.finding import search_everything
from events.models import FormulaVariant, MeetingTopic, ParticipationTenure, PlaceName, StatementTopic, TopicLabel
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    FormulaFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def found(filter_set, typed, **query):
    filters = filter_set({"q": typed} | query, queryset=filter_set._meta.model.objects.public())
    assert filters.errors == {}
    return list(filters.qs)


def meetings(typed, **query):
    return found(MeetingFilterSet, typed, **query)


@pytest.fixture
def talks():
    """The talks of Wang Yi and Nikolai Patrushev of 21 February 2023, among others."""
    wang = PersonFactory(name="Wang Yi", description="A diplomat from Beijing.")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    ActorNameFactory(actor=wang, text="Ван И", language="ru")
    patrushev = PersonFactory(name="Nikolai Patrushev")
    ActorNameFactory(actor=patrushev, text="Николай Патрушев", language="ru")
    talks = MeetingFactory(title="Strategic security consultations", date="2023-02-21")
    ParticipationFactory(meeting=talks, actor=wang)
    ParticipationFactory(meeting=talks, actor=patrushev)
    for name, native in (("Qin Gang", "秦刚"), ("Sergey Lavrov", "Сергей Лавров")):
        other = ParticipationFactory(actor__name=name, meeting__date="2023-03-02").actor
        ActorNameFactory(actor=other, text=native, language="zh")
    return talks


@pytest.mark.parametrize("typed", ["王毅", "Ван И", "wang yi", "Wang  Yi", "patrushev", "Патрушев", "patrushef"])
def test_meeting_is_found_by_every_spelling_of_a_participant(talks, typed):
    assert meetings(typed) == [talks]


@pytest.mark.parametrize("typed", ["'; --", '"', ":*&|!", "😀", "()"])
def test_query_without_a_word_finds_nothing(talks, typed):
    assert meetings(typed) == []


@pytest.mark.parametrize(
    "typed",
    ["wang'); DROP TABLE events_meeting; --", "wang:*", "wang & !yi", "% wang _", "wang\x00yi", "王毅%", "a" * 10_000],
)
def test_signs_of_other_languages_are_read_as_text(talks, typed):
    assert meetings(typed) in ([], [talks])


def test_sign_that_stands_for_any_text_elsewhere_stands_for_itself(talks):
    assert meetings("王%") == meetings("王_") == []


def test_all_words_must_be_found_but_may_be_found_in_different_places(talks):
    assert meetings("wang patrushev security") == [talks]
    assert meetings("wang lavrov") == []


def test_phrase_words_left_out_and_alternatives(talks):
    assert meetings('"strategic security"') == [talks]
    assert meetings('"security strategic"') == []
    assert meetings("security -patrushev") == []
    assert meetings("security -lavrov") == [talks]
    assert meetings("lavrov or patrushev security") == [talks]
    assert len(meetings("lavrov or patrushev")) == 2


def test_repeated_query_means_any_of_them(talks):
    assert meetings(["nobody", "patrushev"]) == [talks]


def test_words_are_found_by_their_stem_and_without_accents():
    consultation = MeetingFactory(title="Переговоры о сотрудничестве", summary="Greeted António Guterres.")
    MeetingFactory(title="Other")

    assert meetings("сотрудничество") == meetings("antonio") == meetings("greets Guterrès") == [consultation]


def test_chinese_is_found_inside_a_text_without_spaces():
    meeting = MeetingFactory(title="Talks", summary="王毅会见帕特鲁舍夫")
    MeetingFactory(title="Other")

    assert meetings("帕特鲁舍夫") == meetings("会见") == meetings('"毅会见"') == [meeting]


def test_meeting_is_found_by_notes_topic_place_series_and_name_as_given():
    meeting = MeetingFactory(
        title="Talks",
        notes="Coded from a readout.",
        place=PlaceFactory(name="Moscow"),
        series=SeriesFactory(name="Quad Forum"),
    )
    PlaceName.objects.create(place=meeting.place, text="Москва", language="ru")
    topic = TopicFactory(name="Grain corridor")
    TopicLabel.objects.create(topic=topic, text="粮食走廊", language="zh")
    MeetingTopic.objects.create(meeting=meeting, topic=topic)
    ParticipationFactory(meeting=meeting, actor=None, name_as_given="the Malian delegation")
    MeetingFactory(title="Other")

    for typed in ("readout", "grain", "粮食", "Moscow", "москва", "quad", "malian", "quad grain moscow"):
        assert meetings(typed) == [meeting], typed


def test_description_of_a_participant_topic_or_series_does_not_find_the_meeting(talks):
    series = SeriesFactory(name="Forum", description="Yearly in Boao.")
    MeetingTopic.objects.create(
        meeting=MeetingFactory(series=series), topic=TopicFactory(name="Trade", scope_note="Including tariffs.")
    )

    assert meetings("Beijing") == meetings("Boao") == meetings("tariffs") == []


def test_hidden_records_of_every_kind_find_no_meeting():
    hidden_actor = PersonFactory(name="Zakharova", state="draft")
    ActorNameFactory(actor=hidden_actor, text="Захарова", language="ru")
    meeting = MeetingFactory(
        title="Talks",
        place=PlaceFactory(name="Zvenigorod", state="draft"),
        series=SeriesFactory(name="Zarya", state="withdrawn", withdrawal_reason="Never met."),
    )
    PlaceName.objects.create(place=meeting.place, text="Звенигород", language="ru")
    ParticipationFactory(meeting=meeting, actor=hidden_actor)
    errand = ParticipationFactory(meeting=meeting, actor__name="Zhukov", on_behalf_of=hidden_actor)
    ParticipationFactory(meeting=meeting, actor=None, name_as_given="Zorin", on_behalf_of=hidden_actor)
    MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory(name="Zinc", state="review"))
    MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory(name="Zeal", merged_into=TopicFactory()))
    MeetingFactory(title="Zenith", state="draft")

    assert errand.actor.is_public
    for typed in (
        "Zakharova",
        "Захарова",
        "Zvenigorod",
        "Звенигород",
        "Zarya",
        "Zhukov",
        "Zorin",
        "Zinc",
        "Zeal",
        "Zenith",
    ):
        assert meetings(typed) == [], typed
    assert [find.count for find in search_everything("Zakharova Zvenigorod Zarya Zinc Zenith")] == [0] * 8


@pytest.fixture
def secretary():
    """The tenure of the Secretary of the Security Council of Russia."""
    council = BodyFactory(name="Security Council of the Russian Federation")
    ActorNameFactory(actor=council, text="Совбез", language="ru")
    ActorNameFactory(actor=council, text="俄罗斯联邦安全会议", language="zh")
    office = OfficeFactory(body=council, name="Secretary", aliases=["Секретарь Совета Безопасности", "安全会议秘书"])
    return TenureFactory(office=office, person__name="Nikolai Patrushev")


def acting(tenure, **meeting):
    """A meeting that the holder of the office took part in as such."""
    participation = ParticipationFactory(actor=tenure.person, meeting=MeetingFactory(**meeting))
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    return participation.meeting


@pytest.mark.parametrize(
    "typed",
    [
        "security council secretaries",
        "Совбез",
        "секретари совета",
        "安全会议秘书",
        "俄罗斯联邦安全会议",
        '"security council"',
    ],
)
def test_meeting_and_statement_are_found_by_the_office_of_who_acted_in_any_wording(secretary, typed):
    meeting = acting(secretary, title="Talks")
    ParticipationFactory(actor=secretary.person, meeting__title="Dinner of friends")
    statement = SpeakerFactory(actor=secretary.person, tenure=secretary).statement
    SpeakerFactory(actor=secretary.person, tenure=None)

    assert meetings(typed) == [meeting]
    assert found(StatementFilterSet, typed) == [statement]


def test_meeting_is_found_by_a_capacity_as_the_source_words_it():
    talks = ParticipationFactory(meeting__title="Talks", capacity="Special Envoy for Eurasia").meeting
    huitan = ParticipationFactory(meeting__title="会谈", capacity="中国政府欧亚事务特别代表").meeting
    ParticipationFactory(meeting__title="Others", capacity="")

    assert meetings("envoys eurasia") == [talks]
    assert meetings("特别代表") == [huitan]
    assert meetings("别特代表") == []
    assert meetings("-envoy talks") == []


def test_hidden_offices_persons_and_participations_find_nothing(secretary):
    hidden = {"state": "draft"}
    closet = TenureFactory(office__name="Zealot", office__body__state="draft")
    ghost = TenureFactory(office__name="Zookeeper", person__state="draft")
    for tenure in (closet, ghost):
        acting(tenure, title="Talks")
        SpeakerFactory(actor=tenure.person, tenure=tenure)
    acting(secretary, title="Draft", **hidden)
    ParticipationFactory(meeting__title="Talks", actor__state="draft", capacity="Zoologist")
    errand = acting(TenureFactory(office__name="Zouave"), title="Talks").participations.get()
    errand.on_behalf_of = PersonFactory(**hidden)
    errand.save()

    for typed in ("Zealot", "Zookeeper", "Zoologist", "Zouave", "Secretary"):
        assert meetings(typed) == found(StatementFilterSet, typed) == [], typed


def test_offices_rank_below_titles_and_names_and_above_words_in_notes(secretary):
    council = BodyFactory(name="Council of Security Secretaries")
    in_notes = MeetingFactory(title="Talks", notes="The secretary spoke of the security council.", date="2025")
    spread = acting(TenureFactory(office__name="Secretary of state"), title="Security council", date="2024")
    in_office = acting(secretary, title="Consultation", date="2023")
    in_capacity = ParticipationFactory(
        meeting__title="Call", meeting__date="2022", capacity="Secretary, Security Council"
    )
    in_title = MeetingFactory(title="Secretaries of security councils", date="2021")
    of_that_name = ParticipationFactory(actor=council, meeting__title="Session", meeting__date="2020").meeting

    assert meetings("security council secretary", order="relevance") == [
        of_that_name,
        in_title,
        spread,
        in_office,
        in_capacity.meeting,
        in_notes,
    ]


def test_meeting_of_the_actor_with_the_whole_name_comes_before_words_spread_over_others():
    spread = MeetingFactory(title="Talks", date="2024")
    ParticipationFactory(meeting=spread, actor__name="Wang Wenbin")
    ParticipationFactory(meeting=spread, actor__name="Yi Gang")
    in_text = MeetingFactory(title="Talks about Wang Yi", summary="Wang Yi, Wang Yi, Wang Yi.", date="2025")
    whole = ParticipationFactory(actor__name="Wang Yi", meeting__date="2020").meeting

    assert meetings("wang yi") == [whole, in_text, spread]
    assert meetings("wang yi", order="-date") == [in_text, spread, whole]


def test_statement_is_found_by_text_translation_author_and_topic():
    statement = StatementFactory(
        title="Position paper", gist="Calls for talks.", text="Мы против эскалации.", language="ru",
        translation="We oppose escalation.", translation_language="en",
    )  # fmt: skip
    SpeakerFactory(statement=statement, actor__name="Wang Yi")
    SpeakerFactory(statement=statement, actor=None, name_as_given="observers")
    topic = TopicFactory(name="Ceasefire")
    StatementTopic.objects.create(statement=statement, topic=topic)
    StatementFactory(gist="Something else.")
    SpeakerFactory(actor__name="Zhukov", actor__state="draft")

    for typed in ("paper", "call", "эскалация", "oppose", "wang yi", "observers", "ceasefire", "wang ceasefire"):
        assert found(StatementFilterSet, typed) == [statement], typed
    assert found(StatementFilterSet, "Zhukov") == []


def test_topics_places_series_sources_and_formulas_are_found_by_their_texts():
    topic = TopicFactory(name="Ukraine", scope_note="The conflict since 2014.")
    TopicLabel.objects.create(topic=topic, text="乌克兰", language="zh")
    place = PlaceFactory(name="Beijing")
    PlaceName.objects.create(place=place, text="Пекин", language="ru")
    series = SeriesFactory(name="Strategic Security Consultation", description="Yearly.")
    source = SourceFactory(
        title="Readout of the talks", publisher="Xinhua", url="https://example.org/c_1310.htm", note="Short."
    )
    formula = FormulaFactory(name="no limits", note="Since February 2022.")
    FormulaVariant.objects.create(formula=formula, text="无上限", language="zh")
    for factory in (TopicFactory, PlaceFactory, SeriesFactory, SourceFactory, FormulaFactory):
        factory()

    for typed in ("ukraine", "conflict", "乌克兰"):
        assert found(TopicFilterSet, typed) == [topic], typed
    for typed in ("Beijing", "пекин"):
        assert found(PlaceFilterSet, typed) == [place], typed
    for typed in ("security", "yearly"):
        assert found(SeriesFilterSet, typed) == [series], typed
    for typed in ("readout", "xinhua", "short", "c_1310"):
        assert found(SourceFilterSet, typed) == [source], typed
    for typed in ('"no limits"', "february", "无上限"):
        assert found(FormulaFilterSet, typed) == [formula], typed


def test_search_over_everything_counts_and_shows_the_best_of_every_kind(talks):
    ActorIdentifier.objects.create(actor=PersonFactory(name="Wang Wenbin"), scheme="wikidata", value="Q1")

    finds = {find.kind: (find.count, [str(record) for record in find.records]) for find in search_everything("wang")}

    assert finds == {
        "actors": (2, ["Wang Yi", "Wang Wenbin"]),
        "meetings": (1, ["Strategic security consultations (21 February 2023)"]),
        "statements": (0, []),
        "topics": (0, []),
        "places": (0, []),
        "series": (0, []),
        "sources": (0, []),
        "formulas": (0, []),
    }


@pytest.mark.parametrize("typed", ["", "'; --", "\x00", '"', "x" * 10_000])
def test_search_over_everything_stands_any_text(typed):
    assert [(find.count, find.records) for find in search_everything(typed)] == [(0, [])] * 8


@pytest.mark.parametrize("n", [1, 3])
def test_search_over_everything_costs_the_same_for_one_find_and_for_three(n, django_assert_num_queries):
    for number in range(n):
        PersonFactory(name="Moscow envoy")
        MeetingFactory(title="Moscow talks", place=PlaceFactory(name=f"Moscow {number}"))

    with django_assert_num_queries(22):
        assert [find.count for find in search_everything("moscow")] == [n, n, 0, 0, n, 0, 0, 0]


def test_search_over_everything_finds_what_the_lists_find(talks):
    for typed in ("wang yi", "patrushef", "security -lavrov"):
        counts = {find.kind: find.count for find in search_everything(typed)}
        assert counts["meetings"] == len(meetings(typed)), typed
