"""The addresses of the desk for programs, made from the kinds of record that readers have addresses of."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern, path

from records.api.writing.services import STEPS, has_workflow
from records.api.writing.views import BulkView, ConfirmView, CreationView, MergeView, OneView, StepView


def desk_urls(registry: Iterable[tuple[str, Any, str]], *, examples: dict[str, Any]) -> Iterator[URLPattern]:
    """The addresses for the viewsets of a router: each says of which model its records are, and names their fields.

    ``examples`` has for each list what a new record may look like.
    """
    for plural, viewset, name in registry:
        kind = {"model": viewset.model(), "told_by": viewset.detail_serializer_class, "example": examples[plural]}
        at = f"desk/{plural}/"
        yield path(at, CreationView.as_view(**kind), name=f"desk-{name}-list")
        yield path(f"{at}bulk/", BulkView.as_view(**kind), name=f"desk-{name}-bulk")
        yield path(f"{at}<str:uid>/", OneView.as_view(**kind), name=f"desk-{name}")
        yield path(f"{at}<str:uid>/confirm/", ConfirmView.as_view(**kind), name=f"desk-{name}-confirm")
        if not has_workflow(kind["model"]):
            continue
        for step in STEPS:
            yield path(f"{at}<str:uid>/{step}/", StepView.as_view(**kind, step=step), name=f"desk-{name}-{step}")
        yield path(f"{at}<str:uid>/merge/", MergeView.as_view(**kind), name=f"desk-{name}-merge")
