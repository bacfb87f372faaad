import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Citation, Meeting, MeetingTopic, Participation, ParticipationTenure
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

FIELDS = {
    "title": "Wang Yi meets Nikolai Patrushev",
    "date": "2023-02",
    "date_basis": "stated",
    "kind": "bilateral",
    "status": "held",
    "openness": "public",
}


def rows(prefix, *sent, initial=0):
    """The rows of one kind of part, as they are sent."""
    form = {f"{prefix}-TOTAL_FORMS": len(sent), f"{prefix}-INITIAL_FORMS": initial}
    for number, values in enumerate(sent):
        form |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return form


def form(*, participations=(), topics=(), citations=(), initial=(0, 0, 0), **typed):
    """The form of a meeting as it is sent."""
    return {
        **FIELDS,
        **rows("participations", *participations, initial=initial[0]),
        **rows("topic_links", *topics, initial=initial[1]),
        **rows("citations", *citations, initial=initial[2]),
        **typed,
    }


def participant(actor, **values):
    return {"actor": actor.pk, "role": "participant", "attendance": "confirmed", "position": 0, **values}


def citation(source, **values):
    return {"source": source.pk, "verdict": "supports", **values}


def url_of(record, page="change"):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])


def add(client, **sent):
    return client.post(reverse("admin:events_meeting_add"), form(**sent))


def row_errors(response, prefix):
    formset = next(one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == prefix)
    return [dict(errors) for errors in formset.errors]


def test_meeting_is_coded_with_all_its_rows_in_one_form(admin_client):
    wang = PersonFactory(name="Wang Yi")
    office = TenureFactory(person=wang, span="2023-01-01/..")
    topic, source = TopicFactory(name="Multipolarity"), SourceFactory()

    response = add(
        admin_client,
        participations=[participant(wang, offices=[office.pk]), participant(PersonFactory(name="Nikolai Patrushev"))],
        topics=[{"topic": topic.pk}],
        citations=[citation(source, field="date", quote="met in Moscow")],
    )

    assert response.status_code == 302
    meeting = Meeting.objects.get()
    assert [str(participation) for participation in meeting.participations.all()] == ["Wang Yi", "Nikolai Patrushev"]
    assert [link.tenure for link in ParticipationTenure.objects.all()] == [office]
    assert [link.topic for link in MeetingTopic.objects.all()] == [topic]
    assert [(one.source, one.field, one.quote) for one in meeting.citations.all()] == [
        (source, "date", "met in Moscow")
    ]


def test_offices_of_a_participant_are_shown_and_changed(admin_client):
    participation = ParticipationFactory()
    held, other = (TenureFactory(person=participation.actor, office=OfficeFactory()) for _number in range(2))
    ParticipationTenure.objects.create(participation=participation, tenure=held)
    meeting = Meeting.objects.get()

    page = admin_client.get(url_of(meeting)).content.decode()
    assert f'<option value="{held.pk}" selected data-detail="{participation.actor} · from May 2008' in page

    changed = participant(participation.actor, id=participation.pk, meeting=meeting.pk, offices=[other.pk])
    admin_client.post(
        url_of(meeting),
        form(participations=[changed], initial=(1, 0, 0), loaded_version=meeting.version, change_reason="Checked"),
    )

    assert [link.tenure for link in ParticipationTenure.objects.all()] == [other]


def test_office_of_somebody_else_is_refused_beside_the_field(admin_client):
    theirs = TenureFactory()

    response = add(admin_client, participations=[participant(PersonFactory(), offices=[theirs.pk])])

    assert row_errors(response, "participations") == [
        {"offices": ["This office was held by somebody else. Choose a tenure of the participant."]}
    ]
    assert Meeting.objects.count() == 0


def test_offices_may_follow_a_corrected_participant_in_one_save(admin_client):
    participation = ParticipationFactory()
    wrong = TenureFactory(person=participation.actor)
    ParticipationTenure.objects.create(participation=participation, tenure=wrong)
    right = TenureFactory(person=PersonFactory(name="Wang Yi"))
    meeting = Meeting.objects.get()

    changed = participant(right.person, id=participation.pk, meeting=meeting.pk, offices=[right.pk])
    response = admin_client.post(
        url_of(meeting),
        form(participations=[changed], initial=(1, 0, 0), loaded_version=meeting.version, change_reason="Mixed up"),
    )

    assert response.status_code == 302
    assert [(link.participation.actor, link.tenure) for link in ParticipationTenure.objects.all()] == [
        (right.person, right)
    ]


