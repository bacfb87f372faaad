"""What points at a record: found by walking the models, so that none is forgotten."""

from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models
from pghistory.models import Event

from records.models import Identified, RegisteredId


@cache
def tables() -> tuple[type[models.Model], ...]:
    """Every table but those of the history, each after all that it points at."""
    ours = [
        model
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, Event) and model._meta.managed and not model._meta.proxy
    ]
    graph = {model: {target_of(link) for link in links_of(model)} & set(ours) - {model} for model in ours}
    return tuple(TopologicalSorter(graph).static_order())


@cache
def links_of(model: Any) -> tuple[Any, ...]:
    """The foreign keys of a table."""
    return tuple(field for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one)


def target_of(link: Any) -> type[models.Model]:
    """The table that a foreign key points at."""
    target: type[models.Model] = link.related_model._meta.concrete_model
    return target


def links_to(model: type[models.Model]) -> Iterator[tuple[type[models.Model], Any]]:
    """Each table with a foreign key that leads to ``model``, or to the public id of one of its records."""
    targets = {model, RegisteredId} if issubclass(model, Identified) else {model}
    for table in tables():
        for link in links_of(table):
            if target_of(link) in targets:
                yield table, link


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
