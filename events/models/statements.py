"""Statements: words with an author, who said them to whom, about what, and with which stance."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Tenure, validate_language
from events.models.meetings import Meeting
from events.models.topics import Topic
from events.querysets import StatementQuerySet
from partialdates.fields import PartialDateField
from partialdates.models import partial_date_constraints, partial_date_indexes
from records.history import tracked
from records.models import Part, Record, one_of
from records.search import Folded, SearchVectorColumn
from records.triggers import RequireSame


class StatementKind(models.TextChoices):
    """What sort of utterance it is."""

    READOUT = "readout", _("readout")
    JOINT = "joint-statement", _("joint statement")
    REMARK = "remark", _("remark in a meeting")
    PRESS_REMARK = "press-remark", _("press remark")
    BRIEFING = "briefing", _("press briefing")
    SPEECH = "speech", _("speech")
    INTERVIEW = "interview", _("interview")
    POST = "post", _("post")
    DOCUMENT = "document", _("document")
    ANALYSIS = "analysis", _("analysis")


class Basis(models.TextChoices):
    """How near the text is to the words spoken."""

    VERBATIM = "verbatim", _("verbatim")
    OFFICIAL_PARAPHRASE = "official-paraphrase", _("official paraphrase")
    PRESS_PARAPHRASE = "press-paraphrase", _("press paraphrase")
    ANALYSIS = "analysis", _("analysis")


class Stance(models.TextChoices):
    """The position a statement takes on a topic; none where the topic was only raised."""

    SUPPORTS = "supports", _("supports")
    OPPOSES = "opposes", _("opposes")
    CALLS_FOR = "calls-for", _("calls for")
    CONCERNED = "concerned", _("is concerned about")
    NEUTRAL = "neutral", _("is neutral on")
    MIXED = "mixed", _("is of mixed view on")


@tracked
class Statement(Record):
    """Words with an author: a readout, joint statement, press remark, post, interview, analyst's comment.

    It may stand without a meeting. ``gist`` is always in the editor's own words; ``text`` is held only where its
    licence or its length allows.
    """

    shown_elsewhere = ("kind", "title", "gist", "text", "date", "position")
    listed_at = ("meeting",)

    kind = models.CharField(_("kind"), max_length=15, choices=StatementKind.choices)
    title = models.CharField(_("title"), max_length=300, blank=True, help_text=_("Its own title, if it has one."))
    date = PartialDateField(
        _("date issued"), help_text=_("The day it was said or issued, as precisely as sources say.")
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, null=True, blank=True, related_name="statements",
        help_text=_("The meeting it was made in, or gives an account of."),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("order"), default=0, help_text=_("Order within the meeting."))
    basis = models.CharField(_("basis"), max_length=19, choices=Basis.choices)
    channel = models.ForeignKey(
        Actor, verbose_name=_("channel"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="published_statements",
        help_text=_("The actor that published it."),
    )  # fmt: skip
    channel_note = models.CharField(
        _("channel as given"), max_length=200, blank=True, help_text=_("As “website of the ministry”.")
    )
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        validators=[validate_language],
        help_text=_("Of the original text (BCP 47)."),
    )
    text = models.TextField(_("text"), blank=True, help_text=_("In the original language; only where we may hold it."))
    translation = models.TextField(_("translation"), blank=True)
    translation_language = models.CharField(
        _("language of the translation"), max_length=35, blank=True, validators=[validate_language]
    )
    translator = models.CharField(
        _("translator"), max_length=200, blank=True, help_text=_("Person, office or program.")
    )
    gist = models.TextField(_("gist"), blank=True, help_text=_("What it says, in your own words."))
    note = models.TextField(_("note"), blank=True, help_text=_("What a reader should know about how this was coded."))
    topics: Any = models.ManyToManyField(
        Topic, verbose_name=_("topics"), through="StatementTopic", related_name="statements"
    )
    search = SearchVectorColumn(
        ("title", "language"), "gist", ("text", "language"), ("translation", "translation_language")
    )

    objects = StatementQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["date_sort", "position", "id"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="statement_says_something",
                condition=~Q(title="") | ~Q(gist="") | ~Q(text=""),
                violation_error_message=_("Give at least a title, a gist or a text."),
            ),
            models.CheckConstraint(
                name="statement_text_has_language",
                condition=Q(text="") | ~Q(language=""),
                violation_error_message=_("Say which language the text is in: search and reading aloud depend on it."),
            ),
            models.CheckConstraint(
                name="statement_translation_has_language",
                condition=Q(translation="") | ~Q(translation_language=""),
                violation_error_message=_("Say which language the translation is in."),
            ),
            models.CheckConstraint(
                name="statement_translation_needs_text",
                condition=Q(translation="") | ~Q(text=""),
                violation_error_message=_("A translation stands beside its original: fill in the text first."),
            ),
            one_of("statement_kind_is_known", "kind", StatementKind),
            one_of("statement_basis_is_known", "basis", Basis),
            *partial_date_constraints("date", "statement"),
        ]
        indexes = [
            *partial_date_indexes("date", "statement"),
            GinIndex(fields=["search"], name="statement_search"),
            GinIndex(OpClass(Folded("title"), name="gin_trgm_ops"), name="statement_title_trigrams"),
            models.Index(fields=["meeting", "position"], name="statement_by_meeting"),
            models.Index(fields=["state", "date_sort", "id"], name="statement_by_state_and_date"),
            # The latest first and the undated last, as `records.filters.time_orders` has it.
            models.Index(
                "state",
                ExpressionWrapper(Q(date_outer__isnull=False), output_field=models.BooleanField()),
                "date_sort",
                "id",
                name="statement_latest_first",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its title, or the beginning of its gist or text."""
        return label_of(self.title, self.gist, self.text)

    def get_absolute_url(self) -> str:
        return reverse("events:statement-detail", args=[self.uid])


