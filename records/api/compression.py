"""Answers of the API in Brotli, for clients that take it: smaller than gzip, and sooner made."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import brotli
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers

PREFIX = "/api/"
#: From here on it takes longer to compress than is won on the way.
QUALITY = 4
#: Bytes of a whole answer below which it is sent as it is.
LEAST = 200


class BrotliMiddleware:
    """Compresses what is whole at once, and what is sent row by row in pieces.

    For the API only: a length can tell a secret that stands beside words of a stranger, as the token of a form does on
    a page, and no answer here has any. Other answers, and clients that know gzip alone, are left to the framework's
    middleware, which must stand before this one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if not request.path_info.startswith(PREFIX) or response.has_header("Content-Encoding"):
            return response
        if not response.streaming and len(response.content) < LEAST:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if not takes_brotli(request.headers.get("Accept-Encoding", "")):
            return response
        if response.streaming:
            response.streaming_content = _in_pieces(response.streaming_content)
            del response.headers["Content-Length"]
        else:
            response.content = brotli.compress(response.content, quality=QUALITY)
            response.headers["Content-Length"] = str(len(response.content))
        if (tag := response.headers.get("ETag", "")).startswith('"'):
            response.headers["ETag"] = f"W/{tag}"  # the same answer, but not the same bytes
        response.headers["Content-Encoding"] = "br"
        return response


def takes_brotli(accepted: str) -> bool:
    """Whether the header names Brotli, and not with the weight 0."""
    for one in accepted.lower().split(","):
        coding, _, weight = one.replace(" ", "").partition(";q=")
        if coding == "br":
            return (weight or "1").rstrip("0") not in {"", "0."}
    return False


def _in_pieces(rows: Iterable[bytes]) -> Iterator[bytes]:
    compressor = brotli.Compressor(quality=QUALITY)
    for some in rows:
        # What the compressor holds back comes with the next rows: a flush after each would lose what it has learnt.
        if piece := compressor.process(some):
            yield piece
    yield compressor.finish()
