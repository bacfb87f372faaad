"""Counts beside a list: its facets, its histogram over time, and its length, all from what the pages count by."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.filtering import FilterSetBackend, bind
from records.api.pagination import Counted, counted
from records.api.problems import InvalidParameters
from records.api.then import refuse_past
from records.api.views import RecordViewSet
from records.facets.periods import MONTHS, TooManyPeriods, periods
from records.filters import DatedFilterSet

FACET, LIMIT, BY = "facet", "limit", "by"
#: How many values of a facet are told when nobody says how many, and at most.
LIMIT_DEFAULT, LIMIT_MOST = 20, 200
#: A hundred years by month.
MOST_PERIODS = 1_200

_COUNT = {"type": "integer", "minimum": 0}
_FACETS_ANSWER = {
    "type": "object",
    "required": ["count", "facets"],
    "properties": {
        "count": {**_COUNT, "description": "Records in the list, exact."},
        "facets": {
            "type": "object",
            "description": "By parameter, the values that records of the list have, the most frequent first.",
            "additionalProperties": {
                "type": "object",
                "required": ["values", "has_more"],
                "properties": {
                    "values": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["value", "label", "count"],
                            "properties": {
                                "value": {
                                    "type": "string",
                                    "description": "What the parameter takes: a public id, a word or a code.",
                                },
                                "label": {"type": "string", "description": "In words, in the language of the answer."},
                                "count": {
                                    **_COUNT,
                                    "description": "Records the list would have with this value and all that is asked "
                                    "by the other parameters.",
                                },
                            },
                        },
                    },
                    "has_more": {"type": "boolean", "description": "Whether there are more values than `limit`."},
                },
            },
        },
    },
}
_HISTOGRAM_ANSWER = {
    "type": "object",
    "required": ["by", "count", "undated", "periods"],
    "properties": {
        "by": {"type": "string", "enum": list(MONTHS)},
        "count": {**_COUNT, "description": "Records in the list, exact."},
        "undated": {**_COUNT, "description": "Records of any time that have no date and are in no period."},
        "periods": {
            "type": "array",
            "description": "Every period of the axis in time order, those without records too.",
            "items": {
                "type": "object",
                "required": ["period", "from", "to", "possible", "certain"],
                "properties": {
                    "period": {"type": "string", "description": "As 2023, 2023-Q1 or 2023-02.", "example": "2023-02"},
                    "from": {"type": "string", "format": "date"},
                    "to": {"type": "string", "format": "date"},
                    "possible": {**_COUNT, "description": "Records that can have happened in it."},
                    "certain": {**_COUNT, "description": "Those of them that did whatever day turns out to be right."},
                },
            },
        },
    },
}


class CountedViewSet(RecordViewSet):
    """Lists whose facets are counted; each kind of record gets the addresses when the pages count its facets."""

    @classmethod
    def facets_of(cls, filters: Any) -> Any:
        """What the pages count of a valid filter set, as `events.views.facets.ListFacets`; ``None`` for nothing."""
        raise NotImplementedError

    @classmethod
    def facet_names(cls) -> tuple[str, ...]:
        """The parameters whose values are counted; none where nothing is."""
        raise NotImplementedError

    @classmethod
    def get_extra_actions(cls) -> Any:
        """The router asks: only what can be counted has an address."""
        offered = {"facets"} if cls.facet_names() else set()
        if offered and issubclass(cls.filterset_class, DatedFilterSet):
            offered.add("histogram")
        return [one for one in super().get_extra_actions() if one.__name__ in offered or not hasattr(one, "is_count")]

    def described_parameters(self) -> list[dict[str, Any]]:
        if self.action not in ("facets", "histogram"):
            return super().described_parameters()
        filters = FilterSetBackend().get_schema_operation_parameters(self)
        if self.action == "histogram":
            return [*filters, _parameter(BY, _BY_HELP, {"type": "string", "enum": list(MONTHS), "default": "year"})]
        names = {"type": "array", "items": {"type": "string", "enum": list(self.facet_names())}}
        limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT_DEFAULT}
        return [
            *filters,
            {**_parameter(FACET, _FACET_HELP, names), "style": "form", "explode": True},
            _parameter(LIMIT, _LIMIT_HELP, limit),
        ]

    def counted(self, rows: Any) -> Counted:
        found = None if self.is_past else self.facets_of(self.filterset)
        if found is None:
            return counted(rows)
        few = found.selection.few_in_order(self.filterset)
        return Counted(rows if few is None else few, found.selection.count)

    @extend_schema(responses={(200, "application/json"): _FACETS_ANSWER})
    @action(detail=False, filter_backends=[])
    def facets(self, request: Request) -> Response:
        """How many records of the list have which value, for the parameters whose values can be counted."""
        refuse_past(request)
        names, limit = self._asked_facets(request)
        found = self.facets_of(bind(self, request, (FACET, LIMIT)))
        return Response(
            {"count": found.selection.count, "facets": {name: _values(found, name, limit) for name in names}}
        )

    facets.is_count = True  # type: ignore[attr-defined]

    def _asked_facets(self, request: Request) -> tuple[list[str], int]:
        allowed = self.facet_names()
        names = list(dict.fromkeys(one for one in request.query_params.getlist(FACET) if one)) or list(allowed)
        for name in names:
            if name not in allowed:
                message = _("facet: “%(name)s” is not counted here. Allowed are: %(allowed)s.")
                words = {"name": name[:80], "allowed": ", ".join(allowed)}
                raise InvalidParameters({FACET: [message % words]}, allowed={FACET: allowed})
        return names, _limit(request)

    @extend_schema(responses={(200, "application/json"): _HISTOGRAM_ANSWER})
    @action(detail=False, filter_backends=[])
    def histogram(self, request: Request) -> Response:
        """How many records of the list fall in each year, quarter or month, for possible and for certain dates.

        `from` and `to` cut the axis; each period says what the list would hold with the period as its window.
        """
        refuse_past(request)
        by = _one(request, BY) or "year"
        if by not in MONTHS:
            message = _("by: “%(value)s” is not one of the allowed values: %(allowed)s.")
            words = {"value": by[:80], "allowed": ", ".join(MONTHS)}
            raise InvalidParameters({BY: [message % words]}, allowed={BY: MONTHS})
        filters = bind(self, request, (BY,))
        selection = self.facets_of(filters).selection
        try:
            found, undated = periods(selection, by, filters.window, most=MOST_PERIODS)
        except TooManyPeriods as refusal:
            message = _(
                "by: that would be %(found)d periods, and %(most)d can be told. Narrow the window with from and to, or "
                "count by longer periods."
            )
            raise InvalidParameters({BY: [message % {"found": refusal.found, "most": MOST_PERIODS}]}) from None
        return Response(
            {
                "by": by,
                "count": selection.count,
                "undated": undated,
                "periods": [
                    {
                        "period": one.name,
                        "from": one.start.isoformat(),
                        "to": one.end.isoformat(),
                        "possible": one.possible,
                        "certain": one.certain,
                    }
                    for one in found
                ],
            }
        )

    histogram.is_count = True  # type: ignore[attr-defined]


def _one(request: Request, name: str) -> str:
    given = [value for value in request.query_params.getlist(name) if value]
    if len(given) > 1:
        raise InvalidParameters({name: [_("%(name)s: give it once only.") % {"name": name}]})
    return given[0] if given else ""


def _limit(request: Request) -> int:
    given = _one(request, LIMIT)
    if not given:
        return LIMIT_DEFAULT
    if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= LIMIT_MOST):
        message = _("limit: “%(value)s” is not a whole number from 1 to %(most)d.")
        raise InvalidParameters({LIMIT: [message % {"value": given[:80], "most": LIMIT_MOST}]})
    return int(given)


def _values(found: Any, name: str, limit: int) -> dict[str, Any]:
    """The most frequent values that have a public name; a hidden record is neither named nor counted as one more."""
    counts = found.selection.counts(name)
    asked = limit + 1
    while True:
        common = counts.most_common(asked)
        words = found.words(name, [number for number, _count in common])
        named = [(number, count) for number, count in common if number in words]
        if len(named) > limit or len(common) == len(counts):
            break
        asked *= 2
    return {
        "values": [
            {"value": words[number][1], "label": str(words[number][0]), "count": count}
            for number, count in named[:limit]
        ],
        "has_more": len(named) > limit,
    }


_BY_HELP = gettext_lazy("How long a period is.")
_FACET_HELP = gettext_lazy("The parameters whose values to count; all of them if none is named.")
_LIMIT_HELP = gettext_lazy("How many values of each to tell, the most frequent first.")


def _parameter(name: str, text: Any, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": str(text), "schema": schema}