def label_of(title: str, gist: str, text: str) -> str:
    """What a statement is called: its title, or the beginning of its gist or text."""
    words = title or gist or text
    return words if len(words) <= 120 else words[:117].rstrip() + "…"


class SpeakerRole(models.TextChoices):
    """What an author is to a statement."""

    SPEAKER = "speaker", _("speaker")
    ISSUER = "issuer", _("issuer")
    CO_ISSUER = "co-issuer", _("co-issuer")
    QUOTED = "quoted", _("quoted")
    REPORTED = "reported", _("reported")


@tracked
class StatementSpeaker(Part):
    """An author of a statement: an actor, or the name as given ("observers"), in the office it then held.

    An office whose body is not public is hidden, and not who held it.
    """

    owners = ("statement",)
    public_through = ("statement", "actor")

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="speakers"
    )
    actor = models.ForeignKey(
        Actor, verbose_name=_("actor"), on_delete=models.PROTECT, null=True, blank=True, related_name="speaking"
    )
    name_as_given = models.CharField(
        _("name as given"), max_length=300, blank=True, help_text=_("As “observers”, while unresolved.")
    )
    tenure = models.ForeignKey(
        Tenure, verbose_name=_("office held"), on_delete=models.PROTECT, null=True, blank=True, related_name="speaking"
    )
    role = models.CharField(_("role"), max_length=9, choices=SpeakerRole.choices, default=SpeakerRole.SPEAKER)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ["position", "id"]
        triggers: ClassVar[list[Any]] = [
            RequireSame(
                field="tenure",
                left="tenure__person",
                right="actor",
                message=_("This office was held by somebody else. Choose a tenure of the speaker."),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="speaker_has_actor_or_name",
                condition=Q(actor__isnull=False) | ~Q(name_as_given=""),
                violation_error_message=_("Choose an actor, or type the name as the source gives it."),
            ),
            models.UniqueConstraint(
                fields=["statement", "actor", "role"],
                name="speaker_once_per_role",
                violation_error_message=_("This speaker is already listed in this role."),
            ),
            one_of("speaker_role_is_known", "role", SpeakerRole),
        ]
        indexes = [
            models.Index(fields=["actor", "statement"], name="speaker_by_actor"),
            GinIndex(OpClass(Folded("name_as_given"), name="gin_trgm_ops"), name="speaker_name_trigrams"),
        ]

    def __str__(self) -> str:
        return self.actor.name if self.actor else self.name_as_given


