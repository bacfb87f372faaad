"""Previous and next within a list: the links of a list carry its query, and the page of a record finds its place in it.

The address of a record stays what it is; ``in`` only says which list it was reached from. What cannot be read there is
said on the page and changes nothing else.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.safestring import mark_safe

from events.filters import FILTERSETS
from events.views.facets import ListFacets, facets_of
from records.uids import PATTERN

#: The parameter, and what stands in it for the whole list.
IN, WHOLE = "in", "all"
#: A longer query is not carried from link to link.
MOST_LETTERS = 1500


@dataclass(frozen=True)
class Within:
    """Where a record stands in a list: its number, where it is known, how many there are, and its neighbours."""

    list_url: str
    count: int = 0
    number: int | None = None
    previous_url: str = ""
    next_url: str = ""
    #: Whether the list has the record at all, and whether it could be read.
    has_it: bool = True
    is_refused: bool = False


def carrying(rows: str, name: str, filters: Any) -> str:
    """The HTML of rows, in which each link to a record of the list carries the list's query."""
    query = _query_of(filters)
    if not filters.is_valid() or len(query) > MOST_LETTERS:
        return rows
    # Rows are drawn, and may be kept, without regard to the list they stand in.
    address = reverse(f"events:{name}-list")
    carried = urlencode({IN: query})
    return mark_safe(re.sub(rf'href="({address}{PATTERN}/)"', rf'href="\1?{carried}"', rows))  # noqa: S308


def _query_of(filters: Any) -> str:
    return filters.query_string() or WHOLE


def within(request: HttpRequest, record: Any) -> Within | None:
    """The place of a record in the list that ``in`` names; ``None`` without it."""
    carried = request.GET.get(IN, "")
    if not carried:
        return None
    name = type(record)._meta.model_name
    list_url = reverse(f"events:{name}-list")
    query = QueryDict("" if carried == WHOLE else carried[: 2 * MOST_LETTERS])
    filters = FILTERSETS[type(record)](query, queryset=type(record).objects.public())
    facets = facets_of(filters, type(record))
    text = filters.query_string()
    # What asks for nothing was not made by a list: one without filters says so by its word.
    if facets is None or (carried != WHOLE and not text):
        return Within(list_url, is_refused=True)
    back = f"{list_url}?{text}" if text else list_url
    place = _place(filters, facets, record.pk)
    if place is None:
        return Within(back, facets.selection.count, has_it=False)
    number, before, after = place
    uids = dict(
        type(record).objects.public().filter(pk__in=[key for key in (before, after) if key]).values_list("pk", "uid")
    )
    carried = urlencode({IN: _query_of(filters)})

    def address(key: int | None) -> str:
        return f"{reverse(f'events:{name}-detail', args=[uids[key]])}?{carried}" if key in uids else ""

    return Within(back, facets.selection.count, number, address(before), address(after))


def _place(filters: Any, facets: ListFacets, key: int) -> tuple[int | None, int | None, int | None] | None:
    """The number of a record in a list and the keys before and after it; ``None`` when the list does not have it."""
    selection = facets.selection
    few = selection.few_in_order(filters)
    if few is not None:
        line = list(few.values_list("pk", flat=True))
        if key not in line:
            return None
        at = line.index(key)
        return at + 1, line[at - 1] if at else None, line[at + 1] if at + 1 < len(line) else None
    if filters.order in ("date", "-date"):
        return selection.place(key, falling=filters.order == "-date")
    return _neighbours(filters, key)


def _neighbours(filters: Any, key: int) -> tuple[None, int | None, int | None] | None:
    """The keys before and after a record of a long list, by the keys of its order; its number would need a count."""
    own = filters.qs.filter(pk=key).values(*(one.lstrip("-") for one in filters.order_keys)).first()
    if own is None:
        return None

    def beyond(forward: bool) -> int | None:
        rows = filters.filter_queryset(filters.queryset.all())
        order = filters.filters["order"].orders[filters.order]
        if order.annotations or filters.order == "relevance":
            rows = filters.in_order(rows)
        falls = filters.order_keys[0].startswith("-") == forward
        names = [one.lstrip("-") for one in filters.order_keys]
        (first, last) = names[0], names[-1]
        edge = "lt" if falls else "gt"
        same = Q(**{first: own[first], f"{last}__{edge}": own[last]})
        rows = rows.filter(Q(**{f"{first}__{edge}": own[first]}) | same)
        found = rows.order_by(*(f"-{one}" if falls else one for one in names)).values_list("pk", flat=True).first()
        return None if found is None else int(found)

    return None, beyond(False), beyond(True)
