"""When two addresses on the web are the same document: case, www, a slash at the end and tracking make no other one."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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


def is_same_document(one: str, other: str) -> bool:
    """Whether two addresses lead to the same document: alike but for what `BareAddress` leaves out and tracking."""
    return bare_address(one) == bare_address(other) and _parameters(one) == _parameters(other)


def _parameters(url: str) -> list[tuple[str, str]]:
    try:
        query = urlsplit(url.strip()).query
    except ValueError:
        return []
    return sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(pair[0]))
