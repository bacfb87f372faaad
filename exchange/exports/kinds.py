"""What can be taken away: for each list of the site its filter set, its flat form and its form in the API."""

from dataclasses import dataclass
from typing import Any

from actors.api.serializers import ActorSerializer
from events.api import serializers
from events.filters import FILTERSETS
from events.models import Citation, Source
from exchange.exports import tables
from exchange.exports.columns import Table


@dataclass(frozen=True)
class Kind:
    """One list: ``serializer`` says what the API shows of its records."""

    table: Table
    serializer: Any
    #: Paths from a citation to a record of this kind; none where nothing can be cited for it.
    cited_by: tuple[str, ...] = ()
    #: Whether its records stand on days of a calendar.
    has_calendar: bool = False

    @property
    def model(self) -> Any:
        """The model of its records."""
        return self.table.model

    @property
    def filterset(self) -> Any:
        """The class of its filter set."""
        return FILTERSETS[self.model]

    @property
    def name(self) -> str:
        """The stem of the names of its addresses."""
        return self.table.name

    @property
    def plural(self) -> str:
        """Its word in addresses and names of files."""
        return self.table.plural

    def filters(self, data: Any, queryset: Any = None) -> Any:
        """The filter set over the public records; parameters of the view must be told to it."""
        return self.filterset(data, queryset=self.model.objects.public() if queryset is None else queryset)

    def sources_of(self, records: Any) -> Any:
        """The public sources cited for the records, by their publication."""
        keys = records.order_by().values("pk")
        found = Source.objects.none()
        for path in self.cited_by:
            found = found | Source.objects.public().filter(
                pk__in=Citation.objects.public().filter(**{f"{path}__in": keys}).order_by().values("source")
            )
        return found.order_by("published_sort", "id")


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(tables.MEETINGS, serializers.MeetingSerializer, ("meeting", "participation__meeting"), True),
        Kind(tables.STATEMENTS, serializers.StatementSerializer, ("statement",)),
        Kind(tables.ACTORS, ActorSerializer, ("actor", "tenure__person")),
        Kind(tables.TOPICS, serializers.TopicSerializer),
        Kind(tables.PLACES, serializers.PlaceSerializer),
        Kind(tables.SERIES, serializers.SeriesSerializer),
        Kind(tables.SOURCES, serializers.SourceSerializer),
        Kind(tables.FORMULAS, serializers.FormulaSerializer, ("formula",)),
    )
}
