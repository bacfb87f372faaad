"""Records and sources as references for bibliographies: CSL-JSON, BibTeX and RIS.

A record is cited as an entry of this database, by the version that was read; a source as the document that it is. The
key of a reference is made from its public id, so that it never changes. Letters of all scripts are kept (UTF-8).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from events.models import Source, SourceKind
from partialdates.values import PartialDate

SITE_NAME = "Readout"
#: By kind of source: the types of CSL, BibTeX and RIS. A record of ours is an entry.
TYPES = {
    "entry": ("entry", "misc", "DBASE"),
    "selection": ("dataset", "misc", "DATA"),
    SourceKind.READOUT: ("webpage", "misc", "ELEC"),
    SourceKind.REPORT: ("article-newspaper", "article", "NEWS"),
    SourceKind.TRANSCRIPT: ("webpage", "misc", "ELEC"),
    SourceKind.DOCUMENT: ("document", "misc", "GOVDOC"),
    SourceKind.POST: ("post", "misc", "ELEC"),
    SourceKind.DATASET: ("dataset", "misc", "DATA"),
    SourceKind.ANALYSIS: ("report", "techreport", "RPRT"),
    SourceKind.OTHER: ("document", "misc", "GEN"),
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Reference:
    """What a bibliography says of one record, source or selection."""

    key: str
    kind: str
    title: str
    author: str
    url: str
    issued: PartialDate
    accessed: date | None = None
    container: str = ""
    archived_url: str = ""
    version: str = ""
    language: str = ""
    note: str = ""
    #: When what the record tells of happened.
    event: PartialDate = PartialDate.UNKNOWN
    #: Words in brackets for a source that has no title.
    described_as: str = ""


def of_record(record: Any, *, site: str, accessed: date) -> Reference:
    """A record as an entry of this database."""
    event = getattr(record, "date", PartialDate.UNKNOWN)
    title = name_of(record)
    return Reference(
        key=f"readout-{record.uid}",
        kind="entry",
        title=f"{title} ({event.text})" if event else title,
        author=SITE_NAME,
        url=f"{site}{record.get_absolute_url()}",
        issued=_day(record.updated_at.date()),
        accessed=accessed,
        container=f"{SITE_NAME}: an event database of diplomacy",
        version=str(record.version),
        note=f"{str(record._meta.verbose_name).capitalize()} {record.uid}, version {record.version}",
        event=event,
    )


def of_source(source: Source) -> Reference:
    """A source as the document that it is."""
    return Reference(
        key=f"readout-{source.uid}",
        kind=source.kind,
        title=source.title,
        author=source.publisher,
        url=source.url or source.archived_url,
        issued=source.published,
        accessed=source.accessed_on,
        container=source.publisher if source.kind == SourceKind.REPORT else "",
        archived_url=source.archived_url if source.url else "",
        language=source.language,
        described_as=str(source.get_kind_display()).capitalize(),
    )


def name_of(record: Any) -> str:
    """What a record is called where it is cited."""
    if isinstance(record, Source):
        return str(record)
    return str(getattr(record, "label", "") or getattr(record, "title", "") or record.name)


def _day(day: date) -> PartialDate:
    return PartialDate.from_canonical(day.isoformat())


def _words(text: str) -> str:
    return " ".join(text.split())


# CSL-JSON


def csl(one: Reference) -> dict[str, Any]:
    """The reference as Citation Style Language has it (version 1.0.2); empty variables are left out."""
    item = {
        "id": one.key,
        "type": TYPES[one.kind][0],
        "title": _words(one.title) or f"[{one.described_as}]",
        "author": [{"literal": one.author}] if one.author else None,
        "container-title": one.container,
        "publisher": one.author if one.container != one.author else "",
        "issued": csl_date(one.issued),
        "accessed": csl_date(_day(one.accessed)) if one.accessed else None,
        "event-date": csl_date(one.event),
        "URL": one.url,
        "archive_location": one.archived_url,
        "version": one.version,
        "language": one.language,
        "note": one.note,
    }
    return {name: value for name, value in item.items() if value}


def csl_date(date_: PartialDate) -> dict[str, Any] | None:
    """A date as numbers as far as these say all of it, else in words."""
    if not date_:
        return None
    ends = date_.edtf.split("/")
    if len(ends) <= 2 and all(re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?", end) for end in ends):
        return {"date-parts": [[int(part) for part in end.split("-")] for end in ends]}
    return {"literal": date_.text}


# BibTeX

_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # Braces are counted even behind a backslash: one alone would swallow the rest of the file.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "$&%#_"},
    }
)


def bibtex(one: Reference) -> str:
    """The reference as an entry for BibTeX or biblatex, in UTF-8."""
    kind = TYPES[one.kind][1]
    title = _words(one.title) or f"[{one.described_as}]"
    publisher = {"article": "journal", "techreport": "institution"}.get(kind, "howpublished")
    fields = {
        "author": f"{{{_tex(one.author)}}}" if one.author else "",
        "title": f"{{{_tex(title)}}}",  # a second pair of braces keeps capitals
        publisher: _tex(one.container or one.author),
        **_bibtex_date(one.issued),
        "version": _tex(one.version),
        "url": _tex_address(one.url),
        "urldate": one.accessed.isoformat() if one.accessed else "",
        "language": _tex(one.language),
        "note": _tex("; ".join(filter(None, (one.note, _archived(one))))),
    }
    body = "".join(f",\n  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{one.key}{body}\n}}\n"


def _tex(text: str) -> str:
    return _words(text).translate(_BIBTEX)


def _tex_address(url: str) -> str:
    return url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")


def _archived(one: Reference) -> str:
    return f"Archived copy: {one.archived_url}" if one.archived_url else ""


def _bibtex_date(date_: PartialDate) -> dict[str, str]:
    if found := re.match(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", date_.edtf):
        month = MONTHS[int(found[2]) - 1] if found[2] else ""
        return {"year": found[1], "month": month, "date": date_.edtf}
    return {"date": date_.edtf}


# RIS


def ris(one: Reference) -> str:
    """The reference in the format of reference managers; lines end as it wants, with carriage return and line feed."""
    year = re.match(r"\d{4}", one.issued.edtf)
    lines = [
        ("TY", TYPES[one.kind][2]),
        ("ID", one.key),
        ("TI", one.title or f"[{one.described_as}]"),
        ("AU", one.author),
        ("T2", one.container if one.container != one.author else ""),
        ("PB", one.author),
        ("PY", year[0] if year else ""),
        ("DA", _ris_date(one.issued)),
        ("Y2", one.accessed.strftime("%Y/%m/%d/") if one.accessed else ""),
        ("ET", one.version),
        ("LA", one.language),
        ("UR", one.url),
        ("N1", one.note),
        ("N1", _archived(one)),
    ]
    return "".join(f"{tag}  - {_words(value)}\r\n" for tag, value in lines if value) + "ER  - \r\n\r\n"


def _ris_date(date_: PartialDate) -> str:
    """Year/month/day/other: what is not known stays empty."""
    if found := re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:-(\d\d))?", date_.edtf):
        return "/".join([found[1], found[2] or "", found[3] or "", ""])
    return f"///{date_.text}" if date_ else ""
