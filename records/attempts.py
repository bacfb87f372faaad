"""How often something that is open to everybody was done from one address."""

from collections.abc import Iterable

from django.http import HttpRequest

from records.callers import address_of, network_of
from records.counting import count

HOUR = 60 * 60


def is_too_often(request: HttpRequest, what: str, limits: Iterable[tuple[int, int]]) -> bool:
    """Count that ``what`` is done, and whether the address did it more often than one of ``limits`` allows.

    A limit is so many times in so many seconds; these run from the first time.
    """
    caller = network_of(address_of(request))
    counted = [(count(what, caller, seconds=seconds)[0], most) for most, seconds in limits]
    return any(times > most for times, most in counted)
