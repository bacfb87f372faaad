import pytest

from events import reading
from events.footnotes import Contradiction, Footnotes, Mark, fact_in_words, value_in_words
from events.models import Citation
from events.models.sources import CITABLE_FIELDS
from tests.factories import (
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    StatementFactory,
    TenureFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return MeetingFactory(title="20th strategic security consultation", date="2025-12-02")


def notes():
    return Footnotes(reading.cited_rows(reading.citations()).order_by("id"))


def test_sources_are_numbered_by_first_citation_and_each_once(consultation):
    tass, reuters = SourceFactory(publisher="TASS"), SourceFactory(publisher="Reuters")
    CitationFactory(source=tass, meeting=consultation)
    CitationFactory(source=reuters, meeting=consultation, field="date")
    CitationFactory(source=tass, meeting=consultation, field="date")

    footnotes = notes()

    assert [(note.number, note.source.publisher, len(note.citations)) for note in footnotes.notes] == [
        (1, "TASS", 2),
        (2, "Reuters", 1),
    ]
    assert footnotes.marks(consultation) == [Mark(1, "supports")]
    assert footnotes.marks(consultation, "date") == [Mark(2, "supports"), Mark(1, "supports")]
    assert footnotes.marks(consultation, "place") == []


def test_mark_stands_once_for_a_source_that_is_cited_twice_with_one_verdict(consultation):
    tass = SourceFactory()
    CitationFactory(source=tass, meeting=consultation, field="date", locator="p. 1")
    CitationFactory(source=tass, meeting=consultation, field="date", locator="p. 2")
    CitationFactory(source=tass, meeting=consultation, field="date", verdict="mentions")

    assert notes().marks(consultation, "date") == [Mark(1, "supports"), Mark(1, "mentions")]


def test_contradiction_gives_a_date_in_words_and_other_values_as_typed(consultation):
    sputnik = SourceFactory(publisher="Sputnik")
    CitationFactory(source=sputnik, meeting=consultation, field="date", verdict="contradicts", value_given="2025-12-01")
    CitationFactory(
        source=sputnik, meeting=consultation, field="place", verdict="contradicts", value_given="2025", note="A slip?"
    )

    footnotes = notes()

    assert footnotes.contradictions(consultation, "date") == [Contradiction(1, "Sputnik", "1 December 2025", "")]
    assert footnotes.contradictions(consultation, "place") == [Contradiction(1, "Sputnik", "2025", "A slip?")]


def test_date_that_is_none_is_shown_as_the_source_gives_it(consultation):
    citation = CitationFactory(meeting=consultation, field="date", verdict="contradicts", value_given="early December")

    assert value_in_words(citation) == "early December"


def test_rows_with_one_key_in_different_tables_keep_their_marks_apart(consultation):
    statement = StatementFactory(pk=consultation.pk)
    CitationFactory(meeting=None, statement=statement)

    assert notes().marks(consultation) == []
    assert notes().marks(statement) == [Mark(1, "supports")]


@pytest.mark.parametrize(("target", "field"), [(one, name) for one, names in CITABLE_FIELDS.items() for name in names])
def test_every_field_that_can_be_cited_has_a_label(target, field):
    rows = {
        "meeting": MeetingFactory,
        "participation": lambda: ParticipationFactory(actor=PersonFactory(name="Wang Yi")),
        "statement": StatementFactory,
        "tenure": lambda: TenureFactory(office__name="Secretary", office__body__name="Security Council"),
        "actor": PersonFactory,
        "formula": FormulaFactory,
    }
    citation = Citation(source=SourceFactory(), field=field, **{target: rows[target]()})

    words = fact_in_words(citation)

    owner = {"participation": "Wang Yi: ", "tenure": "Secretary, Security Council: "}.get(target, "")
    assert words.startswith(owner)
    assert words.removeprefix(owner)


def test_statement_is_named_on_the_page_of_its_meeting_only(consultation):
    statement = StatementFactory(gist="Both oppose blocs.", meeting=consultation)
    citation = CitationFactory(meeting=None, statement=statement, field="gist")

    assert fact_in_words(citation, consultation) == "the statement “Both oppose blocs.”: gist"
    assert fact_in_words(citation, statement) == "gist"
    assert fact_in_words(citation) == "gist"
