"""Text search, the part that all records share: how words are stored, how one term matches, what comes first.

How a query is read is in `records.query`; which texts and names a kind of record is found by is said in the
``search.py`` of its app. The SQL functions used here (``readout_fold``, ``readout_words``, ``readout_query``) are made
by migrations of this app:

* lines: a list of texts as one text;
* fold: lower case without accents, so that *Guterres* finds *Guterrès*;
* words and query: words as they stand, their English and Russian stems and those of the text's own language, and each
  pair of neighbouring signs of a script without spaces. A stop word is still found as it stands.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField, TrigramSimilarity
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Case, Exists, ExpressionWrapper, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from records.query import MAX_TERMS, Clause, Term, read_query, words_of

#: Only so many finds, the latest, are ordered by how well they fit: a word that stands everywhere would cost a look at
#: every record. All others follow.
RANKED = 2_000
#: What a word weighs in the first to fourth column of a vector, turned round as ts_rank wants it: a title says more
#: than any number of words in a text.
WEIGHTS = (0.05, 0.1, 0.4, 1.0)


class Folded(Func):
    """Lower case without accents, as an index can hold it."""

    function = "readout_fold"
    output_field = models.TextField()


class Signs(Func):
    """The signs of a text, one by one: what an index over them finds a single one of by."""

    function = "string_to_array"
    template = "%(function)s(%(expressions)s, NULL)"
    output_field = ArrayField(models.TextField())


class Lines(Func):
    """The texts of a list, one a line, as an index or a stored column can hold it."""

    function = "readout_lines"
    output_field = models.TextField()


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


class BaseQuery(Func):
    """As `WordQuery`, without the stems of languages other than English and Russian."""

    function = "readout_base_query"
    output_field: Any = WordQuery.output_field


class Among(Func):
    """The condition that the column ``link`` is one of the keys of the queryset ``keys``, of which few are found.

    They are found first, and lead to rows by the index of the link. Joined in by *in*, the database takes a word for
    found in many names, and reads all rows to see which of them the keys lead to.
    """

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def __init__(self, link: str, keys: Any, **extra: Any) -> None:
        super().__init__(F(link), ArraySubquery(keys), **extra)


class SearchVectorColumn(models.GeneratedField):
    """A stored search vector over text columns; the first weighs most. Computed by the database at each write.

    A column is given by its name, with the column beside it that holds the language of its text, or as an expression.
    """

    WEIGHTS = "ABCD"

    def __init__(self, *columns: str | tuple[str, str] | Func, **kwargs: Any) -> None:
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
    """The vectors of the first migrations."""

    function = "readout_vector"
    output_field = SearchVectorField()


class _Words(Func):
    function = "readout_words"
    output_field = SearchVectorField()


class _Weight(Func):
    template = "'%(weight)s'::\"char\""
    output_field = models.CharField()


class Words(Func):
    """The vector of a short text that has no column for it: with an index on it, found as quickly as a stored one."""

    function = "readout_words"
    # The language stands in the text of the statement, as in the index, and not among its parameters.
    template = "%(function)s(%(expressions)s, '')"
    output_field = SearchVectorField()


def _vector(columns: tuple[str | tuple[str, str] | Func, ...]) -> Func:
    parts = []
    for weight, column in zip(SearchVectorColumn.WEIGHTS, columns, strict=False):
        text, language = column if isinstance(column, tuple) else (column, None)
        words = _Words(
            Coalesce(F(text) if isinstance(text, str) else text, Value("")), F(language) if language else Value("")
        )
        parts.append(_Weighed(words, _Weight(weight=weight)))
    return _Joined(*parts) if len(parts) > 1 else parts[0]


def as_query(term: Term) -> WordQuery:
    """The text-search query of the term."""
    return WordQuery(Value(term.text), Value(term.is_phrase))


def words_match(term: Term, *, vector: str, texts: tuple[str, ...]) -> Q:
    """The condition that a text holds the term: by its words and stems, or inside it where its script has no spaces.

    ``vector`` is the lookup of a `SearchVectorColumn`, ``texts`` are the lookups of the columns it was made of. When
    ``texts`` is the first of several columns alone, use `first_words_match`.
    """
    condition = Q(**{f"{vector}__holds": as_query(term)})
    if term.is_unspaced and term.stands_together and not term.is_pair:
        # The index knows pairs of signs: it finds the rows, this looks whether the pairs make up the term.
        condition &= reduce(or_, (Q(**{f"{text}__icontains": term.text}) for text in texts))
    return condition


def first_words_match(term: Term, *, vector: str, text: str) -> Q:
    """As `words_match`, in the first column of the vector alone: in a name, not in the description beside it."""
    condition = Q(**{f"{vector}__holds": as_query(term)})
    if term.is_unspaced and term.stands_together:
        return condition & Q(**{f"{text}__icontains": term.text})
    # The index knows no weights as they are kept here: it finds the rows, this looks at them again. Stems of other
    # languages have no weight.
    return condition & Q(**{f"{vector}__first_holds": BaseQuery(Value(term.text), Value(term.is_phrase))})


def name_matches(term: Term, *, text: str, vector: str, is_alone: bool = False) -> Q:
    """The condition that a name holds the term, typing mistakes in longer words forgiven.

    ``is_alone`` when the vector was made of the name and nothing else.
    """
    condition = (
        words_match(term, vector=vector, texts=(text,))
        if is_alone
        else first_words_match(term, vector=vector, text=text)
    )
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
class OwnText:
    """A finder by the texts of the public records of ``model`` themselves, of which ``search`` is the vector."""

    model: Any
    texts: tuple[str, ...]

    def __call__(self, term: Term) -> Any:
        return self._among(self.model.objects.public(), term)

    def hidden_too(self, term: Term) -> Any:
        """The same among all records, for whoever knows already which are public.

        The database is then left no other way than by its index of words; else it reads the text of each public record
        to see whether a common word is there.
        """
        return self._among(self.model.objects.all(), term)

    def _among(self, records: Any, term: Term) -> Any:
        return records.filter(words_match(term, vector="search", texts=self.texts)).values("pk")


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
    without it, or for a query without words, all fit alike. ``dated`` names the partial date of the records, where they
    have one: of equal finds the later one comes first.
    """

    finders: tuple[Finder, ...]
    rank: Callable[[str], Any] | None = None
    dated: str = ""

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
        """Each with ``search_rank``, how well it fits the queries ``typed``: higher is better.

        ``queryset`` is what the search found. Of more than `RANKED` finds only the latest are ranked; the others have
        a rank below all of these.
        """
        rank = self._rank(typed)
        if rank is None:
            return queryset.annotate(search_rank=self._recency())
        latest = self.latest_first(queryset.order_by()).values("pk")[:RANKED]
        return queryset.annotate(
            search_rank=Case(
                When(pk__in=latest, then=rank), default=self._recency() - Value(1.0), output_field=models.FloatField()
            )
        )

    def _rank(self, typed: Sequence[str]) -> Any:
        """The expression of how well a record fits; ``None`` where there are no words to fit."""
        words = " ".join(words_of(text) for text in typed).strip()
        if not words or self.rank is None:
            return None
        return ExpressionWrapper(self.rank(words) + self._recency(), output_field=models.FloatField())

    def latest_first(self, queryset: Any) -> Any:
        """The latest first, the undated last; where records have no date, the last made first."""
        if not self.dated:
            return queryset.order_by("-id")
        is_dated = ExpressionWrapper(Q(**{f"{self.dated}_outer__isnull": False}), output_field=models.BooleanField())
        return queryset.alias(search_is_dated=is_dated).order_by("-search_is_dated", f"-{self.dated}_sort", "-id")

    def _recency(self) -> Any:
        """Less than any difference of ranks that means something, and more for later records."""
        if not self.dated:
            return Value(0.0, output_field=models.FloatField())
        return Case(
            When(**{f"{self.dated}_outer__isnull": True}, then=Value(0.0)),
            default=_Recency(F(f"{self.dated}_sort")),
            output_field=models.FloatField(),
        )

    def keys(self, queryset: Any, typed: Sequence[str]) -> np.ndarray:
        """The keys of all that the queries find among ``queryset``, as int64 in no order; one query.

        For whoever needs them more than once, to count and to list: 200,000 of them take 2 MB and no time to read.
        """
        found = self.filter(queryset.order_by(), typed).values_list("pk")
        return _packed(found, "int8send(id::bigint)", [("id", ">i8")])["id"].astype(np.int64)

    def keys_hidden_too(self, queryset: Any, typed: Sequence[str]) -> np.ndarray:
        """As `keys`, with keys of records that are not public among them: for whoever sifts these out; one query."""
        clauses = [read_query(text) for text in typed]
        if not all(any(not one.is_excluded for one in each) for each in clauses):
            return self.keys(queryset, typed)
        rows = [self._owners_of(one) for each in clauses for one in each]
        held = iter(_packed_each(rows, queryset.db))
        found = [_sifted(each, [next(held) for _clause in each]) for each in clauses]
        return found[0] if len(found) == 1 else np.unique(np.concatenate(found))

    def _owners_of(self, clause: Clause) -> list[Any]:
        return [
            (finder.hidden_too if isinstance(finder, OwnText) else finder)(term).order_by()
            for term in clause.terms
            for finder in self.finders
        ]

    def keys_latest_first(self, queryset: Any, typed: Sequence[str]) -> np.ndarray:
        """As `keys`, in the order of `latest_first`."""
        found = self.filter(queryset.order_by(), typed).values_list("pk", self._recency())
        rows = _packed(found, "int8send(id::bigint) || float8send(recency)", [("id", ">i8"), ("recency", ">f8")])
        keys, recency = rows["id"].astype(np.int64), rows["recency"].astype(np.float64)
        return keys[np.lexsort((-keys, -recency))]

    def best_first(self, queryset: Any, typed: Sequence[str], keys: Sequence[int]) -> list[int]:
        """``keys``, no more than `RANKED` of those found, in the order of how well their records fit; one query.

        Of a record nothing is read but what it is ranked by: read those that are shown by their keys.
        """
        ranked = queryset.filter(pk__in=keys).annotate(search_rank=self._rank(typed) or self._recency())
        return list(ranked.order_by("-search_rank", "-id").values_list("pk", flat=True))


