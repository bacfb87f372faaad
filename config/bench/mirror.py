"""Writers of all sorts at once, a mirror that follows `/api/v1/changes/` meanwhile, and whether both sides are equal.

The tests run it for seconds; ``script/bench mirror`` runs eight writers for a minute.
"""

import argparse
import json
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from config.bench import databases

MINUTE = 60.0

#: Partial dates of every sort.
DATES = ("", "2021", "2023-02", "2023-02-21", "[2023-02-20..2023-02-22]", "2022-06-15?", "..2020", "2024/..")
LANGUAGES = ("en", "zh", "ru")
ADDRESS = "/api/v1/changes/"


def main(arguments: list[str]) -> None:
    """Run writers and a mirror in a database of their own, compare, and print what was done."""
    parser = argparse.ArgumentParser(prog="script/bench mirror", description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=MINUTE)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    for name, value in databases.environment(0).items():
        os.environ[name] = value
    import django  # Django is set up by then

    django.setup()
    from django.core.management import call_command  # Django is set up by then

    call_command("migrate", verbosity=0)
    print(f"{given.writers} writers for {given.seconds:g} seconds, seed {given.seed}; {databases.machine()}")
    outcome = run(writers=given.writers, seconds=given.seconds, seed=given.seed)
    print(outcome.said())
    if outcome.differences:
        raise SystemExit(1)


@dataclass
class Outcome:
    """What was written, what the mirror was told, and where the two sides differ at the end."""

    written: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    records: int = 0
    differences: list[str] = field(default_factory=list)

    def said(self) -> str:
        """In words for the terminal."""
        lines = [
            f"written: {sum(self.written.values())} ({_counted(self.written)})",
            f"refused by rules, or given up after a deadlock: {sum(self.refused.values())} ({_counted(self.refused)})",
            f"told: {sum(self.told.values())} on {self.pages} pages ({_counted(self.told)})",
            f"public records at the end: {self.records}",
            *self.differences[:20],
            f"{len(self.differences)} differences" if self.differences else "Both sides are equal, record by record.",
        ]
        return "\n".join(lines)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items()))


class Mirror:
    """A copy of all public records, as a stranger would keep it: by what the feed says, and nothing else."""

    def __init__(self, limit: int = 50) -> None:
        from django.test import Client  # Django is set up by then

        self.client = Client(SERVER_NAME="localhost")
        self.next = f"{ADDRESS}?expand=record&limit={limit}"
        self.records: dict[tuple[str, str], Any] = {}
        self.outcome = Outcome()

    def turn(self) -> bool:
        """Take one page; whether more is there."""
        page = self.get(self.next)
        self.outcome.pages += 1
        for one in page["results"]:
            self.outcome.told[one["change"]] += 1
            key = (one["kind"], one["uid"])
            if one["record"] is not None:
                self.records[key] = one["record"]
            else:
                self.records.pop(key, None)
        self.next = page["next"].removeprefix("http://localhost")
        return bool(page["has_more"])

    def get(self, address: str) -> Any:
        """The answer at an address."""
        response = self.client.get(address)
        while response.status_code == 429:
            time.sleep(int(response["Retry-After"]))
            response = self.client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} at {address}: {response.content[:500]!r}")
        return json.loads(response.content)


def run(*, writers: int, seconds: float, seed: int = 1, limit: int = 50) -> Outcome:
    """Write for ``seconds`` with so many writers, mirror meanwhile and to the end, and compare."""
    from config.bench.settled import settle  # Django is set up by then

    mirror = Mirror(limit)
    outcome = mirror.outcome
    Writer(seed, outcome).furnish()
    over = threading.Event()
    threads = [threading.Thread(target=Writer(seed + n, outcome).write_until, args=[over]) for n in range(writers)]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    try:
        while time.monotonic() < until:
            if not mirror.turn():
                time.sleep(0.02)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    settle()
    while mirror.turn():
        pass
    _compare(mirror)
    return outcome


def _compare(mirror: Mirror) -> None:
    from config.api_urls import router  # Django is set up by then

    differences = mirror.outcome.differences
    expected = {}
    registry: Any = router.registry
    for prefix, viewset, name in registry:
        for uid in viewset.queryset.model.objects.public().order_by().values_list("uid", flat=True):
            expected[name, uid] = f"/api/v1/{prefix}/{uid}/"
    mirror.outcome.records = len(expected)
    differences += [f"not in the mirror: {key}" for key in expected.keys() - mirror.records.keys()]
    differences += [f"only in the mirror: {key}" for key in mirror.records.keys() - expected.keys()]
    for key in expected.keys() & mirror.records.keys():
        there = mirror.get(expected[key])
        here = mirror.records[key]
        unlike = [name for name in {**there, **here} if there.get(name) != here.get(name)]
        if unlike:
            differences.append(f"not as in the API: {key} in {', '.join(sorted(unlike))}")


