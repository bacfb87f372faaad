"""Two editors at the form of one record: whoever saves second sees what both did, and loses nothing."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client

from actors.models import ActorName
from events.models import Citation, Meeting, MeetingTopic, Participation, ParticipationTenure
from records import services
from records.context import history_context
from records.roles import EDITORS, REVIEWERS
from tests.controls import numbers, row_of, sent_form, with_row
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    MeetingFactory,
    OfficeFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)

# Versions that one transaction makes are one: two editors are two transactions.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


@pytest.fixture
def anna(django_user_model):
    anna = django_user_model.objects.create_user("anna", is_staff=True)
    anna.groups.add(*Group.objects.filter(name__in=[EDITORS, REVIEWERS]))
    return anna


@pytest.fixture
def boris(client, django_user_model):
    """The browser of the second editor."""
    boris = django_user_model.objects.create_user("boris", is_staff=True)
    boris.groups.add(*Group.objects.filter(name__in=[EDITORS, REVIEWERS]))
    client.force_login(boris)
    return client


@pytest.fixture
def wang():
    return PersonFactory(name="Wang Yi")


@pytest.fixture
def lavrov():
    return PersonFactory(name="Sergey Lavrov")


@pytest.fixture
def talks(wang, lavrov):
    talks = MeetingFactory(title="Talks", state="draft", summary="", date="2023-02-21")
    for position, actor in enumerate((wang, lavrov)):
        ParticipationFactory(meeting=talks, actor=actor, position=position)
    return talks


def form_of(client, record):
    """The form of the record as the browser got it."""
    return sent_form(client.get(url_of(record)), f"{record._meta.model_name}_form")


def url_of(record):
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"


def send(client, record, form, **typed):
    """Save the form with some fields typed anew; the form that comes back, if one does."""
    answer = client.post(url_of(record), {**form, **typed, "_continue": ""})
    again = sent_form(answer, f"{record._meta.model_name}_form") if answer.status_code == 200 else None
    return answer, again


def meanwhile(anna, record, **values):
    with history_context(user=anna):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def report(answer):
    return answer.context["conflict"]


def contradictions(answer):
    return [(one.id, one.label, one.before, one.theirs, one.mine) for one in report(answer).contradictions]


def told(answer):
    return [
        (entry.by, change.part, change.field, change.before, change.after)
        for entry in report(answer).entries
        for change in entry.changes
    ]


# Fields


def test_changes_of_both_in_different_fields_are_merged_and_saved_by_saving_again(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Talks in Moscow", open_points=["No photograph."])

    answer, again = send(boris, talks, form, summary="Typed for an hour.", notes="Mine.")

    assert contradictions(answer) == []
    assert told(answer) == [
        ("anna", "", "Open points", "", "No photograph."),
        ("anna", "", "Title", "Talks", "Talks in Moscow"),
    ]
    assert Meeting.objects.get().summary == ""
    assert (again["title"], again["summary"]) == (["Talks in Moscow"], ["Typed for an hour."])
    assert again["open_points"] == ["No photograph."]

    answer, _again = send(boris, talks, again)
    assert answer.status_code == 302
    saved = Meeting.objects.get()
    assert (saved.title, saved.summary, saved.notes, saved.open_points) == (
        "Talks in Moscow",
        "Typed for an hour.",
        "Mine.",
        ["No photograph."],
    )


def test_field_that_both_changed_is_a_contradiction_told_in_words(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, date="2023-02", kind="summit", open_points=["One.", "Two."])

    answer, again = send(boris, talks, form, date="2023-03-01", kind="summit", open_points="Three.")

    assert contradictions(answer) == [
        ("date", "Date", "21 February 2023", "February 2023", "1 March 2023"),
        ("open_points", "Open points", "(empty)", "One.\nTwo.", "Three."),
    ]
    assert (again["date"], again["open_points"]) == (["2023-03-01"], ["Three."])
    [began] = form["loaded_version"]
    assert again["conflict_open"] == [f"{began}|date", f"{began}|open_points"]
    assert not [name for name in again if name.startswith("conflict_choice-")]


def test_contradiction_that_nobody_decided_is_never_saved(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Theirs")
    _answer, again = send(boris, talks, form, title="Mine", summary="Typed for an hour.")

    answer, again = send(boris, talks, again)

    assert Meeting.objects.get().title == "Theirs"
    assert contradictions(answer) == [("title", "Title", "Talks", "Theirs", "Mine")]
    assert list(answer.context["adminform"].form.non_field_errors()) == [
        "Nothing is saved yet: choose for each contradiction whether yours or theirs stands."
    ]
    assert (again["title"], again["summary"]) == (["Mine"], ["Typed for an hour."])


@pytest.mark.parametrize(("choice", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_choice_decides_what_is_saved(boris, anna, talks, choice, title):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Theirs")
    _answer, again = send(boris, talks, form, title="Mine", summary="Typed for an hour.")

    answer, _again = send(boris, talks, again, **{"conflict_choice-title": choice})

    assert answer.status_code == 302
    assert (Meeting.objects.get().title, Meeting.objects.get().summary) == (title, "Typed for an hour.")


def test_third_save_meanwhile_is_met_like_the_second(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Theirs", notes="Noted.")
    _answer, again = send(boris, talks, form, title="Mine", summary="Typed for an hour.")
    meanwhile(anna, Meeting.objects.get(), title="Theirs again", summary="Written meanwhile.", notes="Noted again.")

    answer, again = send(boris, talks, again)

    assert contradictions(answer) == [
        ("title", "Title", "Talks", "Theirs again", "Mine"),
        ("summary", "Summary", "(empty)", "Written meanwhile.", "Typed for an hour."),
    ]
    assert again["notes"] == ["Noted again."]
    chosen = {"conflict_choice-title": "theirs", "conflict_choice-summary": "mine"}
    answer, _again = send(boris, talks, again, **chosen)
    assert answer.status_code == 302
    saved = Meeting.objects.get()
    assert (saved.title, saved.summary, saved.notes) == ("Theirs again", "Typed for an hour.", "Noted again.")


def test_choice_holds_when_somebody_saves_something_else_meanwhile(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Theirs")
    _answer, again = send(boris, talks, form, title="Mine")
    meanwhile(anna, Meeting.objects.get(), notes="Noted.")

    answer, again = send(boris, talks, again, **{"conflict_choice-title": "mine"})

    assert contradictions(answer) == []
    assert (again["title"], again["notes"]) == (["Mine"], ["Noted."])
    send(boris, talks, again)
    assert (Meeting.objects.get().title, Meeting.objects.get().notes) == ("Mine", "Noted.")


def test_mistake_and_contradiction_together_lose_nothing(boris, anna, talks):
    form = form_of(boris, talks)
    meanwhile(anna, talks, title="Theirs", date="2023-02")

    answer, again = send(boris, talks, form, title="Mine", date="next week", summary="Typed for an hour.")

    assert [one[0] for one in contradictions(answer)] == ["title", "date"]
    assert contradictions(answer)[1][2:] == ("21 February 2023", "February 2023", "next week")
    assert list(answer.context["adminform"].form.errors) == ["date", "__all__"]
    assert (again["date"], again["summary"]) == (["next week"], ["Typed for an hour."])


def test_form_without_a_version_contradicts_whatever_it_changes(boris, talks):
    form = form_of(boris, talks)
    del form["loaded_version"]

    answer, _again = send(boris, talks, form, title="Mine")

    assert contradictions(answer) == [("title", "Title", "(not known)", "Talks", "Mine")]
    assert Meeting.objects.get().title == "Talks"


@pytest.mark.parametrize(
    "junk",
    [
        {
            "conflict_open": [
                "1|nothing",
                "x|title",
                "|participations:9:role",
                "1|participations:x",
                "9" * 30 + "|title",
            ]
        },
        {"conflict_opened": "9" * 40, "conflict_open": "1|title", "conflict_choice-title": "nobody"},
        {"participations-0-was": "9" * 40, "participations-INITIAL_FORMS": "99"},
        {"participations-TOTAL_FORMS": "x"},
    ],
)
def test_form_with_nonsense_in_it_changes_nothing_and_is_no_error(boris, anna, talks, junk):
    form = form_of(boris, talks)
    meanwhile(anna, talks, notes="Noted.")

    answer, _again = send(boris, talks, form, title="Mine", **junk)

    assert answer.status_code == 200
    assert Meeting.objects.get().title == "Talks"


# Rows


def test_rows_of_both_are_merged(boris, anna, talks, wang, lavrov):
    shoigu, patrushev = PersonFactory(name="Sergei Shoigu"), PersonFactory(name="Nikolai Patrushev")
    theirs, mine = talks.participations.get(actor=wang), talks.participations.get(actor=lavrov)
    form = form_of(boris, talks)
    with history_context(user=anna):
        Participation.objects.create(meeting=talks, actor=shoigu, position=5)
        MeetingTopic.objects.create(meeting=talks, topic=TopicFactory(name="Multipolarity"))
        Participation.objects.filter(pk=theirs.pk).update(role="host")
    form = with_row(form, "participations", actor=patrushev.pk)

    answer, again = send(boris, talks, form, **{f"participations-{row_of(form, 'participations', mine.pk)}-side": "RU"})

    assert contradictions(answer) == []
    assert (numbers(again, "participations"), numbers(again, "topic_links")) == ((4, 3), (1, 1))
    assert again[f"participations-{row_of(again, 'participations', theirs.pk)}-role"] == ["host"]
    answer, _again = send(boris, talks, again)
    assert answer.status_code == 302
    assert {(str(row), row.role, row.side) for row in Participation.objects.all()} == {
        ("Wang Yi", "host", ""),
        ("Sergey Lavrov", "participant", "RU"),
        ("Sergei Shoigu", "participant", ""),
        ("Nikolai Patrushev", "participant", ""),
    }
    assert [str(link) for link in MeetingTopic.objects.all()] == ["Multipolarity"]


def test_row_that_both_changed_is_a_contradiction_in_its_field(boris, anna, talks, wang):
    row = talks.participations.get(actor=wang)
    form = form_of(boris, talks)
    with history_context(user=anna):
        Participation.objects.filter(pk=row.pk).update(role="host", side="CN")
    number = row_of(form, "participations", row.pk)

    answer, again = send(boris, talks, form, **{f"participations-{number}-role": "chair"})

    name = f"participations:{row.pk}:role"
    assert contradictions(answer) == [(name, "Participant: Wang Yi · Role", "participant", "host", "chair")]
    answer, _again = send(boris, talks, again, **{f"conflict_choice-{name}": "theirs"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.role, row.side) == ("host", "CN")


def test_row_that_they_removed_and_i_did_not_touch_goes_and_is_named(boris, anna, talks, lavrov):
    form = form_of(boris, talks)
    with history_context(user=anna):
        talks.participations.filter(actor=lavrov).delete()

    answer, again = send(boris, talks, form, summary="Typed for an hour.")

    assert report(answer).notes == ["Participant: Sergey Lavrov was removed by them; you had not changed it."]
    assert numbers(again, "participations") == (1, 1)
    send(boris, talks, again)
    assert [str(row) for row in Participation.objects.all()] == ["Wang Yi"]


@pytest.mark.parametrize(
    ("choice", "left"), [("mine", [("Wang Yi", ""), ("Sergey Lavrov", "RU")]), ("theirs", [("Wang Yi", "")])]
)
def test_row_that_they_removed_and_i_changed_is_for_me_to_decide(boris, anna, talks, lavrov, choice, left):
    row = talks.participations.get(actor=lavrov)
    form = form_of(boris, talks)
    with history_context(user=anna):
        talks.participations.filter(actor=lavrov).delete()

    side = {f"participations-{row_of(form, 'participations', row.pk)}-side": "RU"}
    answer, again = send(boris, talks, form, **side)

    name = f"participations:{row.pk}"
    position = "Order: 1"
    assert contradictions(answer) == [
        (
            name,
            "Participant: Sergey Lavrov",
            f"Actor: Sergey Lavrov\n{position}",
            "(removed)",
            f"Actor: Sergey Lavrov\nSide: RU\n{position}",
        )
    ]
    assert (numbers(again, "participations"), again["participations-1-was"]) == ((2, 1), [str(row.pk)])
    undecided, again = send(boris, talks, again)
    assert contradictions(undecided) == contradictions(answer)

    answer, _again = send(boris, talks, again, **{f"conflict_choice-{name}": choice})
    assert answer.status_code == 302
    assert [(str(one), one.side) for one in Participation.objects.order_by("position")] == left


@pytest.mark.parametrize(("choice", "left"), [("mine", ["Wang Yi"]), ("theirs", ["Wang Yi", "Sergey Lavrov"])])
def test_row_that_i_removed_and_they_changed_is_for_me_to_decide(boris, anna, talks, lavrov, choice, left):
    row = talks.participations.get(actor=lavrov)
    form = form_of(boris, talks)
    with history_context(user=anna):
        Participation.objects.filter(pk=row.pk).update(side="RU")
    delete = {f"participations-{row_of(form, 'participations', row.pk)}-DELETE": "on"}

    answer, again = send(boris, talks, form, **delete)

    [one] = report(answer).contradictions
    assert (one.mine, one.keep, one.take) == ("(removed)", "Remove it", "Keep it as they changed it")
    answer, _again = send(boris, talks, again, **{f"conflict_choice-participations:{row.pk}": choice})
    assert answer.status_code == 302
    assert [str(one) for one in Participation.objects.order_by("position")] == left
    assert set(Participation.objects.filter(actor=lavrov).values_list("side", flat=True)) <= {"RU"}


def test_actor_whom_both_added_is_one_row(boris, anna, talks):
    shoigu = PersonFactory(name="Sergei Shoigu")
    form = form_of(boris, talks)
    with history_context(user=anna):
        Participation.objects.create(meeting=talks, actor=shoigu, role="guest")
    form = with_row(form, "participations", actor=shoigu.pk, side="RU")

    answer, again = send(boris, talks, form)

    assert report(answer).notes == ["Participant: Sergei Shoigu was added by both of you: there is one row of it."]
    assert numbers(again, "participations") == (3, 3)
    send(boris, talks, again)
    added = Participation.objects.get(actor=shoigu)
    assert (added.role, added.side) == ("guest", "RU")


def test_offices_of_a_participant_are_put_together_one_by_one(boris, anna, talks, wang):
    minister, director, councillor = (
        TenureFactory(person=wang, office=OfficeFactory(name=name)) for name in ("Minister", "Director", "Councillor")
    )
    row = talks.participations.get(actor=wang)
    ParticipationTenure.objects.create(participation=row, tenure=minister)
    form = form_of(boris, talks)
    with history_context(user=anna):
        ParticipationTenure.objects.create(participation=row, tenure=director)
    offices = f"participations-{row_of(form, 'participations', row.pk)}-offices"
    assert form[offices] == [str(minister.pk)]

    answer, again = send(boris, talks, form, **{offices: [councillor.pk]})

    assert contradictions(answer) == []
    assert set(again[offices]) == {str(director.pk), str(councillor.pk)}
    send(boris, talks, again)
    assert set(row.tenures.all()) == {director, councillor}


def test_citations_of_both_stay_with_what_they_cite(boris, anna, talks, wang):
    of_wang = talks.participations.get(actor=wang)
    kept = CitationFactory(meeting=None, participation=of_wang, source=SourceFactory(publisher="Xinhua"), quote="One.")
    form = form_of(boris, talks)
    with history_context(user=anna):
        CitationFactory(meeting=talks, source=SourceFactory(publisher="TASS"), quote="Two.")
    form = with_row(form, "citations", source=SourceFactory(publisher="RIA").pk, participation=of_wang.pk, quote="3.")

    number = row_of(form, "citations", kept.pk)
    _answer, again = send(boris, talks, form, **{f"citations-{number}-locator": "page 4"})
    answer, _again = send(boris, talks, again)

    assert answer.status_code == 302
    assert {(one.quote, one.locator, one.participation) for one in Citation.objects.all()} == {
        ("One.", "page 4", of_wang),
        ("Two.", "", None),
        ("3.", "", of_wang),
    }


def test_names_of_an_actor_are_merged(boris, anna, wang):
    name = ActorNameFactory(actor=wang, text="王毅")
    form = form_of(boris, wang)
    with history_context(user=anna):
        ActorName.objects.filter(pk=name.pk).update(kind="alias")
    form = with_row(form, "names", text="Ван И", language="ru", kind="native", is_verified="on")

    _answer, again = send(boris, wang, form, description="Diplomat.", change_reason="From the readout")
    answer, _again = send(boris, wang, again)

    assert answer.status_code == 302
    assert set(ActorName.objects.values_list("text", "kind")) == {("王毅", "alias"), ("Ван И", "native")}
    wang.refresh_from_db()
    assert wang.description == "Diplomat."


def test_speakers_of_a_statement_are_merged(boris, anna, wang, lavrov):
    statement = StatementFactory(state="draft", text="Before.", language="en")
    form = form_of(boris, statement)
    with history_context(user=anna):
        SpeakerFactory(statement=statement, actor=wang)
    form = with_row(form, "speakers", actor=lavrov.pk)

    _answer, again = send(boris, statement, form, text="After.")
    answer, _again = send(boris, statement, again)

    assert answer.status_code == 302
    assert {str(row.actor) for row in statement.speakers.all()} == {"Wang Yi", "Sergey Lavrov"}
    statement.refresh_from_db()
    assert statement.text == "After."


# What happened to the record itself


def test_record_published_meanwhile_says_so_and_asks_for_a_reason(boris, anna, talks, settings):
    settings.READOUT_SELF_REVIEW = True
    CitationFactory(meeting=talks)
    form = form_of(boris, talks)
    services.publish(record=talks, by=anna)

    answer, again = send(boris, talks, form, summary="Typed for an hour.")

    assert report(answer).notes == ["The record was published meanwhile: readers will see at once what you save."]
    assert list(answer.context["adminform"].form.errors) == ["change_reason", "__all__"]
    answer, _again = send(boris, talks, again, change_reason="From the readout")
    assert answer.status_code == 302
    assert (Meeting.objects.get().state, Meeting.objects.get().summary) == ("published", "Typed for an hour.")


def test_record_withdrawn_meanwhile_says_so(boris, anna, talks):
    form = form_of(boris, talks)
    services.withdraw(record=talks, reason="Never happened.", by=anna)

    answer, again = send(boris, talks, form, summary="Typed for an hour.")

    assert report(answer).notes == ["The record was withdrawn meanwhile: readers do not see it any more."]
    assert again["summary"] == ["Typed for an hour."]


def test_what_was_typed_for_a_deleted_record_can_be_saved_as_a_new_one(boris, anna, talks, lavrov):
    form = form_of(boris, talks)
    uid = talks.uid
    with history_context(user=anna):
        Meeting.objects.get().delete()
    shoigu = PersonFactory(name="Sergei Shoigu")
    form = with_row(form, "participations", actor=shoigu.pk)

    answer, again = send(boris, talks, form, summary="Typed for an hour.")

    [error] = answer.context["adminform"].form.non_field_errors()
    assert error.startswith("This record was deleted meanwhile by anna (")
    assert f'href="/admin/events/meeting/deleted/{uid}/"' in error
    assert 'action="/admin/events/meeting/add/"' in answer.content.decode()
    assert Meeting.objects.count() == 0
    saved = boris.post("/admin/events/meeting/add/", {**again, "_save": ""})
    assert saved.status_code == 302
    new = Meeting.objects.get()
    assert (new.title, new.summary, new.state, new.uid == uid) == ("Talks", "Typed for an hour.", "draft", False)
    assert [str(row) for row in new.participations.order_by("position", "pk")] == [
        "Wang Yi",
        "Sergei Shoigu",
        "Sergey Lavrov",
    ]


def test_what_was_typed_for_a_merged_record_is_still_on_screen(boris, anna, talks):
    from records import merging

    survivor = MeetingFactory(title="The same talks", state="draft", date="2023-02-21")
    form = form_of(boris, talks)
    plan = merging.plan_merge(survivor, talks)
    merging.merge(
        survivor=survivor,
        absorbed=talks,
        by=anna,
        reason="The same.",
        survivor_version=survivor.version,
        absorbed_version=talks.version,
        seen=plan.fingerprint,
    )

    answer, again = send(boris, talks, form, summary="Typed for an hour.")

    [error] = answer.context["adminform"].form.non_field_errors()
    assert error.startswith("This record was merged into “The same talks (21 February 2023)” meanwhile.")
    assert f'href="/admin/events/meeting/{survivor.pk}/change/"' in error
    assert again["summary"] == ["Typed for an hour."]
    talks.refresh_from_db()
    assert talks.summary == ""


# Truly at once


def test_of_two_forms_sent_at_once_one_is_written_and_the_other_sees_both(talks, django_user_model):
    clients = []
    for name in ("clara", "dmitri"):
        user = django_user_model.objects.create_superuser(name)
        client = Client()
        client.force_login(user)
        clients.append(client)
    forms = [form_of(client, talks) for client in clients]
    version = Meeting.objects.get().version
    together, answers = threading.Barrier(2), {}

    def save(number):
        together.wait(timeout=30)
        try:
            answers[number] = send(clients[number], talks, forms[number], summary=f"Typed by {number}.")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    codes = {number: answer.status_code for number, (answer, _again) in answers.items()}
    assert sorted(codes.values()) == [200, 302]
    [first] = [number for number, code in codes.items() if code == 302]
    second = 1 - first
    assert (Meeting.objects.get().summary, Meeting.objects.get().version) == (f"Typed by {first}.", version + 1)
    answer, again = answers[second]
    assert contradictions(answer) == [("summary", "Summary", "(empty)", f"Typed by {first}.", f"Typed by {second}.")]
    answer, _again = send(clients[second], talks, again, **{"conflict_choice-summary": "mine"})
    assert answer.status_code == 302
    assert Meeting.objects.get().summary == f"Typed by {second}."
