"""Examples of the schema: a meeting of the starter set and a statement made in it, as the API tells them.

The files are what it answered; a test holds them against the schema.
"""

import json
from pathlib import Path
from typing import Any

from drf_spectacular.utils import OpenApiExample

from events.api.serializers import MeetingSerializer, ParticipationSerializer, StatementSerializer

_DIRECTORY = Path(__file__).parent / "examples"
_NAME = "Strategic security consultation, 12 November 2024"


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((_DIRECTORY / f"{name}.json").read_text(encoding="utf-8")))


def _only(record: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: record[name] for name in names}


def _listed_meeting(whole: dict[str, Any]) -> dict[str, Any]:
    listed = _only(whole, MeetingSerializer.Meta.fields)
    participations = [_only(one, ParticipationSerializer.Meta.fields) for one in whole["participations"]]
    return {**listed, "participations": participations}


_meeting, _statement = _read("meeting"), _read("statement")

MEETING = OpenApiExample(_NAME, value=_listed_meeting(_meeting), response_only=True)
MEETING_DETAIL = OpenApiExample(_NAME, value=_meeting, response_only=True)
STATEMENT = OpenApiExample(_NAME, value=_only(_statement, StatementSerializer.Meta.fields), response_only=True)
STATEMENT_DETAIL = OpenApiExample(_NAME, value=_statement, response_only=True)
