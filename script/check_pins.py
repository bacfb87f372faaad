"""Say which packages of the *.in files are not pinned in the *.txt files beside them (script/pin mends that)."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def names(path: Path) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in path.read_text().splitlines() if not line.startswith("-"))
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def main() -> int:
    problems = [
        f"{path.name} asks for {name}, and {path.stem}.txt does not pin it: run script/pin"
        for path in sorted(ROOT.glob("requirements*.in"))
        for name in sorted(names(path) - names(path.with_suffix(".txt")))
    ]
    print(*problems, sep="\n", end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
