"""All kinds of records that the API tells, with the view set of each, in the order in which the feed tells the stock.

Positions in the feed hold numbers of kinds in this order: a new kind goes to the end.
"""

from typing import Any

from events.api import views

VIEWSETS: dict[str, Any] = {
    "meetings": views.MeetingViewSet,
    "statements": views.StatementViewSet,
    "actors": views.ActorViewSet,
    "topics": views.TopicViewSet,
    "places": views.PlaceViewSet,
    "series": views.SeriesViewSet,
    "sources": views.SourceViewSet,
    "offices": views.OfficeViewSet,
    "tenures": views.TenureViewSet,
    "formulas": views.FormulaViewSet,
}
