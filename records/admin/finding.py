"""How the desk finds records while somebody types: any part of a name in any script, in any case, with a slip or two.

The public search ranks whole words over public texts; here half a word must do, and drafts are found too.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import Contains, Exact, StartsWith

from records.query import MAX_LENGTH, Term
from records.search import (
    Finder,
    Folded,
    HoldsSigns,
    OwnWords,
    RecordSearch,
    Signs,
    words_match,
)
from records.uids import normalise_uid

#: Shorter terms have no trigram of their own (pg_trgm).
SHORTEST_INSIDE = 3
#: What a word of a name stands behind.
BEFORE_WORDS = (" ", "-", "(", "'", "’")


def desk_search(*finders: Finder) -> RecordSearch:
    """How one kind of record is found at the desk; see `records.search.RecordSearch`."""
    return RecordSearch(finders)


def in_names(model: Any, text: str = "name", *, owner: str = "pk") -> Finder:
    """Find by a part of the column ``text``, or a word like it; ``owner`` leads to the record from a table of names."""

    def find(term: Term) -> QuerySet[Any]:
        holds = in_name(text, term.text)
        if term.may_be_misspelt:
            holds |= Q(**{f"{text}__folded_word_similar": term.text})
        return model.objects.filter(holds).values(owner)

    return OwnWords(find) if owner == "pk" else find


def in_name(text: str, typed: str) -> Any:
    """The condition that a name in the column ``text`` has this in it, in any case and without accents.

    One or two letters count where a word begins: an index finds nothing shorter inside a word. One or two signs of a
    script without spaces count anywhere.
    """
    column, folded = Folded(F(text)), Folded(Value(typed))
    holds = Q(Contains(column, folded))
    if len(typed) >= SHORTEST_INSIDE:
        return holds
    if Term(typed).is_unspaced:
        return Q(HoldsSigns(Signs(column), Signs(folded))) & holds
    begun = (Q(Contains(column, Folded(Value(f"{sign}{typed}")))) for sign in BEFORE_WORDS)
    return reduce(or_, begun, Q(StartsWith(column, folded)))


def in_texts(model: Any, *texts: str) -> Finder:
    """Find by words of the record's search vector, which was made of the columns ``texts``."""

    def find(term: Term) -> QuerySet[Any]:
        return model.objects.filter(words_match(term, vector="search", texts=texts)).values("pk")

    return OwnWords(find)


def through(model: Any, link: str, *finders: Finder, owner: str = "pk") -> Finder:
    """Find by what the link of another row leads to: meetings by their participants."""

    def find(term: Term) -> QuerySet[Any]:
        first, *others = (finder(term).order_by() for finder in finders)
        linked = first.union(*others) if others else first
        return model.objects.filter(**{f"{link}__in": linked}).values(owner)

    return find


def found(search: RecordSearch, queryset: Any, typed: str) -> Any:
    """Those of the queryset that match what was typed, or have it as their public id."""
    condition = search.matches(queryset.model, typed)
    if condition is None:
        return queryset.none()
    if (uid := normalise_uid(typed)) is not None:
        condition |= Q(uid=uid)
    return queryset.filter(condition)


def found_in_order(search: RecordSearch, queryset: Any, typed: str, *, most: int) -> Any:
    """As `found`, for a list that is read from its beginning: also quick for words that stand in ``most`` records."""
    condition = search.matches_each(typed, most=most)
    return found(search, queryset, typed) if condition is None else queryset.filter(condition)


def closeness(typed: str, text: str, names: Iterable[tuple[Any, str, str]] = ()) -> Case:
    """How near a name is to what was typed, to sort by: 0 the name itself, 1 its beginning, 2 a part, 3 only like it.

    ``names`` are tables of more names: the model, its link to the record, its column.
    """
    folded = Folded(Value(" ".join(typed[:MAX_LENGTH].replace("\x00", " ").split())))
    steps = []
    for rank, lookup in enumerate((Exact, StartsWith, Contains)):
        condition = Q(lookup(Folded(F(text)), folded))
        for model, owner, column in names:
            rows = model.objects.filter(Q(lookup(Folded(F(column)), folded)), **{owner: OuterRef("pk")})
            condition |= Q(Exists(rows))
        steps.append(When(condition, then=Value(rank)))
    return Case(*steps, default=Value(3), output_field=IntegerField())


def _is(text: str, typed: str) -> Q:
    return Q(Exact(Folded(F(text)), Folded(Value(typed))))


def _begins(text: str, typed: str) -> Q:
    return Q(StartsWith(Folded(F(text)), Folded(Value(typed))))


def keys_holding(queryset: Any, typed: str, text: str, names: Iterable[tuple[Any, str, str]], *, most: int) -> set[int]:
    """Keys of records that have a name with this in it: some of each nearness, the nearer first, in one query.

    A letter or two stand in very many names: to sort them all would take a second, and nobody reads them. Names that
    are what was typed are among the keys, then those that begin so, then others; at most ``most`` of each kind from
    each table. ``names`` are tables of more names, as `closeness` has them.
    """
    typed = " ".join(typed[:MAX_LENGTH].replace("\x00", " ").split())
    if not typed:
        return set()
    parts = []
    for condition in (_is, _begins, in_name):
        parts.append(queryset.order_by().filter(condition(text, typed)).values_list("pk")[:most])
        parts += [
            model.objects.order_by().filter(condition(column, typed)).values_list(owner)[:most]
            for model, owner, column in names
        ]
    first, *others = parts
    return {key for (key,) in first.union(*others)}