def test_same_participant_twice_is_refused_with_everything_typed_kept(admin_client):
    wang = PersonFactory(name="Wang Yi")

    response = add(
        admin_client, summary="Typed for an hour.", participations=[participant(wang), participant(wang, side="CN")]
    )

    assert response.status_code == 200
    assert response.context["adminform"].form["summary"].value() == "Typed for an hour."
    content = response.content.decode()
    assert content.count(f'<option value="{wang.pk}" selected') == 2
    assert Meeting.objects.count() == 0


def test_unresolved_participant_is_kept_as_the_source_names_it(admin_client):
    blank = {"actor": "", "role": "participant", "attendance": "reported", "position": 0}

    add(admin_client, participations=[{**blank, "name_as_given": "experts of both sides"}])

    assert Participation.objects.get().name_as_given == "experts of both sides"


def test_citation_of_a_participant_stands_among_those_of_the_meeting(admin_client):
    participation = ParticipationFactory()
    meeting = Meeting.objects.get()
    whole = CitationFactory(meeting=meeting)
    source = SourceFactory()

    sent = form(
        participations=[participant(participation.actor, id=participation.pk, meeting=meeting.pk)],
        citations=[
            citation(whole.source, id=whole.pk, meeting=meeting.pk),
            citation(source, participation=participation.pk, field="role"),
        ],
        initial=(1, 0, 1),
        loaded_version=Meeting.objects.get().version,
        change_reason="Who was host",
    )
    assert admin_client.post(url_of(meeting), sent).status_code == 302

    said = Citation.objects.order_by("id").values_list("source", "meeting", "participation", "field")
    assert list(said) == [
        (whole.source.pk, meeting.pk, None, ""),
        (source.pk, None, participation.pk, "role"),
    ]
    page = admin_client.get(url_of(meeting))
    formset = next(one for one in page.context["inline_admin_formsets"] if one.formset.prefix == "citations")
    assert len(formset.formset.initial_forms) == 2


def test_citation_moves_between_meeting_and_participant(admin_client):
    participation = ParticipationFactory()
    meeting = Meeting.objects.get()
    moved = CitationFactory(meeting=None, participation=participation)

    sent = form(
        participations=[participant(participation.actor, id=participation.pk, meeting=meeting.pk)],
        citations=[citation(moved.source, id=moved.pk, participation="")],
        initial=(1, 0, 1),
        loaded_version=Meeting.objects.get().version,
        change_reason="It speaks of the whole",
    )
    assert admin_client.post(url_of(meeting), sent).status_code == 302

    moved.refresh_from_db()
    assert (moved.meeting, moved.participation) == (meeting, None)


def test_citation_cannot_name_the_participant_of_another_meeting(admin_client):
    elsewhere = ParticipationFactory()

    response = add(admin_client, citations=[citation(SourceFactory(), participation=elsewhere.pk)])

    assert list(row_errors(response, "citations")[0]) == ["participation"]
    assert Citation.objects.count() == 0


def test_field_that_its_target_does_not_have_cannot_be_cited(admin_client):
    response = add(admin_client, citations=[citation(SourceFactory(), field="side")])

    assert list(row_errors(response, "citations")[0]) == ["field"]


def test_page_follows_the_order_of_a_readout(admin_client):
    page = admin_client.get(url_of(MeetingFactory()))

    def name(section):
        if "fieldset" in section:
            return str(section["fieldset"].name)
        return section["formset"].formset.prefix if "formset" in section else section["panel"]

    assert [name(section) for section in page.context["sections"]] == [
        "admin/events/warnings.html",
        "admin/record_similar.html",
        "When and where",
        "participations",
        "topic_links",
        "About what",
        "admin/events/meeting_statements.html",
        "citations",
        "What it belongs to",
        "Notes",
    ]


def test_statements_are_listed_with_a_link_to_add_one(admin_client):
    meeting = MeetingFactory(date="2023-02-21")
    statement = StatementFactory(meeting=meeting, gist="Both sides opposed unilateral bullying.", state="draft")
    SpeakerFactory(statement=statement, actor=PersonFactory(name="Wang Yi"))

    page = admin_client.get(url_of(meeting)).content.decode()

    assert f'<a href="{url_of(statement)}">Both sides opposed unilateral bullying.</a>' in page
    assert f"/admin/events/statement/add/?meeting={meeting.pk}&amp;date=2023-02-21&amp;position=1" in page
    add_page = admin_client.get(
        reverse("admin:events_statement_add"), {"meeting": meeting.pk, "date": "2023-02-21", "position": 1}
    )
    assert f'<option value="{meeting.pk}" selected' in add_page.content.decode()
    assert 'value="2023-02-21"' in add_page.content.decode()