class Writer:
    """Somebody who adds, changes, merges, publishes, withdraws and deletes rows of all kinds at random."""

    def __init__(self, seed: int, outcome: Outcome) -> None:
        self.random = random.Random(seed)  # noqa: S311 no secrets
        self.outcome = outcome

    def furnish(self) -> None:
        """A few public rows of each kind, so that all that follows finds something to be tied to."""
        for _round in range(3):
            for model in _models():
                for _try in range(5):
                    if self._attempt("add", lambda model=model: self._add(model, is_public=True)):
                        break

    def write_until(self, over: threading.Event) -> None:
        """Write until it is over, on a connection of its own."""
        from django.db import connection  # Django is set up by then

        verbs = [
            (30, "add", self._add_any),
            (30, "change", self._change),
            (18, "state", self._set_state),
            (6, "merge", self._merge),
            (6, "delete", self._delete),
            (6, "bulk", self._bulk),
            (8, "together", self._together),
        ]
        try:
            while not over.is_set():
                _weight, name, verb = self.random.choices(verbs, [weight for weight, *_rest in verbs])[0]
                self._attempt(name, verb)
        finally:
            connection.close()

    def _attempt(self, name: str, verb: Any) -> bool:
        from django.core.exceptions import ValidationError  # Django is set up by then
        from django.db import DatabaseError, transaction  # Django is set up by then
        from django.db.models import ProtectedError  # Django is set up by then

        from records.services import Refused  # Django is set up by then

        try:
            with transaction.atomic():
                verb()
                if self.random.random() < 0.2:
                    time.sleep(self.random.random() / 20)  # who began first does not end first
                if self.random.random() < 0.05:
                    raise Refused("Thought better of it.")
        except (DatabaseError, ValidationError, ProtectedError, Refused, IndexError):
            self.outcome.refused[name] += 1
            return False
        self.outcome.written[name] += 1
        return True

    def _add_any(self) -> None:
        self._add(self.random.choice(_models()))

    def _add(self, model: Any, *, is_public: bool = False) -> Any:
        values = {one.name: self._value(one) for one in _fields(model)}
        if _has_state(model):
            values["state"] = "published" if is_public else self.random.choice(("draft", "published", "published"))
        if model.__name__ == "Citation":
            targets = ("meeting", "participation", "statement", "tenure", "actor", "formula")
            chosen = self.random.choice(targets)
            values |= {name: self._row(model._meta.get_field(name).related_model) if name == chosen else None
                       for name in targets}  # fmt: skip
            values["field"] = ""
        return model.objects.create(**values)

    def _value(self, one: Any) -> Any:
        from partialdates.fields import PartialDateField  # Django is set up by then

        if one.is_relation:
            return None if one.null and self.random.random() < 0.4 else self._row(one.related_model)
        if one.choices:
            return self.random.choice([value for value, _label in one.choices])
        if isinstance(one, PartialDateField):
            return self.random.choice(DATES)
        if "language" in one.name:
            return self.random.choice(LANGUAGES)
        kind = one.get_internal_type()
        if kind == "BooleanField":
            return self.random.random() < 0.5
        if kind in ("CharField", "TextField", "URLField") and one.name not in ("country", "side"):
            word = f"{self.random.choice(('accord', 'visit', '会见', 'встреча'))} {self.random.getrandbits(30)}"
            return f"https://example.org/{self.random.getrandbits(40)}" if kind == "URLField" else word
        if kind in ("PositiveSmallIntegerField", "PositiveIntegerField", "SmallIntegerField") and not one.null:
            return self.random.randrange(5)
        return one.get_default()

    def _row(self, model: Any) -> Any:
        rows = model.objects.order_by("-pk")[:40] if self.random.random() < 0.5 else model.objects.order_by("?")[:1]
        return self.random.choice(list(rows))

    def _change(self) -> None:
        model = self.random.choice(_models())
        row = self._row(model)
        for one in self.random.sample(_fields(model), 2):
            setattr(row, one.name, self._value(one))
        row.save()

    def _set_state(self) -> None:
        model = self.random.choice([model for model in _models() if _has_state(model)])
        row = self._row(model)
        row.state = self.random.choice(("published", "published", "draft", "withdrawn"))
        row.withdrawal_reason = "Entered twice." if row.state == "withdrawn" else ""
        row.save()

    def _merge(self) -> None:
        from records.merging import merge  # Django is set up by then

        model = self.random.choice([model for model in _models() if _is_record(model)])
        survivor, absorbed = self._row(model), self._row(model)
        try:
            merge(survivor=survivor, absorbed=absorbed, reason="The same.")
        except (ValueError, AttributeError, KeyError) as fault:
            raise IndexError from fault

    def _delete(self) -> None:
        self._row(self.random.choice(_models())).delete()

    def _bulk(self) -> None:
        model = self.random.choice([model for model in _models() if _has_state(model)])
        keys = list(model.objects.order_by("?").values_list("pk", flat=True)[:5])
        state = self.random.choice(("published", "published", "withdrawn"))
        model.objects.filter(pk__in=sorted(keys)).update(state=state, withdrawal_reason="In error.")

    def _together(self) -> None:
        for verb in self.random.choices((self._add_any, self._change, self._set_state, self._delete), k=4):
            verb()


def _models() -> list[Any]:
    from django.apps import apps  # Django is set up by then

    from records.models import Part  # Django is set up by then

    return [
        model
        for app in ("events", "actors")
        for model in sorted(apps.get_app_config(app).get_models(), key=lambda model: model.__name__)
        if _is_record(model) or issubclass(model, Part)
    ]


def _is_record(model: Any) -> bool:
    from records.models import Identified  # Django is set up by then

    return issubclass(model, Identified)


def _has_state(model: Any) -> bool:
    return any(one.name == "state" for one in model._meta.fields)


def _fields(model: Any) -> list[Any]:
    """The fields that people fill in."""
    kept = {"published_at", "merged_into", "withdrawal_reason", "state", "open_points"}
    return [
        one
        for one in model._meta.fields
        if one.name not in kept and one.editable and not one.primary_key and not one.generated
    ]
