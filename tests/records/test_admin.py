"""What the admins of all records share, tried on actors and meetings."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse

from actors.models import Actor, ActorName, Membership
from events.models import Meeting, Place
from records import services
from records.history import event_model
from records.roles import EDITORS, REVIEWERS
from tests.factories import (
    ActorNameFactory,
    MeetingFactory,
    OrganisationFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    StateFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

INLINES = ("names", "tenures", "memberships", "identifiers", "citations")


def a_colleague_changes(record, **values):
    """Change a record as another transaction would: within one, a record's version rises once."""
    type(record).objects.filter(pk=record.pk).update(version_xid=0)
    type(record).objects.filter(pk=record.pk).update(**values)


def fields(**typed):
    """The form of an actor as it is sent, without rows."""
    management = {f"{prefix}-{count}_FORMS": "0" for prefix in INLINES for count in ("TOTAL", "INITIAL")}
    return {"name": "Wang Yi", "kind": "person", **management, **typed}


def saved(actor, **typed):
    return fields(loaded_version=Actor.objects.get(pk=actor.pk).version, **typed)


def row(prefix, number=0, *, initial=0, **values):
    """One row among the parts, as it is sent."""
    return {
        f"{prefix}-TOTAL_FORMS": str(number + 1),
        f"{prefix}-INITIAL_FORMS": str(initial),
        **{f"{prefix}-{number}-{name}": value for name, value in values.items()},
    }


