"""A document of JSON as a form that is filled in.

What a document does not name is left as it is (PATCH), or as a new record would have it (PUT, POST). A list that is
named replaces the rows: one with an ``id``, or that says the same as one which is there, is that row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from records.api.writing.desk import Desk, Rows, SentRow, Sheet, values_of
from records.api.writing.fields import Entry, Links, NotThat
from records.api.writing.problems import Errors, InvalidDocument, escaped

#: A form takes no more rows of one kind.
MOST_ROWS = 1000


def fill_in(desk: Desk, document: Any, *, whole: bool, around: dict[str, Any] | None = None) -> Sheet:
    """The form of the desk filled in with the document; ``whole`` leaves nothing of the fields that it does not name.

    ``around`` is what the record is told with beside its fields: it may be sent back, as long as it says the same.
    Raises `InvalidDocument`.
    """
    reading = _Reading(desk, whole=whole, around=around or {})
    sheet = reading.read(document)
    if reading.errors:
        raise InvalidDocument(reading.errors, fields=reading.allowed)
    return sheet


class _Reading:
    """One reading of a document; all that is wrong with it is gathered."""

    def __init__(self, desk: Desk, *, whole: bool, around: dict[str, Any]) -> None:
        self.desk, self.whole, self.around = desk, whole, around
        self.links = Links(keys=desk.keys)
        self.errors: Errors = {}
        self.allowed: dict[str, list[str]] = {}

    def read(self, document: Any) -> Sheet:
        """The sheet; what cannot be read is among the errors."""
        desk = self.desk
        names = [entry.on_form for entry in desk.entries]
        fields: dict[str, list[Any]] = dict(values_of(desk.blank if self.whole else desk.form, names))
        given: dict[str, list[_Given]] = {}
        if not isinstance(document, dict):
            self._say("", _("Give an object."))
        else:
            lists = {rows.name: rows for rows in desk.rows}
            self._refuse_unknown(document, "", [entry.name for entry in desk.entries], lists, top=True)
            fields |= self._read_fields(desk.entries, document, "")
            for name in lists.keys() & document.keys():
                given[lists[name].prefix] = self._read_rows(lists[name], document[name], f"/{name}")
        self.links.look_up(self.errors)
        sheet = Sheet(desk, {name: self.links.settled(values) for name, values in fields.items()}, {})
        self._settle(sheet, given)
        return sheet

    # Reading

    def _say(self, pointer: str, words: str) -> None:
        self.errors.setdefault(pointer, []).append(words)

    def _refuse_unknown(
        self, given: dict[str, Any], pointer: str, fields: list[str], lists: Any, *, top: bool = False
    ) -> None:
        known = {*fields, *lists, *({"reason"} if top else {"id"})}
        told = self.desk.refuses_to_write() if top else {}
        for name in given.keys() - known:
            at = f"{pointer}/{escaped(name)}"
            if top and name in self.around:
                if given[name] != self.around[name]:
                    self._say(at, _("This is told, and cannot be written. Leave it out, or as it is."))
            elif name in told:
                self._say(at, _("This is told, and cannot be written. Leave it out."))
            else:
                self._say(at, _("Unknown field."))
                self.allowed[pointer] = sorted(known)

    def _read_fields(self, entries: tuple[Entry, ...], given: dict[str, Any], pointer: str) -> dict[str, list[Any]]:
        found = {}
        for entry in entries:
            if entry.name in given:
                at = f"{pointer}/{entry.name}"
                try:
                    found[entry.on_form] = entry.read(given[entry.name], at, self.links)
                except NotThat as refused:
                    self._say(at, str(refused))
        return found

    def _read_rows(self, rows: Rows, given: Any, pointer: str) -> "list[_Given]":
        if not isinstance(given, list):
            self._say(pointer, _("Give a list."))
            return []
        if len(given) > MOST_ROWS:
            self._say(pointer, _("At most %(most)d can be given.") % {"most": MOST_ROWS})
            return []
        return [
            row
            for number, one in enumerate(given)
            if (row := self._read_row(rows, one, f"{pointer}/{number}")) is not None
        ]

    def _read_row(self, rows: Rows, given: Any, pointer: str) -> "_Given | None":
        if rows.only:
            (entry,) = rows.entries
            try:
                return _Given(pointer, {entry.on_form: entry.read(given, pointer, self.links)})
            except NotThat as refused:
                self._say(pointer, str(refused))
                return None
        if not isinstance(given, dict):
            self._say(pointer, _("Give an object."))
            return None
        inner = {one.name: one for one in self.desk.rows_within(rows)}
        self._refuse_unknown(given, pointer, [entry.name for entry in rows.entries], inner)
        row = _Given(pointer, self._read_fields(rows.entries, given, pointer))
        if given.get("id") is not None:
            row.kept = self._row_named(rows, given["id"], pointer)
        for name in inner.keys() & given.keys():
            row.within[inner[name].prefix] = self._read_rows(inner[name], given[name], f"{pointer}/{name}")
        return row

    def _row_named(self, rows: Rows, told: Any, pointer: str) -> int | None:
        for form in self.desk.kept(rows):
            if told == (form.instance.uid if rows.has_uids else form.instance.pk) and not isinstance(told, bool):
                return int(form.instance.pk)
        self._say(f"{pointer}/id", _("The record has no such row. Leave the id out to add one."))
        return None

    # Rows, once it is known what is linked

    def _settle(self, sheet: Sheet, given: "dict[str, list[_Given]]") -> None:
        """Put the rows that were given in the place of those that are there, the rows within others last."""
        for rows in sorted(self.desk.rows, key=lambda rows: bool(rows.within)):
            names = [entry.on_form for entry in rows.entries]
            blank = values_of(rows.blank, names)
            names = [*names, *([rows.field_within] if rows.field_within else [])]
            kept = {
                int(form.instance.pk): _Kept(rows.of(form.instance), values_of(form, names))
                for form in self.desk.kept(rows)
            }
            places = list(self._places(rows, sheet, given))
            taken = self._claim(rows, places, kept, blank)
            sent = [SentRow(one.values, key) for key, one in kept.items() if key not in taken]
            for row in sent:
                row.is_removed = kept[row.key].of in {place.of for place, _ones in places}  # type: ignore[index]
            for place, ones in places:
                within = {rows.field_within: [place.value]} if rows.field_within else {}
                for one in ones:
                    base = blank if self.whole or one.kept is None else kept[one.kept].values
                    sent.append(SentRow({**base, **one.values, **within}, one.kept, one.pointer))
            sheet.rows[rows.prefix] = sent
            sheet.put_in_order()

    def _places(self, rows: Rows, sheet: Sheet, given: "dict[str, list[_Given]]") -> "Iterator[tuple[_Place, Any]]":
        """Where the document names a list of these rows: on the record itself, or within a row of another list."""
        if rows.prefix in given:
            yield _Place("", ""), given[rows.prefix]
        if not rows.within:
            return
        field: Any = rows.blank.fields[rows.field_within]
        pointers = {one.pointer: one for one in given.get(rows.within, [])}
        for number, row in enumerate(sheet.rows[rows.within]):
            if row.is_removed:
                yield _Place(str(row.key), ""), []
            elif (one := pointers.get(row.pointer)) is not None and rows.prefix in one.within:
                new = f"{field.new_row}{number}"
                yield (
                    _Place(new, new) if row.key is None else _Place(str(row.key), str(row.key)),
                    one.within[rows.prefix],
                )

    def _claim(
        self, rows: Rows, places: "list[tuple[_Place, Any]]", kept: "dict[int, _Kept]", blank: dict[str, list[str]]
    ) -> set[int]:
        """Find for each row without an id the one in its place that says the same; the keys of all that go on."""
        taken: set[int] = set()
        for _place, ones in places:
            for one in ones:
                one.values = {name: self.links.settled(values) for name, values in one.values.items()}
                if one.kept in taken:
                    self._say(f"{one.pointer}/id", _("The same row is given twice."))
                elif one.kept is not None:
                    taken.add(one.kept)
        whole = tuple(blank)
        for place, ones in places:
            free = {key: values.values for key, values in kept.items() if values.of == place.of}
            for names in [*rows.identities, whole]:
                for one in ones:
                    wanted = [{**blank, **one.values}[name] for name in names]
                    # What is empty, as the actor of an unresolved participant, is no sign of being the same.
                    if one.kept is not None or not (names == whole or all(any(values) for values in wanted)):
                        continue
                    same = (key for key in free.keys() - taken if [free[key][name] for name in names] == wanted)
                    one.kept = min(same, default=None)
                    if one.kept is not None:
                        taken.add(one.kept)
        return taken


@dataclass(frozen=True)
class _Kept:
    """A row that is there: what it is within, and what it says."""

    of: str
    values: dict[str, list[str]]


class _Given:
    """A row of a document: where it stands, what it says, and the key of the row that it is."""

    def __init__(self, pointer: str, values: dict[str, list[Any]]) -> None:
        self.pointer, self.values = pointer, values
        self.kept: int | None = None
        self.within: dict[str, list[_Given]] = {}


@dataclass(frozen=True)
class _Place:
    """Where rows belong: ``of`` tells the row apart that they are within ("" for the record), ``value`` chooses it."""

    of: str
    value: str
