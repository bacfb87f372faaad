"""What a model with partial dates inherits and declares."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partialdates.querysets import with_companions


class PartialDateModel(models.Model):
    """An abstract base without columns: ``save(update_fields=["date"])`` writes the companions of ``date`` too."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            update_fields = with_companions(type(self), update_fields)
        super().save(*args, update_fields=update_fields, **kwargs)


def partial_date_constraints(name: str, prefix: str) -> list[models.CheckConstraint]:
    """The rules of the partial date ``name``, for ``Meta.constraints``; their names start with ``prefix``."""
    outer, core = f"{name}_outer", f"{name}_core"
    return [
        models.CheckConstraint(
            name=f"{prefix}_{name}_outer_follows_text",
            condition=(Q(**{name: ""}) & Q(**{f"{outer}__isnull": True}))
            | (~Q(**{name: ""}) & Q(**{f"{outer}__isnull": False})),
            violation_error_message=_("A date and the days it covers must be stored together, or neither."),
        ),
        models.CheckConstraint(
            name=f"{prefix}_{name}_core_within_outer",
            condition=Q(**{f"{core}__isnull": True})
            # A comparison with null is neither true nor false, and a check lets it pass.
            | (Q(**{f"{outer}__isnull": False}) & Q(**{f"{outer}__contains": F(core)})),
            violation_error_message=_("The certain days of a date must lie within its possible days."),
        ),
        models.CheckConstraint(
            name=f"{prefix}_{name}_has_days",
            condition=(Q(**{f"{outer}__isnull": True}) | Q(**{f"{outer}__isempty": False}))
            & (Q(**{f"{core}__isnull": True}) | Q(**{f"{core}__isempty": False})),
            violation_error_message=_("The days of a date must not be an empty range."),
        ),
    ]


def partial_date_indexes(name: str, prefix: str) -> list[models.Index]:
    """GiST for windows on ``outer`` and ``core``, a btree for pages in time order; for ``Meta.indexes``.

    Index names may have 30 characters: keep ``prefix`` and ``name`` below 24 together.
    """
    return [
        GistIndex(fields=[f"{name}_outer"], name=f"{prefix}_{name}_outer"),
        GistIndex(fields=[f"{name}_core"], name=f"{prefix}_{name}_core"),
        models.Index(fields=[f"{name}_sort", "id"], name=f"{prefix}_{name}_sort"),
    ]
