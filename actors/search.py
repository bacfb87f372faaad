"""By which texts actors, offices and tenures are found.

An actor is found by its names in any script, typing mistakes in longer words forgiven, by the words of its
description, by its identifiers in other schemes, and by the offices that it holds or held.

What somebody does is asked of the offices, which are few, and of what leads to them: nothing about offices is kept with
the records that are found by them.
"""

from typing import Any

from django.db.models import Case, Exists, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from actors.models import Actor, ActorIdentifier, ActorName, Office, Tenure
from records.query import Term
from records.search import Among, RecordSearch, name_matches, name_rank, text_rank, words_match

#: A name that is alike says more than a word in a description.
NAME_WEIGHT = 2.0
#: An office that holds all words says less than a title that does (ts_rank: about 0.6), and more than a summary.
OFFICE_WEIGHT = 0.3


def actors_named(term: Term) -> QuerySet:
    """Keys of the public actors that bear a name with the term in it."""
    own = Actor.objects.public().filter(name_matches(term, text="name", vector="search"))
    others = ActorName.objects.public().filter(name_matches(term, text="text", vector="search", is_alone=True))
    return own.order_by().values("pk").union(others.order_by().values("actor"))


def actors_named_wholly(words: str) -> QuerySet:
    """Keys of the public actors of which one name holds all the words, typing mistakes forgiven.

    So *wang yi* is Wang Yi, and not the meeting of a Mr Wang with a Mr Yi.
    """
    own, others = Q(), Q()
    for word in words.split():
        own &= name_matches(Term(word), text="name", vector="search")
        others &= name_matches(Term(word), text="text", vector="search", is_alone=True)
    named = Actor.objects.public().filter(own).order_by().values("pk")
    return named.union(ActorName.objects.public().filter(others).order_by().values("actor"))


def _by_name(term: Term) -> QuerySet:
    return Actor.objects.public().filter(name_matches(term, text="name", vector="search")).values("pk")


def _by_other_name(term: Term) -> QuerySet:
    return (
        ActorName.objects.public()
        .filter(name_matches(term, text="text", vector="search", is_alone=True))
        .values("actor")
    )


def _by_description(term: Term) -> QuerySet:
    condition = words_match(term, vector="search", texts=("name", "description"))
    return Actor.objects.public().filter(condition).values("pk")


def _by_identifier(term: Term) -> QuerySet:
    return ActorIdentifier.objects.public().filter(value__iexact=term.text).values("actor")


def offices_named(term: Term) -> QuerySet:
    """Keys of the public offices with the term in one of their wordings, or in a name of their body."""
    texts = words_match(term, vector="search", texts=("name", "aliases"))
    own = Office.objects.public().filter(texts).order_by().values("pk")
    return own.union(Office.objects.public().filter(body__in=actors_named(term)).order_by().values("pk"))


def tenures_named(term: Term) -> QuerySet:
    """Keys of the public tenures of an office with the term in its names."""
    return Tenure.objects.public().filter(Among("office", offices_named(term))).order_by().values("pk")


def tenures_named_wholly(words: str) -> QuerySet:
    """Keys of the public tenures of one office that holds all the words, some in its own name, some in its body's.

    So *security council secretary* is the Secretary of a Security Council, and no other secretary whom its members met.
    """
    tenures = Tenure.objects.public().order_by()
    for word in words.split():
        tenures = tenures.filter(Among("office", offices_named(Term(word))))
    return tenures.values("pk")


def office_rank(holds: Any) -> Any:
    """What it adds to the rank that the condition ``holds``: an office beside the record has all the words."""
    return Case(When(holds, then=Value(OFFICE_WEIGHT)), default=Value(0.0), output_field=FloatField())


def _by_office(term: Term) -> QuerySet:
    return tenures_named(term).values("person")


def _actor_rank(words: str) -> Any:
    held = Exists(Tenure.objects.filter(Among("pk", tenures_named_wholly(words)), person=OuterRef("pk")))
    names = ActorName.objects.filter(actor=OuterRef("pk")).order_by().values("actor")
    best = names.annotate(best=Max(name_rank(words, text="text"))).values("best")
    alike = Greatest(name_rank(words, text="name"), Coalesce(Subquery(best), Value(0.0)), output_field=FloatField())
    return alike * Value(NAME_WEIGHT) + text_rank(words) + office_rank(held)


ACTORS = RecordSearch(finders=(_by_name, _by_other_name, _by_description, _by_identifier, _by_office), rank=_actor_rank)


OFFICES = RecordSearch(finders=(offices_named,), rank=text_rank)


def _tenure_by_person(term: Term) -> QuerySet:
    return Tenure.objects.public().filter(person__in=actors_named(term)).values("pk")


TENURES = RecordSearch(finders=(_tenure_by_person, tenures_named))
