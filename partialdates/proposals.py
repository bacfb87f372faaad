"""What somebody who wrote a date in words most likely meant: text to propose, never to store unseen."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP
from django.utils.translation import get_language, override
from edtf import text_to_edtf

SEASONS = {"spring": "21", "summer": "22", "autumn": "23", "fall": "23", "winter": "24"}
CIRCA = {"about", "approx", "approximately", "around", "c", "ca", "circa", "roughly"}
DOUBTFUL = {"?", "doubtful", "maybe", "perhaps", "possibly", "probably", "uncertain"}

_ORDINAL = r"(?:st|nd|rd|th|\.|º)?"
_JOINT = r"\s*(-|/|to|and|or|&|until)\s*"


def propose(text: str) -> str:
    """Text that may or may not be a partial date, for ``parsing`` to try; "" when nothing comes to mind."""
    plain = re.sub(r"[‐-―−]", "-", unicodedata.normalize("NFKC", text)).casefold().strip()
    plain = plain.replace("@", " ")  # the sign that marks a date taken out below
    dates: list[str] = []

    def keep(edtf: str) -> str:
        dates.append(edtf)
        return f" @{len(dates) - 1} "

    rest = _with_dates_taken_out(plain, keep)
    words = set(re.findall(r"[^\W\d_]+|[?~%/-]", rest))
    # Patterns run by kind, so the dates are put back into the order in which they were written.
    written = [dates[int(index)] for index in re.findall(r"@(\d+)", rest)]
    if not written:
        return _proposal_of_the_library(plain)
    return _joined(written, words)


def _with_dates_taken_out(text: str, keep: Callable[[str], str]) -> str:
    months = _month_numbers(get_language() or "en")
    month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    season = "|".join(SEASONS)

    def ymd(year: str, month_name: str, day: str = "") -> str:
        return keep("-".join(filter(None, (year, months.get(month_name, month_name.zfill(2)), day and day.zfill(2)))))

    def day_first(match: re.Match[str]) -> str:
        first, second, year = match.groups()
        # 02/21/2023 can only be written month first; 03/04/2023 is read as most of the world writes it.
        return ymd(year, first, second) if int(second) > 12 >= int(first) else ymd(year, second, first)

    rules = (
        (rf"\b(\d{{1,2}}){_ORDINAL}{_JOINT}(\d{{1,2}}){_ORDINAL}\s+(?:of\s+)?({month})\b\.?,?\s+(\d{{4}})\b",
         lambda m: ymd(m[5], m[4], m[1]) + m[2] + ymd(m[5], m[4], m[3])),
        (rf"\b({month})\b\.?\s+(\d{{1,2}}){_ORDINAL}{_JOINT}(\d{{1,2}}){_ORDINAL},?\s+(\d{{4}})\b",
         lambda m: ymd(m[5], m[1], m[2]) + m[3] + ymd(m[5], m[1], m[4])),
        (rf"\b(\d{{1,2}}){_ORDINAL}\s+({month})\b\.?{_JOINT}(\d{{1,2}}){_ORDINAL}\s+({month})\b\.?,?\s+(\d{{4}})\b",
         lambda m: ymd(m[6], m[2], m[1]) + m[3] + ymd(m[6], m[5], m[4])),
        (rf"\b({month})\b\.?{_JOINT}({month})\b\.?,?\s+(\d{{4}})\b",
         lambda m: ymd(m[4], m[1]) + m[2] + ymd(m[4], m[3])),
        (rf"\b(\d{{1,2}}){_ORDINAL}[\s-]+(?:of\s+)?({month})\b\.?,?[\s-]+(\d{{4}})\b", lambda m: ymd(m[3], m[2], m[1])),
        (rf"\b({month})\b\.?\s+(\d{{1,2}}){_ORDINAL},?\s+(\d{{4}})\b", lambda m: ymd(m[3], m[1], m[2])),
        (rf"\b(\d{{4}})[\s-]+({month})\b\.?[\s-]+(\d{{1,2}})\b", lambda m: ymd(m[1], m[2], m[3])),
        (rf"\b({month})\b\.?,?[\s-]+(?:of\s+)?(\d{{4}})\b", lambda m: ymd(m[2], m[1])),
        (rf"\b({season})\s+(?:of\s+)?(\d{{4}})\b", lambda m: keep(f"{m[2]}-{SEASONS[m[1]]}")),
        (r"(\d{4})年\s*(\d{1,2})月\s*(\d{1,2})日?", lambda m: ymd(m[1], m[2], m[3])),
        (r"(\d{4})年\s*(\d{1,2})月", lambda m: ymd(m[1], m[2])),
        (r"(\d{4})年", lambda m: keep(m[1])),
        (r"\b(\d{4})-(\d{1,2})-(\d{1,2})\s*[/-]\s*(\d{1,2})(?![\d-])",
         lambda m: ymd(m[1], m[2], m[3]) + ymd(m[1], m[2], m[4])),
        (r"\b(\d{4})([./-])(\d{1,2})\2(\d{1,2})(?!\d)", lambda m: ymd(m[1], m[3], m[4])),
        (r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b", day_first),
        (r"\b(\d{4})(\d\d)(\d\d)\b", lambda m: ymd(m[1], m[2], m[3])),
        (r"\b(\d{1,2})[./-](\d{4})\b", lambda m: ymd(m[2], m[1])),
        (r"\b(\d{4})[./-](\d{1,2})\b", lambda m: ymd(m[1], m[2])),
        (r"\b(\d\d)00'?s\b", lambda m: keep(f"{m[1]}XX")),
        (r"\b(\d{3})0'?s\b", lambda m: keep(f"{m[1]}X")),
        (r"\b(\d{1,2})(?:st|nd|rd|th)\s+century\b", lambda m: keep(f"{int(m[1]) - 1:02}XX")),
        (r"(?<![@\d])(\d{4})(?!\d)", lambda m: keep(m[1])),
    )  # fmt: skip
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text


@lru_cache(maxsize=16)
def _month_numbers(language: str) -> dict[str, str]:
    """Month names and abbreviations, in English and in ``language``, as two digits."""
    names: dict[str, str] = {"sept": "09"}
    for spoken in ("en", language):
        with override(spoken):
            for table in (MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP):
                for number, name in table.items():
                    names[str(name).casefold().rstrip(".")] = f"{number:02}"
    return names


def _joined(dates: list[str], words: set[str]) -> str:
    doubtful, circa = words & DOUBTFUL, words & (CIRCA | {"~"})
    qualifier = "%" if "%" in words or (doubtful and circa) else "~" if circa else "?" if doubtful else ""
    if len(dates) > 1:
        if "or" in words:
            return f"[{','.join(dates)}]"
        if len(dates) > 2:
            return ""
        if "between" in words:
            return "[{}..{}]".format(*dates)
        return "/".join(date + qualifier for date in dates)
    only = dates[0]
    if "before" in words:
        return f"..{only}"
    if "after" in words:
        return f"{only}.."
    if "since" in words:
        return f"{only}{qualifier}/.."
    if words & {"until", "till"}:
        return f"/{only}{qualifier}"
    return only + qualifier


def _proposal_of_the_library(text: str) -> str:
    """Without a digit in the text there is nothing to go by, though the library may still answer."""
    if not re.search(r"\d", text):
        return ""
    try:
        return text_to_edtf(text) or ""
    except Exception:  # a helper that guesses: a failed guess is no proposal
        return ""
