"""The pages of sources and formulas."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from events import reading
from events.models import Formula, FormulaUse, FormulaUser, Source
from events.models.sources import TARGETS
from events.views import related
from events.views.details import DetailView, footnotes_of, transcript_of

#: A source that very much rests on (a data set) shows the first of it, and links to the lists of all.
CITATIONS_SHOWN = 300
#: Cited rows without a page of their own, and the link to the record on whose page they are.
PARTS = {"participation": "meeting", "tenure": "person"}


class SourceDetailView(DetailView):
    """A source: where it is, and everything that rests on it."""

    model = Source
    template_name = "events/source_detail.html"
    kind_name = _("Source")

    def records(self) -> Any:
        return Source.objects.with_public("publisher_actor")

    def context(self, record: Source) -> dict[str, Any]:
        citations = reading.cited_rows(reading.citations().filter(source=record))
        shown = list(citations.order_by("id")[:CITATIONS_SHOWN])
        return {
            "cited": _by_record(shown),
            "citation_count": citations.count() if len(shown) == CITATIONS_SHOWN else len(shown),
            "meetings": related.meetings(0, source=record.uid),
            "statements": related.statements(0, source=record.uid),
            "transcript": transcript_of(self.request, record.text),
        }


def _by_record(citations: list[Any]) -> list[tuple[Any, list[Any]]]:
    """The citations under the record they belong to, in the order of first mention."""
    found: dict[tuple[str, int], tuple[Any, list[Any]]] = {}
    for citation in citations:
        target = next(name for name in TARGETS if getattr(citation, f"{name}_id") is not None)
        record = getattr(citation, target)
        if target in PARTS:
            record = getattr(record, PARTS[target])
        found.setdefault((record._meta.model_name, record.pk), (record, []))[1].append(citation)
    return list(found.values())


class FormulaDetailView(DetailView):
    """A set phrase: its wordings, where it was first seen, who uses it."""

    model = Formula
    template_name = "events/formula_detail.html"
    kind_name = _("Formula")

    def records(self) -> Any:
        return Formula.objects.with_public("topic", "first_meeting").prefetch_related("variants")

    def context(self, record: Formula) -> dict[str, Any]:
        statements = related.statements(formula=record.uid)
        wordings = dict(
            FormulaUse.objects.public()
            .filter(formula=record, statement__in=[one.pk for one in statements.records])
            .values_list("statement", "wording")
        )
        for statement in statements.records:
            statement.wording = wordings.get(statement.pk, "")
        return {
            "first_users": FormulaUser.objects.public().filter(formula=record).select_related("actor"),
            "statements": statements,
            "footnotes": footnotes_of(reading.citations().filter(formula=record)),
        }
