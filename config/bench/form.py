"""The form of a meeting of 50 participants, 100 statements and 60 citations, opened and saved.

``script/bench form [TIMES]``. The meeting is made in a transaction that is rolled back; the time of PostgreSQL is left
out of the time on the processor, and counts in the time of the clock.
"""

import argparse
import statistics
import time
from typing import Any

from config.bench import databases

PARTICIPANTS, STATEMENTS, CITATIONS = 50, 100, 60
TIMES = 7
SIZE = 10_000


def main(arguments: list[str]) -> None:
    """Open the form some times, and print the medians."""
    parser = argparse.ArgumentParser(prog="script/bench form", description=__doc__)
    parser.add_argument("times", nargs="?", type=int, default=TIMES, metavar="TIMES")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        _measure(given.times)
        return
    print(databases.machine(), flush=True)
    databases.prepare(SIZE)
    databases.run(["-m", "config.bench", "form", str(given.times), "--inside"], SIZE)


def _measure(times: int) -> None:
    import django  # here, so that the process that only starts others needs no database

    django.setup()
    from django.contrib.auth import get_user_model  # Django is ready only now
    from django.db import transaction  # as above
    from django.test import Client  # as above
    from django.urls import reverse  # as above

    with transaction.atomic():
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(get_user_model().objects.create_superuser("bench"))
        url = reverse("admin:events_meeting_change", args=[large_meeting().pk])
        # The first reads templates and translations.
        client.get(url)
        taken = [_timed(lambda: client.get(url)) for _number in range(times)]
        transaction.set_rollback(True)
    for name, seconds in zip(("clock", "processor"), zip(*taken, strict=True), strict=True):
        ordered = sorted(seconds)
        print(f"Opened {times} times, {name}: median {statistics.median(ordered):.2f} s, worst {ordered[-1]:.2f} s")


def _timed(work: Any) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def large_meeting() -> Any:
    """A meeting with many rows of each kind, some of their folded fields in use."""
    from actors.models import Actor, Office, Tenure  # Django is ready only inside a measurement
    from events.models import (  # as above
        Citation,
        Meeting,
        MeetingTopic,
        Participation,
        ParticipationTenure,
        Source,
        Statement,
        StatementSpeaker,
        Topic,
    )

    meeting = Meeting.objects.create(title="Talks of very many", date="2024-05-01", mode="in-person", kind="summit")
    body = Actor.objects.create(name="Ministry", kind="body")
    office = Office.objects.create(body=body, name="Envoy", tier=3)
    for number in range(PARTICIPANTS):
        actor = Actor.objects.create(name=f"Participant {number}", kind="person")
        tenure = Tenure.objects.create(person=actor, office=office, span="2020/2024")
        participation = Participation.objects.create(meeting=meeting, actor=actor, position=number, role="participant")
        ParticipationTenure.objects.create(participation=participation, tenure=tenure)
        MeetingTopic.objects.create(meeting=meeting, topic=Topic.objects.create(name=f"Subject {number}"))
        if number < STATEMENTS - PARTICIPANTS:
            for half in ("morning", "evening"):
                statement = Statement.objects.create(
                    meeting=meeting,
                    title=f"{half} {number}",
                    date="2024-05-01",
                    kind="remark",
                    basis="press-paraphrase",
                )
                StatementSpeaker.objects.create(statement=statement, actor=actor)
    for number in range(CITATIONS):
        source = Source.objects.create(
            title=f"Readout {number}", kind="readout", publisher="Agency", url=f"https://example.org/{number}"
        )
        Citation.objects.create(source=source, meeting=meeting, field="date")
    return meeting
