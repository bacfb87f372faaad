"""How often something that is open to everybody was done from one address.

Counted in the shared cache while a limit runs, and stored nowhere else; of the address only a keyed hash is kept.
"""

import time
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 60 * 60


def address_of(request: HttpRequest) -> str:
    """The address that a request came from; behind our proxy, the one the proxy saw."""
    # A client may write the header itself: only what the proxy added at its end is a fact.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_too_often(request: HttpRequest, what: str, limits: Iterable[tuple[int, int]]) -> bool:
    """Count that ``what`` is done, and whether the address did it more often than one of ``limits`` allows.

    A limit is so many times in so many seconds; these run from the first time.
    """
    name = salted_hmac(f"records.attempts.{what}", address_of(request), algorithm="sha256").hexdigest()[:32]
    now = time.time()
    found = []
    for most, seconds in limits:
        key = f"attempts:{what}:{seconds}:{name}"
        count, since = cache.get(key, (0, now))
        # Not by the cache's own counting, which would give the number another time to live.
        cache.set(key, (count + 1, since), max(since + seconds - now, 1))
        found.append(count + 1 > most)
    return any(found)
