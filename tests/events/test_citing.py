import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Citation, Meeting
from tests.events.test_admin import citation, form, meeting_with, participant, row_errors, url_of
from tests.factories import (
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    TenureFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def beside(response, prefix="", field="date", row=0):
    """What stands beside a field of the record, or of a row of its parts."""
    context = response.context
    if not prefix:
        return context["adminform"].form.beside[field]
    formset = next(one.formset for one in context["inline_admin_formsets"] if one.formset.prefix == prefix)
    return formset.forms[row].beside[field]


def citations_shown(response):
    formset = next(
        one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == "citations"
    )
    return [{name: row[name].value() for name in ("source", "participation", "field")} for row in formset.forms]


def test_sources_of_a_field_are_counted_and_listed_beside_it(admin_client):
    meeting = MeetingFactory()
    tass = SourceFactory(publisher="TASS", title="Talks in Moscow")
    CitationFactory(meeting=meeting, source=tass, field="date", locator="p. 1", quote="on Tuesday", confidence=3)
    xinhua = SourceFactory(publisher="Xinhua")
    CitationFactory(meeting=meeting, source=xinhua, field="date", verdict="contradicts", value_given="2023-02-22")
    CitationFactory(meeting=meeting, source=xinhua, field="place")

    response = admin_client.get(url_of(meeting))

    fact = beside(response)
    assert (fact.words, fact.button, [row.place for row in fact.rows]) == (
        "2 sources, 1 contradicts", "date", ["citations-0", "citations-1"],
    )  # fmt: skip
    assert beside(response, field="place").words == "1 source"
    assert beside(response, field="mode").rows == ()
    page = re.sub(r"\s+", " ", response.content.decode())
    assert 'Xinhua gives: 22 February 2023 <a href="#citations-1">' in page
    assert '<a href="#citations-0">TASS: Talks in Moscow</a> <span class="cited__verdict">supports</span>' in page
    assert "p. 1 “on Tuesday” confidence: high" in page


def test_sources_of_a_participant_stand_in_its_row(admin_client):
    participation = ParticipationFactory()
    CitationFactory(meeting=None, participation=participation, field="tenures")
    CitationFactory(meeting=None, participation=participation)

    response = admin_client.get(url_of(participation.meeting))

    found = {name: fact.words for name, fact in beside_row(response).items() if fact.rows}
    assert found == {"offices": "1 source", "": "1 source"}
    assert beside(response, "participations", "role").button == "participations-0:role"


def beside_row(response):
    formset = next(
        one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == "participations"
    )
    return formset.forms[0].beside


def test_folded_fields_are_open_where_a_source_contradicts_them(admin_client):
    participation = ParticipationFactory()
    CitationFactory(
        meeting=None, participation=participation, field="head_count", verdict="contradicts", value_given="seven"
    )

    page = admin_client.get(url_of(participation.meeting)).content.decode()

    assert '<details class="row__more" open>' in page
    assert "TASS gives: seven" in page


@pytest.mark.parametrize(
    ("make", "target", "field"),
    [
        (lambda: SpeakerFactory().statement, "statement", "date"),
        (PersonFactory, "actor", "born"),
        (TenureFactory, "tenure", "span"),
        (FormulaFactory, "formula", "first_seen"),
    ],
)
def test_every_citable_record_shows_its_sources_beside_its_fields(admin_client, make, target, field):
    record = make()
    CitationFactory(meeting=None, field=field, **{target: record})

    response = admin_client.get(url_of(record))

    assert (beside(response, field=field).words, beside(response, field=field).button) == ("1 source", field)
    assert f'name="_cite" value="{field}"' in response.content.decode()


def test_who_may_only_look_sees_the_sources_and_no_button(client, django_user_model):
    from django.contrib.auth.models import Group  # only this test needs a role

    user = django_user_model.objects.create_user("reader", is_staff=True)
    user.groups.add(Group.objects.get(name="Researchers"))
    client.force_login(user)
    meeting = MeetingFactory()
    CitationFactory(meeting=meeting, field="date", verdict="contradicts", value_given="22 February")

    page = client.get(url_of(meeting)).content.decode()

    assert "TASS gives: 22 February" in page
    assert 'name="_cite"' not in page


@pytest.mark.parametrize(
    ("pressed", "added"),
    [
        ("date", {"source": None, "participation": None, "field": "date"}),
        ("participations-0:role", {"source": None, "participation": "saved", "field": "role"}),
        ("participations-1:", {"source": None, "participation": "row:1", "field": ""}),
        ("participations-9x:role", {"source": None, "participation": None, "field": "role"}),
    ],
)
def test_without_a_script_citing_shows_the_form_again_with_a_row_for_the_field(admin_client, pressed, added):
    participation = ParticipationFactory()
    meeting = Meeting.objects.get()
    rows = [
        participant(participation.actor, id=participation.pk, meeting=meeting.pk),
        participant(PersonFactory(), side="CN"),
    ]
    sent = form(participations=rows, initial=(1, 0, 0), summary="Typed.", loaded_version=1, _cite=pressed)

    response = admin_client.post(url_of(meeting), sent)

    if added["participation"] == "saved":
        added = {**added, "participation": str(participation.pk)}
    assert citations_shown(response) == [added]
    assert response.context["adminform"].form["summary"].value() == "Typed."
    assert "errornote" not in response.content.decode()
    assert Citation.objects.count() == 0
    if added["participation"] == "row:1":
        assert '<option value="row:1" selected>new participant #2</option>' in response.content.decode()


def test_field_that_nobody_can_cite_adds_nothing(admin_client):
    response = admin_client.post(reverse("admin:events_meeting_add"), form(_cite="password"))

    assert citations_shown(response) == []


def test_new_participant_is_cited_in_the_same_save(admin_client):
    source, wang = SourceFactory(), PersonFactory(name="Wang Yi")

    response = admin_client.post(
        reverse("admin:events_meeting_add"),
        form(
            participations=[participant(PersonFactory()), participant(wang)],
            citations=[citation(source, participation="row:1", field="role"), citation(source, field="date")],
        ),
    )

    assert response.status_code == 302
    said = [
        (one.meeting_id is None, one.participation and one.participation.actor, one.field)
        for one in Citation.objects.order_by("id")
    ]
    assert said == [(True, wang, "role"), (False, None, "date")]


@pytest.mark.parametrize("row", ["row:0", "row:7", "row:gone", "row:-1"])
def test_participant_that_is_not_in_the_form_cannot_be_cited(admin_client, row):
    blank = {"actor": "", "role": "participant", "attendance": "confirmed", "position": 0}

    response = admin_client.post(
        reverse("admin:events_meeting_add"),
        form(participations=[blank], citations=[citation(SourceFactory(), participation=row)]),
    )

    assert list(row_errors(response, "citations")[0]) == ["participation"]
    assert Meeting.objects.count() == 0


def test_field_of_the_meeting_is_none_of_a_new_participant(admin_client):
    response = admin_client.post(
        reverse("admin:events_meeting_add"),
        form(
            participations=[participant(PersonFactory())],
            citations=[citation(SourceFactory(), participation="row:0", field="place")],
        ),
    )

    assert list(row_errors(response, "citations")[0]) == ["field"]


def test_citations_beside_fields_cost_no_query_more_for_many(admin_client):
    costs = []
    admin_client.get("/admin/")
    for n in (1, 6):
        meeting = meeting_with(n)
        for row in meeting.participations.all():
            CitationFactory(meeting=None, participation=row, field="role", verdict="contradicts", value_given="guest")
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(url_of(meeting))
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 40
