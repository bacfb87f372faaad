"""The layout of the house, read from its source: imports run downwards only (CONTRIBUTING.md, "The house")."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
#: From the ground up. A module imports from floors below its own, and from its own app.
FLOORS = [{"partialdates"}, {"records"}, {"actors"}, {"events"}, {"explore", "exchange", "readers"}, {"config"}]
APPS = {app: floor for floor, apps in enumerate(FLOORS) for app in apps}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "misc"}


def imports(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    """The line and the absolute name of every module that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = module.split(".")[: -node.level] if node.level else []
            yield node.lineno, ".".join([*start, *([node.module] if node.module else [])])


def inline_imports(tree: ast.AST) -> Iterator[int]:
    """The lines of imports inside functions."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom)))


def violations(module: str, source: str) -> list[str]:
    """Each thing in the source of ``module`` (a dotted name) that the house does not allow, as "line: what"."""
    tree, lines, app = ast.parse(source), source.splitlines(), module.split(".")[0]
    found = []
    for line, name in imports(tree, module):
        target = name.split(".")[0]
        if target == "tests":
            found.append(f"{line}: imports tests")
        if target in APPS and target != app:
            if APPS[target] > APPS[app]:
                found.append(f"{line}: {app} imports {target}, which is above it")
            elif APPS[target] == APPS[app]:
                found.append(f"{line}: {app} imports {target}, which is beside it")
    found += [
        f"{node.lineno}: star import"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    found += [
        f"{line}: import inside a function without a reason beside it"
        for line in sorted(set(inline_imports(tree)))
        if not lines[line - 1].partition("#")[2].strip().removeprefix("noqa")
    ]
    found += [f"0: a module called {part}" for part in module.split(".") if part in FORBIDDEN_NAMES]
    return found


def modules() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts), path


@pytest.mark.parametrize("app", sorted(APPS))
def test_imports_run_downwards_only(app):
    found = [
        f"{path.relative_to(ROOT)}:{violation}"
        for module, path in modules()
        if module.split(".")[0] == app
        for violation in violations(module, path.read_text())
    ]

    assert found == []


def test_every_package_at_the_root_has_a_floor():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages - {"tests"} == set(APPS)


def test_every_installed_app_of_ours_has_a_floor():
    ours = {name for name in settings.INSTALLED_APPS if (ROOT / name.split(".")[0]).is_dir()}

    assert ours <= set(APPS)


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("actors.views", "from events.models import Meeting", ["1: actors imports events, which is above it"]),
        ("partialdates.fields", "import records.models", ["1: partialdates imports records, which is above it"]),
        ("records.lookup", "from config import settings", ["1: records imports config, which is above it"]),
        ("exchange.models", "from explore import charts", ["1: exchange imports explore, which is beside it"]),
        ("explore.views", "from exchange.csv import read", ["1: explore imports exchange, which is beside it"]),
        ("events.views", "import readers.models", ["1: events imports readers, which is above it"]),
        ("readers.feeds", "from exchange.csv import read", ["1: readers imports exchange, which is beside it"]),
        (
            "actors.models",
            "def f():\n    from events.models import Meeting  # the app is not ready",
            ["2: actors imports events, which is above it"],
        ),
        (
            "actors.models",
            "if TYPE_CHECKING:\n    import events.models",
            ["2: actors imports events, which is above it"],
        ),
        ("events.services", "from tests.factories import MeetingFactory", ["1: imports tests"]),
        ("events.models", "from actors.models import *", ["1: star import"]),
        (
            "events.views",
            "def f():\n    import networkx",
            ["2: import inside a function without a reason beside it"],
        ),
        (
            "events.views",
            "def f():\n    import networkx  # noqa",
            ["2: import inside a function without a reason beside it"],
        ),
        ("events.views", "def f():\n    import networkx  # slow: 0.3 s", []),
        ("events.utils", "", ["0: a module called utils"]),
        ("events.common.dates", "", ["0: a module called common"]),
        ("events.models.meetings", "from .places import Place\nfrom ..querysets import MeetingQuerySet", []),
        ("actors.models", "from ..events import models", ["1: actors imports events, which is above it"]),
        ("config.urls", "import events.urls\nimport explore.urls\nfrom exchange import feeds", []),
        ("events.models", "import datetime\nimport eventsourcing", []),
    ],
)
def test_what_is_not_allowed_is_found(module, source, found):
    assert violations(module, source) == found
