"""Between two tests the database is as it was made, whatever the first one left there."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from records.roles import ROLES
from tests import factories
from tests.emptying import FILLED, Emptying
from tests.moscow import moscow_talks

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    """How many rows each table holds, where it holds any."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    counts = {model._meta.db_table: model._base_manager.count() for model in models if not model._meta.proxy}
    return {table: count for table, count in counts.items() if count}


def test_what_was_committed_is_gone_and_what_migrate_made_is_there(django_user_model):
    empty, before = Emptying(connection), rows()
    assert set(before) == set(FILLED)
    moscow_talks()
    django_user_model.objects.create_user("anna").groups.set(Group.objects.all())
    assert len(rows()) > 30

    empty()

    assert rows() == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Group.objects.create(name="Guests"),
        lambda: Group.objects.first().delete(),
        lambda: Group.objects.first().permissions.clear(),
    ],
    ids=["added", "deleted", "emptied"],
)
def test_groups_that_a_test_changed_are_made_anew(spoil):
    empty, before = Emptying(connection), rows()
    factories.MeetingFactory()
    spoil()

    empty()

    assert rows() == before
    assert {group.name for group in Group.objects.all()} == set(ROLES)


def test_no_statistics_are_gathered_between_tests():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT coalesce('autovacuum_enabled=off' = ANY (reloptions), false)"
        )
        assert cursor.fetchall() == []
