"""The list of meetings, then every facet with its counts; over many filters, and the same rows in Datasette.

``script/bench pages [SIZE ...]`` measures collections of 10,000, 100,000 and 1,000,000 meetings, or of the sizes given.
Times are those of the server: from the request to the finished answer, in one process, without the network. The page
counts the facets that are open in it; a second request counts all of them, as whoever opens each would have.
"""

import argparse
import json
import random
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from config.bench import databases
from config.environment import data_directory

SIZES = (10_000, 100_000, 1_000_000)
COMBINATIONS = 200
#: Datasette answers some of the combinations in seconds; as many as these are enough to compare.
COMPARED = 20
SLOWEST = 5


def main(arguments: list[str]) -> None:
    """Measure each size in a process of its own, and print what was found."""
    parser = argparse.ArgumentParser(prog="script/bench pages", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--without-datasette", action="store_true", help="leave the comparison out")
    given = parser.parse_args(arguments)
    if given.inside:
        _measure(given.sizes[0], compare=not given.without_datasette)
        return
    print(databases.machine(), flush=True)
    medians = []
    for size in given.sizes:
        databases.prepare(size)
        rest = ["--without-datasette"] if given.without_datasette or size != given.sizes[-1] else []
        databases.run(["-m", "config.bench", "pages", str(size), "--inside", *rest], size)
        found = Path(databases.environment(size)["READOUT_DATA_DIR"]) / "pages.json"
        medians.append(json.loads(found.read_text())["median"])
    if len(medians) > 1:
        print(
            f"Median at {given.sizes[-1]:,} against {given.sizes[0]:,} meetings: {medians[-1] / medians[0]:.1f} times"
        )


def combinations(count: int = COMBINATIONS, seed: int = 1) -> list[dict[str, list[str]]]:
    """Queries of none to four filters, the same at each call; frequent values more often than rare ones."""
    from actors.models import Actor  # Django is ready only inside a measurement
    from events.models import Place, Series, Topic  # as above

    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    uids = {
        model: list(model.objects.public().order_by("pk").values_list("uid", flat=True)[:5_000])
        for model in (Topic, Place, Series)
    }
    people = list(Actor.objects.public().filter(kind="person").order_by("pk").values_list("uid", flat=True)[:20_000])
    states = list(Actor.objects.public().filter(kind="state").order_by("pk").values_list("uid", flat=True)[:200])

    def skewed(values: list[str]) -> str:
        return values[int(len(values) * chance.random() ** 3)]

    def window() -> dict[str, list[str]]:
        year = chance.randint(1991, 2024)
        return {"from": [str(year)], "to": [str(year + chance.choice((0, 1, 5)))]}

    filters = (
        lambda: {"actor": [skewed(people)]},
        lambda: {"actor": [skewed(people)], "role": ["host"]},
        lambda: {"not_actor": [skewed(people)]},
        lambda: {"state": [skewed(states)]},
        lambda: {"topic": [skewed(uids[Topic])]},
        lambda: {"topic": [skewed(uids[Topic])], "stance": ["supports"]},
        lambda: {"place": [skewed(uids[Place])]},
        lambda: {"country": [chance.choice(("CN", "IN", "US", "RU", "BR", "FR"))]},
        lambda: {"series": [skewed(uids[Series])]},
        lambda: {"mode": [chance.choice(("in-person", "phone", "video"))]},
        lambda: {"kind": [chance.choice(("bilateral", "summit", "visit"))]},
        lambda: {"language": [chance.choice(("en", "ru", "zh"))]},
        window,
        lambda: window() | {"dates": ["certain"]},
        lambda: {"q": [chance.choice(("grain corridor", "satellite", "vaccine fund", "tariff dispute"))]},
    )
    found: list[dict[str, list[str]]] = [{}]
    while len(found) < count:
        query: dict[str, list[str]] = {}
        for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
            query |= chance.choice(filters)()
        found.append(query)
    return found


def _measure(size: int, *, compare: bool) -> None:
    import django  # here, so that the process that only starts others needs no database

    django.setup()
    from django.test import Client  # as above

    from config.serving import settle  # as above

    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=True)
    print(f"\n{size:,} meetings, {_data_size()}", flush=True)
    _read_index()
    settle()
    client.get("/meetings/")
    pages: list[_Took] = []
    whole: list[float] = []
    timed, answered, given_up = [], [], []
    for query in combinations():
        rest = f"?{urlencode(query, doseq=True)}"
        took = [_answered(client, place + rest) for place in ("/meetings/", "/api/v1/meetings/facets/")]
        if None in took:
            given_up.append(rest)
            continue
        page, facets = took
        pages.append(page)
        whole.append(page.clock + facets.clock)
        timed.append((whole[-1], query))
        answered.append(query)
    print(f"List, {len(pages)} combinations: {_figures([one.clock for one in pages])}", flush=True)
    print(f"  of it in Python, on the processor: {_figures([one.processor for one in pages])}", flush=True)
    print(f"List and then all facets, two requests together: {_figures(whole)}", flush=True)
    if given_up:
        print(f"{len(given_up)} were given up at the time limit: {', '.join(given_up[:SLOWEST])}", flush=True)
    _measure_parts(answered)
    Path(data_directory() / "pages.json").write_text(json.dumps({"median": statistics.median(whole)}))
    if size == max(SIZES) or compare:
        _explain(sorted(timed, key=lambda one: -one[0])[:SLOWEST])
    if compare:
        _compare(timed)


