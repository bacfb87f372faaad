"""The history of a record in words: who changed what, from what to what, when and why, its parts included."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partialdates.fields import DerivedRangeField
from records.admin.choosing import record_choices
from records.history import event_model
from records.models import Identified

#: So many of the latest events of each table are read.
LATEST = 500
LONGEST = 300

_KEPT_BY_DATABASE = frozenset({"id", "uid", "version", "version_xid", "published_at"}) | {
    f"{verb}_{suffix}" for verb in ("created", "updated") for suffix in ("at", "by")
}


@dataclass
class Change:
    """One field of the record or of a part of it; ``part`` is empty for the record itself."""

    part: str
    field: str
    before: str
    after: str


@dataclass
class Entry:
    """What one person did at one moment."""

    at: datetime
    by: str = ""
    reason: str = ""
    batch: str = ""
    batch_id: str = ""
    version: int = 0
    changes: list[Change] = field(default_factory=list)


def history_of(record: Any, *, since: int = 0) -> list[Entry]:
    """What happened to the record and its parts, the latest first; a constant number of queries.

    With ``since`` only what made versions after that one.
    """
    # One save writes at one moment: the record first, then its parts.
    events = sorted(
        _events(record),
        key=lambda event: (event["pgh_created_at"], event["model"] is not type(record), event["pgh_id"]),
    )
    words = _Words(events)
    contexts = _contexts(events)
    # What a transaction left behind is the version; those between were seen by nobody.
    versions = {
        event["pgh_created_at"]: event["version"]
        for event in events
        if event["model"] is type(record) and event["pgh_obj_id"] == record.pk and event["pgh_label"] != "delete"
    }
    entries: dict[Any, Entry] = {}
    known: dict[tuple[Any, Any], dict[str, Any]] = {}
    for event in events:
        row = (event["model"], event["pgh_obj_id"])
        changes = list(_changes(event, known.get(row), words, part_of=record))
        known[row] = event
        if not changes:
            continue
        key = _key_of(event)
        entry = entries.setdefault(key, Entry(at=event["pgh_created_at"]))
        said = contexts.get(event["pgh_context_id"], {})
        entry.by, entry.reason, entry.batch = said.get("by", ""), said.get("reason", ""), said.get("batch", "")
        entry.batch_id, entry.version = said.get("batch_id", ""), versions.get(event["pgh_created_at"], 0)
        entry.changes += changes
    later = _later_than(since, events, record) if since else entries.keys()
    return [entry for key, entry in reversed(entries.items()) if key in later]


def _later_than(version: int, events: list[dict[str, Any]], record: Any) -> set[Any]:
    """The keys of the entries that made versions after ``version``.

    A change of a part raises the version once in a transaction, possibly under another context than its own: whatever
    came after the last version that is left out is later, too.
    """
    own = [event for event in events if event["model"] is type(record) and event["pgh_obj_id"] == record.pk]
    until = max((event["pgh_created_at"] for event in own if event["version"] <= version), default=None)
    keys = {_key_of(event) for event in own if event["version"] > version}
    return keys | {_key_of(event) for event in events if until is None or event["pgh_created_at"] > until}


def _key_of(event: dict[str, Any]) -> Any:
    return event["pgh_context_id"] or event["pgh_created_at"]


def changes_in_words(changes: Iterable[Any], *, part_of: Any = None) -> list[Change]:
    """Rows before and after (``now`` and ``then``) as a person reads them; names are read once for each table."""
    rows = [
        (
            {
                **(change.then or change.now),
                "model": change.model,
                "pgh_obj_id": change.key,
                "pgh_label": "insert" if change.now is None else "delete" if change.then is None else "update",
            },
            change.now,
        )
        for change in changes
    ]
    befores = [{**before, "model": event["model"]} for event, before in rows if before is not None]
    words = _Words([*(event for event, _before in rows), *befores])
    return [change for event, before in rows for change in _changes(event, before, words, part_of=part_of)]


def _events(record: Any) -> Iterator[dict[str, Any]]:
    model: type[models.Model] = type(record)
    queries = [(model, event_model(model).objects.filter(pgh_obj_id=record.pk))]
    queries += [(part, _events_at(part, path, record.pk)) for part, path in _parts_of(model)]
    for part, query in queries:
        for event in query.order_by("-pgh_id").values()[:LATEST]:
            yield {**event, "model": part}


@cache
def _parts_of(model: type[models.Model]) -> tuple[tuple[Any, str], ...]:
    return tuple(
        (part, path)
        for part in apps.get_models()
        for path in getattr(part, "owners", ())
        if _end_of(part, path) is model
    )


def _end_of(model: Any, path: str) -> Any:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def _events_at(model: Any, path: str, key: Any) -> Any:
    step, _sign, rest = path.partition("__")
    events = event_model(model).objects
    if not rest:
        return events.filter(**{f"{step}_id": key})
    return events.filter(
        **{f"{step}_id__in": _events_at(model._meta.get_field(step).related_model, rest, key).values("pgh_obj_id")}
    )


@cache
def _told(model: type[models.Model]) -> tuple[Any, ...]:
    """The fields of a model that an editor fills in."""
    return tuple(
        one
        for one in model._meta.concrete_fields
        if one.name not in _KEPT_BY_DATABASE and not isinstance(one, models.GeneratedField | DerivedRangeField)
    )


def _changes(event: Any, before: Any, words: "_Words", *, part_of: Any) -> Iterator[Change]:
    model = event["model"]
    is_own = model is type(part_of) and event["pgh_obj_id"] == part_of.pk
    links_to_owner = {path for path in getattr(model, "owners", ()) if "__" not in path}
    told = [one for one in _told(model) if is_own or one.name not in links_to_owner]
    values = [(one, words.of(one, event[one.attname])) for one in told]
    part = (
        "" if is_own else f"{capfirst(model._meta.verbose_name)}: {next((text for _one, text in values if text), '')}"
    )
    match event["pgh_label"]:
        case "insert" if is_own:
            yield from (Change("", capfirst(one.verbose_name), "", text) for one, text in values if text)
        case "insert":
            yield Change(part, _("added"), "", _summary(values))
        case "delete":
            yield Change(part, _("deleted") if is_own else _("removed"), _summary(values), "")
        case _ if before is not None:
            for one, text in values:
                earlier = words.of(one, before[one.attname])
                if earlier != text:
                    yield Change(part, capfirst(one.verbose_name), earlier, text)


def _summary(values: Iterable[tuple[Any, str]]) -> str:
    return "; ".join(f"{one.verbose_name}: {text}" for one, text in values if text)


def _contexts(events: list[dict[str, Any]]) -> dict[Any, dict[str, str]]:
    context = apps.get_model("pghistory", "Context")
    metadata = dict(
        context.objects.filter(pk__in={event["pgh_context_id"] for event in events} - {None}).values_list(
            "pk", "metadata"
        )
    )
    keys = {said["user"] for said in metadata.values() if said.get("user")}
    users = {user.pk: user.get_username() for user in get_user_model().objects.filter(pk__in=keys)}
    return {
        key: {
            "by": users.get(said.get("user"), ""),
            "reason": said.get("reason") or "",
            "batch": (said.get("batch") or "").partition(":")[0],
            "batch_id": said.get("batch") or "",
        }
        for key, said in metadata.items()
    }


class _Words:
    """Values as a person reads them. What links lead to is read once for each table."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        keys = defaultdict(set)
        for event in events:
            for one in _told(event["model"]):
                if one.related_model is not None and event[one.attname] is not None:
                    keys[one.related_model].add(str(event[one.attname]))
        self.names = {model: names_of(model, wanted) for model, wanted in keys.items()}

    def of(self, one: Any, value: Any) -> str:
        if value is None or value == "":
            return ""
        if one.related_model is not None:
            return self.names[one.related_model].get(str(value), _("no. %s, deleted") % value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return "; ".join(map(str, value))
        text = str(dict(one.flatchoices).get(value, value)) if one.choices else str(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"


def names_of(model: Any, keys: set[str]) -> dict[str, str]:
    """What the rows with these keys are called, as in a list of choices; a constant number of queries."""
    if issubclass(model, Identified) and admin.site.is_registered(model):
        return {key: choice.text for key, choice in record_choices(admin.site, model, keys).items()}
    links = [link.name for link in model._meta.fields if link.many_to_one]
    return {str(row.pk): str(row) for row in model._base_manager.filter(pk__in=keys).select_related(*links)}
