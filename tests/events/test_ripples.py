import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from events.confirmations import confirm
from events.models import ConfirmedWarning, ParticipationTenure
from events.ripples import ripples_of
from records.warnings import warnings_of
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


def corrected(n):
    """A tenure whose span was cut after ``n`` meetings in it were confirmed to be right as they stand."""
    tenure = TenureFactory(span="2008/2021")
    meetings = [acted(tenure, "2023-02-21", in_office=True) for _number in range(n)]
    for meeting in meetings:
        [doubt] = [one for one in warnings_of(meeting) if one.code == "office-not-held"]
        confirm(record=meeting, fingerprint=doubt.fingerprint, word="He stayed on.", by=None)
    tenure.span = "2008/2020"
    tenure.save()
    return tenure, meetings


def words_of(meetings):
    said = ConfirmedWarning.objects.filter(record__in=[meeting.uid for meeting in meetings]).order_by("pk")
    return [(one.record, one.word) for one in said][len(meetings) :]


def test_what_was_confirmed_before_is_confirmed_again_with_one_click(admin_client):
    tenure, [first, second] = corrected(2)
    url = reverse("admin:actors_tenure_ripple", args=[tenure.pk])
    page = admin_client.get(url)
    [mine] = [one for one in page.context["open"] if one.record == first]
    fingerprint = mine.standing.doubt.fingerprint
    assert page.content.decode().count('value="He stayed on."') == 2

    sent = {"shown": [fingerprint], "confirm": fingerprint, f"word-{fingerprint}": "He stayed on."}
    admin_client.post(url, sent)

    assert words_of([first, second]) == [(first.uid, "He stayed on.")]
    assert [one.record for one in admin_client.get(url).context["open"]] == [second]


def test_all_that_were_shown_are_confirmed_with_one_word(admin_client):
    tenure, [first, second, third] = corrected(3)
    url = reverse("admin:actors_tenure_ripple", args=[tenure.pk])
    open_ones = {one.record: one.standing.doubt.fingerprint for one in admin_client.get(url).context["open"]}
    shown = [open_ones[first], open_ones[second]]

    blank = admin_client.post(url, {"shown": shown, "confirm": "all", "word-all": " "}, follow=True)
    assert [str(message) for message in blank.context["messages"]] == ["Say in a word why it is right as it stands."]
    assert words_of([first, second, third]) == []
    done = admin_client.post(url, {"shown": shown, "confirm": "all", "word-all": "Acting."}, follow=True)

    assert [str(message) for message in done.context["messages"]] == ["2 warnings confirmed."]
    assert sorted(words_of([first, second, third])) == sorted([(first.uid, "Acting."), (second.uid, "Acting.")])


def test_span_changed_in_the_form_of_the_person_leads_to_the_report(admin_client):
    tenure = TenureFactory(span="2008/2024")
    person = type(tenure.person).objects.get(pk=tenure.person_id)
    empty = {
        f"{prefix}-{count}_FORMS": "0"
        for prefix in ("names", "memberships", "identifiers", "citations")
        for count in ("TOTAL", "INITIAL")
    }
    row = {"id": tenure.pk, "person": person.pk, "office": tenure.office_id, "span": "2008/2020", "observed": ""}
    sent = {
        **empty,
        "tenures-TOTAL_FORMS": "1",
        "tenures-INITIAL_FORMS": "1",
        **{f"tenures-0-{name}": value for name, value in row.items()},
        "name": person.name,
        "kind": "person",
        "loaded_version": person.version,
        "change_reason": "A source.",
    }

    response = admin_client.post(reverse("admin:actors_actor_change", args=[person.pk]), sent)

    assert response.status_code == 302
    url = reverse("admin:actors_tenure_ripple", args=[tenure.pk])
    assert [url in str(message) for message in get_messages(response.wsgi_request)] == [True, False]
