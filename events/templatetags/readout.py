"""``{% load readout %}``: facts with their sources, names in their scripts, words for codes."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.defaultfilters import capfirst
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from events.footnotes import Footnotes, Mark, fact_in_words, value_in_words
from events.models import CitationVerdict, LinkRelation, ParticipationAttendance
from partialdates.templatetags.partialdates import certainty, time_element
from records.filters import RecordFilterSet
from records.languages import country_name, language_name, text_direction

register = template.Library()

register.filter("country_name", country_name)
register.filter("fact_in_words", fact_in_words)
register.filter("language_name", language_name)
register.filter("text_direction", text_direction)
register.filter("value_in_words", value_in_words)

#: What the target of a link is to the statement that makes it.
RELATION_BACKWARDS = {
    LinkRelation.ANSWERS: _("answered by"),
    LinkRelation.REPEATS: _("repeated by"),
    LinkRelation.REJECTS: _("rejected by"),
    LinkRelation.WELCOMES: _("welcomed by"),
    LinkRelation.CORRECTS: _("corrected by"),
    LinkRelation.REPLACES: _("replaced by"),
    LinkRelation.TRANSLATES: _("translated by"),
    LinkRelation.ANNOUNCES: _("announced by"),
}
VERDICTS = {
    CitationVerdict.SUPPORTS: _("source"),
    CitationVerdict.CONTRADICTS: _("contradicted by source"),
    CitationVerdict.MENTIONS: _("mentioned by source"),
}
#: How many records of a kind, in words.
COUNTED: dict[str, Callable[[int], str]] = {
    "meeting": lambda n: ngettext("%(n)s meeting", "%(n)s meetings", n) % {"n": n},
    "statement": lambda n: ngettext("%(n)s statement", "%(n)s statements", n) % {"n": n},
    "actor": lambda n: ngettext("%(n)s actor", "%(n)s actors", n) % {"n": n},
    "topic": lambda n: ngettext("%(n)s topic", "%(n)s topics", n) % {"n": n},
    "place": lambda n: ngettext("%(n)s place", "%(n)s places", n) % {"n": n},
    "series": lambda n: ngettext("%(n)s series", "%(n)s series", n) % {"n": n},
    "source": lambda n: ngettext("%(n)s source", "%(n)s sources", n) % {"n": n},
    "formula": lambda n: ngettext("%(n)s formula", "%(n)s formulas", n) % {"n": n},
    "fact": lambda n: ngettext("%(n)s fact rests on it", "%(n)s facts rest on it", n) % {"n": n},
}
#: Addresses of identifiers in schemes that have them.
IDENTIFIER_ADDRESSES = {
    "wikidata": "https://www.wikidata.org/wiki/{}",
    "viaf": "https://viaf.org/viaf/{}",
    "isni": "https://isni.org/isni/{}",
    "gnd": "https://d-nb.info/gnd/{}",
}


@register.filter
def in_language(text: str, language: str) -> SafeString:
    """The text marked with its language, its direction left to its letters."""
    if not text:
        return mark_safe("")
    if not language:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<bdi lang="{}">{}</bdi>', language, text)


@register.filter
def side_name(side: str) -> str:
    """A side of the table: the country, where the side is called by the two letters of one."""
    return country_name(side) if len(side) == 2 and side.isupper() else side


@register.filter
def backwards(relation: str) -> Any:
    """A relation as seen from its target: “answered by”."""
    return RELATION_BACKWARDS[LinkRelation(relation)]


@register.filter
def identifier_address(identifier: Any) -> str:
    """The page of an identifier in its scheme, "" where we know of none."""
    return IDENTIFIER_ADDRESSES.get(identifier.scheme, "").format(identifier.value)


@register.simple_tag
def link(record: Any, text: str = "") -> SafeString:
    """A link to the page of a record, called as it is called there; nothing where there is no record to show."""
    if not record:
        return mark_safe("")
    name = next((name for name in ("title", "name") if hasattr(record, name) and not hasattr(record, "label")), "label")
    return format_html('<a href="{}">{}</a>', record.get_absolute_url(), text or getattr(record, name))


@register.simple_tag
def spelled(one: Any) -> SafeString:
    """A name, label or wording in its script, marked while no source was seen to use it."""
    text = in_language(one.text, one.language)
    if one.is_verified:
        return text
    return format_html('<span data-certainty="possible">{}</span>{}', text, certainty_mark("possible"))


@register.simple_tag
def counted(kind: str, number: int) -> str:
    """So many records of a kind: “1 meeting”, “12 meetings”."""
    return COUNTED[kind](number)


@register.simple_tag
def round_of(meeting: Any) -> str:
    """The number of a meeting in its series: “round 18”."""
    return gettext("round %(round)s") % {"round": meeting.round}


@register.simple_tag
def unknown(words: Any = None) -> SafeString:
    """Where a fact would stand that is not known."""
    sign = certainty_sign("unknown")
    return format_html('<span data-certainty="unknown">{}</span>{}', words or gettext("not known"), sign)


@register.simple_tag
def record_date(date: Any, contradicted: bool = False) -> SafeString:
    """A date in words with the mark of its uncertainty; contradicted when a source gives another."""
    return _record_date(date, contradicted, get_language())


# A page of a list has a hundred dates, and many pages have the same ones.
@lru_cache(maxsize=10_000)
def _record_date(date: Any, contradicted: bool, _language: str | None) -> SafeString:
    if contradicted:
        return format_html('<span data-certainty="contradicted">{}</span>{}', date.text, certainty_mark("contradicted"))
    return format_html("{}{}", time_element(date), certainty_mark(certainty(date)))


CERTAINTY_WORDS = {
    "possible": _("not certain"),
    "contradicted": _("sources differ"),
    "unknown": _("not known"),
}


@register.simple_tag
def certainty_sign(degree: str) -> SafeString:
    """The sign alone, where the words stand beside it."""
    return format_html('<span class="mark" data-mark="{}" aria-hidden="true"></span>', degree)


@register.simple_tag
def certainty_mark(degree: str) -> SafeString:
    """The sign of a degree of certainty, with words for those who do not see it; nothing for what is certain."""
    if degree not in CERTAINTY_WORDS:
        return mark_safe("")
    return format_html(
        '<span class="mark" data-mark="{}" title="{}"><span class="visually-hidden"> ({})</span></span>',
        degree,
        CERTAINTY_WORDS[degree],
        CERTAINTY_WORDS[degree],
    )


@register.simple_tag
def marked(pieces: Iterable[Any]) -> SafeString:
    """A text in pieces, with those marked that were looked for; nothing stands between them that is not in the text."""
    return format_html_join("", "{}", ((_marked(one),) for one in pieces))


def _marked(piece: Any) -> str:
    return format_html("<mark>{}</mark>", piece.text) if piece.is_marked else str(piece.text)


@register.filter
def host(address: str) -> str:
    """The site an address is on, as one reads it."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


