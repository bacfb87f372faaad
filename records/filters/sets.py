"""The parameters of a list together: what is refused, what is in force, and the rows they leave in their order."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from partialdates.querysets import certainly_within, possibly_within
from records.filters.parameters import (
    DENSITIES,
    MomentFilter,
    OneWordFilter,
    PageSizeFilter,
    PartialDateFilter,
    YesNoFilter,
)
from records.filters.values import MAX_QUOTED, listed, quoted
from records.filters.vocabulary import VOCABULARY


@dataclass(frozen=True)
class AppliedFilter:
    """One value in force, for a page to name it and offer the list without it."""

    parameter: str
    value: str
    label: str
    value_label: str
    without_query: str


class RecordFilterSet(django_filters.FilterSet):
    """What every list understands. Construct it with the query string and a queryset that is already ``public()``.

    ``qs`` is filtered and ordered; it is empty while anything in the query string is refused, and ``errors`` says
    what and why. Empty values count as not given. A parameter whose name is taken in Python is declared with a
    trailing underscore.
    """

    #: Parameters that the view reads itself.
    view_parameters: ClassVar[tuple[str, ...]] = ("page", "cursor", "format")
    #: Parameters that say how the list is shown, not what is in it: no chips for them.
    DISPLAY: ClassVar[tuple[str, ...]] = ("order", "page_size", "density")

    updated_since = MomentFilter(
        field_name="updated_at__gte",
        label=_("Changed since"),
        help_text=_("Records that changed at or after this day or moment (ISO 8601; UTC unless it says otherwise)."),
    )
    page_size_ = PageSizeFilter(
        label=_("Per page"), help_text=_("How many records a page holds, 1 to 200; 50 if not given.")
    )
    density = OneWordFilter(
        DENSITIES,
        read_elsewhere=True,
        label=_("Density"),
        help_text=_("How close the rows of a page stand. Makes no difference to what is found."),
    )

    def __init__(self, data: Any = None, queryset: Any = None, *, is_unseen: bool = False, **kwargs: Any) -> None:
        super().__init__(_as_query(data), queryset, **kwargs)
        #: For whoever shows no form: only the fields of parameters that were given are made.
        self.is_unseen = is_unseen
        self._kept: dict[tuple[str, ...], str] = {}

    @classmethod
    def get_filters(cls) -> Any:
        declared = {name.rstrip("_"): one for name, one in super().get_filters().items()}
        for name, one in list(declared.items()):
            declared = one.ways(name) | declared
        return {name: declared[name] for name in sorted(declared, key=VOCABULARY.index)}

    def get_form_class(self) -> Any:
        fields = {name: one.field for name, one in self.filters.items() if name in self.data or not self.is_unseen}
        for one in fields.values():
            # A form takes the last of several values unless its widget asks for all.
            one.widget.value_from_datadict = lambda data, _files, name: data.getlist(name)
        return type(f"{type(self).__name__}Form", (forms.Form,), fields)

    def is_valid(self) -> bool:
        return not self.errors

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """What is refused, by parameter; each message names the parameter, the value and what is allowed."""
        found: dict[str, list[Any]] = {name: list(messages) for name, messages in self.form.errors.items()}
        for name in self.data:
            if name in self.view_parameters:
                continue
            if name not in self.filters:
                found[name] = [self._unknown(name)]
            elif self.filters[name].is_single and len(self.data.getlist(name)) > 1:
                found[name] = [_("give it once only.")]
        if not found:
            found = self.contradictions()
        return {
            name: [f"{quoted(name)}: {message}" for message in messages] for name, messages in found.items() if messages
        }

    def contradictions(self) -> dict[str, list[Any]]:
        """What is refused because values that are right each by itself cannot stand together."""
        if self.given("order") == ["relevance"] and not self.given("q"):
            return {"order": [_("relevance sorts the finds of a search: give q too, or another order.")]}
        return {}

    def _unknown(self, name: str) -> Any:
        allowed = [*self.filters, *self.view_parameters]
        near = difflib.get_close_matches(name[:MAX_QUOTED], allowed, n=1)
        hint = _("there is no such parameter. Did you mean %(near)s? Allowed are: %(allowed)s.")
        plain = _("there is no such parameter. Allowed are: %(allowed)s.")
        return (hint if near else plain) % {"near": "".join(near), "allowed": listed(allowed)}

    def given(self, name: str) -> list[Any]:
        """The values of a parameter after reading; empty when it was not given or the set has none of that name."""
        self.form.is_valid()  # reads the values, once
        values: list[Any] = self.form.cleaned_data.get(name) or []
        return values

    @cached_property
    def qs(self) -> Any:
        if not self.is_valid():
            return self.queryset.none()
        return self.in_order(self.filter_queryset(self.queryset.all()))

    def in_order(self, queryset: Any) -> Any:
        """``queryset`` in the order that applies."""
        if self.order == "relevance":
            queryset = self.filters["q"].search.with_rank(queryset, self.given("q"))
        order = self.filters["order"].orders[self.order]
        return queryset.annotate(**order.annotations).order_by(*order.keys)

    @property
    def order(self) -> str:
        """The key of the order that applies."""
        if self.is_valid() and self.given("order"):
            return str(self.given("order")[0])
        return "relevance" if self.is_valid() and self.given("q") else str(self.filters["order"].default)

    @property
    def order_keys(self) -> tuple[str, ...]:
        """The columns and annotations of `qs` that it is sorted by, a minus sign before each that falls."""
        keys: tuple[str, ...] = self.filters["order"].orders[self.order].keys
        return keys

    @property
    def page_size(self) -> int:
        """How many records a page holds."""
        given = self.given("page_size") if self.is_valid() else []
        return given[0] if given else PageSizeFilter.DEFAULT

    @cached_property
    def applied(self) -> list[AppliedFilter]:
        """Every value of the query string that restricts the list, in the order of the vocabulary, right or wrong."""
        fields = self.form.fields
        self.form.is_valid()
        return [
            AppliedFilter(
                name, value, str(one.label), fields[name].label_of(value), self.query_string(without=(name, value))
            )
            for name, one in self.filters.items()
            if name not in self.DISPLAY
            for value in dict.fromkeys(self.data.getlist(name))
        ]

    def query_string_with(self, **values: list[str]) -> str:
        """The query string in force with these values of these parameters instead; an empty list removes one."""
        # A page asks this hundreds of times, mostly for other values of the same parameters.
        names = tuple(values)
        if names not in self._kept:
            self._kept[names] = self.query_string(**dict.fromkeys(names))
        given = [(name, value) for name in self.filters if name in values for value in values[name]]
        return "&".join(filter(None, (self._kept[names], urlencode(given))))

    def query_string(self, *, without: tuple[str, str] | None = None, **changes: str | None) -> str:
        """The query string in force, without the parameters of the view.

        ``changes`` replaces parameters (``None`` removes one), ``without`` leaves out one value of one parameter.
        """
        query = QueryDict(mutable=True)
        for name, values in self.data.lists():
            if name in self.filters and name not in changes:
                query.setlist(name, [value for value in values if (name, value) != without])
        for name, replacement in changes.items():
            if replacement is not None:
                query[name] = replacement
        return query.urlencode()


def _as_query(data: Any) -> QueryDict:
    """A query without its empty values, and without what neither PostgreSQL nor UTF-8 can hold."""
    query = QueryDict(mutable=True)
    lists = data.lists() if hasattr(data, "lists") else dict(data or {}).items()
    for name, values in lists:
        for value in values if isinstance(values, list | tuple) else [values]:
            text = str(value).replace("\x00", " ").encode("utf-8", "replace").decode().strip()
            if text:
                query.appendlist(str(name), text)
    return query


class DatedFilterSet(RecordFilterSet):
    """A list of records that have a partial date, ``date_field``."""

    date_field: ClassVar[str] = "date"

    from_ = PartialDateFilter(
        edge="earliest",
        label=_("From"),
        help_text=_("First day of a window, included, as precisely as you like: 2023-02 starts on its first day."),
    )
    to = PartialDateFilter(
        edge="latest",
        label=_("To"),
        help_text=_("Last day of a window, included, as precisely as you like: 2023-02 ends on its last day."),
    )
    dates = OneWordFilter(
        [("possible", _("certainly or possibly then")), ("certain", _("only certainly then"))],
        read_elsewhere=True,
        label=_("Dates count as"),
        help_text=_(
            "possible (the rule if not given): what certainly falls in the window, and what possibly does, because its "
            "date is not exact and overlaps it. certain: only what falls in it whatever day turns out to be right. "
            "Says nothing without from or to."
        ),
    )
    undated = YesNoFilter(
        read_elsewhere=True,
        label=_("Date unknown"),
        help_text=_(
            "yes (true): only records whose date is not known at all, which no window finds. "
            "no (false): only the others."
        ),
    )

    def contradictions(self) -> dict[str, list[Any]]:
        start, end = self.window
        if start and end and start > end:
            return {"to": [_("the window ends before it starts. Swap from and to.")]}
        return super().contradictions()

    @property
    def window(self) -> tuple[date | None, date | None]:
        """First and last day asked for, both included; ``None`` is open."""
        start, end = self.given("from"), self.given("to")
        return (start[0] if start else None, end[0] if end else None)

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        if undated := self.given("undated"):
            queryset = queryset.filter(**{f"{self.date_field}_outer__isnull": undated == ["true"]})
        if self.window == (None, None):
            return queryset
        within: Callable[..., Q] = certainly_within if self.given("dates") == ["certain"] else possibly_within
        return queryset.filter(within(*self.window, self.date_field))
