"""From a name typed into a filter panel to the record that is meant.

A list of all actors would be too long to choose from. The panel asks for a name; this page lists the records that bear
it, each a link that adds it to the list the reader came from. One single match is added at once.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from events.views.lists import FIND, FIND_AS, LISTS, ListView, without_empty
from records.filters import UidFilter

SHOWN = 30


class ChooseView(View):
    """The records that bear a name, to be added to the filters of ``list_view``."""

    list_view: type[ListView] = ListView

    def get(self, request: HttpRequest) -> HttpResponse:
        """List matches of ``find`` for the parameter ``find_as``; all else in the query string is kept as it is."""
        filters = self.list_view.filterset_class(
            without_empty(request.GET), queryset=self.list_view.model.objects.public()
        )
        choosable = {name: one for name, one in filters.filters.items() if isinstance(one, UidFilter)}
        parameter = request.GET.get(FIND_AS) or next(iter(choosable), "")
        if parameter not in choosable:
            raise Http404
        typed = request.GET.get(FIND, "").strip()
        matches = self._matches(choosable[parameter], typed)
        records = list(matches[:SHOWN]) if typed else []
        back = reverse(f"events:{self.list_view.name}-list")
        addresses = [f"{back}?{_with(filters, parameter, record.uid)}" for record in records]
        if len(records) == 1:
            return HttpResponseRedirect(addresses[0])
        context = {
            "filters": filters,
            "choosable": [(name, one.label) for name, one in choosable.items()],
            "parameter": parameter,
            "label": choosable[parameter].label,
            "typed": typed,
            "found": list(zip(records, addresses, strict=True)),
            "count": matches.count() if typed else 0,
            "kept": [(name, value) for name, values in without_empty(request.GET).lists() for value in values],
            "back_url": f"{back}?{filters.query_string()}",
            "choose_url": request.path,
            "list_title": self.list_view.title,
        }
        return render(request, "events/choose.html", context)

    def _matches(self, chosen: UidFilter, typed: str) -> Any:
        list_view = LISTS[chosen.of_model]
        records = list_view.model.objects.public()
        kinds = chosen.extra.get("kinds")
        if kinds:
            records = records.filter(kind__in=kinds)
        return list_view.read(list_view.filterset_class({"q": typed}, queryset=records).qs)


def _with(filters: Any, parameter: str, uid: str) -> str:
    query = QueryDict(filters.query_string(), mutable=True)
    if uid not in query.getlist(parameter):
        query.appendlist(parameter, uid)
    return query.urlencode()