@register.filter
def kind_of(record: Any) -> str:
    """What a record is: “meeting”, “statement”."""
    return str(record._meta.verbose_name)


@register.filter
def by_side(participations: Any) -> list[tuple[str, list[Any]]]:
    """The participations of each side of the table, in the order in which the sides appear; without a side last."""
    sides: dict[str, list[Any]] = {}
    for one in participations:
        sides.setdefault(one.side, []).append(one)
    return sorted(sides.items(), key=lambda side: not side[0])


@register.simple_tag
def who(one: Any) -> SafeString:
    """A participant or speaker: a link to the actor, or the name as the source gives it."""
    return link(one.actor) if one.actor else format_html('<span class="as-given">{}</span>', one.name_as_given)


@register.simple_tag
def attendance(one: Any) -> SafeString:
    """What stands behind a participant who is not known to have been there."""
    if one.attendance == ParticipationAttendance.ABSENT:
        return format_html(" ({})", one.get_attendance_display())
    return certainty_mark("possible" if one.attendance == ParticipationAttendance.REPORTED else "certain")


@register.simple_tag
def office_of(tenure: Any) -> SafeString:
    """An office as it was held: its name, the body, and whether only acting."""
    acting = gettext(" (acting)") if tenure.is_acting else ""
    return format_html("{}, {}{}", tenure.office.name, link(tenure.office.body), acting)


