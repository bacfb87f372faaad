"""What the answers of the API say to caches and to clients beside their content."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from rest_framework.response import Response

#: A client asks each time whether its copy is good (it costs little), a cache in between once a minute. What is
#: withdrawn is gone everywhere within two.
CACHED = "public, max-age=0, s-maxage=60, stale-while-revalidate=60"
CACHED_ABSENCE = "public, max-age=0, s-maxage=60"
NOT_CACHED = "no-store"
_ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


@dataclass(frozen=True)
class Deprecation:
    """That a part of the API will go: since when that is known, from when on it may be gone, and where to read why."""

    since: datetime
    sunset: datetime
    link: str

    @property
    def headers(self) -> dict[str, str]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the link to the reasons."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.timestamp()),
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }


def add_headers(
    request: Any, response: Any, *, deprecation: Deprecation | None = None, version: int | None = None
) -> None:
    """Say how long the answer may be kept, what it depends on, and how often may be asked; answer 304 where it fits.

    ``version`` is that of the record that is the whole answer. No answer has ``Last-Modified``: what a record shows of
    others changes without it, and what is no longer shown leaves no time behind. The digest alone knows.
    """
    status = response.status_code
    cache = CACHED if status < HTTPStatus.BAD_REQUEST else CACHED_ABSENCE if status in _ABSENT else NOT_CACHED
    response.headers.setdefault("Cache-Control", cache)
    patch_vary_headers(response, ["Accept"])
    rate = getattr(request, "rate", None)
    steady = {**(rate.headers if rate else {}), **(deprecation.headers if deprecation else {})}
    for name, value in steady.items():
        response[name] = value
    if status != HTTPStatus.OK or request.method not in ("GET", "HEAD") or not isinstance(response, Response):
        return

    def answer_with_tag(rendered: Any) -> Any:
        digest = hashlib.sha256(rendered.content).hexdigest()[:24]
        tag = f'"{digest}"' if version is None else f'"{version}-{digest}"'
        rendered["ETag"] = tag
        answer: Any = get_conditional_response(request._request, etag=tag, response=rendered)
        if answer is rendered:
            return None
        for name, value in steady.items():
            answer[name] = value
        return answer

    response.add_post_render_callback(answer_with_tag)


class CrossOriginMiddleware:
    """Lets programs on the pages of other sites use the API, and write with a token that they send themselves.

    Nothing in it depends on who is logged in, and no browser is ever told to send its cookies along.
    """

    PREFIX = "/api/"
    ALLOWED_METHODS = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
    ALLOWED_HEADERS = (
        "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, "
        "If-None-Match, Readout-Reason"
    )
    EXPOSED_HEADERS = (
        "Content-Disposition, Content-Language, Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, "
        "RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate"
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.PREFIX):
            return self.get_response(request)
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=HTTPStatus.NO_CONTENT) if is_preflight else self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        if is_preflight:
            response["Access-Control-Allow-Methods"] = self.ALLOWED_METHODS
            response["Access-Control-Allow-Headers"] = self.ALLOWED_HEADERS
            response["Access-Control-Max-Age"] = "86400"
        else:
            response["Access-Control-Expose-Headers"] = self.EXPOSED_HEADERS
        return response
