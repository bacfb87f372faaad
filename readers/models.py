"""What readers keep (searches, letters and webhooks about them, tokens) and send (corrections); nothing is public."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Django finds the models of an app here.
from readers.hook_models import Delivery as Delivery
from readers.hook_models import DeliveryState as DeliveryState
from readers.hook_models import OffReason as OffReason
from readers.hook_models import Webhook as Webhook
from readers.token_models import ApiToken as ApiToken
from records.desk_models import AboutRecord
from records.history import tracked


class SavedSearch(models.Model):
    """A list with its filters under a name, of one account.

    ``told`` is what the list held when its last news were written; see `readers.holdings`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("saved by"), on_delete=models.CASCADE, related_name="saved_searches"
    )
    list = models.CharField(_("list"), max_length=20, help_text=_("The kind of record, as in the address of its feed."))
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("filters"), max_length=2000, blank=True)
    is_by_mail = models.BooleanField(_("news by e-mail"), default=True)
    created_at = models.DateTimeField(_("saved at"), default=timezone.now)
    seen_at = models.DateTimeField(_("last looked at"), default=timezone.now)
    told = models.BinaryField(_("what was told"))
    told_on = models.DateField(_("news last written on"), null=True, blank=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ("name", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_search_name_once_per_account",
                violation_error_message=_("You have a search of this name already. Choose another name."),
            ),
            models.CheckConstraint(
                name="saved_search_has_name",
                condition=~Q(name=""),
                violation_error_message=_("Give the search a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Letter(models.Model):
    """The news of one day for one account: which records, not in which words.

    It is worded when it is handed over, so that it never says what was hidden meanwhile. ``claimed_at`` is written and
    committed before: a letter claimed and not sent may have gone out before its process died, and is not sent again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    items = models.JSONField(_("news"), help_text=_("For each search: what is new, changed, gone."))
    made_at = models.DateTimeField(_("written at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("refusals by the mail server"), default=0)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "day"],
                name="one_letter_a_day",
                violation_error_message=_("This account has its letter of the day already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.day}"


class CorrectionState(models.TextChoices):
    """What became of a correction."""

    NEW = "new", _("new")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    SPAM = "spam", _("spam")


#: A correction names a mistake; whoever has more to say writes a letter.
LONGEST_TEXT, LONGEST_VALUE = 3000, 2000


@tracked
class Correction(AboutRecord):
    """A reader's word that a fact is wrong, with what the page said when they read it."""

    field = models.CharField(_("field"), max_length=60, blank=True, help_text=_("Empty for the record as a whole."))
    version = models.PositiveIntegerField(_("version the reader saw"))
    value = models.TextField(_("value the reader saw"), max_length=LONGEST_VALUE, blank=True)
    text = models.TextField(_("what is wrong"), max_length=LONGEST_TEXT)
    source = models.URLField(_("source"), max_length=1000, blank=True)
    ticket = models.CharField(_("form it came by"), max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    state = models.CharField(
        _("state"), max_length=10, choices=CorrectionState.choices, default=CorrectionState.NEW, db_index=True
    )
    reason = models.TextField(_("reason"), max_length=LONGEST_TEXT, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reader’s correction")
        verbose_name_plural = _("readers’ corrections")
        ordering = ("-created_at", "-id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="correction_has_text",
                condition=~Q(text=""),
                violation_error_message=_("Say what is wrong."),
            ),
            models.CheckConstraint(
                name="correction_state_is_known",
                condition=Q(state__in=CorrectionState.values),
                violation_error_message=_("Choose one of the listed values."),
            ),
            models.CheckConstraint(
                name="declined_correction_has_reason",
                condition=~Q(state="declined") | ~Q(reason=""),
                violation_error_message=_("Say why it is declined."),
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:77].rstrip()}…"


class ReplyAddress(models.Model):
    """Where a reader wants the answer to a correction.

    A table of its own, and without a history: what is deleted here is gone.
    """

    correction = models.OneToOneField(
        Correction, verbose_name=_("correction"), on_delete=models.CASCADE, related_name="reply_address"
    )
    email = models.EmailField(_("e-mail address"))
    created_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("address of a reader")
        verbose_name_plural = _("addresses of readers")

    def __str__(self) -> str:
        return self.email
