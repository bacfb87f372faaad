"""Topics: a hierarchy of subjects with labels in languages, after SKOS (broader, prefLabel, altLabel, scopeNote)."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from tree_queries.fields import TreeNodeForeignKey

from actors.models import validate_language
from events.querysets import TopicQuerySet
from records.history import tracked
from records.models import Part, Record, one_of
from records.search import Folded, SearchVectorColumn
from records.triggers import NoCycle


@tracked
class Topic(Record):
    """A subject of meetings and statements. A filter by a topic includes the narrower ones."""

    shown_elsewhere = ("name",)
    listed_at = ("parent",)

    name = models.CharField(
        _("label"), max_length=200, help_text=_("The preferred label in English; others are listed below.")
    )
    parent = TreeNodeForeignKey(
        "self",
        verbose_name=_("broader topic"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    scope_note = models.TextField(
        _("scope note"),
        blank=True,
        help_text=_("What belongs under this topic and what does not, for editors and readers."),
    )
    search = SearchVectorColumn("name", "scope_note")

    objects = TopicQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name", "id"]
        triggers: ClassVar[list[Any]] = [
            *Record.Meta.triggers,
            NoCycle(field="parent", message=_("A topic cannot lie below itself. Choose another broader topic.")),
        ]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="topic_label_once_among_siblings",
                nulls_distinct=False,
                violation_error_message=_("There is already a topic with this label under the same broader topic."),
            ),
            models.CheckConstraint(
                name="topic_has_label", condition=~Q(name=""), violation_error_message=_("Give the topic a label.")
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="topic_search"),
            GinIndex(OpClass(Folded("name"), name="gin_trgm_ops"), name="topic_trigrams"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("events:topic-detail", args=[self.uid])


class TopicLabelKind(models.TextChoices):
    """Whether a label is the one shown in its language, or another by which the topic is found."""

    PREFERRED = "preferred", _("preferred")
    ALTERNATIVE = "alternative", _("alternative")


@tracked
class TopicLabel(Part):
    """A label of a topic in one language; at most one preferred label each."""

    owners = ("topic",)
    public_through = ("topic",)

    topic = models.ForeignKey(Topic, verbose_name=_("topic"), on_delete=models.CASCADE, related_name="labels")
    language = models.CharField(
        _("language"), max_length=35, validators=[validate_language], help_text=_("As zh, ru, en (BCP 47).")
    )
    kind = models.CharField(
        _("kind of label"), max_length=12, choices=TopicLabelKind.choices, default=TopicLabelKind.ALTERNATIVE
    )
    text = models.CharField(_("label"), max_length=200)
    is_verified = models.BooleanField(
        _("seen in a source"), default=True, help_text=_("Off: our own gloss, still to be reviewed by a native reader.")
    )
    search = SearchVectorColumn(("text", "language"))

    class Meta:
        verbose_name = _("topic label")
        verbose_name_plural = _("topic labels")
        ordering = ["topic", "language", "-kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "language"],
                condition=Q(kind="preferred"),
                name="topic_one_preferred_label_per_language",
                violation_error_message=_(
                    "The topic already has a preferred label in this language; make this one alternative."
                ),
            ),
            models.UniqueConstraint(
                fields=["topic", "language", "text"],
                name="topic_label_once_per_language",
                violation_error_message=_("The topic already has this label."),
            ),
            one_of("topic_label_kind_is_known", "kind", TopicLabelKind),
            models.CheckConstraint(
                name="topic_label_has_text_and_language",
                condition=~Q(text="") & ~Q(language=""),
                violation_error_message=_("Give both the label and its language."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="topic_label_search"),
            GinIndex(OpClass(Folded("text"), name="gin_trgm_ops"), name="topic_label_trigrams"),
        ]

    def __str__(self) -> str:
        return self.text
