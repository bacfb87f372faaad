"""What is known of the accounts of a meeting: whether they are several, differ, or agree.

An account is what one actor published on a meeting (its statements with that channel), or a source cited for it. The
accounts differ where a source contradicts a fact of the meeting, of a participation or of a statement of it; and where
two actors who published on it both tell of the same author, and do not ascribe the same stances on the same topics.
That one of them is silent on the author altogether is no difference. Only what is public counts.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Count, Exists, F, Func, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from events.models import Citation, SpeakerRole, Statement, StatementSpeaker, StatementTopic
from records.facets.columns import Column, read_numbers
from records.facets.values import Pairs
from records.querysets import is_public, public_through

#: The words of the filter.
ACCOUNTS = [("differ", _("differ")), ("agree", _("agree")), ("several", _("several"))]
#: Authors whose words an account tells; who issues it tells its own.
TOLD = (SpeakerRole.SPEAKER, SpeakerRole.QUOTED, SpeakerRole.REPORTED)

#: Narrows rows to some meetings, which a lookup leads to.
Narrow = Callable[[Any, str], Any]


class _Together(Func):
    """Several columns as one value, to count different ones."""

    template = "(%(expressions)s)"
    output_field = TextField()


def _contradictions(narrow: Narrow) -> list[tuple[Any, str]]:
    rows = Citation.objects.public().contradicting().order_by()
    paths = ("meeting", "participation__meeting", "statement__meeting")
    return [(narrow(rows, path), path) for path in paths]


def _positions_apart(narrow: Narrow) -> tuple[Any, str]:
    """Authors of a meeting to whom not all channels that tell of them ascribe the same."""
    path, author, channel = "statement__meeting", "statement__speakers__actor", "statement__channel"
    rows = StatementTopic.objects.public().exclude(stance="").order_by()
    rows = narrow(rows, path).filter(
        public_through(StatementSpeaker, "statement__speakers"),
        is_public(channel),
        statement__speakers__role__in=TOLD,
        statement__speakers__actor__isnull=False,
    )
    told = rows.values(path, author).annotate(
        channels=Count(channel, distinct=True),
        positions=Count(_Together("topic", "stance"), distinct=True),
        given=Count(_Together(channel, "topic", "stance"), distinct=True),
    )
    # Were all the same, each channel would give each position.
    return told.filter(channels__gt=1, given__lt=F("channels") * F("positions")), path


def _several(narrow: Narrow) -> list[tuple[Any, str]]:
    said = narrow(Statement.objects.public().filter(is_public("channel")).order_by(), "meeting")
    cited = narrow(Citation.objects.public().order_by(), "meeting")
    return [
        (said.values("meeting").annotate(many=Count("channel", distinct=True)).filter(many__gt=1), "meeting"),
        (cited.values("meeting").annotate(many=Count("source", distinct=True)).filter(many__gt=1), "meeting"),
    ]


def any_of(words: list[str]) -> Q:
    """The condition that one of the words holds of a meeting; asked of each row, so a page of a list is quick."""

    def here(rows: Any, path: str) -> Any:
        return rows.filter(**{path: OuterRef("pk")})

    def one_of(found: list[tuple[Any, str]]) -> Q:
        condition = Q()
        for rows, _path in found:
            condition |= Q(Exists(rows))
        return condition

    differ = one_of([*_contradictions(here), _positions_apart(here)])
    several = one_of(_several(here))
    meant = {"differ": differ, "several": several, "agree": several & ~differ}
    condition = Q()
    for word in words:
        condition |= meant[word]
    return condition


class AccountsColumn(Column):
    """The words that hold of each meeting, as places in `ACCOUNTS`, for counting."""

    is_read_alone = True

    def __init__(self, name: str) -> None:
        super().__init__(name, rows=tuple)

    def read(self, keys: list[int] | None, using: str) -> Pairs:
        def among(rows: Any, path: str) -> Any:
            rows = rows.using(using)
            return rows.filter(**{f"{path}__isnull": False} if keys is None else {f"{path}__in": keys})

        def owners(found: list[tuple[Any, str]]) -> np.ndarray:
            parts = [read_numbers(rows.values_list(Cast(F(path), BigIntegerField())), 1)[0] for rows, path in found]
            return np.unique(np.concatenate(parts))

        differ, several = owners([*_contradictions(among), _positions_apart(among)]), owners(_several(among))
        by_word = [differ, np.setdiff1d(several, differ, assume_unique=True), several]
        values = np.repeat(np.arange(len(by_word)), [len(one) for one in by_word])
        return Pairs.of(np.concatenate(by_word), values)


def cited_for(sources: list[int]) -> set[int]:
    """The keys of the meetings for which these sources are cited, hidden or not."""
    rows = Citation.objects.filter(source__in=sources).order_by()
    return {
        key
        for path in ("meeting_id", "participation__meeting_id", "statement__meeting_id")
        for key in rows.values_list(path, flat=True).distinct()
        if key is not None
    }
