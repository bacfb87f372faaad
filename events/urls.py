"""The addresses of the public pages: a home, a search, and for each kind of record a list and a page."""

from typing import Any

from django.urls import path

from events.views import (
    actors,
    choosing,
    concordance,
    facet_pages,
    home,
    lists,
    meetings,
    places,
    search,
    sources,
    suggest,
    topics,
)

app_name = "events"


def _addresses(plural: str, name: str, list_view: Any, detail_view: Any, *more: Any) -> list[Any]:
    """A list, the choice of a record for its filters, and the page of one; a slug after the id is decoration.

    ``more`` are other pages of a record. They stand after the facets, of which one may have the same last word.
    """
    return [
        path(f"{plural}/", list_view.as_view(), name=f"{name}-list"),
        path(f"{plural}/choose/", choosing.ChooseView.as_view(list_view=list_view), name=f"{name}-choose"),
        path(f"{plural}/by/<slug:name>/", facet_pages.FacetPageView.as_view(list_view=list_view), name=f"{name}-facet"),
        *more,
        path(f"{plural}/<str:uid>/", detail_view.as_view(), name=f"{name}-detail"),
        path(f"{plural}/<str:uid>/<str:slug>/", detail_view.as_view()),
    ]


urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/suggest/", suggest.suggest, name="suggest"),
    *_addresses(
        "meetings",
        "meeting",
        lists.MeetingListView,
        meetings.MeetingDetailView,
        path("meetings/<str:uid>/accounts/", meetings.MeetingAccountsView.as_view(), name="meeting-accounts"),
    ),
    *_addresses(
        "statements",
        "statement",
        lists.StatementListView,
        meetings.StatementDetailView,
        path("statements/concordance/", concordance.concordance, name="statement-concordance"),
    ),
    *_addresses("actors", "actor", lists.ActorListView, actors.ActorDetailView),
    *_addresses("topics", "topic", lists.TopicListView, topics.TopicDetailView),
    *_addresses("places", "place", lists.PlaceListView, places.PlaceDetailView),
    *_addresses("series", "series", lists.SeriesListView, places.SeriesDetailView),
    *_addresses("sources", "source", lists.SourceListView, sources.SourceDetailView),
    *_addresses("formulas", "formula", lists.FormulaListView, sources.FormulaDetailView),
]
