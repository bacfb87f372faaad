"""Which records a representation shows beside its own, read from the serializers themselves.

A new nested record is known here, and so to those who follow changes, by being declared.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from rest_framework import serializers

from records.models import Identified


@cache
def shown_by(serializer_class: Any) -> tuple[tuple[str, Any], ...]:
    """The lookups from a record to all that its representation shows or depends on, each with the model found there.

    What decides whether a row is shown (``public_through``) counts as shown.
    """
    found = dict.fromkeys(_walk(serializer_class(), ""))
    return tuple((path, model) for path, model in found if path)


def _walk(serializer: Any, path: str) -> Iterator[tuple[str, Any]]:
    model = serializer.Meta.model
    if issubclass(model, Identified):
        yield path, model
    for link in model.public_through if hasattr(model, "public_through") else ():
        yield _joined(path, link), _model_at(model, link)
    for field in serializer.fields.values():
        nested = getattr(field, "child", field)
        if isinstance(nested, serializers.ModelSerializer):
            source = (field.source or field.field_name).replace(".", "__")
            yield from _walk(nested, _joined(path, source, getattr(field, "end", "")))


def _joined(*steps: str) -> str:
    return "__".join(step for step in steps if step)


def _model_at(model: Any, path: str) -> Any:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model
