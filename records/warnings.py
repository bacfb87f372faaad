"""Warnings: what an editor should look at again, because the facts of a record do not fit each other.

A warning refuses nothing. It says why it is there and links to the facts it rests on, and an editor may confirm that
all is well; it stays quiet until one of those facts changes. Each kind is one function in the ``warnings.py`` of the
app that knows the facts; these modules are found by their name.

Dates are read for the benefit of the doubt: a warning needs that no reading of the dates makes the facts fit.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from partialdates.values import PartialDate


@dataclass(frozen=True)
class Evidence:
    """A record that a warning rests on, as a link to its form."""

    text: str
    url: str

    @classmethod
    def of(cls, record: models.Model) -> "Evidence":
        """The link to the form of a record."""
        return cls(str(record), desk_url(record))


@dataclass(frozen=True)
class Doubt:
    """One warning. ``subject`` names the rows it is about, ``facts`` the values it rests on."""

    code: str
    message: str
    subject: str = ""
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same as long as the warning, its rows and the facts are; the words may change, and their language."""
        said = json.dumps([self.code, self.subject, *self.facts], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


Kind = Callable[[Any], Iterable[Doubt]]
KindFunction = TypeVar("KindFunction", bound=Kind)

_kinds: dict[type[models.Model], list[Kind]] = defaultdict(list)
_readers: dict[type[models.Model], Callable[[Any], Any]] = {}


def reads(model: type[models.Model]) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register the function that reads, once for all kinds, what they need to know of a record of ``model``."""

    def register(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _readers[model] = reader
        return reader

    return register


def warns_of(*kinds_of: type[models.Model]) -> Callable[[KindFunction], KindFunction]:
    """Register a kind of warning: a function that yields `Doubt`s from what the reader of the model gives it."""

    def register(kind: KindFunction) -> KindFunction:
        for model in kinds_of:
            _kinds[model].append(kind)
        return kind

    return register


def warnings_of(record: Any) -> list[Doubt]:
    """All warnings of a record as it stands in the database; a constant number of queries."""
    model = type(record)
    if not _kinds[model]:
        return []
    known = _readers[model](record) if model in _readers else record
    return [doubt for kind in _kinds[model] for doubt in kind(known)]


def desk_url(record: models.Model) -> str:
    """The address of the form of a record."""
    options = record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])


def row(record: models.Model) -> str:
    """The name of a row in the subject of a warning."""
    return f"{record._meta.label_lower}:{record.pk}"


def is_before(one: PartialDate, other: PartialDate) -> bool:
    """Whether ``one`` ended before ``other`` began, whatever days turn out to be right. Never when either is open."""
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def cannot_meet(one: PartialDate, other: PartialDate) -> bool:
    """Whether the two have no day in common, whatever days turn out to be right. Never when either is unknown."""
    return is_before(one, other) or is_before(other, one)


def certainly_meet(one: PartialDate, other: PartialDate) -> bool:
    """Whether the two have a day in common that is certain in both."""
    if one.core is None or other.core is None:
        return False
    return _starts_before_end(one.core, other.core) and _starts_before_end(other.core, one.core)


def _starts_before_end(one: Any, other: Any) -> bool:
    return one.lower is None or other.upper is None or bool(one.lower < other.upper)


#: By whether the actor is a person, and on which side of its life the date lies.
_OUTSIDE_LIFE = {
    (True, "before"): ("before-birth", gettext_lazy("%(actor)s: %(date)s is before the birth (%(bound)s).")),
    (True, "after"): ("after-death", gettext_lazy("%(actor)s: %(date)s is after the death (%(bound)s).")),
    (False, "before"): ("before-foundation", gettext_lazy("%(actor)s: %(date)s is before it existed (%(bound)s).")),
    (False, "after"): ("after-dissolution", gettext_lazy("%(actor)s: %(date)s is after its end (%(bound)s).")),
}


def outside_life(actor: Any, date: PartialDate, subject: str = "") -> Iterator[Doubt]:
    """The doubt that an actor can have acted on ``date``: it was not born or founded yet, or had died or ended."""
    for side, bound, is_outside in (
        ("before", actor.born, is_before(date, actor.born)),
        ("after", actor.died, is_before(actor.died, date)),
    ):
        if is_outside:
            code, message = _OUTSIDE_LIFE[actor.kind == "person", side]
            yield Doubt(
                code,
                message % {"actor": actor.name, "date": date.text, "bound": bound.text},
                subject,
                (Evidence.of(actor),),
                (str(actor.pk), date.edtf, bound.edtf),
            )
