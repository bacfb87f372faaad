import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor, ActorIdentifier, ActorName, Tenure
from events.models import Citation, Meeting, MeetingTopic, Participation, ParticipationTenure
from records.admin.constraints import Asked, broken_constraints
from tests.actors.test_models import REFUSALS as ACTOR_REFUSALS
from tests.events.test_models import REFUSALS as EVENT_REFUSALS
from tests.events.test_statement_models import REFUSALS as STATEMENT_REFUSALS
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.sent_forms import sent, with_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

#: More than any of the ways to save a form costs, with room for what a page may have to know one day.
MOST_QUERIES = 40
# A refused form is checked and shown again in one request.
MOST_QUERIES_OF_A_REFUSED = 50


def meeting_with(participants, statements, citations):
    meeting = MeetingFactory(state="draft")
    for position in range(participants):
        participation = ParticipationFactory(meeting=meeting, position=position)
        tenure = TenureFactory(person=participation.actor)
        ParticipationTenure.objects.create(participation=participation, tenure=tenure)
        MeetingTopic.objects.create(meeting=meeting, topic=TopicFactory())
    for _number in range(statements):
        SpeakerFactory(statement=StatementFactory(meeting=meeting))
    for _number in range(citations):
        CitationFactory(meeting=meeting)
    return meeting


def few_and_many():
    """Two meetings that are there from the beginning, so that each finds the other beside its form."""
    return [(n, meeting_with(n, n, n)) for n in (1, 12)]


