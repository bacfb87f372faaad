"""API tokens: how a secret is made and found again, and the verbs of its owner."""

import hashlib
import re
import secrets
import string
import zlib
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from actors.models import Actor
from readers.token_models import LONGEST, ApiToken, Scope
from records.services import Refused

#: What every secret begins with, so that programs that look for leaked secrets know one.
PREFIX = "readout_"
_SIGNS = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: 214 bits at random; then a checksum by which a cut or mistyped secret is known without a look into the database.
_RANDOM, _CHECK = 36, 6
_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_RANDOM + _CHECK}}}")
#: Characters of a secret that are kept in clear.
_SHOWN = len(PREFIX) + 4
#: Tokens of one account that work at the same time.
MOST = 20
#: For how many days a new token may work; the first is proposed.
DAYS = (90, 30, 180, LONGEST.days)
#: A use is noted no more often than that.
_NOTED_EVERY = timedelta(hours=1)


class NotInForce(Exception):
    """No token that works has this secret."""


def new_secret() -> str:
    """A secret that nobody has yet."""
    body = "".join(secrets.choice(_SIGNS) for _sign in range(_RANDOM))
    return f"{PREFIX}{body}{_checksum(body)}"


def _checksum(body: str) -> str:
    number, signs = zlib.crc32(body.encode()), ""
    for _sign in range(_CHECK):
        number, place = divmod(number, len(_SIGNS))
        signs = _SIGNS[place] + signs
    return signs


def _is_one_of_ours(secret: str) -> bool:
    return bool(_FORM.fullmatch(secret)) and _checksum(secret[len(PREFIX) : -_CHECK]) == secret[-_CHECK:]


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def may_have_write(user: Any) -> bool:
    """Whether a token of this account could write anything today."""
    return bool(user.has_perm(f"{Actor._meta.app_label}.change_{Actor._meta.model_name}"))


def make(*, user: Any, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """Make a token; gives it and its secret, which cannot be had again.

    Raises `Refused`, ``ValidationError``.
    """
    if Scope.WRITE in scopes and not may_have_write(user):
        raise Refused(_("Your account may not change records, so a token of yours cannot either."))
    secret, now = new_secret(), timezone.now()
    token = ApiToken(
        user=user,
        name=name.strip(),
        scopes=scopes,
        beginning=secret[:_SHOWN],
        digest=digest_of(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    with transaction.atomic():
        # One at a time for each account, so that two forms at once do not pass the limit together.
        get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
        if ApiToken.objects.in_force().filter(user=user).count() >= MOST:
            raise Refused(_("An account has %(most)d tokens at most. Revoke one first.") % {"most": MOST})
        token.full_clean()
        token.save()
    return token, secret


def revoke(token: ApiToken) -> None:
    """End a token for ever, from the next request on."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def revoke_found(secret: str) -> ApiToken:
    """End the token of a secret that was found where it must not be. Raises `NotInForce` when none works with it."""
    token = find(secret)
    revoke(token)
    return token


def find(secret: str) -> ApiToken:
    """The token in force that has this secret, with its owner as the account is now.

    Raises `NotInForce` with the reason: who sends the whole secret may know it.
    """
    token = None
    if _is_one_of_ours(secret):
        token = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if token is None:
        raise NotInForce(_("This token is not known. Was it copied whole?"))
    if token.revoked_at is not None:
        raise NotInForce(_("This token is revoked. Make a new one in your account."))
    if token.expires_at <= timezone.now():
        raise NotInForce(
            _("This token expired on %(day)s. Make a new one in your account.")
            % {"day": f"{token.expires_at:%Y-%m-%d}"}
        )
    if not token.user.is_active:
        raise NotInForce(_("The account of this token is shut."))
    return token


def note_use(token: ApiToken) -> None:
    """Remember that the token is used; written once an hour at most, however often it is."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _NOTED_EVERY:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTED_EVERY)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
