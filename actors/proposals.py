"""What a form proposes once a person and a date are known: the offices held then, and the side at the table."""

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
    return Proposal(tuple(_held(actor, date)) if date else (), _side(actor))


def _held(actor: Actor, date: PartialDate) -> list[Tenure]:
    if actor.kind != ActorKind.PERSON:
        return []
    held = (
        Tenure.objects.filter(person=actor).possibly_held_on(date.earliest, date.latest).exclude(span="", observed="")
    )
    tenures = list(held.with_office().latest_first()[: MOST + 1])
    certain = [tenure for tenure in tenures if tenure.span.core and _holds(tenure, date)]
    chosen = certain or tenures
    return chosen if len(chosen) <= MOST else []


def _holds(tenure: Tenure, date: PartialDate) -> bool:
    core, outer = tenure.span.core, date.outer
    if core is None or outer is None:
        return False
    starts = core.lower is None or (outer.lower is not None and core.lower <= outer.lower)
    return starts and (core.upper is None or (outer.upper is not None and outer.upper <= core.upper))


def _side(actor: Actor) -> str:
    state = actor if actor.kind == ActorKind.STATE else actor.home_state
    if state is None:
        return ""
    code = ActorIdentifier.objects.filter(actor=state, scheme="iso3166-1").values_list("value", flat=True).first()
    return code or state.name[:40]
