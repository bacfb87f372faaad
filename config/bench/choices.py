"""What a form offers while somebody types: actors, meetings, sources and what else can be chosen, by many terms.

``script/bench choices [SIZE]`` asks a collection of 1,000,000 meetings, or of the size given; it has a tenth as many
actors. Each term is asked twice, and the second time counts.
"""

import argparse
import statistics
import time

from config.bench import databases

SIZE = 1_000_000
SLOWEST = 3
#: What people type by model: beginnings and parts of one to many letters, two words, other scripts, slips, nothing.
TERMS = {
    "actors_actor": (
        "a", "z", "bo", "Boris", "Boris Bal", "Bal Boris", "John F", "Yi Wang", "A B", "Ada C", "Igor Zaranani",
        "Borsi Balanko", "Nobody here", "ыв", "Борис", "Борис Б", "安", "安白", "张中周", "李",
    ),
    "events_meeting": ("a", "ta", "Talks", "grain", "Talks on grain", "Boris", "Boris Balani", "安白", "quota nothing"),
    "events_statement": ("a", "grain", "On grain", "Boris Balani", "discussed", "安"),
    "events_source": ("a", "on g", "Readout", "Readout 55", "grain", "Agency China", "example.org"),
    "events_topic": ("a", "gr", "grain", "Grain corridor"),
    "events_place": ("a", "pa", "Paris", "New York", "北"),
    "events_series": ("a", "grain", "round"),
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Ask for choices, and print the figures of each model with its slowest terms."""
    parser = argparse.ArgumentParser(prog="script/bench choices", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=SIZE, metavar="SIZE")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        _measure()
        return
    print(databases.machine(), flush=True)
    databases.prepare(given.size)
    databases.run(["-m", "config.bench", "choices", str(given.size), "--inside"], given.size)


def _measure() -> None:
    import django  # here, so that the process that only starts others needs no database

    django.setup()
    from django.contrib.auth import get_user_model  # Django is ready only now
    from django.db import transaction  # as above
    from django.test import Client  # as above
    from django.urls import reverse  # as above

    with transaction.atomic():
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(get_user_model().objects.create_superuser("bench"))
        for name, terms in TERMS.items():
            url = reverse(f"admin:{name}_choices")
            taken = []
            for term in terms:
                client.get(url, {"term": term})
                start = time.perf_counter()
                client.get(url, {"term": term})
                taken.append((1000 * (time.perf_counter() - start), term))
            slowest = ", ".join(f"{term} {one:.0f}" for one, term in sorted(taken, reverse=True)[:SLOWEST])
            middle = statistics.median(one for one, _term in taken)
            print(f"{name}: {len(terms)} terms, median {middle:.0f} ms; slowest {slowest} ms", flush=True)
        transaction.set_rollback(True)
