import pytest
from django.http import QueryDict

from actors.filters import ActorFilterSet, OfficeFilterSet, TenureFilterSet
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.models import (
    Meeting,
    MeetingTopic,
)
from records.filters import MAX_VALUES, VOCABULARY, AppliedFilter
from records.uids import new_uid
from tests.factories import (
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    TopicFactory,
)

FILTER_SETS = [
    MeetingFilterSet,
    StatementFilterSet,
    TopicFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    FormulaFilterSet,
    ActorFilterSet,
    OfficeFilterSet,
    TenureFilterSet,
]


def meetings(query):
    filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
    assert filters.errors == {}
    return [meeting.title for meeting in filters.qs]


def refused(query, filter_set=MeetingFilterSet):
    filters = filter_set(QueryDict(query), queryset=filter_set._meta.model.objects.public())
    assert not filters.is_valid()
    assert list(filters.qs) == []
    return filters.errors


# What is refused


def test_unknown_parameter_is_named_with_those_that_are_allowed():
    errors = refused("aktor=x&wholly_strange=y", TopicFilterSet)

    assert errors == {
        "aktor": [
            "aktor: there is no such parameter. Allowed are: q, topic, not_topic, language, language_all, "
            "not_language, updated_since, order, page_size, density, page, cursor, format."
        ],
        "wholly_strange": [
            "wholly_strange: there is no such parameter. Allowed are: q, topic, not_topic, language, language_all, "
            "not_language, updated_since, order, page_size, density, page, cursor, format."
        ],
    }


@pytest.mark.django_db
def test_misspelt_parameter_gets_a_hint():
    (message,) = refused("aktor=x")["aktor"]

    assert message.startswith("aktor: there is no such parameter. Did you mean actor? Allowed are: q, actor, ")


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            "mode=phone&mode=fax",
            {"mode": ["mode: “fax” is not one of the allowed values: in-person, phone, video, correspondence."]},
        ),
        ("dates=certain&dates=possible", {"dates": ["dates: give it once only."]}),
        ("undated=maybe", {"undated": ["undated: “maybe” is not one of the allowed values: true, false."]}),
        ("page_size=201", {"page_size": ["page_size: “201” is not a whole number from 1 to 200."]}),
        ("page_size=0", {"page_size": ["page_size: “0” is not a whole number from 1 to 200."]}),
        ("page_size=٣", {"page_size": ["page_size: “٣” is not a whole number from 1 to 200."]}),
        (
            "country=ZZ",
            {
                "country": [
                    "country: “ZZ” is not a country. Give the two-letter code of ISO 3166-1, such as CN, RU or FR."
                ]
            },
        ),
        (
            "language=klingon!",
            {
                "language": [
                    "language: “klingon!” is not a language tag. Give one such as en, zh, zh-Hant or ru (BCP 47)."
                ]
            },
        ),
        (
            "from=../2023",
            {
                "from": [
                    "from: “../2023” is open on this side. Give a day, a month or a year: 2023-02-21, 2023-02, 2023."
                ]
            },
        ),
        ("from=2023-03&to=2023-02", {"to": ["to: the window ends before it starts. Swap from and to."]}),
        (
            "updated_since=yesterday",
            {
                "updated_since": [
                    "updated_since: “yesterday” is not a moment. "
                    "Give it as 2023-02-21 or 2023-02-21T14:30:00Z (ISO 8601)."
                ]
            },
        ),
        (
            "order=relevance",
            {"order": ["order: relevance sorts the finds of a search: give q too, or another order."]},
        ),
    ],
)
def test_wrong_value_is_named_with_what_is_allowed(query, errors):
    assert refused(query) == errors


def test_date_that_is_none_is_named():
    (message,) = refused("from=21/02/2023")["from"]

    assert message.startswith("from: “21/02/2023” is not a date.")
    assert "2023-02-21" in message


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_id_of_a_hidden_record_is_refused_like_one_that_was_never_given(state):
    hidden = PersonFactory(state=state, withdrawal_reason="Wrong." if state == "withdrawn" else "")
    unknown = new_uid()
    ParticipationFactory(actor=hidden)

    for uid in (hidden.uid, unknown, "not an id"):
        assert refused(f"actor={uid}") == {"actor": [f"actor: there is no public record with the id “{uid}”."]}


@pytest.mark.django_db
def test_id_of_another_kind_of_record_is_refused():
    uid = TopicFactory().uid
    person = PersonFactory().uid

    assert refused(f"actor={uid}") == {"actor": [f"actor: there is no public record with the id “{uid}”."]}
    assert refused(f"state={person}") == {
        "state": [f"state: the record with the id “{person}” is of another kind. Allowed are: state, organisation."]
    }


@pytest.mark.django_db
def test_merged_record_stands_for_its_survivor():
    wang = PersonFactory()
    once = PersonFactory(merged_into=wang)
    twice = PersonFactory(merged_into=once)
    ParticipationFactory(actor=wang, meeting__title="Wang")
    ParticipationFactory(meeting__title="Other")

    assert meetings({"actor": twice.uid}) == meetings({"actor": once.uid.upper()}) == ["Wang"]


