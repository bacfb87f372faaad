"""What keeps machines from a form that is open to everybody, without asking anybody else.

A form carries a ticket: what was shown, when, and a number of its own, signed. It is too young, too old, or used.
Addresses are counted in the shared cache for a day and stored nowhere else.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

SALT = "readers.correction"
#: Seconds in which nobody reads a form and fills it in.
LEAST = 4
#: Seconds after which a form is signed anew.
MOST = 24 * 60 * 60
#: Sent forms of one address: so many in so many seconds.
LIMITS = ((5, 60 * 60), (20, 24 * 60 * 60))


@dataclass(frozen=True)
class Ticket:
    """What a form was made for."""

    number: str
    shown: dict[str, Any]


def new_ticket(shown: dict[str, Any]) -> str:
    """A ticket for a form that shows this."""
    return signing.dumps({"number": secrets.token_hex(16), "shown": shown}, salt=SALT, compress=True)


def read_ticket(text: str, *, max_age: int | None = None) -> Ticket | None:
    """The ticket; ``None`` for what we did not sign, or longer ago than ``max_age`` seconds."""
    try:
        said = signing.loads(text, salt=SALT, max_age=max_age)
    except signing.BadSignature:
        return None
    return Ticket(said["number"], said["shown"])


def is_young(text: str) -> bool:
    """Whether a ticket of ours was given so few seconds ago that only a machine sends the form already."""
    return read_ticket(text, max_age=LEAST) is not None


def address_of(request: HttpRequest) -> str:
    """The address that a request came from; behind our proxy, the one the proxy saw."""
    # A client may write the header itself: only what the proxy added at its end is a fact.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_too_often(request: HttpRequest) -> bool:
    """Count a sent form, and whether its address sent too many."""
    name = salted_hmac(SALT, address_of(request), algorithm="sha256").hexdigest()[:32]
    counts = []
    for most, seconds in LIMITS:
        key = f"correction:{seconds}:{name}"
        cache.add(key, 0, seconds)
        try:
            counts.append(cache.incr(key) > most)
        except ValueError:  # it ran out between the two
            cache.set(key, 1, seconds)
    return any(counts)
