"""How one parameter of a query string is read: texts become values, or are refused in words that say why."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate
from records.languages import country_name, language_name
from records.uids import normalise_uid

#: More different values than this in one parameter are refused: no page asks so, and each costs.
MAX_VALUES = 100
#: How much of a refused value is repeated in the message.
MAX_QUOTED = 80


def quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def listed(words: Iterable[str]) -> str:
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
        return quoted(text)


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
                % {"value": quoted(text), "allowed": listed(allowed)}
            )
        return text

    def label_of(self, text: str) -> str:
        return str(dict(self.choices).get(text, quoted(text)))


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
                [_("there is no public record with the id “%(value)s”.") % {"value": quoted(text)} for text in refused]
            )
        if self.kinds:
            self._require_kind()
        return list({record.pk: record for record in self.found.values()})

    def _require_kind(self) -> None:
        kinds = dict(self.model._meta.get_field("kind").choices)
        wrong = [text for text, record in self.found.items() if record.kind not in self.kinds]
        if wrong:
            allowed = listed(str(kinds[kind]) for kind in self.kinds)
            raise ValidationError(
                [
                    _("the record with the id “%(value)s” is of another kind. Allowed are: %(allowed)s.")
                    % {"value": text, "allowed": allowed}
                    for text in wrong
                ]
            )

    def label_of(self, text: str) -> str:
        return str(self.found.get(text, quoted(text)))


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
                _("“%(value)s” is not a date. %(why)s") % {"value": quoted(text), "why": refusal.message}
            ) from refusal
        day: date | None = getattr(partial, self.edge)
        if day is None:
            raise ValidationError(
                _("“%(value)s” is open on this side. Give a day, a month or a year: 2023-02-21, 2023-02, 2023.")
                % {"value": quoted(text)}
            )
        return day

    def label_of(self, text: str) -> str:
        try:
            return str(PartialDate.parse(text).text)
        except InvalidPartialDate:
            return quoted(text)


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
            % {"value": quoted(text)}
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
                % {"value": quoted(text), "least": self.least, "most": self.most}
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
                % {"value": quoted(text)}
            ) from refusal
        return text

    def label_of(self, text: str) -> str:
        name = language_name(text)
        return f"{name} ({text})" if name != text else quoted(text)


class CountriesField(ValuesField):
    """Countries by their two-letter codes of ISO 3166-1, in upper or lower case."""

    #: CLDR also has codes for what is no country: unions, the unknown, pseudo-locales.
    NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})

    def read(self, text: str) -> str:
        code = text.upper()
        if not re.fullmatch(r"[A-Z]{2}", code) or code in self.NO_COUNTRIES or code not in Locale("en").territories:
            raise ValidationError(
                _("“%(value)s” is not a country. Give the two-letter code of ISO 3166-1, such as CN, RU or FR.")
                % {"value": quoted(text)}
            )
        return code

    def label_of(self, text: str) -> str:
        code = text.upper()
        name = country_name(code)
        return name if name != code else quoted(text)


class SearchField(ValuesField):
    """What a person typed into a search box, as it is: `records.search.read_query` understands any text."""

    widget = forms.TextInput
