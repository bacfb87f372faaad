"""What a token must be good for. Who its owner is, and what they may do, is asked where it is done."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class InsufficientScope(exceptions.PermissionDenied):
    """The token is good, but not for this (RFC 6750)."""

    problem_type = "insufficient-scope"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This token may not do that: it needs the scope “%(scope)s”.") % {"scope": scope})
        self.challenge = f'Bearer realm="Readout", error="insufficient_scope", scope="{scope}"'
        self.members = {"scope": scope}


class MayWrite(BasePermission):
    """Reading is for all; anything else needs a token with the scope ``write``.

    Without a token it is a 401, with one that may only read a 403 of the type ``insufficient-scope``. After it,
    ``request.user`` is the owner as the account is now, and ``request.auth`` the token.
    """

    scope = "write"

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 the framework's names
        if request.method not in SAFE_METHODS:
            self.require_scope(request)
        return True

    def require_scope(self, request: Request) -> None:
        """Raise what stands in the way of the scope."""
        token: Any = request.auth
        if token is None:
            raise exceptions.NotAuthenticated(
                _("Send a token that may write: “Authorization: Bearer …”. You make one in your account.")
            )
        if self.scope not in token.scopes:
            raise InsufficientScope(self.scope)
