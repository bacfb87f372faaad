"""How a person's query is read: words, phrases, exclusions, alternatives, and dates in words. Knows no database."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

MAX_TERMS = 12
MAX_LENGTH = 300
#: Shorter words have too few trigrams to tell a typing mistake from another name.
SHORTEST_FUZZY = 5
#: A text without spaces of more signs than this is a sentence: its signs need not stand side by side.
LONGEST_NAME = 6
#: Languages in which the names of months are understood.
LANGUAGES_OF_DATES = ("en", "fr", "es", "de", "ru")

# Scripts written without spaces between words: Thai to Lao, Burmese, Khmer, kana, Chinese characters.
UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_IS_UNSPACED = re.compile(UNSPACED)
_PAIR = re.compile(UNSPACED + "{1,2}")
_SPACE_INSIDE = re.compile(rf"(?<={UNSPACED})\s+(?={UNSPACED})")
# Quotation marks as keyboards and word processors set them; all open and close alike.
_QUOTES = str.maketrans(dict.fromkeys("“”„«»「」『』＂", '"') | {"－": "-", "\x00": " ", "\u3000": " "})
_TOKEN = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_CHINESE_DATE = re.compile(r"(?P<year>\d{4})年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号])?)?")
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?")
# Letters that have no decomposition in Unicode, as PostgreSQL's unaccent reads them.
_NO_MARKS = dict(zip("øØłŁđĐıİħĦ", "oollddiihh", strict=True))
_FIRST_YEAR, _LAST_YEAR = 1600, 2200


@dataclass(frozen=True)
class Term:
    """One word or quoted phrase of a query, or a date in words: then ``window`` has its first and last day."""

    text: str
    is_phrase: bool = False
    window: tuple[date, date] | None = None

    @property
    def is_unspaced(self) -> bool:
        """Whether it is written in a script without spaces between words."""
        return bool(_IS_UNSPACED.search(self.text))

    @property
    def is_pair(self) -> bool:
        """Whether it is one sign of such a script, or two: what an index of pairs finds and nothing else."""
        return bool(_PAIR.fullmatch(self.text))

    @property
    def stands_together(self) -> bool:
        """Whether its signs must follow each other as typed, where it is unspaced."""
        return self.is_phrase or len(self.text) <= LONGEST_NAME

    @property
    def may_be_misspelt(self) -> bool:
        """Whether a name that is only alike counts as found."""
        return (
            not self.is_phrase
            and self.window is None
            and not self.is_unspaced
            and len(self.text) >= SHORTEST_FUZZY
            and not re.search(r"\d", self.text)
        )


@dataclass(frozen=True)
class Clause:
    """Terms of which one must match (``is_excluded``: none may)."""

    terms: tuple[Term, ...]
    is_excluded: bool = False


def read_query(typed: str) -> list[Clause]:
    """Read what a person typed: words that must all match, ``"exact phrases"``, ``-without``, ``this or that``.

    A date in words ("21 February 2023", "март 2023", "2023年3月") is one term. At most `MAX_TERMS` terms of the first
    `MAX_LENGTH` characters are read. Never raises: an unclosed quotation mark ends with the text, a lone sign is left
    out.
    """
    clauses: list[Clause] = []
    joins_next = False
    for is_excluded, term in list(_with_dates(_terms(typed)))[:MAX_TERMS]:
        if term is None:
            joins_next = bool(clauses)
            continue
        if joins_next and not is_excluded and not clauses[-1].is_excluded:
            clauses[-1] = Clause((*clauses[-1].terms, term))
        else:
            clauses.append(Clause((term,), is_excluded))
        joins_next = False
    return clauses


class _Folding(dict[int, str]):
    """What each sign is folded to, found out once."""

    def __missing__(self, ordinal: int) -> str:
        sign = chr(ordinal)
        parts = unicodedata.normalize("NFKD", sign)
        plain = _NO_MARKS.get(sign) or (parts[0] if all(map(unicodedata.combining, parts[1:])) else sign).lower()
        self[ordinal] = plain if len(plain) == 1 else sign
        return self[ordinal]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case without accents, sign by sign: as long as ``text``, so that places in both are the same."""
    return text.translate(_FOLDING)


def words_of(typed: str) -> str:
    """The words of a query that are wanted, without signs and exclusions."""
    return " ".join(term.text for term in wanted_terms(typed))


def wanted_terms(typed: str) -> list[Term]:
    """The terms of a query that are wanted."""
    return [term for clause in read_query(typed) if not clause.is_excluded for term in clause.terms]


def _terms(typed: str) -> Iterator[tuple[bool, Term | None]]:
    """Each term, and whether it is excluded; ``None`` for an *or*."""
    for found in _TOKEN.finditer(typed[:MAX_LENGTH].translate(_QUOTES)):
        word = found["word"]
        if word is not None and word.lower() in {"or", "|"} and not found["minus"]:
            yield False, None
            continue
        text = " ".join((found["phrase"] if word is None else word).split())
        if re.search(r"\w", text):
            yield bool(found["minus"]), Term(_SPACE_INSIDE.sub("", text), is_phrase=word is None)


def _with_dates(terms: Iterator[tuple[bool, Term | None]]) -> Iterator[tuple[bool, Term | None]]:
    """The same, with words that make up a date as one term."""
    waiting = list(terms)
    while waiting:
        for length in (3, 2, 1):
            taken = waiting[:length]
            if len(taken) == length and (window := _window(taken)):
                text = " ".join(term.text for _excluded, term in taken if term)
                yield taken[0][0], Term(text, window=window)
                del waiting[:length]
                break
        else:
            yield waiting.pop(0)


def _window(taken: list[tuple[bool, Term | None]]) -> tuple[date, date] | None:
    """The days that these terms mean together; ``None`` when they are no date, or not one wish."""
    words = [term.text.lower().strip(",.") for _excluded, term in taken if term and not term.is_phrase]
    if len(words) != len(taken) or any(is_excluded for is_excluded, _term in taken[1:]):
        return None
    if len(words) == 1:
        found = _CHINESE_DATE.fullmatch(words[0]) or _ISO_DATE.fullmatch(words[0])
        if found:
            return _days(found["year"], found["month"], found["day"])
        return _days(words[0], None, None) if re.fullmatch(r"\d{4}", words[0]) else None
    months = [month for word in words if (month := _months().get(word))]
    years = [word for word in words if re.fullmatch(r"\d{4}", word)]
    days = [found["day"] for word in words if (found := re.fullmatch(_DAY, word))]
    if len(months) != 1 or len(years) != 1 or len(days) != len(words) - 2:
        return None
    return _days(years[0], str(months[0]), days[0] if days else None)


def _days(year: str, month: str | None, day: str | None) -> tuple[date, date] | None:
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return None
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    if month:
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    return first, date(first.year, 12, 31)


@cache
def _months() -> dict[str, int]:
    """The number of each month by its names, long and short, in the languages of dates."""
    return {
        name.lower().strip("."): number
        for language in LANGUAGES_OF_DATES
        for context in ("stand-alone", "format")
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).months[context][width].items()
    }
