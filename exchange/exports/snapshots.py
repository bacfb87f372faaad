"""One consistent view of the database for as long as a file is being written."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

#: Milliseconds that a client may stop reading.
PATIENCE = 600_000


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside is as it stood at the first question, whoever writes meanwhile.

    A transaction that runs already goes on as it is. When the caller gives up, what the database does is ended.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # How long one step may take is the business of `records.limits`.
        cursor.execute(f"SET LOCAL jit = off; SET LOCAL idle_in_transaction_session_timeout = {PATIENCE}")
        yield
