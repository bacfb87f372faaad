from datetime import timedelta

import pytest
from django.http import QueryDict

from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.models import (
    FormulaUse,
    FormulaUser,
    FormulaVariant,
    Meeting,
    MeetingTopic,
    ParticipationTenure,
    Statement,
    StatementMention,
    StatementTopic,
)
from tests.factories import (
    BodyFactory,
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    OfficeFactory,
    OrganisationFactory,
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


def found(filter_set, query, name):
    filters = filter_set(query, queryset=filter_set._meta.model.objects.public())
    assert filters.errors == {}
    return [getattr(record, name) for record in filters.qs]


def meetings(**query):
    return found(MeetingFilterSet, {"order": "title"} | query, "title")


def statements(**query):
    return found(StatementFilterSet, {"order": "title"} | query, "title")


def topics(**query):
    return found(TopicFilterSet, query, "name")


def places(**query):
    return found(PlaceFilterSet, query, "name")


def sources(**query):
    return found(SourceFilterSet, {"order": "title"} | query, "title")


def formulas(**query):
    return found(FormulaFilterSet, query, "name")


def within(start, end):
    return {"from": start, "to": end}


# Who took part


@pytest.mark.django_db
def test_actor_finds_meetings_that_any_of_the_actors_took_part_in():
    wang, lavrov = PersonFactory(), PersonFactory()
    ParticipationFactory(actor=wang, meeting__title="Wang")
    ParticipationFactory(actor=lavrov, meeting__title="Lavrov")
    ParticipationFactory(meeting__title="Others")

    assert meetings(actor=wang.uid) == ["Wang"]
    assert meetings(actor=[wang.uid, lavrov.uid]) == ["Lavrov", "Wang"]


@pytest.mark.django_db
def test_who_was_absent_took_no_part():
    wang = PersonFactory()
    ParticipationFactory(actor=wang, meeting__title="There", attendance="reported")
    ParticipationFactory(actor=wang, meeting__title="Not there", attendance="absent", role="host")

    assert meetings(actor=wang.uid) == meetings(actor_all=wang.uid) == ["There"]
    assert meetings(not_actor=wang.uid) == ["Not there"]
    assert meetings(role="host") == []


@pytest.mark.django_db
def test_participation_for_a_hidden_actor_is_hidden():
    wang = PersonFactory()
    hidden = StateFactory(state="draft")
    ParticipationFactory(actor=wang, meeting__title="Open")
    ParticipationFactory(actor=wang, meeting__title="Secret errand", on_behalf_of=hidden, role="mediator")

    assert meetings(actor=wang.uid) == ["Open"]
    assert meetings(not_actor=wang.uid) == ["Secret errand"]
    assert meetings(role="mediator") == []


@pytest.mark.django_db
def test_actor_all_asks_for_every_one_of_the_actors():
    wang, lavrov = PersonFactory(), PersonFactory()
    both = MeetingFactory(title="Both")
    ParticipationFactory(actor=wang, meeting=both)
    ParticipationFactory(actor=lavrov, meeting=both)
    ParticipationFactory(actor=wang, meeting__title="Wang alone")

    assert meetings(actor_all=[wang.uid, lavrov.uid]) == ["Both"]


@pytest.mark.django_db
def test_not_actor_leaves_out_meetings_of_any_of_the_actors():
    wang, lavrov = PersonFactory(), PersonFactory()
    ParticipationFactory(actor=wang, meeting__title="Wang")
    ParticipationFactory(actor=lavrov, meeting__title="Lavrov")
    MeetingFactory(title="Nobody named")

    assert meetings(not_actor=[wang.uid, lavrov.uid]) == ["Nobody named"]


@pytest.mark.django_db
def test_role_beside_an_actor_is_the_role_of_that_actor():
    wang = PersonFactory()
    hosted, visited = MeetingFactory(title="Hosted by Wang"), MeetingFactory(title="Wang hosted by another")
    ParticipationFactory(actor=wang, meeting=hosted, role="host")
    ParticipationFactory(actor=wang, meeting=visited, role="guest")
    ParticipationFactory(meeting=visited, role="host")

    assert meetings(actor=wang.uid, role="host") == ["Hosted by Wang"]
    assert meetings(role="host") == ["Hosted by Wang", "Wang hosted by another"]
    assert meetings(role=["guest", "chair"]) == ["Wang hosted by another"]


@pytest.mark.django_db
def test_role_alone_is_also_held_by_participants_without_a_record():
    ParticipationFactory(actor=None, name_as_given="an interpreter", role="interpreter", meeting__title="Interpreted")
    ParticipationFactory(actor=PersonFactory(state="draft"), role="interpreter", meeting__title="By a draft")

    assert meetings(role="interpreter") == ["Interpreted"]


@pytest.mark.django_db
def test_state_takes_part_itself_through_its_people_and_through_who_acts_for_it():
    china, sco = StateFactory(name="China"), OrganisationFactory(name="SCO")
    ParticipationFactory(actor=china, meeting__title="Itself")
    ParticipationFactory(actor=PersonFactory(home_state=china), meeting__title="Its minister")
    ParticipationFactory(actor=PersonFactory(), on_behalf_of=china, meeting__title="On its behalf")
    ParticipationFactory(actor=PersonFactory(home_state=china), attendance="absent", meeting__title="Absent")
    ParticipationFactory(actor=PersonFactory(home_state=china, state="draft"), meeting__title="Draft minister")
    ParticipationFactory(actor=PersonFactory(home_state=sco), meeting__title="SCO")

    assert meetings(state=china.uid) == ["Its minister", "Itself", "On its behalf"]
    assert meetings(state=[china.uid, sco.uid]) == ["Its minister", "Itself", "On its behalf", "SCO"]


@pytest.mark.django_db
def test_office_is_the_one_that_somebody_took_part_in():
    shoigu, secretary, minister = PersonFactory(name="Sergei Shoigu"), OfficeFactory(), OfficeFactory(name="Minister")
    hidden = OfficeFactory(body=BodyFactory(state="draft"))
    for title, office, more in (
        ("As secretary", secretary, {}),
        ("As minister", minister, {}),
        ("Absent", secretary, {"attendance": "absent"}),
        ("Of a draft", secretary, {"actor": PersonFactory(state="draft")}),
        ("Secret errand", secretary, {"on_behalf_of": StateFactory(state="draft")}),
        ("Draft", secretary, {"meeting__state": "draft"}),
        ("Of a draft body", hidden, {}),
    ):
        row = ParticipationFactory(meeting__title=title, **{"actor": shoigu, **more})
        # A tenure for each: one person in the same office again, long before.
        tenure = TenureFactory(person=row.actor, office=office, span=f"{1900 + row.pk % 90}")
        ParticipationTenure.objects.create(participation=row, tenure=tenure)

    assert meetings(office=secretary.uid) == ["As secretary"]
    assert meetings(office=[secretary.uid, minister.uid]) == ["As minister", "As secretary"]
    assert meetings(office_all=[secretary.uid, minister.uid]) == []
    assert meetings(not_office=secretary.uid) == [
        "Absent",
        "As minister",
        "Of a draft",
        "Of a draft body",
        "Secret errand",
    ]
    assert set(MeetingFilterSet({"office": hidden.uid}, queryset=Meeting.objects.public()).errors) == {"office"}


# About what


@pytest.mark.django_db
def test_topic_is_taken_with_narrower_ones_and_topic_exact_without():
    security = TopicFactory(name="Security")
    nato = TopicFactory(name="NATO", parent=TopicFactory(name="Europe", parent=security))
    for title, topic in (("Broad", security), ("Narrow", nato), ("Trade", TopicFactory())):
        MeetingTopic.objects.create(meeting=MeetingFactory(title=title), topic=topic)

    assert meetings(topic=security.uid) == ["Broad", "Narrow"]
    assert meetings(topic_exact=security.uid) == ["Broad"]
    assert meetings(not_topic=security.uid) == ["Trade"]
    assert meetings(topic=nato.uid) == ["Narrow"]


@pytest.mark.django_db
def test_draft_topic_between_two_public_ones_joins_nothing():
    security = TopicFactory()
    below = TopicFactory(parent=TopicFactory(parent=security, state="draft"))
    MeetingTopic.objects.create(meeting=MeetingFactory(title="Below a draft"), topic=below)

    assert meetings(topic=security.uid) == []
    assert meetings(not_topic=security.uid) == ["Below a draft"]


@pytest.mark.django_db
def test_stance_is_taken_by_a_public_statement_of_the_meeting():
    ukraine = TopicFactory()
    for title, stance, state in (
        ("For", "supports", "published"),
        ("Against", "opposes", "published"),
        ("X", "opposes", "draft"),
    ):
        statement = StatementFactory(meeting=MeetingFactory(title=title), state=state)
        StatementTopic.objects.create(statement=statement, topic=ukraine, stance=stance)
    hidden = StatementFactory(meeting=MeetingFactory(title="On a draft topic"))
    StatementTopic.objects.create(statement=hidden, topic=TopicFactory(state="draft"), stance="opposes")

    assert meetings(stance="opposes") == ["Against"]
    assert meetings(stance=["opposes", "supports"]) == ["Against", "For"]


@pytest.mark.django_db
def test_stance_beside_a_topic_is_on_that_topic_or_a_narrower_one():
    ukraine = TopicFactory()
    grain = TopicFactory(parent=ukraine)
    for title, topic in (("On grain", grain), ("On Ukraine", ukraine), ("On trade", TopicFactory())):
        meeting = MeetingFactory(title=title)
        MeetingTopic.objects.create(meeting=meeting, topic=ukraine)
        statement = StatementFactory(meeting=meeting)
        StatementTopic.objects.create(statement=statement, topic=topic, stance="calls-for")

    assert meetings(topic=ukraine.uid, stance="calls-for") == ["On Ukraine", "On grain"]
    assert meetings(topic_exact=ukraine.uid, stance="calls-for") == ["On Ukraine"]
    assert meetings(topic=ukraine.uid, stance="opposes") == []


# What was said, and by whom


@pytest.mark.django_db
def test_speaker_is_an_author_of_a_public_statement():
    wang = PersonFactory()
    SpeakerFactory(actor=wang, statement__meeting=MeetingFactory(title="Spoke"))
    SpeakerFactory(actor=wang, statement__meeting=MeetingFactory(title="Draft"), statement__state="draft")
    ParticipationFactory(actor=wang, meeting__title="Was silent")

    assert meetings(speaker=wang.uid) == ["Spoke"]


@pytest.mark.django_db
def test_language_channel_and_formula_are_those_of_public_statements():
    ministry, no_limits = PersonFactory(), FormulaFactory()
    for title, state in (("Shown", "published"), ("Hidden", "draft")):
        statement = StatementFactory(
            meeting=MeetingFactory(title=title), language="zh-Hant", channel=ministry, state=state
        )
        FormulaUse.objects.create(formula=no_limits, statement=statement)
    other = StatementFactory(meeting=MeetingFactory(title="Other"), language="zha", channel=PersonFactory())
    FormulaUse.objects.create(formula=FormulaFactory(), statement=other)

    assert meetings(language="zh") == meetings(language="ZH-hant") == ["Shown"]
    assert meetings(language=["zh", "zha"]) == ["Other", "Shown"]
    assert meetings(channel=ministry.uid) == ["Shown"]
    assert meetings(formula=no_limits.uid) == ["Shown"]


@pytest.mark.django_db
def test_has_statement_counts_public_statements_only():
    StatementFactory(meeting=MeetingFactory(title="With"))
    StatementFactory(meeting=MeetingFactory(title="With a draft"), state="draft")
    MeetingFactory(title="Without")

    assert meetings(has_statement="true") == ["With"]
    assert meetings(has_statement="false") == ["With a draft", "Without"]


@pytest.mark.django_db
def test_source_is_cited_for_the_meeting_a_participation_or_a_statement():
    tass = SourceFactory()
    CitationFactory(source=tass, meeting=MeetingFactory(title="Meeting"))
    CitationFactory(source=tass, meeting=None, participation=ParticipationFactory(meeting__title="Participation"))
    statement = StatementFactory(meeting=MeetingFactory(title="Statement"))
    CitationFactory(source=tass, meeting=None, statement=statement)
    draft = StatementFactory(meeting=MeetingFactory(title="Draft statement"), state="draft")
    CitationFactory(source=tass, meeting=None, statement=draft)
    errand = ParticipationFactory(meeting__title="Secret errand", on_behalf_of=StateFactory(state="draft"))
    CitationFactory(source=tass, meeting=None, participation=errand)
    CitationFactory(meeting=MeetingFactory(title="Another source"))

    assert meetings(source=tass.uid) == ["Meeting", "Participation", "Statement"]


# Where, how, of which series


@pytest.mark.django_db
def test_place_is_taken_with_the_places_in_it():
    russia = PlaceFactory(name="Russia", kind="country")
    moscow = PlaceFactory(name="Moscow", parent=russia)
    for title, place in (
        ("Kremlin", PlaceFactory(parent=moscow)),
        ("Moscow", moscow),
        ("Munich", PlaceFactory(country="DE")),
    ):
        MeetingFactory(title=title, place=place)
    MeetingFactory(title="Draft place", place=PlaceFactory(parent=moscow, state="draft"))

    assert meetings(place=russia.uid) == ["Kremlin", "Moscow"]


@pytest.mark.django_db
def test_country_is_that_of_a_public_place():
    MeetingFactory(title="Moscow", place=PlaceFactory(country="RU"))
    MeetingFactory(title="Munich", place=PlaceFactory(country="DE"))
    MeetingFactory(title="Draft place", place=PlaceFactory(country="RU", state="draft"))

    assert meetings(country="ru") == ["Moscow"]
    assert meetings(country=["RU", "DE"]) == ["Moscow", "Munich"]


@pytest.mark.django_db
def test_mode_kind_status_and_series_are_those_of_the_meeting():
    series = SeriesFactory()
    MeetingFactory(title="Call", mode="phone", kind="consultation", status="held", series=series)
    MeetingFactory(title="Visit", mode="in-person", kind="visit", status="cancelled", series=SeriesFactory())
    MeetingFactory(title="Unknown", mode="", kind="summit", status="denied")

    assert meetings(mode=["phone", "video"]) == ["Call"]
    assert meetings(kind=["visit", "summit"]) == ["Unknown", "Visit"]
    assert meetings(status="cancelled") == ["Visit"]
    assert meetings(series=series.uid) == ["Call"]


# When


@pytest.mark.django_db
def test_february_2023_certainly_and_possibly():
    for title, date in {
        "21 February": "2023-02-21",
        "February": "2023-02",
        "an unknown day of January or February": "[2023-01-15..2023-02-10]",
        "20 to 22 February": "2023-02-20/2023-02-22",
        "31 January to 2 February": "2023-01-31/2023-02-02",
        "2023": "2023",
        "about February": "2023-02~",
        "March": "2023-03",
        "not known": "",
    }.items():
        MeetingFactory(title=title, date=date)

    certain = ["20 to 22 February", "21 February", "31 January to 2 February", "February"]
    assert meetings(**within("2023-02", "2023-02"), dates="certain") == certain
    assert set(meetings(**within("2023-02", "2023-02"))) == {
        *certain,
        "2023",
        "an unknown day of January or February",
        "about February",
    }
    assert meetings(**within("2023-02", "2023-02"), dates="possible") == meetings(**within("2023-02-01", "2023-02-28"))


@pytest.mark.django_db
def test_window_may_be_open_on_either_side_and_includes_its_ends():
    for date in ("2023-02-20", "2023-02-21", "2023-02-22"):
        MeetingFactory(title=date, date=date)
    MeetingFactory(title="not known", date="")

    assert meetings(**{"from": "2023-02-21"}) == ["2023-02-21", "2023-02-22"]
    assert meetings(to="2023-02-21") == ["2023-02-20", "2023-02-21"]
    assert meetings(**within("2023-02-21", "2023-02-21"), dates="certain") == ["2023-02-21"]


@pytest.mark.django_db
def test_undated_finds_what_no_window_does():
    MeetingFactory(title="known", date="2023")
    MeetingFactory(title="not known", date="")

    assert meetings(undated="true") == ["not known"]
    assert meetings(undated="false") == ["known"]
    assert meetings(dates="certain") == ["known", "not known"]


@pytest.mark.django_db
def test_updated_since_includes_its_moment():
    first, second = MeetingFactory(title="first"), MeetingFactory(title="second")
    first.refresh_from_db()
    second.refresh_from_db()

    assert meetings(updated_since=second.updated_at.isoformat()) == ["second"]
    assert meetings(updated_since=first.updated_at.date().isoformat()) == ["first", "second"]
    assert meetings(updated_since=(second.updated_at + timedelta(microseconds=1)).isoformat()) == []


@pytest.mark.django_db
def test_plus_sign_of_an_offset_may_arrive_as_a_space():
    filters = MeetingFilterSet(QueryDict("updated_since=2023-02-21T03:00:00+03:00"), queryset=Meeting.objects.public())

    assert filters.errors == {}
    assert [moment.isoformat() for moment in filters.given("updated_since")] == ["2023-02-21T00:00:00+00:00"]


# Order


@pytest.mark.django_db
def test_unknown_dates_come_last_in_both_directions():
    for title, date in (("b", "2023-02"), ("d", ""), ("a", "../2020"), ("c", "2024")):
        MeetingFactory(title=title, date=date)

    assert meetings(order="date") == ["a", "b", "c", "d"]
    assert meetings(order="-date") == ["c", "b", "a", "d"]
    assert found(MeetingFilterSet, {}, "title") == ["c", "b", "a", "d"]


@pytest.mark.django_db
def test_equal_keys_are_ordered_by_age():
    for title in ("Talks 1", "Talks 2"):
        MeetingFactory(title=title, date="2023-02-21")

    assert meetings(order="date") == ["Talks 1", "Talks 2"]
    assert meetings(order="-date") == ["Talks 2", "Talks 1"]
    assert meetings(order="updated") == ["Talks 1", "Talks 2"]
    assert meetings(order="-updated") == meetings(order="-title") == ["Talks 2", "Talks 1"]


# Statements


@pytest.mark.django_db
def test_actor_of_a_statement_made_it_or_is_addressed_or_mentioned():
    council = OrganisationFactory()
    SpeakerFactory(actor=council, statement__title="Made")
    StatementMention.objects.create(statement=StatementFactory(title="Addressed"), actor=council, relation="addressee")
    StatementMention.objects.create(statement=StatementFactory(title="Mentioned"), actor=council)
    SpeakerFactory(statement__title="Other")
    SpeakerFactory(actor=council, statement__title="Draft", statement__state="draft")

    assert statements(actor=council.uid) == ["Addressed", "Made", "Mentioned"]
    assert statements(speaker=council.uid) == ["Made"]
    assert statements(not_actor=council.uid) == ["Other"]


@pytest.mark.django_db
def test_actor_all_of_a_statement_asks_for_every_one():
    wang, council = PersonFactory(), OrganisationFactory()
    StatementMention.objects.create(
        statement=SpeakerFactory(actor=wang, statement__title="Both").statement, actor=council
    )
    SpeakerFactory(actor=wang, statement__title="Wang alone")

    assert statements(actor_all=[wang.uid, council.uid]) == ["Both"]


@pytest.mark.django_db
def test_office_of_a_statement_is_the_one_its_author_spoke_in():
    patrushev, secretary = PersonFactory(), OfficeFactory()
    tenure = TenureFactory(person=patrushev, office=secretary)
    SpeakerFactory(actor=patrushev, tenure=tenure, statement__title="As secretary")
    SpeakerFactory(actor=patrushev, statement__title="In no office")
    SpeakerFactory(actor=patrushev, tenure=tenure, statement__title="Draft", statement__state="draft")
    hidden = TenureFactory(person=patrushev, office__body__state="draft", span="1999")
    SpeakerFactory(actor=patrushev, tenure=hidden, statement__title="Of a draft body")

    assert statements(office=secretary.uid) == ["As secretary"]
    assert statements(not_office=secretary.uid) == ["In no office", "Of a draft body"]
    assert StatementFilterSet({"office": hidden.office.uid}, queryset=Statement.objects.public()).errors != {}


@pytest.mark.django_db
def test_role_beside_a_speaker_is_the_role_of_that_speaker():
    wang = PersonFactory()
    SpeakerFactory(actor=wang, role="quoted", statement__title="Quoted")
    other = SpeakerFactory(actor=wang, statement__title="Spoke").statement
    SpeakerFactory(statement=other, role="quoted")

    assert statements(speaker=wang.uid, role="quoted") == statements(actor=wang.uid, role="quoted") == ["Quoted"]
    assert statements(role="quoted") == ["Quoted", "Spoke"]


@pytest.mark.django_db
def test_state_of_a_statement_is_that_of_its_authors():
    china = StateFactory()
    SpeakerFactory(actor=china, statement__title="State")
    SpeakerFactory(actor=PersonFactory(home_state=china), statement__title="Minister")
    SpeakerFactory(actor=PersonFactory(home_state=china, state="draft"), statement__title="Draft author")
    SpeakerFactory(statement__title="Other")

    assert statements(state=china.uid) == ["Minister", "State"]


@pytest.mark.django_db
def test_topic_and_stance_of_a_statement_stand_on_one_row():
    ukraine, trade = TopicFactory(), TopicFactory()
    grain = TopicFactory(parent=ukraine)
    for title, links in {
        "For": [(ukraine, "supports")],
        "For, on grain": [(grain, "supports")],
        "For trade, on Ukraine": [(ukraine, ""), (trade, "supports")],
        "Trade": [(trade, "supports")],
    }.items():
        statement = StatementFactory(title=title)
        for topic, stance in links:
            StatementTopic.objects.create(statement=statement, topic=topic, stance=stance)

    assert statements(topic=ukraine.uid, stance="supports") == ["For", "For, on grain"]
    assert statements(topic_exact=ukraine.uid, stance="supports") == ["For"]
    assert statements(topic=ukraine.uid) == ["For", "For trade, on Ukraine", "For, on grain"]
    assert statements(topic_exact=grain.uid) == ["For, on grain"]
    assert statements(not_topic=ukraine.uid) == ["Trade"]
    assert len(statements(stance="supports")) == 4


@pytest.mark.django_db
def test_meeting_place_country_and_series_of_a_statement_are_those_of_a_public_meeting():
    moscow, series = PlaceFactory(country="RU"), SeriesFactory()
    kremlin = PlaceFactory(parent=moscow, country="RU")
    talks = MeetingFactory(place=kremlin, series=series)
    StatementFactory(title="In Moscow", meeting=talks)
    StatementFactory(title="Draft meeting", meeting=MeetingFactory(place=kremlin, series=series, state="draft"))
    StatementFactory(
        title="Elsewhere", meeting=MeetingFactory(place=PlaceFactory(country="DE"), series=SeriesFactory())
    )
    StatementFactory(title="No meeting")

    for query in ({"meeting": talks.uid}, {"place": moscow.uid}, {"country": "RU"}, {"series": series.uid}):
        assert statements(**query) == ["In Moscow"], query


@pytest.mark.django_db
def test_kind_basis_language_channel_source_formula_and_date_are_those_of_the_statement():
    ministry, tass, phrase = PersonFactory(), SourceFactory(), FormulaFactory()
    statement = StatementFactory(
        title="This", kind="readout", basis="verbatim", language="zh", channel=ministry, date="2023-02-21"
    )
    CitationFactory(source=tass, meeting=None, statement=statement)
    FormulaUse.objects.create(formula=phrase, statement=statement)
    other = StatementFactory(
        title="Other", kind="post", basis="analysis", language="ru", channel=PersonFactory(), date="2024"
    )
    CitationFactory(meeting=None, statement=other)
    FormulaUse.objects.create(formula=FormulaFactory(), statement=other)

    for query in (
        {"kind": "readout"},
        {"basis": "verbatim"},
        {"language": "zh"},
        {"channel": ministry.uid},
        {"source": tass.uid},
        {"formula": phrase.uid},
        {"to": "2023"},
    ):
        assert statements(**query) == ["This"], query


# The smaller lists


@pytest.mark.django_db
def test_topics_and_places_are_filtered_by_what_they_lie_below():
    security = TopicFactory(name="Security")
    TopicFactory(name="NATO", parent=security)
    TopicFactory(name="Trade")
    russia = PlaceFactory(name="Russia", kind="country")
    PlaceFactory(name="Moscow", parent=russia)
    PlaceFactory(name="Munich", country="DE")

    assert topics(topic=security.uid) == ["NATO", "Security"]
    assert places(place=russia.uid) == ["Moscow", "Russia"]
    assert places(country="DE") == ["Munich"]
    assert places(kind="country") == ["Russia"]


@pytest.mark.django_db
def test_sources_are_filtered_by_kind_language_publisher_channel_and_date_of_publication():
    agency = OrganisationFactory()
    SourceFactory(
        title="This", kind="readout", language="ru", publisher="TASS", publisher_actor=agency, published="2023-02-21"
    )
    SourceFactory(title="Other", kind="post", language="en", publisher="TASS Review", published="")

    for query in (
        {"kind": "readout"},
        {"language": "ru"},
        {"publisher": "tass"},
        {"channel": agency.uid},
        within("2023", "2023"),
        {"undated": "false"},
    ):
        assert sources(**query) == ["This"], query


@pytest.mark.django_db
def test_formulas_are_filtered_by_user_speaker_topic_language_and_first_use():
    wang, ukraine = PersonFactory(), TopicFactory()
    phrase = FormulaFactory(name="This", topic=TopicFactory(parent=ukraine), first_seen="2022-02-04")
    FormulaUser.objects.create(formula=phrase, actor=wang)
    FormulaVariant.objects.create(formula=phrase, language="zh", text="无上限")
    FormulaUse.objects.create(formula=phrase, statement=SpeakerFactory(actor=wang).statement)
    other = FormulaFactory(name="Other", topic=TopicFactory(), first_seen="")
    hidden = SpeakerFactory(actor=wang, statement__state="draft").statement
    FormulaUse.objects.create(formula=other, statement=hidden)

    for query in (
        {"actor": wang.uid},
        {"speaker": wang.uid},
        {"topic": ukraine.uid},
        {"language": "zh"},
        within("2022-02", "2022-02"),
    ):
        assert formulas(**query) == ["This"], query
