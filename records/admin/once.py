"""A form that was sent twice makes one record.

The form of a new record carries the id that the record will get, signed, so that nobody chooses one. Whoever sends it
again - a double click, a reload, a browser that tries once more - is shown the record that is already there. A form
that was filled in anew meanwhile, by the way back in the browser, is another record: it gets another id.
"""

import hashlib
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import QueryDict

from records.uids import new_uid, normalise_uid

_SALT = "records.admin.once"
#: How long it is remembered what a form held; afterwards a form sent again counts as the same.
_REMEMBERED = 24 * 60 * 60
#: What may differ between two times of sending the same form.
_BESIDES = frozenset({"csrfmiddlewaretoken", "_save", "_continue", "_addanother", "_submit", "_publish", "_draft"})


def new_ticket(model: Any) -> str:
    """A signed id for a record of the model to come."""
    return signing.dumps([model._meta.label_lower, new_uid()], salt=_SALT)


def uid_of(ticket: str, model: Any) -> str | None:
    """The id in a ticket; ``None`` when it was not made here, or for another model."""
    try:
        label, uid = signing.loads(ticket, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return normalise_uid(uid) if label == model._meta.label_lower else None


def remember(uid: str, sent: QueryDict) -> None:
    """Keep for a while what the form held that made the record ``uid``."""
    cache.set(_key(uid), _digest(sent), _REMEMBERED)


def is_the_same(uid: str, sent: QueryDict) -> bool:
    """Whether the form holds what made the record ``uid``; also when that is not remembered."""
    return cache.get(_key(uid)) in {None, _digest(sent)}


def _key(uid: str) -> str:
    return f"sent-form:{uid}"


def _digest(sent: QueryDict) -> str:
    held = sorted((name, sent.getlist(name)) for name in sent if name not in _BESIDES)
    return hashlib.sha256(repr(held).encode()).hexdigest()
