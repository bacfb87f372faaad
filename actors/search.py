"""By which texts actors, offices and tenures are found.

An actor is found by its names in any script, typing mistakes in longer words forgiven, by the words of its
description, and by its identifiers in other schemes.
"""

from typing import Any

from django.db.models import FloatField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from actors.models import Actor, ActorIdentifier, ActorName, Office, Tenure
from records.query import Term
from records.search import RecordSearch, name_matches, name_rank, text_rank, words_match

#: A name that is alike says more than a word in a description.
NAME_WEIGHT = 2.0


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


def _actor_rank(words: str) -> Any:
    names = ActorName.objects.filter(actor=OuterRef("pk")).order_by().values("actor")
    best = names.annotate(best=Max(name_rank(words, text="text"))).values("best")
    alike = Greatest(name_rank(words, text="name"), Coalesce(Subquery(best), Value(0.0)), output_field=FloatField())
    return alike * Value(NAME_WEIGHT) + text_rank(words)


ACTORS = RecordSearch(finders=(_by_name, _by_other_name, _by_description, _by_identifier), rank=_actor_rank)


def _office_by_name(term: Term) -> QuerySet:
    return Office.objects.public().filter(words_match(term, vector="search", texts=("name",))).values("pk")


def _office_by_alias(term: Term) -> QuerySet:
    return Office.objects.public().filter(aliases__icontains=term.text).values("pk")


def _office_by_body(term: Term) -> QuerySet:
    return Office.objects.public().filter(body__in=actors_named(term)).values("pk")


OFFICES = RecordSearch(finders=(_office_by_name, _office_by_alias, _office_by_body), rank=text_rank)


def _tenure_by_person(term: Term) -> QuerySet:
    return Tenure.objects.public().filter(person__in=actors_named(term)).values("pk")


def _tenure_by_office(term: Term) -> QuerySet:
    condition = words_match(term, vector="office__search", texts=("office__name",))
    return Tenure.objects.public().filter(condition).values("pk")


def _tenure_by_body(term: Term) -> QuerySet:
    return Tenure.objects.public().filter(office__body__in=actors_named(term)).values("pk")


TENURES = RecordSearch(finders=(_tenure_by_person, _tenure_by_office, _tenure_by_body))
