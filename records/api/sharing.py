"""What many operations of the schema have alike is written once, among its components, and referred to.

The operations are made one by one, each with all that it says. Here, at the end, equal parameters, headers and answers
of several become components: a third of the size, and a program that makes a client of it makes one type of each.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain, count
from typing import Any

from records.api.problems import CONTENT_TYPE

#: What an example of a problem was asked: the answers of all addresses have the same example.
EXAMPLE_OF = "/api/v1/meetings/0123456789/"

#: A place in the schema: the object or list that holds a value, its key in that, its name, and the path it belongs to.
_Place = tuple[Any, Any, str, str]


def share(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Write what is equal in several operations once. The last of all hooks: it finds nothing behind references."""
    operations = [(path, one) for path, item in result["paths"].items() for one in item.values()]
    for _path, operation in operations:
        for answer in operation["responses"].values():
            example = answer.get("content", {}).get(CONTENT_TYPE, {}).get("example")
            if example:
                example["instance"] = EXAMPLE_OF
    _share(result, "parameters", _parameters(operations))
    _share(result, "headers", _headers(operations))
    _share(result, "responses", _responses(operations))
    return result


def only(result: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """The schema with these of its paths, and the components that they need."""
    needed: dict[str, set[str]] = defaultdict(set)
    left: list[Any] = [paths]
    while left:
        for kind, name in _references(left.pop()):
            if name not in needed[kind]:
                needed[kind].add(name)
                left.append(result["components"][kind][name])
    components = {
        kind: {name: one for name, one in known.items() if name in needed[kind] or kind == "securitySchemes"}
        for kind, known in result["components"].items()
    }
    return {**result, "paths": paths, "components": {kind: known for kind, known in components.items() if known}}


def _share(result: dict[str, Any], kind: str, places: Iterator[_Place]) -> None:
    """Put a reference wherever a value stands that stands elsewhere, too.

    It has its own name where no other value is so called, and else begins with the list where it is met first.
    """
    alike: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    for place in places:
        holder, key, name, _path = place
        alike[name, json.dumps(holder[key], sort_keys=True, default=str)].append(place)
    shared = {one: some for one, some in alike.items() if len(some) > 1}
    variants = Counter(name for name, _text in shared)
    known: dict[str, Any] = result["components"].setdefault(kind, {})
    for (name, _text), some in shared.items():
        holder, key, _name, path = some[0]
        told = _free(name if variants[name] == 1 else f"{_list_of(path)}.{name}", known)
        known[told] = holder[key]
        for holder, key, _name, _path in some:
            holder[key] = {"$ref": f"#/components/{kind}/{told}"}


def _list_of(path: str) -> str:
    """``meetings`` for all below ``/api/v1/meetings/``."""
    return path.removeprefix("/api/v1/").partition("/")[0] or "root"


def _free(name: str, known: dict[str, Any]) -> str:
    return next(one for one in chain([name], (f"{name}.{n}" for n in count(2))) if one not in known)


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            kind, name = reference.removeprefix("#/components/").split("/", 1)
            yield kind, name
        for one in value.values():
            yield from _references(one)


def _parameters(operations: list[tuple[str, Any]]) -> Iterator[_Place]:
    for path, operation in operations:
        for place in range(len(operation.get("parameters", []))):
            yield operation["parameters"], place, str(operation["parameters"][place]["name"]), path


def _headers(operations: list[tuple[str, Any]]) -> Iterator[_Place]:
    for path, operation in operations:
        for answer in operation["responses"].values():
            for name in answer.get("headers", {}):
                yield answer["headers"], name, name, path


def _responses(operations: list[tuple[str, Any]]) -> Iterator[_Place]:
    for path, operation in operations:
        for status in operation["responses"]:
            if int(status) >= HTTPStatus.MULTIPLE_CHOICES:  # what succeeds is a document of its own, by its schema
                yield operation["responses"], status, _camel(HTTPStatus(int(status)).phrase), path


def _camel(words: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", words))
