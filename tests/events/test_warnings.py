import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from actors.models import ActorIdentifier
from events import confirmations
from events.models import ConfirmedWarning, ParticipationTenure
from records.services import ReasonMissing
from records.warnings import warnings_of
from tests.factories import (
    CitationFactory,
    MeetingFactory,
    OfficeFactory,
    OrganisationFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SpeakerFactory,
    StateFactory,
    StatementFactory,
    TenureFactory,
)
from tests.refusals import Refusal, database_says, form_says

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def codes(record):
    return [doubt.code for doubt in warnings_of(record) if doubt.code != "no-source"]


def meeting_of(*persons, **values):
    meeting = MeetingFactory(**values)
    for person in persons:
        ParticipationFactory(meeting=meeting, actor=person)
    return meeting


def meeting_in_office(date, **tenure):
    participation = ParticipationFactory(meeting=MeetingFactory(date=date))
    ParticipationTenure.objects.create(
        participation=participation, tenure=TenureFactory(person=participation.actor, **tenure)
    )
    return participation.meeting


@pytest.mark.parametrize(
    ("date", "tenure", "expected"),
    [
        ("2025-02-21", {"span": "2008-05/2024-05-12"}, ["office-not-held"]),
        ("2008-04", {"span": "2008-05/2024-05-12"}, ["office-not-held"]),
        ("2024-05", {"span": "2008-05/2024-05-12"}, []),
        ("2024-05-12", {"span": "2008-05/2024-05-12"}, []),
        ("[2024-05-10..2024-06-10]", {"span": "2008-05/2024-05-12"}, []),
        ("", {"span": "2008-05/2024-05-12"}, []),
        ("2025-02-21", {"span": ""}, []),
        ("2025-02-21", {"span": "2008-05/"}, []),
        ("2025-02-21", {"span": "2008-05/2024-05-12", "observed": "2025-02"}, []),
        ("2025-02-21", {"span": "2008-05/2024-05-12", "observed": "2023"}, ["office-not-held"]),
    ],
)
def test_office_is_doubted_when_its_tenure_can_cover_no_day_of_the_meeting(date, tenure, expected):
    assert codes(meeting_in_office(date, **tenure)) == expected


def test_office_of_somebody_absent_is_not_doubted():
    meeting = meeting_in_office("2025-02-21", span="2008-05/2024-05-12")
    meeting.participations.update(attendance="absent")

    assert codes(meeting) == []


def test_capacity_that_no_known_office_covers_is_doubted():
    person = PersonFactory(name="Nikolai Patrushev")
    tenure = TenureFactory(person=person, span="2008-05/2024-05-12")
    ParticipationFactory(meeting=MeetingFactory(date="2025"), actor=person, capacity="Secretary")
    later, then = (MeetingFactory(date=date) for date in ("2025-02-21", "2023-02-21"))
    for meeting in (later, then):
        ParticipationFactory(meeting=meeting, actor=person, capacity="Secretary of the Security Council")

    assert (codes(later), codes(then)) == (["no-office-then"], [])
    tenure.span = ""
    tenure.save()
    assert codes(later) == []


@pytest.mark.parametrize(
    ("date", "expected"),
    [("1951-07-10", ["before-birth"]), ("1951-07", []), ("2020-06", []), ("2021", ["after-death"]), ("", [])],
)
def test_person_outside_life_is_doubted_in_meetings_and_statements(date, expected):
    person = PersonFactory(born="1951-07-11", died="2020")
    statement = SpeakerFactory(actor=person, statement=StatementFactory(date=date)).statement

    assert codes(meeting_of(person, date=date)) == expected
    assert codes(statement) == expected
    assert codes(person) == expected * 2


def test_the_dead_may_be_quoted():
    mao = PersonFactory(name="Mao Zedong", died="1976-09-09")
    statement = SpeakerFactory(actor=mao, role="quoted").statement

    assert codes(statement) == []


def test_state_or_body_that_was_not_there_is_doubted_also_when_somebody_acted_for_it():
    union = StateFactory(name="Soviet Union", died="1991-12-26")
    meeting = MeetingFactory(date="2023-02-21")
    ParticipationFactory(meeting=meeting, actor=PersonFactory(), on_behalf_of=union)

    assert codes(meeting_of(union, date="1991-12")) == []
    assert codes(meeting_of(union, date="1992")) == ["after-dissolution"]
    assert codes(meeting) == ["after-dissolution"]


