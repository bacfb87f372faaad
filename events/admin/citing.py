"""Citations where the field stands that they speak to: how many there are, what contradicts, and a button for one more.

The citations stay rows of one list on the form. Beside a field stands what that list says of it; “Cite” adds a row that
is set to the field already.
"""

from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.footnotes import value_in_words
from events.models import Citation, CitationVerdict
from events.models.sources import CITABLE_FIELDS
from records.admin.showing_again import Amendment, ShowingAgainAdmin, add_rows

PREFIX = "citations"
#: How the participant of a row is named that is not saved yet.
NEW_ROW = "row:"
#: Fields of a form that are called something else where they are cited.
ON_FORM = {"tenures": "offices"}
#: Rows of a form that are one fact where they are cited, by the prefix of their names.
GROUPS = {
    "participations": "participations",
    "topic_links": "topics",
    "speakers": "speakers",
    "mentions": "mentions",
    "links": "links",
    "names": "names",
    "identifiers": "identifiers",
    "memberships": "memberships",
    "variants": "variants",
    "first_users": "first_users",
    "uses": "uses",
}


@dataclass(frozen=True)
class CitedRow:
    """A citation and where on the form it stands."""

    place: str
    citation: Citation

    @property
    def value(self) -> str:
        """What the source gives instead, in words."""
        return value_in_words(self.citation) or self.citation.note


@dataclass(frozen=True)
class CitedFact:
    """What sources say of one field; ``button`` is what “Cite” sends, empty where nothing can be added."""

    label: str
    field: str
    button: str
    rows: tuple[CitedRow, ...] = ()

    template: ClassVar[str] = "admin/events/cited_fact.html"

    @property
    def contradicting(self) -> list[CitedRow]:
        """Those that give something else."""
        return [row for row in self.rows if row.citation.verdict == CitationVerdict.CONTRADICTS]

    @property
    def words(self) -> str:
        """How many there are, and how many of them contradict."""
        number, against = len({row.citation.source_id for row in self.rows}), len(self.contradicting)
        said = ngettext("%d source", "%d sources", number) % number
        if not against:
            return said
        return f"{said}, {ngettext('%d contradicts', '%d contradict', against) % against}"


class CitingAdmin(ShowingAgainAdmin):
    """An admin whose citations are shown, and can be begun, beside each field that can be cited."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["events/admin/citing.css"]}
        js: ClassVar[list[str]] = ["events/admin/citing.js"]

    def amendments(self) -> dict[str, Amendment]:
        return {**super().amendments(), "_cite": self._cite}

    def _cite(self, request: HttpRequest, sent: Any) -> None:  # noqa: ARG002
        """Add an empty citation of what the button stands beside: ``date``, or ``participations-3:role``."""
        row, _colon, field = sent.get("_cite", "").rpartition(":")
        if field and all(field not in fields for fields in CITABLE_FIELDS.values()):
            return
        add_rows(sent, PREFIX, [{"field": field, "verdict": CitationVerdict.SUPPORTS, **_participation(sent, row)}])

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        formsets = {one.formset.prefix: one for one in context["inline_admin_formsets"]}
        if PREFIX in formsets:
            _set_beside(str(self.opts.model_name), context["adminform"].form, formsets)
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)


def _participation(sent: QueryDict, row: str) -> dict[str, str]:
    prefix, _dash, number = row.rpartition("-")
    if prefix != "participations" or not (number.isascii() and number.isdigit()):
        return {}
    return {"participation": sent.get(f"{row}-id", "") or f"{NEW_ROW}{number}"}


def _set_beside(target: str, form: Any, formsets: dict[str, Any]) -> None:
    """Hang what sources say on the forms and groups of the page, where templates look for it."""
    cited = formsets[PREFIX]
    may_add = bool(cited.has_add_permission)
    said: dict[tuple[str, Any, str], list[CitedRow]] = defaultdict(list)
    for number, row in enumerate(cited.formset.initial_forms):
        citation = copy(row.instance)
        if citation.participation_id is not None:
            # A formset sets the record itself on each of its rows.
            citation.meeting_id = None
        key = _fact_of(citation)
        if key is not None:
            said[key].append(CitedRow(f"{PREFIX}-{number}", citation))

    def fact(name: str, key: Any, field: str, label: Any, row: str = "") -> CitedFact:
        button = f"{row}:{field}" if row else field
        return CitedFact(str(label), field, button if may_add else "", tuple(said[name, key, field]))

    key = form.instance.pk
    form.beside = {
        ON_FORM.get(field, field): fact(target, key, field, _label(form, field)) for field in CITABLE_FIELDS[target]
    }
    for prefix, field in GROUPS.items():
        if prefix in formsets and field in CITABLE_FIELDS[target]:
            opts = formsets[prefix].opts
            opts.beside = fact(target, key, field, opts.verbose_name_plural)
    if target == "meeting" and "participations" in formsets:
        formset = formsets["participations"].formset
        # The row from which a script makes new ones is made when it is shown; it takes what its class has.
        for row in (*formset.forms, formset.empty_form):
            holder = type(row) if row.instance.pk is None and not row.is_bound else row
            holder.beside = {
                ON_FORM.get(field, field): fact("participation", row.instance.pk, field, _label(row, field), row.prefix)
                for field in ("", *CITABLE_FIELDS["participation"])
            }


def _fact_of(citation: Citation) -> tuple[str, Any, str] | None:
    """The record, its key and the field that a citation speaks to; ``None`` for one that is half typed."""
    name = next((one for one in CITABLE_FIELDS if getattr(citation, f"{one}_id") is not None), None)
    if name is None or citation.source_id is None or citation.field not in ("", *CITABLE_FIELDS[name]):
        return None
    return name, getattr(citation, f"{name}_id"), citation.field


def _label(form: Any, field: str) -> str:
    if not field:
        return _("the participant as a whole")
    shown = form.fields.get(ON_FORM.get(field, field))
    return str(shown.label) if shown is not None and shown.label else field.replace("_", " ")


def new_participants(sent: Any) -> Iterator[tuple[str, str]]:
    """The participants that the form was sent with and that are not saved yet, as choices of a citation."""
    total = sent.get("participations-TOTAL_FORMS", "") if sent else ""
    for number in range(min(int(total), 2000) if total.isascii() and total.isdigit() and len(total) < 6 else 0):
        row = f"participations-{number}"
        is_named = bool(sent.get(f"{row}-actor") or sent.get(f"{row}-name_as_given", "").strip())
        if not sent.get(f"{row}-id") and not sent.get(f"{row}-DELETE") and is_named:
            name = sent.get(f"{row}-name_as_given", "").strip()
            label = _("new participant #%(number)d") % {"number": number + 1}
            yield f"{NEW_ROW}{number}", f"{label}: {name}" if name else label
