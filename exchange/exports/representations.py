"""Records as the API shows them in a list, one after another: JSON and JSON Lines."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from records.api.plans import Plan

#: So many records are read together, with a constant number of queries.
BATCH = 500


def records(found: Any, serializer: Any, *, site: str) -> Iterator[str]:
    """Each of the records as JSON text."""
    return (as_json(one) for one in Plan.of(serializer).each(found, site, batch=BATCH))


def as_json(value: Any) -> str:
    """The value on one line, in its own letters."""
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))


def lines(found: Iterable[str]) -> Iterator[str]:
    """JSON Lines: a record a line."""
    return (f"{one}\n" for one in found)


def document(about: dict[str, Any], found: Iterable[str]) -> Iterator[str]:
    """One JSON document: what the file is, then the records."""
    yield f'{{"about":{as_json(about)},"results":['
    for place, one in enumerate(found):
        yield f"{',' if place else ''}\n{one}"
    yield "\n]}\n"


def array(found: Iterable[str]) -> Iterator[str]:
    """A JSON array of the records."""
    yield "["
    for place, one in enumerate(found):
        yield f"{',' if place else ''}\n{one}"
    yield "\n]\n"
