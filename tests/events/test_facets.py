"""Counts of facets against a plain reading of the rule, and the index against a database that changes."""

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings

from actors.models import Actor, Office
from events.facets import MEETINGS, STATEMENTS
from events.filters import MeetingFilterSet, StatementFilterSet
from events.models import (
    Meeting,
    MeetingKind,
    MeetingStatus,
    MeetingTopic,
    Mode,
    ParticipationRole,
    ParticipationTenure,
    Place,
    PlaceName,
    Series,
    Stance,
    Statement,
    StatementTopic,
    Topic,
)
from tests import factories
from tests.counting import counted_once
from tests.plain_rule import COUNTRIES, PlainRule, collect, is_public
from tests.test_surfaces_agree import queries

pytestmark = pytest.mark.django_db

RECORDS = {"actor": Actor, "state": Actor, "channel": Actor, "speaker": Actor, "topic": Topic, "topic_exact": Topic}
RECORDS |= {"place": Place, "series": Series, "office": Office}
WORDS = {"role": ParticipationRole, "mode": Mode, "kind": MeetingKind, "status": MeetingStatus, "stance": Stance}
KINDS = {"state": ["state", "organisation"]}


def values_of(name):
    """Each value a facet can show, as the parameter takes it."""
    if name in RECORDS:
        records = RECORDS[name].objects.public().order_by("pk")
        return (
            [one.uid for one in records if one.kind in KINDS[name]] if name in KINDS else [one.uid for one in records]
        )
    if name in WORDS:
        return WORDS[name].values
    return {"country": COUNTRIES, "language": ["zh", "ru"], "accounts": ["differ", "agree", "several"]}[name]


def counted(facets, selection, name, filterset):
    """The counts of the index by the values as the parameter takes them; of public values alone."""
    counts = selection.counts(name).as_dict()
    found = {}
    for value in values_of(name):
        filters = filterset({name: value}, queryset=facets.index.model.objects.public())
        (given,) = filters.given(name)
        if count := counts.get(facets.facets[name].number(given), 0):
            found[value] = count
    return found


def plainly_counted(rule, query, name):
    """How many meetings the rule lists with each value of a parameter in place of those that are given."""
    others = {other: values for other, values in query.items() if other != name}
    # One more parameter never lists more.
    listed = [one for one in rule.meetings if is_public(one) and rule.matches(one, others)]
    return {value: sum(1 for one in listed if rule.matches(one, others | {name: [value]})) for value in values_of(name)}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_count_of_every_facet_is_what_a_plain_reading_of_the_rule_counts(seed):
    collect(seed)
    rule = PlainRule()
    told = []

    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(queries())
    def agree(query):
        filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
        selection = MEETINGS.select(filters)
        expected = rule.uids(query)
        assert selection.count == len(expected)
        assert {Meeting.objects.get(pk=key).uid for key in selection.keys(1000)} == set(expected)
        for name in MEETINGS.facets:
            plain = plainly_counted(rule, query, name)
            told.append(sum(plain.values()))
            assert counted(MEETINGS, selection, name, MeetingFilterSet) == {k: n for k, n in plain.items() if n}, name

    with counted_once():
        agree()
    assert sum(1 for count in told if count) > len(told) / 4  # counts of nothing prove little


@pytest.mark.parametrize("seed", [1, 2])
def test_every_year_counts_what_can_and_what_must_have_happened_in_it(seed):
    collect(seed)
    rule = PlainRule()

    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(queries())
    def agree(query):
        filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
        years = MEETINGS.select(filters).years()
        query = {name: values for name, values in query.items() if name not in ("from", "to", "dates")}
        for place, year in enumerate(range(years.first, years.first + len(years.possible))):
            window = {"from": [str(year)], "to": [str(year)]}
            assert years.possible[place] == len(rule.uids(query | window))
            assert years.certain[place] == len(rule.uids(query | window | {"dates": ["certain"]}))

    with counted_once():
        agree()


@pytest.mark.parametrize("seed", [1, 2])
def test_statements_are_counted_as_their_filter_set_finds_them(seed):
    collect(seed)
    everything = {"actor": [], "speaker": [], "topic": [], "role": [], "stance": []}
    for name in everything:
        everything[name] = [{}, *({name: value} for value in _statement_values(name))]
    with counted_once():
        for left in everything["actor"] + everything["speaker"] + everything["topic"]:
            for right in everything["role"] + everything["stance"]:
                _assert_counted_as_found(left | right)


