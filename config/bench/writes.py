"""Clients that change one record with the same ``If-Match`` at once, on connections of their own: exactly one may win.

``script/bench writes`` has 1,000 rounds of two clients, sends one ``Idempotency-Key`` twenty times at once, and times a
request for 100 meetings, tried first and then carried out. It has a database of its own.
"""

import argparse
import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from config.bench import databases

MEETINGS = "/api/v1/desk/meetings/"


def main(arguments: list[str]) -> None:
    """Run the rounds and print what came of them; fails when two won, or none did."""
    parser = argparse.ArgumentParser(prog="script/bench writes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=100)
    given = parser.parse_args(arguments)
    for name, value in databases.environment(0).items():
        os.environ[name] = value
    import django  # Django is set up by then

    django.setup()
    from django.conf import settings  # Django is set up by then
    from django.core.management import call_command  # Django is set up by then

    settings.API_WRITES_PER_MINUTE = settings.API_TOKEN_REQUESTS_PER_MINUTE = 0
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    print(databases.machine())
    secret = _secret()
    wins = _rounds(secret, given.rounds)
    print(f"{given.rounds} rounds of two clients with the same If-Match: {dict(wins)}")
    created = _same_key(secret)
    print(f"the same Idempotency-Key twenty times at once: {created} records")
    for dry_run in (True, False):
        took, status = _many(secret, given.rows, dry_run=dry_run)
        print(f"{given.rows} meetings in one request, dry_run={dry_run}: {status} in {took:.1f} s")
    if wins != Counter({"200 412": given.rounds}) or created != 1:
        raise SystemExit(1)


def _secret() -> str:
    from django.contrib.auth import get_user_model  # Django is set up by then
    from django.contrib.auth.models import Group  # Django is set up by then

    from readers import tokens  # Django is set up by then
    from records.roles import EDITORS  # Django is set up by then

    user, _created = get_user_model().objects.get_or_create(username="script", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name=EDITORS))
    name = f"Bench {time.time():.0f}"
    return tokens.make(user=user, name=name, scopes=["read", "write"], days=1)[1]


def _ask(secret: str, method: str, address: str, document: Any, barrier: Barrier | None = None, **headers: str) -> Any:
    from django.db import connection  # Django is set up by then
    from django.test import Client  # Django is set up by then

    sent = {"Authorization": f"Bearer {secret}", **headers}
    client = Client()
    if barrier is not None:
        connection.ensure_connection()
        barrier.wait()
    return client.generic(method, address, json.dumps(document), content_type="application/json", headers=sent)


def _meeting(title: str) -> dict[str, str]:
    return {"title": title, "date": "2023-02-21", "kind": "bilateral"}


def _rounds(secret: str, rounds: int) -> Counter[str]:
    first = _ask(secret, "POST", MEETINGS, _meeting("Talks")).json()
    address, wins = f"{MEETINGS}{first['uid']}/", Counter[str]()
    with ThreadPoolExecutor(2) as clients:
        for number in range(rounds):
            version = _ask(secret, "GET", address, None).json()["version"]
            barrier, named = Barrier(2), {"If-Match": f'"{version}"'}
            answers = list(
                clients.map(
                    lambda who, barrier=barrier, named=named, number=number: _ask(
                        secret, "PATCH", address, {"title": f"Talks {number} {who}"}, barrier, **named
                    ),
                    "AB",
                )
            )
            wins[" ".join(sorted(str(one.status_code) for one in answers))] += 1
    return wins


def _same_key(secret: str) -> int:
    barrier, key = Barrier(20), {"Idempotency-Key": f"bench-{time.time()}"}
    with ThreadPoolExecutor(20) as clients:
        answers = list(
            clients.map(lambda _n: _ask(secret, "POST", MEETINGS, _meeting("Once"), barrier, **key), range(20))
        )
    return len({one.json()["uid"] for one in answers if one.status_code == 201})


def _many(secret: str, rows: int, *, dry_run: bool) -> tuple[float, int]:
    records = [_meeting(f"Consultations, number {number}") for number in range(rows)]
    begun = time.perf_counter()
    answer = _ask(secret, "POST", f"{MEETINGS}bulk/?dry_run={str(dry_run).lower()}", {"records": records})
    return time.perf_counter() - begun, answer.status_code