def _sifted(clauses: Sequence[Clause], held: Sequence[np.ndarray]) -> np.ndarray:
    """The keys that every clause holds, and no excluded one."""
    pairs = list(zip(clauses, held, strict=True))
    found = reduce(np.intersect1d, [keys for clause, keys in pairs if not clause.is_excluded])
    for clause, keys in pairs:
        found = np.setdiff1d(found, keys) if clause.is_excluded else found
    return found


def _packed_each(asked: Sequence[Sequence[Any]], using: str) -> list[np.ndarray]:
    """For each list of querysets of keys, the keys that any of them gives, some more than once; one query for all.

    The database leaves out no duplicates and sorts nothing: for a word that stands everywhere that took most of the
    time.
    """
    columns, parameters = [], []
    for querysets in asked:
        parts = []
        for one in querysets:
            try:
                sql, given = one.query.sql_with_params()
            except EmptyResultSet:
                continue
            parts.append(f"({sql})")
            parameters += given
        rows = " UNION ALL ".join(parts) or "SELECT NULL"
        columns.append(f"(SELECT string_agg(int8send(key::bigint), '') FROM ({rows}) AS held (key))")  # noqa: S608
    row = _asked_of_indexes(f"SELECT {', '.join(columns)}", parameters, using)
    return [np.frombuffer(bytes(one or b""), ">i8").astype(np.int64) for one in row]


