"""What surrounds every request: the history of its changes, and the time that its questions may take."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pghistory.middleware
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from records.limits import LONG_PATIENCE, NARROW, PATIENCE, apply_limit, change_limit, time_limit, watched
from records.refusals import was_given_up

#: Seconds after which a reader may try again, as a browser or a crawler understands it.
RETRY_AFTER = 30


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Names the user and the page in the history of every change that a request makes."""

    def get_context(self, request: Any) -> dict[str, Any]:
        return {key: value for key, value in super().get_context(request).items() if value is not None}


class RefusedMethodMiddleware:
    """Says in words, where Django answers with nothing, that a page is not asked for in this way (405)."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.streaming or response.content:
            return response
        is_page = "GET" in response.headers.get("Allow", "")
        context = {"method": request.method, "path": request.path if is_page else ""}
        said = render(request, "405.html", context, status=response.status_code)
        said["Allow"] = response["Allow"]
        return said


class TimeLimitMiddleware:
    """Stops questions that take too long: of readers after some seconds, of an export later, of the desk never.

    The desk has limits of its own for its lists, and work that must be done to its end.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        with time_limit(PATIENCE), watched():
            response = self.get_response(request)
            if response.streaming:
                # Its rows are read when this block is over.
                connection.ensure_connection()
                apply_limit(connection)
            return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Choose the limit by the name of the address."""
        match = request.resolver_match
        if match is not None and "admin" in match.namespaces:
            change_limit(None)
        elif match is not None and (match.url_name or "").endswith("export"):
            change_limit(LONG_PATIENCE)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say politely that a question was too large."""
        if not isinstance(exception, OperationalError) or not was_given_up(exception):
            return None
        response = TemplateResponse(request, "503.html", {"words": NARROW}, status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response.render()
