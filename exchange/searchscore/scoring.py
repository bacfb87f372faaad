"""Asks queries whose right answers were written down by people who know the data, and says how many come first.

*Precision at 5* of a query is the share of relevant records among its first *n* results, where *n* is 5, or the number
of relevant records where there are fewer: one right answer, found first, is 1, not 0.2. A query that shall find nothing
scores 1 when it does. *Reciprocal rank* is 1 divided by the place of the first relevant result among the first ten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from events.finding import KINDS

QUERIES = Path(__file__).with_name("queries.yaml")
FIRST = 5
LOOKED_AT = 10


@dataclass(frozen=True)
class Query:
    """A query, the list it is asked of, and the titles or names of all that is relevant."""

    typed: str
    language: str
    about: str
    kind: str
    relevant: tuple[str, ...]
    needs: str = "seeds"


@dataclass(frozen=True)
class Answer:
    """What a query found."""

    query: Query
    found: tuple[str, ...]
    relevant: int

    @property
    def precision(self) -> float:
        """Precision at 5, as said above."""
        most = min(FIRST, self.relevant)
        if not most:
            return float(not self.found)
        return sum(_is_relevant(title, self.query) for title in self.found[:most]) / most

    @property
    def reciprocal_rank(self) -> float:
        """1 for a relevant first result, 1/2 for the second, 0 when none of the first ten is."""
        if not self.relevant:
            return float(not self.found)
        places = [place for place, title in enumerate(self.found, start=1) if _is_relevant(title, self.query)]
        return 1 / places[0] if places else 0.0


def read_queries(path: Path = QUERIES) -> list[Query]:
    """The queries of a file."""
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return [
        Query(
            str(row["q"]), row["language"], row["about"], row["kind"], tuple(row["relevant"]), row.get("needs", "seeds")
        )
        for row in rows
    ]


def ask(query: Query) -> Answer:
    """The answer of the list that the query is for."""
    [kind] = [one for one in KINDS if one.plural == query.kind]
    records = kind.records().public()
    found = kind.search.with_rank(kind.search.filter(records, [query.typed]), [query.typed])
    titles = tuple(_title(record) for record in found.order_by("-search_rank", "-id")[:LOOKED_AT])
    relevant = sum(1 for record in records if _is_relevant(_title(record), query)) if query.relevant else 0
    return Answer(query, titles, relevant)


def report(answers: Iterable[Answer]) -> list[str]:
    """The scores in all and by language, and every query that is not perfect, as lines."""
    answers = list(answers)
    lines = [f"{'':12}{'queries':>8}{'P@5':>8}{'MRR':>8}"]
    for language in ("all", *sorted({answer.query.language for answer in answers})):
        of = [answer for answer in answers if language in ("all", answer.query.language)]
        lines.append(f"{language:12}{len(of):>8}{precision(of):>8.3f}{_mean(one.reciprocal_rank for one in of):>8.3f}")
    for answer in answers:
        if answer.precision < 1:
            lines.append(f"\n{answer.query.typed}  ({answer.query.kind}; {answer.query.about}): {answer.precision:.2f}")
            lines += [
                f"  {'+' if _is_relevant(title, answer.query) else '-'} {title}" for title in answer.found[:FIRST]
            ] or ["  nothing found"]
            first = answer.found[:FIRST]
            missed = [one for one in answer.query.relevant if not any(_matches(title, one) for title in first)]
            lines += [f"  expected: {one}" for one in missed[:FIRST]]
    return lines


def precision(answers: list[Answer]) -> float:
    """Mean precision at 5."""
    return _mean(answer.precision for answer in answers)


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def _title(record: Any) -> str:
    date = getattr(record, "date", None)
    name = getattr(record, "label", None) or getattr(record, "title", None) or getattr(record, "name", None)
    return f"{name or record} @ {date.edtf}" if date else str(name or record)


def _is_relevant(title: str, query: Query) -> bool:
    return any(_matches(title, one) for one in query.relevant)


def _matches(title: str, expected: str) -> bool:
    """The whole title, with or without its date; or its beginning, where ``…`` stands for the rest."""
    bare = title.rsplit(" @ ", 1)[0]
    if expected.endswith("…"):
        return title.startswith(expected[:-1])
    return expected in (title, bare)
