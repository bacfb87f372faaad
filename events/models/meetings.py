"""Meetings and who took part in them."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Tenure
from events.models.places import Place, Series
from events.models.topics import Topic
from events.querysets import MeetingQuerySet, ParticipationQuerySet
from partialdates.fields import PartialDateField
from partialdates.models import partial_date_constraints, partial_date_indexes
from records.history import tracked
from records.models import Part, Record, one_of
from records.search import Folded, SearchVectorColumn, Words
from records.triggers import KeepSame, NoCycle, RequireSame


class Mode(models.TextChoices):
    """How the parties met."""

    IN_PERSON = "in-person", _("in person")
    PHONE = "phone", _("telephone")
    VIDEO = "video", _("video")
    CORRESPONDENCE = "correspondence", _("correspondence")


class MeetingKind(models.TextChoices):
    """What sort of encounter it was."""

    BILATERAL = "bilateral", _("bilateral talks")
    TRILATERAL = "trilateral", _("trilateral talks")
    MULTILATERAL = "multilateral", _("multilateral meeting")
    SUMMIT = "summit", _("summit")
    VISIT = "visit", _("visit")
    CONSULTATION = "consultation", _("consultation")
    SIGNING = "signing", _("signing")
    CEREMONY = "ceremony", _("ceremony")
    COURTESY_CALL = "courtesy-call", _("courtesy call")


class MeetingStatus(models.TextChoices):
    """What became of it, as far as sources say."""

    ANNOUNCED = "announced", _("announced")
    CONFIRMED = "confirmed", _("confirmed")
    HELD = "held", _("held")
    POSTPONED = "postponed", _("postponed")
    CANCELLED = "cancelled", _("cancelled")
    DENIED = "denied", _("denied")
    UNVERIFIED = "unverified", _("unverified")


class Openness(models.TextChoices):
    """Whether the public could know of it at the time."""

    PUBLIC = "public", _("public")
    CLOSED = "closed", _("closed")
    DISCLOSED = "secret-then-disclosed", _("secret, then disclosed")


class DateBasis(models.TextChoices):
    """What the date rests on."""

    STATED = "stated", _("stated by a source")
    INFERRED = "inferred", _("inferred")
    ANNOUNCED = "announced", _("announced only")


class Relevance(models.TextChoices):
    """How a meeting relates to the subject of the collection."""

    CORE = "core", _("core")
    CONTEXT = "context", _("context")


@tracked
class Meeting(Record):
    """An encounter between actors at a time: talks, a summit, a call, a session of a series, a visit.

    A visit or summit holds meetings (``part_of``). Days are the days at the place of the meeting.
    """

    shown_elsewhere = ("title", "date")
    listed_at = ("part_of",)

    title = models.CharField(_("title"), max_length=300)
    date = PartialDateField(_("date"), help_text=_("The day at the place of the meeting, as precisely as sources say."))
    date_basis = models.CharField(
        _("basis of the date"), max_length=10, choices=DateBasis.choices, default=DateBasis.STATED
    )
    date_note = models.TextField(
        _("reason for the date"), blank=True, help_text=_("How the date was inferred, if it was.")
    )
    mode = models.CharField(
        _("mode"), max_length=14, choices=Mode.choices, blank=True, help_text=_("Empty: not known.")
    )
    kind = models.CharField(_("kind"), max_length=14, choices=MeetingKind.choices)
    place = models.ForeignKey(
        Place, verbose_name=_("place"), on_delete=models.PROTECT, null=True, blank=True, related_name="meetings",
        help_text=_("Empty: not known, or the parties were in different places."),
    )  # fmt: skip
    part_of = models.ForeignKey(
        "self", verbose_name=_("part of"), on_delete=models.PROTECT, null=True, blank=True, related_name="parts",
        help_text=_("The visit or summit during which it was held."),
    )  # fmt: skip
    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    round = models.PositiveSmallIntegerField(
        _("round"), null=True, blank=True, help_text=_("Its number in the series.")
    )
    status = models.CharField(_("status"), max_length=10, choices=MeetingStatus.choices, default=MeetingStatus.HELD)
    openness = models.CharField(_("openness"), max_length=21, choices=Openness.choices, default=Openness.PUBLIC)
    relevance = models.CharField(
        _("relevance"),
        max_length=7,
        choices=Relevance.choices,
        blank=True,
        help_text=_("Core of the collection, or context."),
    )
    summary = models.TextField(_("summary"), blank=True, help_text=_("What happened, in your own words."))
    notes = models.TextField(_("notes"), blank=True, help_text=_("What a reader should know about how this was coded."))
    topics: Any = models.ManyToManyField(
        Topic, verbose_name=_("topics"), through="MeetingTopic", related_name="meetings"
    )
    search = SearchVectorColumn("title", "summary", "notes")

    objects = MeetingQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["date_sort", "id"]
        triggers: ClassVar[list[Any]] = [
            *Record.Meta.triggers,
            NoCycle(field="part_of", message=_("A meeting cannot be part of itself. Choose another one.")),
        ]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="meeting_has_title", condition=~Q(title=""), violation_error_message=_("Give the meeting a title.")
            ),
            one_of("meeting_mode_is_known", "mode", Mode, or_blank=True),
            one_of("meeting_kind_is_known", "kind", MeetingKind),
            one_of("meeting_status_is_known", "status", MeetingStatus),
            one_of("meeting_openness_is_known", "openness", Openness),
            one_of("meeting_date_basis_is_known", "date_basis", DateBasis),
            one_of("meeting_relevance_is_known", "relevance", Relevance, or_blank=True),
            models.CheckConstraint(
                name="meeting_round_needs_series",
                condition=Q(round__isnull=True) | Q(series__isnull=False),
                violation_error_message=_(
                    "A round is a number in a series: choose the series, or leave the round empty."
                ),
            ),
            models.CheckConstraint(
                name="meeting_round_starts_at_1",
                condition=Q(round__isnull=True) | Q(round__gte=1),
                violation_error_message=_("Rounds are counted from 1."),
            ),
            *partial_date_constraints("date", "meeting"),
        ]
        indexes = [
            *partial_date_indexes("date", "meeting"),
            GinIndex(fields=["search"], name="meeting_search"),
            GinIndex(OpClass(Folded("title"), name="gin_trgm_ops"), name="meeting_title_trigrams"),
            models.Index(fields=["title", "id"], name="meeting_by_title"),
            models.Index(fields=["state", "date_sort", "id"], name="meeting_by_state_and_date"),
            # The latest first and the undated last, as `records.filters.time_orders` has it.
            models.Index(
                "state",
                ExpressionWrapper(Q(date_outer__isnull=False), output_field=models.BooleanField()),
                "date_sort",
                "id",
                name="meeting_latest_first",
            ),
            models.Index(fields=["series", "round"], name="meeting_by_series"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.date.text})"

    def get_absolute_url(self) -> str:
        return reverse("events:meeting-detail", args=[self.uid])


@tracked
class MeetingTopic(Part):
    """A topic that was raised in a meeting."""

    owners = ("meeting",)
    public_through = ("meeting", "topic")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="topic_links"
    )
    topic = models.ForeignKey(Topic, verbose_name=_("topic"), on_delete=models.PROTECT, related_name="meeting_links")

    class Meta:
        verbose_name = _("topic of the meeting")
        verbose_name_plural = _("topics of the meeting")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "topic"],
                name="meeting_topic_once",
                violation_error_message=_("This topic is already listed for the meeting."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class ParticipationRole(models.TextChoices):
    """What an actor did in a meeting."""

    HOST = "host", _("host")
    GUEST = "guest", _("guest")
    CHAIR = "chair", _("chair")
    PARTICIPANT = "participant", _("participant")
    SIGNATORY = "signatory", _("signatory")
    MEDIATOR = "mediator", _("mediator")
    OBSERVER = "observer", _("observer")
    INTERPRETER = "interpreter", _("interpreter")


class ParticipationAttendance(models.TextChoices):
    """How sure it is that the actor was there."""

    CONFIRMED = "confirmed", _("confirmed")
    REPORTED = "reported", _("reported")
    ABSENT = "absent", _("absent")


@tracked
class Participation(Part):
    """One actor in one meeting: its role and side, on whose behalf it acted, and in which capacity.

    While an actor is unresolved the name as given in the source stands for it; nothing is lost.
    """

    owners = ("meeting",)
    public_through = ("meeting", "actor", "on_behalf_of")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="participations"
    )
    actor = models.ForeignKey(
        Actor, verbose_name=_("actor"), on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    name_as_given = models.CharField(
        _("name as given"),
        max_length=300,
        blank=True,
        help_text=_("As the source words it; needed while the actor is unresolved."),
    )
    role = models.CharField(
        _("role"), max_length=11, choices=ParticipationRole.choices, default=ParticipationRole.PARTICIPANT
    )
    side = models.CharField(
        _("side"), max_length=40, blank=True, help_text=_("The party it belonged to at the table, as CN or RU.")
    )
    on_behalf_of = models.ForeignKey(
        Actor, verbose_name=_("on behalf of"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="represented_in",
        help_text=_("If it spoke for somebody else than its own state or body."),
    )  # fmt: skip
    tenures: Any = models.ManyToManyField(
        Tenure, verbose_name=_("offices held"), through="ParticipationTenure", related_name="participations"
    )
    capacity = models.CharField(
        _("capacity as worded"), max_length=300, blank=True, help_text=_("The office as the source words it.")
    )
    head_count = models.PositiveIntegerField(
        _("head count"), null=True, blank=True, help_text=_("For an unnamed delegation: how many people.")
    )
    attendance = models.CharField(
        _("attendance"),
        max_length=9,
        choices=ParticipationAttendance.choices,
        default=ParticipationAttendance.CONFIRMED,
    )
    note = models.TextField(_("note"), blank=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Order on the page, as in the source.")
    )

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["position", "id"]
        triggers: ClassVar[list[Any]] = [KeepSame(name="keep_same")]
        constraints = [
            models.CheckConstraint(
                name="participation_has_actor_or_name",
                condition=Q(actor__isnull=False) | ~Q(name_as_given=""),
                violation_error_message=_("Choose an actor, or type the name as the source gives it."),
            ),
            models.UniqueConstraint(
                fields=["meeting", "actor"],
                name="participation_actor_once_per_meeting",
                violation_error_message=_("This actor already takes part in the meeting. One actor is listed once."),
            ),
            models.CheckConstraint(
                name="participation_not_on_own_behalf",
                condition=Q(on_behalf_of__isnull=True) | Q(actor__isnull=True) | ~Q(on_behalf_of=F("actor")),
                violation_error_message=_("Leave “on behalf of” empty when an actor spoke for itself."),
            ),
            models.CheckConstraint(
                name="participation_head_count_positive",
                condition=Q(head_count__isnull=True) | Q(head_count__gte=1),
                violation_error_message=_("A head count is at least 1; leave it empty when it is not known."),
            ),
            one_of("participation_role_is_known", "role", ParticipationRole),
            one_of("participation_attendance_is_known", "attendance", ParticipationAttendance),
        ]
        indexes = [
            models.Index(fields=["actor", "role", "meeting"], name="participation_by_actor_role"),
            GinIndex(OpClass(Folded("name_as_given"), name="gin_trgm_ops"), name="participation_name_trigrams"),
            # No column is added to the largest table: an index is made beside it, and of those that have words alone.
            GinIndex(Words("capacity"), name="participation_capacity_words", condition=~Q(capacity="")),
        ]

    def __str__(self) -> str:
        return self.actor.name if self.actor else self.name_as_given


@tracked
class ParticipationTenure(Part):
    """An office in which a participant acted; it may be several at once."""

    owners = ("participation__meeting",)
    public_through = (
        "participation__meeting",
        "participation__actor",
        "participation__on_behalf_of",
        "tenure__person",
        "tenure__office__body",
    )

    participation = models.ForeignKey(
        Participation, verbose_name=_("participation"), on_delete=models.CASCADE, related_name="tenure_links"
    )
    tenure = models.ForeignKey(
        Tenure, verbose_name=_("tenure"), on_delete=models.PROTECT, related_name="participation_links"
    )

    class Meta:
        verbose_name = _("office in which a participant acted")
        verbose_name_plural = _("offices in which a participant acted")
        ordering = ["id"]
        triggers: ClassVar[list[Any]] = [
            RequireSame(
                field="tenure",
                left="tenure__person",
                right="participation__actor",
                message=_("This office was held by somebody else. Choose a tenure of the participant."),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "tenure"],
                name="participation_tenure_once",
                violation_error_message=_("This office is already listed for the participant."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.tenure)
