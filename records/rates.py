"""How many requests a minute a caller may make, and how an answer tells what is left of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.callers import address_of, network_of
from records.counting import count

WINDOW = 60  # seconds


@dataclass(frozen=True)
class Rate:
    """What a caller may do, and what is left of it in the window that runs."""

    policy: str
    quota: int
    left: int
    seconds: int
    is_over: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` as the IETF's draft writes them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}',
        }


def counted(what: str, policy: str, caller: str, quota: int) -> Rate:
    """Count a request of the caller, by one statement; what is counted apart bears another name in ``what``."""
    used, seconds = count(what, caller, seconds=WINDOW)
    return Rate(policy, quota, max(quota - used, 0), seconds, is_over=used > quota)


def limited(policy: str, setting: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, for so many requests a minute from one address as the setting says; 0 is for any number.

    It is asked before anything is read. Views of one policy are counted together.
    """

    @wraps(view)
    def limiting(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        quota: int = getattr(settings, setting)
        if not quota:
            return view(request, *args, **kwargs)
        rate = counted(f"page.{policy}", policy, network_of(address_of(request)), quota)
        response = _refusal(request, rate) if rate.is_over else view(request, *args, **kwargs)
        for name, value in rate.headers.items():
            response[name] = value
        return response

    return limiting


def _refusal(request: HttpRequest, rate: Rate) -> HttpResponse:
    """429 as a page for whoever asks for pages by name, as a browser does, and as lines of text for programs."""
    said = [
        ngettext(
            "From one address this site answers %(n)d request a minute of this kind.",
            "From one address this site answers %(n)d requests a minute of this kind.",
            rate.quota,
        )
        % {"n": rate.quota},
        ngettext("Ask again in %(n)d second.", "Ask again in %(n)d seconds.", rate.seconds) % {"n": rate.seconds},
        _("Once in five minutes is enough for a feed or a calendar. One file of a list, or the API, tells more."),
    ]
    if "text/html" in request.headers.get("Accept", ""):
        response = HttpResponse(render_to_string("429.html", {"said": said}, request), status=429)
    else:
        text = "\n".join([_("Too many requests"), *said, ""])
        response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=429)
    response["Retry-After"] = str(rate.seconds)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept"])
    return response
