"""Text search, the part that all records share: how words are stored, how a query is read, how one term matches.

Which texts and names a kind of record is found by is said in the ``search.py`` of its app. The SQL functions used here
(``readout_fold``, ``readout_vector``, ``readout_query``) are made by the first migration of this app:

* fold: lower case without accents, so that *Guterres* finds *Guterrès*;
* vector and query: words as they stand, and their English and Russian stems, side by side. A word that is a stop word
  in one language is still found as it stands.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField, TrigramSimilarity
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce

MAX_TERMS = 12
MAX_LENGTH = 300
#: Shorter words have too few trigrams to tell a typing mistake from another name.
SHORTEST_FUZZY = 5

_TOKEN = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
# Scripts written without spaces between words: a term in them is looked for inside the text.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class Folded(Func):
    """Lower case without accents, as an index can hold it."""

    function = "readout_fold"
    output_field = models.TextField()


class Signs(Func):
    """The signs of a text, one by one: what an index over them finds a single one of by."""

    function = "string_to_array"
    template = "%(function)s(%(expressions)s, NULL)"
    output_field = ArrayField(models.TextField())


class HoldsSigns(models.Lookup):
    """All signs of the right side are among those of the left one."""

    lookup_name = "holds_signs"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, column_params = self.process_lhs(compiler, connection)
        signs, signs_params = self.process_rhs(compiler, connection)
        return f"{column} @> {signs}", [*column_params, *signs_params]


class WordQuery(Func):
    """The text-search query for a word, or for words in this order."""

    function = "readout_query"
    output_field = SearchQuery(Value("")).output_field


class _AnyQuery(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field: Any = WordQuery.output_field


class SearchVectorColumn(models.GeneratedField):
    """A stored search vector over text columns; the first weighs most. Computed by the database at each write."""

    WEIGHTS = "ABCD"

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        if columns:
            kwargs["expression"] = _vector(columns)
            kwargs["output_field"] = SearchVectorField(null=True)
            kwargs["db_persist"] = True
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


class _Joined(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = SearchVectorField()


class _Weighed(Func):
    function = "setweight"
    template = "%(function)s(%(expressions)s)"
    output_field = SearchVectorField()


class _Vector(Func):
    function = "readout_vector"
    output_field = SearchVectorField()


class _Weight(Func):
    template = "'%(weight)s'::\"char\""
    output_field = models.CharField()


def _vector(columns: tuple[str, ...]) -> Func:
    parts = [
        _Weighed(_Vector(Coalesce(F(column), Value(""))), _Weight(weight=SearchVectorColumn.WEIGHTS[min(place, 3)]))
        for place, column in enumerate(columns)
    ]
    return _Joined(*parts) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class Term:
    """One word or quoted phrase of a query."""

    text: str
    is_phrase: bool = False

    @property
    def is_unspaced(self) -> bool:
        """Whether it is written in a script without spaces between words."""
        return bool(_UNSPACED.search(self.text))

    @property
    def may_be_misspelt(self) -> bool:
        """Whether a name that is only alike counts as found."""
        return not self.is_phrase and not self.is_unspaced and len(self.text) >= SHORTEST_FUZZY

    def as_query(self) -> WordQuery:
        """The text-search query of the term."""
        return WordQuery(Value(self.text), Value(self.is_phrase))


@dataclass(frozen=True)
class Clause:
    """Terms of which one must match (``is_excluded``: none may)."""

    terms: tuple[Term, ...]
    is_excluded: bool = False


def read_query(typed: str) -> list[Clause]:
    """Read what a person typed: words that must all match, ``"exact phrases"``, ``-without``, ``this or that``.

    At most `MAX_TERMS` terms of the first `MAX_LENGTH` characters are read. Never raises: an unclosed quotation mark
    ends with the text, a lone sign is left out.
    """
    clauses: list[Clause] = []
    joins_next = False
    for found in list(_TOKEN.finditer(typed[:MAX_LENGTH].replace("\x00", " ")))[:MAX_TERMS]:
        word = found["word"]
        if word is not None and word.lower() in {"or", "|"} and not found["minus"]:
            joins_next = bool(clauses)
            continue
        text = " ".join((found["phrase"] if word is None else word).split())
        if not re.search(r"\w", text):
            continue
        term = Term(text, is_phrase=word is None)
        is_excluded = bool(found["minus"])
        if joins_next and not is_excluded and not clauses[-1].is_excluded:
            clauses[-1] = Clause((*clauses[-1].terms, term))
        else:
            clauses.append(Clause((term,), is_excluded))
        joins_next = False
    return clauses


def words_match(term: Term, *, vector: str, texts: tuple[str, ...]) -> Q:
    """The condition that a text holds the term: by its words and stems, or inside it where its script has no spaces.

    ``vector`` is the lookup of a `SearchVectorColumn`, ``texts`` are the lookups of the columns it was made of. When
    ``texts`` is the first of several columns alone, use `first_words_match`.
    """
    if term.is_unspaced:
        return reduce(or_, (Q(**{f"{text}__icontains": term.text}) for text in texts))
    return Q(**{f"{vector}__holds": term.as_query()})


def first_words_match(term: Term, *, vector: str, text: str) -> Q:
    """As `words_match`, in the first column of the vector alone: in a name, not in the description beside it."""
    condition = words_match(term, vector=vector, texts=(text,))
    if not term.is_unspaced:
        # The index knows no weights as they are kept here: it finds the rows, this looks at them again.
        condition &= Q(**{f"{vector}__first_holds": term.as_query()})
    return condition


def name_matches(term: Term, *, text: str, vector: str) -> Q:
    """The condition that a name holds the term, typing mistakes in longer words forgiven."""
    condition = first_words_match(term, vector=vector, text=text)
    if term.may_be_misspelt:
        condition |= Q(**{f"{text}__folded_word_similar": term.text})
    return condition


@SearchVectorField.register_lookup
class Holds(models.Lookup):
    """The vector matches the query. Django's own lookup reads its right side as text and cannot take `WordQuery`."""

    lookup_name = "holds"
    prepare_rhs = False
    vector = "{}"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, column_params = self.process_lhs(compiler, connection)
        query, query_params = self.process_rhs(compiler, connection)
        return f"{self.vector.format(column)} @@ {query}", [*column_params, *query_params]


