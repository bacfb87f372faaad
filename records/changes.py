"""Every change to a record, numbered by the transaction that made it.

Whoever keeps something that follows from records (counts in memory, a mirror elsewhere) reads from here what changed
since. Numbers of rows are given before their transactions end, so a reader that went by them would miss the row of a
slow writer; the snapshot of `since` never does.
"""

from collections import defaultdict
from typing import Any

from django.db import connections, models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """One record that was added, changed or deleted; written by a trigger of each kind of record, whoever writes."""

    xid = models.BigIntegerField(_("transaction"), help_text=_("pg_current_xact_id() of the transaction that wrote."))
    kind = models.CharField(_("kind of record"), max_length=60, help_text=_("The model, as app.model."))
    key = models.BigIntegerField(_("key"), help_text=_("Its primary key."))
    uid = models.CharField(_("public id"), max_length=10)
    is_first = models.BooleanField(
        _("made public first"), db_default=False, help_text=_("Whether the record was published for the first time.")
    )
    is_shown = models.BooleanField(
        _("shown elsewhere"), db_default=True, help_text=_("Whether other records may show it otherwise since.")
    )

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [models.Index(fields=["xid", "id"], name="change_by_transaction")]

    def __str__(self) -> str:
        return f"{self.uid} ({self.kind})"


class Moment:
    """What one transaction could see: a snapshot, and the last change in it."""

    def __init__(self, snapshot: str, last: int | None) -> None:
        self.snapshot = snapshot
        self.last = last

    @property
    def xmin(self) -> int:
        """All transactions below this number are over and seen, or were rolled back."""
        return int(self.snapshot.split(":")[0])


class TooManyChanges(Exception):
    """More changed than the caller wants to hear of one by one, or what was known before is gone."""


def is_writing(using: str) -> bool:
    """Whether the transaction that runs has written anything, which others cannot see and which may never be."""
    if connections[using].get_autocommit():
        return False  # what wrote is over
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])


def now(using: str) -> Moment:
    """The moment that the next question is answered at, or an earlier one."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, (SELECT max(id) FROM records_change)")
        return Moment(*cursor.fetchone())


def since(moment: Moment, kinds: list[str], using: str, *, most: int) -> tuple[dict[str, list[int]], Moment]:
    """The keys of the records of these kinds that changed after ``moment``, by kind, and the moment of the answer.

    One query. Raises `TooManyChanges` for more than ``most``, and when the table was emptied since.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_current_snapshot()::text, max(id) OVER (), kind, key, %(last)s IS NULL OR EXISTS (
                SELECT 1 FROM records_change WHERE id = %(last)s
            )
            FROM (SELECT 1) AS once LEFT JOIN LATERAL (
                SELECT id, kind, key FROM records_change
                WHERE xid >= %(xmin)s AND NOT pg_visible_in_snapshot(xid::text::xid8, %(snapshot)s::pg_snapshot)
                LIMIT %(limit)s
            ) AS found ON true
            """,
            {"last": moment.last, "xmin": moment.xmin, "snapshot": moment.snapshot, "limit": most + 1},
        )
        rows: list[Any] = cursor.fetchall()
    if len(rows) > most or not rows[0][4]:
        raise TooManyChanges
    changed: dict[str, set[int]] = defaultdict(set)
    for _snapshot, _last, kind, key, _is_known in rows:
        if kind in kinds:
            changed[kind].add(key)
    last = rows[0][1] if rows[0][1] is not None else moment.last
    return {kind: sorted(keys) for kind, keys in changed.items()}, Moment(rows[0][0], last)