def meeting_with(n):
    meeting = MeetingFactory(place=PlaceFactory(), series=SeriesFactory(), part_of=MeetingFactory())
    for position in range(n):
        person = PersonFactory(home_state=StateFactory())
        ActorNameFactory(actor=person)
        participation = ParticipationFactory(
            meeting=meeting, actor=person, position=position, on_behalf_of=StateFactory()
        )
        for _number in range(2):
            ParticipationTenure.objects.create(
                participation=participation, tenure=TenureFactory(person=person, office=OfficeFactory())
            )
        MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory(parent=TopicFactory()))
        CitationFactory(meeting=meeting)
        CitationFactory(meeting=None, participation=participation)
        SpeakerFactory(statement=StatementFactory(meeting=meeting))
    return meeting


def test_form_of_a_meeting_costs_the_same_for_few_and_many_rows(admin_client):
    costs = []
    # The first form of a process reads the content type of meetings, which is kept from then on.
    ContentType.objects.clear_cache()
    admin_client.get(url_of(MeetingFactory()))
    for n in (1, 12):
        meeting = meeting_with(n)
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url_of(meeting))
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 40


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize(
    ("model", "queries"),
    [("meeting", 9), ("statement", 9), ("topic", 8), ("place", 8), ("series", 8), ("source", 8), ("formula", 8)],
)
def test_list_costs_the_same_for_few_and_many(admin_client, django_assert_num_queries, model, queries, n):
    for _number in range(n):
        meeting = meeting_with(1)
        FormulaFactory(topic=TopicFactory(), first_meeting=meeting)
        PlaceFactory(parent=PlaceFactory())
    url = reverse(f"admin:events_{model}_changelist")
    admin_client.get(url)

    with django_assert_num_queries(queries):
        admin_client.get(url)


@pytest.mark.parametrize(
    "typed", ["王毅", "wang", "moscow", "Ukraine", "talks wang", '"талантливый" or 王毅', "обзор -wang or 毅"]
)
def test_list_of_meetings_is_searched_by_participants_places_and_topics(admin_client, typed):
    wang = PersonFactory(name="Wang Yi", state="draft")
    ActorNameFactory(actor=wang, text="王毅")
    meeting = MeetingFactory(title="Talks of 21 February", place=PlaceFactory(name="Moscow"), state="draft")
    ParticipationFactory(meeting=meeting, actor=wang)
    MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory(name="Ukraine"))
    MeetingFactory(title="Another")

    page = admin_client.get(reverse("admin:events_meeting_changelist"), {"q": typed})

    expected = [] if typed.startswith("обзор") else [meeting]
    assert list(page.context["cl"].result_list) == expected


@pytest.mark.parametrize(
    ("desk", "found"),
    [
        ("no-source", ["bare", "dated by inference", "unresolved"]),
        ("unresolved", ["unresolved"]),
        ("nobody", ["bare", "dated by inference", "sourced"]),
        ("weak-date", ["dated by inference"]),
        ("unverified", ["unresolved"]),
    ],
)
def test_list_of_meetings_shows_what_is_to_do(admin_client, desk, found):
    MeetingFactory(title="bare")
    MeetingFactory(title="dated by inference", date_basis="inferred")
    unresolved = MeetingFactory(title="unresolved", open_points=["Who came."])
    ParticipationFactory(meeting=unresolved, actor=None, name_as_given="experts")
    CitationFactory(meeting=MeetingFactory(title="sourced"))

    page = admin_client.get(reverse("admin:events_meeting_changelist"), {"desk": desk})

    assert sorted(meeting.title for meeting in page.context["cl"].result_list) == found


def test_topics_are_listed_as_the_tree_they_are(admin_client):
    order = TopicFactory(name="World order")
    TopicFactory(name="Arctic")
    multipolarity = TopicFactory(name="Multipolarity", parent=order)
    TopicFactory(name="BRICS", parent=multipolarity)

    page = admin_client.get(reverse("admin:events_topic_changelist"))

    assert [(topic.name, topic.tree_depth) for topic in page.context["cl"].result_list] == [
        ("Arctic", 0),
        ("World order", 0),
        ("Multipolarity", 1),
        ("BRICS", 2),
    ]


@pytest.mark.parametrize("order", ["2", "-3", "4"])
def test_topics_can_be_sorted_by_their_columns(admin_client, order):
    TopicFactory(name="Multipolarity", parent=TopicFactory(name="World order"))

    assert len(admin_client.get(reverse("admin:events_topic_changelist"), {"o": order}).context["cl"].result_list) == 2


def test_every_model_of_ours_has_all_its_pages(admin_client):
    moscow_talks()
    MeetingFactory(state="draft")
    ours = [model for model in admin.site._registry if model._meta.app_label in {"actors", "events"}]
    assert len(ours) == 10

    for model in ours:
        row = model._default_manager.first()
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls = [reverse(f"{name}_{page}") for page in ("changelist", "add", "choices")]
        if row is not None:
            urls += [reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history")]
        assert {url: admin_client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)
