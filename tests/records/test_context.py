import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from events.models import Series
from records.context import history_context
from records.history import event_model
from records.middleware import HistoryMiddleware
from tests.factories import SeriesFactory

SeriesEvent = event_model(Series)


def said_about(series):
    """What the history knows about the circumstances of each change, the oldest first."""
    events = SeriesEvent.objects.filter(pgh_obj_id=series.pk).order_by("pgh_id").select_related("pgh_context")
    return [event.pgh_context.metadata if event.pgh_context else None for event in events]


@pytest.mark.django_db
def test_change_outside_any_context_is_kept_without_circumstances():
    assert said_about(SeriesFactory()) == [None]


@pytest.mark.django_db
def test_context_names_user_reason_and_batch_of_what_runs_inside(editor):
    with history_context(user=editor, reason="first review", batch="bulk publish") as batch:
        series = SeriesFactory()

    assert said_about(series) == [{"user": editor.pk, "reason": "first review", "batch": batch}]


@pytest.mark.django_db
def test_batches_of_one_word_have_ids_of_their_own():
    with history_context(batch="seeds") as first:
        pass
    with history_context(batch="seeds") as second:
        pass
    with history_context(reason="a word") as none:
        pass

    assert (first.split(":")[0], second.split(":")[0], first == second, none) == ("seeds", "seeds", False, "")


@pytest.mark.django_db
def test_inner_context_adds_to_the_outer_one(editor):
    with history_context(user=editor), history_context(reason="typing mistake"):
        series = SeriesFactory()

    assert said_about(series) == [{"user": editor.pk, "reason": "typing mistake"}]


@pytest.mark.django_db
def test_reason_of_an_inner_context_is_not_said_of_changes_before_and_after_it(editor):
    with history_context(user=editor):
        series = SeriesFactory(name="Consultation")
        with history_context(reason="its full name", batch="bulk rename") as batch:
            Series.objects.filter(pk=series.pk).update(name="Security consultation")
        Series.objects.filter(pk=series.pk).update(name="Strategic security consultation")

    assert said_about(series) == [
        {"user": editor.pk},
        {"user": editor.pk, "reason": "its full name", "batch": batch},
        {"user": editor.pk},
    ]


@pytest.mark.django_db
def test_context_is_not_said_of_later_changes_of_the_same_transaction(editor):
    with transaction.atomic():
        with history_context(user=editor, batch="import") as batch:
            series = SeriesFactory(name="Consultation")
        Series.objects.filter(pk=series.pk).update(name="Security consultation")

    assert said_about(series) == [{"user": editor.pk, "batch": batch}, None]


@pytest.mark.django_db
def test_context_ends_also_when_what_runs_inside_fails(editor):
    def change_and_fail():
        SeriesFactory()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), history_context(user=editor):
        change_and_fail()

    assert said_about(SeriesFactory()) == [None]


@pytest.mark.django_db
def test_context_ends_also_when_the_database_refuses_what_runs_inside(editor):
    with pytest.raises(IntegrityError), transaction.atomic(), history_context(user=editor):
        SeriesFactory(name="")

    assert said_about(SeriesFactory()) == [None]


@pytest.mark.django_db
def test_record_knows_who_made_and_who_changed_it(editor, django_user_model):
    reviewer = django_user_model.objects.create_user("reviewer")

    with history_context(user=editor):
        series = SeriesFactory()
    with history_context(user=reviewer):
        series.name = "Strategic security consultation"
        series.save()

    assert (series.created_by, series.updated_by) == (editor, reviewer)


@pytest.mark.django_db
def test_record_knows_who_changed_it_by_bulk_and_raw_sql(editor):
    series, other = SeriesFactory(), SeriesFactory()

    with history_context(user=editor):
        Series.objects.filter(pk=series.pk).update(description="Yearly.")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE events_series SET description = 'Yearly.' WHERE id = %s", [other.pk])

    assert list(Series.objects.order_by("id").values_list("created_by", "updated_by")) == [(None, editor.pk)] * 2


@pytest.mark.django_db
def test_change_by_nobody_in_particular_keeps_the_last_known_editor(editor):
    with history_context(user=editor):
        series = SeriesFactory()

    series.description = "Yearly."
    series.save()

    assert series.updated_by == editor


def test_middleware_names_the_user_and_the_page(editor_without_database):
    request = RequestFactory().post("/admin/events/series/1/change/")
    request.user = editor_without_database

    assert HistoryMiddleware(lambda request: None).get_context(request) == {
        "user": 7,
        "url": "/admin/events/series/1/change/",
    }


def test_middleware_leaves_out_a_user_who_is_not_signed_in():
    request = RequestFactory().post("/api/v1/meetings/")
    request.user = AnonymousUser()

    assert HistoryMiddleware(lambda request: None).get_context(request) == {"url": "/api/v1/meetings/"}


@pytest.fixture
def editor_without_database(django_user_model):
    return django_user_model(pk=7, username="editor")
