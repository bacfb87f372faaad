"""Sources, and the citations that tie a source to one fact."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Tenure, validate_language
from events.addresses import BareAddress, place_of
from events.models.formulas import Formula
from events.models.meetings import Meeting, Participation
from events.models.statements import Statement
from events.querysets import CitationQuerySet, SourceQuerySet
from partialdates.fields import PartialDateField
from partialdates.models import partial_date_constraints, partial_date_indexes
from records.history import tracked
from records.models import Part, Record, one_of
from records.search import Folded, SearchVectorColumn


class SourceKind(models.TextChoices):
    """What sort of document it is."""

    READOUT = "readout", _("official readout or text")
    REPORT = "report", _("press report")
    TRANSCRIPT = "transcript", _("transcript")
    DOCUMENT = "document", _("official document")
    POST = "post", _("post")
    DATASET = "dataset", _("data set")
    ANALYSIS = "analysis", _("analysis")
    OTHER = "other", _("other")


@tracked
class Source(Record):
    """A document: who published it, when, where it is, its archived copy, language, and text when we may hold it."""

    shown_elsewhere = ("title", "kind", "publisher", "published", "language", "url", "archived_url")

    title = models.CharField(
        _("title"), max_length=400, blank=True, help_text=_("As printed; empty while it was not recorded.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices, default=SourceKind.REPORT)
    publisher = models.CharField(
        _("publisher"),
        max_length=200,
        blank=True,
        help_text=_("As it names itself, with the agency it carries, if any; needed before readers see the source."),
    )
    publisher_actor = models.ForeignKey(
        Actor,
        verbose_name=_("publisher as actor"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="published_sources",
    )
    url = models.URLField(_("address"), max_length=1000, blank=True)
    archived_url = models.URLField(_("archived copy"), max_length=1000, blank=True)
    published = PartialDateField(_("published"), help_text=_("Empty: the document shows no date."))
    accessed_on = models.DateField(_("read on"), null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=35, blank=True, validators=[validate_language], help_text=_("BCP 47.")
    )
    text = models.TextField(_("text"), blank=True, help_text=_("Only where the licence allows to hold it."))
    licence = models.CharField(_("licence of the text"), max_length=100, blank=True)
    note = models.TextField(_("note"), blank=True)
    search = SearchVectorColumn(("title", "language"), "publisher", "note", ("text", "language"))

    objects = SourceQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["published_sort", "id"]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["url"],
                condition=~Q(url=""),
                name="source_address_is_unique",
                violation_error_message=_("A source with this address is already there. Cite that one."),
            ),
            models.CheckConstraint(
                name="source_has_publisher",
                # What is known by its address alone waits at the desk until somebody completes it.
                condition=~Q(publisher="")
                | Q(state__in=["draft", "review"])
                | Q(state="withdrawn", published_at__isnull=True)
                | Q(merged_into__isnull=False),
                violation_error_message=_("Say who published it."),
            ),
            models.CheckConstraint(
                name="source_can_be_found",
                condition=~Q(url="") | ~Q(title="") | ~Q(archived_url=""),
                violation_error_message=_("Give an address or a title, so that a reader can find the document."),
            ),
            models.CheckConstraint(
                name="source_text_has_language",
                condition=Q(text="") | ~Q(language=""),
                violation_error_message=_("Say which language the text is in."),
            ),
            models.CheckConstraint(
                name="source_text_has_licence",
                condition=Q(text="") | ~Q(licence=""),
                violation_error_message=_("Say by which licence the text may be held here."),
            ),
            one_of("source_kind_is_known", "kind", SourceKind),
            *partial_date_constraints("published", "source"),
        ]
        indexes = [
            *partial_date_indexes("published", "source"),
            GinIndex(fields=["search"], name="source_search"),
            *(
                GinIndex(OpClass(Folded(name), name="gin_trgm_ops"), name=f"source_{name}_trigrams")
                for name in ("publisher", "title", "url")
            ),
            models.Index(BareAddress("url"), name="source_by_bare_address"),
        ]

    def __str__(self) -> str:
        if not self.publisher:
            return gettext("%(document)s (to be completed)") % {"document": self.title or self.short_address}
        return f"{self.publisher}: {self.title or self.url or self.archived_url}"

    @property
    def short_address(self) -> str:
        """Host and path of the document, or of its copy."""
        return place_of(self.url or self.archived_url)

    def get_absolute_url(self) -> str:
        return reverse("events:source-detail", args=[self.uid])


class CitationVerdict(models.TextChoices):
    """What a source does for a fact."""

    SUPPORTS = "supports", _("supports")
    CONTRADICTS = "contradicts", _("contradicts")
    MENTIONS = "mentions", _("mentions")


class Confidence(models.IntegerChoices):
    """How far the editor trusts the source in this fact."""

    LOW = 1, _("low")
    MEDIUM = 2, _("medium")
    HIGH = 3, _("high")


#: What a citation can point at (exactly one of them), and the fields of each that it can speak to.
CITABLE_FIELDS: dict[str, tuple[str, ...]] = {
    "meeting": (
        "title", "date", "mode", "kind", "place", "part_of", "series", "round", "status", "openness", "participations",
        "topics", "summary",
    ),
    "participation": (
        "actor", "name_as_given", "role", "side", "on_behalf_of", "tenures", "capacity", "head_count", "attendance",
    ),
    "statement": (
        "kind", "title", "date", "meeting", "basis", "channel", "language", "text", "translation", "gist", "speakers",
        "mentions", "topics", "links",
    ),
    "tenure": ("person", "office", "span", "observed", "is_acting"),
    "actor": (
        "kind", "name", "names", "identifiers", "home_state", "parent", "born", "died", "successor", "description",
        "memberships",
    ),
    "formula": ("name", "topic", "first_seen", "first_meeting", "variants", "first_users", "uses"),
}  # fmt: skip
TARGETS = tuple(CITABLE_FIELDS)


def _exactly_one_target() -> Q:
    return reduce(or_, (Q(**{f"{other}__isnull": other != target for other in TARGETS}) for target in TARGETS))


@tracked
class Citation(Part):
    """One source supporting, contradicting or mentioning one fact: a record, and the field of it if not the whole."""

    owners = ("meeting", "participation__meeting", "statement", "tenure", "actor", "formula")
    public_through = (
        "source",
        "meeting",
        "participation__meeting",
        "participation__actor",
        "participation__on_behalf_of",
        "statement",
        "tenure__person",
        "tenure__office__body",
        "actor",
        "formula",
    )

    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="citations")
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    participation = models.ForeignKey(
        Participation,
        verbose_name=_("participation"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
    )
    statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
    )
    tenure = models.ForeignKey(
        Tenure, verbose_name=_("tenure"), on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    actor = models.ForeignKey(
        Actor, verbose_name=_("actor"), on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    formula = models.ForeignKey(
        Formula, verbose_name=_("formula"), on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    field = models.CharField(
        _("field"),
        max_length=40,
        blank=True,
        help_text=_("The field it speaks to, as date or place; empty: the record as a whole."),
    )
    verdict = models.CharField(
        _("verdict"), max_length=11, choices=CitationVerdict.choices, default=CitationVerdict.SUPPORTS
    )
    value_given = models.CharField(
        _("value it gives"),
        max_length=300,
        blank=True,
        help_text=_("What the source says instead, when it contradicts."),
    )
    locator = models.CharField(_("locator"), max_length=100, blank=True, help_text=_("Page, paragraph or minute."))
    quote = models.CharField(_("quote"), max_length=300, blank=True, help_text=_("A few words as printed."))
    confidence = models.PositiveSmallIntegerField(_("confidence"), choices=Confidence.choices, null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="citation_has_exactly_one_target",
                condition=_exactly_one_target(),
                violation_error_message=_(
                    "A citation points at exactly one thing: choose one record, and leave the others empty."
                ),
            ),
            models.CheckConstraint(
                name="citation_contradiction_names_its_value",
                condition=~Q(verdict="contradicts") | ~Q(value_given="") | ~Q(note=""),
                violation_error_message=_("Say what the source gives instead, as a value or in a note."),
            ),
            models.CheckConstraint(
                name="citation_confidence_between_1_and_3",
                condition=Q(confidence__isnull=True) | Q(confidence__range=(1, 3)),
                violation_error_message=_("Confidence is 1 (low), 2 (medium) or 3 (high)."),
            ),
            models.CheckConstraint(
                name="citation_field_belongs_to_its_target",
                condition=Q(field="")
                | reduce(
                    or_,
                    (Q(**{f"{name}__isnull": False, "field__in": fields}) for name, fields in CITABLE_FIELDS.items()),
                ),
                violation_error_message=_(
                    "This record has no such field to cite. Leave the field empty for the whole record."
                ),
            ),
            one_of("citation_verdict_is_known", "verdict", CitationVerdict),
            models.UniqueConstraint(
                fields=["source", *TARGETS, "field", "verdict", "locator", "quote"],
                name="citation_once",
                nulls_distinct=False,
                violation_error_message=_(
                    "This source is already cited for this, with the same verdict, locator and quote."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.publisher or self.source} {self.get_verdict_display()}"

    @property
    def target(self) -> Any:
        """The row it points at."""
        return next((getattr(self, name) for name in TARGETS if getattr(self, f"{name}_id") is not None), None)

    def clean(self) -> None:
        super().clean()
        target = next((name for name in TARGETS if getattr(self, f"{name}_id") is not None), None)
        if self.field and target is not None and self.field not in CITABLE_FIELDS[target]:
            raise ValidationError(
                {
                    "field": _("There is no field “%(field)s” here. Leave it empty, or use one of: %(known)s.")
                    % {"field": self.field, "known": ", ".join(CITABLE_FIELDS[target])}
                }
            )
