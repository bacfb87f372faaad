"""Formulas: recurring set phrases, with their variants by language and the statements that use them."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, validate_language
from events.models.meetings import Meeting
from events.models.statements import Statement
from events.models.topics import Topic
from partialdates.fields import PartialDateField
from partialdates.models import partial_date_constraints
from records.history import tracked
from records.models import Part, Record
from records.search import SearchVectorColumn


@tracked
class Formula(Record):
    """A recurring set phrase ("no limits", "unilateral bullying"); in Chinese politics *tifa*.

    ``first_seen`` is the earliest use among the sources read, not the first in history.
    """

    shown_elsewhere = ("name",)
    listed_at = ("topic",)

    name = models.CharField(
        _("phrase"), max_length=250, help_text=_("In English; wordings in other languages are listed below.")
    )
    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), on_delete=models.PROTECT, null=True, blank=True, related_name="formulas"
    )
    first_seen = PartialDateField(_("first seen"), help_text=_("Earliest use among the sources read."))
    first_meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("first seen in"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="formulas_first_seen",
    )
    note = models.TextField(_("note"), blank=True)
    search = SearchVectorColumn("name", "note")

    class Meta(Record.Meta):
        verbose_name = _("formula")
        verbose_name_plural = _("formulas")
        ordering = ["name", "id"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="formula_has_phrase", condition=~Q(name=""), violation_error_message=_("Type the phrase.")
            ),
            models.UniqueConstraint(
                fields=["name"],
                name="formula_phrase_is_unique",
                violation_error_message=_("There is already a formula with this phrase."),
            ),
            *partial_date_constraints("first_seen", "formula"),
        ]
        indexes = [GinIndex(fields=["search"], name="formula_search")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("events:formula-detail", args=[self.uid])


@tracked
class FormulaVariant(Part):
    """A wording of a formula in one language."""

    owners = ("formula",)
    public_through = ("formula",)

    formula = models.ForeignKey(Formula, verbose_name=_("formula"), on_delete=models.CASCADE, related_name="variants")
    language = models.CharField(
        _("language"), max_length=35, validators=[validate_language], help_text=_("As zh, ru, en (BCP 47).")
    )
    text = models.CharField(_("wording"), max_length=250)
    is_canonical = models.BooleanField(
        _("standard wording"), default=False, help_text=_("The set form in its language.")
    )
    is_verified = models.BooleanField(
        _("seen in a source"), default=True, help_text=_("Off: our own rendering, still to be confirmed by a source.")
    )
    note = models.CharField(_("note"), max_length=250, blank=True, help_text=_("Who used it and when, if known."))
    search = SearchVectorColumn(("text", "language"))

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["formula", "-is_canonical", "language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["formula", "language", "text"],
                name="formula_wording_once_per_language",
                violation_error_message=_("This wording is already listed in this language."),
            ),
            models.UniqueConstraint(
                fields=["formula", "language"],
                condition=Q(is_canonical=True),
                name="formula_one_standard_wording_per_language",
                violation_error_message=_("The formula already has a standard wording in this language."),
            ),
            models.CheckConstraint(
                name="formula_wording_has_text_and_language",
                condition=~Q(text="") & ~Q(language=""),
                violation_error_message=_("Give both the wording and its language."),
            ),
        ]
        indexes = [GinIndex(fields=["search"], name="formula_variant_search")]

    def __str__(self) -> str:
        return self.text


@tracked
class FormulaUser(Part):
    """An actor seen as the first to use a formula."""

    owners = ("formula",)
    public_through = ("formula", "actor")

    formula = models.ForeignKey(
        Formula, verbose_name=_("formula"), on_delete=models.CASCADE, related_name="first_users"
    )
    actor = models.ForeignKey(
        Actor, verbose_name=_("actor"), on_delete=models.PROTECT, related_name="formulas_first_used"
    )

    class Meta:
        verbose_name = _("first user")
        verbose_name_plural = _("first users")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["formula", "actor"], name="formula_user_once", violation_error_message=_("Already listed.")
            ),
        ]

    def __str__(self) -> str:
        return str(self.actor)


@tracked
class FormulaUse(Part):
    """A statement that uses a formula."""

    owners = ("formula", "statement")
    public_through = ("formula", "statement")

    formula = models.ForeignKey(Formula, verbose_name=_("formula"), on_delete=models.CASCADE, related_name="uses")
    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="formula_uses"
    )
    wording = models.CharField(
        _("as worded"), max_length=250, blank=True, help_text=_("If it differs from the listed wordings.")
    )

    class Meta:
        verbose_name = _("use of a formula")
        verbose_name_plural = _("uses of formulas")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["formula", "statement"],
                name="formula_use_once_per_statement",
                violation_error_message=_("This formula is already listed for the statement."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.formula)
