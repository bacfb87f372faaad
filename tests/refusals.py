"""Cases of rows that must be refused: in the form with a message for the editor, in the database by the constraint."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from pghistory.models import Event

from records.triggers import NoCycle, RequireKind, rules_of


@dataclass(frozen=True)
class Refusal:
    """A row that breaks the constraint ``name``, and all that the form says about it, by field.

    ``build`` returns a new row, or a saved one that was changed and not saved since.
    """

    model: type[models.Model]
    name: str
    build: Callable[[], models.Model]
    says: dict[str, list[str]]

    def __str__(self) -> str:
        return self.name


def form_says(row: models.Model) -> dict[str, list[str]]:
    """What an editor reads: the messages of every check that runs before the database is asked."""
    try:
        row.full_clean()
    except ValidationError as refused:
        return refused.message_dict
    return {}


def database_says(row: models.Model) -> str | None:
    """The name of the constraint that refuses a write which no form has seen."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _write(row)
    return refused.value.__cause__.diag.constraint_name


def _write(row: models.Model) -> None:
    if row._state.adding:
        type(row)._base_manager.bulk_create([row])
    else:
        row.save()


def models_of_ours() -> list[type[models.Model]]:
    """Every table of the house except those of change history."""
    return [
        model
        for config in apps.get_app_configs()
        if Path(config.path).parent == Path(settings.BASE_DIR)
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed
        and not issubclass(model, Event)
        and not inspect.getmodule(model).__name__.startswith("tests.")
    ]


def rule_name(model: type[models.Model], rule: object) -> str:
    """The name by which the database refuses what a trigger rule forbids."""
    suffix = "no_cycle" if isinstance(rule, NoCycle) else "kind" if isinstance(rule, RequireKind) else "same"
    return f"{model._meta.db_table}_{rule.field}_{suffix}"


def rules_and_constraints(model: type[models.Model]) -> set[str]:
    """The names of all rules of a model that are its own to test."""
    return {constraint.name for constraint in model._meta.constraints} | {
        rule_name(model, rule) for rule in rules_of(model)
    }
