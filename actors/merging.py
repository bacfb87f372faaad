"""How two actors become one."""

from collections.abc import Iterator
from datetime import date
from operator import or_
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actors.models import Actor, ActorIdentifier, ActorName, Membership, NameKind, Office, Tenure
from records.merging import Alias, Conflict, combines, merges


def _certainly_overlap(one: Any, other: Any) -> bool:
    """Whether the spans of two rows have a day in common for certain, as the exclusion constraints ask."""
    first, second = one["span"].core, other["span"].core
    if first is None or second is None:
        return False
    return (first.lower or date.min) < (second.upper or date.max) and (second.lower or date.min) < (
        first.upper or date.max
    )


def _spans_differ(one: Any, other: Any) -> Iterator[str]:
    if one["span"] != other["span"]:
        yield _(
            "both records have it, at spans that overlap and differ: %(one)s and %(other)s. Make them one span, or "
            "let one end before the other begins."
        ) % {"one": one["span"], "other": other["span"]}


def _one_preferred_name(names: list[Any]) -> Iterator[Conflict]:
    """Of two preferred names in a language, the one that came along is an alias."""
    taken: dict[str, Any] = {}
    for name in sorted(names, key=lambda name: name["actor"] != name.before["actor_id"]):
        if name["kind"] != NameKind.PREFERRED or not name["language"]:
            continue
        if name["language"] in taken:
            name["kind"] = NameKind.ALIAS.value
            yield Conflict(
                _("Preferred name (%s)") % name["language"],
                taken[name["language"]]["text"],
                name["text"],
                _("the second becomes an alias"),
            )
        else:
            taken[name["language"]] = name


def _ids_that_differ(identifiers: list[Any]) -> Iterator[Conflict]:
    """Two ids in one scheme are kept both, and shown: one thing rarely has two."""
    known: dict[str, Any] = {}
    for one in sorted(identifiers, key=lambda one: one["actor"] != one.before["actor_id"]):
        other = known.setdefault(one["scheme"], one)
        if other is not one and one["actor"] != one.before["actor_id"]:
            yield Conflict(one["scheme"], other["value"], one["value"], _("both stay: are these really one?"))


merges(
    Actor,
    name="name",
    alias=Alias(ActorName, "actor", {"language": "en", "kind": NameKind.ALIAS}),
    must_agree={
        "kind": gettext_lazy("A person, a state, an organisation and a body are never one and the same actor."),
    },
)
combines(ActorName, weak={"kind": NameKind.ALIAS}, united={"is_verified": or_}, adjust=_one_preferred_name)
combines(ActorIdentifier, adjust=_ids_that_differ)
combines(Office)
combines(
    Tenure,
    also_same=lambda tenure: (tenure["person"], tenure["office"]),
    clashes=_certainly_overlap,
    refuse=_spans_differ,
    remembers="note",
)
combines(
    Membership,
    also_same=lambda membership: (membership["member"], membership["organisation"], membership["role"].upper()),
    clashes=_certainly_overlap,
    refuse=_spans_differ,
    apart=(("member", "organisation", gettext_lazy("it would be a member of itself. Remove the membership first.")),),
)
