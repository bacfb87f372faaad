"""What happened in the list of a webhook since it was last told, made into messages.

Two things are asked. The feed of all changes says which records are to be told of again, also where only what they show
of others has changed. The state of the list, compared with what was told, says what joined and what left, for whatever
reason: a topic that moves brings meetings into a list without a change to any of them.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events.api.kinds import VIEWSETS
from readers import holdings
from readers.hook_models import Delivery, Webhook
from readers.searches import VIEWS, filters_of, found
from records.api.telling import kinds_of
from records.feed import CursorExpired, Feed, Place, Told
from records.history import event_model

#: Records in one message.
MOST = 20
#: Records that are read from the feed at once, and how often at one look.
PAGE, PAGES = 500, 20
#: Between two looks at a list: so long, and so many times as long as the last look took, as a long list costs more.
PAUSE, SHARE = timedelta(seconds=10), 20

JOINED, CHANGED, LEFT = "joined", "changed", "left"


def feed_now() -> Feed:
    """The feed of all that the API tells, as of now."""
    return Feed(kinds_of(tuple(VIEWSETS.values())))


def begin(webhook: Webhook) -> None:
    """What is in the list now is known; told is what comes after. The webhook is not saved."""
    # First the position: what changes between the two is told once too often, not never.
    webhook.cursor = feed_now().present().as_cursor()
    webhook.told = holdings.read(found(filters_of(webhook.search.list, webhook.search.query)))


def look(webhook: Webhook, now: datetime) -> None:
    """Make messages of what happened, and note it as told, in one transaction; sets when to look again.

    Nothing is made while filters are refused, as when a topic is not public now: what was told stays as it was. Nothing
    is written when the claim of the webhook ran out meanwhile.
    """
    started = time.monotonic()
    filters = filters_of(webhook.search.list, webhook.search.query)
    values: dict[str, Any] = {}
    batches: list[list[list[Any]]] = []
    has_more = False
    if filters.is_valid():
        told, cursor, has_more = _read_feed(webhook)
        if cursor != webhook.cursor:
            held = holdings.read(found(filters))
            batches = _batches(_items(webhook, held, told))
            values = {"told": held, "cursor": cursor}
    pause = max(PAUSE, timedelta(seconds=SHARE * (time.monotonic() - started)))
    values["due_at"] = now if has_more or batches else now + pause
    with transaction.atomic():
        of_claim = Webhook.objects.select_for_update().filter(pk=webhook.pk, claim=webhook.claim)
        if of_claim.exists():
            Delivery.objects.bulk_create(
                Delivery(webhook=webhook, items=one, cursor=values["cursor"], made_at=now) for one in batches
            )
            of_claim.update(**values)


def _read_feed(webhook: Webhook) -> tuple[dict[int, Told], str, bool]:
    """What the feed tells of records of the list's kind since the last look, and the position behind it."""
    feed = feed_now()
    kind = VIEWS[webhook.search.list].model._meta.model_name
    found: dict[int, Told] = {}
    place, has_more = Place.read(webhook.cursor), True
    for _page in range(PAGES):
        try:
            told, place, has_more = feed.read(place, limit=PAGE, wanted=[kind])
        except CursorExpired:
            # The database was restored: versions in the state of the list tell what changed.
            return {}, feed.present().as_cursor(), False
        found.update((one.key, one) for one in told)
        if not has_more:
            break
    return found, place.as_cursor(), has_more


def _items(webhook: Webhook, held: bytes, told: dict[int, Told]) -> list[list[Any]]:
    """For each record its key, uid, event, and whether it was published for the first time; what left comes first."""
    before, after = holdings.unpack(bytes(webhook.told)), holdings.unpack(held)
    events = dict.fromkeys((key for key in before if key not in after), LEFT)
    events |= dict.fromkeys((key for key in after if key not in before), JOINED)
    events |= {
        key: CHANGED for key, version in after.items() if key in before and (key in told or version != before[key])
    }
    uids = _uids(VIEWS[webhook.search.list].model, list(events))
    return [[key, uids[key], event, key in told and told[key].is_first] for key, event in events.items() if key in uids]


def _uids(model: Any, keys: list[int]) -> dict[int, str]:
    """The public ids of records, also of those that were deleted."""
    uids = dict(model._base_manager.filter(pk__in=keys).values_list("pk", "uid"))
    deleted = [key for key in keys if key not in uids]
    if deleted:
        uids |= dict(event_model(model).objects.filter(pgh_obj_id__in=deleted).values_list("pgh_obj_id", "uid"))
    return uids


def _batches(items: list[list[Any]]) -> list[list[list[Any]]]:
    return [items[start : start + MOST] for start in range(0, len(items), MOST)]
