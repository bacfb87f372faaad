"""The API beside one statement of SQL, written by hand, that builds the same JSON inside PostgreSQL.

``script/bench api [SIZE ...]`` measures collections of 10,000 and 100,000 meetings, or of the sizes given. Each answer
is compared with what the statement gives before anything is timed. The statement goes through psycopg in the same
process, by turns with the API, so that what else the machine does weighs on both alike; the API's time is that of the
server, from the request to the finished bytes. Processor time is that of this process, without PostgreSQL's. Then a
real server is asked by 16 clients at once over HTTP.
"""

import argparse
import io
import json
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import local
from typing import Any

from config.bench import databases
from config.environment import BASE_DIR

SIZES = (10_000, 100_000)
WARM, RUNS = 10, 100
CLIENTS, REQUESTS = 16, 1_600
#: Seconds after which no more is asked, however few answers there were.
PATIENCE = 60
#: So many times as long as the statement may the API take.
MOST = 3
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


# As `manage.py serve`, without the starter data, some of which a large collection has under other ids.
_SERVE = """
import sys
import django
django.setup()
from config import serving
serving.serve(int(sys.argv[1]), ready=lambda: None)
"""


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
    from django.db import connection  # as above

    from config.wsgi import application  # as above

    print(f"\n{size:,} meetings", flush=True)

    def told(address: str) -> bytes:
        return _answer(application, f"/api/v1/meetings/{address}")

    def by_hand(statement: str, values: Any = None) -> str:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return str(cursor.fetchone()[0])

    start = time.perf_counter()
    page = told(f"?fields={FIELDS}")
    print(f"First answer of a new process, which reads what counts are made of: {time.perf_counter() - start:.1f} s")
    uids = _some_uids()
    chance = random.Random(1)  # noqa: S311 (nothing secret)
    _same(json.loads(page)["results"], json.loads(by_hand(LIST_SQL)))
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
    first, deepest = f"?order=date&fields={FIELDS}", _deepest()
    every, shallow, deep = _by_turns(lambda: told(""), lambda: told(first), lambda: told(deepest))
    print(f"List of 50, all fields: {every}")
    print(f"First page in order of time: {shallow}")
    print(f"Deepest page: {deep}: {deep.median / shallow.median:.2f} times the first", flush=True)


def _answer(application: Any, address: str) -> bytes:
    """What the server would send, without the server."""
    path, _, query = address.partition("?")
    status: list[str] = []
    asked = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
    }  # fmt: skip
    answer = application(asked, lambda line, _headers, _fault=None: status.append(line))
    body = b"".join(answer)
    answer.close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{address} answered {status[0]}: {body[:200]!r}")
    return body


def _some_uids() -> list[str]:
    """Public meetings from all over the collection."""
    from events.models import Meeting  # Django is ready only now

    public = Meeting.objects.public()
    last = public.order_by("-id").values_list("id", flat=True)[0]
    chance = random.Random(2)  # noqa: S311 (nothing secret)
    places = (chance.randint(1, last) for _ in range(RUNS))
    found = (public.filter(id__gte=place).order_by("id").values_list("uid", flat=True).first() for place in places)
    return [uid for uid in found if uid]


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


@dataclass
class _Times:
    """How long something took, each time, and how much of the processor in all; in seconds."""

    taken: list[float] = field(default_factory=list)
    processor: float = 0

    def measure(self, ask: Callable[[], Any]) -> None:
        processor, start = time.process_time(), time.perf_counter()
        ask()
        self.taken.append(time.perf_counter() - start)
        self.processor += time.process_time() - processor

    @property
    def median(self) -> float:
        return statistics.median(self.taken)

    def __str__(self) -> str:
        found = f"{_figures(self.taken)}"
        return f"{found}, processor {1000 * self.processor / len(self.taken):.1f} ms" if self.processor else found


def _by_turns(*asked: Callable[[], Any]) -> list[_Times]:
    """The times of each, one after the other, over and over."""
    for _ in range(WARM):
        for ask in asked:
            ask()
    times = [_Times() for _ in asked]
    end = time.monotonic() + PATIENCE
    for _ in range(RUNS):
        for one, ask in zip(times, asked, strict=True):
            one.measure(ask)
        if time.monotonic() > end:
            break
    return times


def _compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    one, other = _by_turns(ours, theirs)
    ratio = one.median / other.median
    judged = "" if ratio <= MOST else f", MORE THAN {MOST}"
    print(f"{name}: API {one}; SQL by hand {other}: {ratio:.2f} times{judged}", flush=True)


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"median {1000 * statistics.median(ordered):.1f} ms, 95% {1000 * ordered[int(0.95 * len(ordered))]:.1f} ms, "
        f"99% {1000 * ordered[int(0.99 * len(ordered))]:.1f} ms"
    )


def _under_load(size: int) -> None:
    """Ask a real server from 16 clients at once, each on a connection of its own that it keeps."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = databases.environment(size)
    program = [sys.executable, "-c", _SERVE, str(port)]
    clients = _Clients(port)
    with subprocess.Popen(program, env=environment, cwd=BASE_DIR, stdout=subprocess.DEVNULL) as server:  # noqa: S603
        try:
            address = f"/api/v1/meetings/?fields={FIELDS}"
            clients.wait_for(address)
            record = f"/api/v1/meetings/{clients.first_of(address)}/?fields={FIELDS}"
            for name, asked in (("lists", address), ("records", record)):
                seconds, rate = clients.ask_at_once(asked)
                print(
                    f"{CLIENTS} clients at once, over HTTP: {rate:.0f} {name} a second; {_figures(seconds)}", flush=True
                )
        finally:
            server.terminate()
            server.wait(30)


class _Clients:
    """Those who ask a server; each thread is one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._own = local()

    def ask(self, address: str) -> float:
        """The seconds that an answer took."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        start = time.perf_counter()
        self._read(address, {"Accept-Encoding": "br"})
        return time.perf_counter() - start

    def first_of(self, address: str) -> str:
        """The uid of the first record of a list."""
        return str(json.loads(self._read(address, {}))["results"][0]["uid"])

    def _read(self, address: str, headers: dict[str, str]) -> bytes:
        self._own.connection.request("GET", address, headers=headers)
        answer = self._own.connection.getresponse()
        body: bytes = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")
        return body

    def ask_at_once(self, address: str) -> tuple[list[float], float]:
        """The seconds that each answer took, and how many there were a second."""
        start = time.perf_counter()

        def patiently(_number: int) -> float | None:
            return self.ask(address) if time.perf_counter() - start < PATIENCE else None

        with ThreadPoolExecutor(CLIENTS) as threads:
            found = [one for one in threads.map(patiently, range(REQUESTS)) if one is not None]
        return found, len(found) / (time.perf_counter() - start)

    def wait_for(self, address: str) -> None:
        """Wait until the server answers; each of its workers has then read what counts are made of."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            try:
                self.ask(address)
                break
            except (OSError, RuntimeError):
                del self._own.connection
                time.sleep(0.3)
        else:
            raise RuntimeError("The server did not answer.")
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(lambda _: self.ask(address), range(4 * CLIENTS)))
