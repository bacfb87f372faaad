"""The page of a word or phrase in its context: how public statements word it, in the order of time."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from events.concordance import MOST_LINES, MOST_STATEMENTS, Concordance
from events.filters import StatementFilterSet
from events.models import Statement
from events.views.lists import without_empty
from events.views.panel import PRIMARY, FilterPanel


def concordance(request: HttpRequest) -> HttpResponse:
    """Answer 200 always: what is refused, or not yet asked, is said beside the form, and nothing typed is lost."""
    query = without_empty(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    filters = StatementFilterSet(query, queryset=Statement.objects.public())
    panel = FilterPanel(filters, beside=tuple(name for name in filters.filters if name not in PRIMARY))
    shown = Concordance(filters) if filters.is_valid() else None
    text = filters.query_string()
    context = {
        "section": "statement",
        "filters": filters,
        "panel": panel,
        "kept": [(name, value) for name, values in query.lists() if name not in PRIMARY for value in values],
        "shown": shown if shown and shown.terms else None,
        "has_no_word": bool(shown and not shown.terms and query.getlist("q")),
        "most_statements": MOST_STATEMENTS,
        "most_lines": MOST_LINES,
        "next_query": _next_query(filters, shown),
        "page_url": request.path,
        "list_url": f"{reverse('events:statement-list')}?{text}" if text else reverse("events:statement-list"),
        "title": _("Wording in context"),
        "canonical": request.build_absolute_uri(),
    }
    return render(request, "events/concordance.html", context)


def _next_query(filters: StatementFilterSet, shown: Concordance | None) -> str:
    """The query that goes on where the statements read end; empty where there is nothing to go on with."""
    if shown is None or not shown.terms or not shown.is_cut:
        return ""
    days = [one.row.date.earliest for one in shown.quoted if one.row.date.earliest]
    return str(filters.query_string_with(**{"from": [days[-1].isoformat()]})) if days else ""
