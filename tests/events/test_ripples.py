import pytest
from django.urls import reverse

from events.models import ParticipationTenure
from events.ripples import ripples_of
from tests.factories import (
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def acted(tenure, date, *, in_office):
    participation = ParticipationFactory(meeting=MeetingFactory(date=date), actor=tenure.person)
    if in_office:
        ParticipationTenure.objects.create(participation=participation, tenure=tenure)
    return participation.meeting


def test_corrected_tenure_touches_what_used_it_and_what_its_person_did_in_either_span():
    tenure = TenureFactory(span="2008/2024")
    left_out = acted(tenure, "2023-02-21", in_office=True)
    inside = acted(tenure, "2010", in_office=True)
    without = acted(tenure, "2022", in_office=False)
    acted(tenure, "2025", in_office=False)
    said = SpeakerFactory(actor=tenure.person, tenure=tenure, statement=StatementFactory(date="2021")).statement
    tenure.span = "2008/2020"
    tenure.save()

    touched = ripples_of(tenure)

    assert {(one.record, one.uses, one.standing is not None) for one in touched} == {
        (left_out, True, True),
        (inside, True, False),
        (without, False, False),
        (said, True, True),
    }
    assert [one.standing is not None for one in touched] == [True, True, False, False]


@pytest.mark.parametrize("n", [1, 4])
def test_report_costs_the_same_for_few_and_many(django_assert_num_queries, n):
    tenure = TenureFactory(span="2008/2020", office=OfficeFactory())
    for _number in range(n):
        acted(tenure, "2023", in_office=True)
        SpeakerFactory(actor=tenure.person, tenure=tenure, statement=StatementFactory(date="2021"))

    with django_assert_num_queries(5):
        assert len(ripples_of(tenure)) == 2 * n


def test_saving_another_span_leads_to_the_report(admin_client):
    tenure = TenureFactory(span="2008/2024")
    meeting = acted(tenure, "2023-02-21", in_office=True)
    tenure.refresh_from_db()
    sent = {
        "person": tenure.person_id,
        "office": tenure.office_id,
        "span": "2008/2020",
        "observed": "",
        "note": "",
        "loaded_version": tenure.version,
        "citations-TOTAL_FORMS": 0,
        "citations-INITIAL_FORMS": 0,
    }

    response = admin_client.post(reverse("admin:actors_tenure_change", args=[tenure.pk]), sent)
    assert response.status_code == 302
    url = reverse("admin:actors_tenure_ripple", args=[tenure.pk])
    page = admin_client.get(url)

    assert f'<a href="{url}">' in page.content.decode()
    assert [one.record for one in page.context["open"]] == [meeting]


def test_report_is_for_those_who_may_see_tenures_and_events(client, editor):
    url = reverse("admin:actors_tenure_ripple", args=[TenureFactory().pk])
    assert client.get(url).status_code == 302
    editor.is_staff = True
    editor.save()
    client.force_login(editor)
    assert client.get(url).status_code == 403
