"""Letters on their way: claimed before they are handed over, so that none goes out twice."""

import smtplib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from events.wording import address_on_site, host_of_site
from readers import news
from readers.models import Letter, SavedSearch

SALT_STOP = "readers.stop"
#: Refusals by the mail server after which a letter is given up.
TRIES = 5
#: Days for which sent letters are kept, to see what was sent.
KEPT = 30
#: The server did not take the letter: it can be handed over again. After any other fault, nobody knows.
NOT_TAKEN = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
)


@dataclass
class Report:
    """What one run did."""

    written: int = 0
    sent: int = 0
    empty: int = 0
    refused: int = 0
    uncertain: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name} {number}" for name, number in vars(self).items())


def send_news(*, day: date | None = None, again: bool = False) -> Report:
    """Write and send what is due. Running twice, or two at once, sends nothing twice.

    A letter whose process died while it was handed over may have arrived: it waits, and counts as uncertain, until
    somebody wants it sent ``again``.
    """
    day = day or timezone.now().date()
    report = Report()
    if again:
        Letter.objects.filter(sent_at=None, claimed_at__lt=timezone.now() - timedelta(hours=1)).update(claimed_at=None)
    for user in _readers():
        report.written += news.write_letter(user, day) is not None
    for letter in Letter.objects.filter(sent_at=None, claimed_at=None, tries__lt=TRIES).order_by("pk"):
        _deliver(letter, report)
    Letter.objects.filter(sent_at__lt=timezone.now() - timedelta(days=KEPT)).delete()
    report.uncertain = Letter.objects.filter(sent_at=None, claimed_at__isnull=False).count()
    return report


def _readers() -> Any:
    """Accounts that can have a letter."""
    wanted = SavedSearch.objects.filter(is_by_mail=True).values("user")
    return get_user_model().objects.filter(pk__in=wanted, is_active=True).exclude(email="").order_by("pk")


def _deliver(letter: Letter, report: Report) -> None:
    # One statement, committed at once: of two processes one changes the row.
    claim = Letter.objects.filter(pk=letter.pk, sent_at=None, claimed_at=None)
    if not claim.update(claimed_at=timezone.now()):
        return
    message = message_of(letter)
    if message is None:
        report.empty += 1
    else:
        try:
            message.send()
        except NOT_TAKEN:
            Letter.objects.filter(pk=letter.pk).update(claimed_at=None, tries=F("tries") + 1)
            report.refused += 1
            return
        except OSError:
            return
        report.sent += 1
    Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now())


def message_of(letter: Letter) -> EmailMultiAlternatives | None:
    """The letter as it goes out now; ``None`` when nothing is left to say, or nobody to say it to."""
    user = letter.user
    sections = [one for one in news.sections_of(letter) if one.parts]
    if not (sections and user.is_active and user.email):
        return None
    stop = stop_address(user)
    context = {
        "sections": sections,
        "account": address_on_site(reverse("readers:account")),
        "stop": stop,
        "site": settings.SITE_URL,
        "day": letter.day,
    }
    count = sum(len(entries) for section in sections for _heading, entries in section.parts)
    count += sum(section.more for section in sections)
    subject = ngettext("Readout: %(n)s change in your searches", "Readout: %(n)s changes in your searches", count)
    message = EmailMultiAlternatives(
        subject % {"n": count},
        render_to_string("readers/news.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
        headers={
            "Message-ID": f"<news-{letter.pk}-{letter.day}@{host_of_site()}>",
            "Auto-Submitted": "auto-generated",
            # RFC 8058: the program of the reader sends the form behind it, with nobody logged in.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string("readers/news.html", context), "text/html")
    return message


def stop_address(user: Any) -> str:
    """The address that ends the letters of an account, without a log-in and for ever."""
    token = signing.dumps(user.pk, salt=SALT_STOP)
    return address_on_site(reverse("readers:stop", args=[token]))


def account_of(token: str) -> Any:
    """The account whose letters a link ends; ``None`` for a link that is not ours."""
    try:
        key = signing.loads(token, salt=SALT_STOP)
    except signing.BadSignature:
        return None
    return get_user_model().objects.filter(pk=key).first()
