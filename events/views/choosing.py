"""From a name typed into a filter panel to the record that is meant.

A list of all actors would be too long to choose from. The panel asks for a name; this page lists the records that bear
it, each a link that adds it to the list the reader came from. One single match is added at once.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from actors.filters import OfficeFilterSet
from actors.models import Actor, ActorName, Office
from actors.querysets import OfficeQuerySet
from events.models import Formula, FormulaVariant, Place, PlaceName, Topic, TopicLabel
from events.views.lists import FIND, FIND_AS, LISTS, ListView, without_empty
from records.filters import UidFilter
from records.search import Folded

SHOWN = 30
#: Where the other names of a record are, and how they point at it.
OTHER_NAMES: dict[Any, tuple[Any, str]] = {
    Actor: (ActorName, "actor"),
    Topic: (TopicLabel, "topic"),
    Place: (PlaceName, "place"),
    Formula: (FormulaVariant, "formula"),
}


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
        typed = request.GET.get(FIND, "").replace("\x00", " ").strip()
        matches = self._matches(choosable[parameter], typed)
        records = list(matches[:SHOWN]) if typed else []
        back = reverse(f"events:{self.list_view.name}-list")
        addresses = [f"{back}?{_with(filters, parameter, record.uid)}" for record in records]
        if len(records) == 1:
            return HttpResponseRedirect(addresses[0])
        context = {
            "filters": filters,
            "choosable": [{"name": name, "label": one.label} for name, one in choosable.items()],
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
        filterset, read = searching(chosen.of_model)
        records = chosen.of_model.objects.public()
        kinds = chosen.extra.get("kinds")
        if kinds:
            records = records.filter(kind__in=kinds)
        found = filterset({"q": typed}, queryset=records).qs
        return read(found if found.exists() else containing(records, typed))


def searching(model: Any) -> tuple[Any, Any]:
    """The filter set that looks for records of ``model`` by name, and what adds to a queryset what a choice shows."""
    if model is Office:
        return OfficeFilterSet, OfficeQuerySet.with_body
    list_view = LISTS[model]
    return list_view.filterset_class, list_view.read


def containing(records: Any, typed: str) -> Any:
    """The records that bear ``typed`` as a part of a name: what was begun to be typed, and search finds no word of."""
    model = records.model
    own = [one for one in ("name", "title", "publisher") if one in {field.name for field in model._meta.get_fields()}]
    keys = [records.alias(folded=Folded(one)).filter(folded__contains=Folded(Value(typed))).values("pk") for one in own]
    if model in OTHER_NAMES:
        names, link = OTHER_NAMES[model]
        bearers = names.objects.public().alias(folded=Folded("text")).filter(folded__contains=Folded(Value(typed)))
        keys.append(bearers.order_by().values(link))
    return records.filter(reduce(or_, (Q(pk__in=one) for one in keys))).order_by(own[0], "id")


def _with(filters: Any, parameter: str, uid: str) -> str:
    query = QueryDict(filters.query_string(), mutable=True)
    if uid not in query.getlist(parameter):
        query.appendlist(parameter, uid)
    return query.urlencode()
