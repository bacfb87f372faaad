"""What a run did, by kind and outcome."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from exchange.seeds.shapes import SHAPES

OUTCOMES = ("created", "changed", "unchanged", "kept")


@dataclass
class Report:
    """Counts of entries; ``kept`` and ``absent`` name those on which somebody decides.

    ``kept`` are entries whose record an editor changed or deleted: the editor's work stands. ``absent`` are entries of
    an earlier run that the files no longer have: their records stay.
    """

    dry_run: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in SHAPES})
    kept: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def count(self, kind: str, outcome: str) -> None:
        self.counts[kind][outcome] += 1

    def keep(self, kind: str, message: str) -> None:
        self.count(kind, "kept")
        self.kept.append(message)

    def total(self, outcome: str) -> int:
        return sum(counts[outcome] for counts in self.counts.values())

    @property
    def has_news(self) -> bool:
        """Whether anything was written, or waits for somebody to decide."""
        return bool(self.total("created") or self.total("changed") or self.kept or self.absent)

    @property
    def summary(self) -> str:
        """The whole run in one line."""
        return "Seeds: " + ", ".join(f"{self.total(outcome)} {outcome}" for outcome in OUTCOMES if self.total(outcome))

    def lines(self) -> Iterator[str]:
        """For people, line by line; kinds without entries are left out."""
        yield f"{'':<12}" + "".join(f"{outcome:>11}" for outcome in OUTCOMES)
        for kind, counts in self.counts.items():
            if counts:
                yield f"{SHAPES[kind].plural:<12}" + "".join(f"{counts[outcome]:>11}" for outcome in OUTCOMES)
        yield f"{'all':<12}" + "".join(f"{self.total(outcome):>11}" for outcome in OUTCOMES)
        yield from (f"kept: {message}" for message in self.kept)
        yield from (f"no longer in the files, left as it is: {label}" for label in self.absent)
        if self.dry_run:
            yield "Dry run: nothing was changed."
