"""What keeps machines from a form that is open to everybody, without asking anybody else.

A form carries a ticket: what was shown, when, and a number of its own, signed. It is too young, too old, or used.
How often an address may send forms is counted by `records.attempts`.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest

from records import attempts
from records.attempts import HOUR

SALT = "readers.correction"
#: Seconds in which nobody reads a form and fills it in.
LEAST = 4
#: Seconds after which a form is signed anew.
MOST = 24 * HOUR
#: Sent forms of one address: so many in so many seconds.
LIMITS = ((5, HOUR), (20, 24 * HOUR))


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


def is_too_often(request: HttpRequest) -> bool:
    """Count a sent form, and whether its address sent too many."""
    return attempts.is_too_often(request, "correction", LIMITS)
