"""Taking away what a filter finds: what was asked for, what is refused, and the file as it is being written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import calendars, wording
from events.reading import meetings_for_list
from exchange.exports import references, representations, sheets
from exchange.exports.about import about, as_pairs
from exchange.exports.kinds import Kind
from exchange.exports.snapshots import snapshot

#: Parameters of an export, beside those of the filter. ``page`` says nothing here: a file has no pages.
FORMAT, BYTE_ORDER_MARK, OF = "format", "bom", "of"
OWN_PARAMETERS = (FORMAT, BYTE_ORDER_MARK, OF)
BLOCK = 64 * 1024


@dataclass(frozen=True)
class Format:
    """One form of a file."""

    name: str
    label: Any
    media_type: str
    suffix: str


FORMATS = {
    one.name: one
    for one in (
        Format("csv", gettext_lazy("CSV"), "text/csv; charset=utf-8; header=present", "csv"),
        Format(
            "xlsx",
            gettext_lazy("Excel (XLSX)"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        Format("json", gettext_lazy("JSON"), "application/json", "json"),
        Format("jsonl", gettext_lazy("JSON Lines"), "application/jsonl; charset=utf-8", "jsonl"),
        Format("bibtex", gettext_lazy("BibTeX"), "application/x-bibtex; charset=utf-8", "bib"),
        Format("ris", gettext_lazy("RIS"), "application/x-research-info-systems; charset=utf-8", "ris"),
        Format("csl", gettext_lazy("CSL-JSON"), "application/vnd.citationstyles.csl+json", "json"),
        Format("ics", gettext_lazy("Calendar (iCalendar)"), "text/calendar; charset=utf-8", "ics"),
        Format("about", gettext_lazy("Description of the file"), "application/json", "json"),
    )
}
#: Formats that hold references, and not the fields of records.
REFERENCES = ("bibtex", "ris", "csl")
#: Formats that have no room for a description of the file.
WITHOUT_DESCRIPTION = ("csv", "jsonl", "ris", "csl", "ics")


def formats_of(kind: Kind) -> dict[str, Format]:
    """The forms that a list can be had in, by name."""
    return {name: one for name, one in FORMATS.items() if name != "ics" or kind.has_calendar}


class Export:
    """The whole of what one query string asks of a list, as a file.

    Nothing is looked up before `problems` was asked. `chunks` reads the filter again inside its snapshot, so that the
    file is one moment of the database.
    """

    def __init__(self, kind: Kind, data: QueryDict, *, site: str, page: str = "") -> None:
        self.kind = kind
        self.data = data
        self.site = site
        self.page = page or reverse(f"events:{kind.name}-list")
        self.at = datetime.now(UTC)

    @cached_property
    def filters(self) -> Any:
        """The filter set over the records without what a format shows of them."""
        return self._filters()

    def _filters(self, queryset: Any = None) -> Any:
        data = self.data.copy()
        for name in (*OWN_PARAMETERS, "page", "cursor"):
            data.pop(name, None)
        filters = self.kind.filters(data, queryset)
        filters.view_parameters = OWN_PARAMETERS
        return filters

    @property
    def format(self) -> Format | None:
        """The form asked for; ``None`` for one that is not there."""
        given = self.data.getlist(FORMAT)
        return formats_of(self.kind).get(given[0]) if len(given) == 1 else None

    @cached_property
    def problems(self) -> dict[str, list[str]]:
        """What is refused, by parameter, with what is allowed; no file is made then."""
        found = dict(self.filters.errors)
        if self.format is None:
            allowed = ", ".join(formats_of(self.kind))
            found[FORMAT] = [_("format: choose one of: %(formats)s.") % {"formats": allowed}]
        for name, words in ((BYTE_ORDER_MARK, ("true", "false")), (OF, self.of_allowed)):
            given = self.data.getlist(name)
            if given and (len(given) > 1 or given[0] not in words):
                found[name] = [_("%(name)s: choose one of: %(allowed)s.") % {"name": name, "allowed": ", ".join(words)}]
        if not found and self._of_sources and self.format is not None and self.format.name not in REFERENCES:
            found[OF] = [
                _("of: sources can be had as references alone: choose one of these formats: %(formats)s.")
                % {"formats": ", ".join(REFERENCES)}
            ]
        if not found and self.format is not None and self.format.name == "xlsx":
            found |= self._too_many_rows()
        return found

    @property
    def of_allowed(self) -> tuple[str, ...]:
        """What the file can be of: the records, or the sources they rest on."""
        return ("records", "sources") if self.kind.cited_by else ("records",)

    @property
    def _of_sources(self) -> bool:
        return self.data.get(OF) == "sources"

    def _too_many_rows(self) -> dict[str, list[str]]:
        most = sheets.MOST_ROWS - 1  # the head is a row, too
        if self.filters.qs.order_by()[: most + 1].count() <= most:
            return {}
        return {
            FORMAT: [
                _("format: a sheet of Excel holds %(most)d rows, and more were found. Narrow the list, or take CSV.")
                % {"most": most}
            ]
        }

    @property
    def file_name(self) -> str:
        """What is in the file and from which day."""
        assert self.format is not None  # noqa: S101 (a refused format has no file)
        what = f"sources-of-{self.kind.plural}" if self._of_sources else self.kind.plural
        about_it = "-about" if self.format.name == "about" else ""
        return f"readout-{what}{about_it}-{self.at:%Y-%m-%d}.{self.format.suffix}"

    @property
    def about_query(self) -> str:
        """The query string of the description of the file; empty where the file holds it."""
        if self.format is None or self.format.name not in WITHOUT_DESCRIPTION:
            return ""
        query = QueryDict(self.filters.query_string(page_size=None, density=None), mutable=True)
        query[FORMAT] = "about"
        return query.urlencode()

    def about(self, filters: Any = None) -> dict[str, Any]:
        """What the file is."""
        return about(self.kind, filters or self.filters, site=self.site, page=self.page, at=self.at)

    def chunks(self) -> Iterator[bytes]:
        """The file, in blocks."""
        assert self.format is not None  # noqa: S101 (asked only when nothing was refused)
        with snapshot():
            if self.format.name in ("csv", "xlsx"):
                yield from self._sheet(self.format.name)
            elif self.format.name == "ics":
                yield from self._calendar()
            else:
                yield from _in_blocks(self._texts(self.format.name))

    def _sheet(self, name: str) -> Iterator[bytes]:
        filters = self._filters()
        asked: dict[str, Any] = {"order": filters.order_keys, "site": self.site}
        if name == "csv":
            has_mark = self.data.get(BYTE_ORDER_MARK) == "true"
            return sheets.csv(self.kind.table, filters.qs, bom=has_mark, **asked)
        found = sheets.rows(self.kind.table, filters.qs, **asked)
        return sheets.xlsx(self.kind.table, found, as_pairs(self.about(filters)))

    def _calendar(self) -> Iterator[bytes]:
        filters = self._filters()
        shown = calendars.showable(filters.qs)
        # Counted first, inside the snapshot: a calendar says at its beginning what it leaves out.
        left_out = filters.qs.order_by().count() - shown.order_by().count()
        return calendars.calendar_of(
            title=wording.list_in_words(capfirst(self.kind.model._meta.verbose_name_plural), filters),
            meetings=meetings_for_list(shown).iterator(chunk_size=1000),
            left_out=left_out,
            site=self.site,
        )

    def _texts(self, name: str) -> Iterator[str]:
        if name == "about":
            return iter([representations.as_json(self.about())])
        if name in ("json", "jsonl"):
            filters = self._filters()
            found = representations.records(filters.qs, self.kind.serializer, site=self.site)
            return (
                representations.lines(found)
                if name == "jsonl"
                else representations.document(self.about(filters), found)
            )
        filters = self._filters()
        return written(name, self._references(filters), head=self._head(filters))

    def _head(self, filters: Any) -> str:
        """What stands before the first entry of BibTeX, which takes what is outside an entry for a comment."""
        said = self.about(filters)
        lines = (said["title"], said["url"], said["read_at"], f"Licence: {said['licence']}", said["cite_as"])
        return "".join(f"% {line.replace('@', '(at)')}\n" for line in lines) + "\n"

    def _references(self, filters: Any) -> Iterator[references.Reference]:
        if self._of_sources:
            found: Any = self.kind.sources_of(filters.qs)
        else:
            found = filters.qs
        if self._of_sources or self.kind.name == "source":
            return map(references.of_source, found.defer("search", "text").iterator(chunk_size=1000))
        accessed = self.at.date()
        return (
            references.of_record(record, site=self.site, accessed=accessed)
            for record in found.defer("search").iterator(chunk_size=1000)
        )


WRITERS: dict[str, Callable[[references.Reference], str]] = {"bibtex": references.bibtex, "ris": references.ris}


def written(name: str, found: Iterator[references.Reference], *, head: str = "") -> Iterator[str]:
    """References in one of the `REFERENCES` formats."""
    if name == "csl":
        yield from representations.array(representations.as_json(references.csl(one)) for one in found)
        return
    if name == "bibtex":
        yield head
    for one in found:
        yield WRITERS[name](one)


def _in_blocks(found: Iterator[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    size = 0
    for one in found:
        waiting.append(one)
        size += len(one)
        if size >= BLOCK:
            yield "".join(waiting).encode()
            waiting.clear()
            size = 0
    yield "".join(waiting).encode()
