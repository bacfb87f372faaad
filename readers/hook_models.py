"""Webhooks: addresses that are told what becomes of a saved search, and what is on its way to them."""

import secrets
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from readers.hooks.addresses import LONGEST_ADDRESS


class OffReason(models.TextChoices):
    """Why a webhook is off."""

    OWNER = "owner", _("turned off by you")
    FAILED = "failed", _("turned off: it did not answer for three days")
    GONE = "gone", _("turned off: the address answered that it is gone (410)")
    DESK = "desk", _("turned off by an administrator")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Questions about webhooks."""

    def of(self, user: object) -> "WebhookQuerySet":
        """Those for the searches of an account."""
        return self.filter(search__user=user)

    def due(self, moment: object) -> "WebhookQuerySet":
        """Those that have something to do, and that nobody works on."""
        return self.filter(due_at__lte=moment, search__user__is_active=True).filter(
            Q(claimed_until=None) | Q(claimed_until__lte=moment)
        )


def new_seed() -> str:
    return secrets.token_hex(16)


class Webhook(models.Model):
    """An address that is told what joins, changes in and leaves a saved search.

    No secret is stored: it follows from ``seed`` and the key of the site, see `readers.hooks.signing`. ``told`` and
    ``cursor`` are what its receiver knows of: what the list held, and the position in the feed. ``due_at`` is when
    there is something to do, empty while there is nothing; ``claimed_until`` until when a worker is at it. Without a
    history: what is kept of a webhook serves its next message only.
    """

    search = models.ForeignKey(
        "readers.SavedSearch", verbose_name=_("saved search"), on_delete=models.CASCADE, related_name="webhooks"
    )
    address = models.CharField(_("address"), max_length=LONGEST_ADDRESS)
    created_at = models.DateTimeField(_("made at"), default=timezone.now)
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    old_seed = models.CharField(max_length=32, blank=True, editable=False)
    old_seed_until = models.DateTimeField(_("former secret signs until"), null=True, blank=True)
    is_on = models.BooleanField(_("on"), default=True)
    off_reason = models.CharField(_("why it is off"), max_length=10, choices=OffReason, blank=True)
    off_at = models.DateTimeField(_("off since"), null=True, blank=True)
    is_notice_due = models.BooleanField(_("owner is still to be told"), default=False)
    told = models.BinaryField(_("what was told"))
    cursor = models.TextField(_("position in the feed"))
    tries = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    retry_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True, default=timezone.now)
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("search__name", "id")
        indexes = [
            # Workers ask for these alone, many times a minute.
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="webhook_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["search", "address"],
                name="webhook_address_once_per_search",
                violation_error_message=_("This address is told of this search already."),
            ),
            models.CheckConstraint(
                name="webhook_has_address",
                condition=~Q(address=""),
                violation_error_message=_("Give the address that is to be told."),
            ),
            models.CheckConstraint(
                name="webhook_off_has_reason",
                condition=Q(is_on=True, off_reason="", off_at=None)
                | Q(is_on=False, off_reason__in=OffReason.values, off_at__isnull=False),
                violation_error_message=_("A webhook that is off says why and since when."),
            ),
        ]

    def __str__(self) -> str:
        # As the desk sees it: what stands behind the host may be a secret.
        return urlsplit(self.address).netloc


def new_message_id() -> str:
    """An id that nobody can guess, and that has no full stop (which the signature rests on)."""
    return f"msg_{secrets.token_hex(16)}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions about messages."""

    def waiting(self) -> "DeliveryQuerySet":
        """Those to be sent, the oldest first; a test before all others."""
        return self.filter(state=DeliveryState.WAITING).order_by("-is_test", "pk")


class DeliveryState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    EMPTY = "empty", _("not sent: nothing in it may be told any more")


class Delivery(models.Model):
    """A message to a webhook: which records it is about, not in which words.

    It is worded at each attempt, so that it never tells what was hidden meanwhile. ``items`` are for each record its
    key, its uid, what it did in the list, and whether it was published for the first time.
    """

    webhook = models.ForeignKey(Webhook, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="deliveries")
    uid = models.CharField(_("id"), max_length=40, unique=True, default=new_message_id, editable=False)
    items = models.JSONField(_("records"), default=list)
    cursor = models.TextField(_("position in the feed"), blank=True)
    is_test = models.BooleanField(_("test"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last attempt at"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(_("status of the answer"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(_("time of the answer"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to a webhook")
        verbose_name_plural = _("messages to webhooks")
        indexes = [
            models.Index(fields=["webhook", "id"], condition=Q(state="waiting"), name="delivery_waiting"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="delivery_state_is_known",
                condition=Q(state__in=DeliveryState.values),
                violation_error_message=_("Choose one of the listed values."),
            ),
        ]

    def __str__(self) -> str:
        return self.uid
