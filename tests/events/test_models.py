import pytest
from django.core.exceptions import NON_FIELD_ERRORS as ROW

from events.models import (
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationTenure,
    Place,
    PlaceName,
    Series,
    Topic,
    TopicLabel,
)
from tests.factories import (
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SeriesFactory,
    TenureFactory,
    TopicFactory,
)
from tests.refusals import Refusal, database_says, form_says


def changed(row, **values):
    """A saved row with other values, not saved since."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def meeting(**values):
    return Meeting(**{"title": "Wang Yi – Patrushev", "date": "2023-02-21", "kind": "bilateral", **values})


def meeting_part_of_its_own_part():
    visit = MeetingFactory(title="Visit of Wang Yi to Moscow", kind="visit")
    talks = MeetingFactory(title="Wang Yi – Patrushev", part_of=visit)
    return changed(visit, part_of=talks)


def place_in_its_own_part():
    russia = PlaceFactory(name="Russia", kind="country")
    moscow = PlaceFactory(name="Moscow", parent=russia)
    return changed(russia, parent=moscow)


def topic_below_its_own_narrower():
    ukraine = TopicFactory(name="Ukraine")
    settlement = TopicFactory(name="Settlement of the Ukraine crisis", parent=ukraine)
    return changed(ukraine, parent=settlement)


def place_name_again():
    moscow = PlaceFactory(name="Moscow")
    PlaceName.objects.create(place=moscow, text="Москва", language="ru")
    return PlaceName(place=moscow, text="Москва", language="ru")


def second_preferred_label():
    topic = TopicFactory(name="Multilateralism")
    TopicLabel.objects.create(topic=topic, language="zh", kind="preferred", text="多边主义")
    return TopicLabel(topic=topic, language="zh", kind="preferred", text="真正的多边主义")


def label_again():
    topic = TopicFactory(name="Multilateralism")
    TopicLabel.objects.create(topic=topic, language="ru", text="многосторонность")
    return TopicLabel(topic=topic, language="ru", text="многосторонность")


def topic_listed_twice():
    link = MeetingTopic.objects.create(meeting=MeetingFactory(), topic=TopicFactory())
    return MeetingTopic(meeting=link.meeting, topic=link.topic)


def participant_listed_twice():
    once = ParticipationFactory(role="guest")
    return Participation(meeting=once.meeting, actor=once.actor, role="chair")


def on_own_behalf():
    li_hui = PersonFactory(name="Li Hui")
    return Participation(meeting=MeetingFactory(), actor=li_hui, on_behalf_of=li_hui)


def office_listed_twice():
    tenure = TenureFactory()
    participation = ParticipationFactory(actor=tenure.person)
    ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    return ParticipationTenure(participation=participation, tenure=tenure)


REFUSALS = [
    Refusal(Meeting, "meeting_has_title", lambda: meeting(title=""), {"title": ["This field cannot be blank."]}),
    Refusal(
        Meeting,
        "meeting_mode_is_known",
        lambda: meeting(mode="telepathy"),
        {"mode": ["Value 'telepathy' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_kind_is_known",
        lambda: meeting(kind="chat"),
        {"kind": ["Value 'chat' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_status_is_known",
        lambda: meeting(status="over"),
        {"status": ["Value 'over' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_openness_is_known",
        lambda: meeting(openness="secret"),
        {"openness": ["Value 'secret' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_date_basis_is_known",
        lambda: meeting(date_basis="guessed"),
        {"date_basis": ["Value 'guessed' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_relevance_is_known",
        lambda: meeting(relevance="fringe"),
        {"relevance": ["Value 'fringe' is not a valid choice."]},
    ),
    Refusal(
        Meeting,
        "meeting_round_needs_series",
        lambda: meeting(round=16),
        {ROW: ["A round is a number in a series: choose the series, or leave the round empty."]},
    ),
    Refusal(
        Meeting,
        "meeting_round_starts_at_1",
        lambda: meeting(series=SeriesFactory(), round=0),
        {ROW: ["Rounds are counted from 1."]},
    ),
    Refusal(
        Meeting,
        "events_meeting_part_of_no_cycle",
        meeting_part_of_its_own_part,
        {"part_of": ["A meeting cannot be part of itself. Choose another one."]},
    ),
    Refusal(
        MeetingTopic, "meeting_topic_once", topic_listed_twice, {ROW: ["This topic is already listed for the meeting."]}
    ),
    Refusal(
        Participation,
        "participation_has_actor_or_name",
        lambda: Participation(meeting=MeetingFactory()),
        {ROW: ["Choose an actor, or type the name as the source gives it."]},
    ),
    Refusal(
        Participation,
        "participation_actor_once_per_meeting",
        participant_listed_twice,
        {ROW: ["This actor already takes part in the meeting. One actor is listed once."]},
    ),
    Refusal(
        Participation,
        "participation_not_on_own_behalf",
        on_own_behalf,
        {ROW: ["Leave “on behalf of” empty when an actor spoke for itself."]},
    ),
    Refusal(
        Participation,
        "participation_head_count_positive",
        lambda: Participation(meeting=MeetingFactory(), name_as_given="a delegation", head_count=0),
        {ROW: ["A head count is at least 1; leave it empty when it is not known."]},
    ),
    Refusal(
        Participation,
        "participation_role_is_known",
        lambda: Participation(meeting=MeetingFactory(), actor=PersonFactory(), role="friend"),
        {"role": ["Value 'friend' is not a valid choice."]},
    ),
    Refusal(
        Participation,
        "participation_attendance_is_known",
        lambda: Participation(meeting=MeetingFactory(), actor=PersonFactory(), attendance="maybe"),
        {"attendance": ["Value 'maybe' is not a valid choice."]},
    ),
    Refusal(
        ParticipationTenure,
        "participation_tenure_once",
        office_listed_twice,
        {ROW: ["This office is already listed for the participant."]},
    ),
    Refusal(
        ParticipationTenure,
        "events_participationtenure_tenure_same",
        lambda: ParticipationTenure(participation=ParticipationFactory(), tenure=TenureFactory()),
        {"tenure": ["This office was held by somebody else. Choose a tenure of the participant."]},
    ),
    Refusal(
        Place,
        "place_kind_is_known",
        lambda: Place(name="Moscow", kind="galaxy"),
        {"kind": ["Value 'galaxy' is not a valid choice."]},
    ),
    Refusal(Place, "place_has_name", lambda: Place(name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        Place,
        "place_country_is_two_letters",
        lambda: Place(name="Moscow", country="ru"),
        {"country": ["Give the two-letter code of ISO 3166-1, as RU."]},
    ),
    Refusal(
        Place,
        "place_coordinates_are_a_pair",
        lambda: Place(name="Moscow", latitude=55.75),
        {ROW: ["Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."]},
    ),
    Refusal(
        Place,
        "place_once_where_it_lies",
        lambda: PlaceFactory(name="Moscow", country="RU") and Place(name="Moscow", country="RU"),
        {ROW: ["There is already a place of this name and kind there."]},
    ),
    Refusal(
        Place,
        "events_place_parent_no_cycle",
        place_in_its_own_part,
        {"parent": ["A place cannot lie in itself. Choose another one."]},
    ),
    Refusal(
        PlaceName,
        "place_name_once_per_language",
        place_name_again,
        {ROW: ["This name is already listed in this language."]},
    ),
    Refusal(
        PlaceName,
        "place_name_has_text_and_language",
        lambda: PlaceName(place=PlaceFactory(), text="Москва", language=""),
        {"language": ["This field cannot be blank."]},
    ),
    Refusal(Series, "series_has_name", lambda: Series(name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        Series,
        "series_name_is_unique",
        lambda: (
            SeriesFactory(name="Strategic security consultation") and Series(name="Strategic security consultation")
        ),
        {ROW: ["There is already a series of this name."]},
    ),
    Refusal(
        Topic,
        "topic_label_once_among_siblings",
        lambda: TopicFactory(name="Multilateralism") and Topic(name="Multilateralism"),
        {ROW: ["There is already a topic with this label under the same broader topic."]},
    ),
    Refusal(Topic, "topic_has_label", lambda: Topic(name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        Topic,
        "events_topic_parent_no_cycle",
        topic_below_its_own_narrower,
        {"parent": ["A topic cannot lie below itself. Choose another broader topic."]},
    ),
    Refusal(
        TopicLabel,
        "topic_one_preferred_label_per_language",
        second_preferred_label,
        {ROW: ["The topic already has a preferred label in this language; make this one alternative."]},
    ),
    Refusal(TopicLabel, "topic_label_once_per_language", label_again, {ROW: ["The topic already has this label."]}),
    Refusal(
        TopicLabel,
        "topic_label_kind_is_known",
        lambda: TopicLabel(topic=TopicFactory(), language="zh", text="多边主义", kind="hidden"),
        {"kind": ["Value 'hidden' is not a valid choice."]},
    ),
    Refusal(
        TopicLabel,
        "topic_label_has_text_and_language",
        lambda: TopicLabel(topic=TopicFactory(), language="zh", text=""),
        {"text": ["This field cannot be blank."]},
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_the_editor(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name


@pytest.mark.django_db
def test_meeting_can_be_coded_with_nothing_but_a_title_and_a_kind():
    assert form_says(Meeting(title="Unannounced talks", kind="bilateral")) == {}


@pytest.mark.django_db
def test_several_unresolved_participants_may_stand_in_one_meeting():
    talks = MeetingFactory()
    ParticipationFactory(meeting=talks, actor=None, name_as_given="observers")

    second = Participation(meeting=talks, name_as_given="senior officials", head_count=4)

    assert form_says(second) == {}
    second.save()


@pytest.mark.django_db
def test_participant_may_act_in_two_offices_it_held_at_once():
    wang_yi = PersonFactory(name="Wang Yi")
    director = TenureFactory(person=wang_yi, span="2023-01-01/..")
    minister = TenureFactory(person=wang_yi, span="2023-07-25/..")
    participation = ParticipationFactory(actor=wang_yi)

    for tenure in (director, minister):
        link = ParticipationTenure(participation=participation, tenure=tenure)
        assert form_says(link) == {}
        link.save()

    assert list(participation.tenures.order_by("id")) == [director, minister]


@pytest.mark.django_db
def test_place_of_the_same_name_in_another_country_is_let_through():
    PlaceFactory(name="Odessa", country="UA")

    assert form_says(Place(name="Odessa", country="US")) == {}


@pytest.mark.django_db
def test_two_topics_of_one_label_may_lie_under_different_broader_topics():
    TopicFactory(name="Sanctions", parent=TopicFactory(name="Ukraine"))

    assert form_says(Topic(name="Sanctions", parent=TopicFactory(name="Trade"))) == {}


@pytest.mark.django_db
def test_topic_may_have_one_preferred_label_in_each_language_and_more_alternatives():
    topic = TopicFactory(name="Multilateralism")
    labels = [
        ("zh", "preferred", "多边主义"),
        ("ru", "preferred", "многосторонность"),
        ("zh", "alternative", "真正的多边主义"),
    ]

    for language, kind, text in labels:
        label = TopicLabel(topic=topic, language=language, kind=kind, text=text)
        assert form_says(label) == {}
        label.save()


@pytest.mark.django_db
def test_rows_read_as_an_editor_would_say_them():
    talks = MeetingFactory(title="Wang Yi – Patrushev", date="2023-02-21")
    topic = TopicFactory(name="Multilateralism")
    tenure = TenureFactory(person=PersonFactory(name="Nikolai Patrushev"))
    participation = ParticipationFactory(meeting=talks, actor=tenure.person)

    assert [
        str(talks),
        str(MeetingTopic(meeting=talks, topic=topic)),
        str(participation),
        str(Participation(meeting=talks, name_as_given="observers")),
        str(ParticipationTenure(participation=participation, tenure=tenure)) == str(tenure),
        str(PlaceFactory(name="Moscow")),
        str(PlaceName(text="Москва")),
        str(SeriesFactory(name="Strategic security consultation")),
        str(topic),
        str(TopicLabel(text="多边主义")),
    ] == [
        "Wang Yi – Patrushev (21 February 2023)",
        "Multilateralism",
        "Nikolai Patrushev",
        "observers",
        True,
        "Moscow",
        "Москва",
        "Strategic security consultation",
        "Multilateralism",
        "多边主义",
    ]
