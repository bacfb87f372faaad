"""What points at a record: found by walking the models, so that none is forgotten. And that nothing points at one gone.

Nothing is kept from pointing at a merged record by the database: who merges locks both records alone, so that whoever
comes to link to one of them waits, at the latest when links are checked; after that, `refuse_merged` sees the merge.
"""

from collections.abc import Collection, Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from pghistory.models import Event

from records.merging.rules import id_column
from records.models import Identified, Record, RegisteredId
from records.services import Refused


class LinkToMerged(Refused):
    """Something would point at a record that was merged into another; ``messages`` names the survivor."""


@cache
def tables() -> tuple[type[models.Model], ...]:
    """Every table but those of the history, each after all that it points at; what points at an id comes last."""
    ours = [
        model
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, Event) and model._meta.managed and not model._meta.proxy
    ]
    with_id = {model for model in ours if issubclass(model, Identified)}
    graph = {}
    for model in ours:
        targets = {target_of(link) for link in pointers_of(model)}
        graph[model] = (targets | with_id if RegisteredId in targets else targets) & set(ours) - {model}
    return tuple(TopologicalSorter(graph).static_order())


@cache
def links_of(model: Any) -> tuple[Any, ...]:
    """The foreign keys of a table."""
    return tuple(field for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one)


@cache
def pointers_of(model: Any) -> tuple[Any, ...]:
    """The foreign keys of a table, and the column that holds the public id of a record."""
    column = id_column(model)
    return (*links_of(model), *([model._meta.get_field(column)] if column else []))


def target_of(link: Any) -> type[models.Model]:
    """The table that a foreign key points at; a column that holds a public id points at the register."""
    if link.related_model is None:
        return RegisteredId
    target: type[models.Model] = link.related_model._meta.concrete_model
    return target


@cache
def columns_of(model: Any) -> tuple[str, ...]:
    """The columns that are written; the database computes the others from them."""
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if not isinstance(field, models.GeneratedField) and not hasattr(field, "derive")
    )


@cache
def unique_keys(model: Any) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """The columns of each unique constraint without a condition, and whether two nulls in it differ."""
    keys = [
        (constraint.fields, constraint.nulls_distinct is not False)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None
    ]
    keys += [(fields, True) for fields in model._meta.unique_together]
    keys += [((field.name,), True) for field in links_of(model) if field.unique and not field.primary_key]
    return tuple((tuple(model._meta.get_field(name).attname for name in key), nulls) for key, nulls in keys)


def is_to_record(link: Any) -> bool:
    """Whether a field is a link to a record that can be merged away, other than the mark of a merge."""
    is_link = link.many_to_one and link.related_model is not None and link.name != "merged_into"
    return is_link and issubclass(link.related_model, Record)


def survivors(model: Any, keys: Collection[Any]) -> dict[Any, Any]:
    """The keys of the records that took over, by the keys of those that were merged; others are left out."""
    found: dict[Any, Any] = {}
    merged = dict(_merged(model, keys).values_list("pk", "merged_into"))
    further = survivors(model, set(merged.values())) if merged else {}
    for key, into in merged.items():
        found[key] = further.get(into, into)
    return found


def refuse_merged(targets: Mapping[Any, Collection[Any]]) -> None:
    """Raise `LinkToMerged` when one of the records that were linked to is merged: keys by model, a query for each.

    Call it when the links are written and checked (``connection.check_constraints()``), in the same transaction.
    """
    said = [
        _("“%(record)s” was merged into “%(survivor)s”. Choose that one.")
        % {"record": record, "survivor": record.merged_into}
        for model, keys in targets.items()
        for record in _merged(model, keys).select_related("merged_into")
    ]
    if said:
        raise LinkToMerged(*said)


def _merged(model: Any, keys: Collection[Any]) -> Any:
    return model._base_manager.filter(pk__in=keys, merged_into__isnull=False) if keys else model._base_manager.none()
