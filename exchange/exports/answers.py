"""An export as the answer to a request."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from exchange.exports.services import Export


class Stream:
    """A file as it is written, begun before the first byte is promised, and ended with the request.

    What the database refuses at the start is still an error page; when the client goes away, the query ends.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.first: bytes | None = next(chunks, b"")

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        if self.first is not None:
            first, self.first = self.first, None
            return first
        return next(self.chunks)

    def close(self) -> None:
        """End the query and its transaction."""
        close: Any = getattr(self.chunks, "close", None)
        if close is not None:
            close()


def answer(request: HttpRequest, export: Export, *, about_path: str) -> Any:
    """The file; for HEAD its headers alone. The export must have no `problems`."""
    assert export.format is not None  # noqa: S101 (see above)
    if request.method == "HEAD":
        # Not an empty answer: that would be said to have the length 0, which the file has not.
        response: Any = StreamingHttpResponse(())
    else:
        response = StreamingHttpResponse(Stream(export.chunks()))
    response["Content-Type"] = export.format.media_type
    response["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    response["Cache-Control"] = "no-store"  # a file says when it was read
    if export.about_query:
        described_by = f"{export.site}{about_path}?{export.about_query}"
        response["Link"] = f'<{described_by}>; rel="describedby"; type="application/json"'
    return response


def site_of(request: HttpRequest) -> str:
    """Scheme and host, as the API says them in its addresses."""
    return request.build_absolute_uri("/").removesuffix("/")
