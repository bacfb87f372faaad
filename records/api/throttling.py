"""How often one address may ask, counted in the database so that all workers count together.

The counting is one statement: two requests at once are never counted as one. Only a keyed hash of the address is kept,
and not for longer than some minutes.
"""

import random
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from records.callers import address_of, network_of

WINDOW = 60  # seconds
#: One in so many callers who begin a window also clears away the counters of windows long over.
_CLEARS = 500


@dataclass(frozen=True)
class Rate:
    """What a caller may do, and what is left of it in the window that runs."""

    policy: str
    quota: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` as the IETF's draft writes them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}',
        }


class Throttle(BaseThrottle):
    """So many requests a minute for each address; a caller known by other means gets a policy of its own here."""

    rate: Rate | None = None

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 the framework's names
        policy, caller, quota = self.policy_of(request)
        if not quota:
            return True
        used, seconds = count(f"{policy}:{caller}")
        self.rate = Rate(policy, quota, max(quota - used, 0), seconds)
        request.rate = self.rate  # type: ignore[attr-defined]
        return used <= quota

    def policy_of(self, request: Request) -> tuple[str, str, int]:
        """The name of the policy, who is counted by it, and how many requests a minute it allows; 0 for any number."""
        return "address", network_of(self.get_ident(request)), settings.API_REQUESTS_PER_MINUTE

    def get_ident(self, request: Request) -> str:
        """The address that asks, by the rule of the whole site instead of the framework's own."""
        return address_of(request)

    def wait(self) -> float | None:
        return self.rate.seconds if self.rate else None


def count(caller: str) -> tuple[int, int]:
    """Count a request of the caller; gives how many there were in the window, and the seconds that it still runs."""
    key = salted_hmac("records.api.throttling", caller, algorithm="sha256").hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO records_api_caller AS known (caller, period, requests)
            VALUES (%s, floor(extract(epoch FROM statement_timestamp()) / %s), 1)
            ON CONFLICT (caller) DO UPDATE SET
                requests = CASE WHEN known.period = EXCLUDED.period THEN known.requests + 1 ELSE 1 END,
                period = EXCLUDED.period
            RETURNING requests, period, %s - floor(extract(epoch FROM statement_timestamp()))::bigint %% %s
            """,
            [key, WINDOW, WINDOW, WINDOW],
        )
        requests, period, seconds = cursor.fetchone()
        if requests == 1 and random.randrange(_CLEARS) == 0:  # noqa: S311 (nothing secret)
            cursor.execute("DELETE FROM records_api_caller WHERE period < %s", [period - 2])
    return requests, seconds
