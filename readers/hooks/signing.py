"""Secrets of webhooks and what is signed with them, by Standard Webhooks 1.0 (HMAC-SHA256, ``v1``).

A secret follows from the key of the site and from random text in the database, and is stored nowhere: a copy of the
database alone signs nothing. Another ``SECRET_KEY`` makes other secrets, so that receivers refuse until they are given
theirs.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.utils.crypto import salted_hmac

#: How long the former secret signs beside a new one: its owner has a day to bring the new one out.
OVERLAP = timedelta(days=1)
PREFIX = "whsec_"


def _key(webhook: Any, seed: str) -> bytes:
    return salted_hmac("readers.hooks.signing", f"{webhook.pk}:{seed}", algorithm="sha256").digest()


def secret_of(webhook: Any) -> str:
    """The secret as its owner is shown it."""
    return PREFIX + base64.b64encode(_key(webhook, webhook.seed)).decode()


def signatures(webhook: Any, *, uid: str, moment: datetime, body: bytes) -> str:
    """What stands in ``webhook-signature``: one signature, or two while a former secret still counts."""
    seeds = [webhook.seed]
    if webhook.old_seed and webhook.old_seed_until and webhook.old_seed_until > moment:
        seeds.append(webhook.old_seed)
    content = f"{uid}.{int(moment.timestamp())}.".encode() + body
    found = (hmac.new(_key(webhook, seed), content, hashlib.sha256).digest() for seed in seeds)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in found)