def _assert_counted_as_found(query):
    filters = StatementFilterSet(query, queryset=Statement.objects.public())
    selection = STATEMENTS.select(filters)
    assert set(selection.keys(1000)) == set(filters.qs.values_list("pk", flat=True)), query
    for name in ("role", "stance", "language"):
        plain = {
            value: StatementFilterSet(query | {name: value}, queryset=Statement.objects.public()).qs.count()
            for value in _statement_values(name)
        }
        counts = selection.counts(name).as_dict()
        facet = STATEMENTS.facets[name]
        assert {value: counts.get(facet.number(value), 0) for value in plain} == plain, (query, name)


def _statement_values(name):
    if name in ("actor", "speaker"):
        return [one.uid for one in Actor.objects.public().order_by("pk")[:3]]
    if name == "topic":
        return [one.uid for one in Topic.objects.public().order_by("pk")[:2]]
    return {"role": ["speaker", "issuer"], "stance": ["supports", "opposes"], "language": ["zh", "ru"]}[name]


# The index follows the database.


def keys_of(query=None):
    return sorted(MEETINGS.select(MeetingFilterSet(query or {}, queryset=Meeting.objects.public())).keys(1000))


def counts_of(name, query=None):
    filters = MeetingFilterSet(query or {}, queryset=Meeting.objects.public())
    return MEETINGS.select(filters).counts(name).as_dict()


def statement_counts_of(name):
    filters = StatementFilterSet({}, queryset=Statement.objects.public())
    return STATEMENTS.select(filters).counts(name).as_dict()


@pytest.fixture
def talks(transactional_db):
    """Talks in Moscow about grain with Wang Yi of China, one statement; the index has read them."""
    china = factories.StateFactory(name="China", state="published")
    wang = factories.PersonFactory(name="Wang Yi", home_state=china, state="published")
    food = factories.TopicFactory(name="Food", state="published")
    grain = factories.TopicFactory(name="Grain", parent=food, state="published")
    russia = factories.PlaceFactory(name="Russia", country="RU", state="published")
    moscow = factories.PlaceFactory(name="Moscow", country="RU", parent=russia, state="published")
    meeting = factories.MeetingFactory(title="Talks", place=moscow, state="published", date="2023-02-21")
    factories.ParticipationFactory(meeting=meeting, actor=wang)
    MeetingTopic.objects.create(meeting=meeting, topic=grain)
    statement = factories.StatementFactory(meeting=meeting, language="zh", state="published")
    factories.SpeakerFactory(statement=statement, actor=wang)
    StatementTopic.objects.create(statement=statement, topic=grain, stance="supports")
    assert counts_of("actor") == {wang.pk: 1}
    return {
        one: value
        for one, value in locals().items()
        if one in ("china", "wang", "food", "grain", "russia", "moscow", "meeting", "statement")
    }


@pytest.mark.parametrize("order", ["date", "-date"])
def test_pages_in_order_of_time_are_those_of_the_database_after_changes_too(order, talks):
    undated = factories.MeetingFactory(date="")
    factories.MeetingFactory(date="[..2020]")
    Meeting.objects.filter(pk=talks["meeting"].pk).update(date=undated.date)
    factories.MeetingFactory(date="2021")
    factories.MeetingFactory(date="2021-01")

    filters = MeetingFilterSet({"order": order}, queryset=Meeting.objects.public())
    selection = MEETINGS.select(filters)

    assert len(selection.tables) == 2
    expected = [one.pk for one in filters.qs]
    assert selection.keys_in_time(0, 50, latest_first=order == "-date") == expected
    assert selection.keys_in_time(1, 4, latest_first=order == "-date") == expected[1:4]


def test_withdrawn_meeting_is_counted_no_more(talks):
    Meeting.objects.update(state="withdrawn", withdrawal_reason="Twice.")

    assert (keys_of(), counts_of("actor")) == ([], {})


def test_deleted_meeting_is_counted_no_more(talks):
    talks["statement"].delete()
    talks["meeting"].delete()

    assert (keys_of(), counts_of("mode")) == ([], {})


def test_new_meeting_is_counted_at_once_and_a_draft_is_not(talks):
    factories.MeetingFactory(title="Draft", state="draft")
    new = factories.MeetingFactory(title="New", state="published")

    assert keys_of() == [talks["meeting"].pk, new.pk]