def change_url(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def errors_on_top(response):
    return list(response.context["adminform"].form.non_field_errors())


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def as_editor(client, editor):
    editor.is_staff = True
    editor.save()
    editor.groups.add(Group.objects.get(name=EDITORS))
    client.force_login(editor)
    return client


@pytest.fixture
def as_reviewer(client, django_user_model):
    reviewer = django_user_model.objects.create_user("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name=REVIEWERS))
    client.force_login(reviewer)
    return client


# Saving


def test_add_form_keeps_who_made_the_record(as_editor, editor):
    as_editor.post(reverse("admin:actors_actor_add"), fields(_save="1"))

    actor = Actor.objects.get()
    assert (actor.name, actor.state, actor.version, actor.created_by) == ("Wang Yi", "draft", 1, editor)


def test_change_form_refuses_to_overwrite_a_colleague(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")
    form = saved(actor, description="Typed for an hour.")
    a_colleague_changes(actor, description="Written by a colleague.")

    response = admin_client.post(change_url(actor), form)

    [error] = errors_on_top(response)
    assert error.startswith("Somebody else saved this record while you were typing.")
    assert response.context["adminform"].form["description"].value() == "Typed for an hour."
    assert Actor.objects.get().description == "Written by a colleague."


def test_change_form_refuses_to_overwrite_a_colleague_who_added_a_name(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")
    form = saved(actor, description="Typed for an hour.")
    Actor.objects.update(version_xid=0)
    Actor.objects.update(version_xid=0)
    ActorNameFactory(actor=actor, text="王毅")

    response = admin_client.post(change_url(actor), form)

    assert len(errors_on_top(response)) == 1
    assert Actor.objects.get().description == ""


def test_change_form_without_a_version_changes_nothing(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")

    response = admin_client.post(change_url(actor), fields(description="From a script."))

    assert len(errors_on_top(response)) == 1
    assert Actor.objects.get().description == ""


def test_saving_without_a_change_leaves_the_version(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")

    admin_client.post(change_url(actor), saved(actor, change_reason="Only looked."))

    assert Actor.objects.get().version == 1


def test_published_record_wants_a_reason_and_keeps_it_in_the_history(admin_client):
    actor = PersonFactory(name="Wang Yi", state="published")

    refused = admin_client.post(change_url(actor), saved(actor, description="Diplomat."))
    assert refused.context["adminform"].form.errors == {"change_reason": ["This field is required."]}
    assert Actor.objects.get().description == ""

    admin_client.post(change_url(actor), saved(actor, description="Diplomat.", change_reason="Asked by a reader"))
    last = event_model(Actor).objects.order_by("-pgh_id").first()
    assert (last.description, last.pgh_context.metadata["reason"]) == ("Diplomat.", "Asked by a reader")


def test_draft_is_changed_without_a_reason(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")

    admin_client.post(change_url(actor), saved(actor, description="Diplomat."))

    assert Actor.objects.get().description == "Diplomat."


def test_constraint_that_only_the_database_sees_is_told_in_the_form(admin_client):
    """Two rows of one form, each right alone: the unique index of the table refuses the second."""
    organisation = OrganisationFactory(name="United Nations")
    china = StateFactory(name="China", state="draft")
    form = saved(
        china,
        name="China",
        kind="state",
        description="Typed for an hour.",
    )
    form |= row("memberships", 0, organisation=organisation.pk, role="member", span="1945/..")
    form |= row("memberships", 1, organisation=organisation.pk, role="member", span="1971/..")

    response = admin_client.post(change_url(china), form)

    assert response.status_code == 200
    assert errors_on_top(response) == ["This membership is already recorded for part of that time."]
    assert response.context["adminform"].form["description"].value() == "Typed for an hour."
    assert 'value="1971/.."' in response.content.decode()
    assert Membership.objects.count() == 0
    assert messages_of(response) == []


def test_link_to_what_was_deleted_meanwhile_is_told_in_the_form(admin_client, monkeypatch):
    """The foreign key is only checked at the end of the transaction."""
    from records.admin.base import IdentifiedAdmin

    actor = PersonFactory(name="Wang Yi", state="draft")

    def delete_home(self, request, obj, form, change):
        Actor.objects.filter(pk=obj.pk).update(home_state_id=2**40)

    monkeypatch.setattr(IdentifiedAdmin, "save_model", delete_home)

    response = admin_client.post(change_url(actor), saved(actor, description="Diplomat."))

    assert errors_on_top(response) == [
        "Something this refers to was deleted meanwhile, or something else still refers to it."
    ]
    assert Actor.objects.get().home_state_id is None


@pytest.mark.parametrize("typed", ["Sources differ, see below.\nNo photograph, no list.\n\n", ""])
def test_open_points_are_typed_one_a_line(admin_client, typed):
    admin_client.post(reverse("admin:actors_actor_add"), fields(open_points=typed))

    actor = Actor.objects.get()
    assert actor.open_points == [line for line in typed.split("\n") if line]
    response = admin_client.get(change_url(actor))
    assert response.context["adminform"].form["open_points"].value() == "\n".join(actor.open_points)


def test_open_point_that_is_too_long_is_named_by_its_line(admin_client):
    response = admin_client.post(reverse("admin:actors_actor_add"), fields(open_points="short\n" + "x" * 501))

    assert response.context["adminform"].form.errors == {
        "open_points": ["Line 2 has 501 characters; a line may have 500."]
    }


# Workflow


def test_editor_submits_and_cannot_publish(as_editor):
    actor = PersonFactory(name="Wang Yi", state="draft")
    page = as_editor.get(change_url(actor)).content.decode()
    assert re.findall(r'<button type="submit" name="(_submit|_publish|_draft)"', page) == ["_submit"]

    forged = as_editor.post(change_url(actor), saved(actor, description="Forged.", _publish="1"))
    assert forged.status_code == 403
    assert (Actor.objects.get().state, Actor.objects.get().description) == ("draft", "")

    as_editor.post(change_url(actor), saved(actor, description="Diplomat.", _submit="1"))
    assert (Actor.objects.get().state, Actor.objects.get().description) == ("review", "Diplomat.")


def test_reviewer_publishes_and_withdraws(as_reviewer):
    actor = PersonFactory(name="Wang Yi", state="review")

    published = as_reviewer.post(change_url(actor), saved(actor, _publish="1"), follow=True)
    assert messages_of(published) == ["Published: “Wang Yi”."]

    withdrawn = as_reviewer.post(
        reverse("admin:actors_actor_withdraw", args=[actor.pk]),
        {"reason": "Not the same person.", "loaded_version": Actor.objects.get().version},
        follow=True,
    )
    assert messages_of(withdrawn) == ["Withdrawn: “Wang Yi”."]
    assert (Actor.objects.get().state, Actor.objects.get().withdrawal_reason) == ("withdrawn", "Not the same person.")


def test_withdrawal_needs_a_reason_and_the_version_that_was_seen(as_reviewer):
    actor = PersonFactory(name="Wang Yi", state="published")
    url = reverse("admin:actors_actor_withdraw", args=[actor.pk])

    blank = as_reviewer.post(url, {"reason": " ", "loaded_version": 1})
    stale = as_reviewer.post(url, {"reason": "Denied.", "loaded_version": 7})
    nothing = as_reviewer.post(url, {})

    assert blank.context["form"].errors == {"reason": ["This field is required."]}
    assert len(stale.context["form"].non_field_errors()) == 1
    assert set(nothing.context["form"].errors) == {"reason", "loaded_version"}
    assert Actor.objects.get().state == "published"


def test_editor_cannot_open_the_withdrawal(as_editor):
    actor = PersonFactory(state="published")

    assert as_editor.get(reverse("admin:actors_actor_withdraw", args=[actor.pk])).status_code == 403


def test_publishing_what_lacks_something_saves_and_says_what(as_reviewer):
    meeting = MeetingFactory(title="Talks in Moscow", state="draft")
    form = {
        "title": "Talks in Moscow",
        "date": "2023-02-21",
        "date_basis": "stated",
        "kind": "bilateral",
        "status": "held",
        "openness": "public",
        "summary": "Typed for an hour.",
        "loaded_version": meeting.version,
        "_publish": "1",
        **{
            f"{prefix}-{count}_FORMS": "0"
            for prefix in ("participations", "topic_links", "citations")
            for count in ("TOTAL", "INITIAL")
        },
    }

    response = as_reviewer.post(change_url(meeting), form, follow=True)

    assert messages_of(response) == ["Saved, but no more than that:", "Name at least one participant."]
    assert response.context["missing"] == [
        "Name at least one participant.",
        "The latest change to this record is yours: somebody else has to publish it.",
    ]
    assert (Meeting.objects.get().state, Meeting.objects.get().summary) == ("draft", "Typed for an hour.")


def test_groups_may_work_on_records_and_only_look_at_imports():
    def allowed(name):
        permissions = Group.objects.get(name=name).permissions
        return set(permissions.values_list("content_type__app_label", "codename"))

    of_exchange = {codename for app, codename in allowed(EDITORS) if app == "exchange"}
    assert of_exchange == {"view_importedrecord", "view_selection", "view_frozenrow"}
    assert ("events", "change_meeting") in allowed(EDITORS)
    assert allowed(REVIEWERS) - allowed(EDITORS) == {("records", "view_review")}
    assert {app for app, _codename in allowed(EDITORS)} == {"actors", "events", "exchange", "readers", "records"}
    assert not [codename for _app, codename in allowed(EDITORS) if codename.endswith("event")]


# Deleting


def test_what_was_public_cannot_be_deleted(admin_client):
    public = PersonFactory(name="Wang Yi", state="published")
    withdrawn = PersonFactory(name="Qin Gang", state="published")
    services.withdraw(record=withdrawn, reason="Entered twice.")

    for actor in (public, withdrawn):
        delete = reverse("admin:actors_actor_delete", args=[actor.pk])
        assert admin_client.post(delete, {"post": "yes"}).status_code == 403

    assert Actor.objects.count() == 2
    assert "Was public: withdraw instead of deleting." in admin_client.get(change_url(public)).content.decode()


def test_bulk_deletion_says_that_published_records_are_withdrawn_instead(admin_client):
    public, draft = PersonFactory(name="Wang Yi"), PersonFactory(name="Qin Gang", state="draft")

    response = admin_client.post(
        reverse("admin:actors_actor_changelist"),
        {"action": "delete_selected", "_selected_action": [public.pk, draft.pk], "post": "yes"},
    )

    assert "Wang Yi was published: withdraw it instead of deleting it." in response.content.decode()
    assert Actor.objects.count() == 2


def test_deletion_of_what_others_point_to_is_explained(admin_client):
    place = PlaceFactory(name="Moscow", state="draft")
    MeetingFactory(title="Talks in Moscow", place=place)

    response = admin_client.post(reverse("admin:events_place_delete", args=[place.pk]), {"post": "yes"})

    assert "Talks in Moscow" in response.content.decode()
    assert Place.objects.get() == place


def test_draft_is_deleted(admin_client):
    actor = PersonFactory(name="Wang Yi", state="draft")
    ActorNameFactory(actor=actor)

    admin_client.post(reverse("admin:actors_actor_delete", args=[actor.pk]), {"post": "yes"})

    assert (Actor.objects.count(), ActorName.objects.count()) == (0, 0)


# History


def test_history_tells_in_words_who_changed_what_and_why(admin_client, admin_user):
    actor = PersonFactory(name="Wang Yi", state="draft", kind="person")
    form = saved(actor, description="Diplomat.", change_reason="From the readout")
    form |= row("names", text="王毅", language="zh", kind="native", is_verified="on")
    admin_client.post(change_url(actor), form)

    page = admin_client.get(reverse("admin:actors_actor_history", args=[actor.pk]))

    latest, first = page.context["changes"]
    assert (latest.by, latest.reason) == (admin_user.username, "From the readout")
    assert [(change.part, change.field, change.before, change.after) for change in latest.changes] == [
        ("", "Description", "", "Diplomat."),
        ("Name: 王毅", "added", "", "name: 王毅; language: zh; kind of name: native; seen in a source: yes"),
    ]
    assert ("", "Name", "", "Wang Yi") in [(c.part, c.field, c.before, c.after) for c in first.changes]


def test_history_shows_what_a_removed_part_was(admin_client):
    actor = PersonFactory(name="Wang Yi")
    ActorNameFactory(actor=actor, text="王毅").delete()

    page = admin_client.get(reverse("admin:actors_actor_history", args=[actor.pk]))

    removed = [change for entry in page.context["changes"] for change in entry.changes if change.field == "removed"]
    assert [(change.part, change.before) for change in removed] == [
        ("Name: 王毅", "name: 王毅; language: zh; kind of name: native; seen in a source: yes")
    ]


@pytest.mark.parametrize("n", [1, 3])
def test_history_costs_the_same_for_few_and_many_parts(admin_client, django_assert_num_queries, n):
    meeting = MeetingFactory()
    for _number in range(n):
        ParticipationFactory(meeting=meeting, actor=PersonFactory(home_state=StateFactory()))
    url = reverse("admin:events_meeting_history", args=[meeting.pk])
    admin_client.get(url)

    with django_assert_num_queries(14):
        admin_client.get(url)


def test_history_of_nothing_goes_back_to_the_index(admin_client):
    response = admin_client.get(reverse("admin:actors_actor_history", args=[404]))

    assert (response.status_code, response.url) == (302, reverse("admin:index"))


def test_history_needs_the_permission_to_look(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest", is_staff=True))

    assert client.get(reverse("admin:actors_actor_history", args=[PersonFactory().pk])).status_code == 403


# Pages


@pytest.mark.parametrize("page", ["index", "actors_actor_changelist", "actors_actor_add", "password_change"])
def test_pages_carry_no_script_or_style_of_their_own(admin_client, page):
    content = admin_client.get(reverse(f"admin:{page}")).content.decode()

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", content) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", content) == []


def test_two_savers_at_once_wait_for_each_other(admin_client):
    """The row is locked from the check of its version to the end of the transaction."""
    actor = PersonFactory(name="Wang Yi", state="draft")
    form = saved(actor, description="Diplomat.")
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        admin_client.post(change_url(actor), form)

    locked = next(place for place, sql in enumerate(seen) if "FOR NO KEY UPDATE" in sql)
    changed = next(place for place, sql in enumerate(seen) if 'UPDATE "actors_actor"' in sql)
    assert locked < changed
