import pghistory
import pytest
from django.db import DatabaseError, connection, transaction

from actors.models import Actor, ActorName
from events.models import Meeting, MeetingTopic, Participation, ParticipationTenure, Series, StatementTopic
from exchange.models import FrozenRow, Selection
from readers.models import ApiToken, Delivery, Letter, ReplyAddress, SavedSearch, Webhook
from records.history import event_model
from records.models import Change, RegisteredId, SavedView, SentRequest
from tests.factories import (
    ActorNameFactory,
    CitationFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SeriesFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.refusals import models_of_ours

# The register of ids and the notes of changes are histories themselves; a selection that is cited never changes; how
# somebody looks at a list, and the letters and addresses of readers, are no facts and must be able to vanish. What is
# told of a token (made, used, revoked) stands in its row, and no history may keep what it is known by. Webhooks and
# their messages, and answers kept for a request sent twice, are of a reader or a program, and go with time.
UNTRACKED = {
    *(RegisteredId, Change, SavedView, Selection, FrozenRow, SavedSearch, Letter, ReplyAddress),
    *(ApiToken, Webhook, Delivery, SentRequest),
}
TRACKED = [model for model in models_of_ours() if model not in UNTRACKED]


def labels(model, key):
    """The labels of all events of a row, the oldest first; the row may be gone."""
    return list(
        event_model(model).objects.filter(pgh_obj_id=key).order_by("pgh_id").values_list("pgh_label", flat=True)
    )


def untracked(models):
    """The names of the models whose inserts, updates or deletes leave no event."""
    found = []
    for model in models:
        try:
            trackers = event_model(model).pgh_trackers
        except LookupError:
            trackers = ()
        kinds = {type(tracker) for tracker in trackers}
        if kinds != {pghistory.InsertEvent, pghistory.UpdateEvent, pghistory.DeleteEvent}:
            found.append(model._meta.label)
    return found


def test_every_model_of_ours_is_tracked():
    assert untracked(TRACKED) == []


def test_model_without_history_is_found_by_name():
    assert untracked([Actor, RegisteredId]) == ["records.RegisteredId"]


def test_walk_sees_the_models_of_all_floors_and_their_relation_tables():
    assert {Actor, ActorName, Meeting, Participation, ParticipationTenure, MeetingTopic} <= set(TRACKED)


@pytest.mark.django_db
@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.label)
def test_table_has_row_level_history_triggers_that_are_enabled(model):
    with connection.cursor() as cursor:
        cursor.execute(
            # tgtype: 1 for each row, 4 on insert, 8 on delete, 16 on update; tgenabled O: it fires
            "SELECT tgtype & 29 FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = %s::regclass AND tgenabled = 'O' AND prosrc LIKE %s ORDER BY 1",
            [model._meta.db_table, f'%INSERT INTO "{event_model(model)._meta.db_table}"%'],
        )
        assert [kind for (kind,) in cursor.fetchall()] == [1 + 4, 1 + 8, 1 + 16]


@pytest.mark.django_db
@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.label)
def test_event_keeps_every_column_that_the_database_does_not_compute(model):
    # The sort key of a partial date is computed again in the history table.
    kept = {field.column for field in event_model(model)._meta.fields}
    computed = {field.column for field in model._meta.fields if getattr(field, "generated", False)}

    assert {field.column for field in model._meta.fields} - computed - kept == set()


@pytest.mark.django_db
def test_save_and_delete_of_an_instance_are_kept():
    series = SeriesFactory(name="Consultation")
    key = series.pk
    series.name = "Strategic security consultation"
    series.save()
    series.delete()

    events = event_model(Series).objects.filter(pgh_obj_id=key).order_by("pgh_id")
    assert list(events.values_list("pgh_label", "name")) == [
        ("insert", "Consultation"),
        ("update", "Strategic security consultation"),
        ("delete", "Strategic security consultation"),
    ]


@pytest.mark.django_db
def test_update_that_changes_nothing_is_told_apart_by_its_version_alone():
    series = SeriesFactory()
    series.save()

    events = event_model(Series).objects.filter(pgh_obj_id=series.pk).order_by("pgh_id")
    assert list(events.values_list("pgh_label", "version")) == [("insert", 1), ("update", 2)]


