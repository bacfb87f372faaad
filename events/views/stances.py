"""Who takes which stance on what, counted in statements."""

from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count

from events.models import Stance, StatementSpeaker
from records.querysets import public_through

#: Rows of the table; the rest is in the list of statements.
SHOWN = 30


@dataclass(frozen=True)
class Position:
    """An actor or a topic with the number of its statements by stance, in the order of `Stance`."""

    uid: str
    name: str
    counts: list[tuple[str, int]]

    @property
    def total(self) -> int:
        """All statements that take a stance."""
        return sum(count for _stance, count in self.counts)


class Positions:
    """A table of stances: ``by`` the topics spoken on, or ``by`` the actors who speak. One query.

    ``links`` are public `StatementTopic` rows; those without a stance are not counted.
    """

    def __init__(self, links: Any, *, by: Literal["topic", "speaker"]) -> None:
        links = links.exclude(stance="").order_by()
        if by == "speaker":
            speaks = public_through(StatementSpeaker, "statement__speakers")
            links = links.filter(speaks, statement__speakers__actor__isnull=False)
        path = "topic" if by == "topic" else "statement__speakers__actor"
        counted = links.values_list(f"{path}__uid", f"{path}__name", "stance").annotate(
            n=Count("statement", distinct=True)
        )
        table: dict[tuple[str, str], dict[str, int]] = {}
        for uid, name, stance, count in counted:
            table.setdefault((uid, name), {})[stance] = count
        taken = {stance for row in table.values() for stance in row}
        self.stances = [(value, label) for value, label in Stance.choices if value in taken]
        rows = [
            Position(uid, name, [(value, row.get(value, 0)) for value, _label in self.stances])
            for (uid, name), row in table.items()
        ]
        self.rows = sorted(rows, key=lambda row: (-row.total, row.name))[:SHOWN]
