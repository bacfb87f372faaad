"""The first rows of a filtered list, as other pages show them; the whole list is one link away and the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from events.filters import MeetingFilterSet, StatementFilterSet
from events.models import Meeting, Statement
from events.rows import CountedFound, meeting_rows, statement_rows
from events.views.facets import ListFacets

SHOWN = 20


@dataclass(frozen=True)
class Related:
    """Some rows of `events.rows`, how many there are in all, the list of all, and what else the counts know."""

    records: list[Any]
    count: int
    url: str
    path: str
    facets: ListFacets

    @property
    def has_more(self) -> bool:
        """Whether the list of all shows more than these."""
        return self.count > len(self.records)


def meetings(shown: int = SHOWN, /, **query: str) -> Related:
    """The latest meetings that the list of meetings finds by ``query``."""
    return _related(MeetingFilterSet, Meeting, meeting_rows, "events:meeting-list", shown, query)


def statements(shown: int = SHOWN, /, **query: str) -> Related:
    """The latest statements that the list of statements finds by ``query``."""
    return _related(StatementFilterSet, Statement, statement_rows, "events:statement-list", shown, query)


def _related(
    filterset: Any, model: Any, read: Callable[[Any], Any], view: str, shown: int, query: dict[str, str]
) -> Related:
    found = filterset(QueryDict(urlencode(query)), queryset=model.objects.public())
    if not found.is_valid():
        raise ValueError(f"{filterset.__name__} refuses {query}: {found.errors}")
    facets = ListFacets(found, model)
    return Related(
        records=CountedFound(found, facets.selection, read)[0:shown] if shown else [],
        count=facets.selection.count,
        url=f"{reverse(view)}?{urlencode(query)}",
        path=reverse(view),
        facets=facets,
    )
