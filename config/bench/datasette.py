"""The same meetings in Datasette, with the indexes and the facets that its documentation advises.

One table of meetings; participants and topics (with those above them) are JSON arrays in it, as its array facets want.
A column and its facet exist only where Datasette has the like; other combinations are not compared.
"""

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from datasette import __version__
from datasette.app import Datasette as App

#: Its filters by our parameters: for each the argument that asks the same.
ARGUMENTS = {"actor": "actors__arraycontains", "topic": "topics__arraycontains", "country": "country", "mode": "mode",
             "kind": "kind", "series": "series", "place": "place"}  # fmt: skip
FACETS = [("_facet", name) for name in ("mode", "kind", "status", "country", "series", "year")]
FACETS += [("_facet_array", name) for name in ("actors", "topics")]
INSERT = "INSERT INTO meetings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
LONG = 600_000  # milliseconds: nothing is cut off, so that both answer the whole question


class Datasette:
    """Datasette over a SQLite file, made from the database of the process unless it is there."""

    version = __version__

    def __init__(self, path: Path) -> None:
        if not path.exists():
            _fill(path)
        limits = {"sql_time_limit_ms": LONG, "facet_time_limit_ms": LONG, "facet_suggest_time_limit_ms": 1,
                  "suggest_facets": False, "default_cache_ttl": 0}  # fmt: skip
        self.app = App([], immutables=[str(path)], settings=limits)
        self.loop = asyncio.new_event_loop()
        self.name = path.stem
        self.seconds({})

    def can_ask(self, query: dict[str, list[str]]) -> bool:
        """Whether it has an argument for each of our parameters."""
        return all(name in ARGUMENTS and len(values) == 1 for name, values in query.items())

    def seconds(self, query: dict[str, list[str]]) -> float:
        """How long the page of the table takes with all facets; raises ``RuntimeError`` when it fails."""
        arguments = [(ARGUMENTS[name], values[0]) for name, values in query.items()]
        arguments += [*FACETS, ("_sort_desc", "day"), ("_size", "50"), ("_nosuggest", "1")]
        address = f"/{self.name}/meetings?{urlencode(arguments)}"
        start = time.perf_counter()
        response = self.loop.run_until_complete(self.app.client.get(address))
        taken = time.perf_counter() - start
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return taken


def _fill(path: Path) -> None:
    from django.db import connection  # Django is ready only inside a measurement

    from records.limits import time_limit, watched  # as above

    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    target = sqlite3.connect(draft)
    target.execute(
        "CREATE TABLE meetings (id TEXT PRIMARY KEY, title TEXT, day TEXT, year INTEGER, mode TEXT, kind TEXT, "
        "status TEXT, country TEXT, place TEXT, series TEXT, actors TEXT, topics TEXT)"
    )
    with time_limit(None), watched(), connection.cursor() as cursor:
        cursor.execute(ROWS)
        while rows := cursor.fetchmany(20_000):
            target.executemany(INSERT, [_as_text(row) for row in rows])
    for name in ("day", "year", "mode", "kind", "status", "country", "place", "series"):
        target.execute(f"CREATE INDEX meetings_{name} ON meetings ({name})")
    target.execute("ANALYZE")
    target.commit()
    target.close()
    draft.rename(path)


def _as_text(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *plain, actors, topics = row
    return (*plain, json.dumps(actors or []), json.dumps(topics or []))


ROWS = """
WITH RECURSIVE above (id, uid, over) AS (
    SELECT id, uid, id FROM events_topic WHERE state = 'published'
    UNION ALL
    SELECT above.id, topic.uid, topic.id FROM above
    JOIN events_topic AS below ON below.id = above.over
    JOIN events_topic AS topic ON topic.id = below.parent_id AND topic.state = 'published'
)
SELECT m.uid, m.title, lower(m.date_outer)::text, extract(year FROM lower(m.date_outer))::int, m.mode, m.kind, m.status,
    p.country, p.uid, s.uid,
    (SELECT array_agg(a.uid) FROM events_participation AS t JOIN actors_actor AS a ON a.id = t.actor_id
     WHERE t.meeting_id = m.id AND t.attendance <> 'absent' AND a.state = 'published'),
    (SELECT array_agg(DISTINCT above.uid) FROM events_meetingtopic AS t JOIN above ON above.id = t.topic_id
     WHERE t.meeting_id = m.id)
FROM events_meeting AS m
LEFT JOIN events_place AS p ON p.id = m.place_id
LEFT JOIN events_series AS s ON s.id = m.series_id
WHERE m.state = 'published'
"""