def change_url(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def form_of(client, record):
    return sent(client.get(change_url(record))) | {"change_reason": "Checked again"}


def saved(client, record, form, status=302):
    """The answer to a form, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        response = client.post(change_url(record), form)
    assert response.status_code == status, response.context and response.context["errors"]
    return response, len(queries)


def row_errors(response, prefix):
    formset = next(one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == prefix)
    return [dict(errors) for errors in formset.errors], list(formset.non_form_errors())


def unchanged(form, n):
    return form


def one_changed(form, n):
    return {**form, "participations-0-side": "CN"}


def all_changed(form, n):
    for number in range(n):
        form |= {f"participations-{number}-side": "CN", f"participations-{number}-position": n - number}
        form |= {f"participations-{number}-offices": [], f"citations-{number}-quote": f"word {number}"}
        form |= {f"topic_links-{number}-topic": TopicFactory().pk}
    return form


def all_deleted(form, n):
    return form | {f"{prefix}-{row}-DELETE": "on" for prefix in ("participations", "citations") for row in range(n)}


def as_many_new(form, n):
    rest = {"role": "guest", "attendance": "reported", "position": 0}
    held = [TenureFactory() for _number in range(n)]
    participants = [{"actor": tenure.person_id, "offices": [tenure.pk], **rest} for tenure in held]
    form = with_rows(form, "participations", participants)
    form = with_rows(form, "topic_links", [{"topic": TopicFactory().pk} for _number in range(n)])
    return with_rows(form, "citations", [{"source": SourceFactory().pk, "verdict": "supports"} for _number in range(n)])


@pytest.mark.parametrize("edit", [unchanged, one_changed, all_changed, all_deleted, as_many_new])
def test_saving_costs_the_same_for_few_and_many_rows(admin_client, edit):
    costs = []
    for n, meeting in few_and_many():
        costs.append(saved(admin_client, meeting, edit(form_of(admin_client, meeting), n))[1])

    assert costs[0] == costs[1] <= MOST_QUERIES


def test_refused_form_costs_the_same_for_few_and_many_rows(admin_client):
    costs = []
    for n, meeting in few_and_many():
        form = form_of(admin_client, meeting)
        for number in range(n):
            form |= {f"participations-{number}-role": "king", f"participations-{number}-head_count": 0}
            form |= {f"citations-{number}-verdict": "contradicts", f"topic_links-{number}-topic": "999999999"}
        costs.append(saved(admin_client, meeting, form, status=200)[1])

    assert costs[0] == costs[1] <= MOST_QUERIES_OF_A_REFUSED


def test_meeting_of_fifty_participants_a_hundred_statements_and_sixty_citations(admin_client):
    """In one form of more than a thousand fields."""
    meeting = meeting_with(50, 100, 60)
    with CaptureQueriesContext(connection) as opening:
        form = form_of(admin_client, meeting)

    assert len(form) > 1000
    _response, saving = saved(admin_client, meeting, all_changed(form, 50))

    assert (len(opening), saving) <= (MOST_QUERIES, MOST_QUERIES)
    assert list(Participation.objects.filter(meeting=meeting).values_list("side", flat=True)) == ["CN"] * 50
    assert ParticipationTenure.objects.count() == 0


def test_actor_with_many_rows_is_saved_at_the_same_cost_as_one_with_few(admin_client):
    costs = []
    for n in (1, 12):
        actor = PersonFactory(state="draft")
        for number in range(n):
            ActorNameFactory(actor=actor, text=f"name {number}")
            TenureFactory(person=actor)
        form = form_of(admin_client, actor)
        for number in range(n):
            form |= {f"names-{number}-text": f"other {number}", f"tenures-{number}-note": "seen"}
        identifiers = [{"scheme": "wikidata", "value": f"Q{n}-{number}"} for number in range(n)]
        offices = [{"office": OfficeFactory().pk, "span": "2001/2002"} for _number in range(n)]
        form = with_rows(with_rows(form, "identifiers", identifiers), "tenures", offices)
        costs.append(saved(admin_client, actor, form)[1])

        assert {one.text for one in actor.names.all()} == {f"other {number}" for number in range(n)}
        assert Tenure.objects.filter(person=actor, version=2, note="seen").count() == n
        assert (actor.tenures.count(), actor.identifiers.count()) == (2 * n, n)

    assert costs[0] == costs[1] <= MOST_QUERIES


@pytest.mark.django_db(transaction=True)
def test_rows_saved_together_raise_the_version_once_and_are_each_in_the_history(admin_client):
    meeting = meeting_with(3, 0, 3)
    version = Meeting.objects.get(pk=meeting.pk).version

    saved(admin_client, meeting, all_changed(form_of(admin_client, meeting), 3))

    assert Meeting.objects.get(pk=meeting.pk).version == version + 1
    changes = Participation.pgh_event_model.objects.filter(pgh_label="update")
    assert sorted(changes.values_list("side", "pgh_context__metadata__reason")) == [("CN", "Checked again")] * 3


def test_unchanged_rows_are_not_written(admin_client):
    meeting = meeting_with(3, 0, 3)
    version = Meeting.objects.get(pk=meeting.pk).version

    saved(admin_client, meeting, form_of(admin_client, meeting))

    assert Meeting.objects.get(pk=meeting.pk).version == version
    assert Participation.pgh_event_model.objects.filter(pgh_label="update").count() == 0


def test_log_tells_what_was_added_changed_and_deleted(admin_client):
    meeting = meeting_with(3, 0, 0)
    names = [str(one) for one in meeting.participations.all()]
    form = form_of(admin_client, meeting)
    form |= {"participations-0-side": "CN", "participations-1-DELETE": "on"}
    wang = {"actor": PersonFactory(name="Wang Yi").pk, "role": "host", "attendance": "confirmed", "position": 9}

    saved(admin_client, meeting, with_rows(form, "participations", [wang]))

    assert json.loads(LogEntry.objects.get().change_message) == [
        {"changed": {"fields": ["Reason for this change"]}},
        {"added": {"name": "participation", "object": "Wang Yi"}},
        {"changed": {"name": "participation", "object": names[0], "fields": ["Side"]}},
        {"deleted": {"name": "participation", "object": names[1]}},
    ]


def test_each_row_hears_of_what_it_breaks_itself(admin_client):
    meeting = meeting_with(3, 0, 2)
    state = StateFactory()
    form = form_of(admin_client, meeting) | {
        "participations-0-actor": state.pk,
        "participations-0-offices": [],
        "participations-0-on_behalf_of": state.pk,
        "participations-1-head_count": "0",
        "participations-2-actor": "",
        "participations-2-offices": [],
        "citations-1-verdict": "contradicts",
    }

    response, _cost = saved(admin_client, meeting, form, status=200)

    assert row_errors(response, "participations") == (
        [
            {"__all__": ["Leave “on behalf of” empty when an actor spoke for itself."]},
            {"__all__": ["A head count is at least 1; leave it empty when it is not known."]},
            {"__all__": ["Choose an actor, or type the name as the source gives it."]},
        ],
        [],
    )
    assert row_errors(response, "citations") == (
        [{}, {"__all__": ["Say what the source gives instead, as a value or in a note."]}],
        [],
    )


@pytest.mark.parametrize("key", ["Wang Yi", "999999999", "9" * 40, "-1", "1.5"])
def test_key_of_nothing_is_refused_beside_its_field(admin_client, key):
    meeting = meeting_with(1, 0, 1)
    office = meeting.participations.get().tenures.get().pk
    form = form_of(admin_client, meeting)
    form |= {"participations-0-on_behalf_of": key, "citations-0-source": key, "participations-0-offices": [office, key]}

    response, _cost = saved(admin_client, meeting, form, status=200)

    no_choice = "Select a valid choice. That choice is not one of the available choices."
    (participant,), _errors = row_errors(response, "participations")
    assert participant["on_behalf_of"] == [no_choice]
    assert participant["offices"] in (
        [f"Select a valid choice. {key} is not one of the available choices."],
        [f"“{key}” is not a valid value."],
    )
    assert row_errors(response, "citations")[0] == [{"source": [no_choice]}]


def test_row_that_was_deleted_meanwhile_is_said_to_be_gone(admin_client):
    meeting = meeting_with(2, 0, 0)
    form = form_of(admin_client, meeting) | {"participations-0-side": "CN"}
    Participation.objects.filter(pk=form["participations-0-id"]).delete()
    form["loaded_version"] = Meeting.objects.get(pk=meeting.pk).version

    response, _cost = saved(admin_client, meeting, form, status=200)

    no_choice = "Select a valid choice. That choice is not one of the available choices."
    assert row_errors(response, "participations")[0] == [{"id": [no_choice]}, {}]


def test_citation_changed_while_its_participant_is_deleted_is_refused_with_all_that_was_typed(admin_client):
    meeting = meeting_with(1, 0, 0)
    CitationFactory(meeting=None, participation=meeting.participations.get(), quote="as printed")
    form = form_of(admin_client, meeting) | {"participations-0-DELETE": "on", "citations-0-quote": "typed"}

    response, _cost = saved(admin_client, meeting, form, status=200)

    assert response.context["adminform"].form.non_field_errors() == [
        "Something this refers to was deleted meanwhile, or something else still refers to it."
    ]
    assert (Participation.objects.count(), Citation.objects.get().quote) == (1, "as printed")
    assert 'value="typed"' in response.content.decode()


def test_deletion_that_others_stand_in_the_way_of_is_refused(admin_client):
    participation = ParticipationFactory(meeting=MeetingFactory(state="draft"), actor=PersonFactory(state="draft"))
    held, other = (TenureFactory(person=participation.actor, office=OfficeFactory(name=name)) for name in "AB")
    ParticipationTenure.objects.create(participation=participation, tenure=held)
    form = form_of(admin_client, participation.actor) | {"tenures-0-DELETE": "on", "tenures-1-DELETE": "on"}

    response, _cost = saved(admin_client, participation.actor, form, status=200)

    (said,) = row_errors(response, "tenures")[1]
    assert said.startswith(f"Deleting tenure {held} would require deleting the following protected related objects")
    assert list(Tenure.objects.order_by("pk")) == [held, other]


def test_identifier_deleted_in_a_row_can_be_given_in_another(admin_client):
    actor = StateFactory(state="draft")
    ActorIdentifier.objects.create(actor=actor, scheme="cow", value="710")
    form = form_of(admin_client, actor) | {"identifiers-0-DELETE": "on"}

    saved(admin_client, actor, with_rows(form, "identifiers", [{"scheme": "cow", "value": "710"}]))

    assert [str(one) for one in ActorIdentifier.objects.all()] == ["cow:710"]


def test_identifier_of_another_actor_is_refused_beside_its_row(admin_client):
    ActorIdentifier.objects.create(actor=StateFactory(), scheme="cow", value="365")
    actor = StateFactory(state="draft")
    rows = [{"scheme": "cow", "value": "710"}, {"scheme": "cow", "value": "365"}]

    response, _cost = saved(admin_client, actor, with_rows(form_of(admin_client, actor), "identifiers", rows), 200)

    taken = "This identifier already belongs to another actor. Is it the same one?"
    assert row_errors(response, "identifiers")[0] == [{}, {"__all__": [taken]}]


def test_refusal_by_the_database_leaves_the_form_as_it_was_typed(admin_client):
    meeting = meeting_with(0, 0, 1)
    again = {"source": meeting.citations.get().source_id, "verdict": "supports"}

    response, _cost = saved(admin_client, meeting, with_rows(form_of(admin_client, meeting), "citations", [again]), 200)

    assert response.context["adminform"].form.non_field_errors() == [
        "This source is already cited for this, with the same verdict, locator and quote."
    ]
    assert Citation.objects.count() == 1


def said_by(refused):
    return sorted((field, message) for field, messages in refused.message_dict.items() for message in messages)


@pytest.mark.parametrize("refusal", [*ACTOR_REFUSALS, *EVENT_REFUSALS, *STATEMENT_REFUSALS], ids=str)
def test_constraints_say_of_many_rows_what_they_say_of_each(refusal):
    row = refusal.build()
    ways = [frozenset(), frozenset({"kind", "role"}), frozenset({"name", "text", "meeting", "actor"})]

    def alone(exclude):
        try:
            row.validate_constraints(exclude=set(exclude))
        except ValidationError as refused:
            return said_by(refused)
        return []

    def together(said):
        errors = {}
        for one in said:
            errors = (one if isinstance(one, ValidationError) else ValidationError(one)).update_error_dict(errors)
        return said_by(ValidationError(errors)) if errors else []

    asked = [Asked(row, exclude) for exclude in (*ways, *ways)]

    expected = [alone(one.exclude) for one in asked]
    assert [together(said) for said in broken_constraints(type(row), asked)] == expected


def test_names_longer_than_their_column_are_not_cut_before_they_are_looked_at():
    row = ActorName(actor=PersonFactory(), text="x" * 400)

    assert broken_constraints(ActorName, [Asked(row, frozenset())]) == [[]]
    assert Actor.objects.count() == 1
