"""Addresses on the web: which are one, and when two are the same document.

Case, www, a slash at the end and tracking make no other document. Nothing here asks the network.
"""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Func

#: Parameters that say where a reader came from, not what is read.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|_openstat|igshid|cmpid|ref|ref_src|from|spm|share\w*)$",
    re.IGNORECASE,
)


class BareAddress(Func):
    """An address in lower case without scheme, www, parameters, fragment and slashes at the end, for an index."""

    template = "regexp_replace(regexp_replace(lower(%(expressions)s), '^https?://(www\\.)?', ''), '/*([?#].*)?$', '')"
    output_field: Any = models.TextField()


def bare_address(url: str) -> str:
    """The same of an address somebody typed."""
    return re.sub(r"/*([?#].*)?\Z", "", re.sub(r"\Ahttps?://(www\.)?", "", url.strip().lower()), count=1, flags=re.S)


_is_address = URLValidator(schemes=["http", "https"])


def looks_like_address(typed: str) -> bool:
    """Whether what somebody typed is meant as an address of its own, not as words to be found in one."""
    return re.match(r"https?://|www\.", typed.strip(), re.IGNORECASE) is not None


def address_typed(typed: str) -> str:
    """The address that somebody typed, complete; https where the scheme was left out.

    Raises ``ValidationError`` for anything that no browser could open.
    """
    url = typed.strip()
    if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE):
        url = f"https://{url}"
    _is_address(url)
    if "\x00" in url or urlsplit(url).username is not None:
        raise ValidationError(_is_address.message, code=_is_address.code)
    return url


def place_of(url: str) -> str:
    """Host and path of an address: what a document is called while nothing else is known of it."""
    return re.sub(r"[?#].*\Z", "", re.sub(r"\Ahttps?://(www\.)?", "", url.strip(), flags=re.I), flags=re.S).rstrip("/")


def is_same_document(one: str, other: str) -> bool:
    """Whether two addresses lead to the same document: alike but for what `BareAddress` leaves out and tracking."""
    return bare_address(one) == bare_address(other) and _parameters(one) == _parameters(other)


def _parameters(url: str) -> list[tuple[str, str]]:
    try:
        query = urlsplit(url.strip()).query
    except ValueError:
        return []
    return sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(pair[0]))
