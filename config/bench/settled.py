"""Waiting for what others write: the feed tells nothing that a running transaction of any database could precede."""

import time

from django.db import connection

#: Seconds after which a transaction beside ours is taken to be stuck.
PATIENCE = 60


def settle():
    """Wait until every transaction that runs now, also one of another database on the same server, has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (end,) = cursor.fetchone()
        for _attempt in range(20 * PATIENCE):
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", [end])
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise TimeoutError(f"A transaction from before did not end in {PATIENCE} s")
