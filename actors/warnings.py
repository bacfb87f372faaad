"""What may be wrong with an actor or a tenure. What needs the meetings and sources is said by the app that has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from actors.models import Actor, Membership, Tenure
from partialdates.values import PartialDate
from records.warnings import Doubt, Evidence, cannot_meet, is_before, outside_life, reads, row, warns_of


def cannot_cover(tenure: Tenure, date: PartialDate) -> bool:
    """Whether the tenure covers no day of ``date``, whatever is not known of both; see `possibly_held_on`."""
    if not date or not tenure.span or not cannot_meet(tenure.span, date):
        return False
    return not tenure.observed or cannot_meet(tenure.observed, date)


@dataclass
class Life:
    """An actor with what it held and belonged to."""

    actor: Actor
    tenures: list[Any]
    memberships: list[Any]


@reads(Actor)
def read_actor(actor: Actor) -> Life:
    """The actor with its tenures and memberships."""
    return Life(
        actor,
        list(Tenure.objects.filter(person=actor).with_office()),
        list(Membership.objects.filter(member=actor).select_related("organisation")),
    )


@warns_of(Actor)
def ends_before_it_begins(life: Life) -> Iterator[Doubt]:
    """An actor that died or was dissolved before it was born or founded."""
    actor = life.actor
    if is_before(actor.died, actor.born):
        yield Doubt(
            "ends-before-it-begins",
            _("The end (%(died)s) is before the beginning (%(born)s).")
            % {"died": actor.died.text, "born": actor.born.text},
            facts=(actor.born.edtf, actor.died.edtf),
        )


@warns_of(Actor)
def holds_outside_life(life: Life) -> Iterator[Doubt]:
    """Offices that a person can only have held before birth or after death."""
    for tenure in life.tenures:
        yield from outside_life(life.actor, tenure.span, row(tenure))


@warns_of(Actor)
def member_outside_life(life: Life) -> Iterator[Doubt]:
    """Memberships in times when the member, or the organisation, did not exist."""
    for membership in life.memberships:
        yield from outside_life(life.actor, membership.span, row(membership))
        yield from outside_life(membership.organisation, membership.span, row(membership))


@reads(Tenure)
def read_tenure(tenure: Tenure) -> Tenure:
    """The tenure with its person, and the office with its body."""
    return Tenure.objects.with_office().get(pk=tenure.pk)


@warns_of(Tenure)
def held_outside_life(tenure: Tenure) -> Iterator[Doubt]:
    """A tenure before its holder was born or after the holder died, or in times without the body."""
    for actor in (tenure.person, tenure.office.body):
        yield from outside_life(actor, tenure.span, row(actor))


@warns_of(Tenure)
def seen_outside_span(tenure: Tenure) -> Iterator[Doubt]:
    """Sources that saw the office held on days that the tenure does not cover."""
    if cannot_meet(tenure.span, tenure.observed):
        yield Doubt(
            "seen-outside-span",
            _("Sources saw the office held %(observed)s; the tenure (%(span)s) covers no day of that.")
            % {"observed": tenure.observed.text, "span": tenure.span.text},
            evidence=(Evidence.of(tenure.person),),
            facts=(tenure.span.edtf, tenure.observed.edtf),
        )
