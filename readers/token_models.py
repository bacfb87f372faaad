"""Tokens by which programs ask in the name of an account. The secret itself is stored nowhere."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: No token works for longer: a year, and a day to renew it.
LONGEST = timedelta(days=366)
#: Days before its end in which a token is due to be replaced.
SOON = 14


class Scope(models.TextChoices):
    """What a token is good for, within what its owner may do at the time."""

    READ = "read", _("read")
    WRITE = "write", _("write")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about tokens."""

    def in_force(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired, of accounts that are not shut."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class ApiToken(models.Model):
    """A secret that a program sends instead of a password.

    ``digest`` is the SHA-256 of the secret: enough for one that is long and random. ``beginning`` is its first
    characters, by which its owner knows it again. Without a history: ``digest`` is of use to nobody later on, and
    nothing else of it changes but when it was used and that it was revoked.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=80)
    beginning = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(_("SHA-256 of the secret"), max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("made at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at", "-id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="api_token_has_name",
                condition=~Q(name=""),
                violation_error_message=_("Give the token a name, such as that of the program that will use it."),
            ),
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(revoked_at=None),
                name="api_token_name_once_per_account",
                violation_error_message=_("You have a token of this name already. Choose another name, or revoke it."),
            ),
            models.CheckConstraint(
                name="api_token_has_known_scopes",
                condition=Q(scopes__len__gt=0) & Q(scopes__contained_by=Scope.values),
                violation_error_message=_("Say what the token may do."),
            ),
            models.CheckConstraint(
                name="api_token_keeps_only_a_digest",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message=_("Of a token, only the SHA-256 is kept."),
            ),
            models.CheckConstraint(
                name="api_token_expires_after_it_was_made",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message=_("A token expires after it was made."),
            ),
            models.CheckConstraint(
                name="api_token_works_for_a_year_at_most",
                condition=Q(expires_at__lte=F("created_at") + LONGEST),
                violation_error_message=_("A token works for a year at most."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def days_left(self) -> int:
        """Whole days for which it still works."""
        return (self.expires_at - timezone.now()).days

    @property
    def expires_soon(self) -> bool:
        """Whether its owner should think of a new one."""
        return self.days_left < SOON

    @property
    def may_write(self) -> bool:
        return Scope.WRITE in self.scopes
