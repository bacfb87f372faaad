"""What happens to a reader's correction: it is sent, looked at, and decided."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.wording import address_on_site
from readers.models import Correction, CorrectionState, ReplyAddress
from records.context import history_context
from records.services import Refused

#: Days for which the address of a reader is kept: after the decision, and without one.
KEPT_AFTER_DECISION, KEPT_AT_MOST = 90, 365


def waiting() -> Any:
    """Corrections that nobody has decided."""
    return Correction.objects.filter(state=CorrectionState.NEW)


def send(*, fact: dict[str, Any], text: str, source: str, email: str, ticket: str) -> Correction:
    """Put a correction on the editors' desk. The same form, or the same words on the same fact, are there once."""
    with transaction.atomic(), history_context():
        known = Correction.objects.filter(ticket=ticket).first() or (
            waiting().filter(record_id=fact["record"], field=fact["field"], text=text).first()
        )
        if known is not None:
            return known
        correction, is_new = Correction.objects.get_or_create(
            ticket=ticket,
            defaults={
                "record_id": fact["record"],
                "field": fact["field"],
                "version": fact["version"],
                "value": fact["value"],
                "text": text,
                "source": source,
            },
        )
        if is_new and email:
            ReplyAddress.objects.create(correction=correction, email=email)
    return correction


def model_of(correction: Correction) -> Any:
    """The kind of the record it is about."""
    return apps.get_model(correction.record.kind)


def record_address(correction: Correction) -> str:
    """The address of the page that the reader saw."""
    options = model_of(correction)._meta
    return address_on_site(reverse(f"events:{options.model_name}-detail", args=[correction.record_id]))


def decide(*, correction: Correction, state: str, reason: str, by: Any) -> Correction:
    """Accept, decline or throw away. Raises `Refused` without a reason for declining, and when somebody was faster."""
    reason = reason.replace("\x00", "").strip()
    if state not in CorrectionState.values:
        raise Refused(_("Choose one of the listed values."))
    if state == CorrectionState.DECLINED and not reason:
        raise Refused(_("Say why it is declined."))
    if len(reason) > Correction._meta.get_field("reason").max_length:  # type: ignore[operator]
        raise Refused(_("The reason is too long."))
    with transaction.atomic(), history_context(user=by, reason=reason):
        current = Correction.objects.select_for_update().get(pk=correction.pk)
        if current.state != correction.state:
            raise Refused(
                _("Somebody decided meanwhile: it is %(state)s now.") % {"state": current.get_state_display()}
            )
        current.state, current.reason = state, reason
        is_open = state == CorrectionState.NEW
        current.decided_by, current.decided_at = (None, None) if is_open else (by, timezone.now())
        current.full_clean(exclude=["record", "ticket"])
        current.save()
    return current


def assign(*, correction: Correction, to: Any, by: Any) -> None:
    """Put somebody in charge of it, or nobody."""
    if to is not None and not (to.is_active and to.is_staff):
        raise Refused(_("Only somebody who works at the desk can be in charge of a record."))
    with transaction.atomic(), history_context(user=by):
        Correction.objects.filter(pk=correction.pk).update(assigned_to=to)


def answer(*, correction: Correction, text: str) -> None:
    """Write to the reader who left an address. Raises `Refused` when there is none, or the mail server says no."""
    text = text.strip()
    address = ReplyAddress.objects.filter(correction=correction).first()
    if address is None:
        raise Refused(_("The reader left no address, or it was deleted."))
    if not text:
        raise Refused(_("Write the answer."))
    opening = _("You wrote to us about the record %(address)s:")
    body = "\n".join(
        [
            opening % {"address": record_address(correction)},
            "",
            *(f"> {line}" for line in correction.text.splitlines()),
            "",
            text,
        ]
    )
    message = EmailMessage(_("Readout: your correction"), body, settings.DEFAULT_FROM_EMAIL, [address.email])
    try:
        message.send()
    except OSError as error:  # what smtplib raises is one, too
        raise Refused(_("The answer could not be sent (%(why)s). Try again later.") % {"why": error}) from error


def forget_address(correction: Correction) -> None:
    """Delete the address of the reader."""
    ReplyAddress.objects.filter(correction=correction).delete()


def forget_old_addresses() -> int:
    """Delete addresses whose time is over; how many."""
    now = timezone.now()
    decided = ReplyAddress.objects.filter(correction__decided_at__lt=now - timedelta(days=KEPT_AFTER_DECISION))
    old = ReplyAddress.objects.filter(created_at__lt=now - timedelta(days=KEPT_AT_MOST))
    return int(decided.delete()[0] + old.delete()[0])