@pytest.mark.django_db
def test_record_merged_into_a_hidden_one_is_refused():
    uid = PersonFactory(merged_into=PersonFactory(state="draft")).uid

    assert refused(f"actor={uid}") == {"actor": [f"actor: there is no public record with the id “{uid}”."]}


def test_too_many_values_are_refused():
    query = "&".join(f"language={first}{second}" for first in "abcdefghijklm" for second in "abcdefghij")

    assert refused(query) == {"language": [f"language: At most {MAX_VALUES} different values can be given."]}


@pytest.mark.parametrize("text", ["\x00", "'; --", ":*&|!", "😀 % \\", "\ud800", "x" * 10_000, "[" * 300, "9" * 400])
@pytest.mark.parametrize("filter_set", FILTER_SETS)
@pytest.mark.django_db
def test_any_text_in_any_parameter_gives_rows_or_a_refusal(filter_set, text):
    for name in [*filter_set.base_filters, text]:
        filters = filter_set({name: [text]}, queryset=filter_set._meta.model.objects.public())
        assert list(filters.qs) == []
        assert filters.applied is not None
        assert filters.query_string() is not None


# What a page shows of it


@pytest.mark.django_db
def test_empty_values_and_parameters_of_the_view_count_as_not_given():
    MeetingFactory(title="Talks")
    filters = MeetingFilterSet(
        QueryDict("q=&actor=&from=+&page=3&cursor=x&format=json"), queryset=Meeting.objects.public()
    )

    assert filters.errors == {}
    assert [meeting.title for meeting in filters.qs] == ["Talks"]
    assert filters.applied == []
    assert filters.query_string() == ""
    assert filters.page_size == 50


@pytest.mark.django_db
def test_applied_values_have_words_and_the_query_without_them():
    wang = PersonFactory(name="Wang Yi")
    query = f"actor={wang.uid}&mode=phone&mode=video&from=2023-02&country=ru&page=2&order=title&page_size=10"
    filters = MeetingFilterSet(QueryDict(query), queryset=Meeting.objects.public())

    rest = "&order=title&page_size=10"
    assert filters.applied == [
        AppliedFilter(
            "actor", wang.uid, "Participant", "Wang Yi", "mode=phone&mode=video&from=2023-02&country=ru" + rest
        ),
        AppliedFilter(
            "country", "ru", "Country", "Russia", f"actor={wang.uid}&mode=phone&mode=video&from=2023-02" + rest
        ),
        AppliedFilter(
            "mode", "phone", "Mode", "telephone", f"actor={wang.uid}&mode=video&from=2023-02&country=ru" + rest
        ),
        AppliedFilter("mode", "video", "Mode", "video", f"actor={wang.uid}&mode=phone&from=2023-02&country=ru" + rest),
        AppliedFilter(
            "from", "2023-02", "From", "February 2023", f"actor={wang.uid}&mode=phone&mode=video&country=ru" + rest
        ),
    ]
    assert filters.page_size == 10
    assert filters.order == "title"


@pytest.mark.django_db
def test_query_string_can_be_asked_for_with_changes():
    filters = MeetingFilterSet(QueryDict("mode=phone&order=title&page=2"), queryset=Meeting.objects.public())

    assert filters.query_string(order="-date") == "mode=phone&order=-date"
    assert filters.query_string(mode=None) == "order=title"


@pytest.mark.django_db
def test_refused_value_is_shown_as_typed_so_that_it_can_be_taken_away():
    filters = MeetingFilterSet(QueryDict("mode=fax&kind=visit"), queryset=Meeting.objects.public())

    assert filters.applied == [
        AppliedFilter("mode", "fax", "Mode", "fax", "kind=visit"),
        AppliedFilter("kind", "visit", "Kind", "visit", "mode=fax"),
    ]


# What must stay true of the vocabulary