def _packed(found: Any, packing: str, columns: list[tuple[str, str]]) -> np.ndarray:
    """The rows of a queryset of numbers: thirty times quicker in one piece than one by one."""
    kind = np.dtype(columns)
    try:
        rows, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return np.empty(0, kind)
    packed = f"SELECT string_agg({packing}, '') FROM ({rows}) AS found ({', '.join(kind.names or ())})"  # noqa: S608
    (numbers,) = _asked_of_indexes(packed, parameters, found.db)
    return np.frombuffer(bytes(numbers or b""), kind)


def _asked_of_indexes(statement: str, parameters: Sequence[Any], using: str) -> tuple[Any, ...]:
    """The one row of a statement that reads whole tables only of what has no index.

    A word is asked for with its stems in every language, and the planner takes each for found in a part of the texts:
    it would read all of them where hardly one holds the word. The three statements go in one message, and the setting
    ends with the transaction in any case.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SET LOCAL enable_seqscan = off; {statement}; SET LOCAL enable_seqscan = DEFAULT",
            parameters,
        )
        cursor.nextset()
        row: tuple[Any, ...] = cursor.fetchone()
    return row


class _Recency(Func):
    template = "(GREATEST(%(expressions)s - DATE '1800-01-01', 0) / 1e8::float8)"
    output_field = models.FloatField()


def _holds_here(rows: Any) -> Exists:
    """Whether one of these keys is that of the record."""
    [owner] = rows.query.values_select
    # Two comparisons where one would do: the planner would make a table of all the keys for that one.
    return Exists(rows.filter(**{f"{owner}__gte": OuterRef("pk"), f"{owner}__lte": OuterRef("pk")}))


def text_rank(words: str, *, vector: str = "search") -> Any:
    """How well a text fits ``words``, about 0 to 1 (ts_rank): more of them, and earlier columns, count more."""
    asked = _AnyQuery(*(BaseQuery(Value(word), Value(False)) for word in words.split()[:MAX_TERMS]))
    return SearchRank(F(vector), asked, weights=list(WEIGHTS))


def name_rank(words: str, *, text: str) -> Any:
    """How alike the name ``text`` and ``words`` are, 0 to 1 (pg_trgm), folded on both sides."""
    folded: Any = Folded(Value(words))
    return TrigramSimilarity(Folded(F(text)), folded)
