"""The facets of a list and its histogram over time, as the page shows them: every value a link to the list with it.

A list without facets of its own is shown without. What is counted says `events.facets`; here it gets names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.facets import MEETINGS, STATEMENTS
from events.models import Meeting, Statement, Topic
from records.facets import Counts, Facets, Selection, letters_of
from records.filters import UidFilter, WordFilter
from records.languages import country_name, language_name

#: So many values of a facet stand beside a list, and so many on the page of the facet.
SHOWN, LISTED = 8, 200
#: The facets of each kind of record, in the order of the page; the first ones stand open.
FACETS: dict[Any, tuple[Facets, tuple[str, ...]]] = {
    Meeting: (
        MEETINGS,
        ("actor", "state", "topic", "country", "place", "kind", "mode", "series", "role", "stance", "status",
         "language", "channel"),
    ),
    Statement: (
        STATEMENTS,
        ("speaker", "state", "topic", "stance", "kind", "language", "channel", "basis", "country", "series", "role"),
    ),
}  # fmt: skip
OPEN = 4
#: The other words in which a facet can be asked: all of the chosen, or none of them.
OTHER_WAYS = {"actor": ("actor_all", "not_actor"), "topic": (None, "not_topic")}
#: More years than this are shown by decades.
MOST_YEARS = 60
#: The height of the chart in its own units; it is 100 wide.
HIGH = 24


@dataclass(frozen=True)
class FacetValue:
    """A value, how many records the list would have with it, and the query that adds it or takes it away."""

    label: Any
    count: int
    query: str
    is_chosen: bool = False
    language: str = ""
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


@dataclass(frozen=True)
class Bar:
    """The records of some years, and where the bar stands in a chart of 100 by `HIGH` units."""

    label: str
    possible: int
    certain: int
    query: str
    is_within: bool
    x: float
    width: float
    possible_height: float
    certain_height: float

    @property
    def inner_width(self) -> float:
        """The width of the bar without the gap to the next one."""
        return 0.86 * self.width

    @property
    def possible_y(self) -> float:
        """The upper edge of what is possible."""
        return HIGH - self.possible_height

    @property
    def certain_y(self) -> float:
        """The upper edge of what is certain."""
        return HIGH - self.certain_height


class ListFacets:
    """The facets of one list as it stands; each part is counted when it is asked for."""

    def __init__(self, filters: Any, model: Any) -> None:
        self.filters = filters
        self.facets, self.names = FACETS[model]
        self.selection: Selection = self.facets.select(filters)

    @property
    def views(self) -> list[FacetView]:
        """The facets that have anything to show, in the order of the page."""
        views = (self.view(name, is_open=place < OPEN) for place, name in enumerate(self.names))
        return [view for view in views if view.values]

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

    def _chosen(self, name: str) -> dict[int, str]:
        """The numbers of the values in force, each with its text in the query string."""
        facet, filter_ = self.facets.facets[name], self.filters.filters[name]
        found = getattr(self.filters.form.fields[name], "found", {}) if isinstance(filter_, UidFilter) else {}
        chosen = {}
        for text in self.filters.data.getlist(name):
            value = found[text].pk if text in found else text
            number = facet.number(value) if value in self.filters.given(name) else None
            if number is not None:
                chosen[number] = text
        return chosen

    def _named(
        self, name: str, counts: Counts, chosen: dict[int, str], most: int, among: set[int] | None
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
        chosen_values = [one for one in values if one.is_chosen]
        return chosen_values + [one for one in values if not one.is_chosen][: max(most - len(chosen_values), 0)]

    def words_counted(self, name: str) -> dict[int, Any]:
        """The labels of all values of a facet that is no facet of records, by number."""
        numbers = self.selection.counts(name).values.tolist()
        return {number: label for number, (label, *_rest) in self.words(name, numbers).items()}

    def words(self, name: str, numbers: list[int]) -> dict[int, tuple[Any, str, str]]:
        """Label, text of the parameter, and language of the label, by number; of public values alone."""
        filter_ = self.filters.filters[name]
        if isinstance(filter_, UidFilter):
            kinds = filter_.extra.get("kinds")
            records = filter_.of_model.objects.public().filter(pk__in=numbers)
            if kinds:
                records = records.filter(kind__in=kinds)
            names = records.order_by().values_list("pk", "name", "uid")
            return {key: (label, uid, "") for key, label, uid in names}
        if isinstance(filter_, WordFilter):
            choices = filter_.extra["choices"]
            return {number: (choices[number][1], choices[number][0], "") for number in numbers}
        texts = {number: letters_of(number) for number in numbers}
        if name == "country":
            return {number: (country_name(text.upper()), text.upper(), "") for number, text in texts.items()}
        return {number: (language_name(text), text, "") for number, text in texts.items()}

    def _value(self, name: str, words: tuple[Any, str, str], count: int, chosen: str | None) -> FacetValue:
        label, text, language = words
        if chosen is None:
            values = [*self.filters.data.getlist(name), text]
            return FacetValue(label, count, self._with(name, values), False, language)
        return FacetValue(label, count, self.filters.query_string(without=(name, chosen)), True, language)

    def _with(self, name: str, values: Iterable[str]) -> str:
        return self.filters.query_string_with(**{name: list(values)})

    def _topics(self, counts: Counts, chosen: dict[int, str]) -> list[FacetValue]:
        """The tree of topics: the most frequent at the top, and below those that are chosen or lead to them."""
        numbers = counts.as_dict()
        rows = Topic.objects.public().order_by("name", "pk").without_tree_fields()
        topics = {one.pk: one for one in rows.only("pk", "uid", "name", "parent_id").filter(pk__in=list(numbers))}
        opened = {above for key in chosen for above in _line(topics, key)}

        def level(parent: int | None, most: int) -> list[FacetValue]:
            here = [one for one in topics.values() if (one.parent_id if one.parent_id in topics else None) == parent]
            here.sort(key=lambda one: (one.pk not in opened, -numbers[one.pk], one.name))
            return [value(one) for one in here[: max(most, sum(1 for one in here if one.pk in opened))]]

        def value(topic: Topic) -> FacetValue:
            found = self._value("topic", (topic.name, topic.uid, ""), numbers[topic.pk], chosen.get(topic.pk))
            below = level(topic.pk, LISTED) if topic.pk in opened else []
            return FacetValue(found.label, found.count, found.query, found.is_chosen, found.language, below)

        return level(None, SHOWN)

    def _ways(self, name: str) -> list[tuple[Any, str, bool]]:
        """Any, all or none of the chosen: the words, the query of each, and which one applies."""
        ways: list[tuple[str | None, Any]] = [(name, _("any of these"))]
        for other, label in zip(OTHER_WAYS.get(name, ()), (_("all of these"), _("none of these")), strict=False):
            ways.append((other, label))
        names = [way for way, _label in ways if way]
        given = {way: self.filters.data.getlist(way) for way in names}
        if len(names) < 2 or not any(given.values()):
            return []
        values = list(dict.fromkeys(value for texts in given.values() for value in texts))
        nothing: dict[str, list[str]] = {way: [] for way in names}
        return [
            (label, self.filters.query_string_with(**(nothing | {way: values})), bool(given[way]))
            for way, label in ways
            if way
        ]

    # Time

    @property
    def bars(self) -> list[Bar]:
        """The histogram: a bar for each year, or for each decade of a long time; empty for less than two years."""
        years = self.selection.years()
        if len(years.possible) < 2:
            return []
        step = 1 if len(years.possible) <= MOST_YEARS else 10
        starts = range(years.first - years.first % step, years.first + len(years.possible), step)
        spans = [self._span(years, start, step) for start in starts]
        highest = max(possible for _start, possible, _certain in spans) or 1
        width = 100 / len(spans)
        since, until = getattr(self.filters, "window", (None, None))
        return [
            Bar(
                label=str(start) if step == 1 else f"{start}–{start + step - 1}",
                possible=possible,
                certain=certain,
                query=self.filters.query_string_with(**{"from": [str(start)], "to": [str(start + step - 1)]}),
                is_within=(since is None or since.year < start + step) and (until is None or until.year >= start),
                x=place * width,
                width=width,
                possible_height=HIGH * possible / highest,
                certain_height=HIGH * certain / highest,
            )
            for place, (start, possible, certain) in enumerate(spans)
        ]

    @staticmethod
    def _span(years: Any, start: int, step: int) -> tuple[int, int, int]:
        places = [year - years.first for year in range(start, start + step)]
        known = [place for place in places if 0 <= place < len(years.possible)]
        return start, sum(years.possible[place] for place in known), sum(years.certain[place] for place in known)


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
