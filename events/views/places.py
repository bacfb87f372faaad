"""The pages of places and series."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from events import reading
from events.models import Meeting, Place, Series
from events.views import related
from events.views.details import DetailView

#: A longer series ends with a link to the list of all its meetings.
ROUNDS_SHOWN = 200


class PlaceDetailView(DetailView):
    """A place: where it lies, what lies in it, who met there."""

    model = Place
    template_name = "events/place_detail.html"
    kind_name = _("Place")

    def records(self) -> Any:
        return Place.objects.with_public("parent").prefetch_related("names")

    def context(self, record: Place) -> dict[str, Any]:
        return {
            "inside": reading.places_for_list(Place.objects.public().filter(parent=record)).order_by("name", "id"),
            "meetings": related.meetings(place=record.uid),
        }


class SeriesDetailView(DetailView):
    """A series: its meetings by round."""

    model = Series
    template_name = "events/series_detail.html"
    kind_name = _("Series")

    def context(self, record: Series) -> dict[str, Any]:
        meetings = Meeting.objects.public().filter(series=record)
        by_round = reading.meetings_for_list(meetings).order_by(F("round").desc(nulls_last=True), "-date_sort", "-id")
        return {"rounds": by_round[:ROUNDS_SHOWN], "all_meetings": related.meetings(0, series=record.uid)}
