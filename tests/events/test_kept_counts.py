"""What lists are counted by is kept for the next start: taken where it is right, read anew where it is not."""

import shutil

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from actors.models import Actor
from events.facets import MEETING_INDEX, MEETINGS
from events.facets_of_lists import SOURCES
from events.filters import MeetingFilterSet, SourceFilterSet
from events.models import Meeting, Source
from records.facets import Index, kept, read_all
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept_in(tmp_path):
    """A directory in which everything is kept, for a database with a meeting of one actor, and a draft."""
    forget()
    actor = factories.PersonFactory(name="Wang Yi", state="published")
    meeting = factories.MeetingFactory(title="Talks", state="published", date="2023")
    factories.ParticipationFactory(meeting=meeting, actor=actor)
    factories.MeetingFactory(title="Draft", state="draft")
    factories.SourceFactory(publisher="Xinhua", state="published")
    read_all(tmp_path / "counted")
    return tmp_path / "counted"


def forget():
    for index in Index.all:
        index._held.clear()


def is_taken(directory):
    """Whether a start takes what is kept of meetings: it then asks for no participation."""
    forget()
    with CaptureQueriesContext(connection) as asked:
        MEETING_INDEX.recall(directory)
        return bool(MEETING_INDEX._held) and not any("COPY" in one["sql"] for one in asked.captured_queries)


def keys():
    return MEETINGS.select(MeetingFilterSet({}, queryset=Meeting.objects.public())).keys(100)


def actors():
    counts = MEETINGS.select(MeetingFilterSet({}, queryset=Meeting.objects.public())).counts("actor")
    return counts.as_dict()


def test_next_start_counts_the_same_without_reading_it(kept_in):
    counted = keys(), actors()

    assert is_taken(kept_in)
    assert (keys(), actors()) == counted
    assert counted == ([Meeting.objects.get(title="Talks").pk], {Actor.objects.get().pk: 1})


def test_what_changed_while_nothing_ran_is_followed(kept_in):
    other = factories.PersonFactory(name="Patrushev", state="published")
    new = factories.MeetingFactory(title="New", state="published")
    factories.ParticipationFactory(meeting=new, actor=other)
    Meeting.objects.filter(title="Talks").update(state="withdrawn", withdrawal_reason="Twice.")

    assert is_taken(kept_in)
    assert (keys(), actors()) == ([new.pk], {other.pk: 1})


def test_actor_that_was_hidden_meanwhile_is_not_counted(kept_in):
    Actor.objects.update(state="draft")

    assert is_taken(kept_in)
    assert actors() == {}


def test_publishers_keep_their_names(kept_in):
    forget()
    column = next(one for one in SOURCES.index.columns if one.name == "publisher")
    # As in a process that met other publishers first.
    numbers, texts = dict(column.words._numbers), list(column.words._texts)
    column.words._numbers, column.words._texts = {"tass": 0}, ["tass"]
    try:
        SOURCES.index.recall(kept_in)
        counts = SOURCES.select(SourceFilterSet({}, queryset=Source.objects.public())).counts("publisher")
        assert {column.words.text(number): count for number, count in counts.as_dict().items()} == {"xinhua": 1}
    finally:
        column.words._numbers, column.words._texts = numbers, texts
        forget()


def test_rows_that_no_change_tells_of_make_it_useless(kept_in):
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE events_meeting SET state = 'draft', published_at = NULL WHERE title = 'Talks'")
        cursor.execute("SET session_replication_role = DEFAULT")

    assert not is_taken(kept_in)
    assert keys() == []


def test_last_change_that_is_another_one_makes_it_useless(kept_in):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_change SET xid = xid - 1 WHERE id = (SELECT max(id) FROM records_change)")

    assert not is_taken(kept_in)


def test_emptied_changes_make_it_useless(kept_in):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE records_change")

    assert not is_taken(kept_in)


def test_other_code_makes_it_useless(kept_in, monkeypatch):
    monkeypatch.setattr(kept, "_code", lambda: "other")

    assert not is_taken(kept_in)


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"x" + data[1:]])
def test_spoilt_file_is_read_anew_and_written_again(kept_in, spoil, caplog):
    path = kept_in / "events.meeting.npz"
    path.write_bytes(spoil(path.read_bytes()))

    assert not is_taken(kept_in)
    assert "read anew" in caplog.text
    forget()
    read_all(kept_in)
    assert is_taken(kept_in)


def test_directory_that_cannot_be_written_stops_no_start(kept_in, caplog):
    shutil.rmtree(kept_in)
    kept_in.write_text("in the way")
    forget()

    read_all(kept_in)

    assert keys() == [Meeting.objects.get(title="Talks").pk]
    assert "cannot be kept" in caplog.text


def test_nothing_is_kept_of_a_transaction_that_may_never_be(kept_in, tmp_path):
    forget()
    with transaction.atomic():
        Meeting.objects.filter(title="Draft").update(state="draft")
        read_all(tmp_path / "other")

    assert not (tmp_path / "other").exists()