@pytest.mark.django_db
def test_bulk_writes_are_kept_row_by_row():
    first, second = Series.objects.bulk_create([Series(name="BRICS security"), Series(name="SCO summit")])
    first.description = "Yearly."
    Series.objects.bulk_update([first], ["description"])
    Series.objects.filter(pk__in=[first.pk, second.pk]).update(description="Every year.")
    keys = first.pk, second.pk
    Series.objects.all().delete()

    assert [labels(Series, key) for key in keys] == [
        ["insert", "update", "update", "delete"],
        ["insert", "update", "delete"],
    ]


@pytest.mark.django_db
def test_raw_sql_is_kept():
    series = SeriesFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_series SET description = 'Yearly.' WHERE id = %s", [series.pk])
        cursor.execute("DELETE FROM events_series WHERE id = %s", [series.pk])

    assert labels(Series, series.pk) == ["insert", "update", "delete"]


@pytest.mark.django_db
def test_rows_deleted_with_their_record_are_kept():
    name = ActorNameFactory(text="王毅")
    actor_key, name_key = name.actor.pk, name.pk
    name.actor.delete()

    assert (labels(Actor, actor_key)[-1], labels(ActorName, name_key)) == ("delete", ["insert", "delete"])


@pytest.mark.django_db
def test_rows_of_relation_tables_are_kept_when_set_through_the_relation():
    talks, multilateralism, ukraine = MeetingFactory(), TopicFactory(), TopicFactory()
    talks.topics.add(multilateralism, ukraine)
    talks.topics.remove(ukraine)
    statement = StatementFactory()
    statement.topics.add(ukraine, through_defaults={"stance": "concerned"})
    tenure = TenureFactory()
    participation = ParticipationFactory(actor=tenure.person)
    participation.tenures.add(tenure)
    participation.tenures.clear()

    def changes(model):
        return list(event_model(model).objects.order_by("pgh_id").values_list("pgh_label", flat=True))

    assert [changes(MeetingTopic), changes(StatementTopic), changes(ParticipationTenure)] == [
        ["insert", "insert", "delete"],
        ["insert"],
        ["insert", "delete"],
    ]


@pytest.mark.django_db
def test_change_that_was_rolled_back_leaves_nothing():
    series = SeriesFactory()
    with transaction.atomic():
        Series.objects.all().delete()
        transaction.set_rollback(True)

    assert labels(Series, series.pk) == ["insert"]


@pytest.mark.django_db
def test_event_keeps_what_a_citation_said_about_an_uncertain_date():
    citation = CitationFactory(
        meeting=MeetingFactory(date="2025-12-02"), field="date", verdict="contradicts", value_given="2025-12-01"
    )
    Meeting.objects.update(date="[2025-12-01..2025-12-02]")

    meeting_event = event_model(Meeting).objects.latest("pgh_id")
    citation_event = event_model(type(citation)).objects.get()
    assert (str(meeting_event.date), meeting_event.date_outer.lower.isoformat(), citation_event.value_given) == (
        "[2025-12-01..2025-12-02]",
        "2025-12-01",
        "2025-12-01",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("write", ["UPDATE events_seriesevent SET name = 'x'", "DELETE FROM events_seriesevent"])
def test_history_itself_cannot_be_rewritten(write):
    SeriesFactory(name="Strategic security consultation")

    refused = pytest.raises(DatabaseError, match="Cannot update or delete rows")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(write)

    assert event_model(Series).objects.get().name == "Strategic security consultation"


@pytest.mark.django_db
@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.label)
def test_event_table_is_append_only(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s AND tgenabled = 'O'",
            [event_model(model)._meta.db_table, "pgtrigger_append_only_%"],
        )
        assert cursor.fetchone() == (1,)


def test_event_model_of_an_untracked_model_is_a_lookup_error():
    with pytest.raises(LookupError):
        event_model(RegisteredId)


@pytest.mark.django_db
def test_person_is_kept_in_history_without_a_link_that_would_break_when_it_is_deleted():
    person = PersonFactory(name="Li Hui")
    talks = ParticipationFactory(actor=person)
    key = person.pk
    talks.delete()
    person.delete()

    assert event_model(Participation).objects.filter(actor_id=key).values_list("pgh_label", flat=True).count() == 2
