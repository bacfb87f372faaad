"""Languages and countries by their names in the language of the page, and which way a language is written."""

from functools import cache

from babel import Locale
from babel.core import UnknownLocaleError
from django.utils.translation import get_language, to_locale


def page_locale() -> Locale:
    """The locale of the page, for CLDR's names; English where CLDR knows nothing of it."""
    return _locale_of(get_language() or "en")


@cache
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def language_name(tag: str) -> str:
    """The name of a language; a tag nobody knows stays as it is."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(page_locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def country_name(code: str) -> str:
    """The name of a country by its two letters of ISO 3166-1; unknown letters stay as they are, none give none."""
    return str(page_locale().territories.get(code, code)) if code else ""


def text_direction(tag: str) -> str:
    """Which way a text in a language runs: ``ltr``, ``rtl``, or ``auto`` (by its letters) where CLDR does not know."""
    try:
        return Locale.parse(tag, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "auto"
