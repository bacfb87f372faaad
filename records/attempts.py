"""How often something that is open to everybody was done from one address.

Counted in the shared cache while a limit runs, and stored nowhere else; of the address only a keyed hash is kept.
"""

import time
from collections.abc import Iterable

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from records.callers import address_of, network_of

HOUR = 60 * 60


def is_too_often(request: HttpRequest, what: str, limits: Iterable[tuple[int, int]]) -> bool:
    """Count that ``what`` is done, and whether the address did it more often than one of ``limits`` allows.

    A limit is so many times in so many seconds; these run from the first time.
    """
    caller = network_of(address_of(request))
    name = salted_hmac(f"records.attempts.{what}", caller, algorithm="sha256").hexdigest()[:32]
    now = time.time()
    found = []
    for most, seconds in limits:
        key = f"attempts:{what}:{seconds}:{name}"
        count, since = cache.get(key, (0, now))
        # Not by the cache's own counting, which would give the number another time to live.
        cache.set(key, (count + 1, since), max(since + seconds - now, 1))
        found.append(count + 1 > most)
    return any(found)
