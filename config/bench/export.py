"""A whole collection of meetings as CSV, taken from a served site; and the same query by PostgreSQL's own COPY.

``script/bench export [SIZE]`` takes all public meetings of a collection of 1,000,000, or of the size given. The memory
is that of the server's processes together, read every tenth of a second while the file is being sent.
"""

import argparse
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import psutil

from config.bench import databases
from config.environment import BASE_DIR

SIZE = 1_000_000
PATH = "/meetings/export/?format=csv"
BLOCK = 1024 * 1024


def main(arguments: list[str]) -> None:
    """Serve the collection, take the file twice, and print what it cost."""
    parser = argparse.ArgumentParser(prog="script/bench export", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=SIZE, metavar="SIZE")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        _measure_copy()
        return
    print(databases.machine(), flush=True)
    databases.prepare(given.size)
    # The first run warms what PostgreSQL keeps in memory; COPY comes between the two that count.
    _measure_server(given.size, "first, cold")
    databases.run(["-m", "config.bench", "export", str(given.size), "--inside"], given.size)
    _measure_server(given.size, "second")


def _measure_server(size: int, name: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "granian", "--interface", "wsgi", "config.wsgi:application", "--port", str(port)]
    server = subprocess.Popen(  # noqa: S603 (this interpreter)
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=databases.environment(size),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        before = _memory(server.pid)
        peak = _Peak(server.pid)
        start = time.perf_counter()
        rows, size_taken, first = _take(port)
        taken = time.perf_counter() - start
        print(
            f"Export, {name}: {rows:,} rows, {size_taken / 2**20:.0f} MB in {taken:.1f} s, "
            f"first byte after {first:.2f} s; memory of the server before {before / 2**20:.0f} MB, "
            f"at most {peak.stop() / 2**20:.0f} MB",
            flush=True,
        )
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    for _attempt in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server does not answer.")


def _take(port: int) -> tuple[int, int, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3600)
    start = time.perf_counter()
    connection.request("GET", PATH)
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{PATH} answered {response.status}")
    first = time.perf_counter() - start
    size = lines = 0
    while block := response.read(BLOCK):
        size += len(block)
        lines += block.count(b"\n")
    return lines - 1, size, first


class _Peak:
    """The most memory that a process and its children hold until it is stopped."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        while not self.over.wait(0.1):
            self.most = max(self.most, _memory(self.pid))

    def stop(self) -> int:
        self.over.set()
        self.thread.join()
        return self.most


def _memory(pid: int) -> int:
    """The resident memory of a server's processes, PostgreSQL not among them."""
    found = 0
    server = psutil.Process(pid)
    for process in [server, *server.children(recursive=True)]:
        try:
            if "postgres" not in process.name():
                found += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return found


def _measure_copy() -> None:
    import django  # here, so that the process that only starts others needs no database

    django.setup()
    from django.db import connection  # Django is ready only now

    from events.filters import MeetingFilterSet  # as above
    from events.models import Meeting  # as above
    from exchange.exports.snapshots import snapshot  # as above
    from exchange.exports.tables import MEETINGS  # as above

    filters = MeetingFilterSet({}, queryset=Meeting.objects.public())
    query, parameters = MEETINGS.query(filters.qs, order=filters.order_keys, site="http://127.0.0.1")
    with snapshot(), connection.cursor() as cursor:
        start = time.perf_counter()
        size = 0
        with cursor.cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", parameters) as copy:
            size = _drain(copy)
        print(f"COPY of the equal query: {size / 2**20:.0f} MB in {time.perf_counter() - start:.1f} s", flush=True)


def _drain(copy: Any) -> int:
    with open(os.devnull, "wb") as nowhere:
        return sum(nowhere.write(block) for block in copy)
