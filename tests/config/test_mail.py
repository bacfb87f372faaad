"""How ``EMAIL_URL`` reads."""

import pytest

from config.environment import Refusal
from config.mail import mail_settings


def test_letters_go_to_the_console_until_a_server_is_named():
    console = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}

    assert (mail_settings(""), mail_settings("console:")) == (console, console)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://localhost", ("localhost", 25, "", "", False, False)),
        ("smtp+tls://me%40x:p%2Fw@mail.example", ("mail.example", 587, "me@x", "p/w", False, True)),
        ("smtps://mail.example:4650", ("mail.example", 4650, "", "", True, False)),
    ],
)
def test_server_port_name_and_tls_stand_in_the_address(url, read):
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS")

    assert tuple(mail_settings(url)[f"EMAIL_{name}"] for name in names) == read


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://host:port", "smtp://h?tls=1"]
)
def test_anything_else_is_refused_in_words(url):
    with pytest.raises(Refusal, match="EMAIL_URL must be"):
        mail_settings(url)
