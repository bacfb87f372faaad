import json
from datetime import date

import pytest
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.state import ModelState, StateApps
from django.db.migrations.writer import MigrationWriter
from django.db.models.functions import Upper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partialdates import InvalidPartialDate, PartialDate
from partialdates.fields import PartialDateField, generated_names
from partialdates.querysets import certainly_within, possibly_within
from tests.partialdates.models import Dated, Office, Talks
from tests.partialdates.strategies import texts

COLUMNS = ["date", "date_outer", "date_core", "date_sort"]


def stored():
    """The columns as PostgreSQL writes them, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date, date_outer::text, date_core::text, date_sort::text FROM partialdates_talks ORDER BY id"
        )
        return cursor.fetchall()


DAY = ("2023-02-21", "[2023-02-21,2023-02-22)", "[2023-02-21,2023-02-22)", "2023-02-21")
MONTH = ("2023-02", "[2023-02-01,2023-03-01)", None, "2023-02-01")
UNKNOWN = ("", None, None, "9999-12-31")


def test_create_and_bulk_create_write_text_ranges_and_sort_key(tables):
    Talks.objects.create(date="2023-2-21")
    Talks.objects.bulk_create([Talks(date="2023-02"), Talks(), Talks(date="..2023-03"), Talks(date="2023-07-25/..")])
    assert stored() == [
        DAY,
        MONTH,
        UNKNOWN,
        ("[..2023-02]", "(,2023-03-01)", None, "0001-01-01"),
        ("2023-07-25/..", "[2023-07-25,)", "[2023-07-25,)", "2023-07-25"),
    ]


def test_save_follows_a_changed_text(tables):
    talks = Talks.objects.create(date="2023-02")
    talks.date = PartialDate.parse("2023-02-21")
    talks.save()
    assert stored() == [DAY]


def test_save_of_named_fields_carries_the_ranges_along(tables):
    talks = Talks.objects.create(date="2023-02")
    talks.date = "2023-02-21"
    talks.save(update_fields=["date"])
    assert stored() == [DAY]


def test_save_of_named_fields_around_the_base_class_is_refused(tables):
    talks = Talks.objects.create(date="2023-02")
    with pytest.raises(ValueError, match="must name its companions too"):
        models.Model.save(talks, update_fields=["date"])


def test_update_and_bulk_update_carry_the_ranges_along(tables):
    one, two = Talks.objects.create(date="2020"), Talks.objects.create(date="2021")
    assert Talks.objects.update(date="2023-02") == 2
    assert stored() == [MONTH, MONTH]
    one.date, two.date = "2023-02-21", None
    assert Talks.objects.bulk_update([one, two], ["date"]) == 2
    assert stored() == [DAY, UNKNOWN]


def test_update_takes_no_expression(tables):
    with pytest.raises(TypeError, match="takes text or a PartialDate"):
        Talks.objects.update(date=Upper("title"))


def test_update_or_create_changes_the_ranges(tables):
    Talks.objects.create(title="Wang Yi and Patrushev", date="2023-02")
    Talks.objects.update_or_create(title="Wang Yi and Patrushev", defaults={"date": "2023-02-21"})
    assert stored() == [DAY]


def test_what_is_assigned_to_a_range_is_ignored(tables):
    talks = Talks(date="2023-02-21")
    talks.date_outer = talks.date_core = None
    talks.save()
    assert stored() == [DAY]


def test_instances_and_values_give_partial_dates(tables):
    Talks.objects.create(date="2023-02")
    february = PartialDate.parse("2023-02")
    assert Talks.objects.get().date == february
    assert Talks.objects.only("title").get().date_outer == february.outer
    assert list(Talks.objects.values_list(*COLUMNS)) == [(february, february.outer, None, date(2023, 2, 1))]


def test_lookup_reads_its_value_as_an_editor_would_type_it(tables):
    talks = Talks.objects.create(date="2023-02-01")
    assert list(Talks.objects.filter(date="2023-2-1")) == [talks]
    assert list(Talks.objects.filter(date__in=[PartialDate.parse("2023-02-01")])) == [talks]
    assert list(Talks.objects.filter(date__startswith="2023-0")) == [talks]


def test_text_that_is_no_date_is_kept_for_full_clean_and_never_stored(tables):
    talks = Talks(date="2023-13")
    assert talks.date == "2023-13"
    with pytest.raises(ValidationError) as refusal:
        talks.full_clean()
    assert refusal.value.message_dict == {"date": ["There is no month 13. Did you mean 2023-12?"]}
    with pytest.raises(InvalidPartialDate):
        talks.save()
    with pytest.raises(InvalidPartialDate):
        Talks.objects.update(date="2023-13")


def test_required_date_must_not_be_unknown(tables):
    with pytest.raises(ValidationError) as refusal:
        Office().full_clean()
    assert refusal.value.message_dict == {"held": ["This field cannot be blank."]}
    Office(held="2013-03/2022-12-30").full_clean()


@pytest.mark.parametrize(
    ("assignment", "constraint"),
    [
        ("date_outer = NULL, date_core = NULL", "talks_date_outer_follows_text"),
        ("date = ''", "talks_date_outer_follows_text"),
        ("date_core = '[2020-01-01,2020-02-01)'", "talks_date_core_within_outer"),
        ("date_core = 'empty'", "talks_date_has_days"),
        ("date_outer = 'empty', date_core = NULL", "talks_date_has_days"),
        ("date_outer = NULL, date = ''", "talks_date_core_within_outer"),
    ],
)
def test_database_refuses_ranges_that_cannot_belong_to_the_text(tables, assignment, constraint):
    Talks.objects.create(date="2023-02-21")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE partialdates_talks SET {assignment}")


def test_questions_of_the_queryset(tables):
    extent = Talks.objects.create(date="2023-02-20/2023-02-22")
    month = Talks.objects.create(date="2023-02")
    before = Talks.objects.create(date="..2023-02")
    unknown = Talks.objects.create(date="")
    later = Talks.objects.create(date="2023-03-01")
    start, end = date(2023, 2, 22), date(2023, 2, 28)
    assert list(Talks.objects.in_time_order()) == [before, month, extent, later, unknown]
    assert list(Talks.objects.possibly_within(start, end).in_time_order()) == [month, extent]
    assert list(Talks.objects.certainly_within(start, end)) == [extent]
    assert list(Talks.objects.certainly_within(date(2023, 2, 1), end).in_time_order()) == [month, extent]
    assert list(Talks.objects.certainly_within(None, date(2023, 1, 31))) == [before]
    assert list(Talks.objects.possibly_within(None, None).in_time_order()) == [before, month, extent, later]
    assert list(Talks.objects.possibly_within(end, start)) == []
    assert list(Talks.objects.undated()) == [unknown]


windows = st.tuples(*[st.none() | st.dates(date(1000, 1, 1), date(9999, 12, 31))] * 2)


@given(st.lists(texts, min_size=1, max_size=8), st.lists(windows, min_size=1, max_size=8), st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_database_agrees_with_the_rules_of_the_value(tables, dates, windows, data):
    Talks.objects.all().delete()
    Talks.objects.bulk_create([Talks(date=text) for text in [*dates, ""]])
    everything = list(Talks.objects.all())
    # A window that shares its edges with a date is the one that tells < from <=.
    edges = [day for talks in everything for day in (talks.date.earliest, talks.date.latest) if day]
    windows = [*windows, *data.draw(st.lists(st.tuples(*[st.none() | st.sampled_from(edges)] * 2), max_size=4))]
    for start, end in windows:
        assert set(Talks.objects.filter(possibly_within(start, end))) == {
            talks for talks in everything if talks.date.possibly_within(start, end)
        }
        assert set(Talks.objects.filter(certainly_within(start, end))) == {
            talks for talks in everything if talks.date.certainly_within(start, end)
        }


@given(texts)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_date_comes_back_from_the_database_with_the_ranges_it_had(tables, text):
    partial_date = PartialDate.parse(text)
    key = Talks.objects.create(date=text).pk
    columns = Talks.objects.values_list(*COLUMNS).get(pk=key)
    assert columns == (partial_date, partial_date.outer, partial_date.core, partial_date.earliest or date.min)


def test_ranges_are_found_by_index(tables):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'partialdates_talks' ORDER BY indexname")
        definitions = [row[0].partition(" USING ")[2] for row in cursor.fetchall()]
    assert definitions == ["btree (id)", "gist (date_core)", "gist (date_outer)", "btree (date_sort, id)"]


def test_serialized_row_holds_the_text_alone(tables):
    Talks.objects.create(date="2023-02-21")
    [row] = json.loads(serializers.serialize("json", Talks.objects.all()))
    assert row["fields"] == {"date": "2023-02-21", "title": ""}
    assert Talks._meta.get_field("date").to_python("2023-02-21") == PartialDate.parse("2023-02-21")


def columns_of(model):
    return [field.name for field in model._meta.local_fields if field.name.startswith("date")]


def test_abstract_base_passes_on_the_date_and_each_model_gets_its_columns_once():
    assert columns_of(Dated) == ["date"]
    assert sorted(columns_of(Talks)) == sorted(COLUMNS)
    assert generated_names(Office) == ["held_sort", "confirmed_sort"]


def test_migrations_name_every_column_once_and_restore_a_working_model(tables):
    state = ModelState.from_model(Talks)
    state.bases = (models.Model,)
    assert sorted(name for name in state.fields if name.startswith("date")) == sorted(COLUMNS)
    historical = state.render(StateApps([], {}))
    assert sorted(columns_of(historical)) == sorted(COLUMNS)
    historical.objects.create(date="2023-02-21")
    assert stored() == [DAY]


@pytest.mark.parametrize(
    ("field", "written"),
    [
        (PartialDateField(), "partialdates.fields.PartialDateField()"),
        (
            PartialDateField("held", blank=False),
            "partialdates.fields.PartialDateField(blank=False, verbose_name='held')",
        ),
        (Talks._meta.get_field("date_core"), "partialdates.fields.DerivedRangeField(aspect='core', source='date')"),
    ],
)
def test_field_is_written_to_migrations_briefly_and_clones_alike(field, written):
    assert MigrationWriter.serialize(field)[0] == written
    assert field.clone().deconstruct()[1:] == field.deconstruct()[1:]


def test_copy_of_a_model_field_by_field_has_every_column_once():
    class Meta:
        app_label = "partialdates"
        apps = Apps()

    copies = {field.name: field.clone() for field in Talks._meta.fields if field.name in COLUMNS}
    event = type("TalksEvent", (models.Model,), {"__module__": __name__, "Meta": Meta, **copies})
    assert sorted(columns_of(event)) == sorted(COLUMNS)
    assert event(date="2023-02").date_outer == PartialDate.parse("2023-02").outer
