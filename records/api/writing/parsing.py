"""JSON as it is taken in: of a bounded size and depth, each name once, every text one that can be kept."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from records.api.problems import MOST_BYTES, TooLarge

#: A citation in a participation in a record in a list stands seven deep.
DEEPEST = 12


class DocumentParser(JSONParser):
    """Reads a document. What cannot be meant is refused by what it is, never by an error of ours."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        sent = stream.read(MOST_BYTES + 1)
        if len(sent) > MOST_BYTES:
            raise TooLarge
        try:
            document = json.loads(
                sent.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_without_repeats
            )
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("This is not JSON in UTF-8: %(why)s.") % {"why": str(error)[:200]}) from None
        _refuse_depth(document)
        return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(_("%(name)s is no number of JSON") % {"name": name})


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("“%(name)s” is given twice") % {"name": repeated[:80]})
    return found


def _refuse_depth(document: Any) -> None:
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ParseError(_("The JSON is nested too deeply."))
        inner: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _refuse_halves(one)
            elif isinstance(one, dict):
                for name in one:
                    _refuse_halves(name)
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner


def _refuse_halves(text: str) -> None:
    """Half of a pair that makes one character is JSON, but no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError(_("A text has half a character in it, which is no Unicode.")) from None
