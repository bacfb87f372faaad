"""What readers could see change in a record: the versions that were public, and what tells each from the one before.

The history keeps more than readers may know. A version is told when the record was public in it; a row of it when
everything that it joins was public then and is public still. What was written while something was hidden is compared
with nothing: it is told as it stood when it could be seen first.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from readers.differences import Difference, Names, Rows, differences, links
from records.history import event_model
from records.models import Record, State
from records.reverting.past import Life

#: Versions on a page.
SIZE = 20


@dataclass(frozen=True)
class Absence:
    """While a record was not public, from ``since`` to the version that shows it again; ``reason`` was public."""

    since: datetime
    reason: str


@dataclass(frozen=True)
class Version:
    """A version that readers could see, and what it changed for them. The first has nothing to differ from."""

    number: int
    at: datetime
    is_first: bool = False
    absence: Absence | None = None
    changes: list[Difference] = field(default_factory=list)


class PublicHistory:
    """The public versions of a public record, the latest first: a sequence for a paginator.

    A slice costs the same number of queries however long it is, and reads whole only what stood in its versions. A row
    that could be seen only after something else was published is told with the next version of the record.
    """

    def __init__(self, record: Any) -> None:
        self.record = record
        self._life = Life(record)
        self._versions = self._life.versions
        # Of each public version: its place among all, the earliest first.
        self._public = [place for place, event in enumerate(self._versions) if _is_public(event)]

    def __len__(self) -> int:
        return len(self._public)

    def __getitem__(self, part: slice) -> list[Version]:
        start, stop, _step = part.indices(len(self))
        # Counted from the latest; the version before the earliest of them is what that one is compared with.
        wanted = list(reversed(range(len(self))))[start:stop]
        states = self._states({*wanted, *(one - 1 for one in wanted if one)})
        seen = _Seen(self.record, [row for _at, rows in states.values() for row in rows.items()])
        return [self._version(number, states, seen) for number in wanted]

    def _event(self, number: int) -> Any:
        return self._versions[self._public[number]]

    def _states(self, numbers: set[int]) -> dict[int, tuple[datetime, Rows]]:
        events = {number: self._event(number) for number in numbers}
        rows = self._life.at_each(event["version"] for event in events.values())
        return {
            number: (event["pgh_created_at"], one) for (number, event), one in zip(events.items(), rows, strict=True)
        }

    def _version(self, number: int, states: dict[int, tuple[datetime, Rows]], seen: "_Seen") -> Version:
        event = self._event(number)
        if number == 0:
            return Version(event["version"], event["pgh_created_at"], is_first=True)
        before, after = (seen.of(*states[one]) for one in (number - 1, number))
        return Version(
            event["version"],
            event["pgh_created_at"],
            absence=self._absence(number),
            changes=list(differences(self.record, before, after, seen.names)),
        )

    def _absence(self, number: int) -> Absence | None:
        """What lay between a public version and the public one before it."""
        between = self._versions[self._public[number - 1] + 1 : self._public[number]]
        if not between:
            return None
        said = [event["withdrawal_reason"] for event in between if event["state"] == State.WITHDRAWN]
        return Absence(between[0]["pgh_created_at"], said[-1] if said else "")


def _is_public(event: Any) -> bool:
    return event["pgh_label"] != "delete" and event["state"] == State.PUBLISHED and event.get("merged_into_id") is None


class _Seen:
    """Which of the rows of a record could be seen at a moment, by what they join; read once for each table."""

    def __init__(self, record: Any, rows: list[tuple[tuple[Any, Any], dict[str, Any]]]) -> None:
        self.own = (type(record), record.pk)
        self.names = Names(rows)
        self._ends = self._read_ends(rows)
        keys: dict[Any, set[Any]] = defaultdict(set)
        for (model, _key), values in rows:
            for joined in links(model):
                for end, key in self._joined(joined, values):
                    keys[end].add(key)
        self._states = {model: _states_of(model, wanted) for model, wanted in keys.items()}

    def of(self, at: datetime, rows: Rows) -> Rows:
        """The rows as they could be seen at ``at``: those that join anything hidden then are left out."""
        return {
            key: self._without_hidden(values, at) if key == self.own else values
            for key, values in rows.items()
            if key == self.own or all(self._was_public(one, values, at) for one in links(key[0]))
        }

    def _without_hidden(self, values: dict[str, Any], at: datetime) -> dict[str, Any]:
        hidden = [one.attname for one in links(self.own[0]) if not self._was_public(one, values, at)]
        return {**values, **dict.fromkeys(hidden)}

    def _was_public(self, link: Any, values: dict[str, Any], at: datetime) -> bool:
        return all(_state_at(self._states[model][key], at) for model, key in self._joined(link, values))

    def _joined(self, link: Any, values: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
        """The records that a link joins: what it leads to, or those that hide what it leads to."""
        key = values.get(link.attname)
        if key is None or (link.related_model, key) == self.own:
            return
        if issubclass(link.related_model, Record):
            yield link.related_model, key
        else:
            yield from self._ends.get(link.related_model, {}).get(key, ())

    def _read_ends(self, rows: Any) -> dict[Any, dict[Any, list[tuple[Any, Any]]]]:
        """Of each row without a workflow that is linked to, the records that it is public through."""
        keys: dict[Any, set[Any]] = defaultdict(set)
        for (model, _key), values in rows:
            for link in links(model):
                if not issubclass(link.related_model, Record) and values.get(link.attname) is not None:
                    keys[link.related_model].add(values[link.attname])
        found = {}
        for model, wanted in keys.items():
            paths = list(getattr(model, "public_through", ()))
            ends = [_end_of(model, path) for path in paths]
            found[model] = {
                key: [
                    (end, one)
                    for end, one in zip(ends, ones, strict=True)
                    if one is not None and (end, one) != self.own
                ]
                for key, *ones in model._base_manager.filter(pk__in=wanted).values_list("pk", *paths)
            }
        return found


def _end_of(model: Any, path: str) -> Any:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def _states_of(model: Any, keys: set[Any]) -> dict[Any, list[tuple[datetime, bool]]]:
    """When each record became public or ceased to be, the earliest first."""
    found: dict[Any, list[tuple[datetime, bool]]] = {key: [] for key in keys}
    events = event_model(model).objects.filter(pgh_obj_id__in=keys).order_by("pgh_id")
    names = ("pgh_obj_id", "pgh_created_at", "pgh_label", "state", "merged_into_id")
    for event in events.values(*names):
        states = found[event["pgh_obj_id"]]
        states.append((event["pgh_created_at"], _is_public(event)))
    return found


def _state_at(states: list[tuple[datetime, bool]], at: datetime) -> bool:
    return next((is_public for since, is_public in reversed(states) if since <= at), False)
