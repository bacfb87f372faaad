"""The API beside one statement of SQL, written by hand, that builds the same JSON inside PostgreSQL.

``script/bench api [SIZE ...]`` measures collections of 10,000 and 100,000 meetings, or of the sizes given. Each answer
is compared with what the statement gives before anything is timed. The statement goes through psycopg in the same
process; the API's time is that of the server, from the request to the finished bytes. Then it is asked by 16 clients
at once over HTTP.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

from config.bench import databases
from config.environment import BASE_DIR

SIZES = (10_000, 100_000)
RUNS = 60
CLIENTS, REQUESTS = 16, 800
FIELDS = "uid,title,date,participations.actor,participations.role,topics,place"

_SITE = "'http://127.0.0.1'"


def _record(alias: str, plural: str, *more: str) -> str:
    names = [
        f"'uid', {alias}.uid",
        f"'url', {_SITE} || '/api/v1/{plural}/' || {alias}.uid || '/'",
        f"'html_url', {_SITE} || '/{plural}/' || {alias}.uid || '/'",
        *more,
    ]
    return f"json_build_object({', '.join(names)})"


_PLACE = _record(
    "p", "places", "'name', p.name", "'kind', p.kind", "'country', p.country",
    "'latitude', p.latitude::float8", "'longitude', p.longitude::float8",
)  # fmt: skip
_MEETING = f"""
json_build_object(
    'uid', m.uid, 'title', m.title,
    'date', json_build_object(
        'edtf', m.date, 'earliest', lower(m.date_outer), 'latest', upper(m.date_outer) - 1,
        'certain', coalesce(m.date_core = m.date_outer, false)
    ),
    'place', CASE WHEN p.state = 'published' AND p.merged_into_id IS NULL THEN {_PLACE} END,
    'participations', (
        SELECT coalesce(json_agg(json_build_object(
            'actor', CASE WHEN a.id IS NOT NULL THEN {_record("a", "actors", "'kind', a.kind", "'name', a.name")} END,
            'role', pt.role
        ) ORDER BY pt.position, pt.id), '[]')
        FROM events_participation pt
        LEFT JOIN actors_actor a ON a.id = pt.actor_id LEFT JOIN actors_actor o ON o.id = pt.on_behalf_of_id
        WHERE pt.meeting_id = m.id
            AND (a.id IS NULL OR (a.state = 'published' AND a.merged_into_id IS NULL))
            AND (o.id IS NULL OR (o.state = 'published' AND o.merged_into_id IS NULL))
    ),
    'topics', (
        SELECT coalesce(json_agg({_record("t", "topics", "'name', t.name")} ORDER BY mt.id), '[]')
        FROM events_meetingtopic mt JOIN events_topic t ON t.id = mt.topic_id
        WHERE mt.meeting_id = m.id AND t.state = 'published' AND t.merged_into_id IS NULL
    )
)"""  # noqa: S608 (no value from outside)
_PUBLIC = "m.state = 'published' AND m.merged_into_id IS NULL"
_IN_ORDER = "(m.date_outer IS NOT NULL) DESC, m.date_sort DESC, m.id DESC"
LIST_SQL = f"""
SELECT json_agg(one ORDER BY n)::text FROM (
    SELECT row_number() OVER () AS n, {_MEETING} AS one
    FROM (SELECT * FROM events_meeting m WHERE {_PUBLIC} ORDER BY {_IN_ORDER} LIMIT 50) AS m
    LEFT JOIN events_place p ON p.id = m.place_id
) AS page"""  # noqa: S608 (no value from outside)
DETAIL_SQL = f"""
SELECT {_MEETING}::text FROM events_meeting m LEFT JOIN events_place p ON p.id = m.place_id
WHERE m.uid = %s AND {_PUBLIC}"""  # noqa: S608 (no value from outside)


def main(arguments: list[str]) -> None:
    """Measure each size in a process of its own, and print what was found."""
    parser = argparse.ArgumentParser(prog="script/bench api", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        _measure(given.sizes[0])
        return
    print(databases.machine(), flush=True)
    for size in given.sizes:
        databases.prepare(size)
        databases.run(["-m", "config.bench", "api", str(size), "--inside"], size)
        _under_load(size)


def _measure(size: int) -> None:
    import django  # here, so that the process that only starts others needs no database

    django.setup()
    from django.conf import settings  # as above
    from django.db import connection  # as above
    from django.test import Client  # as above

    from events.models import Meeting  # as above

    settings.API_REQUESTS_PER_MINUTE = 0
    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=True)
    print(f"\n{size:,} meetings", flush=True)

    def told(address: str) -> bytes:
        response = client.get(f"/api/v1/meetings/{address}")
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return bytes(response.content)

    def by_hand(statement: str, values: Any = None) -> str:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return str(cursor.fetchone()[0])

    uids = list(Meeting.objects.public().order_by("?").values_list("uid", flat=True)[:RUNS])
    chance = random.Random(1)  # noqa: S311 (nothing secret)
    _same(json.loads(told(f"?fields={FIELDS}"))["results"], json.loads(by_hand(LIST_SQL)))
    for uid in uids[:5]:
        _same([json.loads(told(f"{uid}/?fields={FIELDS}"))], [json.loads(by_hand(DETAIL_SQL, [uid]))])
    _compare(
        "List of 50 with participants, topics and place",
        lambda: told(f"?fields={FIELDS}"),
        lambda: by_hand(LIST_SQL),
    )
    _compare(
        "One meeting with the same",
        lambda: told(f"{chance.choice(uids)}/?fields={FIELDS}"),
        lambda: by_hand(DETAIL_SQL, [chance.choice(uids)]),
    )
    print(f"List of 50, all fields: {_figures(_times(lambda: told('')))}")
    first, last = f"?order=date&fields={FIELDS}", _deepest()
    shallow, deep = _times(lambda: told(first)), _times(lambda: told(last))
    print(f"First page in order of time: {_figures(shallow)}")
    print(
        f"Deepest page: {_figures(deep)} ({statistics.median(deep) / statistics.median(shallow):.2f} times)", flush=True
    )


def _deepest() -> str:
    """The address of a page at the far end of the list in order of time: the first one of the list turned round."""
    from records.api.pagination import Position, _identify_list  # Django is ready only now

    class Asked:
        path = "/api/v1/meetings/"

        class query_params:  # noqa: N801 (stands for that of a request)
            @staticmethod
            def lists() -> Any:
                return [("order", ["date"])]

    from events.models import Meeting  # as above

    rows = Meeting.objects.public().order_by("-date_sort", "-id").values_list("date_sort", "id")
    day, key = rows[60]
    cursor = Position((day.isoformat(), key)).as_cursor(_identify_list(Asked))  # type: ignore[arg-type]
    return f"?order=date&fields={FIELDS}&cursor={cursor}"


def _same(told: list[Any], by_hand: list[Any]) -> None:
    for one in told:
        del one["date"]["text"]  # words are not made in SQL
    if told != by_hand:
        raise RuntimeError("The API and the statement do not tell the same.")


def _times(ask: Callable[[], Any]) -> list[float]:
    for _ in range(5):
        ask()
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return found


def _compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    one, other = _times(ours), _times(theirs)
    ratio = statistics.median(one) / statistics.median(other)
    print(f"{name}: API {_figures(one)}; SQL by hand {_figures(other)}: {ratio:.2f} times", flush=True)


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"median {1000 * statistics.median(ordered):.1f} ms, 95% {1000 * ordered[int(0.95 * len(ordered))]:.1f} ms, "
        f"99% {1000 * ordered[int(0.99 * len(ordered))]:.1f} ms"
    )


def _under_load(size: int) -> None:
    """Ask a real server from 16 clients at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = databases.environment(size) | {"PORT": str(port), "API_REQUESTS_PER_MINUTE": "0"}
    program = [sys.executable, str(BASE_DIR / "manage.py"), "serve"]
    with subprocess.Popen(program, env=environment, cwd=BASE_DIR, stdout=subprocess.DEVNULL) as server:  # noqa: S603
        try:
            address = f"http://127.0.0.1:{port}/api/v1/meetings/?fields={FIELDS}"
            _wait_for(address)
            start = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as clients:
                seconds = list(clients.map(lambda _: _ask(address), range(REQUESTS)))
            rate = REQUESTS / (time.perf_counter() - start)
            print(f"{CLIENTS} clients at once, over HTTP: {rate:.0f} lists a second; {_figures(seconds)}", flush=True)
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            for _worker in range(4 * (os.cpu_count() or 1)):
                _ask(address)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server did not answer.")


def _ask(address: str) -> float:
    start = time.perf_counter()
    with urlopen(address, timeout=60) as response:  # noqa: S310 (an address of our own)
        response.read()
    return time.perf_counter() - start
