"""The one verb: load seed files."""

from pathlib import Path

from django.db import Error, connection, transaction

from exchange.models import ImportedRecord
from exchange.seeds.apply import Writer
from exchange.seeds.entries import Entry, read_entries
from exchange.seeds.problems import InvalidSeeds, Problem
from exchange.seeds.report import Report
from exchange.seeds.rows import EntryRow, RowReader
from exchange.seeds.standing import Name, Standing
from records.context import history_context

DATASET = "seeds"


def load_seeds(path: Path, *, dry_run: bool = False) -> Report:
    """Apply the files below ``path`` in one transaction: what is new or changed in them, and nothing else.

    An entry as it was last applied is not touched, nor one whose record an editor changed or deleted since. Raises
    `InvalidSeeds` with every problem of every file; nothing is changed then, nor by a ``dry_run``.
    """
    entries, problems = read_entries(path)
    memory = _memory()
    if not problems and not _fresh(entries, memory):
        return _report_of_what_rests(entries, memory, dry_run=dry_run)
    with transaction.atomic():
        _wait_for_other_runs()
        memory = _memory()
        report = _report_of_what_rests(entries, memory, dry_run=dry_run)
        rows, unreadable = _read(_fresh(entries, memory), entries)
        problems += unreadable
        with history_context(batch=DATASET, reason="Seed files were loaded."):
            problems += _written(rows, Standing(DATASET, entries, memory), report)
        if problems:
            raise InvalidSeeds(problems)
        transaction.set_rollback(dry_run)
    return report


def _memory() -> dict[Name, ImportedRecord]:
    return {(item.kind, item.key): item for item in ImportedRecord.objects.filter(dataset=DATASET)}


def _wait_for_other_runs() -> None:
    """Two servers that start at once would both create what is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exchange.seeds'))")


def _fresh(entries: list[Entry], memory: dict[Name, ImportedRecord]) -> list[Entry]:
    return [entry for entry in entries if not _is_as_remembered(entry, memory)]


def _is_as_remembered(entry: Entry, memory: dict[Name, ImportedRecord]) -> bool:
    remembered = memory.get((entry.kind, entry.key))
    return remembered is not None and remembered.checksum == entry.checksum


def _read(fresh: list[Entry], entries: list[Entry]) -> tuple[list[EntryRow], list[Problem]]:
    known: dict[str, set[str]] = {}
    for entry in entries:
        known.setdefault(entry.kind, set()).add(entry.key)
    reader = RowReader(known)
    rows = [row for entry in fresh if (row := reader.read(entry)) is not None]
    return rows, reader.problems


def _report_of_what_rests(entries: list[Entry], memory: dict[Name, ImportedRecord], *, dry_run: bool) -> Report:
    report = Report(dry_run=dry_run)
    for entry in entries:
        if _is_as_remembered(entry, memory):
            report.count(entry.kind, "unchanged")
    names = {(entry.kind, entry.key) for entry in entries}
    report.absent = [f'{kind} "{key}"' for kind, key in sorted(memory.keys() - names)]
    return report


def _written(rows: list[EntryRow], standing: Standing, report: Report) -> list[Problem]:
    """Write the rows; on a refusal write them again one by one, to learn of every one that is refused."""
    try:
        with transaction.atomic():
            writer = Writer(standing, report)
            writer.write(rows)
            return writer.problems
    except Error:
        careful = Writer(standing, Report(), careful=True)
        with transaction.atomic():
            careful.write(rows)
            transaction.set_rollback(True)
        if not careful.problems:
            raise
        return careful.problems
