"""The letter to the owner of a webhook that was turned off."""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from events.wording import address_on_site, host_of_site
from readers.hook_models import OffReason, Webhook

#: Until the next attempt when the mail server did not take it.
AGAIN = timedelta(hours=1)
logger = logging.getLogger(__name__)


def tell_owner(webhook: Webhook, now: datetime) -> None:
    """Send the letter, again later when the mail server does not take it. Who has no address reads it on the page."""
    of_webhook = Webhook.objects.filter(pk=webhook.pk)
    user: Any = webhook.search.user
    if user.email and not webhook.is_on:
        try:
            _letter(webhook, user.email).send()
        except (OSError, smtplib.SMTPException):
            logger.warning("The owner of webhook %s could not be told that it is off.", webhook.pk)
            of_webhook.update(due_at=now + AGAIN)
            return
    of_webhook.update(is_notice_due=False, due_at=None)


def _letter(webhook: Webhook, to: str) -> EmailMessage:
    last = webhook.deliveries.exclude(tried_at=None).filter(is_test=False).order_by("-tried_at").first()
    context = {
        "search": webhook.search.name,
        "host": urlsplit(webhook.address).hostname,
        "reason": webhook.off_reason,
        "reasons": OffReason,
        "since": webhook.failing_since,
        "problem": last.problem if last else "",
        "page": address_on_site(reverse("readers:webhook", args=[webhook.pk])),
    }
    stamp = webhook.off_at.timestamp() if webhook.off_at else 0
    return EmailMessage(
        _("Readout: a webhook is off"),
        render_to_string("readers/webhook_off.txt", context),
        to=[to],
        headers={
            "Message-ID": f"<webhook-{webhook.pk}-{stamp:.0f}@{host_of_site()}>",
            "Auto-Submitted": "auto-generated",
        },
    )