@SearchVectorField.register_lookup
class FirstHolds(Holds):
    """The vector matches the query by words of the heaviest weight alone."""

    lookup_name = "first_holds"
    vector = "ts_filter({}, '{{a}}')"


@models.CharField.register_lookup
class FoldedWordSimilar(models.Lookup):
    """A word of the column is like the value by its trigrams (pg_trgm, ``word_similarity_threshold``), both folded."""

    lookup_name = "folded_word_similar"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, column_params = self.process_lhs(compiler, connection)
        value, value_params = self.process_rhs(compiler, connection)
        return f"readout_fold({value}) <%% readout_fold({column})", [*value_params, *column_params]


Finder = Callable[[Term], Any]


@dataclass(frozen=True)
class OwnWords:
    """A finder by columns of the records themselves: it can be asked of one record alone, at little cost."""

    find: Finder

    def __call__(self, term: Term) -> Any:
        return self.find(term)


@dataclass(frozen=True)
class RecordSearch:
    """How one kind of record is searched.

    ``finders`` say where a term is looked for: each takes a `Term` and gives a queryset of one column, the keys of the
    records that hold it there, by public rows alone. ``rank`` gives the expression of how well a record fits a query;
    without it, or for a query without words, all fit alike.
    """

    finders: tuple[Finder, ...]
    rank: Callable[[str], Any] | None = None

    def filter(self, queryset: Any, typed: Sequence[str]) -> Any:
        """Those that match any of the queries ``typed``. A query without a word in it finds nothing."""
        conditions = [condition for text in typed if (condition := self.matches(queryset.model, text)) is not None]
        return queryset.filter(reduce(or_, conditions)) if conditions else queryset.none()

    def matches(self, model: Any, typed: str) -> Q | None:
        """The condition that a record matches one query; ``None`` when there is no word in it.

        Each clause may be held somewhere else: one word in the title, another in the name of a participant.
        """
        clauses = read_query(typed)
        condition: Any = Q()
        for clause in clauses:
            found = self._holding_any(clause)
            if clause.is_excluded:
                # NOT IN is slow once the keys outgrow the memory of a sort; an anti-join is not.
                condition &= ~Exists(model.objects.filter(pk=OuterRef("pk"), pk__in=found))
            else:
                condition &= Q(pk__in=found)
        return condition if clauses else None

    def matches_each(self, typed: str, *, most: int) -> Q | None:
        """The same condition, asked of one record after the other, when each word stands in more than ``most`` records.

        The first records of a list are found so without reading all the others. ``None`` when a word is rarer: then
        the keys that hold it are fewer than the rows that would be asked. A query for each word.
        """
        clauses = [clause for clause in read_query(typed) if not clause.is_excluded]
        if not clauses or not all(self._is_common(clause, most) for clause in clauses):
            return None
        condition: Any = Q()
        for clause in read_query(typed):
            held = reduce(or_, self._held_here(clause))
            condition &= ~held if clause.is_excluded else held
        return condition

    def _is_common(self, clause: Clause, most: int) -> bool:
        own = (rows for finder, rows in self._rows_of(clause) if isinstance(finder, OwnWords))
        return any(rows[: most + 1].count() > most for rows in own)

    def _held_here(self, clause: Clause) -> Iterator[Q]:
        # Own texts first: where they hold the word, nothing else is asked.
        rows_of = sorted(self._rows_of(clause), key=lambda pair: not isinstance(pair[0], OwnWords))
        for finder, rows in rows_of:
            yield Q(_holds_here(rows)) if isinstance(finder, OwnWords) else Q(pk__in=rows)

    def _rows_of(self, clause: Clause) -> Iterator[tuple[Finder, Any]]:
        return ((finder, finder(term).order_by()) for term in clause.terms for finder in self.finders)

    def _holding_any(self, clause: Clause) -> Any:
        first, *others = (rows for _finder, rows in self._rows_of(clause))
        # A union lets each part use its own index; one condition with OR would read every row.
        return first.union(*others) if others else first

    def with_rank(self, queryset: Any, typed: Sequence[str]) -> Any:
        """Each with ``search_rank``, how well it fits the queries ``typed``: higher is better."""
        words = " ".join(words_of(text) for text in typed).strip()
        rank = self.rank(words) if self.rank and words else Value(0.0, output_field=models.FloatField())
        return queryset.annotate(search_rank=rank)


def _holds_here(rows: Any) -> Exists:
    """Whether one of these keys is that of the record."""
    [owner] = rows.query.values_select
    # Two comparisons where one would do: the planner would make a table of all the keys for that one.
    return Exists(rows.filter(**{f"{owner}__gte": OuterRef("pk"), f"{owner}__lte": OuterRef("pk")}))


def words_of(typed: str) -> str:
    """The words of a query that are wanted, without signs and exclusions."""
    return " ".join(term.text for clause in read_query(typed) if not clause.is_excluded for term in clause.terms)


def text_rank(words: str, *, vector: str = "search") -> Any:
    """How well a text fits ``words``, 0 to 1 (ts_rank): more of them, and earlier columns, count more."""
    return SearchRank(
        F(vector), _AnyQuery(*(WordQuery(Value(word), Value(False)) for word in words.split()[:MAX_TERMS]))
    )


def name_rank(words: str, *, text: str) -> Any:
    """How alike the name ``text`` and ``words`` are, 0 to 1 (pg_trgm), folded on both sides."""
    folded: Any = Folded(Value(words))
    return TrigramSimilarity(Folded(F(text)), folded)
