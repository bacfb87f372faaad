import os
import re
from importlib.metadata import metadata
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import Resolver404, resolve

from config import codebook
from records.filters import VOCABULARY

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/codebook.md")]


def of_root(path):
    return str(path.relative_to(ROOT))


def test_codebook_is_in_step_with_the_code():
    assert codebook.problems(codebook.PATH.read_text()) == []


def test_command_checks_the_codebook_without_writing_it(capsys):
    before = codebook.PATH.stat().st_mtime_ns
    call_command("writecodebook", check=True)

    assert (capsys.readouterr().out, codebook.PATH.stat().st_mtime_ns) == (
        "The codebook is in step with the code.\n",
        before,
    )


def test_command_fails_when_a_value_is_missing_from_the_codebook(tmp_path, monkeypatch):
    shortened = re.sub(r"\| `video` \|.*\n", "", codebook.PATH.read_text())
    copy = tmp_path / "codebook.md"
    copy.write_text(shortened)
    monkeypatch.setattr(codebook, "PATH", copy)

    with pytest.raises(CommandError, match=r"The table choices events\.Meeting\.mode differs from the code"):
        call_command("writecodebook", check=True)
    with pytest.raises(CommandError, match=r"The row `video` of the table choices \S+ has an empty cell"):
        call_command("writecodebook")


def test_rewriting_puts_labels_right_and_keeps_what_people_wrote():
    text = codebook.PATH.read_text()
    muddled = text.replace("| `video` | video |", "| `video` | moving pictures |").replace(
        "| `summary` | summary |", "| `summary` | abstract |"
    )

    assert (muddled == text, codebook.rewritten(muddled)) == (False, text)


def test_value_that_is_gone_from_the_code_leaves_the_codebook():
    text = codebook.PATH.read_text()
    marker = "<!-- choices events.Meeting.mode -->\n"
    head = "| value | label | meaning |\n| --- | --- | --- |\n"
    stale = text.replace(marker + head, marker + head + "| `pigeon` | pigeon | By pigeon. |\n")

    assert (stale == text, codebook.rewritten(stale)) == (False, text)


def test_missing_table_is_a_problem_by_name():
    text = codebook.PATH.read_text().replace("<!-- fields events.Series -->", "")

    assert codebook.problems(text)[0] == "There is no table <!-- fields events.Series -->."


@pytest.mark.parametrize("document", DOCUMENTS, ids=of_root)
def test_relative_links_lead_to_files_and_headings(document):
    text = document.read_text()
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _hash, heading = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (heading and heading not in headings(file)):
            broken.append(target)

    assert broken == []


def headings(document):
    """The names by which the headings of a Markdown file can be linked to."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", GUIDES, ids=of_root)
def test_scripts_that_a_guide_names_exist_and_can_be_run(document):
    named = set(re.findall(r"\bscript/[a-z]+\b", document.read_text()))

    assert {name for name in named if not os.access(ROOT / name, os.X_OK)} == set()


def test_readme_names_the_two_commands():
    assert {"script/server", "script/test"} <= set(re.findall(r"\bscript/[a-z]+\b", (ROOT / "README.md").read_text()))


@pytest.mark.parametrize("document", GUIDES, ids=of_root)
def test_management_commands_that_a_guide_names_exist(document):
    named = set(re.findall(r"(?:script/manage|manage\.py) ([a-z]+)", document.read_text()))
    ours = {path.stem for path in ROOT.glob("*/management/commands/*.py")}

    assert named - ours - {"makemigrations", "migrate", "createsuperuser"} == set()


# A host of our own and what follows, up to whatever quotes it in prose, shell or JSON.
ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/[^\s>)`\"',]*)")


def addresses():
    """Every address of a site that the documents give, without the host."""
    for document in DOCUMENTS:
        yield from ADDRESS.findall(document.read_text())


@pytest.mark.parametrize("address", sorted(set(addresses())))
def test_address_that_a_document_gives_leads_to_a_page(address):
    try:
        resolve(urlsplit(address).path)
    except Resolver404:
        pytest.fail(f"Nothing answers at {address}")


def parameters():
    """Every filter that a document names, in an address or as ``name=value``."""
    for document in GUIDES:
        text = document.read_text()
        for address in ADDRESS.findall(text):
            yield from parse_qs(urlsplit(address).query, keep_blank_values=True)
        yield from re.findall(r"`([a-z_]+)=[a-z]+`", text)


def test_filters_that_documents_name_are_words_of_the_vocabulary():
    named = set(parameters())

    assert (named - set(VOCABULARY), {"dates", "undated", "from", "to"} - named) == (set(), set())


def test_settings_of_the_readme_are_those_of_the_code():
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", code))
    internal = {"DJANGO_SETTINGS_MODULE", "READOUT_THROWAWAY_DATA", "READOUT_WATCHDOG_LOCK"}
    internal |= {name for name in read if name.startswith("READOUT_FUZZ_")}
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))

    assert told == read - internal


def listed(name):
    """The packages of a requirements file, without comments, extras and bounds."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return [re.split(r"[\[~=<>; ]", line)[0] for line in lines if line and not line.startswith("-")]


def test_every_dependency_is_accounted_for():
    decision = (ROOT / "docs" / "decisions" / "0011-dependencies.md").read_text()
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", decision, re.MULTILINE)

    assert [name for name, *_ in rows] == [*listed("requirements.in"), *listed("requirements-dev.in")]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_releases_and_licences_are_those_that_are_pinned(name):
    decision = (ROOT / "docs" / "decisions" / "0011-dependencies.md").read_text()
    pins = dict(re.findall(r"^([\w-]+)(?:\[[\w,-]+\])?==([\w.]+)", (ROOT / f"{name}.txt").read_text(), re.MULTILINE))
    wrong = []
    for package in listed(f"{name}.in"):
        release, licence = re.search(rf"^\| {package} \| ([\d.]+) \| ([^|]+) \|", decision, re.MULTILINE).groups()
        known = metadata(package)
        declared = " ".join(
            [known.get("License-Expression") or known.get("License") or "", *known.get_all("Classifier", [])]
        )
        has_licence = "License" in declared or known.get("License-Expression") or known.get("License")
        if pins.get(package.lower()) != release or (has_licence and licence.split("-")[0] not in declared):
            wrong.append((package, release, pins.get(package.lower()), licence))

    assert wrong == []


@pytest.mark.parametrize("decision", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=of_root)
def test_decision_has_a_number_of_its_own_and_all_its_parts(decision):
    number = decision.name[:4]
    text = decision.read_text()

    assert re.match(rf"# 0*{int(number)}\. ", text)
    assert len(list(decision.parent.glob(f"{number}-*"))) == 1
    for part in ("## Context", "## Decision", "## Consequences"):
        assert part in text


def test_licence_is_the_one_the_project_declares():
    assert 'license = "AGPL-3.0-or-later"' in (ROOT / "pyproject.toml").read_text()
    assert (ROOT / "LICENSE").read_text().split("\n")[0].strip() == "GNU AFFERO GENERAL PUBLIC LICENSE"
