"""The sources of a page as numbered notes, and the marks that stand at each fact they speak to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.models import Citation, CitationVerdict
from events.models.sources import TARGETS
from partialdates.errors import InvalidPartialDate
from partialdates.fields import PartialDateField
from partialdates.values import PartialDate


@dataclass(frozen=True)
class Mark:
    """A source at a fact: its number on the page and whether it supports, contradicts or only mentions it."""

    number: int
    verdict: str


@dataclass(frozen=True)
class Contradiction:
    """A source that gives something else than the record: who, what instead, and why we think so."""

    number: int
    publisher: str
    value: str
    note: str


@dataclass
class Note:
    """A source with all that it is cited for on the page."""

    number: int
    source: Any
    citations: list[Any] = field(default_factory=list)


class Footnotes:
    """Numbers the sources of ``citations`` in the order of their first citation; answers what speaks to a fact.

    A fact is a row and the name of one of its fields; an empty name is the row as a whole.
    """

    def __init__(self, citations: Iterable[Citation]) -> None:
        self._notes: dict[int, Note] = {}
        self._by_fact: dict[tuple[str, int, str], list[Citation]] = defaultdict(list)
        for citation in citations:
            note = self._notes.setdefault(citation.source_id, Note(len(self._notes) + 1, citation.source))
            note.citations.append(citation)
            target = next(name for name in TARGETS if getattr(citation, f"{name}_id") is not None)
            self._by_fact[target, getattr(citation, f"{target}_id"), citation.field].append(citation)

    def __len__(self) -> int:
        return len(self._notes)

    @property
    def notes(self) -> list[Note]:
        """All sources of the page in the order of their numbers."""
        return list(self._notes.values())

    def marks(self, row: Any, fact: str = "") -> list[Mark]:
        """The sources that speak to a fact, each once with each verdict."""
        found = (Mark(self._notes[one.source_id].number, one.verdict) for one in self._at(row, fact))
        return list(dict.fromkeys(found))

    def contradictions(self, row: Any, fact: str = "") -> list[Contradiction]:
        """The sources that give something else for a fact."""
        return [
            Contradiction(self._notes[one.source_id].number, one.source.publisher, value_in_words(one), one.note)
            for one in self._at(row, fact)
            if one.verdict == CitationVerdict.CONTRADICTS
        ]

    def all_contradictions(self, row: Any) -> list[Contradiction]:
        """The sources that give something else for whatever fact of the row."""
        facts = [fact for name, key, fact in self._by_fact if (name, key) == (row._meta.model_name, row.pk)]
        return [found for fact in facts for found in self.contradictions(row, fact)]

    @property
    def citations(self) -> list[Any]:
        """All citations of the page, those of one source together."""
        return [citation for note in self.notes for citation in note.citations]

    def is_cited(self, row: Any) -> bool:
        """Whether a source speaks to the row or to any fact of it."""
        return any((name, key) == (row._meta.model_name, row.pk) for name, key, _fact in self._by_fact)

    def supports(self, row: Any, fact: str = "") -> bool:
        """Whether a source supports the fact; the row as a whole without ``fact``."""
        return any(one.verdict == CitationVerdict.SUPPORTS for one in self._at(row, fact))

    def quotes(self, row: Any, fact: str = "") -> list[tuple[int, Citation]]:
        """What sources print in so many words: the number of each and the citation with its quote."""
        return [(self._notes[one.source_id].number, one) for one in self._at(row, fact) if one.quote]

    def _at(self, row: Any, fact: str) -> list[Citation]:
        return self._by_fact.get((row._meta.model_name, row.pk, fact), [])


def value_in_words(citation: Citation) -> str:
    """The value a source gives, a date as dates are worded everywhere."""
    if citation.value_given and isinstance(_field_of(citation), PartialDateField):
        try:
            return PartialDate.parse(citation.value_given).text
        except InvalidPartialDate:
            return citation.value_given
    return citation.value_given


def fact_in_words(citation: Citation, page_of: Any = None) -> str:
    """What a citation speaks to, as the label of a fact: “date”, “Wang Yi: role”, “the record as a whole”.

    On the page of another record, ``page_of``, a statement is named too.
    """
    label = _label(_field_of(citation)) if citation.field else ""
    part: Any = citation.participation or (citation.tenure and citation.tenure.office)
    if page_of is not None and citation.statement is not None and citation.statement != page_of:
        part = _("the statement “%(statement)s”") % {"statement": citation.statement.label}
    if part:
        return _("%(part)s: %(fact)s") % {"part": part, "fact": label} if label else str(part)
    return label or pgettext("what a source is cited for", "the record as a whole")


def _label(field: Any) -> str:
    return str(getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural)


def _field_of(citation: Citation) -> Any:
    target = next(name for name in TARGETS if getattr(citation, f"{name}_id") is not None)
    model = Citation._meta.get_field(target).related_model
    return model._meta.get_field(citation.field) if citation.field else None  # type: ignore[union-attr]