class MentionRelation(models.TextChoices):
    """How an actor that did not speak appears in a statement."""

    ADDRESSEE = "addressee", _("addressed")
    MENTIONED = "mentioned", _("mentioned")


@tracked
class StatementMention(Part):
    """An actor that a statement addresses, or speaks of without its taking part."""

    owners = ("statement",)
    public_through = ("statement", "actor")

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="mentions"
    )
    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.PROTECT, related_name="mentioned_in")
    relation = models.CharField(
        _("how"), max_length=9, choices=MentionRelation.choices, default=MentionRelation.MENTIONED
    )

    class Meta:
        verbose_name = _("actor addressed or mentioned")
        verbose_name_plural = _("actors addressed or mentioned")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "actor", "relation"],
                name="mention_once_per_relation",
                violation_error_message=_("This actor is already listed."),
            ),
            one_of("mention_relation_is_known", "relation", MentionRelation),
        ]

    def __str__(self) -> str:
        return str(self.actor)


@tracked
class StatementTopic(Part):
    """A topic of a statement, and the stance the statement takes on it (none where it was only raised)."""

    owners = ("statement",)
    public_through = ("statement", "topic")

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="topic_links"
    )
    topic = models.ForeignKey(Topic, verbose_name=_("topic"), on_delete=models.PROTECT, related_name="statement_links")
    stance = models.CharField(
        _("stance"), max_length=9, choices=Stance.choices, blank=True, help_text=_("Empty: the topic was only raised.")
    )

    class Meta:
        verbose_name = _("topic of the statement")
        verbose_name_plural = _("topics of the statement")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "topic"],
                name="statement_topic_once",
                violation_error_message=_("This topic is already listed for the statement."),
            ),
            one_of("statement_stance_is_known", "stance", Stance, or_blank=True),
        ]
        indexes = [models.Index(fields=["topic", "stance"], name="statement_topic_by_stance")]

    def __str__(self) -> str:
        return str(self.topic)


class LinkRelation(models.TextChoices):
    """What one statement is to another statement or to a meeting."""

    ANSWERS = "answers", _("answers")
    REPEATS = "repeats", _("repeats")
    REJECTS = "rejects", _("rejects")
    WELCOMES = "welcomes", _("welcomes")
    CORRECTS = "corrects", _("corrects")
    REPLACES = "replaces", _("replaces")
    TRANSLATES = "translates", _("translates")
    ANNOUNCES = "announces", _("announces")


@tracked
class StatementLink(Part):
    """A link from a statement to another statement or to a meeting."""

    owners = ("statement",)
    public_through = ("statement", "to_statement", "to_meeting")
    listed_at = ("to_statement", "to_meeting")

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.CASCADE, related_name="links"
    )
    relation = models.CharField(_("relation"), max_length=10, choices=LinkRelation.choices)
    to_statement = models.ForeignKey(
        Statement,
        verbose_name=_("statement"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="links_here",
    )
    to_meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, null=True, blank=True, related_name="links_here"
    )

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="link_has_one_target",
                condition=Q(to_statement__isnull=True) ^ Q(to_meeting__isnull=True),
                violation_error_message=_("Link to a statement or to a meeting: exactly one of them."),
            ),
            models.CheckConstraint(
                name="link_not_to_itself",
                condition=Q(to_statement__isnull=True) | ~Q(to_statement=F("statement")),
                violation_error_message=_("A statement cannot be linked to itself."),
            ),
            models.UniqueConstraint(
                fields=["statement", "relation", "to_statement", "to_meeting"],
                name="link_once",
                nulls_distinct=False,
                violation_error_message=_("This link is already there."),
            ),
            one_of("link_relation_is_known", "relation", LinkRelation),
        ]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.to_statement or self.to_meeting}"
