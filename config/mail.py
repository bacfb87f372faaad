"""How the site sends letters, from one address in the environment: ``EMAIL_URL``."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from config.environment import Refusal

#: By scheme: TLS from the start, and TLS asked for after the greeting.
TLS = {"smtp": (False, False), "smtp+tls": (False, True), "smtps": (True, False)}
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail_settings(url: str) -> dict[str, Any]:
    """Django's settings for ``console:`` (also for nothing) or ``smtp://user:password@host:port``.

    ``smtp+tls`` turns to TLS after the greeting, ``smtps`` speaks it from the start. Raises ``Refusal`` otherwise.
    """
    if not url or url.startswith("console:"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    wrong = "EMAIL_URL must be console: or smtp://user:password@host:port (smtp+tls://, smtps://)."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refusal(wrong) from error
    if parts.scheme not in TLS or not parts.hostname or parse_qs(parts.query):
        raise Refusal(wrong)
    from_start, after_greeting = TLS[parts.scheme]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": from_start,
        "EMAIL_USE_TLS": after_greeting,
        "EMAIL_TIMEOUT": 30,
    }
