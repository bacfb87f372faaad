"""The fields of a document: how each is read from JSON for the form of the desk, told in JSON, and described."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _

from partialdates.forms import PartialDateFormField
from partialdates.values import PartialDate
from records.admin.forms import LinesField
from records.api.writing.problems import Errors
from records.uids import normalise_uid


class NotThat(Exception):
    """A value of a kind that the field does not take; the message says what it takes."""


@dataclass(frozen=True)
class Link:
    """A record that a document names by its id; where the document does it."""

    model: Any
    uid: str
    pointer: str


@dataclass
class Links:
    """The records that a document names, looked up together: one query for each kind."""

    named: list[Link] = field(default_factory=list)
    keys: dict[tuple[Any, str], int] = field(default_factory=dict)

    def name(self, model: Any, uid: str, pointer: str) -> Link:
        """Remember a record to look up."""
        link = Link(model, normalise_uid(uid) or "", pointer)
        self.named.append(link)
        return link

    def look_up(self, errors: Errors) -> None:
        """Find the key of each; what is not there is an error where it was named."""
        wanted: dict[Any, set[str]] = defaultdict(set)
        for link in self.named:
            if (link.model, link.uid) not in self.keys:
                wanted[link.model].add(link.uid)
        for model, uids in wanted.items():
            for uid, key in model._base_manager.filter(uid__in=uids).values_list("uid", "pk"):
                self.keys[model, uid] = key
        for link in self.named:
            if (link.model, link.uid) not in self.keys:
                words = _("There is no %(kind)s with this id.") % {"kind": link.model._meta.verbose_name}
                errors.setdefault(link.pointer, []).append(words)

    def settled(self, values: list[Any]) -> list[str]:
        """The values of a field as a browser would send them."""
        return [str(self.keys.get((one.model, one.uid), "")) if isinstance(one, Link) else one for one in values]


@dataclass(frozen=True)
class Entry:
    """A field of a document: its name there, its name on the form, and on the row it is told from."""

    name: str
    on_form: str
    on_row: str
    field: Any

    def read(self, value: Any, pointer: str, links: Links) -> list[Any]:
        """A value of JSON as a browser would send it, links left to be looked up. Raises `NotThat`."""
        return _read(self.field, value, pointer, links)

    def tell(self, row: Any, labels: "Labels") -> Any:
        """What the row says in the field, as JSON; links are named first and told when `Labels` are known."""
        return _value_at(row, self.on_row, labels)


class Labels:
    """Linked records as a document tells them: by id, address, and the words the desk has for them.

    One query for each kind, and what its words are made of. Of a kind that the user may not look at there are no words.
    """

    def __init__(self, request: Any, site: str) -> None:
        self.request, self.site = request, site
        self._wanted: dict[Any, set[int]] = defaultdict(set)
        self._found: dict[Any, dict[int, Any]] = {}

    def want(self, model: Any, key: int | None) -> "Wanted | None":
        """A record that is to be told; ``None`` where none is linked."""
        if key is None:
            return None
        self._wanted[model].add(key)
        return Wanted(model, key)

    def settle(self, document: Any) -> Any:
        """The document with each `Wanted` told."""
        for model, keys in self._wanted.items():
            desk: Any = admin.site.get_model_admin(model)
            rows = desk.for_choosing(desk.get_queryset(self.request).filter(pk__in=keys))
            self._found[model] = {row.pk: row for row in rows}
        return self._settled(document)

    def _settled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._settled(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._settled(one) for one in value]
        return self._told(value) if isinstance(value, Wanted) else value

    def _told(self, wanted: "Wanted") -> dict[str, str]:
        row = self._found[wanted.model][wanted.key]
        may_see = admin.site.get_model_admin(wanted.model).has_view_permission(self.request)
        return {"uid": row.uid, "url": desk_address(row, self.site), "label": str(row) if may_see else ""}


@dataclass(frozen=True)
class Wanted:
    """A linked record, by model and key."""

    model: Any
    key: int


def desk_address(row: Any, site: str) -> str:
    """The absolute address of a record at the desk for programs; ``site`` is scheme and host."""
    return f"{site}{reverse(f'api:desk-{row._meta.model_name}', args=[row.uid])}"


def _value_at(row: Any, name: str, labels: Labels) -> Any:
    """A column of the row as JSON; a link by the key it holds."""
    one = row._meta.get_field(name)
    if one.is_relation and not one.many_to_many:
        return labels.want(one.related_model, getattr(row, one.attname))
    return _told(getattr(row, name), labels)


def _told(value: Any, labels: Labels) -> Any:
    if isinstance(value, PartialDate):
        return value.as_dict()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "get_queryset"):
        return [labels.want(type(one), one.pk) for one in value.all()]
    return value


def _read(one: Any, value: Any, pointer: str, links: Links) -> list[Any]:
    if isinstance(one, forms.ModelMultipleChoiceField):
        if not isinstance(value, list):
            raise NotThat(_("Give a list of ids."))
        return [_link(one, given, f"{pointer}/{number}", links) for number, given in enumerate(value)]
    if isinstance(one, forms.ModelChoiceField):
        return [""] if value is None else [_link(one, value, pointer, links)]
    if isinstance(one, forms.BooleanField):
        if not isinstance(value, bool):
            raise NotThat(_("Say true or false."))
        return ["on"] if value else []
    if isinstance(one, LinesField):
        return ["\n".join(_lines(value))]
    if isinstance(one, PartialDateFormField) and isinstance(value, dict):
        value = value.get("edtf")
    if value is None:
        return [""]
    if isinstance(one, forms.IntegerField) or (isinstance(one, forms.ChoiceField) and _is_numbered(one)):
        # Decimal and float fields are kinds of this one.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotThat(_("Give a number."))
        return [str(value)]
    if not isinstance(value, str):
        raise NotThat(_("Give a text."))
    return [value]


def _link(one: Any, value: Any, pointer: str, links: Links) -> Link:
    uid = value.get("uid") if isinstance(value, dict) else value
    if not isinstance(uid, str):
        raise NotThat(_("Give the id of a record, or an object with its “uid”."))
    return links.name(one.queryset.model, uid, pointer)


def _lines(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise NotThat(_("Give a list of texts."))
    if any(len(line.splitlines()) > 1 for line in value):
        raise NotThat(_("Each text is one line."))
    return value


def choices_of(one: Any) -> list[Any]:
    """The values of a choice, without the one that stands for none."""
    return [value for value, _label in one.choices if value not in ("", None)]


def _is_numbered(one: Any) -> bool:
    return all(isinstance(value, int) for value in choices_of(one))


def schema_of(one: Any, link: dict[str, Any], date: dict[str, Any], *, is_told: bool) -> dict[str, Any]:
    """The JSON schema of a field, as it is told or as it is taken."""
    text = {"type": "string"}
    if isinstance(one, forms.ModelMultipleChoiceField):
        return {"type": "array", "items": link}
    if isinstance(one, forms.ModelChoiceField):
        return {"anyOf": [link, {"type": "null"}]}
    if isinstance(one, forms.BooleanField):
        return {"type": "boolean"}
    if isinstance(one, LinesField):
        return {"type": "array", "items": text}
    if isinstance(one, PartialDateFormField):
        return date
    if isinstance(one, forms.ChoiceField):
        values = choices_of(one)
        none: list[Any] = [] if one.required else [None] if _is_numbered(one) else [""]
        kinds = ["integer", *(["null"] if none else [])] if _is_numbered(one) else ["string"]
        return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": [*values, *none]}
    if isinstance(one, forms.DecimalField | forms.FloatField):
        return {"type": ["number", "null"]}
    if isinstance(one, forms.IntegerField):
        return {"type": "integer"} if one.required else {"type": ["integer", "null"]}
    if isinstance(one, forms.DateField):
        return {"type": ["string", "null"], "format": "date"}
    limit = {"maxLength": one.max_length} if getattr(one, "max_length", None) and not is_told else {}
    return {**text, **limit}