@pytest.fixture
def places():
    russia = PlaceFactory(name="Russia", kind="country", country="RU")
    moscow = PlaceFactory(name="Moscow", parent=russia, country="RU")
    return {
        "Russia": russia,
        "Moscow": moscow,
        "Kremlin": PlaceFactory(name="Kremlin", kind="venue", parent=moscow, country="RU"),
        "Beijing": PlaceFactory(name="Beijing", country="CN"),
    }


@pytest.mark.parametrize(
    ("where", "other", "expected"),
    [
        ("Beijing", {}, ["in-two-places"]),
        ("Beijing", {"date": "2023-02-20/2023-02-22"}, ["in-two-places"]),
        ("Beijing", {"date": "2023-02"}, []),
        ("Beijing", {"date": "2023-02-21~"}, []),
        ("Beijing", {"date": "[2023-02-20..2023-02-21]"}, []),
        ("Beijing", {"date": "2023-02-22"}, []),
        ("Beijing", {"mode": "video"}, []),
        ("Beijing", {"mode": ""}, []),
        ("Beijing", {"status": "cancelled"}, []),
        ("Beijing", {"state": "draft"}, ["in-two-places"]),
        ("Beijing", {"state": "withdrawn", "withdrawal_reason": "An error."}, []),
        ("Russia", {}, []),
        ("Kremlin", {}, []),
        (None, {}, []),
    ],
)
def test_person_in_two_places_is_doubted_on_days_certain_in_both(places, where, other, expected):
    wang = PersonFactory(name="Wang Yi")
    meeting = meeting_of(wang, date="2023-02-21", place=places["Moscow"])
    meeting_of(wang, **{"title": "Elsewhere", "date": "2023-02-21", "place": places.get(where), **other})

    assert codes(meeting) == expected


def test_meetings_during_a_visit_are_one_journey(places):
    wang = PersonFactory(name="Wang Yi")
    visit = meeting_of(wang, kind="visit", date="2023-02-20/2023-02-22", place=places["Moscow"])
    meeting = meeting_of(wang, date="2023-02-21", place=PlaceFactory(name="Kazan"), part_of=visit)

    assert (codes(visit), codes(meeting)) == ([], [])


def test_states_are_in_many_places(places):
    china = StateFactory(name="China")
    meeting_of(china, place=places["Beijing"])

    assert codes(meeting_of(china, place=places["Moscow"])) == []


@pytest.mark.parametrize(
    ("place", "mode", "expected"),
    [
        ("Beijing", "in-person", ["place-outside-host-country"]),
        ("Moscow", "in-person", []),
        ("Beijing", "video", []),
        (None, "in-person", []),
    ],
)
def test_place_outside_the_country_of_the_host_is_doubted(places, place, mode, expected):
    russia = StateFactory(name="Russia")
    ActorIdentifier.objects.create(actor=russia, scheme="iso3166-1", value="RU")
    meeting = MeetingFactory(place=places.get(place), mode=mode)
    ParticipationFactory(meeting=meeting, actor=PersonFactory(home_state=russia), role="host")
    ParticipationFactory(meeting=meeting, role="guest")

    assert codes(meeting) == expected


def test_host_without_a_country_may_be_anywhere(places):
    meeting = MeetingFactory(place=places["Beijing"])
    ParticipationFactory(meeting=meeting, actor=OrganisationFactory(), role="host")
    ParticipationFactory(meeting=meeting, actor=PersonFactory(), role="host")

    assert codes(meeting) == []


@pytest.mark.parametrize(
    ("issued", "held", "expected"),
    [
        ("2023-02-20", "2023-02-21", ["issued-before-meeting"]),
        ("2023-02-21", "2023-02-21", []),
        ("2023-02", "2023-02-21", []),
        ("2023-01", "2023-02", ["issued-before-meeting"]),
        ("2023-02-20", "..2023-02-21", []),
        ("", "2023-02-21", []),
        ("2023-02-20", "", []),
    ],
)
def test_statement_before_its_meeting_was_possible_is_doubted(issued, held, expected):
    assert codes(StatementFactory(date=issued, meeting=MeetingFactory(date=held))) == expected


