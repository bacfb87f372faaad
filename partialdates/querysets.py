"""Questions about partial dates, and updates that keep the companion columns in step."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self, cast

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from partialdates.fields import DerivedRangeField, companion_names, partial_date_fields


def possibly_within(start: date | None, end: date | None, field: str = "date") -> Q:
    """The condition behind the queryset method, with a path for ``field`` (``meeting__date``)."""
    window = _window(start, end)
    return Q(pk__in=[]) if window is None else Q(**{f"{field}_outer__overlap": window})


def certainly_within(start: date | None, end: date | None, field: str = "date") -> Q:
    """The condition behind the queryset method, with a path for ``field`` (``meeting__date``)."""
    window = _window(start, end)
    if window is None:
        return Q(pk__in=[])
    return Q(**{f"{field}_outer__contained_by": window}) | Q(**{f"{field}_core__overlap": window})


def _window(start: date | None, end: date | None) -> DateRange | None:
    """Both days included; None when the window ends before it starts."""
    if start is not None and end is not None and start > end:
        return None
    # The last day of the calendar is open in the columns, so it is here.
    return DateRange(start, None if end == date.max else end, "[]")


class PartialDateQuerySet(models.QuerySet):
    """A queryset, or a mixin for one, of a model with ``PartialDateField``s."""

    def possibly_within(self, start: date | None, end: date | None, field: str = "date") -> Self:
        """Those that can have fallen in ``start``..``end`` (both included, None is open). Unknown dates never do."""
        return self.filter(possibly_within(start, end, field))

    def certainly_within(self, start: date | None, end: date | None, field: str = "date") -> Self:
        """Those that fell in ``start``..``end`` (both included, None is open) whatever day turns out to be right."""
        return self.filter(certainly_within(start, end, field))

    def undated(self, field: str = "date") -> Self:
        """Those whose date is not known at all."""
        return self.filter(**{f"{field}_outer__isnull": True})

    def in_time_order(self, field: str = "date") -> Self:
        """By the first day each can mean, then by id; open below first, unknown last."""
        return self.order_by(f"{field}_sort", "id")

    def update(self, **kwargs: Any) -> int:
        """As Django's, with the companions of every partial date. A date must be a value, not an expression."""
        for field in partial_date_fields(self.model):
            if field.name not in kwargs or companion_names(field.name) <= kwargs.keys():
                continue
            value = kwargs[field.name]
            if hasattr(value, "resolve_expression"):
                raise TypeError(f"update({field.name}=...) takes text or a PartialDate, not an expression.")
            for name in companion_names(field.name):
                kwargs[name] = cast(DerivedRangeField, self.model._meta.get_field(name)).derive(value)
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's, with the companions of every partial date among ``fields``."""
        return super().bulk_update(objs, with_companions(self.model, fields), batch_size=batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]


def with_companions(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """``names``, with the companions of every partial date among them."""
    names = list(names)
    for field in partial_date_fields(model):
        if field.name in names:
            names += sorted(companion_names(field.name) - set(names))
    return names
