"""What an index read, kept in a file for the next start of the site: a million records are read in a second from there.

A file is taken only where it belongs: to this database at this state of its tables, and to the code that wrote it. What
changed since is read anew by the index as any other change; what it then holds must be as many records as are public,
or the file is left alone. So a file that is old, foreign or spoilt costs time, and never a wrong count.
"""

import hashlib
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.apps import apps
from django.conf import settings
from django.db import connections

from records.changes import Moment
from records.facets.tables import Table

#: The entry of a file that says what it is, as JSON.
_HEAD = "head"


@dataclass(frozen=True)
class Kept:
    """A table as it was read at a moment, and what else its index knew; ``words`` are those of text columns."""

    moment: Moment
    table: Table
    facts: Mapping[str, dict[int, Any]]
    words: Mapping[str, list[str]]


def write(path: Path, using: str, kept: Kept) -> None:
    """Keep it; the file is whole or not there. A failure is logged and no more."""
    head = {
        "of": _of_what(using, kept.moment.last),
        "snapshot": kept.moment.snapshot,
        "last": kept.moment.last,
        "facts": {kind: list(known.items()) for kind, known in kept.facts.items()},
        "words": kept.words,
    }
    arrays = kept.table.as_arrays() | {_HEAD: np.frombuffer(json.dumps(head).encode(), np.uint8)}
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as draft:
            np.savez(Path(draft) / path.name, allow_pickle=False, **arrays)
            os.replace(Path(draft) / path.name, path)
    except OSError:
        logging.getLogger(__name__).warning("What lists are counted by cannot be kept in %s.", path, exc_info=True)


def read(path: Path, using: str) -> Kept | None:
    """What `write` kept; ``None`` for what is not there, is of another database or other code, or cannot be read."""
    try:
        # Opened here: what cannot be read stays open otherwise.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            head = json.loads(file[_HEAD].tobytes())
            if head["of"] != _of_what(using, head["last"]):
                return None
            facts = {kind: {key: _as_read(fact) for key, fact in known} for kind, known in head["facts"].items()}
            table = Table.of_arrays({name: file[name] for name in file.files if name != _HEAD})
            return Kept(Moment(head["snapshot"], head["last"]), table, facts, head["words"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        logging.getLogger(__name__).warning("%s cannot be read; what it held is read anew.", path, exc_info=True)
        return None


def _as_read(fact: Any) -> Any:
    """A fact as the database gives it: several values are a tuple, which JSON does not know."""
    return tuple(fact) if isinstance(fact, list) else fact


def _of_what(using: str, last: int | None) -> list[Any]:
    """What a file belongs to: a database, the shape of its tables, the last change that was seen, and the code."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT system_identifier FROM pg_control_system())::text,
                (SELECT timeline_id FROM pg_control_checkpoint()),
                (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
                (SELECT md5(string_agg(app || name, ' ' ORDER BY id)) FROM django_migrations),
                (SELECT xid || ' ' || kind || ' ' || key FROM records_change WHERE id = %s)
            """,
            [last],
        )
        return [*cursor.fetchone(), _code()]


@cache
def _code() -> str:
    """What all code of the site sums up to."""
    found = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda one: one.path):
        place = Path(app.path)
        if place.is_relative_to(settings.BASE_DIR) and "site-packages" not in place.parts:
            for file in sorted(place.rglob("*.py")):
                found.update(f"{file.relative_to(place)}\n".encode())
                found.update(file.read_bytes())
    return found.hexdigest()
