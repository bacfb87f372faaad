"""The pages that compare, revert, restore and undo, and who may open them."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting, Participation
from records.context import history_context
from records.history import event_model
from records.roles import EDITORS, REVIEWERS
from tests.factories import MeetingFactory, ParticipationFactory, PersonFactory

pytestmark = pytest.mark.usefixtures("static_files")


def log_in(client, django_user_model, group):
    group, _created = Group.objects.get_or_create(name=group)
    user = django_user_model.objects.create_user(group.name.lower(), is_staff=True)
    user.groups.add(group)
    client.force_login(user)
    return client


@pytest.fixture
def as_editor(client, django_user_model):
    return log_in(client, django_user_model, EDITORS)


@pytest.fixture
def as_reviewer(client, django_user_model):
    return log_in(client, django_user_model, REVIEWERS)


def page(record, name, *args):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk, *args])


def told(response):
    return [(change.part, change.field, change.before, change.after) for change in response.context["changes"]]


@pytest.mark.django_db(transaction=True)
def test_revert_page_tells_what_will_change_and_does_it(admin_client):
    meeting = MeetingFactory(state="draft", title="Talks")
    ParticipationFactory(meeting=meeting, actor=PersonFactory(name="Wang Yi"))
    Meeting.objects.update(title="Renamed")
    Participation.objects.all().delete()
    seen = Meeting.objects.get().version

    preview = admin_client.get(page(meeting, "revert", 2))
    assert told(preview)[0] == ("", "Title", "Renamed", "Talks")
    assert told(preview)[1][:2] == ("Participation: Wang Yi", "added")
    response = admin_client.post(page(meeting, "revert", 2), {"reason": "Wrong.", "loaded_version": seen})

    assert response.status_code == 302
    assert (Meeting.objects.get().title, Participation.objects.get().actor.name) == ("Talks", "Wang Yi")


@pytest.mark.django_db(transaction=True)
def test_revert_page_refuses_what_a_colleague_changed_meanwhile(admin_client):
    meeting = MeetingFactory(state="draft", title="Talks")
    Meeting.objects.update(title="Renamed")
    seen = Meeting.objects.get().version
    Meeting.objects.update(summary="Written by a colleague.")

    response = admin_client.post(page(meeting, "revert", 1), {"reason": "Wrong.", "loaded_version": seen})

    assert "Somebody else changed the record" in response.context["form"].non_field_errors()[0]
    assert Meeting.objects.values_list("title", "summary").get() == ("Renamed", "Written by a colleague.")


@pytest.mark.django_db(transaction=True)
def test_revert_needs_a_reason(admin_client):
    meeting = MeetingFactory(state="draft", title="Talks")
    Meeting.objects.update(title="Renamed")

    response = admin_client.post(page(meeting, "revert", 1), {"reason": " ", "loaded_version": 2})

    assert response.context["form"].errors.keys() == {"reason"}
    assert Meeting.objects.get().title == "Renamed"


@pytest.mark.django_db(transaction=True)
def test_compare_page_tells_what_differs_between_two_versions(admin_client):
    meeting = MeetingFactory(state="draft", title="Talks")
    Meeting.objects.update(title="Renamed")
    Meeting.objects.update(title="Renamed again")

    response = admin_client.get(page(meeting, "compare"), {"from": 3, "to": 1})

    assert told(response) == [("", "Title", "Talks", "Renamed again")]


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{}, {"from": "x", "to": "1"}, {"from": "1", "to": "99"}])
def test_compare_page_of_versions_that_never_were_is_not_found(admin_client, query):
    assert admin_client.get(page(MeetingFactory(), "compare"), query).status_code == 404


@pytest.mark.django_db
def test_published_record_is_reverted_by_reviewers_only(as_editor):
    meeting = MeetingFactory(title="Talks")
    Meeting.objects.update(title="Renamed")

    assert as_editor.get(page(meeting, "revert", 1)).status_code == 403
    assert as_editor.post(page(meeting, "revert", 1), {"reason": "x", "loaded_version": 2}).status_code == 403
    assert Meeting.objects.get().title == "Renamed"


@pytest.mark.django_db
def test_deleted_record_is_listed_and_comes_back(as_editor):
    actor = PersonFactory(name="Li Hui", state="draft")
    uid = actor.uid
    actor.delete()

    listed = as_editor.get(reverse("admin:actors_actor_deleted"))
    assert [row["name"] for row in listed.context["rows"]] == ["Li Hui"]
    as_editor.post(reverse("admin:actors_actor_restore", args=[uid]), {"reason": "Deleted by mistake."})

    assert Actor.objects.get(uid=uid).name == "Li Hui"
    assert as_editor.get(reverse("admin:actors_actor_deleted")).context["rows"] == []


@pytest.mark.django_db
def test_deleted_record_is_not_found_under_another_model(admin_client):
    actor = PersonFactory(state="draft")
    uid = actor.uid
    actor.delete()

    assert admin_client.get(reverse("admin:events_meeting_restore", args=[uid])).status_code == 404


@pytest.mark.django_db
def test_batch_is_listed_looked_at_and_undone_by_a_reviewer(as_reviewer):
    MeetingFactory(title="Talks", state="draft")
    with history_context(batch="bulk edit", reason="Titles by the new rule.") as batch:
        Meeting.objects.update(title="Renamed")

    listed = as_reviewer.get(reverse("admin:pghistory_context_changelist"))
    assert [(row["word"], row["reason"]) for row in listed.context["rows"]] == [
        ("bulk edit", "Titles by the new rule.")
    ]
    address = reverse("admin:pghistory_context_batch", args=[batch])
    assert [change[2:] for change in told(as_reviewer.get(address))] == [("Renamed", "Talks")]
    as_reviewer.post(address, {"reason": "Wrong rule."})

    assert Meeting.objects.get().title == "Talks"
    said = event_model(Meeting).objects.latest("pgh_id").pgh_context.metadata
    assert (said["reason"], said["batch"].partition(":")[0]) == ("Wrong rule.", "undo of bulk edit")


@pytest.mark.django_db
def test_batches_are_for_reviewers_only(as_editor):
    MeetingFactory(title="Talks", state="draft")
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed")
    address = reverse("admin:pghistory_context_batch", args=[batch])

    answers = [
        as_editor.get(reverse("admin:pghistory_context_changelist")),
        as_editor.get(address),
        as_editor.post(address, {"reason": "Wrong rule."}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Meeting.objects.get().title == "Renamed"


@pytest.mark.django_db
def test_batch_that_never_ran_is_not_found(admin_client):
    assert admin_client.get(reverse("admin:pghistory_context_batch", args=["bulk edit:1"])).status_code == 404


@pytest.mark.django_db
def test_batch_that_was_changed_since_shows_what_stands_in_the_way_and_no_button(admin_client):
    MeetingFactory(title="Talks", state="draft")
    with history_context(batch="bulk edit") as batch:
        Meeting.objects.update(title="Renamed")
    Meeting.objects.update(title="Mended by hand")
    address = reverse("admin:pghistory_context_batch", args=[batch])

    response = admin_client.get(address)
    assert response.context["conflicts"] == ["Meeting: Mended by hand (21 February 2023) was changed again since."]
    assert "Undo this batch</button>" not in response.content.decode()
    admin_client.post(address, {"reason": "Wrong rule."})

    assert Meeting.objects.get().title == "Mended by hand"


@pytest.mark.django_db
def test_history_page_costs_the_same_for_one_row_and_for_three(admin_client):
    counts = []
    for number in (1, 3):
        meeting = MeetingFactory(state="draft")
        for _one in range(number):
            ParticipationFactory(meeting=meeting)
        admin_client.get(page(meeting, "history"))
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(page(meeting, "history"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