def test_speaker_who_did_not_attend_is_doubted():
    wang, patrushev = PersonFactory(name="Wang Yi"), PersonFactory(name="Nikolai Patrushev")
    meeting = meeting_of(patrushev)
    remark = SpeakerFactory(actor=wang, statement=StatementFactory(meeting=meeting)).statement
    briefing = SpeakerFactory(actor=wang, statement=StatementFactory(meeting=meeting, kind="briefing")).statement

    assert (codes(remark), codes(briefing)) == (["speaker-not-there"], [])
    unnamed = ParticipationFactory(meeting=meeting, actor=None, name_as_given="experts of both sides")
    assert codes(remark) == []
    unnamed.delete()
    listed = ParticipationFactory(meeting=meeting, actor=wang)
    assert codes(remark) == []
    listed.attendance = "absent"
    listed.save()
    assert codes(remark) == ["speaker-not-there"]


def test_source_is_missing_until_one_is_cited_for_the_record_or_its_rows():
    participation = ParticipationFactory()
    meeting = participation.meeting
    statement = StatementFactory(meeting=meeting)
    assert [doubt.code for record in (meeting, statement) for doubt in warnings_of(record)] == ["no-source"] * 2

    citation = CitationFactory(meeting=None, participation=participation)
    assert [doubt.code for record in (meeting, statement) for doubt in warnings_of(record)] == ["no-source"]
    citation.delete()
    CitationFactory(meeting=meeting)
    assert [doubt.code for record in (meeting, statement) for doubt in warnings_of(record)] == []


def test_tenure_lists_what_was_done_in_it_outside_its_span():
    meeting = meeting_in_office("2025-02-21", span="2008-05/2024-05-12")
    tenure = ParticipationTenure.objects.get().tenure
    SpeakerFactory(actor=tenure.person, tenure=tenure, statement=StatementFactory(date="2023-02-21"))

    (doubt,) = [doubt for doubt in warnings_of(tenure) if doubt.code == "office-not-held"]

    assert [one.text for one in doubt.evidence] == [str(meeting)]


def crowded_meeting(n):
    state = StateFactory()
    meeting = MeetingFactory(place=PlaceFactory(country="CN"), date="2025-02-21")
    for _number in range(n):
        person = PersonFactory(home_state=state, born="1951", died="2020")
        participation = ParticipationFactory(meeting=meeting, actor=person, role="host")
        ParticipationTenure.objects.create(
            participation=participation, tenure=TenureFactory(person=person, office=OfficeFactory())
        )
        other = PersonFactory()
        TenureFactory(person=other, office=OfficeFactory())
        ParticipationFactory(meeting=meeting, actor=other, capacity="Secretary")
        meeting_of(person, place=PlaceFactory(parent=PlaceFactory(kind="country")), date="2025-02-21")
        SpeakerFactory(actor=person, statement=StatementFactory(meeting=meeting, date="2025-02-21"))
    return meeting


@pytest.mark.parametrize("n", [1, 4])
def test_warnings_of_a_meeting_cost_the_same_for_few_and_many_rows(django_assert_num_queries, n):
    meeting = crowded_meeting(n)

    with django_assert_num_queries(9):
        assert {doubt.code for doubt in warnings_of(meeting)} == {
            "office-not-held", "no-office-then", "after-death", "in-two-places", "no-source",
        }  # fmt: skip


# Confirming


@pytest.fixture
def meeting():
    return meeting_in_office("2025-02-21", span="2008-05/2024-05-12")


def not_held(record):
    return next(doubt for doubt in warnings_of(record) if doubt.code == "office-not-held")


def open_codes(record):
    return [one.doubt.code for one in confirmations.standing_warnings(record) if one.confirmed is None]


def test_confirmed_warning_is_quiet_until_its_facts_change(meeting, editor):
    confirmations.confirm(record=meeting, fingerprint=not_held(meeting).fingerprint, word="Honorary", by=editor)
    assert open_codes(meeting) == ["no-source"]

    meeting.summary = "They met."
    meeting.save()
    assert open_codes(meeting) == ["no-source"]

    meeting.date = "2025-02-22"
    meeting.save()
    assert open_codes(meeting) == ["office-not-held", "no-source"]
    standing = confirmations.standing_warnings(meeting)[0]
    assert (standing.earlier.word, standing.earlier.confirmed_by) == ("Honorary", editor)


def test_confirming_needs_a_word_and_keeps_the_first(meeting, editor):
    fingerprint = not_held(meeting).fingerprint
    with pytest.raises(ReasonMissing):
        confirmations.confirm(record=meeting, fingerprint=fingerprint, word="  ", by=editor)

    confirmations.confirm(record=meeting, fingerprint=fingerprint, word="Honorary", by=editor)
    confirmations.confirm(record=meeting, fingerprint=fingerprint, word="Again", by=editor)

    assert [one.word for one in ConfirmedWarning.objects.all()] == ["Honorary"]


