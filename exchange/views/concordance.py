"""The lines of a concordance as a table."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from events.concordance import Concordance
from events.filters import StatementFilterSet
from events.models import Statement
from exchange.exports.answers import site_of
from exchange.exports.sheets import SIGNS

#: The columns of the table, in their order.
COLUMNS = ("date", "earliest", "latest", "before", "words", "after", "from", "language", "speakers", "meeting", "place",
           "statement", "url")  # fmt: skip


def concordance(request: HttpRequest) -> Any:
    """The lines that the page of the same query shows; what is refused there is said there."""
    filters = StatementFilterSet(request.GET, queryset=Statement.objects.public())
    shown = Concordance(filters) if filters.is_valid() else None
    if shown is None or not shown.terms:
        return HttpResponseRedirect(f"{reverse('events:statement-concordance')}?{request.GET.urlencode()}")
    response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
        _rows(shown, site_of(request)), content_type="text/csv; charset=utf-8"
    )
    name = f"readout-concordance-{datetime.now(UTC):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Line:
    def write(self, line: str) -> str:
        return line


def _rows(shown: Concordance, site: str) -> Iterator[str]:
    writer: Any = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(COLUMNS)
    for one in shown.quoted:
        row = one.row
        for line in one.lines:
            cells = (
                row.date.text, row.date.earliest or "", row.date.latest or "", line.before, line.words, line.after,
                line.of, line.language, "; ".join(speaker.name for speaker in row.speakers),
                row.meeting.name if row.meeting else "", one.place.name if one.place else "", row.label,
                f"{site}{row.url}",
            )  # fmt: skip
            yield writer.writerow([_protected(str(cell)) for cell in cells])


def _protected(cell: str) -> str:
    return f"'{cell}" if cell and cell[0] in SIGNS else cell
