"""Messages in words: what the API tells of their records at the moment at which they are sent."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from rest_framework.utils.encoders import JSONEncoder

from events.api.kinds import VIEWSETS
from readers.hook_models import Delivery
from readers.hooks.signing import signatures
from readers.searches import VIEWS
from records.api.telling import Teller, kinds_of
from records.feed import Told

#: Of the payload. It rises when something is taken away or changes its meaning; fields are added without.
VERSION = 1
#: Bytes above which a message leaves out the records and gives their addresses alone.
MOST_BYTES = 256 * 1024
AGENT = "Readout-Webhooks/1"


def body_of(delivery: Delivery) -> bytes | None:
    """The body as it is sent now; ``None`` when none of its records may be told of any more."""
    payload: dict[str, Any] = {
        "type": "webhook.test" if delivery.is_test else "search.changed",
        "version": VERSION,
        "timestamp": delivery.made_at.isoformat().replace("+00:00", "Z"),
        "search": _search(delivery),
        "cursor": delivery.cursor,
        "results": [],
    }
    if delivery.is_test:
        return _written(payload)
    payload["results"] = _results(delivery, is_whole=True)
    if not payload["results"]:
        return None
    body = _written(payload)
    if len(body) > MOST_BYTES:
        payload["results"] = _results(delivery, is_whole=False)
        body = _written(payload)
    return body


def headers_of(delivery: Delivery, body: bytes, moment: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks. The id stays from attempt to attempt; time and signature do not."""
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": delivery.uid,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signatures(delivery.webhook, uid=delivery.uid, moment=moment, body=body),
    }


def _search(delivery: Delivery) -> dict[str, str]:
    search = delivery.webhook.search
    plural = next(name for name, one in VIEWSETS.items() if one.model() is VIEWS[search.list].model)
    query = QueryDict(search.query).urlencode()
    address = f"{_site()}{reverse('api:root')}{plural}/"
    return {"name": search.name, "url": f"{address}?{query}" if query else address}


def _results(delivery: Delivery, *, is_whole: bool) -> list[dict[str, Any]]:
    model = VIEWS[delivery.webhook.search.list].model
    viewset = next(one for one in VIEWSETS.values() if one.model() is model)
    (kind,) = kinds_of([viewset])
    told = [Told(kind, key, uid, is_first) for key, uid, _event, is_first in delivery.items]
    events = {uid: event for _key, uid, event, _is_first in delivery.items}
    entries = Teller([viewset], _site()).entries(told, is_whole=is_whole)
    return [{"event": events[entry["uid"]], **entry} for entry in entries]


def _site() -> str:
    return str(settings.SITE_URL).rstrip("/")


def _written(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()
