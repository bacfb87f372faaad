"""The facets of a list and its histogram over time, as the page shows them: every value a link to the list with it.

A list without facets of its own is shown without. What is counted says `events.facets`; here it gets names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zlib import crc32

from django.db.models import Max, Value
from django.db.models.functions import Concat
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Office, Tenure
from events.facets import MEETINGS, STATEMENTS
from events.facets_of_lists import ACTORS, FORMULAS, OFFICES, PLACES, PUBLISHERS, SERIES, SOURCES, TENURES, TOPICS
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from events.rows import names_of
from events.views.histogram import Histogram, histogram
from records.facets import Counts, Facets, Selection, letters_of
from records.filters import UidFilter, WordFilter, all_of, none_of
from records.languages import country_name, language_name
from records.search import Folded
from records.statements import Keyed

#: So many values of a facet stand beside a list, and so many on the page of the facet.
SHOWN, LISTED = 8, 200
#: The facets of each kind of record, in the order of the page; the first ones stand open.
FACETS: dict[Any, tuple[Facets, tuple[str, ...]]] = {
    Meeting: (
        MEETINGS,
        ("actor", "state", "topic", "country", "place", "kind", "mode", "office", "series", "role", "stance",
         "status", "language", "channel", "accounts"),
    ),
    Statement: (
        STATEMENTS,
        ("speaker", "state", "topic", "stance", "kind", "office", "language", "channel", "basis", "country", "series",
         "role"),
    ),
    Actor: (ACTORS, ("kind", "state", "organisation", "tier", "body", "country", "language", "has_meeting")),
    Topic: (TOPICS, ("topic", "language")),
    Place: (PLACES, ("country", "kind", "place", "has_meeting")),
    Series: (SERIES, ("state", "topic")),
    Source: (SOURCES, ("publisher", "kind", "language", "channel", "archived")),
    Formula: (FORMULAS, ("topic", "language", "actor", "speaker")),
    # Lists of the API alone.
    Office: (OFFICES, ("body", "state", "tier")),
    Tenure: (TENURES, ("actor", "office", "body", "state", "tier")),
}  # fmt: skip
#: What a record is called beside others, where its name alone does not tell it from them.
NAMES: dict[Any, Any] = {Office: Concat("name", Value(", "), "body__name")}
OPEN = 4


@dataclass(frozen=True)
class FacetValue:
    """A value, how many records the list would have with it, and the query that adds it or takes it away.

    ``way`` is how it is chosen: ``any``, ``all`` or ``none``; empty while it is not. ``not_query`` leaves it out.
    """

    label: Any
    count: int
    query: str
    #: What the facet's parameter and the value make, for an id on the page.
    key: str = ""
    way: str = ""
    not_query: str = ""
    below: list["FacetValue"] = field(default_factory=list)


@dataclass(frozen=True)
class FacetView:
    """One facet of a list."""

    name: str
    label: Any
    values: list[FacetValue]
    #: How many values there are in all; more than are shown here.
    total: int
    is_open: bool
    ways: list[tuple[Any, str, bool]]
    #: Whether its values are counted when somebody opens it, and not before.
    is_put_off: bool = False


class _Topic(NamedTuple):
    pk: int
    uid: str
    name: str
    parent_id: int | None


TOPIC_LINES = Keyed(
    lambda: Topic.objects.public().without_tree_fields().order_by(),
    "pk",
    lambda rows: rows.values_list(*_Topic._fields),
)


class ListFacets:
    """The facets of one list as it stands; each part is counted when it is asked for."""

    def __init__(self, filters: Any, model: Any) -> None:
        self.filters = filters
        self.facets, self.names = FACETS[model]
        self.selection: Selection = self.facets.select(filters)

    @property
    def views(self) -> list[FacetView]:
        """The facets that have anything to show, in the order of the page; counted are those that stand open."""
        views = (self._view_at(place, name) for place, name in enumerate(self.names))
        return [view for view in views if view.values or view.is_put_off]

    def _view_at(self, place: int, name: str) -> FacetView:
        if place < OPEN or self._chosen(name):
            return self.view(name, is_open=True)
        column = self.facets.facets[name].column
        has_any = not all(table.columns[column].is_empty for table in self.selection.tables)
        return FacetView(name, self.filters.filters[name].label, [], 0, False, [], is_put_off=has_any)

    def view(self, name: str, *, is_open: bool = False, most: int = SHOWN, among: set[int] | None = None) -> FacetView:
        """One facet with its most frequent values, ``among`` some alone, and with those that are chosen."""
        counts = self.selection.counts(name)
        chosen = self._chosen(name)
        if name == "topic" and among is None:
            values = self._topics(counts, chosen)
        else:
            values = self._named(name, counts, chosen, most, among)
        is_open = is_open or bool(chosen)
        return FacetView(name, self.filters.filters[name].label, values, len(counts), is_open, self._ways(name))

    def _chosen(self, name: str) -> dict[int, tuple[str, str]]:
        """The numbers of the values in force, each with the parameter that has it and its text in the query string."""
        facet = self.facets.facets[name]
        chosen: dict[int, tuple[str, str]] = {}
        for parameter in (name, all_of(name), none_of(name)):
            if parameter not in self.filters.filters:
                continue
            found = getattr(self.filters.form.fields[parameter], "found", {})
            for text in self.filters.data.getlist(parameter):
                value = found[text].pk if text in found else text
                given = self.filters.given(parameter)
                # A language may be given in capitals, a country in small letters.
                value = value if value in given else str(value).upper()
                number = facet.number(value) if value in given else None
                if number is not None:
                    chosen.setdefault(number, (parameter, text))
        return chosen

    def _named(
        self, name: str, counts: Counts, chosen: dict[int, tuple[str, str]], most: int, among: set[int] | None
    ) -> list[FacetValue]:
        if among is None:
            # Some of the most frequent may be hidden from readers.
            by_number = dict(counts.most_common(2 * most)) | {number: counts.of(number) for number in chosen}
        else:
            found = [(number, count) for number in among if (count := counts.of(number))]
            by_number = dict(sorted(found, key=lambda one: (-one[1], one[0]))[: 2 * most])
        words = self.words(name, list(by_number))
        values = [
            self._value(name, words[number], count, chosen.get(number))
            for number, count in by_number.items()
            if number in words
        ]
        chosen_values = [one for one in values if one.way]
        return chosen_values + [one for one in values if not one.way][: max(most - len(chosen_values), 0)]

    def words_counted(self, name: str) -> dict[int, Any]:
        """The labels of all values of a facet that is no facet of records, by number."""
        numbers = self.selection.counts(name).values.tolist()
        return {number: label for number, (label, *_rest) in self.words(name, numbers).items()}

    def words(self, name: str, numbers: list[int]) -> dict[int, tuple[Any, str]]:
        """Label and text of the parameter, by number; of public values alone."""
        filter_ = self.filters.filters[name]
        if isinstance(filter_, UidFilter):
            model, kinds = filter_.of_model, tuple(filter_.extra.get("kinds") or ())
            names = names_of(model, NAMES.get(model, "name"), kinds)
            return {key: (label, uid) for key, label, uid in names.read(numbers, self.filters.queryset.db)}
        if isinstance(filter_, WordFilter):
            choices = filter_.extra["choices"]
            return {number: (choices[number][1], str(choices[number][0])) for number in numbers}
        if name == "publisher":
            return self._publishers(numbers)
        texts = {number: letters_of(number) for number in numbers}
        if name == "country":
            return {number: (country_name(text.upper()), text.upper()) for number, text in texts.items()}
        return {number: (language_name(text), text) for number, text in texts.items()}

    @staticmethod
    def _publishers(numbers: list[int]) -> dict[int, tuple[Any, str]]:
        """Publishers as a public source prints them, by the number of what they are without case and accents."""
        folded = {PUBLISHERS.text(number): number for number in numbers}
        rows = Source.objects.public().alias(folded=Folded("publisher")).filter(folded__in=list(folded))
        printed = rows.order_by().annotate(as_counted=Folded("publisher")).values_list("as_counted")
        return {folded[one]: (name, name) for one, name in printed.annotate(name=Max("publisher"))}

    def _value(self, name: str, words: tuple[Any, str], count: int, chosen: tuple[str, str] | None) -> FacetValue:
        label, text = words[0], str(words[1])
        key = f"{name}-{crc32(text.encode()):x}"
        if chosen is not None:
            way = {all_of(name): "all", none_of(name): "none"}.get(chosen[0], "any")
            return FacetValue(label, count, self.filters.query_string(without=chosen), key, way)
        # A value joins those that are chosen already, in the way they are asked for.
        all_values = self.filters.data.getlist(all_of(name))
        parameter = all_of(name) if all_values and not self.filters.data.getlist(name) else name
        others = [] if self.filters.filters[name].is_single else self.filters.data.getlist(parameter)
        not_query = ""
        if none_of(name) in self.filters.filters:
            not_query = self._with(none_of(name), [*self.filters.data.getlist(none_of(name)), text])
        return FacetValue(label, count, self._with(parameter, [*others, text]), key, "", not_query)

    def _with(self, name: str, values: Iterable[str]) -> str:
        return self.filters.query_string_with(**{name: list(values)})

    def _topics(self, counts: Counts, chosen: dict[int, tuple[str, str]]) -> list[FacetValue]:
        """The tree of topics: the most frequent at the top, and below those that are chosen or lead to them."""
        numbers = counts.as_dict()
        topics = {row[0]: _Topic._make(row) for row in TOPIC_LINES.read(list(numbers), self.filters.queryset.db)}
        opened = {above for key in chosen for above in _line(topics, key)}

        def level(parent: int | None, most: int) -> list[FacetValue]:
            here = [one for one in topics.values() if (one.parent_id if one.parent_id in topics else None) == parent]
            here.sort(key=lambda one: (one.pk not in opened, -numbers[one.pk], one.name, one.pk))
            return [value(one) for one in here[: max(most, sum(1 for one in here if one.pk in opened))]]

        def value(topic: _Topic) -> FacetValue:
            found = self._value("topic", (topic.name, topic.uid), numbers[topic.pk], chosen.get(topic.pk))
            return replace(found, below=level(topic.pk, LISTED) if topic.pk in opened else [])

        return level(None, SHOWN)

    def _ways(self, name: str) -> list[tuple[Any, str, bool]]:
        """Any, all or none of the chosen: the words, the query of each, and which one applies."""
        labels = ((name, _("any of these")), (all_of(name), _("all of these")), (none_of(name), _("none of these")))
        ways = [(way, label) for way, label in labels if way in self.filters.filters]
        given = {way: self.filters.data.getlist(way) for way, _label in ways}
        if len(ways) < 2 or not any(given.values()):
            return []
        values = list(dict.fromkeys(value for texts in given.values() for value in texts))
        nothing: dict[str, list[str]] = {way: [] for way in given}
        return [
            (label, self.filters.query_string_with(**(nothing | {way: values})), bool(given[way]))
            for way, label in ways
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The state of the list, for a form that leads to another page of it."""
        return [(name, value) for name, values in self.filters.data.lists() for value in values]

    @cached_property
    def histogram(self) -> Histogram | None:
        """How many fall in each time; ``None`` for records without dates, or with all in one year."""
        return histogram(self.filters, self.selection) if hasattr(self.filters, "window") else None


def _line(topics: dict[int, Any], key: int) -> list[int]:
    """The key and those above it."""
    line: list[int] = []
    while key in topics and key not in line:
        line.append(key)
        key = topics[key].parent_id
    return line


def facets_of(filters: Any, model: Any) -> ListFacets | None:
    """The facets of a list; ``None`` where there are none, or while something in the query string is refused."""
    return ListFacets(filters, model) if model in FACETS and filters.is_valid() else None
