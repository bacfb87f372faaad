"""What tests of merging compare: every row of every table, and whatever still points at a record."""

from typing import Any

from django.db import models

from records.merging.links import columns_of, links_of, target_of
from records.models import Change, RegisteredId
from tests.refusals import models_of_ours

#: What the database stamps on each change, an undo included.
STAMPS = {"version", "version_xid", "updated_at", "updated_by_id"}


def all_rows() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every row of every table of the house, without the stamps of its last change."""
    return {
        model._meta.label: {
            values[model._meta.pk.attname]: {name: values[name] for name in columns_of(model) if name not in STAMPS}
            for values in model._base_manager.order_by("pk").values(*columns_of(model))
        }
        for model in models_of_ours()
        # Both only grow: an undo is one more change.
        if model not in (RegisteredId, Change)
    }


def pointing_at(record: models.Model) -> list[str]:
    """The links that lead to the record."""
    return [
        f"{model._meta.label}.{link.name}"
        for model in models_of_ours()
        for link in links_of(model)
        if target_of(link) is type(record) and model._base_manager.filter(**{link.attname: record.pk}).exists()
    ]
