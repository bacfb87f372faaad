"""The page of one facet: all its values, narrowed by what is typed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views import View

from events.views.choosing import containing, searching
from events.views.facets import LISTED, SHOWN, ListFacets, facets_of
from events.views.lists import FIND, ListView, is_partial, without_empty
from records.filters import UidFilter

#: So many records with a like name are looked at.
MOST_NAMED = 1000
#: So many values stand beside a list while a name is typed there.
FOUND = 20


class FacetPageView(View):
    """All values of one facet of ``list_view``."""

    list_view: type[ListView] = ListView

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """The page of a facet; all in the query string but ``find`` is the state of the list it belongs to."""
        query = without_empty(request.GET)
        filters = self.list_view.filterset_class(query, queryset=self.list_view.model.objects.public())
        facets = facets_of(filters, self.list_view.model)
        if facets is None or name not in facets.names:
            raise Http404
        list_url = reverse(f"events:{self.list_view.name}-list")
        typed = request.GET.get(FIND, "").replace("\x00", " ").strip()[:100]
        among = _named(facets, name, typed) if typed else None
        context = {
            "typed": typed,
            "list_url": list_url,
            "filters": filters,
            "kept": facets.kept,
        }
        if not is_partial(request):
            template, most = "events/facet.html", LISTED
            context |= {"list_title": self.list_view.title, "section": self.list_view.name, "listed": LISTED}
        elif FIND in request.GET:
            template, most = "events/_facet_found.html", FOUND if typed else SHOWN
        else:
            template, most = "events/_facet_inside.html", SHOWN
            context["facet_page"] = request.path
        context["facet"] = facets.view(name, most=most, among=among)
        response = render(request, template, context)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _named(facets: ListFacets, name: str, typed: str) -> set[int]:
    """The numbers of the values whose name holds what was typed, or is like it."""
    filter_: Any = facets.filters.filters[name]
    if not isinstance(filter_, UidFilter):
        labels = facets.words_counted(name)
        return {number for number, label in labels.items() if typed.casefold() in str(label).casefold()}
    records = filter_.of_model.objects.public()
    alike = searching(filter_.of_model)[0]({"q": typed}, queryset=records).qs.order_by()
    return {
        key
        for found in (alike, containing(records, typed).order_by())
        for key in found.values_list("pk", flat=True)[:MOST_NAMED]
    }
