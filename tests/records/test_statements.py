"""Questions that are kept, and asked for other keys."""

import pytest
from django.db import connection

from events.models import Meeting
from records.limits import watched
from records.statements import Keyed
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def titles():
    return Keyed(Meeting.objects.public, "pk", lambda rows: rows.order_by("title").values_list("title", "date", "pk"))


def prepared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%events_meeting%'")
        return cursor.fetchone()[0]


def test_rows_of_keys_are_those_of_the_queryset_in_its_order_with_its_values():
    first, second, other = (MeetingFactory(title=title, date="2024-02") for title in ("B", "A", "C"))
    hidden = MeetingFactory(title="D", state="draft")
    asked = titles()

    rows = asked.read([first.pk, second.pk, hidden.pk], "default")

    assert rows == list(
        Meeting.objects.filter(pk__in=[first.pk, second.pk]).order_by("title").values_list("title", "date", "pk")
    )
    assert asked.read([other.pk], "default") == [("C", other.date, other.pk)]
    assert asked.read([hidden.pk], "default") == []
    assert asked.read([], "default") == []


def test_statement_is_kept_by_postgresql_and_asked_under_the_limit_of_time():
    meeting, asked, before = MeetingFactory(), titles(), prepared()

    with watched():
        for _time in range(3):
            asked.read([meeting.pk], "default")

    assert prepared() == before + 1
