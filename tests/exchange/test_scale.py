"""An invented collection keeps every promise that the database makes for real ones."""

import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from events.models import Meeting, Participation, Statement
from exchange.scale import dates
from exchange.scale.services import fill
from partialdates.values import PartialDate
from records.models import RegisteredId
from tests import factories

pytestmark = pytest.mark.django_db


def bounds(text):
    if text is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s::daterange), upper(%s::daterange)", [text, text])
        return cursor.fetchone()


def test_spans_of_drawn_dates_are_those_that_are_read_from_their_text():
    chance = random.Random(5)
    drawn = {shape_of(one[0]): one for one in (dates.drawn(chance) for _ in range(400))}

    assert len(drawn) == 8
    for edtf, outer, core in drawn.values():
        read = PartialDate.parse(edtf)
        assert read.edtf == edtf
        assert bounds(outer) == (read.outer and (read.outer.lower, read.outer.upper)), edtf
        assert bounds(core) == (read.core and (read.core.lower, read.core.upper)), edtf


def shape_of(edtf):
    return "".join("9" if sign.isdigit() else sign for sign in edtf)


def test_same_seed_gives_the_same_collection_of_the_size_asked_for():
    fill(meetings=200, actors=50, seed=3)

    assert Meeting.objects.count() == 200
    assert Meeting.objects.public().count() > 150
    assert Meeting.objects.exclude(state="published").count() > 3
    assert Participation.objects.count() > 400
    assert Statement.objects.public().exclude(text="").count() > 100
    first = Meeting.objects.order_by("pk").values_list("uid", "title", "date")[0]
    assert RegisteredId.objects.filter(uid=first[0], kind="events.meeting").exists()


def test_filled_tables_have_their_triggers_and_indexes_again():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()")
        before = cursor.fetchone()

    fill(meetings=50, actors=50)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()")
        assert cursor.fetchone() == before
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        assert cursor.fetchone() == (0,)
    meeting = Meeting.objects.first()
    meeting.title = "Changed"
    meeting.save()
    meeting.refresh_from_db()
    assert meeting.version == 2


def test_collection_is_never_mixed_with_meetings_that_are_there():
    factories.MeetingFactory()

    with pytest.raises(CommandError, match="Invented ones go into an empty database"):
        call_command("makescale", "--meetings", "10")