@register.filter
def quotes_of(footnotes: Footnotes, statement: Any) -> list[Any]:
    """What sources print of a statement in so many words, each with the number of its source."""
    return [quote for fact in ("", "text", "gist") for quote in footnotes.quotes(statement, fact)]


@register.filter
def verdict_in_words(mark: Mark) -> Any:
    """What a source does for a fact, before its number is read aloud."""
    return VERDICTS[CitationVerdict(mark.verdict)]


@register.simple_tag
def page_query(filters: RecordFilterSet, number: int) -> str:
    """The query string of a page of a list."""
    return filters.query_string(page=str(number))


@register.simple_tag
def page_numbers(page: Any) -> list[int | str]:
    """The numbers to offer around the current page, with an ellipsis for the gaps."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.inclusion_tag("_partials/marks.html")
def marks(footnotes: Footnotes | None, row: Any, fact: str = "") -> dict[str, Any]:
    """Superscript links to the sources of a fact; of the whole row without ``fact``."""
    return {"marks": footnotes.marks(row, fact) if footnotes else []}


@register.simple_tag
def is_contradicted(footnotes: Footnotes | None, row: Any, fact: str) -> bool:
    """Whether a source gives something else for the fact."""
    return bool(footnotes and footnotes.contradictions(row, fact))


@register.inclusion_tag("_partials/contradictions.html")
def contradictions(footnotes: Footnotes | None, row: Any, fact: str = "") -> dict[str, Any]:
    """What sources give instead of the value shown, stated in a sentence each."""
    return {"contradictions": footnotes.contradictions(row, fact) if footnotes else []}


@register.inclusion_tag("_partials/contradictions.html")
def all_contradictions(footnotes: Footnotes | None, row: Any) -> dict[str, Any]:
    """What sources give instead of any fact of the row."""
    return {"contradictions": footnotes.all_contradictions(row) if footnotes else []}


class FactNode(template.Node):
    """``{% fact row "field" %}value{% endfact %}``: a term, its value, its sources and who says otherwise."""

    def __init__(self, row: FilterExpression, fact: str, label: FilterExpression | None, nodelist: NodeList) -> None:
        self.row, self.fact, self.label, self.nodelist = row, fact, label, nodelist

    def render(self, context: template.Context) -> str:
        value = self.nodelist.render(context).strip()
        row = self.row.resolve(context)
        footnotes = context.get("footnotes")
        said_otherwise = footnotes.contradictions(row, self.fact) if footnotes else []
        if not value and not said_otherwise:
            return ""
        label = self.label.resolve(context) if self.label else row._meta.get_field(self.fact).verbose_name
        return render_to_string(
            "_partials/fact.html",
            {
                "row": row,
                "fact": self.fact,
                "label": capfirst(label),
                "value": mark_safe(value),  # noqa: S308 (rendered by a template, which escapes)
                "marks": footnotes.marks(row, self.fact) if footnotes else [],
                "contradictions": said_otherwise,
            },
        )


@register.tag("fact")
def fact_tag(parser: Parser, token: Token) -> FactNode:
    """One row of a list of facts; nothing at all when the value is empty and no source speaks against it."""
    bits = token.split_contents()[1:]
    if len(bits) not in (2, 3):
        raise template.TemplateSyntaxError('{% fact row "field" [label] %} takes a row, a field and perhaps a label.')
    nodelist = parser.parse(("endfact",))
    parser.delete_first_token()
    label = parser.compile_filter(bits[2]) if len(bits) == 3 else None
    return FactNode(parser.compile_filter(bits[0]), bits[1].strip("\"'"), label, nodelist)
