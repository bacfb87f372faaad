"""Warnings that an editor looked at and confirmed to be right as they stand."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.history import tracked


@tracked
class ConfirmedWarning(models.Model):
    """One warning of one record, quiet as long as the facts it rests on stay as they were.

    ``record`` is the public id of the record, of whatever kind. ``fingerprint`` stands for the facts (see
    `records.warnings.Doubt`): when one of them changes, the warning is back, and what was said of it is kept.
    """

    record = models.CharField(_("public id of the record"), max_length=10)
    code = models.CharField(_("kind of warning"), max_length=40)
    subject = models.CharField(_("rows it is about"), max_length=300, blank=True)
    fingerprint = models.CharField(_("fingerprint of the facts"), max_length=32)
    word = models.CharField(_("why it is right"), max_length=300)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmed warning")
        verbose_name_plural = _("confirmed warnings")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "fingerprint"],
                name="confirmed_warning_once",
                violation_error_message=_("Somebody confirmed this warning already."),
            ),
            models.CheckConstraint(
                name="confirmed_warning_has_word",
                condition=~Q(word=""),
                violation_error_message=_("Say in a word why it is right as it stands."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.word}"
