"""Two models that belong to no app, so that the package is tested alone."""

from django.apps.registry import Apps
from django.db import models

from partialdates.fields import PartialDateField
from partialdates.models import PartialDateModel, partial_date_constraints, partial_date_indexes
from partialdates.querysets import PartialDateQuerySet

registry = Apps()


class Dated(PartialDateModel):
    date = PartialDateField()

    objects = PartialDateQuerySet.as_manager()

    class Meta:
        abstract = True


class Talks(Dated):
    title = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "partialdates"
        apps = registry
        constraints = partial_date_constraints("date", "talks")
        indexes = partial_date_indexes("date", "talks")


class Office(PartialDateModel):
    held = PartialDateField("held", blank=False)
    confirmed = PartialDateField()

    objects = PartialDateQuerySet.as_manager()

    class Meta:
        app_label = "partialdates"
        apps = registry
