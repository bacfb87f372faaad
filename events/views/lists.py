"""The lists: a filter set, its panel, a page of results. The state of a list is its query string and nothing else."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from actors.filters import ActorFilterSet
from actors.models import Actor
from events import reading
from events.filters import (
    FormulaFilterSet,
    MeetingFilterSet,
    PlaceFilterSet,
    SeriesFilterSet,
    SourceFilterSet,
    StatementFilterSet,
    TopicFilterSet,
)
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from events.rows import CountedFound, Found, meeting_rows, statement_rows
from events.views.facets import facets_of
from events.views.panel import FilterPanel
from events.views.topics import tree
from events.views.within import carrying

#: The fields by which a name is looked for instead of sending the form; see `events.views.choosing`.
FIND, FIND_AS = "find", "find_as"


class ListView(View):
    """A list of public records, filtered by the one filter set of its model."""

    model: ClassVar[Any]
    filterset_class: ClassVar[Any]
    #: Adds to a queryset what a row shows; static.
    read: ClassVar[Any]
    #: Makes rows of a queryset instead, where `events.rows` knows its records; static.
    rows: ClassVar[Any] = None
    title: ClassVar[Any]
    intro: ClassVar[Any]
    #: Shows ``page``.
    rows_template: ClassVar[str]
    #: The stem of the names of its addresses.
    name: ClassVar[str]

    def context(self, filters: Any) -> dict[str, Any]:  # noqa: ARG002 (for lists that show more)
        """What else the page shows."""
        return {}

    def shown(self, page: Any, filters: Any) -> str:
        """The rows of a page as they are shown; each leads to its record within this list."""
        if not page.object_list:
            return ""
        shown = render_to_string(self.rows_template, {"rows": page.object_list})
        return carrying(shown, self.name, filters)

    def count(self, filters: Any) -> int:
        """How many records valid filters find: as the facets count them, where there are any."""
        facets = facets_of(filters, self.model)
        return facets.selection.count if facets else int(filters.qs.count())

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer 200 always: what is refused is said beside the form, and nothing typed is lost.

        A form sent with a name to find goes on to the page that finds it. Empty fields of a form are left out of the
        address.
        """
        if request.GET.get(FIND, "").strip():
            address = f"{reverse(f'events:{self.name}-choose')}?{request.GET.urlencode()}"
            return HttpResponseClientRedirect(address) if is_partial(request) else HttpResponseRedirect(address)
        query = without_empty(request.GET)
        if query != request.GET:
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
        filters = self.filterset_class(request.GET, queryset=self.model.objects.public())
        facets = facets_of(filters, self.model)
        panel = FilterPanel(filters, beside=facets.names if facets else ())
        asked = request.GET.get("page", "1")
        page = _paginator(type(self).rows or type(self).read, filters, facets).get_page(asked)
        context = {
            "title": self.title,
            "intro": self.intro,
            "name": self.name,
            "section": self.name,
            "list_url": request.path,
            "choose_url": reverse(f"events:{self.name}-choose"),
            "filters": filters,
            "panel": panel,
            "facets": facets,
            "facet_url": f"events:{self.name}-facet",
            "page": page,
            "rows": self.shown(page, filters),
            "wrong_page": asked if asked != str(page.number) else "",
            "loosenings": panel.loosenings(self.count) if filters.is_valid() and not page.paginator.count else [],
            "canonical": request.build_absolute_uri(),
        }
        template = "events/_list_answer.html" if is_partial(request) else "events/list.html"
        response = render(request, template, context | self.context(filters))
        # One address, two answers: a cache must not give the one to who asked for the other.
        patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
        return response


def is_partial(request: HttpRequest) -> bool:
    """Whether a script asks, which puts the answer into a page that stands; not when it has lost that page."""
    htmx: Any = request.htmx  # type: ignore[attr-defined]  # set by the middleware
    return bool(htmx) and not htmx.history_restore_request


def _paginator(read: Any, filters: Any, facets: Any) -> Paginator:
    found = Found(filters.qs, read) if facets is None else CountedFound(filters, facets.selection, read)
    return Paginator(found, filters.page_size)


def without_empty(query: QueryDict) -> QueryDict:
    """The query without fields left empty, and without the empty name to find."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if name not in (FIND, FIND_AS):
            kept.setlist(name, [value for value in values if value.strip()])
    return QueryDict(kept.urlencode())


class MeetingListView(ListView):
    """Meetings, the latest first."""

    model, filterset_class, read = Meeting, MeetingFilterSet, reading.meetings_for_list
    rows = meeting_rows
    title, name, rows_template = _("Meetings"), "meeting", "events/_rows/meetings.html"
    intro = _("Talks, visits, summits, calls: who met whom, where and about what.")


class StatementListView(ListView):
    """Statements, the latest first."""

    model, filterset_class, read = Statement, StatementFilterSet, reading.statements_for_list
    rows = statement_rows
    title, name, rows_template = _("Statements"), "statement", "events/_rows/statements.html"
    intro = _("Readouts, remarks, joint statements and comments: who said what, and with which stance.")


class ActorListView(ListView):
    """Actors by name."""

    model, filterset_class, read = Actor, ActorFilterSet, reading.actors_for_list
    title, name, rows_template = _("Actors"), "actor", "events/_rows/actors.html"
    intro = _("Persons, states, organisations and their bodies. Search finds names in any script.")


class TopicListView(ListView):
    """Topics: the tree, or the matches of a search."""

    model, filterset_class, read = Topic, TopicFilterSet, reading.topics_for_list
    title, name, rows_template = _("Topics"), "topic", "events/_rows/topics.html"
    intro = _("The subjects by which meetings and statements are coded. A topic includes those below it.")
    #: A larger tree is read page by page.
    MOST_IN_TREE = 1000

    def context(self, filters: Any) -> dict[str, Any]:
        if filters.data or Topic.objects.public().count() > self.MOST_IN_TREE:
            return {}
        return {"branches": tree(reading.topics_for_list(Topic.objects.public()))}


class PlaceListView(ListView):
    """Places by name."""

    model, filterset_class, read = Place, PlaceFilterSet, reading.places_for_list
    title, name, rows_template = _("Places"), "place", "events/_rows/places.html"
    intro = _("Where meetings were held. A place includes those inside it.")


class SeriesListView(ListView):
    """Series by name."""

    model, filterset_class, read = Series, SeriesFilterSet, reading.series_for_list
    title, name, rows_template = _("Series"), "series", "events/_rows/series.html"
    intro = _("Regular formats whose meetings follow each other.")


class SourceListView(ListView):
    """Sources, the latest first."""

    model, filterset_class, read = Source, SourceFilterSet, reading.sources_for_list
    title, name, rows_template = _("Sources"), "source", "events/_rows/sources.html"
    intro = _("The documents that everything here rests on.")


class FormulaListView(ListView):
    """Formulas by phrase."""

    model, filterset_class, read = Formula, FormulaFilterSet, reading.formulas_for_list
    title, name, rows_template = _("Formulas"), "formula", "events/_rows/formulas.html"
    intro = _("Recurring set phrases, with their wordings by language and where each was first seen.")


LISTS: dict[Any, type[ListView]] = {
    view.model: view
    for view in (
        MeetingListView,
        StatementListView,
        ActorListView,
        TopicListView,
        PlaceListView,
        SeriesListView,
        SourceListView,
        FormulaListView,
    )
}
