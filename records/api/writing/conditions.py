"""What the headers and parameters of a write say beside its document."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer

from records.admin.forms import REASON_LENGTH
from records.api.problems import InvalidParameters
from records.api.writing.problems import InvalidDocument, KeyInProgress, KeyUsed, StaleVersion, VersionNotNamed
from records.idempotency import SentRequest

#: Beside the version, the tag of an answer names its very bytes; a proxy that compresses makes it a weak one.
_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]+)?"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
#: How long an answer is kept at least.
KEPT = timedelta(hours=48)
#: One in so many requests with a key also clears away those whose time is over.
_CLEARS = 50


def switch(request: Any, name: str, *, default: bool) -> bool:
    """A parameter that is ``true`` or ``false``. Raises `InvalidParameters`."""
    return choice(request, name, ("true", "false") if default else ("false", "true")) == "true"


def choice(request: Any, name: str, words: tuple[str, ...]) -> str:
    """A parameter that is one of a few words; the first of them when it is not given. Raises `InvalidParameters`."""
    values = request.query_params.getlist(name) or [words[0]]
    if len(values) > 1 or values[0] not in words:
        said = _("Give one of these once: %(words)s.") % {"words": ", ".join(words)}
        raise InvalidParameters({name: [said]}, allowed={name: words})
    return str(values[0])


def require_version(request: Any, current: int) -> int:
    """The version that ``If-Match`` names, when it is the current one. Raises `VersionNotNamed` and `StaleVersion`.

    ``*`` names no version, and would overwrite what nobody has seen.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise VersionNotNamed(current=current)
    named = {int(match[1]) for match in (_TAG.fullmatch(one.strip()) for one in given.split(",")) if match}
    if current not in named:
        words = _("The record is at version %(version)d now. Read it again, and change what it is now.")
        raise StaleVersion(words % {"version": current}, current=current)
    return current


def reason_of(request: Any, document: Any) -> str:
    """Why the change is made: ``reason`` in the document, or the header ``Readout-Reason`` in UTF-8.

    Raises `InvalidDocument`.
    """
    said = document.get("reason") if isinstance(document, dict) else None
    if said is None:
        try:
            said = request.headers.get("Readout-Reason", "").encode("latin-1").decode("utf-8")
        except UnicodeError:
            raise InvalidDocument({"/reason": [_("Send the header Readout-Reason in UTF-8.")]}) from None
    return checked_reason(said)


def checked_reason(said: Any) -> str:
    """A reason as it may stand in history. Raises `InvalidDocument`."""
    if not isinstance(said, str):
        raise InvalidDocument({"/reason": [_("Give a text.")]})
    if len(said) > REASON_LENGTH:
        raise InvalidDocument({"/reason": [_("At most %(most)d characters can be given.") % {"most": REASON_LENGTH}]})
    return said.replace("\x00", " ").strip()


@dataclass
class Answer:
    """What a write is answered with."""

    body: Any = None
    status: int = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Key:
    """The ``Idempotency-Key`` of a request (draft-ietf-httpapi-idempotency-key-header-07), with a digest of the rest.

    An answer that created something is kept with what it created, in one transaction; a refusal is not kept: the same
    request may well succeed when what stood in its way is mended.
    """

    owner: Any
    key: str
    digest: str

    @classmethod
    def of(cls, request: Any, document: Any) -> "Key | None":
        """The key of a request, bare or in quotes; ``None`` without one. Raises `InvalidParameters`."""
        if "Idempotency-Key" not in request.headers:
            return None
        given = request.headers["Idempotency-Key"].strip()
        bare = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
        if not _KEY.fullmatch(bare):
            words = _("Give 1 to 255 visible characters of ASCII: a new UUID for each record to create.")
            raise InvalidParameters({"Idempotency-Key": [words]})
        said = [request.method, request.path, sorted(request.query_params.lists()), document]
        said.append(request.headers.get("Readout-Reason", ""))
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        return cls(request.user, bare, digest)

    def answer_once(self, work: Callable[[], Answer]) -> Answer:
        """Do the work, or give the answer of the time when it was done. Call it in a transaction.

        Raises `KeyUsed`, and `KeyInProgress` while the same key is at work elsewhere.
        """
        with connection.cursor() as cursor:
            # Held to the end of the transaction; the row itself nobody else can see before that.
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{self.owner.pk}:{self.key}"])
            if cursor.fetchone() == (False,):
                raise KeyInProgress
            cursor.execute(
                "INSERT INTO records_sentrequest (owner_id, key, digest, headers, created_at)"
                " VALUES (%s, %s, %s, '{}', %s) ON CONFLICT (owner_id, key) DO NOTHING RETURNING id",
                [self.owner.pk, self.key, self.digest, timezone.now()],
            )
            is_first = cursor.fetchone() is not None
        ours = SentRequest.objects.filter(owner=self.owner, key=self.key)
        if not is_first:
            sent = ours.get()
            if sent.digest != self.digest:
                raise KeyUsed
            return Answer(sent.body, sent.status or HTTPStatus.OK, {**sent.headers, "Idempotency-Replayed": "true"})
        answer = work()
        answer.body = json.loads(JSONRenderer().render(answer.body))
        ours.update(status=answer.status, headers=answer.headers, body=answer.body)
        if random.randrange(_CLEARS) == 0:  # noqa: S311 (nothing secret)
            SentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
        return answer
