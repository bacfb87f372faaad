"""Who changes data, why, and in which batch: said once, kept with every row that changes meanwhile."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import connection
from pghistory import runtime
from psycopg.pq import TransactionStatus


@contextmanager
def history_context(*, user: Any = None, reason: str = "", batch: str = "", undoes: str = "") -> Iterator[str]:
    """Attach ``user``, ``reason`` and ``batch`` to every change made inside; yields the batch's id ("" without one).

    Nested contexts add to the outer one: a request already knows its user, a bulk action inside it adds the reason.
    What is said here holds for the changes inside only, also when the transaction goes on.
    ``batch`` is a word for what runs ("seeds", "bulk publish"); its id is new at every call.
    ``undoes`` is the id of the batch that this one takes back.
    """
    batch_id = f"{batch}:{uuid.uuid4()}" if batch else ""
    said: dict[str, Any] = {
        "user": user.pk if user is not None else None,
        "reason": reason,
        "batch": batch_id,
        "undoes": undoes,
    }
    is_outermost = not hasattr(runtime._tracker, "value")
    try:
        with pghistory.context():
            # pghistory itself would write the words of an inner context into the outer one, and over earlier changes.
            outer = runtime._tracker.value
            metadata = {**outer.metadata, **{key: value for key, value in said.items() if value}}
            runtime._tracker.value = runtime.Context(id=uuid.uuid4(), metadata=metadata)
            try:
                yield batch_id
            finally:
                runtime._tracker.value = outer
    finally:
        if is_outermost:
            _forget()


def _forget() -> None:
    """Clear what pghistory told the database for the length of the transaction, when that is still open."""
    if connection.in_atomic_block and connection.connection.info.transaction_status == TransactionStatus.INTRANS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
            cursor.execute("SELECT set_config('pghistory.context_metadata', '', true)")
