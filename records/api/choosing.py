"""What of a record is told: ``fields`` chooses, ``omit`` leaves out, ``expand`` gives linked records in full.

A name may lead into what is nested: ``participations.actor.name``. Unknown names are refused, with those that exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.api.problems import InvalidParameters
from records.api.shapes import Many, One, Shape, shape_of

FIELDS, OMIT, EXPAND = CHOOSING = ("fields", "omit", "expand")
#: More names than these in one parameter, or longer paths, are refused.
MOST_NAMES, MOST_EXPANDED = 100, 10
DEEPEST, DEEPEST_EXPANDED = 6, 3

HELP = {
    FIELDS: gettext_lazy(
        "Only these fields, separated by commas; a point leads into what is nested: `title,participations.actor.name`. "
        "A list may be asked for all fields that a single record has."
    ),
    OMIT: gettext_lazy("All but these fields, separated by commas, named as in `fields`."),
    EXPAND: gettext_lazy(
        "Linked records to tell as their own list does, not in brief, separated by commas: "
        "`place,participations.actor`. At most 10, each at most 3 names deep."
    ),
}


@dataclass
class Node:
    """A record or row of which the fields in ``chosen`` are told; what is nested says itself what is told of it."""

    shape: Shape
    chosen: dict[str, "Node | None"] = field(default_factory=dict)

    @classmethod
    def whole(cls, shape: Shape) -> "Node":
        """All fields of a shape."""
        return cls(shape, {name: _inside(shape, name) for name in shape.fields})

    @classmethod
    def as_in(cls, shape: Shape, smaller: Shape) -> "Node":
        """The fields of ``shape`` that ``smaller`` has too, at each depth."""
        chosen: dict[str, Node | None] = {}
        for name, inner in smaller.fields.items():
            own = shape.fields[name]
            if isinstance(own, One | Many) and isinstance(inner, One | Many):
                chosen[name] = cls.as_in(own.shape, inner.shape)
            else:
                chosen[name] = None
        return cls(shape, chosen)

    def in_order(self) -> list[str]:
        """The names that are told, in the order of the shape."""
        return [name for name in self.shape.fields if name in self.chosen]

    def inside(self, name: str) -> "Node | None":
        """What is nested under a name: as chosen so far, or whole."""
        return self.chosen.get(name) or _inside(self.shape, name)


def _inside(shape: Shape, name: str) -> Node | None:
    nested = shape.fields[name]
    return Node.whole(nested.shape) if isinstance(nested, One | Many) else None


Names = Mapping[str, Any]


def choose(whole: Any, listed: Any, given: Mapping[str, tuple[str, ...]], full: Mapping[Any, Any]) -> Node:
    """What is told of a record when ``given`` are the texts of the parameters.

    ``whole`` is the serializer of the record with all its fields, ``listed`` the one whose fields are told when none
    are chosen; ``full`` gives for a model the serializer that an expanded record is told by. Raises
    `InvalidParameters`.
    """
    names = {name: _split(name, given.get(name, ())) for name in CHOOSING}
    node = Node.as_in(shape_of(whole), shape_of(listed))
    for path in names[EXPAND]:
        _expand(node, path, full)
    if names[FIELDS]:
        node = _only(node, _tree(names[FIELDS]))
    if names[OMIT]:
        _leave_out(node, _tree(names[OMIT]))
    return node


def _split(parameter: str, texts: Iterable[str]) -> list[tuple[str, ...]]:
    names = list(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))
    most = MOST_EXPANDED if parameter == EXPAND else MOST_NAMES
    deepest = DEEPEST_EXPANDED if parameter == EXPAND else DEEPEST
    if len(names) > most:
        _refuse(parameter, _("At most %(most)d names can be given.") % {"most": most})
    paths = [tuple(name.split(".")) for name in names]
    for path in paths:
        if len(path) > deepest:
            _refuse(
                parameter,
                _("“%(name)s” is nested too deeply: at most %(most)d names.")
                % {"name": _short(".".join(path)), "most": deepest},
            )
    return paths


def _tree(paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """The paths as a tree of names; a name that is given alone stands for all that is nested in it."""
    tree: dict[str, Any] = {}
    for path in sorted(paths, key=len):  # what is given whole comes before what is in it
        here = tree
        for name in path[:-1]:
            inner = here.setdefault(name, {})
            if inner is None:
                break
            here = inner
        else:
            here[path[-1]] = None
    return tree


def _expand(node: Node, path: tuple[str, ...], full: Mapping[Any, Any], before: str = "") -> None:
    name, *rest = path
    if name not in node.shape.nested:
        _unknown(EXPAND, name, before, node.shape.nested)
    child = node.inside(name)
    assert child is not None  # noqa: S101 it is one of the nested
    if child.shape.model in full:
        shape = shape_of(full[child.shape.model])
        child = child if child.shape is shape else Node.whole(shape)
    elif not rest:
        _unknown(EXPAND, name, before, [f"{name}.{inner}" for inner in child.shape.nested])
    node.chosen[name] = child
    if rest:
        _expand(child, tuple(rest), full, f"{before}{name}.")


def _only(node: Node, names: Names, before: str = "") -> Node:
    chosen: dict[str, Node | None] = {}
    for name, inner in names.items():
        child = _named(FIELDS, node, name, inner, before)
        chosen[name] = _only(child, inner, f"{before}{name}.") if child is not None and inner else child
    return Node(node.shape, chosen)


def _leave_out(node: Node, names: Names, before: str = "") -> None:
    for name, inner in names.items():
        child = _named(OMIT, node, name, inner, before)
        if not inner:
            node.chosen.pop(name, None)
        elif child is not None and name in node.chosen:
            _leave_out(child, inner, f"{before}{name}.")


def _named(parameter: str, node: Node, name: str, inner: Any, before: str) -> Node | None:
    if name not in node.shape.fields:
        _unknown(parameter, name, before, node.shape.fields)
    child = node.inside(name)
    if inner and child is None:
        _unknown(parameter, next(iter(inner)), f"{before}{name}.", ())
    return child


def _unknown(parameter: str, name: str, before: str, allowed: Iterable[str]) -> None:
    names = [f"{before}{one}" for one in allowed]
    if names:
        message = _("%(parameter)s: there is no “%(name)s” here. Allowed are: %(allowed)s.")
    else:
        message = _("%(parameter)s: “%(name)s” does not exist: nothing is nested there.")
    words = {"parameter": parameter, "name": _short(before + name), "allowed": ", ".join(names)}
    raise InvalidParameters({parameter: [message % words]}, allowed={parameter: names} if names else None)


def _refuse(parameter: str, message: str) -> None:
    raise InvalidParameters({parameter: [f"{parameter}: {message}"]})


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def described() -> list[dict[str, Any]]:
    """The parameters as OpenAPI says them."""
    return [
        {"name": name, "in": "query", "required": False, "description": str(HELP[name]), "schema": {"type": "string"}}
        for name in CHOOSING
    ]