#: Public fields by which the vocabulary promises to filter, and the parameter that does it.
PROMISED = {
    MeetingFilterSet: {
        "date": "from", "mode": "mode", "kind": "kind", "place": "place", "series": "series", "status": "status",
        "topics": "topic", "participations": "actor", "statements": "has_statement", "citations": "source",
        "updated_at": "updated_since", "search": "q",
    },
    StatementFilterSet: {
        "date": "from", "kind": "kind", "basis": "basis", "channel": "channel", "language": "language",
        "meeting": "meeting", "topics": "topic", "topic_links": "stance", "speakers": "speaker", "mentions": "actor",
        "citations": "source", "formula_uses": "formula", "updated_at": "updated_since", "search": "q",
    },
    ActorFilterSet: {
        "kind": "kind", "home_state": "state", "identifiers": "country", "updated_at": "updated_since", "search": "q",
    },
    OfficeFilterSet: {"body": "body", "tier": "tier", "updated_at": "updated_since", "search": "q"},
    TenureFilterSet: {"person": "actor", "office": "office", "span": "from", "updated_at": "updated_since"},
    TopicFilterSet: {"parent": "topic", "updated_at": "updated_since", "search": "q"},
    PlaceFilterSet: {
        "parent": "place", "country": "country", "kind": "kind", "updated_at": "updated_since", "search": "q",
    },
    SeriesFilterSet: {"updated_at": "updated_since", "search": "q"},
    SourceFilterSet: {
        "kind": "kind", "language": "language", "publisher": "publisher", "publisher_actor": "channel",
        "published": "from", "updated_at": "updated_since", "search": "q",
    },
    FormulaFilterSet: {
        "topic": "topic", "first_seen": "from", "first_users": "actor", "uses": "speaker", "variants": "language",
        "updated_at": "updated_since", "search": "q",
    },
}  # fmt: skip
#: Fields of the list that no parameter asks about, so that a new field must be put here or get one.
UNASKED = {
    MeetingFilterSet: {
        "title", "date_basis", "date_note", "part_of", "round", "openness", "relevance", "summary", "notes",
    },
    StatementFilterSet: {
        "title", "position", "channel_note", "text", "translation", "translation_language", "translator", "gist",
        "note",
    },
    ActorFilterSet: {"name", "parent", "born", "died", "successor", "description"},
    OfficeFilterSet: {"name", "aliases"},
    TenureFilterSet: {"observed", "is_acting", "note"},
    TopicFilterSet: {"name", "scope_note"},
    PlaceFilterSet: {"name", "latitude", "longitude"},
    SeriesFilterSet: {"name", "description"},
    SourceFilterSet: {"title", "url", "archived_url", "accessed_on", "text", "licence", "note"},
    FormulaFilterSet: {"name", "first_meeting", "note"},
}  # fmt: skip
SHARED = {
    "id", "uid", "version", "version_xid", "created_at", "created_by", "updated_at", "updated_by", "state",
    "published_at", "withdrawal_reason", "merged_into", "open_points", "search",
}  # fmt: skip


@pytest.mark.parametrize("filter_set", FILTER_SETS)
def test_every_public_field_has_its_filter_or_is_known_to_have_none(filter_set):
    model = filter_set._meta.model
    promised = PROMISED[filter_set]

    assert set(promised.values()) <= set(filter_set.base_filters)
    assert all(model._meta.get_field(name) for name in promised)
    companions = ("_outer", "_core", "_sort")
    own = {one.name for one in model._meta.local_fields if one.name not in SHARED and not one.name.endswith(companions)}
    assert own - promised.keys() == UNASKED[filter_set]


def test_vocabulary_of_meetings_is_the_one_of_the_design():
    assert list(MeetingFilterSet.base_filters) == [
        "q", "actor", "actor_all", "not_actor", "speaker", "speaker_all", "not_speaker", "state", "state_all",
        "not_state", "role", "role_all", "not_role", "office", "office_all", "not_office", "topic", "topic_all",
        "not_topic", "topic_exact", "stance", "stance_all", "not_stance", "place", "not_place", "country",
        "not_country", "mode", "not_mode", "kind",
        "not_kind", "status", "not_status", "series", "not_series", "language", "language_all", "not_language",
        "channel", "channel_all", "not_channel", "source", "source_all", "not_source", "formula", "formula_all",
        "not_formula", "from", "to", "dates", "undated", "has_statement", "accounts", "updated_since", "order",
        "page_size", "density",
    ]  # fmt: skip


@pytest.mark.parametrize("filter_set", FILTER_SETS)
def test_every_filter_is_of_the_vocabulary_and_has_label_and_help(filter_set):
    for name, one in filter_set.base_filters.items():
        assert name in VOCABULARY
        assert str(one.label), name
        assert str(one.help_text).endswith("."), name
        assert one.value_schema["type"] in {"string", "integer", "boolean"}


@pytest.mark.django_db
@pytest.mark.parametrize("filter_set", FILTER_SETS)
def test_every_order_of_every_list_is_total_and_runs_in_one_direction(filter_set):
    for key in filter_set.base_filters["order"].orders:
        filters = filter_set({"order": key, "q": "wang yi"}, queryset=filter_set._meta.model.objects.public())
        assert filters.order == key
        assert list(filters.qs) == []
        assert filters.order_keys[-1].lstrip("-") == "id"
        assert len({name.startswith("-") for name in filters.order_keys}) == 1


# Cost


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 3])
def test_filtering_costs_one_query_for_each_parameter_of_ids_and_one_for_the_list(n, django_assert_num_queries):
    people = PersonFactory.create_batch(n)
    broad = TopicFactory.create_batch(n)
    moscow = PlaceFactory()
    for topic in broad:
        TopicFactory(parent=topic)
    for _ in range(n):
        meeting = MeetingFactory(place=PlaceFactory(parent=moscow))
        for person in people:
            ParticipationFactory(actor=person, meeting=meeting)
        for topic in broad:
            MeetingTopic.objects.create(meeting=meeting, topic=topic)
    query = {
        "q": "talks",
        "actor": [person.uid for person in people],
        "topic": [topic.uid for topic in broad],
        "place": moscow.uid,
        "from": "2023",
    }

    # One for each of actor, topic and place; one walk down the topics and one down the places; the list.
    with django_assert_num_queries(6):
        filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
        assert len(filters.qs) == n
        assert len(filters.applied) == 2 * n + 3
