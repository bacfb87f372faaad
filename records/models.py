"""The abstract bases of every record and of the rows that belong to records, and the register of ids.

The triggers in `records.triggers` keep what is promised here whoever writes, in whatever way.
"""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partialdates.models import PartialDateModel
from records.changes import Change
from records.desk_models import Assignment, Comment, Mention, Review, SavedView
from records.history import tracked
from records.idempotency import SentRequest
from records.querysets import IdentifiedQuerySet, PartQuerySet, RecordQuerySet
from records.triggers import (
    EnterIdentity,
    KeepIdentity,
    NoCycle,
    RequireKind,
    RequireSame,
    kinds_relied_on,
    rules_of,
)
from records.uids import new_uid

__all__ = [
    "Assignment",
    "Change",
    "Comment",
    "Identified",
    "Mention",
    "Part",
    "Record",
    "Redirect",
    "RegisteredId",
    "Review",
    "RuledModel",
    "SavedView",
    "SentRequest",
    "State",
    "one_of",
]


class RegisteredId(models.Model):
    """Every public id ever given, so that none is used twice even after its record was deleted."""

    uid = models.CharField(_("public id"), max_length=10, primary_key=True)
    kind = models.CharField(_("kind of record"), max_length=60, help_text=_("The model, as app.model."))
    registered_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("registered id")
        verbose_name_plural = _("registered ids")
        triggers: ClassVar[list[Any]] = [
            pgtrigger.Protect(name="keep_ids", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.uid} ({self.kind})"


@tracked
class Redirect(models.Model):
    """The id of a row without a workflow that a merge combined with another: its address leads to that one.

    A merged record is there itself and says where it leads; an office or a tenure that says the same as another is not.
    """

    old = models.OneToOneField(RegisteredId, verbose_name=_("old id"), on_delete=models.PROTECT, related_name="+")
    into = models.ForeignKey(RegisteredId, verbose_name=_("leads to"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="redirect_leads_elsewhere",
                condition=~Q(old=F("into")),
                violation_error_message=_("An address cannot lead to itself."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.into_id}"


class RuledModel(PartialDateModel):
    """A model whose trigger rules are also checked by ``full_clean``, so that a form says them first."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        for rule in rules_of(type(self)):
            if isinstance(rule, RequireKind) and self._link_has_other_kind(rule):
                errors.setdefault(rule.field, []).append(rule.message)
            if isinstance(rule, NoCycle) and self._link_closes_circle(rule.field):
                errors.setdefault(rule.field, []).append(rule.message)
            if isinstance(rule, RequireSame) and self._links_differ(rule):
                errors.setdefault(rule.field, []).append(rule.message)
        for referrer, rule in kinds_relied_on(type(self)) if self.pk is not None else ():
            if (
                getattr(self, "kind", None) not in rule.kinds
                and referrer._base_manager.filter(**{rule.field: self.pk}).exists()
            ):
                errors.setdefault("kind", []).append(rule.reverse_message)
        if errors:
            raise ValidationError(errors)

    def _link_has_other_kind(self, rule: RequireKind) -> bool:
        linked = getattr(self, f"{rule.field}_id") and getattr(self, rule.field)
        return bool(linked) and linked.kind not in rule.kinds

    def _links_differ(self, rule: RequireSame) -> bool:
        left, right = self._at(rule.left), self._at(rule.right)
        return left is not None and left != right

    def _at(self, path: str) -> Any:
        """The key at the end of a chain of links; the row there is not read."""
        row: Any = self
        *steps, last = path.split("__")
        for step in steps:
            row = getattr(row, f"{step}_id") and getattr(row, step)
            if row is None:
                return None
        return getattr(row, f"{last}_id")

    def _link_closes_circle(self, field: str) -> bool:
        above, seen = getattr(self, f"{field}_id"), set()
        while above is not None and self.pk is not None and above not in seen:
            if above == self.pk:
                return True
            seen.add(above)
            above = type(self)._base_manager.filter(pk=above).values_list(f"{field}_id", flat=True).first()
        return False


class Identified(RuledModel):
    """A row with an address of its own: a short public id and a version.

    ``uid`` never changes and is never used again. ``version`` rises at every update of the row, and once in a
    transaction when rows that belong to it change. Both are kept by triggers; after ``save()`` the database's values
    are read anew at their next use.
    """

    #: Lookups of the records that must be public for this row to be public; a null link hides nothing.
    public_through: ClassVar[tuple[str, ...]] = ()
    #: Lookups of the records whose version rises when this row changes.
    owners: ClassVar[tuple[str, ...]] = ()
    #: Fields that other records show of this one, or sort it by. What they do not show may change unnoticed by them.
    shown_elsewhere: ClassVar[tuple[str, ...]] = ()
    #: Links to records that list this row, and whose version stays as it is when it comes or goes.
    listed_at: ClassVar[tuple[str, ...]] = ()

    KEPT_BY_DATABASE: ClassVar[tuple[str, ...]] = (
        "version",
        "version_xid",
        "updated_at",
        "created_by_id",
        "updated_by_id",
    )

    uid = models.CharField(_("public id"), max_length=10, unique=True, default=new_uid, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # The transaction that raised the version last: rows of one record saved together raise it once.
    version_xid = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False, db_index=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("updated by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = IdentifiedQuerySet.as_manager()

    class Meta:
        abstract = True
        triggers: ClassVar[list[Any]] = [
            EnterIdentity(name="enter_identity"),
            KeepIdentity(name="keep_identity"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        for name in (*self.KEPT_BY_DATABASE, "published_at"):
            self.__dict__.pop(name, None)
        for name in ("created_by", "updated_by"):
            self._state.fields_cache.pop(name, None)


class State(models.TextChoices):
    """Where a record stands between the editor's desk and the public."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Record(Identified):
    """What is public under a stable id, once published.

    A withdrawn record keeps its address and says why it was withdrawn. A merged record keeps its id as a redirect to
    the survivor for ever. ``open_points`` are what no source confirmed, in words a reader understands.
    """

    state = models.CharField(
        _("workflow state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False, db_index=True
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    withdrawal_reason = models.TextField(
        _("reason of withdrawal"), blank=True, editable=False, help_text=_("Shown to everyone who opens the address.")
    )
    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), on_delete=models.PROTECT, null=True, blank=True, editable=False,
        related_name="merged_records",
    )  # fmt: skip
    open_points = ArrayField(
        models.CharField(max_length=500),
        verbose_name=_("open points"),
        default=list,
        blank=True,
        help_text=_("What no source confirmed, one point a line. Readers see it on the page of the record."),
    )

    objects = RecordQuerySet.as_manager()

    class Meta(Identified.Meta):
        abstract = True
        triggers: ClassVar[list[Any]] = [
            *Identified.Meta.triggers,
            NoCycle(field="merged_into", message="A record cannot be merged in a circle. Choose another survivor."),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_withdrawn_has_reason",
                condition=~Q(state="withdrawn") | ~Q(withdrawal_reason=""),
                violation_error_message=_(
                    "Say why the record is withdrawn: readers who open its address will see the reason."
                ),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                violation_error_message=_("A record cannot be merged into itself. Choose another survivor."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_is_known",
                condition=Q(state__in=State.values),
                violation_error_message=_("The workflow state must be draft, in review, published or withdrawn."),
            ),
        ]

    @property
    def is_public(self) -> bool:
        """Whether the world may see it; the same rule as `RecordQuerySet.public`."""
        return self.state == State.PUBLISHED and self.merged_into_id is None  # type: ignore[attr-defined]


class Part(RuledModel):
    """A row that belongs to a record and has no address of its own: a name, a participation, a speaker, a citation."""

    public_through: ClassVar[tuple[str, ...]] = ()
    owners: ClassVar[tuple[str, ...]] = ()
    listed_at: ClassVar[tuple[str, ...]] = ()

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True


def one_of(name: str, field: str, choices: Any, *, or_blank: bool = False) -> models.CheckConstraint:
    """The constraint ``name`` that ``field`` holds one of the values of ``choices`` (or nothing, with ``or_blank``)."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": [*choices.values, *([""] if or_blank else [])]}),
        violation_error_message=_("Choose one of the listed values."),
    )
