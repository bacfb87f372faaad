"""What is wrong in seed files, said so that whoever edits them can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Spot:
    """A line of a file, as shown to the reader of a message."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where, in which entry ("" when it lies outside of any), and what is expected there."""

    spot: Spot
    entry: str
    message: str

    def __str__(self) -> str:
        return f"{self.spot}: {self.entry}: {self.message}" if self.entry else f"{self.spot}: {self.message}"


class InvalidSeeds(Exception):
    """The files cannot be applied; ``problems`` has every reason, in the order of the files. Nothing was changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """A sentence with the nearest of ``known``, to end a message with; "" when nothing comes near."""
    nearest = get_close_matches(typed, list(known), n=1)
    return f' Did you mean "{nearest[0]}"?' if nearest else ""
