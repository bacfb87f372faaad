"""What a form proposes once a person and a date are known: the offices held then, and the side at the table."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from actors.models import Actor, ActorIdentifier, ActorKind, Tenure
from partialdates.values import PartialDate

#: More offices than these are no proposal.
MOST = 4


@dataclass(frozen=True)
class Proposal:
    """The offices that an actor may have held on a date, and the side it belongs to ("" when that is not known)."""

    tenures: tuple[Tenure, ...] = ()
    side: str = ""


def propose(actor: Actor, date: PartialDate) -> Proposal:
    """The offices possibly held on ``date`` and the code, or the name, of the state represented.

    Offices whose span is not known are none: they could have been held at any time. Where some were certainly held,
    only these are proposed. Without a date there are no offices.
    """
    return proposals_for([actor], date)[actor.pk]


def proposals_for(actors: Iterable[Actor], date: PartialDate) -> dict[int, Proposal]:
    """The same for several actors, by key; two queries, and none for the homes of those read ``with_home``."""
    actors = list(actors)
    held = _held([actor.pk for actor in actors if actor.kind == ActorKind.PERSON], date) if date else {}
    states = {actor.pk: actor if actor.kind == ActorKind.STATE else actor.home_state for actor in actors}
    sides = sides_of([state for state in states.values() if state is not None])
    proposals = {}
    for actor in actors:
        state = states[actor.pk]
        tenures = _proposable(held.get(actor.pk, []), date)
        proposals[actor.pk] = Proposal(tuple(tenures), sides[state.pk] if state is not None else "")
    return proposals


def sides_of(states: Iterable[Actor]) -> dict[int, str]:
    """What the sides of states or organisations are called at a table: the country code, or else the name."""
    states = list(states)
    keys = {state.pk for state in states}
    codes: dict[int, str] = {}
    if keys:
        known = ActorIdentifier.objects.filter(actor__in=keys, scheme="iso3166-1").order_by("-value")
        codes = dict(known.values_list("actor", "value"))
    return {state.pk: codes.get(state.pk) or state.name[:40] for state in states}


def _held(persons: list[int], date: PartialDate) -> dict[int, list[Tenure]]:
    if not persons:
        return {}
    held = (
        Tenure.objects.filter(person__in=persons)
        .possibly_held_on(date.earliest, date.latest)
        .exclude(span="", observed="")
    )
    by_person: dict[int, list[Tenure]] = defaultdict(list)
    for tenure in held.with_office().latest_first():
        by_person[tenure.person_id].append(tenure)
    return by_person


def _proposable(tenures: list[Tenure], date: PartialDate) -> list[Tenure]:
    latest = tenures[: MOST + 1]
    certain = [tenure for tenure in latest if tenure.span.core and _holds(tenure, date)]
    chosen = certain or latest
    return chosen if len(chosen) <= MOST else []


def _holds(tenure: Tenure, date: PartialDate) -> bool:
    core, outer = tenure.span.core, date.outer
    if core is None or outer is None:
        return False
    starts = core.lower is None or (outer.lower is not None and core.lower <= outer.lower)
    return starts and (core.upper is None or (outer.upper is not None and outer.upper <= core.upper))
