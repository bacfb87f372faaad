"""The filter vocabulary, the part that all models share: how a query string is read, refused, worded and applied.

Every list of a page, an export, a feed or the API is filtered by the one filter set of its model, in the ``filters.py``
of its app. A value is a public id or a word; repeating a parameter means any of its values; different parameters must
all hold. What a parameter asks is a named question of the queryset, so that it has one definition.
"""

import copy
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import cached_property, lazy
from django.utils.translation import gettext_lazy as _

from partialdates.errors import InvalidPartialDate
from partialdates.querysets import certainly_within, possibly_within
from partialdates.values import PartialDate
from records.languages import country_name, language_name
from records.uids import PATTERN, normalise_uid

#: The words that ask for any of their values. Each has a companion that asks for none of them, and one that asks for
#: all of them where a record can have several: ``not_topic``, ``topic_all``.
WITH_WAYS = (
    "actor", "speaker", "state", "organisation", "role", "office", "body", "tier", "topic", "stance", "meeting",
    "place", "country", "mode", "kind", "basis", "status", "series", "language", "channel", "publisher", "source",
    "formula",
)  # fmt: skip
_WORDS = (
    "q", "actor", "speaker", "state", "organisation", "role", "office", "body", "tier", "topic", "topic_exact",
    "stance", "meeting", "place", "country", "mode", "kind", "basis", "status", "series", "language", "channel",
    "publisher", "source", "formula", "from", "to", "dates", "undated", "has_statement", "has_meeting", "accounts",
    "archived", "updated_since", "order", "page_size", "density",
)  # fmt: skip


def all_of(name: str) -> str:
    """The parameter that asks for every one of the values that ``name`` asks for any of."""
    return f"{name}_all"


def none_of(name: str) -> str:
    """The parameter that asks for none of the values that ``name`` asks for any of."""
    return f"not_{name}"


#: All words of the vocabulary, in the order of forms and documents. A set has those that make sense for its model.
VOCABULARY = tuple(
    word for name in _WORDS for word in ((name, all_of(name), none_of(name)) if name in WITH_WAYS else (name,))
)
#: More different values than this in one parameter are refused: no page asks so, and each costs.
MAX_VALUES = 100
#: How much of a refused value is repeated in the message.
MAX_QUOTED = 80


def _quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


class ValuesField(forms.Field):
    """One or several values of a parameter as text; ``clean`` gives a list, or raises all that is wrong with them."""

    widget: Any = forms.SelectMultiple

    def clean(self, value: Any) -> list[Any]:
        typed = list(dict.fromkeys(value or ()))
        if len(typed) > MAX_VALUES:
            raise ValidationError(_("At most %(most)d different values can be given.") % {"most": MAX_VALUES})
        return self.read_all(typed)

    def read_all(self, typed: list[str]) -> list[Any]:
        """The values that the texts mean."""
        values, refused = [], []
        for text in typed:
            try:
                values.append(self.read(text))
            except ValidationError as refusal:
                refused += refusal.messages
        if refused:
            raise ValidationError(refused)
        return values

    def read(self, text: str) -> Any:
        """The value that one text means. Raises ``ValidationError`` with words that name it and what is allowed."""
        return text

    def label_of(self, text: str) -> str:
        """The words for one given text on the page, right or wrong."""
        return _quoted(text)


class WordsField(ValuesField):
    """Words of a closed list."""

    def __init__(self, *, choices: Iterable[tuple[Any, Any]], **kwargs: Any) -> None:
        self.choices = [(str(value), label) for value, label in choices]
        super().__init__(widget=forms.SelectMultiple(choices=self.choices), **kwargs)

    def read(self, text: str) -> str:
        allowed = [value for value, _label in self.choices]
        if text not in allowed:
            raise ValidationError(
                _("“%(value)s” is not one of the allowed values: %(allowed)s.")
                % {"value": _quoted(text), "allowed": _listed(allowed)}
            )
        return text

    def label_of(self, text: str) -> str:
        return str(dict(self.choices).get(text, _quoted(text)))


