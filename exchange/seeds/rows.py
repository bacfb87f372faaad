"""From entries to rows: every value understood by the field it is for, every mistake collected, nothing looked up.

Fields say themselves which values they take; the messages here add what a file needs to hear: the allowed words, the
nearest known name, the quotation marks that YAML wants around ``no`` and ``2023``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from exchange.seeds.entries import Entry, is_null, pairs, spot_of
from exchange.seeds.problems import Problem, Spot, did_you_mean
from exchange.seeds.shapes import KIND_OF_MODEL, SHAPES, Part, Shape
from partialdates.fields import PartialDateField

_BOOLEAN = "tag:yaml.org,2002:bool"
_NUMBERS = {"tag:yaml.org,2002:int": "a number", "tag:yaml.org,2002:float": "a number", _BOOLEAN: "yes or no"}


@dataclass(frozen=True)
class Reference:
    """A link to another entry."""

    kind: str
    key: str


@dataclass(frozen=True)
class PartRow:
    """A row that belongs to an entry; ``values`` by field, links among them as `Reference`."""

    part: Part
    spot: Spot
    values: Mapping[str, Any]
    parts: Mapping[str, tuple["PartRow", ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryRow:
    """An entry that was understood."""

    entry: Entry
    values: Mapping[str, Any]
    parts: Mapping[str, tuple[PartRow, ...]]

    @property
    def kind(self) -> str:
        return self.entry.kind

    @property
    def key(self) -> str:
        return self.entry.key

    def links(self) -> Iterator[Reference]:
        """What its own fields refer to; those of its parts follow later."""
        return (value for value in self.values.values() if isinstance(value, Reference))


class RowReader:
    """Reads entries one by one; ``problems`` grows. ``known`` are the keys of all entries, by kind."""

    def __init__(self, known: Mapping[str, set[str]]) -> None:
        self.known = known
        self.problems: list[Problem] = []

    def read(self, entry: Entry) -> EntryRow | None:
        """The row, or ``None`` when something in the entry is wrong."""
        before = len(self.problems)
        reading = _Reading(self, entry)
        shape = SHAPES[entry.kind]
        fields = pairs(entry.node, entry.spot.file, entry.label, self.problems)
        fields.pop("id", None)
        reading.refuse_unknown(fields, (*shape.fields, *shape.parts, *shape.nested), also="id")
        nodes = {name: value for name, (_key, value) in fields.items()}
        taken = reading.taken_from_outer(shape, nodes)
        values = reading.values(shape.model, shape.fields, nodes, entry.spot, given=taken)
        parts = reading.parts(shape.parts, nodes, actor=entry.key if entry.kind == "actor" else None)
        return EntryRow(entry, values, parts) if len(self.problems) == before else None


class _Reading:
    """What is needed while one entry is read: where it stands and how to say what is wrong with it."""

    def __init__(self, reader: RowReader, entry: Entry) -> None:
        self.reader = reader
        self.entry = entry
        self.file = entry.spot.file

    def refuse(self, where: yaml.Node | Spot, message: str) -> None:
        spot = where if isinstance(where, Spot) else spot_of(where, self.file)
        self.reader.problems.append(Problem(spot, self.entry.label, message))

    def refuse_unknown(self, fields: Mapping[str, Any], known: Iterable[str], also: str = "") -> None:
        names = [*filter(None, [also]), *known]
        for name, (key, _value) in fields.items():
            if name not in names:
                expected = f"expected one of {', '.join(names)}.{did_you_mean(name, names)}"
                self.refuse(key, f'key "{name}" is not known; {expected}')

    def taken_from_outer(self, shape: Shape, nodes: dict[str, yaml.Node]) -> dict[str, Any]:
        """Fields the entry takes from the one it is written in; nodes of shared fields join its own."""
        taken: dict[str, Any] = {}
        for name, value in self.entry.inherited.items():
            if isinstance(value, yaml.Node):
                nodes.setdefault(name, value)
            elif name in nodes and name != "position":
                self.refuse(nodes.pop(name), f'"{name}" follows from where the entry stands; leave it out')
            elif name not in nodes:
                link = _field(shape.model, name)
                kind = KIND_OF_MODEL.get(link.related_model) if link.is_relation else None
                taken[name] = Reference(kind, value) if kind else value
        return taken

    def values(
        self,
        model: Any,
        names: tuple[str, ...],
        nodes: Mapping[str, yaml.Node],
        spot: Spot,
        *,
        given: Mapping[str, Any] | None = None,
        actor: str | None = None,
    ) -> dict[str, Any]:
        values: dict[str, Any] = dict(given or {})
        for name in names:
            if name in values:
                continue
            node = nodes.get(name)
            if node is None or is_null(node):
                if _must_be_given(model, name):
                    self.refuse(node if node is not None else spot, f"{name} is missing; {_expectation(model, name)}")
                else:
                    values[name] = _default(_field(model, name))
                continue
            values[name] = self.value(_field(model, name), node, actor=actor)
        return values

    def value(self, target: Any, node: yaml.Node, *, actor: str | None = None) -> Any:
        if isinstance(target, ArrayField):
            return self.texts(target, node)
        if not isinstance(node, yaml.ScalarNode):
            return self.refuse(node, f"{target.name} is a single value; {_expectation(target.model, target.name)}")
        if target.is_relation:
            return self.reference(target, node, actor)
        if target.choices:
            return self.choice(target, node)
        if isinstance(target, models.BooleanField):
            if node.tag != _BOOLEAN:
                return self.refuse(node, f'{target.name} "{node.value}" is neither true nor false')
            return node.value.lower() in {"true", "yes", "on"}
        if isinstance(target, models.CharField | models.TextField) and not isinstance(target, PartialDateField):
            return self.text(target, node)
        return self.cleaned(target, node)

    def reference(self, target: Any, node: yaml.ScalarNode, actor: str | None) -> Any:
        kind, key = KIND_OF_MODEL[target.related_model], node.value
        if kind == "tenure" and actor is not None and "/" not in key:
            key = f"{actor}/{key}"
        known = self.reader.known.get(kind, set())
        if key not in known:
            return self.refuse(node, f'{target.name} "{key}" is not the id of any {kind}.{did_you_mean(key, known)}')
        return Reference(kind, key)

    def choice(self, target: Any, node: yaml.ScalarNode) -> Any:
        allowed = {str(value): value for value, _label in target.flatchoices if value != ""}
        if node.value not in allowed:
            expected = f"expected one of {', '.join(allowed)}.{did_you_mean(node.value, allowed)}"
            return self.refuse(node, f'{target.name} "{node.value}" is not known; {expected}')
        return allowed[node.value]

    def text(self, target: Any, node: yaml.ScalarNode) -> Any:
        if node.tag in _NUMBERS:
            return self.refuse(
                node, f"{target.name} {node.value} reads as {_NUMBERS[node.tag]}; put text in quotation marks"
            )
        return self.cleaned(target, node)

    def texts(self, target: Any, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.SequenceNode) or not all(isinstance(item, yaml.ScalarNode) for item in node.value):
            return self.refuse(node, f"{target.name} is a list of texts")
        return [self.text(target.base_field, item) for item in node.value]

    def cleaned(self, target: Any, node: yaml.ScalarNode) -> Any:
        name = target.name or "text"
        try:
            return target.clean(node.value, None)
        except ValidationError as refusal:
            return self.refuse(node, f'{name} "{_shortened(node.value)}": {" ".join(refusal.messages)}')

    def parts(
        self, shapes: Mapping[str, Part], nodes: Mapping[str, yaml.Node], *, actor: str | None = None
    ) -> dict[str, tuple[PartRow, ...]]:
        return {
            name: tuple(self._part_rows(name, part, nodes[name], actor)) if not is_null(nodes.get(name)) else ()
            for name, part in shapes.items()
        }

    def _part_rows(self, name: str, part: Part, node: yaml.Node, actor: str | None) -> Iterator[PartRow]:
        if part.pair and isinstance(node, yaml.MappingNode):
            for key, value in pairs(node, self.file, self.entry.label, self.reader.problems).values():
                yield self._part_row(part, {part.pair[0]: key, part.pair[1]: value}, spot_of(key, self.file), actor)
            return
        if part.pair or not isinstance(node, yaml.SequenceNode):
            form = f"a mapping of {part.pair[0]} to {part.pair[1]}" if part.pair else "a list"
            self.refuse(node, f"{name} is {form}")
            return
        seen: dict[Any, int] = {}
        for number, item in enumerate(node.value, start=1):
            row = self._part_item(name, part, item, actor, number)
            if row is not None:
                identity = tuple(row.values.get(key) for key in part.identity)
                first = seen.setdefault(identity, row.spot.line)
                if first != row.spot.line:
                    self.refuse(row.spot, f"{name} has this already in line {first}: {_words(identity)}")
                yield row

    def _part_item(self, name: str, part: Part, item: yaml.Node, actor: str | None, number: int) -> PartRow | None:
        spot = spot_of(item, self.file)
        if isinstance(item, yaml.ScalarNode) and part.bare and not is_null(item):
            nodes: dict[str, yaml.Node] = {part.bare: item}
        elif isinstance(item, yaml.MappingNode):
            fields = pairs(item, self.file, self.entry.label, self.reader.problems)
            self.refuse_unknown(fields, (*part.fields, *part.parts))
            nodes = {key: value for key, (_key, value) in fields.items()}
        else:
            self.refuse(spot, f"{name}: a mapping with some of {', '.join(part.fields)} is expected here")
            return None
        return self._part_row(part, nodes, spot, actor, position=number if part.ordered else None)

    def _part_row(
        self, part: Part, nodes: Mapping[str, yaml.Node], spot: Spot, actor: str | None, position: int | None = None
    ) -> PartRow:
        given = nodes.get("actor")
        who = given.value if isinstance(given, yaml.ScalarNode) else actor
        values = self.values(part.model, part.fields, nodes, spot, actor=who)
        if position is not None:
            values["position"] = position
        return PartRow(part, spot, values, self.parts(part.parts, nodes, actor=who))


@cache
def _field(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


@cache
def _must_be_given(model: Any, name: str) -> bool:
    target = _field(model, name)
    if target.is_relation:
        return not target.null
    return not (target.blank or target.null or target.has_default())


def _default(target: Any) -> Any:
    return target.to_python(target.get_default()) if isinstance(target, PartialDateField) else target.get_default()


def _expectation(model: Any, name: str) -> str:
    target = _field(model, name)
    if target.is_relation:
        return f"the id of a {KIND_OF_MODEL[target.related_model]} is expected"
    if target.choices:
        return f"expected one of {', '.join(str(value) for value, _label in target.flatchoices if value != '')}"
    return "a date is expected" if isinstance(target, PartialDateField) else "a text or number is expected"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _words(identity: tuple[Any, ...]) -> str:
    return ", ".join(
        value.key if isinstance(value, Reference) else _shortened(str(value)) for value in identity if value
    )
