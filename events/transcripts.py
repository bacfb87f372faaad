"""A text as it is read and quoted: in paragraphs with addresses of their own, some of its words marked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: A link to words of a text carries no more of them: the first and the last words stand for a longer passage.
MOST_MARKED = 500
#: The columns of a transcript, and the first letter of the addresses of their paragraphs.
ORIGINAL, TRANSLATION = "p", "t"


@dataclass(frozen=True)
class Piece:
    """A part of a paragraph, marked or not; ``is_first`` is where a link to the words leads."""

    text: str
    is_marked: bool = False
    is_first: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, its number from 1 and its address on the page, such as p3."""

    number: int
    address: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """A paragraph of the original beside the same one of the translation, where each has its like."""

    original: Paragraph
    translation: Paragraph


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what stands between empty lines or, in a text without any, each line."""
    text = text.replace("\r\n", "\n").strip()
    parts = re.split(r"\n[^\S\n]*\n\s*", text)
    if len(parts) == 1:
        parts = text.split("\n")
    return [part.strip() for part in parts if part.strip()]


class Transcript:
    """An original with its translation, if there is one, and the words in it that a link asks to mark.

    ``wanted`` are the words; with ``until`` the passage from the one to the other. ``at`` is the address of the
    paragraph in which they begin, for words that are there more than once. White space and case make no difference.
    """

    def __init__(
        self, original: str, translation: str = "", *, wanted: str = "", until: str = "", at: str = ""
    ) -> None:
        self.wanted = " ".join(wanted.split())
        self.until = " ".join(until.split())
        self.is_too_long = len(self.wanted) > MOST_MARKED or len(self.until) > MOST_MARKED
        texts = {ORIGINAL: paragraphs(original), TRANSLATION: paragraphs(translation)}
        spans: dict[str, tuple[int, int]] = {}
        if self.wanted and not self.is_too_long:
            order = sorted(texts, key=lambda column: not at.startswith(column))
            for column in order:
                span = self._find(texts[column], at.removeprefix(column))
                if span:
                    spans = {column: span}
                    break
        self.is_marked = bool(spans)
        self.original = list(_numbered(texts[ORIGINAL], ORIGINAL, spans.get(ORIGINAL)))
        self.translation = list(_numbered(texts[TRANSLATION], TRANSLATION, spans.get(TRANSLATION)))

    @property
    def rows(self) -> list[Row]:
        """The paragraphs side by side; empty when the two texts have not the same number of them, or there is one."""
        if len(self.original) != len(self.translation):
            return []
        return [Row(*pair) for pair in zip(self.original, self.translation, strict=True)]

    @property
    def is_missed(self) -> bool:
        """Whether words were asked for that are not in the text."""
        return bool(self.wanted) and not self.is_marked and not self.is_too_long

    def _find(self, parts: list[str], number: str) -> tuple[int, int] | None:
        """Where the passage stands in the paragraphs set one after the other, looked for from a paragraph on first."""
        text = "\n".join(parts)
        place = int(number) - 1 if re.fullmatch(r"[1-9][0-9]{0,5}", number) else 0
        start = sum(len(part) + 1 for part in parts[:place])
        begin = _pattern(self.wanted).search(text, min(start, len(text))) or _pattern(self.wanted).search(text)
        if not begin:
            return None
        if not self.until:
            return begin.span()
        end = _pattern(self.until).search(text, begin.end())
        return (begin.start(), end.end()) if end else None


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, words.split())), re.IGNORECASE)


def _numbered(parts: Iterable[str], column: str, span: tuple[int, int] | None) -> Any:
    offset = 0
    for number, text in enumerate(parts, start=1):
        pieces = [Piece(text)]
        if span:
            start, end = (min(max(one - offset, 0), len(text)) for one in span)
            if start < end:
                is_first = span[0] >= offset
                pieces = [Piece(text[:start]), Piece(text[start:end], True, is_first), Piece(text[end:])]
        yield Paragraph(number, f"{column}{number}", tuple(piece for piece in pieces if piece.text))
        offset += len(text) + 1
