"""Runs inside schemathesis, where nothing of the site can be imported: gives ids that are well formed a record.

An id made up by chance is refused as unknown before anything is looked up. With one of a real record in its place, of
the kind that the parameter takes, the filters themselves are tried. What is not well formed stays as it is.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis  # type: ignore[import-not-found]

#: By the name of a parameter without its “not_” and “_all”: written by `config.fuzz`.
VALUES: dict[str, list[str]] = json.loads(Path(os.environ["READOUT_FUZZ_VALUES"]).read_text())
WELL_FORMED = re.compile(r"[0-9abcdefghjkmnpqrstvwxyz]{10}|[A-Za-z]{2}")


@schemathesis.hook
def filter_query(_context: Any, query: Any) -> bool:
    """Leave out what an address says as it says nothing: ``{}`` in place of a number is the empty parameter."""
    return not (isinstance(query, dict) and any(value in ({}, []) for value in query.values()))


@schemathesis.hook
def map_query(_context: Any, query: Any) -> Any:
    """The same query with real values where any could stand."""
    return {name: _real(name, values) for name, values in query.items()} if isinstance(query, dict) else query


def _real(name: str, values: Any) -> Any:
    if isinstance(values, list):
        return [_real(name, one) for one in values]
    known = VALUES.get(name.removeprefix("not_").removesuffix("_all").removesuffix("_exact"))
    if not known or not isinstance(values, str) or not WELL_FORMED.fullmatch(values):
        return values
    return known[crc32(values.encode()) % len(known)]
