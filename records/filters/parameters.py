"""What a parameter asks of a list, in three ways: any of its values, all of them, none of them."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import django_filters
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from records.filters.values import (
    CountriesField,
    LanguagesField,
    MomentField,
    NumberField,
    PartialDateValue,
    SearchField,
    UidsField,
    ValuesField,
    WordsField,
)
from records.filters.vocabulary import WITH_WAYS, all_of, none_of
from records.uids import PATTERN

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
        # By hand, for `copy.copy` would take most of the time that a filter set needs.
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
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
