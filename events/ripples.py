"""What a corrected tenure touches: meetings and statements that were coded by it, or that it may now speak to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from actors.models import Tenure
from events.confirmations import Standing, stand
from events.models import ConfirmedWarning, Participation, StatementSpeaker
from events.warnings import AUTHORS, office_not_held
from partialdates.values import PartialDate
from records.history import event_model
from records.models import State
from records.warnings import desk_url, row

#: So many of each kind are listed.
MOST = 500


@dataclass(frozen=True)
class Touched:
    """A meeting or a statement. ``uses`` the tenure, or is by its person in the old or the new span without it."""

    record: Any
    url: str
    uses: bool
    standing: Standing | None


def spans_of(tenure: Tenure) -> list[PartialDate]:
    """The span of the tenure and every one it had before, the latest first."""
    earlier = (
        event_model(Tenure).objects.filter(pgh_obj_id=tenure.pk).order_by("-pgh_id").values_list("span", flat=True)
    )
    return [span for span in dict.fromkeys([tenure.span, *map(PartialDate.from_canonical, map(str, earlier))]) if span]


def ripples_of(tenure: Tenure) -> list[Touched]:
    """All that the tenure touches, those with an open warning first; a constant number of queries."""
    spans = spans_of(tenure)
    joined = (
        Participation.objects.present()
        .filter(Q(tenures=tenure) | (Q(actor=tenure.person_id) & _in_any(spans, "meeting__date")))
        .select_related("meeting")
        .prefetch_related("tenures")
    )
    said = StatementSpeaker.objects.filter(
        Q(tenure=tenure) | (Q(actor=tenure.person_id, role__in=AUTHORS) & _in_any(spans, "statement__date"))
    ).select_related("statement")
    rows: list[Any] = [(one, one.meeting, tenure in one.tenures.all()) for one in joined.distinct()[:MOST]]
    rows += [(one, one.statement, one.tenure_id == tenure.pk) for one in said[:MOST]]
    kept = [one for one in rows if one[1].merged_into_id is None and one[1].state != State.WITHDRAWN]
    confirmed: dict[str, list[ConfirmedWarning]] = {}
    for word in ConfirmedWarning.objects.filter(record__in=[record.uid for _row, record, _uses in kept]):
        confirmed.setdefault(word.record, []).append(word)
    touched = []
    for one, record, uses in kept:
        doubts = list(office_not_held(tenure, record.date, row(one))) if uses else []
        standing = stand(doubts[0], confirmed.get(record.uid, [])) if doubts else None
        touched.append(Touched(record, desk_url(record), uses, standing))
    return sorted(touched, key=lambda one: one.standing is None or one.standing.confirmed is not None)


def _in_any(spans: list[PartialDate], path: str) -> Q:
    condition = Q(pk__in=[])
    for span in spans:
        condition |= Q(**{f"{path}_outer__overlap": span.outer})
    return condition