@dataclass(frozen=True)
class _Took:
    """Seconds of the clock, and of the processor in this process: PostgreSQL works in others."""

    clock: float
    processor: float


def _timed(work: Callable[[], Any]) -> tuple[Any, _Took]:
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, _Took(time.perf_counter() - clock, time.process_time() - processor)


def _answered(client: Any, address: str) -> Any:
    """What the answer took; None when it was given up at the time limit. Raises ``RuntimeError`` at a failure."""
    response, took = _timed(partial(client.get, address))
    if response.status_code == 503:
        return None
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return took


def _data_size() -> str:
    from django.db import connection  # Django is ready only now

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        return f"a database of {cursor.fetchone()[0]}"


def _read_index() -> None:
    from django.conf import settings  # Django is ready only now

    from config import urls  # noqa: F401 (as above; these make the indexes)
    from records.facets import read_all  # as above

    is_kept = settings.COUNTED_DIR.exists()
    before = _memory()
    _nothing, took = _timed(partial(read_all, settings.COUNTED_DIR))
    whence = "from the files of the last start" if is_kept else "all of it"
    print(
        f"Reading what is counted, {whence}: {took.clock:.1f} s ({took.processor:.1f} s in Python), "
        f"{_memory() - before:,.0f} MB, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most",
        flush=True,
    )


def _memory() -> float:
    """The memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _measure_parts(queries: list[dict[str, list[str]]]) -> None:
    """The parts of the same pages, of those that were answered: counts, rows, and by difference the templates."""
    from events.filters import MeetingFilterSet  # Django is ready only now
    from events.models import Meeting  # as above
    from events.rows import CountedFound, meeting_rows  # as above
    from events.views.facets import facets_of  # as above

    parts: dict[str, list[float]] = {"selection": [], "facets and histogram": [], "rows": []}
    for query in queries:
        filters = MeetingFilterSet(query, queryset=Meeting.objects.public())
        facets, selected = _timed(partial(facets_of, filters, Meeting))
        _counts, counted = _timed(partial(_count, facets))
        found = CountedFound(filters, facets.selection, meeting_rows)
        _rows, read = _timed(partial(found.__getitem__, slice(0, filters.page_size)))
        for name, took in zip(parts, (selected, counted, read), strict=True):
            parts[name].append(took.clock)
    for name, seconds in parts.items():
        print(f"  {name} alone: {_figures(seconds)}", flush=True)


def _count(facets: Any) -> Any:
    return facets.views, facets.histogram


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"median {1000 * statistics.median(ordered):.0f} ms, 95% {1000 * ordered[int(0.95 * len(ordered))]:.0f} ms, "
        f"worst {1000 * ordered[-1]:.0f} ms"
    )


def _explain(slowest: list[tuple[float, dict[str, list[str]]]]) -> None:
    from events.filters import MeetingFilterSet  # Django is ready only now
    from events.models import Meeting  # as above

    for seconds, query in slowest:
        print(f"\n{1000 * seconds:.0f} ms: {urlencode(query, doseq=True) or '(no filter)'}")
        rows = MeetingFilterSet(query, queryset=Meeting.objects.public()).qs[:50]
        print(rows.explain(analyze=True, buffers=True))


def _compare(times: list[tuple[float, dict[str, list[str]]]]) -> None:
    from config.bench.datasette import Datasette  # installed for measurements alone

    other = Datasette(data_directory() / "datasette.db")
    chosen = [(seconds, query) for seconds, query in times if other.can_ask(query)][:COMPARED]
    ours = [seconds for seconds, _query in chosen]
    theirs = [other.seconds(query) for _seconds, query in chosen]
    print(f"\nThe same {len(chosen)} combinations, list and all facets. Readout: {_figures(ours)}")
    print(f"Datasette {other.version}: {_figures(theirs)}")
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    least = ratios.index(min(ratios))
    print(
        f"Readout is {statistics.median(ratios):.1f} times as fast (median of the ratios), and {min(ratios):.1f} times "
        f"at least: {1000 * ours[least]:.0f} against {1000 * theirs[least]:.0f} ms for "
        f"{urlencode(chosen[least][1], doseq=True) or '(no filter)'}"
    )
