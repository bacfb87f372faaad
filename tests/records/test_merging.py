"""Merging at the desk: who may, what is shown, and that nothing goes past the preview unseen."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from actors.models import Actor
from events.confirmations import confirm, standing_warnings
from events.models import ConfirmedWarning, Participation
from records.discussion import add_comment, assign
from records.history import event_model
from records.merging import batch_of, merge, plan_merge
from records.models import Assignment, Comment
from records.reverting import revert_batch
from records.roles import EDITORS, REVIEWERS
from records.services import ReasonMissing
from records.warnings import warnings_of
from tests.factories import (
    ActorNameFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    PlaceFactory,
    SourceFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.merging import all_rows, pointing_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def user_in(group, django_user_model):
    user = django_user_model.objects.create_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def as_reviewer(client, django_user_model):
    client.force_login(user_in(REVIEWERS, django_user_model))
    return client


@pytest.fixture
def as_editor(client, django_user_model):
    client.force_login(user_in(EDITORS, django_user_model))
    return client


@pytest.fixture
def pair():
    return PersonFactory(name="Wang Yi", description="Director."), PersonFactory(name="Wang I", description="Minister.")


def admin_url(record, name, *args):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=args)


def merge_url(survivor, *absorbed):
    asked = "&".join(f"absorbed={record.pk}" for record in absorbed)
    return f"{admin_url(survivor, 'merge')}?survivor={survivor.pk}&{asked}"


def confirmed(client, url, **typed):
    """The preview, sent as it was shown."""
    hidden = client.get(url).context["form"].initial
    return client.post(url, {"reason": "The same person.", **hidden, **typed})


def test_preview_shows_both_what_moves_and_what_is_chosen_and_writes_nothing(as_reviewer, pair):
    wang, double = pair
    ActorNameFactory(actor=double, text="王毅")
    ParticipationFactory(actor=double, meeting=MeetingFactory(title="Talks in Moscow"))
    before = all_rows()

    page = as_reviewer.get(merge_url(wang, double))

    text = page.content.decode()
    assert "Talks in Moscow" in text and "王毅" in text  # noqa: PT018
    assert [choice["name"] for choice in page.context["choices"]] == ["keep_name", "keep_description"]
    assert page.context["swap_url"] == merge_url(double, wang)
    assert all_rows() == before


def test_confirming_merges_by_the_choices_made_and_offers_undo(as_reviewer, pair):
    wang, double = pair

    response = confirmed(as_reviewer, merge_url(wang, double), keep_name="absorbed", keep_description="survivor")

    assert response.url == admin_url(wang, "change", wang.pk)
    wang.refresh_from_db()
    double.refresh_from_db()
    assert (wang.name, wang.description, double.merged_into) == ("Wang I", "Director.", wang)
    said = str(next(iter(as_reviewer.get(response.url).context["messages"])))
    assert f'<a href="{admin_url(double, "unmerge", double.pk)}">Undo this merge</a>' in said
    context = event_model(Actor).objects.filter(pgh_obj_id=double.pk).order_by("-pgh_id").first().pgh_context
    assert (context.metadata["reason"], context.metadata["batch"]) == ("The same person.", batch_of(double))


def test_a_merged_record_is_read_only_and_says_where_it_went(as_reviewer, pair):
    wang, double = pair
    merge(survivor=wang, absorbed=double, reason="The same.")
    url = admin_url(double, "change", double.pk)

    page = as_reviewer.get(url)

    text = page.content.decode()
    assert f'Merged into <a href="{admin_url(wang, "change", wang.pk)}">Wang Yi</a>' in text
    assert admin_url(double, "unmerge", double.pk) in text
    assert 'name="_save"' not in text
    assert as_reviewer.post(url, {"name": "Wang"}).status_code == 403
    assert as_reviewer.get(admin_url(double, "delete", double.pk)).status_code == 403


def test_head_of_a_merged_record_says_where_it_went_and_no_box_lists_its_survivor(as_reviewer, pair):
    wang, double = pair
    merge(survivor=wang, absorbed=double, reason="The same.")

    page = as_reviewer.get(admin_url(double, "change", double.pk))

    head = page.content.decode().partition('class="record-facts"')[2].partition("</p>")[0]
    assert f'merged into <a href="{admin_url(wang, "change", wang.pk)}">Wang Yi</a>' in head
    assert "published" not in head
    panels = [section["panel"] for section in page.context["sections"] if "panel" in section]
    assert (panels[0], "admin/record_similar.html" in panels) == ("admin/_partials/merged.html", False)


def test_what_was_said_of_the_absorbed_goes_on_with_the_survivor_and_comes_back(pair, admin_user):
    wang, double = pair
    TenureFactory(person=double, span="1980/1985")
    Actor.objects.filter(pk=double.pk).update(born="1991")
    double.refresh_from_db()
    add_comment(record=double, text="Is this the envoy?", by=admin_user)
    assign(record=double, to=admin_user, by=admin_user)
    for doubt in warnings_of(double):
        confirm(record=double, fingerprint=doubt.fingerprint, word="Named so by TASS.", by=admin_user)
    before = all_rows()

    batch = merge(survivor=wang, absorbed=double, reason="The same.")

    said = [model.objects.values_list("record", flat=True) for model in (Comment, Assignment, ConfirmedWarning)]
    assert [set(records) for records in said] == [{wang.uid}, {wang.uid}, {wang.uid}]
    # A birth is a fact of one person: its warning asks again, with the word that was said of the other.
    stand = {one.doubt.code: one for one in standing_warnings(Actor.objects.get(pk=wang.pk))}
    assert stand["no-source"].confirmed.word == stand["before-birth"].earlier.word == "Named so by TASS."

    revert_batch(batch_id=batch, reason="Two persons.")

    assert all_rows() == before


def test_a_warning_confirmed_of_both_keeps_the_word_of_the_survivor(pair, admin_user):
    words = {"code": "no-source", "fingerprint": "f" * 32}
    for record, word in zip(pair, ("Ours.", "Theirs."), strict=True):
        ConfirmedWarning.objects.create(record=record.uid, word=word, **words)

    plan = plan_merge(*pair)
    merge(survivor=pair[0], absorbed=pair[1], reason="The same.")

    assert plan.conflicts == []
    assert list(ConfirmedWarning.objects.values_list("record", "word")) == [(pair[0].uid, "Ours.")]


def test_undo_asks_why_and_restores_both(as_reviewer, pair):
    wang, double = pair
    ParticipationFactory(actor=double)
    before = all_rows()
    merge(survivor=wang, absorbed=double, reason="The same.")
    url = admin_url(double, "unmerge", double.pk)

    assert as_reviewer.post(url, {"reason": ""}).context["form"].errors == {"reason": ["This field is required."]}
    assert pointing_at(double) == []
    assert as_reviewer.post(url, {"reason": "Two persons."}).url == admin_url(double, "change", double.pk)
    assert all_rows() == before
    assert as_reviewer.get(url).status_code == 404


def test_undo_says_what_was_changed_since(as_reviewer, pair):
    wang, double = pair
    participation = ParticipationFactory(actor=double)
    merge(survivor=wang, absorbed=double, reason="The same.")
    Participation.objects.filter(pk=participation.pk).update(note="Corrected by a colleague.")

    page = as_reviewer.post(admin_url(double, "unmerge", double.pk), {"reason": "Two persons."})

    assert len(page.context["form"].non_field_errors()) == 1
    assert Participation.objects.get().note == "Corrected by a colleague."
    assert Actor.objects.get(pk=double.pk).merged_into == wang


@pytest.mark.parametrize("changed", ["survivor", "absorbed"])
def test_a_plan_that_is_out_of_date_is_shown_again(as_reviewer, pair, changed):
    wang, double = pair
    hidden = as_reviewer.get(merge_url(wang, double)).context["form"].initial
    record = wang if changed == "survivor" else double
    Actor.objects.filter(pk=record.pk).update(description="Written by a colleague.")

    page = as_reviewer.post(merge_url(wang, double), {"reason": "The same.", **hidden})

    assert "Somebody else changed the record" in str(page.context["form"].non_field_errors())
    assert "Written by a colleague." in page.content.decode()
    assert page.context["form"].data["reason"] == "The same."
    assert not Actor.objects.filter(merged_into__isnull=False).exists()
    assert confirmed(as_reviewer, merge_url(wang, double)).status_code == 302


def test_a_row_that_came_meanwhile_is_shown_before_it_is_merged(as_reviewer, pair):
    wang, double = pair
    hidden = as_reviewer.get(merge_url(wang, double)).context["form"].initial
    ParticipationFactory(actor=double)

    page = as_reviewer.post(merge_url(wang, double), {"reason": "The same.", **hidden})

    assert "changed meanwhile" in str(page.context["form"].non_field_errors())
    assert pointing_at(double) == ["events.Participation.actor"]


def test_several_are_merged_in_turn(as_reviewer):
    wang, second, third = PersonFactory(name="Wang Yi"), PersonFactory(name="Wang I"), PersonFactory(name="Wang Yih")
    action = {"action": "merge_selected", "_selected_action": [third.pk, wang.pk, second.pk]}

    first_page = as_reviewer.post(admin_url(wang, "changelist"), action).url
    assert first_page == merge_url(wang, second, third)
    second_page = confirmed(as_reviewer, first_page).url
    assert second_page == merge_url(wang, third)
    confirmed(as_reviewer, second_page)

    assert set(Actor.objects.public()) == {wang}


def test_one_selected_record_is_not_enough(as_reviewer, pair):
    action = {"action": "merge_selected", "_selected_action": [pair[0].pk]}

    page = as_reviewer.post(admin_url(pair[0], "changelist"), action, follow=True)

    assert [str(message) for message in page.context["messages"]] == [
        "Select two records to merge, or up to 20 that all become one."
    ]


def test_the_other_record_is_chosen_from_the_form(as_reviewer, pair):
    _wang, double = pair
    assert (
        f"{admin_url(double, 'merge')}?absorbed={double.pk}"
        in as_reviewer.get(admin_url(double, "change", double.pk)).content.decode()
    )

    page = as_reviewer.get(f"{admin_url(double, 'merge')}?absorbed={double.pk}")

    assert f'data-choose="{admin_url(double, "choices")}"' in page.content.decode()


def test_what_stands_in_the_way_leaves_no_button(as_reviewer, pair):
    wang, _double = pair
    city = PersonFactory(kind="state", name="China")

    page = as_reviewer.get(merge_url(wang, city))

    assert "never one and the same actor" in page.content.decode()
    assert "save-bar__reason" not in page.content.decode()
    before = all_rows()
    as_reviewer.post(merge_url(wang, city), {**page.context["form"].initial, "reason": "I insist."})
    as_reviewer.post(merge_url(wang, wang), {**page.context["form"].initial, "reason": "I insist."})
    assert all_rows() == before


def test_editors_merge_drafts_only(as_editor):
    wang, draft, other = PersonFactory(), PersonFactory(state="draft"), PersonFactory(state="draft")
    before = all_rows()

    for url in (merge_url(wang, draft), merge_url(draft, wang)):
        assert as_editor.get(url).status_code == 403
        assert as_editor.post(url, {"reason": "The same."}).status_code == 403
    assert all_rows() == before

    assert confirmed(as_editor, merge_url(draft, other)).status_code == 302
    assert Actor.objects.get(pk=other.pk).merged_into == draft


def test_editors_do_not_undo_the_merge_of_published_records(as_editor, pair):
    wang, double = pair
    merge(survivor=wang, absorbed=double, reason="The same.")

    assert as_editor.post(admin_url(double, "unmerge", double.pk), {"reason": "No."}).status_code == 403
    assert Actor.objects.get(pk=double.pk).merged_into == wang


def test_who_may_not_change_may_not_merge(client, django_user_model, pair):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))

    assert client.get(merge_url(*pair)).status_code == 403
    assert client.post(merge_url(*pair), {"reason": "The same."}).status_code == 403


@pytest.mark.parametrize("query", ["", "?absorbed=999999999", "?absorbed=x", "?survivor=1", "?absorbed=" + "9" * 30])
def test_an_address_that_names_no_records_is_not_found(as_reviewer, pair, query):
    assert as_reviewer.get(admin_url(pair[0], "merge") + query).status_code == 404


@pytest.mark.parametrize("make", [PersonFactory, TopicFactory, PlaceFactory, SourceFactory, MeetingFactory])
def test_every_kind_has_its_preview(as_reviewer, make):
    records = make(), make()

    assert confirmed(as_reviewer, merge_url(*records)).status_code == 302
    assert as_reviewer.get(admin_url(records[1], "change", records[1].pk)).status_code == 200


def test_statements_have_none(as_reviewer):
    text = as_reviewer.get(admin_url(StatementFactory(), "changelist")).content.decode()

    assert "merge_selected" not in text


def test_a_merge_needs_a_reason(pair):
    with pytest.raises(ReasonMissing):
        merge(survivor=pair[0], absorbed=pair[1], reason=" ")
