"""Messages of webhooks: whether they come from the site, and are fresh (Standard Webhooks, ``v1``)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any


class NotSigned(Exception):
    """The message is not signed with the secret, or not lately. Do not believe it."""


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, *, tolerance: float = 300, now: float | None = None
) -> dict[str, Any]:
    """Return what a message says once its signature is found good; raises `NotSigned`.

    ``body`` are the bytes as they came: JSON that was read and written again is other bytes. ``secret`` begins with
    ``whsec_``. A message whose time is further away than ``tolerance`` seconds is refused, so that nobody can send an
    old one again; remember its ``webhook-id`` to take each once.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        uid, stamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        sent_at = int(stamp)
    except (KeyError, ValueError):
        raise NotSigned("The headers of a webhook are missing.") from None
    if abs((time.time() if now is None else now) - sent_at) > tolerance:
        raise NotSigned("The message is too old, or from the future.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{uid}.{stamp}.".encode() + body, hashlib.sha256).digest()
    good = f"v1,{base64.b64encode(expected).decode()}"
    if not any(hmac.compare_digest(one.encode(), good.encode()) for one in signatures.split()):
        raise NotSigned("No signature is that of the secret.")
    payload: dict[str, Any] = json.loads(body)
    return payload
