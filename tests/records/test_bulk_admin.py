"""Bulk actions in the lists: looked at before, done in one batch, undone in one."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor
from events.models import Meeting, MeetingTopic, StatementTopic
from records import bulk
from records.history import event_model
from records.models import Assignment, Review
from tests.factories import (
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SeriesFactory,
    StatementFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def as_reviewer(client, django_user_model):
    user = django_user_model.objects.create_user("reviewer", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    client.force_login(user)
    return client


@pytest.fixture
def as_editor(client, django_user_model):
    user = django_user_model.objects.create_user("anna", is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return client


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(model, action):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_bulk", args=[action])


def choose(client, action, *records, query="", **more):
    """Tick the records and choose the action; the page that asks or shows."""
    url = list_of(type(records[0])) + query
    sent = {"action": action, "_selected_action": [record.pk for record in records], "index": "0", **more}
    return client.post(url, sent)


def selection_in(page):
    return re.search(r'name="selection" value="([^"]+)"', page.content.decode())[1]


def outcomes_in(page):
    """What the page says of each record, by sort."""
    return {
        sort: [(one["name"], one["words"]) for one in told] for sort, told, _number, _untold in page.context["sorts"]
    }


def preview(client, action, *records, **typed):
    page = choose(client, action, *records)
    model = type(records[0])
    return client.post(page_of(model, action), {"selection": selection_in(page), "_preview": "1", **typed})


def confirm(client, action, model, page, **typed):
    return client.post(page_of(model, action), {"selection": selection_in(page), "_confirm": "1", **typed}, follow=True)


def said(page):
    return [re.sub(r"<[^>]+>", "", str(message)) for message in page.context["messages"]]


def batches_of(model):
    contexts = event_model(model).objects.filter(pgh_context__metadata__has_key="batch")
    return sorted(set(contexts.values_list("pgh_context__metadata__batch", flat=True)))


def test_topic_is_added_after_a_preview_and_taken_back_in_one(as_reviewer):
    ukraine = TopicFactory(name="Ukraine")
    bare, has_it = (MeetingFactory(title=title, state="draft", date="2023-02-21") for title in ("Talks", "Summit"))
    MeetingTopic.objects.create(meeting=has_it, topic=ukraine)

    asked = choose(as_reviewer, "add_topic_selected", bare, has_it)
    assert (asked.status_code, asked.context["is_previewed"]) == (200, False)
    shown = preview(as_reviewer, "add_topic_selected", bare, has_it, topic=ukraine.pk)
    assert outcomes_in(shown) == {
        "change": [(str(bare), "+ Ukraine")],
        "same": [(str(has_it), "")],
    }
    assert list(bare.topics.all()) == []
    done = confirm(as_reviewer, "add_topic_selected", Meeting, shown, topic=ukraine.pk)

    assert said(done) == ["1 record done. Undo", "1 record was so already."]
    assert list(bare.topics.all()) == [ukraine]
    [batch] = batches_of(MeetingTopic)
    assert batch.startswith("bulk add topic:")
    undo = reverse("admin:pghistory_context_batch", args=[batch])
    assert undo in done.content.decode()
    as_reviewer.post(undo, {"reason": "Wrong topic."})
    assert [list(meeting.topics.all()) for meeting in (bare, has_it)] == [[], [ukraine]]


def test_published_record_is_changed_in_bulk_with_a_reason_only(as_editor):
    ukraine = TopicFactory(name="Ukraine")
    public, draft = MeetingFactory(title="Talks"), MeetingFactory(title="Plan", state="draft")
    shown = preview(as_editor, "add_topic_selected", public, draft, topic=ukraine.pk)

    refused = confirm(as_editor, "add_topic_selected", Meeting, shown, topic=ukraine.pk)
    assert refused.context["form"].errors == {"reason": ["Say why: published records are among these."]}
    assert MeetingTopic.objects.count() == 0
    done = confirm(as_editor, "add_topic_selected", Meeting, refused, topic=ukraine.pk, reason="Coded anew.")

    assert said(done) == ["2 records done."]
    [reason] = set(event_model(MeetingTopic).objects.values_list("pgh_context__metadata__reason", flat=True))
    assert reason == "Coded anew."


def test_record_changed_between_preview_and_confirmation_is_left_alone_and_named(as_reviewer):
    series = SeriesFactory(name="Strategic security consultations")
    mine, theirs, gone = (MeetingFactory(title=title, state="draft") for title in ("Round 1", "Round 2", "Round 3"))
    shown = preview(as_reviewer, "set_series_selected", mine, theirs, gone, series=series.pk)
    Meeting.objects.filter(pk=theirs.pk).update(summary="Typed meanwhile.")
    key = gone.pk
    gone.delete()

    done = confirm(as_reviewer, "set_series_selected", Meeting, shown, series=series.pk)

    assert said(done) == [
        "1 record done. Undo",
        f"{theirs}: Somebody changed the record since you looked: look at it again.",
        f"No. {key}: The record was deleted meanwhile.",
    ]
    assert list(Meeting.objects.order_by("pk").values_list("series", flat=True)) == [series.pk, None]


def test_round_goes_with_the_series_unless_it_is_kept(as_reviewer):
    old, new = SeriesFactory(name="Old"), SeriesFactory(name="New")
    meeting = MeetingFactory(title="Talks", state="draft", series=old, round=3)

    shown = preview(as_reviewer, "set_series_selected", meeting, series=new.pk)
    kept = preview(as_reviewer, "set_series_selected", meeting, series=new.pk, keep_round="on")
    none = preview(as_reviewer, "set_series_selected", meeting, series="", keep_round="on")

    assert [outcomes_in(page)["change"][0][1] for page in (shown, kept, none)] == [
        "Series: Old → New; Round: 3 → none",
        "Series: Old → New",
        "Series: Old → none; Round: 3 → none",
    ]
    confirm(as_reviewer, "set_series_selected", Meeting, kept, series=new.pk, keep_round="on")
    assert Meeting.objects.values_list("series", "round").get() == (new.pk, 3)


def test_other_values_than_those_looked_at_are_shown_before_they_are_done(as_reviewer):
    old, new = SeriesFactory(name="Old"), SeriesFactory(name="New")
    meeting = MeetingFactory(title="Talks", state="draft")
    shown = preview(as_reviewer, "set_series_selected", meeting, series=old.pk)

    again = confirm(as_reviewer, "set_series_selected", Meeting, shown, series=new.pk)

    assert outcomes_in(again) == {"change": [(str(meeting), "Series: none → New")]}
    assert Meeting.objects.get().series is None


def test_what_cannot_be_published_is_named_before_and_the_rest_goes_through(as_reviewer):
    whole, bare = MeetingFactory(title="Talks", state="draft"), MeetingFactory(title="Plan", state="draft")
    ParticipationFactory(meeting=whole)
    public = MeetingFactory(title="Summit")

    shown = choose(as_reviewer, "publish_selected", whole, bare, public)

    assert outcomes_in(shown) == {
        "change": [(str(whole), "draft → published")],
        "refused": [
            (str(bare), "Name at least one participant."),
            (str(public), "The record is already published."),
        ],
    }
    assert Meeting.objects.get(pk=whole.pk).state == "draft"
    confirm(as_reviewer, "publish_selected", Meeting, shown)
    states = dict(Meeting.objects.values_list("pk", "state"))
    assert states == {whole.pk: "published", bare.pk: "draft", public.pk: "published"}
    assert list(Review.objects.values_list("record", "version")) == [(whole.uid, 2)]


def test_own_record_is_not_published_in_bulk(as_reviewer, django_user_model):
    mine = PersonFactory(name="Wang Yi", state="draft")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Actor.objects.filter(pk=mine.pk).update(created_by=django_user_model.objects.get(username="reviewer"))
        cursor.execute("SET LOCAL session_replication_role = origin")

    shown = choose(as_reviewer, "publish_selected", mine)

    [(_name, why)] = outcomes_in(shown)["refused"]
    assert why.startswith("You created this record: somebody else has to publish it.")


def test_withdrawal_in_bulk_asks_for_a_reason_and_can_be_undone(as_reviewer):
    first, second = PersonFactory(name="Wang Yi"), PersonFactory(name="Nikolai Patrushev")
    shown = choose(as_reviewer, "withdraw_selected", first, second)

    refused = confirm(as_reviewer, "withdraw_selected", Actor, shown)
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    confirm(as_reviewer, "withdraw_selected", Actor, refused, reason="Entered twice.")
    told = set(Actor.objects.values_list("state", "withdrawal_reason"))
    assert told == {("withdrawn", "Entered twice.")}

    [batch] = batches_of(Actor)
    as_reviewer.post(reverse("admin:pghistory_context_batch", args=[batch]), {"reason": "They are two."})
    assert set(Actor.objects.values_list("state", "withdrawal_reason")) == {("published", "")}


def test_undone_publication_leaves_a_withdrawn_record(as_reviewer):
    actor = PersonFactory(name="Wang Yi", state="review")
    confirm(as_reviewer, "publish_selected", Actor, choose(as_reviewer, "publish_selected", actor))
    [batch] = batches_of(Actor)

    as_reviewer.post(reverse("admin:pghistory_context_batch", args=[batch]), {"reason": "Too early."})

    assert Actor.objects.values_list("state", "withdrawal_reason").get() == ("withdrawn", "Too early.")


def test_somebody_is_put_in_charge_of_many_records(as_editor, django_user_model):
    anna = django_user_model.objects.get(username="anna")
    first, second = PersonFactory(name="Wang Yi"), PersonFactory(name="Nikolai Patrushev")
    Assignment.objects.create(record_id=second.uid, user=django_user_model.objects.create_user("boris", is_staff=True))

    shown = preview(as_editor, "assign_selected", first, second, user=anna.pk)
    assert outcomes_in(shown) == {"change": [("Wang Yi", "nobody → anna"), ("Nikolai Patrushev", "boris → anna")]}
    confirm(as_editor, "assign_selected", Actor, shown, user=anna.pk)

    assert dict(Assignment.objects.values_list("record", "user")) == {first.uid: anna.pk, second.uid: anna.pk}
    assert set(Actor.objects.values_list("version", flat=True)) == {1}


def test_stance_of_a_topic_is_set_for_many_statements(as_reviewer):
    peace = TopicFactory(name="Peace talks")
    new, old = StatementFactory(title="Remarks", state="draft"), StatementFactory(title="Readout", state="draft")
    StatementTopic.objects.create(statement=old, topic=peace)

    shown = preview(as_reviewer, "add_topic_selected", new, old, topic=peace.pk, stance="supports")
    assert [words for _name, words in outcomes_in(shown)["change"]] == [
        "+ Peace talks (supports)",
        "Peace talks: none → supports",
    ]
    confirm(as_reviewer, "add_topic_selected", type(new), shown, topic=peace.pk, stance="supports")

    assert set(StatementTopic.objects.values_list("statement", "topic", "stance")) == {
        (new.pk, peace.pk, "supports"),
        (old.pk, peace.pk, "supports"),
    }


def test_merged_record_is_left_alone(as_reviewer):
    survivor = MeetingFactory(title="Talks", state="draft")
    merged = MeetingFactory(title="Talk", state="draft", merged_into=survivor)

    shown = preview(as_reviewer, "set_status_selected", survivor, merged, status="cancelled")

    assert outcomes_in(shown) == {
        "change": [(str(survivor), "Status: held → cancelled")],
        "refused": [(str(merged), "The record was merged into another one; change that one.")],
    }


def test_rule_about_two_records_is_said_before(as_reviewer):
    asia, china = TopicFactory(name="Asia", state="draft"), TopicFactory(name="China", state="draft")
    type(asia).objects.filter(pk=china.pk).update(parent=asia)

    shown = preview(as_reviewer, "set_parent_selected", asia, china, parent=china.pk)

    assert [name for name, _why in outcomes_in(shown)["refused"]] == ["Asia", "China"]


def test_all_of_a_filtered_list_are_chosen_but_no_more_than_are_done_in_one_go(as_reviewer, monkeypatch):
    drafts = [PersonFactory(state="draft") for _number in range(3)]
    PersonFactory(state="published")
    whole_list = {"query": "?state__exact=draft", "select_across": "1"}

    shown = choose(as_reviewer, "submit_selected", drafts[0], **whole_list)
    assert shown.context["number"] == 3
    monkeypatch.setattr(bulk, "MOST", 2)
    refused = as_reviewer.get(choose(as_reviewer, "submit_selected", drafts[0], **whole_list).url)

    assert said(refused) == [
        "These are more than 2 records, the most that are changed in one go. Narrow the list first."
    ]


def test_list_comes_back_with_its_filter(as_reviewer):
    draft = PersonFactory(name="Wang Yi", state="draft")

    shown = choose(as_reviewer, "submit_selected", draft, query="?state__exact=draft")
    done = confirm(as_reviewer, "submit_selected", Actor, shown)

    assert done.redirect_chain == [(f"{list_of(Actor)}?state__exact=draft", 302)]


@pytest.mark.parametrize("sent", ["", "x", "WyJ4Il0:1:forged"])
def test_selection_that_was_not_signed_here_does_nothing(as_reviewer, sent):
    PersonFactory(state="draft")

    answer = as_reviewer.post(page_of(Actor, "submit_selected"), {"selection": sent, "_confirm": "1"}, follow=True)

    assert said(answer) == ["The selection is not valid any more. Choose again."]
    assert Actor.objects.get().state == "draft"


def test_selection_of_one_verb_is_none_for_another(as_reviewer):
    actor = PersonFactory(state="review")
    selection = selection_in(choose(as_reviewer, "draft_selected", actor))

    as_reviewer.post(page_of(Actor, "publish_selected"), {"selection": selection, "_confirm": "1"})

    assert Actor.objects.get().state == "review"


def test_selection_whose_signature_was_changed_does_nothing(as_reviewer):
    selection = selection_in(choose(as_reviewer, "submit_selected", PersonFactory(state="draft")))
    signed, _colon, signature = selection.rpartition(":")
    forged = f"{signed}:{signature[::-1]}"

    as_reviewer.post(page_of(Actor, "submit_selected"), {"selection": forged, "_confirm": "1"})

    assert Actor.objects.get().state == "draft"


def test_editor_is_offered_no_publishing_and_gets_none(as_editor):
    actor = PersonFactory(state="draft")
    page = as_editor.get(list_of(Actor))
    offered = [name for name, _label in page.context["action_form"].fields["action"].choices]

    assert offered == [
        "",
        "set_home_state_selected",
        "set_parent_selected",
        "assign_selected",
        "submit_selected",
        "draft_selected",
        "merge_selected",
        "delete_selected",
    ]
    answers = [as_editor.post(page_of(Actor, name)).status_code for name in ("publish_selected", "withdraw_selected")]
    assert answers == [403, 403]
    assert as_editor.get(page_of(Actor, "nothing_selected")).status_code == 404
    assert Actor.objects.get(pk=actor.pk).state == "draft"


@pytest.mark.parametrize(
    "action",
    ["add_topic_selected", "remove_topic_selected", "set_series_selected", "submit_selected", "publish_selected"],
)
def test_many_records_cost_as_many_queries_as_few(as_reviewer, action):
    topic, series = TopicFactory(name="Ukraine"), SeriesFactory(name="Consultations")
    typed = {"topic": topic.pk, "series": series.pk}
    costs, batches = [], [MeetingFactory.create_batch(number, state="draft", place=None) for number in (2, 6)]
    for meeting in [*batches[0], *batches[1]]:
        ParticipationFactory(meeting=meeting)
        if action == "remove_topic_selected":
            MeetingTopic.objects.create(meeting=meeting, topic=topic)

    for meetings in batches:
        shown = preview(as_reviewer, action, *meetings, **typed)
        with CaptureQueriesContext(connection) as told:
            as_reviewer.post(page_of(Meeting, action), {"selection": selection_in(shown), "_confirm": "1", **typed})
        costs.append(len(told))

    assert costs[0] == costs[1]
    contexts = apps.get_model("pghistory", "Context").objects.filter(metadata__has_key="batch")
    assert contexts.values("metadata__batch").distinct().count() == 2


def test_editor_undoes_their_own_batch_while_readers_saw_nothing_of_it(as_editor, django_user_model):
    draft, public = MeetingFactory(title="Talks", state="draft"), MeetingFactory(title="Summit")
    for meeting in (draft, public):
        shown = preview(as_editor, "set_status_selected", meeting, status="cancelled")
        done = confirm(as_editor, "set_status_selected", Meeting, shown, status="cancelled", reason="Called off.")
        assert ("Undo" in said(done)[0]) is (meeting is draft)
    said_of = {
        event.pgh_obj_id: event.pgh_context.metadata["batch"]
        for event in event_model(Meeting).objects.filter(status="cancelled").select_related("pgh_context")
    }
    of_draft, of_public = (
        reverse("admin:pghistory_context_batch", args=[said_of[meeting.pk]]) for meeting in (draft, public)
    )

    assert as_editor.post(of_public, {"reason": "No."}).status_code == 403
    assert as_editor.post(of_draft, {"reason": "It was held."}).status_code == 302
    assert Meeting.objects.get(pk=draft.pk).status == "held"
    other = django_user_model.objects.create_user("boris", is_staff=True)
    other.groups.add(Group.objects.get(name="Editors"))
    as_editor.force_login(other)
    assert as_editor.get(of_draft).status_code == 403


def test_batches_tell_how_many_records_they_touched_and_what_undid_them(as_reviewer):
    meetings = MeetingFactory.create_batch(3, state="draft", place=None)
    shown = preview(as_reviewer, "add_topic_selected", *meetings, topic=TopicFactory(name="Ukraine").pk)
    confirm(as_reviewer, "add_topic_selected", Meeting, shown, topic=shown.context["form"]["topic"].value())
    batches = reverse("admin:pghistory_context_changelist")
    [row] = as_reviewer.get(batches).context["rows"]
    assert (row["word"], row["by"], row["undone_by"]) == ("bulk add topic", "reviewer", "")

    as_reviewer.post(reverse("admin:pghistory_context_batch", args=[row["id"]]), {"reason": "Wrong topic."})
    rows = {one["word"]: one for one in as_reviewer.get(batches).context["rows"]}
    undo = rows["undo of bulk add topic"]
    assert (rows["bulk add topic"]["undone_by"], undo["reason"]) == (undo["id"], "Wrong topic.")
    as_reviewer.post(reverse("admin:pghistory_context_batch", args=[undo["id"]]), {"reason": "After all."})
    rows = {one["word"]: one["undone_by"] for one in as_reviewer.get(batches).context["rows"]}

    assert rows["bulk add topic"] == ""
    assert as_reviewer.get(batches, {"p": "99"}).context["rows"] == []