def test_warning_that_does_not_stand_cannot_be_confirmed(meeting, editor):
    fingerprint = not_held(meeting).fingerprint
    meeting.date = "2023-02-21"
    meeting.save()

    with pytest.raises(confirmations.NoSuchWarning):
        confirmations.confirm(record=meeting, fingerprint=fingerprint, word="Honorary", by=editor)


def url_of(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def answers_to(record):
    return url_of(record).replace("/change/", "/warnings/")


def test_form_shows_the_warnings_and_takes_the_word(meeting, admin_client, admin_user):
    doubt = not_held(meeting)
    page = admin_client.get(url_of(meeting)).content.decode()
    assert f'name="word-{doubt.fingerprint}"' in page
    assert f'action="{answers_to(meeting)}"' in page
    tenure = ParticipationTenure.objects.get().tenure
    assert f'href="{url_of(tenure)}"' in page

    sent = {"confirm": doubt.fingerprint, f"word-{doubt.fingerprint}": "He is an adviser of the same name."}
    response = admin_client.post(answers_to(meeting), sent)

    assert response.headers["Location"] == f"{url_of(meeting)}#warnings"
    confirmed = ConfirmedWarning.objects.get()
    assert (confirmed.record, confirmed.code, confirmed.confirmed_by) == (meeting.uid, "office-not-held", admin_user)
    assert "“He is an adviser of the same name.” – admin" in admin_client.get(url_of(meeting)).content.decode()

    admin_client.post(answers_to(meeting), {"reopen": doubt.fingerprint})
    assert open_codes(meeting) == ["office-not-held", "no-source"]


def test_blank_word_is_refused_with_a_message(meeting, admin_client):
    response = admin_client.post(answers_to(meeting), {"confirm": not_held(meeting).fingerprint}, follow=True)

    assert [str(message) for message in response.context["messages"]] == ["Say in a word why it is right as it stands."]
    assert ConfirmedWarning.objects.count() == 0


@pytest.mark.parametrize("verb", ["view", ""])
def test_who_may_not_change_a_record_may_not_confirm_its_warnings(meeting, client, editor, verb):
    editor.is_staff = True
    editor.save()
    if verb:
        editor.user_permissions.add(Permission.objects.get(codename=f"{verb}_meeting"))
    client.force_login(editor)
    fingerprint = not_held(meeting).fingerprint

    response = client.post(answers_to(meeting), {"confirm": fingerprint, f"word-{fingerprint}": "Honorary"})

    assert response.status_code == 403
    assert ConfirmedWarning.objects.count() == 0
    if verb:
        page = client.get(url_of(meeting)).content.decode()
        assert "Look again" in page
        assert "warning-answers" not in page


def test_confirming_needs_the_token_and_a_post(meeting, admin_user, client):
    assert client.post(answers_to(meeting)).status_code == 302  # to the login
    client.force_login(admin_user)
    assert client.get(answers_to(meeting)).status_code == 405
    client.handler.enforce_csrf_checks = True
    assert client.post(answers_to(meeting), {"confirm": "x"}).status_code == 403


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_confirming_leads_to_no_other_site(meeting, admin_client, back):
    response = admin_client.post(answers_to(meeting), {"confirm": "x", "back": back})

    assert response.headers["Location"] == f"{url_of(meeting)}#warnings"


def confirmed_twice():
    said = {"record": "0123456789", "code": "no-source", "fingerprint": "f" * 32, "word": "A leaflet"}
    ConfirmedWarning.objects.create(**said)
    return ConfirmedWarning(**said)


def confirmed_without_a_word():
    return ConfirmedWarning(record="0123456789", code="no-source", fingerprint="f" * 32, word="")


REFUSALS = [
    Refusal(
        ConfirmedWarning,
        "confirmed_warning_once",
        confirmed_twice,
        {"__all__": ["Somebody confirmed this warning already."]},
    ),
    Refusal(
        ConfirmedWarning,
        "confirmed_warning_has_word",
        confirmed_without_a_word,
        {"word": ["This field cannot be blank."]},
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_confirmation_is_refused_by_form_and_database(case):
    row = case.build()

    assert form_says(row) == case.says
    assert database_says(row) == case.name
