"""Every error of the API as a problem document (RFC 9457), with words a person can act on.

``type`` is a name that programs may branch on: it never changes and is not an address to open.
"""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from records.limits import NARROW
from records.refusals import was_given_up

#: What Django reads of a request into memory.
MOST_BYTES: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

logger = logging.getLogger("django.request")

CONTENT_TYPE = "application/problem+json"
_TYPE_PREFIX = "urn:readout:problem:"


class InvalidParameters(exceptions.APIException):
    """Parameters of the query string were refused; nothing was looked up.

    ``errors`` says what is wrong with each. ``allowed`` lists what each could have been, where that is a list.
    ``parameters`` are all that the address takes, given when an unknown one was used.
    """

    status_code = HTTPStatus.BAD_REQUEST
    default_detail = gettext_lazy("Parameters of the query string were refused.")

    def __init__(
        self,
        errors: Mapping[str, Iterable[str]],
        *,
        allowed: Mapping[str, Iterable[str]] | None = None,
        parameters: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self.members: dict[str, Any] = {
            "errors": {name: [str(message) for message in messages] for name, messages in errors.items()}
        }
        if allowed:
            self.members["allowed"] = {name: list(values) for name, values in allowed.items()}
        if parameters:
            self.members["parameters"] = sorted(parameters)


class Withdrawn(exceptions.APIException):
    """The record was public and is no more; ``reason`` says why, in words for readers."""

    status_code = HTTPStatus.GONE
    default_detail = gettext_lazy("This record was public once. It is no more, for the reason given.")

    def __init__(self, uid: str, reason: str) -> None:
        super().__init__()
        self.members = {"uid": uid, "reason": reason}


class TooLarge(exceptions.APIException):
    """More was sent than is read."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    problem_type = "too-large"

    def __init__(self) -> None:
        super().__init__(_("At most %(most)d bytes can be sent at once.") % {"most": MOST_BYTES})


class TookTooLong(exceptions.APIException):
    """The database stopped the question at its time limit."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = NARROW


class _Failed(exceptions.APIException):
    default_detail = gettext_lazy("Something went wrong on our side. It has been written to the log.")


_TYPES = {
    HTTPStatus.BAD_REQUEST: "invalid-request",
    HTTPStatus.UNAUTHORIZED: "not-authenticated",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not-acceptable",
    HTTPStatus.GONE: "withdrawn",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal-error",
    HTTPStatus.SERVICE_UNAVAILABLE: "took-too-long",
}


def type_of(status: int) -> str:
    """The name of the problem that a status stands for."""
    return f"{_TYPE_PREFIX}{_TYPES.get(HTTPStatus(status), 'other')}"


def unknown_parameters(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse parameters that an address does not take, by name. Raises `InvalidParameters`."""
    known = set(known)
    errors = {name: [_("Unknown parameter.")] for name in given if name not in known}
    if errors:
        raise InvalidParameters(errors, parameters=known)


#: Longer values are refused unread: no page asks so.
LONGEST_VALUE = 2_000


def refuse_long_values(given: Any) -> None:
    """Refuse values too long to be meant, by name. Raises `InvalidParameters`."""
    message = _("At most %(most)d characters can be given.") % {"most": LONGEST_VALUE}
    errors = {name[:80]: [message] for name, values in given.lists() if max(map(len, (name, *values))) > LONGEST_VALUE}
    if errors:
        raise InvalidParameters(errors)


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer any exception of an API view; with ``DEBUG`` a fault of ours goes on to the page that shows it."""
    from rest_framework.views import set_rollback  # its settings name a module that imports this one

    refusal = _as_refusal(exc)
    if isinstance(refusal, _Failed):
        if settings.DEBUG:
            return None
        request = context["request"]._request
        logger.error("Internal error in the API: %s", request.path, exc_info=exc, extra={"request": request})
        got_request_exception.send(sender=None, request=request)
    set_rollback()
    return Response(
        problem(refusal, instance=context["request"].path),
        status=refusal.status_code,
        headers=_headers(refusal),
        content_type=CONTENT_TYPE,
    )


def problem(refusal: exceptions.APIException, *, instance: str) -> dict[str, Any]:
    """The members of the document."""
    return {
        "type": _name(refusal),
        "title": HTTPStatus(refusal.status_code).phrase,
        "status": int(refusal.status_code),
        "detail": _in_words(refusal.detail),
        "instance": instance,
        **getattr(refusal, "members", {}),
    }


def _name(refusal: exceptions.APIException) -> str:
    name = getattr(refusal, "problem_type", "")
    return f"{_TYPE_PREFIX}{name}" if name else type_of(refusal.status_code)


def _as_refusal(exc: Exception) -> exceptions.APIException:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound(_("There is no public record at this address."))
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return TooLarge()
    if isinstance(exc, SuspiciousOperation):
        return exceptions.ParseError(_("The request cannot be read: it has too many parameters, or is malformed."))
    if isinstance(exc, OperationalError) and was_given_up(exc):
        return TookTooLong()
    return _Failed()


def _in_words(detail: Any) -> str:
    if isinstance(detail, Mapping):
        return " ".join(f"{name}: {_in_words(messages)}" for name, messages in detail.items())
    if isinstance(detail, list | tuple):
        return " ".join(_in_words(message) for message in detail)
    return str(detail)


def _headers(refusal: exceptions.APIException) -> dict[str, str]:
    headers = dict(getattr(refusal, "headers", {}))
    # Its own says more than that of the scheme, which the framework gives to every 401.
    if challenge := getattr(refusal, "challenge", None) or getattr(refusal, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(refusal, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    return headers
