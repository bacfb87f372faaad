"""How a record becomes a flat row: columns in the database, composed from querysets that begin at ``public()``.

PostgreSQL makes every cell, as text, so that a million rows need neither a million instances nor memory. What stands
in a linked record is shown when that record is public; rows of a part are put in one cell, `SEPARATOR` between them,
and the columns of one part run side by side: the third name belongs to the third role.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, F, QuerySet, Value, When
from django.urls import reverse

from records.querysets import is_public

SEPARATOR = " | "
#: A bar inside a value, so that the separator always separates.
BAR, BROKEN_BAR = "|", "¦"

Parameters = list[Any]


@dataclass(frozen=True)
class Column:
    """One column of a file: its name, the SQL of its text, and what it holds.

    ``kind`` says what the text is: text, number, boolean, date or moment; only text can be taken for a formula.
    ``about`` names the columns of public ids that run beside this one: its items tell of the records with these ids.
    """

    name: str
    sql: str
    description: str
    kind: str = "text"
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where columns come from: an expression of the record's own query, or a part's rows beside it."""

    columns: Callable[[str], list[Column]]
    expressions: tuple[Any, ...] = ()
    parts: "Parts | None" = None


@dataclass(frozen=True)
class Item:
    """One column of a part: the expression in a row of it, and what the cell holds."""

    name: str
    expression: Any
    description: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """The rows of a part of records, to be put in cells.

    ``querysets`` are taken together; ``owner`` is for each the path to the key of the record. With ``is_distinct``
    rows that agree in the first item are one.
    """

    querysets: Callable[[], Sequence[tuple[QuerySet[Any], str]]]
    items: tuple[Item, ...]
    order: tuple[str, ...] = ("id",)
    is_distinct: bool = False

    def sql(self, alias: str) -> tuple[str, Parameters]:
        """The lateral join that gives the cells of the record in ``main``."""
        branches, parameters = [], []
        for queryset, owner in self.querysets():
            values = {"owner_key": F(owner)}
            values |= {f"i{place}": item.expression for place, item in enumerate(self.items)}
            values |= {f"o{place}": F(name.removeprefix("-")) for place, name in enumerate(self.order)}
            sql, given = queryset.order_by().annotate(**values).values_list(*values).query.sql_with_params()
            branches.append(f"({sql})")
            parameters += given
        rows = f"SELECT * FROM ({' UNION ALL '.join(branches)}) AS rows WHERE rows.owner_key = main.record_key"  # noqa: S608
        order = ", ".join(f"o{place}{_direction(name)}" for place, name in enumerate(self.order))
        if self.is_distinct:
            rows = f"SELECT DISTINCT ON (i0) * FROM ({rows}) AS same ORDER BY i0, {order}"  # noqa: S608
        cells = ", ".join(_cell(place, order) for place in range(len(self.items)))
        return f"LEFT JOIN LATERAL (SELECT {cells} FROM ({rows}) AS found) AS {alias} ON true", parameters  # noqa: S608


def _cell(place: int, order: str) -> str:
    item = f"i{place}"
    text = f"coalesce(replace({item}::text, '{BAR}', '{BROKEN_BAR}'), '')"
    together = f"string_agg({text}, '{SEPARATOR}' ORDER BY {order})"
    return f"CASE WHEN bool_or({item}::text <> '') THEN {together} END AS {item}"


@dataclass(frozen=True)
class Table:
    """The flat form of one kind of record: its columns, in order."""

    model: Any
    #: The stem of the names of its addresses, and its word in them.
    name: str
    plural: str
    sources: tuple[Source, ...]
    _columns: list[Column] = field(default_factory=list, repr=False)

    @property
    def columns(self) -> list[Column]:
        """The columns; their SQL reads the aliases that `query` gives."""
        if not self._columns:
            self._columns.extend(column for alias, source in self._aliased() for column in source.columns(alias))
        return self._columns

    @property
    def names(self) -> list[str]:
        """The head of the file."""
        return [column.name for column in self.columns]

    def _aliased(self) -> Iterator[tuple[str, Source]]:
        for place, source in enumerate(self.sources):
            yield f"p{place}" if source.parts else f"main.c{place}", source

    def query(
        self,
        records: Any,
        *,
        order: Sequence[str],
        site: str,
        cell: Callable[[Column], str] | None = None,
        is_keyed: bool = False,
    ) -> tuple[str, Parameters]:
        """The SELECT of the rows of ``records`` in the ``order`` of its columns, every cell as text or null.

        ``cell`` gives the SQL of a column, if not the column's own. With ``is_keyed`` a row is the key of the record
        and an array of its cells.
        """
        main, parameters = self.main(records, order)
        joins = []
        for alias, source in self._aliased():
            if source.parts:
                join, given = source.parts.sql(alias)
                joins.append(join)
                parameters += given
        cells = ", ".join((cell or (lambda column: column.sql))(column) for column in self.columns)
        if is_keyed:
            cells = f"main.record_key, ARRAY[{cells}]::text[] AS cells"
        keys = ", ".join(f"main.k{place}{_direction(key)}" for place, key in enumerate(order))
        return (
            f"SELECT {cells} FROM ({main}) AS main {' '.join(joins)} ORDER BY {keys}".replace(  # noqa: S608
                ":page_address:", self._page_address(site)
            ),
            parameters,
        )

    def main(self, records: Any, order: Sequence[str]) -> tuple[str, Parameters]:
        """The query of the records themselves: their key, what their own columns are made from, and the order."""
        values: dict[str, Any] = {"record_key": F("pk")}
        for alias, source in self._aliased():
            for place, expression in enumerate(source.expressions):
                values[f"{alias.removeprefix('main.')}{'abcd'[place]}"] = expression
        keys = {f"k{place}": F(key.removeprefix("-")) for place, key in enumerate(order)}
        try:
            found = records.annotate(**values, **keys).order_by(*order).values_list(*values, *keys)
            sql, given = found.query.sql_with_params()
        except EmptyResultSet:  # Django knows that nothing can be found, and has no SQL for it
            nothing = self.model._base_manager.filter(pk=-1).annotate(**values, **dict.fromkeys(keys, Value(0)))
            sql, given = nothing.order_by().values_list(*values, *keys).query.sql_with_params()
        return sql, list(given)

    def _page_address(self, site: str) -> str:
        before, after = reverse(f"events:{self.name}-detail", args=["UID"]).split("UID")
        return f"{_literal(site + before)} || main.c0a || {_literal(after)}"


