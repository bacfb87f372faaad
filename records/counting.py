"""How often somebody did something within a time, right also when several workers count at once.

One statement counts and tells the number, so that two at once are never counted as one. Only a keyed hash of who it was
is kept, and not for much longer than the time runs.
"""

import random
from math import ceil

from django.db import connection
from django.utils.crypto import salted_hmac

#: One in so many that begin a time also clears away what is over.
_CLEARS = 500


def count(what: str, who: str, *, seconds: int) -> tuple[int, int]:
    """Count once more; gives how often it was within the time, and for how many seconds that still runs.

    The time runs from the first that is counted. Inside a transaction, others who count for the same wait for its end.
    """
    key = salted_hmac(f"records.counting.{what}.{seconds}", who, algorithm="sha256").hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO records_counter AS known (key, ends_at, times)
            VALUES (%s, statement_timestamp() + make_interval(secs => %s), 1)
            ON CONFLICT (key) DO UPDATE SET
                times = CASE WHEN known.ends_at > statement_timestamp() THEN known.times + 1 ELSE 1 END,
                ends_at = CASE WHEN known.ends_at > statement_timestamp() THEN known.ends_at ELSE EXCLUDED.ends_at END
            RETURNING times, extract(epoch FROM ends_at - statement_timestamp())
            """,
            [key, seconds],
        )
        times, left = cursor.fetchone()
        if times == 1 and random.randrange(_CLEARS) == 0:  # noqa: S311 (nothing secret)
            cursor.execute("DELETE FROM records_counter WHERE ends_at < statement_timestamp()")
    return times, max(ceil(left), 1)
