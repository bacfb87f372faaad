"""The model field: one text column, and three companion columns the database can search and sort by.

For a field ``date`` the model also gets

* ``date_outer`` and ``date_core``: date ranges that always follow the text, because reading them on an instance
  derives them from it; whatever is assigned to them is ignored;
* ``date_sort``: computed and stored by the database from ``date_outer``. Open below sorts first, unknown last.

``save()``, ``create()`` and ``bulk_create()`` write all of them. ``update()``, ``bulk_update()`` and
``save(update_fields=...)`` do on models that use ``PartialDateQuerySet`` and ``PartialDateModel``.
"""

from contextlib import suppress
from datetime import date
from typing import Any, Literal

from django import forms
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.signals import class_prepared, pre_save
from django.utils.translation import gettext_lazy as _

from partialdates.errors import InvalidPartialDate
from partialdates.forms import HELP_TEXT, PartialDateFormField, PartialDateInput
from partialdates.parsing import MAX_LENGTH
from partialdates.values import PartialDate

UNKNOWN_SORTS_AS = date.max
OPEN_SORTS_AS = date.min

Aspect = Literal["outer", "core"]
ASPECTS: tuple[Aspect, ...] = ("outer", "core")


class PartialDateDescriptor:
    """Turns assigned text into a ``PartialDate``; text that is none stays as it is, for ``full_clean()`` to refuse."""

    def __init__(self, field: "PartialDateField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        return instance.__dict__[name]

    def __set__(self, instance: models.Model, value: Any) -> None:
        if value is None:
            value = PartialDate.UNKNOWN
        elif isinstance(value, str):
            with suppress(InvalidPartialDate):
                value = PartialDate.parse(value)
        instance.__dict__[self.field.attname] = value


class DerivedDescriptor:
    """Reads a range off the partial date beside it."""

    def __init__(self, field: "DerivedRangeField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            return self.field.derive(getattr(instance, self.field.source))
        except InvalidPartialDate:  # full_clean() reads the ranges too, and refuses the text beside them
            return None

    def __set__(self, instance: models.Model, value: Any) -> None:
        """Keep what Django assigns only as the mark that the column was loaded: the text decides what is read.

        Without the mark Django would take the column for a deferred one and leave it out of ``save()``.
        """
        instance.__dict__[self.field.attname] = value


class DerivedRangeField(DateRangeField):
    """The ``outer`` or ``core`` of the ``PartialDateField`` named ``source``; it always follows the text.

    ``outer`` is null only when the date is unknown, ``core`` whenever no day is certain.
    """

    # One class for both: Django casts between range fields of different classes, which PostgreSQL cannot.
    def __init__(self, source: str, aspect: Aspect, **options: Any) -> None:
        self.source = source
        self.aspect = aspect
        options |= {"null": True, "editable": False, "serialize": False}
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("null", "editable", "serialize"):
            kwargs.pop(implied, None)
        return name, path, args, {"source": self.source, "aspect": self.aspect, **kwargs}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, DerivedDescriptor(self))

    def derive(self, value: Any) -> Any:
        """The range of a ``PartialDate`` or text. Expressions pass, for ``bulk_update()``."""
        if hasattr(value, "resolve_expression"):
            return value
        return getattr(value if isinstance(value, PartialDate) else PartialDate.parse(value), self.aspect)


def sort_field(outer: str) -> models.GeneratedField:
    """The day to sort by, computed by the database from the column ``outer``."""
    return models.GeneratedField(
        expression=Case(
            When(**{f"{outer}__isnull": True}, then=Value(UNKNOWN_SORTS_AS, output_field=models.DateField())),
            default=Coalesce(
                F(f"{outer}__startswith"),
                Value(OPEN_SORTS_AS, output_field=models.DateField()),
                output_field=models.DateField(),
            ),
            output_field=models.DateField(),
        ),
        output_field=models.DateField(),
        db_persist=True,
        serialize=False,
    )


class PartialDateField(models.CharField):
    """A date as far as it is known, kept as canonical EDTF text; "" is the unknown date. See the module.

    Abstract bases pass it on. In migrations and in copies of a model the companions are fields of their own.
    """

    # What django-stubs reads to type the attribute of a model.
    _pyi_private_set_type: str | PartialDate | Combinable | None  # type: ignore[assignment]
    _pyi_private_get_type: PartialDate  # type: ignore[assignment]

    description = _("Partial date (EDTF)")
    empty_values = [None, "", PartialDate.UNKNOWN]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_LENGTH)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == MAX_LENGTH:
            del kwargs["max_length"]
        if kwargs.get("default") in {"", PartialDate.UNKNOWN}:
            del kwargs["default"]
        if kwargs.pop("blank", False) is False:
            kwargs["blank"] = False
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, PartialDateDescriptor(self))
        # Migrations name every column themselves. A concrete class is complete, with the companions it may have been
        # given (a history table copies them), only when it is prepared.
        if cls.__module__ != "__fake__" and not cls._meta.abstract:
            class_prepared.connect(self._add_companions, sender=cls)

    def _add_companions(self, sender: type[models.Model], **_kwargs: Any) -> None:
        present = {field.name for field in sender._meta.local_fields}
        if self.name not in present:
            return
        for aspect in ASPECTS:
            if f"{self.name}_{aspect}" not in present:
                DerivedRangeField(source=self.name, aspect=aspect).contribute_to_class(sender, f"{self.name}_{aspect}")
        if f"{self.name}_sort" not in present:
            sort_field(f"{self.name}_outer").contribute_to_class(sender, f"{self.name}_sort")
        pre_save.connect(self._refuse_a_lone_update, sender=sender)

    def _refuse_a_lone_update(self, update_fields: Any = None, **_kwargs: Any) -> None:
        if update_fields and self.name in update_fields and not companion_names(self.name) <= set(update_fields):
            raise ValueError(
                f"save(update_fields=...) with {self.name!r} must name its companions too; PartialDateModel does."
            )

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> PartialDate:
        return PartialDate.from_canonical(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate.parse(value)
        except InvalidPartialDate as refusal:
            raise ValidationError(refusal.message, code="invalid_partial_date") from refusal

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return (value if isinstance(value, PartialDate) else PartialDate.parse(value)).edtf

    def run_validators(self, value: PartialDate) -> None:
        super().run_validators(value.edtf)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        # The admin hands every CharField its own text input, which would drop the reading.
        widget = kwargs.get("widget", PartialDateInput)
        if not issubclass(widget if isinstance(widget, type) else type(widget), (PartialDateInput, forms.HiddenInput)):
            del kwargs["widget"]
        help_text = {"help_text": self.help_text or HELP_TEXT}
        return super().formfield(**{"form_class": PartialDateFormField, "max_length": None} | help_text | kwargs)


def companion_names(name: str) -> set[str]:
    """The columns written with a partial date named ``name`` (without the one the database computes)."""
    return {f"{name}_{aspect}" for aspect in ASPECTS}


def partial_date_fields(model: type[models.Model]) -> list[PartialDateField]:
    return [field for field in model._meta.get_fields() if isinstance(field, PartialDateField)]


def generated_names(model: type[models.Model]) -> list[str]:
    """The ``<name>_sort`` columns of a model, for whatever must leave out what the database computes."""
    return [f"{field.name}_sort" for field in partial_date_fields(model)]