def _direction(key: str) -> str:
    return " DESC" if key.startswith("-") else ""


def _literal(text: str) -> str:
    # Parameters are counted by place, and this one stands among the cells: it is written out.
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


# The kinds of columns that tables are made of.


def text(name: str, description: str, path: Any = None, *, about: tuple[str, ...] = ()) -> Source:
    """A text of the record; an empty one is an empty cell."""
    return Source(
        lambda alias: [Column(name, f"nullif({alias}a, '')", description, about=about)], (_expression(path or name),)
    )


def number(name: str, description: str, path: Any = None) -> Source:
    """A number of the record."""
    return Source(lambda alias: [Column(name, f"{alias}a::text", description, "number")], (_expression(path or name),))


def day(name: str, description: str) -> Source:
    """A day of the calendar, as ISO 8601."""
    return Source(lambda alias: [Column(name, f"{alias}a::text", description, "date")], (F(name),))


def moment(name: str, description: str) -> Source:
    """A moment, as ISO 8601 in UTC."""
    form = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
    return Source(
        lambda alias: [Column(name, f"to_char({alias}a AT TIME ZONE 'UTC', {form})", description, "moment")],
        (F(name),),
    )


def texts(name: str, description: str) -> Source:
    """A list of texts of the record."""

    def columns(alias: str) -> list[Column]:
        whole = f"array_to_string({alias}a, chr(31))"
        parts = f"replace(replace({whole}, '{BAR}', '{BROKEN_BAR}'), chr(31), '{SEPARATOR}')"
        return [Column(name, f"nullif({parts}, '')", description)]

    return Source(columns, (F(name),))


def address() -> Source:
    """The permanent address of the record's page; the first source of a table must be the public id."""
    return Source(lambda _alias: [Column("url", ":page_address:", "Permanent address of the record.")])


def partial_date(name: str, description: str) -> Source:
    """A partial date in four columns: as coded, the first and last day it can mean, and whether these are known."""

    def columns(alias: str) -> list[Column]:
        outer, core = f"{alias}b", f"{alias}c"
        return [
            Column(f"{name}_edtf", f"nullif({alias}a, '')", f"{description} EDTF (ISO 8601-2); empty: unknown."),
            Column(
                f"{name}_earliest",
                f"CASE WHEN NOT lower_inf({outer}) THEN lower({outer})::text END",
                "First day it can mean; empty when open on that side, or unknown.",
                "date",
            ),
            Column(
                f"{name}_latest",
                f"CASE WHEN NOT upper_inf({outer}) THEN (upper({outer}) - 1)::text END",
                "Last day it can mean, included; empty when open on that side, or unknown.",
                "date",
            ),
            Column(
                f"{name}_certain",
                f"CASE WHEN {outer} = {core} THEN 'true' ELSE 'false' END",
                "true when the very days are known.",
                "boolean",
            ),
        ]

    return Source(columns, (F(name), F(f"{name}_outer"), F(f"{name}_core")))


def link(name: str, description: str, *, shown: str = "name") -> Source:
    """A linked record by name and public id, both empty where it is not set or not public."""

    def columns(alias: str) -> list[Column]:
        return [
            Column(name, f"{alias}a", description, about=(f"{name}_uid",)),
            Column(f"{name}_uid", f"{alias}b", f"Public id of {name}."),
        ]

    return Source(columns, (if_public(name, shown), if_public(name, "uid")))


def if_public(path: str, wanted: str) -> Case:
    """What stands in ``wanted`` of the record at ``path``; null when that is not public."""
    return Case(When(is_public(path), then=F(f"{path}__{wanted}")), default=None)


def many(
    querysets: Callable[[], Sequence[tuple[QuerySet[Any], str]]],
    *items: Item,
    order: tuple[str, ...] = ("id",),
    is_distinct: bool = False,
) -> Source:
    """The rows of a part, in one column for each item."""

    def columns(alias: str) -> list[Column]:
        return [
            Column(item.name, f"{alias}.i{place}", item.description, about=item.about)
            for place, item in enumerate(items)
        ]

    return Source(columns, parts=Parts(querysets, items, order, is_distinct))


def _expression(path: Any) -> Any:
    return F(path) if isinstance(path, str) else path
