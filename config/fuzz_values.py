"""Runs inside schemathesis, where nothing of the site can be imported: gives ids that are well formed a record.

An id made up by chance is refused as unknown before anything is looked up. With one of a real record in its place, of
the kind that the parameter takes, the filters themselves are tried. What is not well formed stays as it is.

A change must name the version that it changes, which no chance finds: most changes are given a real record and the
version that it has at that moment, so that the change itself is tried. The others try what is said without.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zlib import crc32

import schemathesis  # type: ignore[import-not-found]

#: By the name of a parameter without its “not_” and “_all”: written by `config.fuzz`.
VALUES: dict[str, list[str]] = json.loads(Path(os.environ["READOUT_FUZZ_VALUES"]).read_text())
ADDRESS = os.environ["READOUT_FUZZ_ADDRESS"]
TOKEN = os.environ.get("READOUT_FUZZ_TOKEN", "")
#: The address of something that is done with one record, and the plural of its kind.
OF_ONE_RECORD = re.compile(r"/desk/([a-z]+)/\{uid\}/")
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


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Name a real record and its version in most changes that are meant to be right."""
    if not case.meta.generation.mode.is_positive:
        if "partial" in (case.query or {}):
            # Of many records the wrong ones are refused within a report, which is no refusal of the request.
            case.query["partial"] = "false"
        return
    place = OF_ONE_RECORD.search(case.operation.path)
    chance = crc32(repr(case.path_parameters).encode())
    if not TOKEN or place is None or case.method.upper() == "GET" or chance % 4 == 0:
        return
    plural = place[1]
    known = VALUES.get(plural if plural == "series" else plural.removesuffix("s"), [])
    if not known:
        return
    uid = known[chance % len(known)]
    signed = {"Authorization": f"Bearer {TOKEN}"}
    asked = Request(f"{ADDRESS}/desk/{plural}/{uid}/", headers=signed)  # noqa: S310 (an address of our own)
    try:
        with urlopen(asked, timeout=60) as answer:  # noqa: S310 (as above)
            version = json.load(answer)["version"]
    except HTTPError:
        return  # this role sees no records at the desk, or this record is not there any more
    case.path_parameters["uid"] = uid
    case.headers["If-Match"] = f'"{version}"'
