"""What merging has to know of each kind of record, and of the rows that may say the same thing twice.

The rules stand in the ``merging.py`` of the app of the model; that module is found by its name. What no rule speaks of
is moved as it is.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

#: Relations that do not move although they lead to the merged record: (model, name of the link).
_staying: set[tuple[type[models.Model], str]] = set()
#: Columns that hold the public id of a record and are no link, by table.
_ids: dict[type[models.Model], str] = {}
_kinds: dict[type[models.Model], "MergedKind"] = {}
_rows: dict[type[models.Model], "RowRules"] = {}


@dataclass(frozen=True)
class Alias:
    """The row that keeps a name which is not the name on the site any more."""

    model: Any
    owner: str
    values: dict[str, Any] = field(default_factory=dict)
    text: str = "text"


@dataclass(frozen=True)
class MergedKind:
    """How two records of one kind become one.

    ``name`` is the field that becomes a row of ``alias`` where it is given up. ``units`` are fields that are chosen
    together, the leading one first: coordinates, a text with its language and licence. ``remembered`` says in which
    text field a value that was given up is written down. ``must_agree`` are fields in which two records of one thing
    cannot differ, with what is said when they do.
    """

    name: str = ""
    alias: Alias | None = None
    units: tuple[tuple[str, ...], ...] = ()
    remembered: dict[str, str] = field(default_factory=dict)
    must_agree: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RowRules:
    """How two rows that say the same become one, the survivor's; all of it optional.

    Rows say the same when a unique constraint allows only one of them, or when ``also_same`` gives both one key (not
    ``None``) and ``clashes`` does not deny it. ``refuse`` yields why an editor has to settle the two first.

    Of two values the survivor's stays, an empty one is filled, as is one that equals ``weak``; texts, and the fields
    ``joined``, keep both. What is given up is listed, and written into the text field ``remembers``. ``united`` decides
    on fields where all that does not do. ``adjust`` is called with all rows that stay with the survivor; it settles
    what they say together, and yields the conflicts it settled. ``apart`` are pairs of links that must not lead to one
    record: the second is emptied, or, with a message, the merge is refused.
    """

    also_same: Callable[[Any], Hashable | None] | None = None
    clashes: Callable[[Any, Any], bool] | None = None
    refuse: Callable[[Any, Any], Iterator[str]] | None = None
    weak: dict[str, Any] = field(default_factory=dict)
    joined: tuple[str, ...] = ()
    remembers: str = ""
    united: dict[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    adjust: Callable[[list[Any]], Iterator[Any]] | None = None
    apart: tuple[tuple[str, str, Any], ...] = ()


def merges(model: type[models.Model], **rules: Any) -> None:
    """Let records of ``model`` be merged, by the rules of `MergedKind`."""
    _kinds[model] = MergedKind(**rules)


def combines(model: type[models.Model], **rules: Any) -> None:
    """Say how rows of ``model`` that say the same are combined, by `RowRules`."""
    _rows[model] = RowRules(**rules)


def stays(model: type[models.Model], link: str) -> None:
    """Let the rows of ``model`` stay with the merged record: they speak of its past."""
    _staying.add((model, link))


def speaks_of(model: type[models.Model], column: str) -> None:
    """Let the rows of ``model`` go with the record whose public id stands in ``column``, which is no link."""
    _ids[model] = column


def id_column(model: type[models.Model]) -> str:
    """The column with the public id of the record that a row speaks of; "" when there is none."""
    return _ids.get(model, "")


def is_mergeable(model: type[models.Model]) -> bool:
    """Whether records of the model can be merged."""
    return model in _kinds


def mergeable_models() -> list[type[models.Model]]:
    """All kinds of records that can be merged."""
    return list(_kinds)


def kind_of(model: type[models.Model]) -> MergedKind:
    """The rules of a kind of record."""
    return _kinds[model]


def row_rules(model: type[models.Model]) -> RowRules | None:
    """How rows of the model are combined; ``None`` when no rule was given."""
    return _rows.get(model)


def does_stay(model: type[models.Model], link: str) -> bool:
    """Whether rows of the model stay with the merged record."""
    return (model, link) in _staying
