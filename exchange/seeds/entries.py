"""From files to entries: where each stands, its id, and a checksum that says whether it changed since it was applied.

Nothing is understood here beyond headings and ids, so that a start at which no file has changed stays quick.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from exchange.seeds.problems import Problem, Spot, did_you_mean
from exchange.seeds.shapes import HEADINGS, SHAPES, Nested

# Raised when the same text in a file comes to mean something else, so that every entry is applied anew.
FORMAT = 1

# libyaml reads the files ten times quicker; some builds of PyYAML come without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Entry:
    """A record, office or tenure as a file has it, not yet understood.

    ``inherited`` has what it takes from the entry it is written in: its link to it, its place in the order, and
    fields that both share.
    """

    kind: str
    key: str
    spot: Spot
    node: yaml.MappingNode
    inherited: dict[str, Any]
    checksum: str

    @property
    def label(self) -> str:
        return f'{self.kind} "{self.key}"'


def read_entries(path: Path) -> tuple[list[Entry], list[Problem]]:
    """All entries below ``path`` (a directory, or one file), and what keeps any from being found."""
    problems: list[Problem] = []
    if not path.exists():
        return [], [Problem(Spot(str(path), 1), "", "there is no such file or directory")]
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    if not files:
        problems.append(Problem(Spot(str(path), 1), "", "there is no .yaml file in this directory"))
    entries = [entry for file in files for entry in _entries_of(file, _shown(file, path), problems)]
    return _without_doubles(entries, problems), problems


def pairs(node: yaml.MappingNode, file: str, entry: str, problems: list[Problem]) -> dict[str, tuple[Any, yaml.Node]]:
    """The keys of a mapping with their nodes; a key that stands twice is a problem, as YAML would drop the first."""
    found: dict[str, tuple[Any, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(spot_of(key, file), entry, "a key is expected here, not a list or a mapping"))
        elif key.value in found:
            problems.append(Problem(spot_of(key, file), entry, f'"{key.value}" stands here twice'))
        else:
            found[key.value] = key, value
    return found


def spot_of(node: yaml.Node, file: str) -> Spot:
    return Spot(file, node.start_mark.line + 1)


def is_null(node: yaml.Node | None) -> bool:
    return node is None or node.tag == "tag:yaml.org,2002:null"


def _shown(file: Path, root: Path) -> str:
    return str(Path(root.name) / file.relative_to(root)) if root.is_dir() else file.name


def _entries_of(file: Path, shown: str, problems: list[Problem]) -> Iterator[Entry]:
    try:
        document = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as refusal:
        mark = refusal.problem_mark or refusal.context_mark
        what = ", ".join(filter(None, (refusal.context, refusal.problem)))
        problems.append(Problem(Spot(shown, mark.line + 1 if mark else 1), "", f"not YAML: {what}"))
        return
    except (yaml.YAMLError, UnicodeDecodeError) as refusal:
        problems.append(Problem(Spot(shown, 1), "", f"not YAML in UTF-8: {' '.join(str(refusal).split())}"))
        return
    if document is None:
        return
    if not isinstance(document, yaml.MappingNode):
        problems.append(
            Problem(Spot(shown, 1), "", f"headings are expected here, with lists below: {', '.join(HEADINGS)}")
        )
        return
    for heading, (key, entries) in pairs(document, shown, "", problems).items():
        if heading not in HEADINGS:
            known = f"expected one of {', '.join(HEADINGS)}.{did_you_mean(heading, HEADINGS)}"
            problems.append(Problem(spot_of(key, shown), "", f'heading "{heading}" is not known; {known}'))
        else:
            yield from _entries_below(HEADINGS[heading], entries, shown, problems)


def _entries_below(
    kind: str, nodes: yaml.Node, file: str, problems: list[Problem], *, outer: Entry | None = None, nested: Any = None
) -> Iterator[Entry]:
    if is_null(nodes):
        return
    where = outer.label if outer else ""
    if not isinstance(nodes, yaml.SequenceNode):
        problems.append(Problem(spot_of(nodes, file), where, f"a list of {SHAPES[kind].plural} is expected here"))
        return
    for number, node in enumerate(nodes.value, start=1):
        spot = spot_of(node, file)
        if not isinstance(node, yaml.MappingNode):
            problems.append(Problem(spot, where, f"a {kind} is expected here, as a mapping with an id"))
            continue
        # Keys that stand twice are reported once, when the entry is read.
        fields = pairs(node, file, where, [])
        identifier = fields.get("id", (None, None))[1]
        if not isinstance(identifier, yaml.ScalarNode) or is_null(identifier) or not identifier.value:
            problems.append(Problem(spot, where, f"the {kind} has no id; an id is expected that never changes"))
            continue
        key = f"{outer.key}/{identifier.value}" if outer else identifier.value
        entry = _entry(kind, key, spot, node, _inherited(outer, nested, number) if outer else {})
        yield entry
        for name, below in SHAPES[kind].nested.items():
            if name in fields:
                yield from _entries_below(below.kind, fields[name][1], file, problems, outer=entry, nested=below)


def _inherited(outer: Entry, nested: Nested, number: int) -> dict[str, Any]:
    shared = {key.value: value for key, value in outer.node.value if key.value in nested.inherited}
    position = {"position": number} if "position" in SHAPES[nested.kind].fields else {}
    return {nested.link: outer.key} | position | shared


def _entry(kind: str, key: str, spot: Spot, node: yaml.MappingNode, inherited: dict[str, Any]) -> Entry:
    own = [(name, value) for name, value in node.value if str(name.value) not in SHAPES[kind].nested]
    content = [FORMAT, kind, key, sorted((name, _plain(value)) for name, value in inherited.items())]
    content.append(sorted(([_plain(name), _plain(value)] for name, value in own), key=str))
    checksum = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return Entry(kind, key, spot, node, inherited, checksum)


def _plain(node: Any) -> Any:
    """What a node says, without marks, comments and the order of keys."""
    if isinstance(node, yaml.ScalarNode):
        return [node.tag, node.value]
    if isinstance(node, yaml.MappingNode):
        return sorted(([_plain(key), _plain(value)] for key, value in node.value), key=str)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node


def _without_doubles(entries: list[Entry], problems: list[Problem]) -> list[Entry]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.kind, entry.key), entry)
        if other is not entry:
            problems.append(Problem(entry.spot, entry.label, f"this id is already taken at {other.spot}"))
    return list(first.values())
