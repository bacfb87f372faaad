"""A copy of all public records in one SQLite file, kept up to date by the changes of the site."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from readout_client.client import KINDS, ChangesPage, Client, Record
from readout_client.errors import CursorExpired, ReadoutError

_TABLES = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, uid TEXT NOT NULL, version INTEGER NOT NULL, updated_at TEXT NOT NULL, json TEXT NOT NULL,
    round INTEGER NOT NULL, PRIMARY KEY (kind, uid)
);
CREATE TABLE IF NOT EXISTS gone (
    kind TEXT NOT NULL, uid TEXT NOT NULL, change TEXT NOT NULL, reason TEXT NOT NULL, survivor TEXT,
    PRIMARY KEY (kind, uid)
);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass
class Report:
    """What an update did."""

    saved: int = 0
    removed: int = 0
    pages: int = 0
    started_anew: bool = False


class Mirror:
    """The mirror in the file ``path``. Each page of changes and its cursor are written in one transaction.

    So it can be stopped at any time and goes on where it was. Table ``record`` has the JSON of each record, which
    SQLite reads with ``json_extract``; table ``gone`` has what was withdrawn, merged, hidden or deleted.
    """

    def __init__(self, client: Client, path: str | Path, *, kinds: Iterable[str] = ()) -> None:
        self.client = client
        self.kinds = sorted(kinds)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(_TABLES)
        self._keep_to("site", client.site)
        self._keep_to("kinds", " ".join(self.kinds))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def update(self) -> Report:
        """Take in all that changed since the last update. When the site was restored, everything is read anew."""
        report = Report()
        has_more = True
        while has_more:
            since = self._state("cursor")
            try:
                page = self.client.changes_page(since, kinds=self.kinds)
            except CursorExpired:
                if since is None:
                    raise
                self._start_anew()
                report.started_anew = True
                continue
            self._take(page, report)
            has_more = page.has_more
        return report

    def records(self, kind: str | None = None) -> Iterator[Record]:
        """The records of one kind, or of all."""
        rows = self.db.execute("SELECT json FROM record WHERE ?1 IS NULL OR kind = ?1 ORDER BY kind, uid", [kind])
        return (json.loads(text) for (text,) in rows)

    def get(self, kind: str, uid: str) -> Record | None:
        """One record, or None."""
        row = self.db.execute("SELECT json FROM record WHERE kind = ? AND uid = ?", [kind, uid]).fetchone()
        return json.loads(row[0]) if row else None

    def _take(self, page: ChangesPage, report: Report) -> None:
        turn = int(self._state("round") or 0)
        self.db.execute("BEGIN IMMEDIATE")
        try:
            for one in page.results:
                if one.record is not None:
                    text = json.dumps(one.record, ensure_ascii=False)
                    self.db.execute(
                        "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)",
                        [one.kind, one.uid, one.version, one.record["updated_at"], text, turn],
                    )
                    self.db.execute("DELETE FROM gone WHERE kind = ? AND uid = ?", [one.kind, one.uid])
                    report.saved += 1
                else:
                    self.db.execute("DELETE FROM record WHERE kind = ? AND uid = ?", [one.kind, one.uid])
                    self.db.execute(
                        "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?, ?)",
                        [one.kind, one.uid, one.change, one.reason, one.survivor],
                    )
                    report.removed += 1
            if not page.is_stock:
                # What a new first round has not met is no more.
                report.removed += self.db.execute("DELETE FROM record WHERE round < ?", [turn]).rowcount
            self._set("cursor", page.cursor)
            self.db.execute("COMMIT")
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        report.pages += 1

    def _start_anew(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        self._set("round", str(int(self._state("round") or 0) + 1))
        self.db.execute("DELETE FROM state WHERE name = 'cursor'")
        self.db.execute("COMMIT")

    def _keep_to(self, name: str, value: str) -> None:
        known = self._state(name)
        if known is not None and known != value:
            raise ReadoutError(f"This file mirrors the {name} “{known}”, not “{value}”. Choose another file.")
        self._set(name, value)

    def _state(self, name: str) -> str | None:
        row = self.db.execute("SELECT value FROM state WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else None

    def _set(self, name: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [name, value])


def main(arguments: list[str] | None = None) -> int:
    """``readout-mirror https://example.org mirror.sqlite``: make or update a mirror.

    A token is taken from the environment, where other users of the machine do not see it: ``READOUT_TOKEN``.
    """
    parser = argparse.ArgumentParser(prog="readout-mirror", description="Make or update a copy of all public records.")
    parser.add_argument("site")
    parser.add_argument("file")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), default=[], help="only these kinds")
    given = parser.parse_args(arguments)
    try:
        with (
            Client(given.site, token=os.environ.get("READOUT_TOKEN")) as client,
            closing(Mirror(client, given.file, kinds=given.kind)) as mirror,
        ):
            report = mirror.update()
    except ReadoutError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{report.saved} records saved, {report.removed} removed.")
    return 0
