"""What people say to each other about records at the desk: comments, who is in charge, and what was reviewed.

A row points at the id of its record, of whatever kind; it stays when the record is deleted, and is never public.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.history import tracked

#: A comment is a remark, not a document.
LONGEST_COMMENT = 5000


class AboutRecord(models.Model):
    """A row about the record with the id ``record_id``; the register of ids knows of what kind it is."""

    record: models.ForeignKey[Any, Any] = models.ForeignKey(
        "records.RegisteredId",
        verbose_name=_("record"),
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        abstract = True


@tracked
class Comment(AboutRecord):
    """A remark of an editor about a record, open until somebody resolves it."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_("comment"), max_length=LONGEST_COMMENT)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resolved by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("created_at", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="comment_has_text",
                condition=~Q(text=""),
                violation_error_message=_("Write the comment."),
            )
        ]

    def __str__(self) -> str:
        return self.text


@tracked
class Mention(models.Model):
    """Somebody whom a comment calls by ``@username``."""

    comment = models.ForeignKey(Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("mentioned"), on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["comment", "user"],
                name="mentioned_once_in_a_comment",
                violation_error_message=_("The comment mentions this person already."),
            )
        ]

    def __str__(self) -> str:
        return f"@{self.user}"


@tracked
class Assignment(AboutRecord):
    """Who is in charge of a record: one person, or nobody."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("assigned to"), on_delete=models.CASCADE, related_name="+"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    assigned_at = models.DateTimeField(_("assigned at"), default=timezone.now)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["record"],
                name="one_assignment_of_a_record",
                violation_error_message=_("Somebody is in charge of this record already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.user}"


class SavedView(models.Model):
    """The state of a list (filters, search, order) under a name: for whoever saved it, or for the whole desk."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("saved by"), on_delete=models.CASCADE, related_name="+"
    )
    list = models.CharField(_("list"), max_length=60, help_text=_("The model, as app.model."))
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("state of the list"), max_length=2000, blank=True)
    is_shared = models.BooleanField(_("shared with the desk"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "list", "name"],
                name="saved_view_name_once_per_list",
                violation_error_message=_("You have a view of this name already. Choose another name."),
            ),
            models.CheckConstraint(
                name="saved_view_has_name",
                condition=~Q(name=""),
                violation_error_message=_("Give the view a name."),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["list", "name"], name="saved_view_by_list")]

    def __str__(self) -> str:
        return self.name


@tracked
class Review(AboutRecord):
    """A version of a record that somebody looked at and let pass; publishing is a review, too."""

    version = models.PositiveIntegerField(_("version"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), default=timezone.now)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["record", "version"],
                name="one_review_of_a_version",
                violation_error_message=_("This version was reviewed already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id}, {self.version}"
