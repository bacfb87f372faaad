"""Actors that may be the one whose names are typed: alike in any order of their words, and from Cyrillic to Latin."""

from typing import Any

from django.db.models import F, Q, Value

from actors.models import Actor, ActorName
from records.search import Folded, name_rank

#: Two names are alike from here on (pg_trgm, 0 to 1); the other order of the same words is 1.
ALIKE = 0.5
MOST_NAMES = 8

# Russian names as most English texts write them (after BGN/PCGN, without its apostrophes).
_LATIN = str.maketrans(
    dict(
        zip(
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
            "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya".replace("-", "").split(" "),
            strict=True,
        )
    )
)


def spellings(names: list[str]) -> list[str]:
    """The names, and how those in Cyrillic are written in Latin letters; each once, the first few."""
    typed = [" ".join(name.split()) for name in names if name.strip()]
    latin = [name.lower().translate(_LATIN) for name in typed]
    return list(dict.fromkeys([*typed[:MOST_NAMES], *latin[:MOST_NAMES]]))


def actors_like(names: list[str], *, but: int | None = None, most: int = 6) -> list[tuple[int, float]]:
    """Keys of the actors that bear a name like one of these, drafts too and merged ones not, the most alike first."""
    parts = [
        _like(model, text, owner, name)
        for name in spellings(names)
        for model, text, owner in ((Actor, "name", "pk"), (ActorName, "text", "actor"))
    ]
    if not parts:
        return []
    first, *others = parts
    alike: dict[int, float] = {}
    for key, rank in first.union(*others):
        alike[key] = max(rank, alike.get(key, 0.0))
    alike.pop(but or 0, None)
    kept = set(Actor.objects.filter(pk__in=alike, merged_into__isnull=True).values_list("pk", flat=True))
    ranked = sorted(((key, rank) for key, rank in alike.items() if key in kept), key=lambda one: (-one[1], one[0]))
    return ranked[:most]


def _like(model: Any, text: str, owner: str, name: str) -> Any:
    return (
        model.objects.annotate(folded=Folded(F(text)), alike=name_rank(name, text=text))
        .filter(Q(folded__trigram_similar=Folded(Value(name))), alike__gte=ALIKE)
        .order_by("-alike")
        .values_list(owner, "alike")[:20]
    )
