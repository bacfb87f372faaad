"""The filter panel of a list: one control for each parameter of its filter set, as a form without scripts can offer it.

Parameters whose values are records have two doors: a list to choose from where the records are few (topics, states,
series), and “Find”, a name typed that leads to the page of matching records (`events.views.choosing`). What is already
chosen travels along in hidden fields, so that a form sent adds to the list and a chip takes away.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, ActorKind
from events.models import Place, Series, Topic
from events.views.topics import flattened, tree
from records.filters import (
    DENSITIES,
    CountryFilter,
    LanguageFilter,
    OneWordFilter,
    PartialDateFilter,
    RecordFilterSet,
    SearchFilter,
    UidFilter,
    WordFilter,
)
from records.languages import country_name, language_name

#: Always in sight; the others are behind “More filters”.
PRIMARY = ("q", "from", "to", "dates")
#: Longer lists are not offered to choose from; they are searched by name.
MOST_OPTIONS = 400
#: Parameters with records few enough to choose from, by name of the parameter.
LISTED = ("topic", "state", "series")
#: The languages most diplomacy is made in, proposed while typing; any tag can be typed.
PROPOSED_LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "hi", "ja", "ko", "pt", "ru", "tr", "uk", "zh")
PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True)
class Control:
    """A parameter as it stands in the form: its label, what was typed, what can be chosen, what is wrong."""

    name: str
    shape: str
    label: Any
    help_text: Any
    values: list[str]
    errors: list[str]
    options: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def value(self) -> str:
        """The one value of a control that has one."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Loosening:
    """One filter taken away, and how many records are found then."""

    applied: Any
    count: int