class UidsField(ValuesField):
    """Public ids of records of one model, read by one query; a merged record stands for its survivor."""

    def __init__(self, *, model: Any, kinds: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.model = model
        self.kinds = kinds
        self.found: dict[str, Any] = {}
        super().__init__(**kwargs)

    def read_all(self, typed: list[str]) -> list[Any]:
        uids = {text: normalise_uid(text) for text in typed}
        records = self.model.objects.public_by_uid([uid for uid in uids.values() if uid is not None])
        self.found = {text: records[uid] for text, uid in uids.items() if uid in records}
        refused = [text for text in typed if text not in self.found]
        if refused:
            raise ValidationError(
                [_("there is no public record with the id “%(value)s”.") % {"value": _quoted(text)} for text in refused]
            )
        if self.kinds:
            self._require_kind()
        return list({record.pk: record for record in self.found.values()})

    def _require_kind(self) -> None:
        kinds = dict(self.model._meta.get_field("kind").choices)
        wrong = [text for text, record in self.found.items() if record.kind not in self.kinds]
        if wrong:
            allowed = _listed(str(kinds[kind]) for kind in self.kinds)
            raise ValidationError(
                [
                    _("the record with the id “%(value)s” is of another kind. Allowed are: %(allowed)s.")
                    % {"value": text, "allowed": allowed}
                    for text in wrong
                ]
            )

    def label_of(self, text: str) -> str:
        return str(self.found.get(text, _quoted(text)))


class PartialDateValue(ValuesField):
    """One partial date, for the start or the end of a window; the list holds the day it stands for."""

    widget = forms.TextInput

    def __init__(self, *, edge: str, **kwargs: Any) -> None:
        self.edge = edge
        super().__init__(**kwargs)

    def read(self, text: str) -> date:
        try:
            partial = PartialDate.parse(text)
        except InvalidPartialDate as refusal:
            raise ValidationError(
                _("“%(value)s” is not a date. %(why)s") % {"value": _quoted(text), "why": refusal.message}
            ) from refusal
        day: date | None = getattr(partial, self.edge)
        if day is None:
            raise ValidationError(
                _("“%(value)s” is open on this side. Give a day, a month or a year: 2023-02-21, 2023-02, 2023.")
                % {"value": _quoted(text)}
            )
        return day

    def label_of(self, text: str) -> str:
        try:
            return str(PartialDate.parse(text).text)
        except InvalidPartialDate:
            return _quoted(text)


class MomentField(ValuesField):
    """A day or a moment as ISO 8601; without an offset it is UTC, a day starts at midnight."""

    widget = forms.TextInput

    def read(self, text: str) -> datetime:
        # A plus sign that was not escaped arrives as a space.
        text_with_offset = re.sub(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$", r"\1+\2", text)
        try:
            day = parse_date(text)
            moment = datetime.combine(day, time.min) if day else parse_datetime(text_with_offset)
            if moment is not None:
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise ValidationError(
            _("“%(value)s” is not a moment. Give it as 2023-02-21 or 2023-02-21T14:30:00Z (ISO 8601).")
            % {"value": _quoted(text)}
        )


class NumberField(ValuesField):
    """A whole number between two bounds, both allowed."""

    widget = forms.NumberInput

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def read(self, text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
        if not self.least <= number <= self.most:
            raise ValidationError(
                _("“%(value)s” is not a whole number from %(least)d to %(most)d.")
                % {"value": _quoted(text), "least": self.least, "most": self.most}
            )
        return number


class LanguagesField(ValuesField):
    """Language tags; ``zh`` stands for every tag that begins with it, as ``zh-Hant`` (basic filtering of RFC 4647)."""

    _matches = RegexValidator(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")

    def read(self, text: str) -> str:
        try:
            self._matches(text)
        except ValidationError as refusal:
            raise ValidationError(
                _("“%(value)s” is not a language tag. Give one such as en, zh, zh-Hant or ru (BCP 47).")
                % {"value": _quoted(text)}
            ) from refusal
        return text

    def label_of(self, text: str) -> str:
        name = language_name(text)
        return f"{name} ({text})" if name != text else _quoted(text)


class CountriesField(ValuesField):
    """Countries by their two-letter codes of ISO 3166-1, in upper or lower case."""

    #: CLDR also has codes for what is no country: unions, the unknown, pseudo-locales.
    NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})

    def read(self, text: str) -> str:
        code = text.upper()
        if not re.fullmatch(r"[A-Z]{2}", code) or code in self.NO_COUNTRIES or code not in Locale("en").territories:
            raise ValidationError(
                _("“%(value)s” is not a country. Give the two-letter code of ISO 3166-1, such as CN, RU or FR.")
                % {"value": _quoted(text)}
            )
        return code

    def label_of(self, text: str) -> str:
        code = text.upper()
        name = country_name(code)
        return name if name != code else _quoted(text)


class SearchField(ValuesField):
    """What a person typed into a search box, as it is: `records.search.read_query` understands any text."""

    widget = forms.TextInput


Question = str | Callable[[Any], Q]


class VocabularyFilter(django_filters.Filter):
    """A parameter of the vocabulary.

    It asks ``question`` with the list of values: a method of the queryset by name, or a function that gives a
    condition. With none it compares ``field_name`` with them. One that only modifies others (``dates``,
    ``page_size``) is ``read_elsewhere``, by its filter set; ``question`` is then what it asks by itself.
    ``is_single`` parameters may be given once. ``value_schema`` describes one value as OpenAPI does.

    From the declaration of a parameter of `WITH_WAYS` follow its companions, see `ways`: records ``has_many`` values
    of it where all of some can be asked for.
    """

    field_class: type[ValuesField] = ValuesField
    is_single = False
    value_schema: Mapping[str, Any] = {"type": "string"}
    #: The word whose companion this is.
    companion_of = ""

    def __init__(
        self, question: Question = "", *, read_elsewhere: bool = False, has_many: bool = False, **kwargs: Any
    ) -> None:
        self.question = question
        self.read_elsewhere = read_elsewhere
        self.has_many = has_many
        super().__init__(**kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> "VocabularyFilter":
        # Each filter set copies all filters of its class; of these only the field and its options are its own.
        other = copy.copy(self)
        other.__dict__.pop("_field", None)
        other.extra = dict(self.extra)
        return other

    def ways(self, name: str) -> dict[str, "VocabularyFilter"]:
        """The companions of the parameter ``name`` that this filter answers, by their names."""
        if name not in WITH_WAYS or self.is_single:
            return {}
        companions: dict[str, type[_Companion]] = {none_of(name): _NoneOf}
        if self.has_many:
            companions = {all_of(name): _AllOf, **companions}
        return {other: _companion(kind, name, self) for other, kind in companions.items()}

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if not value or self.read_elsewhere else self.find(qs, value)

    def find(self, qs: Any, value: list[Any]) -> Any:
        """The rows for which the answer is yes for one of the values."""
        argument = value[0] if self.is_single else value
        if self.question:
            return self.ask(qs, argument)
        return qs.filter(**({self.field_name: argument} if self.is_single else {f"{self.field_name}__in": argument}))

    def ask(self, queryset: Any, argument: Any) -> Any:
        """The rows of ``queryset`` for which the answer is yes."""
        if callable(self.question):
            return queryset.filter(self.question(argument))
        return getattr(queryset, self.question)(argument)

    @property
    def help_text(self) -> Any:
        """What the parameter asks, for form and schema."""
        return self.extra.get("help_text", "")


class _Companion(VocabularyFilter):
    """What asks the question of another filter in another way."""

    #: Words around the label and the help of the other.
    labelled: ClassVar[Any]
    explained: ClassVar[Any]


class _AllOf(_Companion):
    labelled = _("%(label)s: all of these")
    explained = _("As %(name)s, which asks for any of its values; here every one of them must be found. %(help)s")

    def filter(self, qs: Any, value: Any) -> Any:
        for one in value or ():
            qs = self.find(qs, [one])
        return qs


class _NoneOf(_Companion):
    labelled = _("%(label)s: none of these")
    explained = _("Leaves out what %(name)s by itself would find, and keeps what is not known. %(help)s")

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        rows = self.find(qs.model._default_manager.order_by(), value)
        return qs.filter(~Exists(rows.filter(pk=OuterRef("pk"))))


def _companion(kind: type[_Companion], name: str, filter_: VocabularyFilter) -> VocabularyFilter:
    """``filter_`` over again, asking in the way of ``kind``."""
    words = {"name": name, "label": filter_.label, "help": filter_.help_text}
    other = copy.copy(filter_)
    other.__class__ = type(kind.__name__, (kind, type(filter_)), {})
    other.extra = dict(filter_.extra) | {"help_text": _in_words(kind.explained, words)}
    other.label = _in_words(kind.labelled, words)
    other.read_elsewhere, other.companion_of = False, name
    return other


def _in_words(text: Any, words: Mapping[str, Any]) -> Any:
    return lazy(lambda: str(text) % words, str)()


class UidFilter(VocabularyFilter):
    """A parameter whose values are public ids of ``model`` (of one of ``kinds``); the question gets primary keys."""

    field_class = UidsField
    value_schema = {"type": "string", "pattern": f"^{PATTERN}$"}

    def __init__(self, model: Any, question: Question = "", **kwargs: Any) -> None:
        self.of_model = model
        super().__init__(question, **kwargs)

    @property
    def field(self) -> Any:
        self.extra["model"] = self.of_model
        return super().field


class WordFilter(VocabularyFilter):
    """A parameter whose values are words of a closed list, usually the ``TextChoices`` of a model."""

    field_class = WordsField

    def __init__(self, choices: Any, question: Question = "", **kwargs: Any) -> None:
        choices = list(getattr(choices, "choices", choices))
        self.value_schema = {"type": "string", "enum": [str(value) for value, _label in choices]}
        super().__init__(question, choices=choices, **kwargs)


class OneWordFilter(WordFilter):
    """A `WordFilter` that takes one word."""

    is_single = True


class YesNoFilter(OneWordFilter):
    """``true`` or ``false``; the question gets a bool."""

    value_schema = {"type": "boolean"}

    def __init__(self, question: Question = "", **kwargs: Any) -> None:
        super().__init__([("true", _("yes")), ("false", _("no"))], question, **kwargs)
        self.value_schema = {"type": "boolean"}

    def filter(self, qs: Any, value: Any) -> Any:
        if not value or self.read_elsewhere:
            return qs
        return self.ask(qs, value == ["true"])


class LanguageFilter(VocabularyFilter):
    """A parameter whose values are language tags."""

    field_class = LanguagesField


class CountryFilter(VocabularyFilter):
    """A parameter whose values are codes of countries."""

    field_class = CountriesField
    value_schema = {"type": "string", "pattern": "^[A-Za-z]{2}$"}


class PartialDateFilter(VocabularyFilter):
    """One edge of a window: ``earliest`` or ``latest`` day of a partial date."""

    field_class = PartialDateValue
    is_single = True

    def __init__(self, *, edge: str, **kwargs: Any) -> None:
        super().__init__(read_elsewhere=True, edge=edge, **kwargs)


class SearchFilter(VocabularyFilter):
    """The parameter ``q``. ``search`` is the `records.search.RecordSearch` of the model."""

    field_class = SearchField

    def __init__(self, search: Any, **kwargs: Any) -> None:
        self.search = search
        kwargs.setdefault("label", _("Search"))
        super().__init__(**kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        return self.search.filter(qs, value) if value else qs


@dataclass(frozen=True)
class Order:
    """An order of a list. All keys run in one direction and the last is unique, so keyset pages can be cut anywhere."""

    label: Any
    keys: tuple[str, ...]
    annotations: Mapping[str, Any] = field(default_factory=dict)


def time_orders(name: str = "date") -> dict[str, Order]:
    """By the first day that the partial date ``name`` can mean; unknown dates come last in both directions."""
    is_dated = ExpressionWrapper(Q(**{f"{name}_outer__isnull": False}), output_field=BooleanField())
    return {
        "date": Order(_("earliest first"), (f"{name}_sort", "id")),
        "-date": Order(_("latest first"), ("-is_dated", f"-{name}_sort", "-id"), {"is_dated": is_dated}),
    }


def title_orders(name: str = "title") -> dict[str, Order]:
    """By title."""
    return {
        "title": Order(_("title, A to Z"), (name, "id")),
        "-title": Order(_("title, Z to A"), (f"-{name}", "-id")),
    }


def name_orders(name: str = "name") -> dict[str, Order]:
    """By name."""
    return {
        "name": Order(_("name, A to Z"), (name, "id")),
        "-name": Order(_("name, Z to A"), (f"-{name}", "-id")),
    }


UPDATE_ORDERS = {
    "updated": Order(_("longest unchanged first"), ("updated_at", "id")),
    "-updated": Order(_("last changed first"), ("-updated_at", "-id")),
}
RELEVANCE = Order(_("best match first"), ("-search_rank", "-id"))


class OrderFilter(OneWordFilter):
    """The parameter ``order``: one of ``orders``, and ``relevance`` where the list can be searched."""

    def __init__(self, orders: Mapping[str, Order], *, default: str, **kwargs: Any) -> None:
        self.orders = dict(orders) | {"relevance": RELEVANCE}
        self.default = default
        kwargs.setdefault("label", _("Order"))
        kwargs.setdefault(
            "help_text",
            _(
                "How the list is sorted; a minus sign turns it round. Unknown dates come last either way. relevance "
                "needs q and is the order of a search that names no other."
            ),
        )
        super().__init__([(key, order.label) for key, order in self.orders.items()], read_elsewhere=True, **kwargs)


class PageSizeFilter(VocabularyFilter):
    """The parameter ``page_size``."""

    field_class = NumberField
    is_single = True
    LEAST, MOST, DEFAULT = 1, 200, 50
    value_schema = {"type": "integer", "minimum": LEAST, "maximum": MOST, "default": DEFAULT}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_elsewhere=True, least=self.LEAST, most=self.MOST, **kwargs)


#: How close the rows of a page stand; the first is the rule.
DENSITIES = (("comfortable", _("comfortable")), ("compact", _("compact")))


class MomentFilter(VocabularyFilter):
    """A parameter whose value is a moment."""

    field_class = MomentField
    is_single = True


@dataclass(frozen=True)
class AppliedFilter:
    """One value in force, for a page to name it and offer the list without it."""

    parameter: str
    value: str
    label: str
    value_label: str
    without_query: str


class RecordFilterSet(django_filters.FilterSet):
    """What every list understands. Construct it with the query string and a queryset that is already ``public()``.

    ``qs`` is filtered and ordered; it is empty while anything in the query string is refused, and ``errors`` says
    what and why. Empty values count as not given. A parameter whose name is taken in Python is declared with a
    trailing underscore.
    """

    #: Parameters that the view reads itself.
    view_parameters: ClassVar[tuple[str, ...]] = ("page", "cursor", "format")
    #: Parameters that say how the list is shown, not what is in it: no chips for them.
    DISPLAY: ClassVar[tuple[str, ...]] = ("order", "page_size", "density")

    updated_since = MomentFilter(
        field_name="updated_at__gte",
        label=_("Changed since"),
        help_text=_("Records that changed at or after this day or moment (ISO 8601; UTC unless it says otherwise)."),
    )
    page_size_ = PageSizeFilter(
        label=_("Per page"), help_text=_("How many records a page holds, 1 to 200; 50 if not given.")
    )
    density = OneWordFilter(
        DENSITIES,
        read_elsewhere=True,
        label=_("Density"),
        help_text=_("How close the rows of a page stand. Makes no difference to what is found."),
    )

    def __init__(self, data: Any = None, queryset: Any = None, **kwargs: Any) -> None:
        super().__init__(_as_query(data), queryset, **kwargs)
        self._kept: dict[tuple[str, ...], str] = {}

    @classmethod
    def get_filters(cls) -> Any:
        declared = {name.rstrip("_"): one for name, one in super().get_filters().items()}
        for name, one in list(declared.items()):
            declared = one.ways(name) | declared
        return {name: declared[name] for name in sorted(declared, key=VOCABULARY.index)}

    def get_form_class(self) -> Any:
        fields = {name: one.field for name, one in self.filters.items()}
        for one in fields.values():
            # A form takes the last of several values unless its widget asks for all.
            one.widget.value_from_datadict = lambda data, _files, name: data.getlist(name)
        return type(f"{type(self).__name__}Form", (forms.Form,), fields)

    def is_valid(self) -> bool:
        return not self.errors

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """What is refused, by parameter; each message names the parameter, the value and what is allowed."""
        found: dict[str, list[Any]] = {name: list(messages) for name, messages in self.form.errors.items()}
        for name in self.data:
            if name in self.view_parameters:
                continue
            if name not in self.filters:
                found[name] = [self._unknown(name)]
            elif self.filters[name].is_single and len(self.data.getlist(name)) > 1:
                found[name] = [_("give it once only.")]
        if not found:
            found = self.contradictions()
        return {
            name: [f"{_quoted(name)}: {message}" for message in messages]
            for name, messages in found.items()
            if messages
        }

    def contradictions(self) -> dict[str, list[Any]]:
        """What is refused because values that are right each by itself cannot stand together."""
        if self.given("order") == ["relevance"] and not self.given("q"):
            return {"order": [_("relevance sorts the finds of a search: give q too, or another order.")]}
        return {}

    def _unknown(self, name: str) -> Any:
        allowed = [*self.filters, *self.view_parameters]
        near = difflib.get_close_matches(name[:MAX_QUOTED], allowed, n=1)
        hint = _("there is no such parameter. Did you mean %(near)s? Allowed are: %(allowed)s.")
        plain = _("there is no such parameter. Allowed are: %(allowed)s.")
        return (hint if near else plain) % {"near": "".join(near), "allowed": _listed(allowed)}

    def given(self, name: str) -> list[Any]:
        """The values of a parameter after reading; empty when it was not given or the set has none of that name."""
        self.form.is_valid()  # reads the values, once
        values: list[Any] = self.form.cleaned_data.get(name) or []
        return values

    @cached_property
    def qs(self) -> Any:
        if not self.is_valid():
            return self.queryset.none()
        return self.in_order(self.filter_queryset(self.queryset.all()))

    def in_order(self, queryset: Any) -> Any:
        """``queryset`` in the order that applies."""
        if self.order == "relevance":
            queryset = self.filters["q"].search.with_rank(queryset, self.given("q"))
        order = self.filters["order"].orders[self.order]
        return queryset.annotate(**order.annotations).order_by(*order.keys)

    @property
    def order(self) -> str:
        """The key of the order that applies."""
        if self.is_valid() and self.given("order"):
            return str(self.given("order")[0])
        return "relevance" if self.is_valid() and self.given("q") else str(self.filters["order"].default)

    @property
    def order_keys(self) -> tuple[str, ...]:
        """The columns and annotations of `qs` that it is sorted by, a minus sign before each that falls."""
        keys: tuple[str, ...] = self.filters["order"].orders[self.order].keys
        return keys

    @property
    def page_size(self) -> int:
        """How many records a page holds."""
        given = self.given("page_size") if self.is_valid() else []
        return given[0] if given else PageSizeFilter.DEFAULT

    @cached_property
    def applied(self) -> list[AppliedFilter]:
        """Every value of the query string that restricts the list, in the order of the vocabulary, right or wrong."""
        fields = self.form.fields
        self.form.is_valid()
        return [
            AppliedFilter(
                name, value, str(one.label), fields[name].label_of(value), self.query_string(without=(name, value))
            )
            for name, one in self.filters.items()
            if name not in self.DISPLAY
            for value in dict.fromkeys(self.data.getlist(name))
        ]

    def query_string_with(self, **values: list[str]) -> str:
        """The query string in force with these values of these parameters instead; an empty list removes one."""
        # A page asks this hundreds of times, mostly for other values of the same parameters.
        names = tuple(values)
        if names not in self._kept:
            self._kept[names] = self.query_string(**dict.fromkeys(names))
        given = [(name, value) for name in self.filters if name in values for value in values[name]]
        return "&".join(filter(None, (self._kept[names], urlencode(given))))

    def query_string(self, *, without: tuple[str, str] | None = None, **changes: str | None) -> str:
        """The query string in force, without the parameters of the view.

        ``changes`` replaces parameters (``None`` removes one), ``without`` leaves out one value of one parameter.
        """
        query = QueryDict(mutable=True)
        for name, values in self.data.lists():
            if name in self.filters and name not in changes:
                query.setlist(name, [value for value in values if (name, value) != without])
        for name, replacement in changes.items():
            if replacement is not None:
                query[name] = replacement
        return query.urlencode()


def _as_query(data: Any) -> QueryDict:
    """A query without its empty values, and without what neither PostgreSQL nor UTF-8 can hold."""
    query = QueryDict(mutable=True)
    lists = data.lists() if hasattr(data, "lists") else dict(data or {}).items()
    for name, values in lists:
        for value in values if isinstance(values, list | tuple) else [values]:
            text = str(value).replace("\x00", " ").encode("utf-8", "replace").decode().strip()
            if text:
                query.appendlist(str(name), text)
    return query


class DatedFilterSet(RecordFilterSet):
    """A list of records that have a partial date, ``date_field``."""

    date_field: ClassVar[str] = "date"

    from_ = PartialDateFilter(
        edge="earliest",
        label=_("From"),
        help_text=_("First day of a window, included, as precisely as you like: 2023-02 starts on its first day."),
    )
    to = PartialDateFilter(
        edge="latest",
        label=_("To"),
        help_text=_("Last day of a window, included, as precisely as you like: 2023-02 ends on its last day."),
    )
    dates = OneWordFilter(
        [("possible", _("what can have happened then")), ("certain", _("only what certainly happened then"))],
        read_elsewhere=True,
        label=_("Dates count as"),
        help_text=_(
            "possible (the rule if not given): whatever can fall in the window by what is known. certain: only what "
            "falls in it whatever day turns out to be right. Says nothing without from or to."
        ),
    )
    undated = YesNoFilter(
        read_elsewhere=True,
        label=_("Date unknown"),
        help_text=_(
            "true: only records whose date is not known at all, which no window finds. false: only the others."
        ),
    )

    def contradictions(self) -> dict[str, list[Any]]:
        start, end = self.window
        if start and end and start > end:
            return {"to": [_("the window ends before it starts. Swap from and to.")]}
        return super().contradictions()

    @property
    def window(self) -> tuple[date | None, date | None]:
        """First and last day asked for, both included; ``None`` is open."""
        start, end = self.given("from"), self.given("to")
        return (start[0] if start else None, end[0] if end else None)

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        if undated := self.given("undated"):
            queryset = queryset.filter(**{f"{self.date_field}_outer__isnull": undated == ["true"]})
        if self.window == (None, None):
            return queryset
        within: Callable[..., Q] = certainly_within if self.given("dates") == ["certain"] else possibly_within
        return queryset.filter(within(*self.window, self.date_field))
