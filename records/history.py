"""Change history: row-level triggers write every insert, update and delete of a table to an event table beside it.

Rows written in bulk, through relation tables or by raw SQL are kept like any other. `records.context` says who and why.
"""

from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.apps import apps
from django.db import models

from records.triggers import NoteChange, NoteListed, RaiseOwnerVersion

ModelClass = TypeVar("ModelClass", bound=type[models.Model])


def tracked(model: ModelClass) -> ModelClass:
    """Keep the history of a model, and let its rows raise the version of the records named in its ``owners``.

    The records at the links in ``listed_at`` are noted as changed when a row begins or ceases to point to them.

    Columns that the database computes are left out: they follow from the others.
    """
    computed = [field.name for field in model._meta.local_fields if isinstance(field, models.GeneratedField)]
    for path in getattr(model, "owners", ()):
        pgtrigger.register(RaiseOwnerVersion(path=path))(model)
    if (shown := getattr(model, "shown_elsewhere", None)) is not None:
        pgtrigger.register(NoteChange(shown=shown))(model)
    for link in getattr(model, "listed_at", ()):
        pgtrigger.register(NoteListed(link=link))(model)
    pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=computed, level=pgtrigger.Row
    )(model)
    return model


def event_model(model: type[models.Model]) -> Any:
    """The model of a tracked model's events. Raises ``LookupError`` when the model is not tracked."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")
