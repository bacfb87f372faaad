"""The queue of webhooks, in the database: who is due is claimed, told, and given the next moment.

Any number of workers may run at once. A claim is committed before anything is sent and runs out by itself, so that the
work of a process that died is taken over, and two never work on one webhook at once. A message goes out at least once
and, for each webhook, in order: the next one waits until this one arrived. While one waits no others are made: what
happens meanwhile is told as one state when the address answers again.
"""

import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from readers.hook_models import Delivery, DeliveryState, OffReason, Webhook
from readers.hooks import notices
from readers.hooks.looking import look
from readers.hooks.messages import body_of, headers_of
from readers.hooks.services import turn_off
from readers.hooks.transport import Answer, Transport

#: Until the next attempt, after each failure in a row; after the last of them the webhook is turned off.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (10, 60, 5 * 60, 20 * 60, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
)
#: Each delay is longer or shorter by up to this part, so that many do not come back at once.
JITTER = 0.2
#: Longer than one attempt can take, with the time to find the machine, and a look at the longest list.
CLAIM = timedelta(minutes=5)
#: For how long messages that were dealt with are kept, for their owner to see.
KEPT = timedelta(days=30)
#: After a fault of ours.
AFTER_FAULT = timedelta(minutes=5)
GONE = 410
logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass
class Report:
    """What workers did."""

    looked: int = 0
    delivered: int = 0
    failed: int = 0
    empty: int = 0
    turned_off: int = 0
    faults: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in vars(self).items())


@dataclass
class Worker:
    """One of any number of workers. ``clock`` and ``spread`` (from -1 to 1) are given by tests."""

    transport: Transport = field(default_factory=Transport)
    clock: Clock = timezone.now
    spread: Callable[[], float] = lambda: random.uniform(-1, 1)  # noqa: S311 (nothing secret)
    report: Report = field(default_factory=Report)

    def run(self, *, most: int = 10_000) -> Report:
        """Do all that is due now, at most so many steps."""
        for _step in range(most):
            if not self.step():
                break
        return self.report

    def step(self) -> bool:
        """Do one thing for one webhook: send a message, or look for what to send. False when nothing is due."""
        webhook = self._claim()
        if webhook is None:
            return False
        of_claim = Webhook.objects.filter(pk=webhook.pk, claim=webhook.claim)
        try:
            self._work(webhook)
            # Its owner or the desk may have asked for something that the step, not knowing of it, put off.
            is_test_waiting = Exists(Delivery.objects.waiting().filter(webhook=OuterRef("pk"), is_test=True))
            is_forgotten = Q(due_at=None) & (Q(is_on=True) | Q(is_notice_due=True))
            of_claim.filter(is_test_waiting | is_forgotten).update(due_at=self.clock())
        except Exception:
            # A fault of ours, or of the database: it must not keep the others from their turn.
            logger.exception("Webhook %s could not be dealt with.", webhook.pk)
            self.report.faults += 1
            of_claim.update(due_at=self.clock() + AFTER_FAULT)
        finally:
            # Only the claim of one's own: it may have run out, and be another's by now.
            of_claim.update(claim="", claimed_until=None)
        return True

    def _claim(self) -> Webhook | None:
        now = self.clock()
        with transaction.atomic():
            due = Webhook.objects.due(now).select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
            webhook = due.select_related("search__user").first()
            if webhook is None:
                return None
            webhook.claim, webhook.claimed_until = secrets.token_hex(16), now + CLAIM
            webhook.save(update_fields=["claim", "claimed_until"])
        return webhook

    def _work(self, webhook: Webhook) -> None:
        if webhook.is_notice_due:
            notices.tell_owner(webhook, self.clock())
            return
        now = self.clock()
        delivery = webhook.deliveries.waiting().first()
        if delivery is not None and delivery.is_test:
            self._send(webhook, delivery)
        elif not webhook.is_on:
            self._update(webhook, due_at=None)
        elif webhook.retry_at is not None and webhook.retry_at > now:
            self._update(webhook, due_at=webhook.retry_at)
        elif delivery is not None:
            self._send(webhook, delivery)
        else:
            look(webhook, now)
            self.report.looked += 1

    def _update(self, webhook: Webhook, **values: object) -> None:
        Webhook.objects.filter(pk=webhook.pk, claim=webhook.claim).update(**values)

    def _send(self, webhook: Webhook, delivery: Delivery) -> None:
        body = body_of(delivery)
        if body is None:
            delivery.state, delivery.tried_at = DeliveryState.EMPTY, self.clock()
            self.report.empty += 1
            self._note(webhook, delivery)
            return
        moment = self.clock()
        answer = self.transport.post(webhook.address, body=body, headers=headers_of(delivery, body, moment))
        delivery.tries += 1
        delivery.tried_at, delivery.status = moment, answer.status
        delivery.problem, delivery.milliseconds = answer.problem, answer.milliseconds
        if answer.is_success:
            delivery.state = DeliveryState.DELIVERED
            self.report.delivered += 1
            # Also after a test: an address that answers need not wait for its next attempt.
            self._note(webhook, delivery, tries=0, failing_since=None, retry_at=None)
            return
        self.report.failed += 1
        if delivery.is_test:
            delivery.state = DeliveryState.FAILED
            self._note(webhook, delivery)
        else:
            self._failed(webhook, delivery, answer, moment)

    def _failed(self, webhook: Webhook, delivery: Delivery, answer: Answer, moment: datetime) -> None:
        tries = webhook.tries + 1
        is_gone = answer.status == GONE
        if is_gone or tries > len(DELAYS):
            if self._note(webhook, delivery, tries=tries, failing_since=webhook.failing_since or moment):
                turn_off(webhook, OffReason.GONE if is_gone else OffReason.FAILED, now=moment)
                self.report.turned_off += 1
            return
        delay = max(DELAYS[tries - 1], timedelta(seconds=min(answer.retry_after, 24 * 3600)))
        retry_at = moment + delay * (1 + JITTER * self.spread())
        since = webhook.failing_since or moment
        self._note(webhook, delivery, tries=tries, failing_since=since, retry_at=retry_at, due_at=retry_at)

    def _note(self, webhook: Webhook, delivery: Delivery, **values: object) -> bool:
        """Write down what came of an attempt, unless the claim ran out: then another sends the message again."""
        with transaction.atomic():
            of_claim = Webhook.objects.select_for_update().filter(pk=webhook.pk, claim=webhook.claim)
            if not of_claim.exists():
                return False
            delivery.save(update_fields=["state", "tries", "tried_at", "status", "problem", "milliseconds"])
            if values:
                of_claim.update(**values)
        return True


def forget(now: datetime | None = None) -> int:
    """Delete messages that were dealt with long ago; how many."""
    old = Delivery.objects.exclude(state=DeliveryState.WAITING).filter(made_at__lt=(now or timezone.now()) - KEPT)
    return old.delete()[0]
