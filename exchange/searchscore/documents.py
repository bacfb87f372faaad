"""Documents beside the seeds to search in: speeches at the UN, items of the Kremlin, resolutions in Chinese.

They are read from a folder that somebody has, never kept with the project, as published statements of their language.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pycountry

from events.models import Basis, Statement, StatementKind


@dataclass(frozen=True)
class Document:
    """A text with a title and a date, in one language."""

    title: str
    text: str
    language: str
    date: str = ""


def _speeches(folder: Path) -> Iterator[Document]:
    for path in sorted((folder / "TXT").glob("Session 69 - 2014/*.txt")):
        code = path.name.split("_")[0]
        country = pycountry.countries.get(alpha_3=code)
        name = country.name if country else {"EU": "European Union"}.get(code, code)
        yield Document(f"General Debate 2014: {name}", path.read_text("utf-8-sig"), "en", "2014")


def _kremlin(folder: Path) -> Iterator[Document]:
    with (folder / "kremlin_articles_ru.csv").open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            yield Document(row["title"][:300], row["summary"] or row["title"], "ru", row["date"])


def _resolutions(folder: Path) -> Iterator[Document]:
    for line in (folder / "npc_resolutions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        passed = re.search(r"（(\d{4})年(\d{1,2})月(\d{1,2})日", row["content"])
        date = "{}-{:0>2}-{:0>2}".format(*passed.groups()) if passed else ""
        yield Document(row["title"], row["content"], "zh", date)


#: The folders that are looked for, and what reads each.
COLLECTIONS: dict[str, Callable[[Path], Iterator[Document]]] = {
    "un-general-debate": _speeches,
    "kremlin-ru-index": _kremlin,
    "zh-npc-resolutions": _resolutions,
}


def add_documents(folder: Path | None) -> tuple[dict[str, int], list[str]]:
    """Add the documents of each collection in ``folder``; how many of each, and which collections are not there."""
    added, absent = {}, []
    for name, read in COLLECTIONS.items():
        if folder is None or not (folder / name).is_dir():
            absent.append(name)
            continue
        documents = list(read(folder / name))
        for one in documents:
            Statement.objects.create(
                kind=StatementKind.REMARK,
                basis=Basis.VERBATIM,
                state="published",
                title=one.title,
                text=one.text,
                language=one.language,
                date=one.date,
            )
        added[name] = len(documents)
    return added, absent