class FilterPanel:
    """The controls of a bound filter set; ``beside`` names the parameters that are chosen by facets beside the list."""

    def __init__(self, filters: RecordFilterSet, *, beside: tuple[str, ...] = ()) -> None:
        self.filters = filters
        self.beside = beside

    @cached_property
    def controls(self) -> list[Control]:
        """One for each parameter that restricts the list, in the order of the vocabulary."""
        return [self._control(name) for name in self.filters.filters if name not in self.filters.DISPLAY]

    @property
    def primary(self) -> list[Control]:
        """Those always in sight."""
        return [one for name in PRIMARY for one in self.controls if one.name == name]

    @property
    def choices(self) -> list[Control]:
        """The rest, as groups of boxes to tick."""
        return [one for one in self._others if one.shape == "boxes"]

    @property
    def fields(self) -> list[Control]:
        """The rest, as single fields."""
        return [one for one in self._others if one.shape not in ("boxes", "find")]

    @cached_property
    def _others(self) -> list[Control]:
        return [one for one in self.controls if one.name not in PRIMARY and not self._is_beside(one)]

    def _is_beside(self, control: Control) -> bool:
        # What is wrong with a value is said at a control, and mended there.
        is_beside = control.name in self.beside or self._is_companion(control.name)
        return is_beside and not control.errors

    def _is_companion(self, name: str) -> bool:
        return bool(getattr(self.filters.filters[name], "companion_of", ""))

    @cached_property
    def findable(self) -> list[Control]:
        """The parameters whose records are looked for by name."""
        return [
            one
            for one in self.controls
            if isinstance(self.filters.filters[one.name], UidFilter) and not self._is_companion(one.name)
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What must travel in hidden fields: chosen records, and how the list is shown."""
        display = [(name, value) for name in self.filters.DISPLAY for value in self.filters.data.getlist(name)]
        hidden = [one for one in self.controls if one in self.findable or self._is_beside(one)]
        return [(one.name, value) for one in hidden for value in one.values] + display

    @property
    def is_opened(self) -> bool:
        """Whether something behind “More filters” is wrong; what is in force is named by the chips."""
        return any(one.errors for one in self.controls if one.name not in PRIMARY)

    @property
    def errors(self) -> list[str]:
        """All that is wrong, also with parameters that the form does not know."""
        return [message for messages in self.filters.errors.values() for message in messages]

    @property
    def orders(self) -> list[tuple[str, str, Any, bool]]:
        """For each order: its key, query string and label, and whether it is the one that applies."""
        orders = self.filters.filters["order"].orders
        searched = bool(self.filters.data.get("q"))
        return [
            (key, self.filters.query_string(order=key), order.label, key == self.filters.order)
            for key, order in orders.items()
            if key != "relevance" or searched
        ]

    @property
    def page_sizes(self) -> list[tuple[int, str, bool]]:
        """For each size of a page: the number, the query string, and whether it is the one that applies."""
        return [
            (size, self.filters.query_string(page_size=str(size)), size == self.filters.page_size)
            for size in PAGE_SIZES
        ]

    @property
    def densities(self) -> list[tuple[Any, str, bool]]:
        """For each density of rows: the label, the query string, and whether it is the one that applies."""
        return [
            (label, self.filters.query_string(density=word if word != DENSITIES[0][0] else None), word == self.density)
            for word, label in DENSITIES
        ]

    @property
    def density(self) -> str:
        """How close rows stand to each other."""
        given = self.filters.given("density")
        return str(given[0]) if given else str(DENSITIES[0][0])

    @property
    def display_query(self) -> str:
        """What says how the list is shown, without any filter."""
        return self.filters.query_string(
            **{name: None for name in self.filters.data if name not in self.filters.DISPLAY}
        )

    def loosenings(self, count: Callable[[Any], int]) -> list[Loosening]:
        """For a list that found nothing: each filter whose removal finds something, with what ``count`` says of it."""
        filterset = type(self.filters)
        tried = [
            (one, filterset(QueryDict(one.without_query), queryset=self.filters.queryset.all(), is_unseen=True))
            for one in self.filters.applied
            if one.parameter != "dates"
        ]
        found = [Loosening(one, count(without)) for one, without in tried if without.is_valid()]
        return [one for one in found if one.count]

    def _control(self, name: str) -> Control:
        filter_ = self.filters.filters[name]
        values = self.filters.data.getlist(name)
        errors = self.filters.errors.get(name, [])
        is_offered = (name not in self.beside and not self._is_companion(name)) or bool(errors)
        shape, options = self._shape(name, filter_) if is_offered else ("find", [])
        return Control(name, shape, filter_.label, filter_.extra.get("help_text", ""), values, errors, options)

    def _shape(self, name: str, filter_: Any) -> tuple[str, list[tuple[str, Any]]]:
        if isinstance(filter_, SearchFilter):
            return "search", []
        if isinstance(filter_, PartialDateFilter):
            return "date", []
        if name == "dates":
            # The rule that holds anyway is sent as nothing, so that it makes no filter in force.
            return "select", [("" if value == "possible" else value, label) for value, label in filter_.field.choices]
        if isinstance(filter_, OneWordFilter):
            return "select", [("", _("any")), *filter_.field.choices]
        if isinstance(filter_, WordFilter):
            return "boxes", filter_.field.choices
        if isinstance(filter_, CountryFilter):
            return "select", [("", _("any")), *_countries()]
        if isinstance(filter_, LanguageFilter):
            return "proposed", [(tag, language_name(tag)) for tag in PROPOSED_LANGUAGES]
        if isinstance(filter_, UidFilter):
            options = _records(name) if name in LISTED else []
            return ("add", [("", _("add …")), *options]) if 0 < len(options) <= MOST_OPTIONS else ("find", [])
        return "text", []


def _countries() -> list[tuple[str, str]]:
    """The countries of public places, by name."""
    codes = Place.objects.public().exclude(country="").order_by().values_list("country", flat=True).distinct()
    return sorted(((code, country_name(code)) for code in codes), key=lambda option: option[1])


def _records(name: str) -> list[tuple[str, str]]:
    """The public records that a parameter can have; at most one more than is offered."""
    if name == "topic":
        topics = Topic.objects.public().without_tree_fields().only("uid", "name", "parent_id")[: MOST_OPTIONS + 1]
        # An option cannot be indented by style; spaces that do not collapse show the tree in every browser.
        return [(one.topic.uid, "\u2003" * one.depth + one.topic.name) for one in flattened(tree(topics))]
    records: Any = Series.objects if name == "series" else Actor.objects.filter(kind=ActorKind.STATE)
    return list(records.public().order_by("name", "id").values_list("uid", "name")[: MOST_OPTIONS + 1])
