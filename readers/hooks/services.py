"""The verbs of webhooks: of their owner, of the desk, and of the queue."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from readers.hook_models import Delivery, DeliveryState, OffReason, Webhook, new_seed
from readers.hooks.addresses import AddressRefused, Resolver, addresses_of, read_address, resolve
from readers.hooks.looking import begin
from readers.hooks.signing import OVERLAP
from readers.models import SavedSearch
from readers.searches import filters_of, found
from records.services import Refused

#: Webhooks of one account: each is looked at many times a minute.
MOST = 5
#: Records in a list that can be followed so; whoever follows more reads the feed of all changes.
LONGEST_LIST = 100_000


def add(*, search: SavedSearch, address: str, resolver: Resolver = resolve) -> Webhook:
    """Tell an address of a search from now on. Raises `Refused`, ``ValidationError``."""
    address = address.strip()
    try:
        addresses_of(read_address(address), resolver)
    except AddressRefused as refused:
        raise Refused(str(refused)) from None
    if Webhook.objects.of(search.user).count() >= MOST:
        raise Refused(_("An account keeps %(most)d webhooks. Delete one first.") % {"most": MOST})
    filters = filters_of(search.list, search.query)
    if not filters.is_valid():
        raise Refused(*(message for messages in filters.errors.values() for message in messages))
    if found(filters).values("pk")[: LONGEST_LIST + 1].count() > LONGEST_LIST:
        raise Refused(
            _("The list is longer than %(most)s records. Narrow it, or let your program read the feed of changes.")
            % {"most": f"{LONGEST_LIST:,}"}
        )
    webhook = Webhook(search=search, address=address)
    begin(webhook)
    webhook.full_clean(exclude=["told"])
    with transaction.atomic():
        webhook.save()
    return webhook


def turn_off(webhook: Webhook, reason: OffReason, *, now: datetime | None = None) -> bool:
    """Send nothing more; the owner is told by a letter unless it was their own doing. False when it was off already."""
    now = now or timezone.now()
    is_notice_due = reason != OffReason.OWNER
    return bool(
        Webhook.objects.filter(pk=webhook.pk, is_on=True).update(
            is_on=False,
            off_reason=reason,
            off_at=now,
            is_notice_due=is_notice_due,
            due_at=now if is_notice_due else None,
        )
    )


def turn_on(webhook: Webhook) -> bool:
    """Go on where it stopped: what waits is sent, then what happened since. False when it was on already.

    Raises `Refused` for one that the desk turned off.
    """
    if webhook.off_reason == OffReason.DESK:
        raise Refused(_("An administrator turned this webhook off. Ask them first."))
    return bool(
        Webhook.objects.filter(pk=webhook.pk, is_on=False)
        .exclude(off_reason=OffReason.DESK)
        .update(
            is_on=True,
            off_reason="",
            off_at=None,
            is_notice_due=False,
            tries=0,
            failing_since=None,
            retry_at=None,
            due_at=timezone.now(),
        )
    )


def allow(webhook: Webhook) -> bool:
    """Let the owner turn on again what the desk turned off."""
    of_desk = Webhook.objects.filter(pk=webhook.pk, off_reason=OffReason.DESK)
    return bool(of_desk.update(off_reason=OffReason.OWNER, is_notice_due=False))


def renew_secret(webhook: Webhook) -> None:
    """Sign with another secret. The former one signs beside it for a day, and the one before that no more."""
    webhook.old_seed, webhook.old_seed_until = webhook.seed, timezone.now() + OVERLAP
    webhook.seed = new_seed()
    webhook.save(update_fields=["seed", "old_seed", "old_seed_until"])


def send_test(webhook: Webhook) -> Delivery:
    """Have a message without records sent at once, once, before all that waits; one at a time."""
    with transaction.atomic():
        Webhook.objects.select_for_update().get(pk=webhook.pk)
        waiting = webhook.deliveries.filter(is_test=True, state=DeliveryState.WAITING).first()
        delivery = waiting or Delivery.objects.create(webhook=webhook, is_test=True, cursor=webhook.cursor)
        Webhook.objects.filter(pk=webhook.pk).update(due_at=timezone.now())
    return delivery


def own(user: Any, key: int) -> Webhook | None:
    """A webhook of an account."""
    return Webhook.objects.of(user).select_related("search").filter(pk=key).first()
