"""Citing a selection: the page that asks first, the page at the short address, and its rows as files."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from exchange.exports import references, representations, styles
from exchange.exports.about import licence
from exchange.exports.answers import site_of
from exchange.exports.services import FORMATS, REFERENCES, written
from exchange.exports.sheets import SIGNS
from exchange.models import Selection
from exchange.selections.looks import (
    CORRECTED,
    HIDDEN,
    MERGED,
    SAME,
    WITHDRAWN,
    Look,
    Row,
    heading,
)
from exchange.selections.services import MOST_ROWS, NotFrozen, count_attempt, freeze
from partialdates.values import PartialDate
from records.uids import normalise_uid

PAGE = 50
#: The columns that the page of a selection shows, by kind; files have all.
SHOWN = {
    "meeting": ("title", "date_edtf", "place", "participants", "topics"),
    "statement": ("title", "gist", "date_edtf", "speakers", "topics", "stances"),
    "actor": ("name", "kind", "names", "home_state"),
    "topic": ("name", "labels", "parent"),
    "place": ("name", "kind", "country", "parent"),
    "series": ("name", "description"),
    "source": ("publisher", "title", "published_edtf", "document_url"),
    "formula": ("name", "variants", "first_seen_edtf", "first_users"),
}
#: What can be asked of a selection: everything as it was, or what became of a part of it.
WAYS: dict[str, Any] = {
    "rows": gettext_lazy("as cited"),
    "added": gettext_lazy("added since"),
    "left": gettext_lazy("no longer found by the filter"),
    "corrected": gettext_lazy("corrected"),
    "merged": gettext_lazy("merged"),
    "withdrawn": gettext_lazy("withdrawn"),
    "hidden": gettext_lazy("not public at present"),
}


class CiteSelectionView(View):
    """Ask before a selection is frozen, and freeze it."""

    kind: ClassVar[Any] = None

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say what would be frozen; 400 when the filter is refused."""
        filters = self._filters(request)
        status = 200 if filters.is_valid() else 400
        return render(request, "exchange/cite_selection.html", self._context(filters), status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Freeze it and go to its address; 400 or 429 with the reason, and nothing is kept."""
        filters = self._filters(request)
        if not filters.is_valid():
            return render(request, "exchange/cite_selection.html", self._context(filters), status=400)
        try:
            count_attempt(request)
        except NotFrozen as refusal:
            context = self._context(filters) | {"refusal": str(refusal)}
            return render(request, "exchange/cite_selection.html", context, status=429)
        try:
            selection = freeze(kind=self.kind, filters=filters)
        except NotFrozen as refusal:
            context = self._context(filters) | {"refusal": str(refusal)}
            return render(request, "exchange/cite_selection.html", context, status=400)
        return HttpResponseRedirect(selection.get_absolute_url(), status=303)

    def _filters(self, request: HttpRequest) -> Any:
        query = request.GET.copy()
        query.pop("page", None)
        filters = self.kind.filters(query)
        filters.view_parameters = ()
        return filters

    def _context(self, filters: Any) -> dict[str, Any]:
        count = filters.qs.order_by()[: MOST_ROWS + 1].count() if filters.is_valid() else 0
        query = filters.query_string()
        address = reverse(f"events:{self.kind.name}-list")
        return {
            "filters": filters,
            "name": self.kind.name,
            "section": self.kind.name,
            "count": count,
            "most": MOST_ROWS,
            "is_too_large": count > MOST_ROWS,
            "list_url": f"{address}?{query}" if query else address,
        }


def _find(key: str) -> Selection:
    return get_object_or_404(Selection, key=normalise_uid(key))


def selection_page(request: HttpRequest, key: str) -> HttpResponse:
    """A selection as it was cited, and what changed since; 400 for a way of looking that is not there."""
    selection = _find(key)
    if selection.key != key:
        return redirect(selection, permanent=True)
    look = Look(selection)
    way = request.GET.get("show", "rows")
    if way not in WAYS:
        raise Http404
    keys = {
        "rows": lambda: look.rows_that(SAME, CORRECTED, MERGED, WITHDRAWN, HIDDEN),
        "left": look.rows_left,
        "added": lambda: look.added,
    }.get(way, lambda: look.rows_that(way))()
    page = Paginator(keys, PAGE).get_page(request.GET.get("page", "1"))
    is_valid = look.filters.is_valid()
    counts = {
        "added": look.added.count() if is_valid else 0,
        "left": len(look.left),
        **{status: len(look.rows_that(status)) for status in (CORRECTED, MERGED, WITHDRAWN, HIDDEN)},
    }
    site = site_of(request)
    one = reference_of(selection, site=site)
    columns = SHOWN[selection.kind]
    rows = [] if way == "added" else look.rows(list(page.object_list), with_changes=way == CORRECTED)
    query = look.filters.query_string()
    address = reverse(f"events:{selection.kind}-list")
    context = {
        "selection": selection,
        "kind": look.kind,
        "section": selection.kind,
        "size": len(selection.rows),
        "filters": look.filters,
        "list_url": f"{address}?{query}" if query else address,
        "way": way,
        "ways": [(name, label, counts[name]) for name, label in WAYS.items() if counts.get(name)],
        "way_label": WAYS[way],
        "is_unchanged": is_valid and not any(counts.values()),
        "page": page,
        "rows": [(row, [(name, row.cells.get(name, "")) for name in columns]) for row in rows],
        "added": list(page.object_list) if way == "added" else [],
        "heads": [heading(look.kind, name) for name in columns],
        "citations": styles.formatted(one),
        "canonical": f"{site}{selection.get_absolute_url()}",
        "accessed": datetime.now(UTC).date(),
        "links": [(FORMATS[form].label, f"export/?format={form}") for form in ("csv", "json", *REFERENCES)],
        "licence": licence(),
    }
    return render(request, "exchange/selection.html", context)


def reference_of(selection: Selection, *, site: str) -> references.Reference:
    """How a selection is cited."""
    plural = Look(selection).kind.model._meta.verbose_name_plural
    day = selection.made_at.date()
    return references.Reference(
        key=f"readout-selection-{selection.key}",
        kind="selection",
        title=_("Selection of %(n)d %(records)s") % {"n": len(selection.rows), "records": plural},
        author=references.SITE_NAME,
        url=f"{site}{selection.get_absolute_url()}",
        issued=PartialDate.from_canonical(day.isoformat()),
        accessed=datetime.now(UTC).date(),
        container=f"{references.SITE_NAME}: an event database of diplomacy",
        version=day.isoformat(),
        note=f"Selection {selection.key}, frozen {day.isoformat()}",
    )


def selection_file(request: HttpRequest, key: str) -> Any:
    """The frozen rows as CSV or JSON, with what became of each; or the selection as a reference."""
    selection = _find(key)
    name = request.GET.get("format", "")
    if name not in ("csv", "json", *REFERENCES) or set(request.GET) != {"format"}:
        context = {"selection": selection, "formats": [FORMATS[form] for form in ("csv", "json", *REFERENCES)]}
        return render(request, "exchange/refused_selection.html", context, status=400)
    form = FORMATS[name]
    site = site_of(request)
    if name in REFERENCES:
        content: Any = written(name, iter([reference_of(selection, site=site)]))
    else:
        content = _csv(selection, site) if name == "csv" else _json(selection, site)
    response = StreamingHttpResponse((part.encode() for part in content), content_type=form.media_type)
    file_name = f"readout-selection-{selection.key}-{datetime.now(UTC):%Y-%m-%d}.{form.suffix}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


class _Line:
    def write(self, line: str) -> str:
        return line


def _csv(selection: Selection, site: str) -> Iterator[str]:
    look = Look(selection)
    names = look.kind.table.names
    writer: Any = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow([*names, "status", "reason"])
    for row in look.batches():
        cells = _with_site(row, site)
        yield writer.writerow([_protected(cells.get(name, "")) for name in names] + [row.status, row.reason])


def _protected(cell: str) -> str:
    return f"'{cell}" if cell[:1] in SIGNS and cell else cell


def _json(selection: Selection, site: str) -> Iterator[str]:
    look = Look(selection)
    said = {
        "selection": selection.key,
        "url": f"{site}{selection.get_absolute_url()}",
        "filter": selection.query,
        "frozen_at": selection.made_at.isoformat(timespec="seconds"),
        "licence": licence(),
    }
    rows = (
        representations.as_json(
            {"uid": row.uid, "status": row.status, "reason": row.reason, "row": _with_site(row, site)}
        )
        for row in look.batches()
    )
    return representations.document(said, rows)


def _with_site(row: Row, site: str) -> dict[str, str]:
    if not row.cells:
        return {"uid": row.uid}
    return row.cells | {"url": f"{site}{row.cells['url']}"}