def test_hidden_actor_is_counted_no_more(talks):
    Actor.objects.filter(pk=talks["wang"].pk).update(state="draft")

    assert [counts_of(name) for name in ("actor", "state", "speaker")] == [{}, {}, {}]


def test_actor_who_moves_to_another_state_takes_its_meetings_along(talks):
    russia = factories.StateFactory(name="Russia", state="published")
    assert counts_of("state") == {talks["china"].pk: 1}

    Actor.objects.filter(pk=talks["wang"].pk).update(home_state=russia)

    assert counts_of("state") == {russia.pk: 1}


def test_topic_that_moves_is_counted_under_the_one_above_it(talks):
    trade = factories.TopicFactory(name="Trade", state="published")

    Topic.objects.filter(pk=talks["grain"].pk).update(parent=trade)

    assert counts_of("topic") == {talks["grain"].pk: 1, trade.pk: 1}


def test_hidden_topic_in_the_middle_cuts_what_lies_above_it(talks):
    Topic.objects.filter(pk=talks["food"].pk).update(state="draft")

    assert counts_of("topic") == {talks["grain"].pk: 1}


def test_place_in_another_country_takes_its_meetings_along(talks):
    Place.objects.filter(pk=talks["moscow"].pk).update(country="CN")

    assert keys_of({"country": "CN"}) == [talks["meeting"].pk]


def test_statement_that_moves_is_counted_with_its_new_meeting_alone(talks):
    other = factories.MeetingFactory(title="Other", state="published")
    assert keys_of({"language": "zh"}) == [talks["meeting"].pk]

    Statement.objects.update(meeting=other)

    assert keys_of({"language": "zh"}) == [other.pk]


def test_withdrawn_statement_takes_its_stance_along(talks):
    Statement.objects.update(state="withdrawn", withdrawal_reason="Wrong.")

    assert counts_of("stance") == {}


def test_change_that_is_rolled_back_was_never_counted(talks):
    with transaction.atomic():
        Meeting.objects.update(state="withdrawn", withdrawal_reason="Twice.")
        assert keys_of() == []
        transaction.set_rollback(True)

    assert keys_of() == [talks["meeting"].pk]


def test_emptied_database_is_read_anew(talks):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE events_meeting, records_change CASCADE")

    assert keys_of() == []


def test_search_is_asked_of_the_database_once_until_anything_changes(talks, django_assert_num_queries):
    assert (keys_of({"q": "moscow"}), keys_of({"q": "москва"})) == ([talks["meeting"].pk], [])

    # The question that remains is what changed since.
    with django_assert_num_queries(1):
        assert keys_of({"q": "moscow"}) == [talks["meeting"].pk]

    PlaceName.objects.create(place=talks["moscow"], language="ru", text="Москва")
    assert keys_of({"q": "москва"}) == [talks["meeting"].pk]


@pytest.mark.parametrize("q", ["talks", "talks -grain", "talks moscow", "-grain", '"wang yi" moscow', "nowhere"])
def test_search_of_the_index_finds_what_the_filter_set_finds(talks, q):
    factories.MeetingFactory(title="Talks about wheat")
    factories.MeetingFactory(title="Talks in secret", state="draft")

    assert keys_of({"q": q}) == sorted(
        MeetingFilterSet({"q": q}, queryset=Meeting.objects.public()).qs.values_list("pk", flat=True)
    )


def test_index_that_nothing_changed_for_is_asked_with_one_query(talks, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert counts_of("actor") == {talks["wang"].pk: 1}


def test_office_of_a_hidden_body_is_counted_no_more(talks):
    secretary = factories.OfficeFactory()
    tenure = factories.TenureFactory(person=talks["wang"], office=secretary)
    ParticipationTenure.objects.create(participation=talks["meeting"].participations.get(), tenure=tenure)
    talks["statement"].speakers.update(tenure=tenure)
    assert (counts_of("office"), statement_counts_of("office")) == ({secretary.pk: 1}, {secretary.pk: 1})

    Actor.objects.filter(pk=secretary.body_id).update(state="draft")

    assert (counts_of("office"), statement_counts_of("office")) == ({}, {})


def test_tenure_of_another_office_takes_its_meetings_along(talks):
    tenure = factories.TenureFactory(person=talks["wang"])
    ParticipationTenure.objects.create(participation=talks["meeting"].participations.get(), tenure=tenure)
    assert counts_of("office") == {tenure.office_id: 1}

    tenure.office = factories.OfficeFactory()
    tenure.save()

    assert counts_of("office") == {tenure.office_id: 1}
