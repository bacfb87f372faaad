"""``Authorization: Bearer`` (RFC 6750): by a token, as its owner is now. Cookies of a log-in are never looked at."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from readers import tokens
from readers.token_models import ApiToken

_CHALLENGE = 'Bearer realm="Readout"'


class InvalidToken(exceptions.AuthenticationFailed):
    """No token that works has this secret."""

    problem_type = "invalid-token"
    challenge = f'{_CHALLENGE}, error="invalid_token"'


class TokenAuthentication(BaseAuthentication):
    """Whoever sends no token is a reader like all others; a wrong one is refused at every address."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = tokens.find(secret.strip())
        except tokens.NotInForce as refused:
            raise InvalidToken(str(refused)) from refused
        tokens.note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 the framework's name
        return _CHALLENGE


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema tells of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 the framework's name
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": f"{tokens.PREFIX}…",
            "description": _(
                "A token that you make in your account, at `/account/tokens/`. Reading needs none; with one, you may "
                "ask more often. Writing needs one with the scope `write`."
            ),
        }
