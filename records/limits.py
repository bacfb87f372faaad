"""How long a question to the database may take, by who asks: once for pages, API, exports and what the server does.

The database gives up a statement at its limit; `records.refusals.was_given_up` knows such an end from others. Readers
are told by `records.middleware`, programs by `records.api.problems`, in the same words.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _
from psycopg.pq import TransactionStatus

#: Seconds for what a reader waits for, and for what is written into a file.
PATIENCE, LONG_PATIENCE = 8, 900
#: The words, for pages and programs.
NARROW = _("The question took longer than the time limit. Narrow it with more filters.")

_seconds: ContextVar[float | None] = ContextVar("seconds", default=None)


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """A block whose every statement may take so long; ``None`` sets no limit. The innermost block applies."""
    before = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(before)


def change_limit(seconds: float | None) -> None:
    """Another limit for the rest of the block that runs: who asks is known only now."""
    _seconds.set(seconds)


def apply_limit(connection: Any) -> None:
    """See to it that the session of an open ``connection`` has the limit in force; asks nothing when it has."""
    seconds, session = _seconds.get() or 0, connection.connection
    if session.info.transaction_status == TransactionStatus.INERROR or _known(connection) == seconds:
        return
    with connection.wrap_database_errors:
        session.execute(f"SET statement_timeout = {int(1000 * seconds)}")
    session.limit = _Limit(seconds, tuple(connection.atomic_blocks), tuple(connection.savepoint_ids))


@dataclass(frozen=True)
class _Limit:
    """The limit a session was given, and the blocks it was given in: one that is rolled back takes it back with it."""

    seconds: float
    blocks: tuple[Any, ...] = ()
    savepoints: tuple[Any, ...] = ()


def _known(connection: Any) -> float | None:
    """The limit a session has, or ``None`` where what was set may have been undone since."""
    session = connection.connection
    limit = getattr(session, "limit", _Limit(0))
    begins = session.info.transaction_status == TransactionStatus.IDLE
    depth = len(limit.blocks)
    stands = not depth or (
        not begins
        and all(now is then for now, then in zip(connection.atomic_blocks[:depth], limit.blocks, strict=False))
        and len(connection.atomic_blocks) >= depth
        and tuple(connection.savepoint_ids[: len(limit.savepoints)]) == limit.savepoints
    )
    return limit.seconds if stands else None


@contextmanager
def watched() -> Iterator[None]:
    """A block in which every statement, on whatever connection, is given the limit in force before it runs.

    What is left to be read after it, as a file that is sent row by row, goes on under the last limit.
    """

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        apply_limit(context["connection"])
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(run))
        yield


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """A block whose every statement may take so long, whoever runs it; afterwards the limit is what it was before."""
    try:
        with time_limit(seconds), watched():
            yield
    finally:
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None and not connection.connection.closed:
                apply_limit(connection)
