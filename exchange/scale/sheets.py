"""Rows on their way into a table by COPY: the columns that are given, and for all others what a new row has."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models
from django.utils import timezone

from records.models import Identified, RegisteredId
from records.uids import uid_for

#: Columns of an identified row that are the same in all, or follow from its key.
_KEPT = {"version": 1, "version_xid": 0}


def next_key(model: type[models.Model]) -> int:
    """The first key that no row of the table has had."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {model._meta.db_table}")  # noqa: S608 (our own table)
        return int(cursor.fetchone()[0])


class Sheet:
    """Writes rows of one model. Give values by column name, ``id`` among them; call `finish` at the end."""

    def __init__(self, model: Any, *names: str) -> None:
        self.model = model
        self.names = names
        self.is_identified = issubclass(model, Identified)
        fields = [one for one in model._meta.local_concrete_fields if not getattr(one, "generated", False)]
        rest = [one for one in fields if one.column not in names and not (self.is_identified and one.column == "uid")]
        self.others = {one.column: self._new(one) for one in rest if one.column != "id"}
        self.columns = [*names, *self.others, *(["uid"] if self.is_identified else [])]

    def _new(self, field: Any) -> Any:
        if self.is_identified and field.column in _KEPT:
            return _KEPT[field.column]
        if field.get_internal_type() == "DateTimeField":
            return None if field.null else timezone.now()
        value = field.get_default()
        return None if value == "" and field.null else getattr(value, "edtf", value)

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Copy rows into the table, and the ids of identified ones into the register."""
        constant = tuple(self.others.values())
        kind, place = self.model._meta.label_lower, self.names.index("id") if "id" in self.names else None
        uids = []
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {self.model._meta.db_table} ({', '.join(self.columns)}) FROM STDIN") as copy:
                for row in rows:
                    if self.is_identified and place is not None:
                        uids.append(uid_for(kind=kind, key=f"scale {row[place]}"))
                        copy.write_row((*row, *constant, uids[-1]))
                    else:
                        copy.write_row((*row, *constant))
            if uids:
                now = timezone.now()
                with cursor.copy(f"COPY {RegisteredId._meta.db_table} (uid, kind, registered_at) FROM STDIN") as copy:
                    for uid in uids:
                        copy.write_row((uid, kind, now))

    def finish(self) -> None:
        """Let the table go on counting after the keys that were written."""
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
