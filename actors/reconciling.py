"""Matching names that people bring with them to actors, as the Reconciliation API of the W3C (0.2) asks for it."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Case, F, FloatField, IntegerField, Q, When
from django.db.models.functions import Greatest

from actors.models import Actor, ActorIdentifier, ActorKind, ActorName
from actors.search import actors_named_wholly
from records.search import name_rank
from records.uids import normalise_uid

#: Read of each query before they are scored; more names than these are hardly ever alike.
CANDIDATES = 50
LONGEST = 300
#: What counts as the same name, for one candidate alone.
CERTAIN = 99.5


@dataclass(frozen=True)
class Query:
    """One name to be matched. ``identifiers`` are pairs of a scheme and a value, such as ``("wikidata", "Q31855")``."""

    words: str
    kinds: tuple[str, ...] = ()
    limit: int = 10
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass
class Candidate:
    """An actor that may be meant, with a score from 0 to 100; ``is_match`` where there is no doubt."""

    actor: Any
    score: float
    is_match: bool = False
    names: list[str] = field(default_factory=list)


def candidates(query: Query) -> list[Candidate]:
    """The public actors that may be meant, the likeliest first; three queries."""
    words = query.words.strip()[:LONGEST]
    by_identifier = _identified(query.identifiers)
    actors = _nearest(words, query.kinds, set(by_identifier))
    names = _names_of(actors)
    found = [Candidate(actor, _score(words, names[actor.pk]), names=names[actor.pk]) for actor in actors]
    for one in found:
        if one.actor.pk in by_identifier:
            one.score = 100.0
    found = sorted((one for one in found if one.score > 0), key=lambda one: (-one.score, one.actor.name, one.actor.pk))
    certain = [one for one in found if one.score >= CERTAIN]
    identified = [one for one in certain if one.actor.pk in by_identifier]
    if len(identified or certain) == 1:
        (identified or certain)[0].is_match = True
    return found[: query.limit]


def _identified(identifiers: Iterable[tuple[str, str]]) -> frozenset[int]:
    condition = Q()
    for scheme, value in identifiers:
        condition |= Q(scheme=scheme, value__iexact=value)
    if not condition:
        return frozenset()
    return frozenset(ActorIdentifier.objects.public().filter(condition).values_list("actor", flat=True))


def _nearest(words: str, kinds: tuple[str, ...], keys: set[int]) -> list[Any]:
    condition = Q(pk__in=keys)
    if words:
        condition |= Q(pk__in=actors_named_wholly(words)) | Q(uid=normalise_uid(words) or "")
    found = Actor.objects.public().filter(condition).select_related("home_state")
    if kinds:
        found = found.filter(kind__in=kinds)
    is_known = Case(When(pk__in=keys, then=1), default=0, output_field=IntegerField())
    rank = Greatest(name_rank(words or "?", text="name"), 0.0, output_field=FloatField())
    return list(
        found.annotate(is_known=is_known, alike=rank).order_by("-is_known", F("alike").desc(), "id")[:CANDIDATES]
    )


def _names_of(actors: list[Any]) -> dict[int, list[str]]:
    names = defaultdict(list)
    for actor in actors:
        names[actor.pk].append(actor.name)
    for key, text in ActorName.objects.public().filter(actor__in=actors).order_by("id").values_list("actor", "text"):
        names[key].append(text)
    return names


def _score(words: str, names: list[str]) -> float:
    """How alike the best of the names is: 100 for the same but for accents, case, points and the order of its words."""
    said = _folded(words)
    if not said:
        return 0.0
    best = 0.0
    for name in names:
        other = _folded(name)
        best = max(best, SequenceMatcher(None, said, other).ratio(), _unordered(said, other))
    return round(best * 100, 1)


def _unordered(one: str, other: str) -> float:
    return SequenceMatcher(None, " ".join(sorted(one.split())), " ".join(sorted(other.split()))).ratio()


def _folded(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


def kinds() -> list[dict[str, str]]:
    """The kinds of actors as types."""
    return [{"id": str(value), "name": str(label)} for value, label in ActorKind.choices]
