"""What waits on somebody's desk: named lists of records, each a question that a list of the admin can be asked, too.

An app says its own lists in its ``desk.py``, which is found by its name. Counts stop at `MOST`, and a count that takes
too long is given up: the desk is opened many times a day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from records import discussion, patrol
from records.limits import at_most
from records.models import Assignment, State
from records.roles import may_publish

#: What is more than this is “more than”: nobody works through it today.
MOST = 1000
#: Seconds after which the page does without figures.
PATIENCE = 3

Narrow = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class DeskList:
    """A list of records under a name: ``narrow`` takes a queryset and who asks. ``models`` is empty for all kinds."""

    name: str
    label: Any
    narrow: Narrow
    models: tuple[Any, ...] = ()

    def is_about(self, model: Any) -> bool:
        """Whether records of the model can be on the list."""
        return not self.models or model in self.models


_lists: list[DeskList] = []


def desk_list(name: str, label: Any, *models: Any) -> Callable[[Narrow], Narrow]:
    """Register a list; one name may stand for several kinds, each with a question of its own."""

    def register(narrow: Narrow) -> Narrow:
        _lists.append(DeskList(name, label, narrow, models))
        return narrow

    return register


def lists_of(model: Any) -> dict[str, DeskList]:
    """The lists that records of a model can be on, by name."""
    return {one.name: one for one in _lists if one.is_about(model)}


@desk_list("my-drafts", _("My drafts"))
def my_drafts(records: Any, user: Any) -> Any:
    """What the user began and nobody has submitted."""
    return records.filter(state=State.DRAFT, created_by=user)


@desk_list("in-my-charge", _("In my charge"))
def in_my_charge(records: Any, user: Any) -> Any:
    """What the user was put in charge of."""
    return records.filter(uid__in=Assignment.objects.filter(user=user).values("record"))


@desk_list("to-review", _("Waiting for my review"))
def to_review(records: Any, user: Any) -> Any:
    """What somebody submitted and the user may publish: nothing of their own, and nothing for who publishes nothing."""
    if not may_publish(user):
        return records.none()
    own = Q() if settings.READOUT_SELF_REVIEW else Q(created_by=user) | Q(updated_by=user)
    waiting = records.filter(state=State.REVIEW)
    return waiting.exclude(pk__in=waiting.filter(own).values("pk")) if own else waiting


@desk_list("changed", _("Published and changed since the last review"))
def changed(records: Any, user: Any) -> Any:  # noqa: ARG001
    """What readers see and nobody has reviewed."""
    return patrol.unreviewed(records)


@desk_list("unverified", _("With open points"))
def unverified(records: Any, user: Any) -> Any:  # noqa: ARG001
    """Records that say themselves what no source confirmed."""
    return records.exclude(open_points=[]).filter(merged_into=None)


@dataclass(frozen=True)
class Count:
    """How many records of a model are on a list; ``number`` is ``None`` when counting took too long."""

    list: DeskList
    model: Any
    number: int | None

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.number is not None and self.number > MOST


def counts_for(user: Any, models: list[Any]) -> tuple[list[Count], int | None]:
    """Every list with something on it, and the open comments to the user; one query."""
    asked = [(one, model) for one in _lists for model in models if one.is_about(model)]
    querysets = [one.narrow(model.objects.all(), user) for one, model in asked]
    numbers = _counted([*querysets, discussion.comments_for(user)])
    if numbers is None:
        return [Count(one, model, None) for one, model in asked], None
    found = [Count(one, model, number) for (one, model), number in zip(asked, numbers, strict=False) if number]
    return found, numbers[-1]


def _counted(querysets: list[Any]) -> list[int] | None:
    parts, parameters = [], []
    for place, queryset in enumerate(querysets):
        if queryset.query.is_empty():
            continue
        rows, values = queryset.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        parts.append(f"SELECT {place}, count(*) FROM ({rows}) AS counted")  # noqa: S608 (SQL that Django made)
        parameters += values
    try:
        with at_most(PATIENCE), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            numbers = dict(cursor.fetchall())
    except OperationalError:
        return None
    return [numbers.get(place, 0) for place in range(len(querysets))]


@dataclass(frozen=True)
class Progress:
    """How far the coding is: for each row (a month, a series) how many records are in which state."""

    title: Any
    rows: list[tuple[str, dict[str, int]]]


_progress: list[Callable[[], Progress]] = []


def progress_report(report: Callable[[], Progress]) -> Callable[[], Progress]:
    """Register a report that the desk shows."""
    _progress.append(report)
    return report


def progress() -> Iterator[Progress]:
    """The reports of all apps."""
    return (report() for report in _progress)
