"""What a write is refused with."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions

#: What is wrong with each place of a document, by JSON pointer (RFC 6901); the empty one is the document as a whole.
Errors = dict[str, list[str]]


class InvalidDocument(exceptions.APIException):
    """What was sent cannot be written; nothing was changed.

    ``fields`` are all that can be written at a place where something unknown was sent.
    """

    status_code = HTTPStatus.BAD_REQUEST
    default_detail = gettext_lazy("What was sent cannot be written. Nothing was changed.")
    problem_type = "invalid-document"

    def __init__(
        self, errors: Mapping[str, Sequence[Any]], *, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__()
        self.members: dict[str, Any] = {
            "errors": {pointer: [str(message) for message in messages] for pointer, messages in errors.items()}
        }
        if fields:
            self.members["allowed"] = {pointer: sorted(names) for pointer, names in fields.items()}

    @classmethod
    def no_object(cls, pointer: str) -> "InvalidDocument":
        """Something else stands where an object should."""
        return cls({pointer: [_("Give an object.")]})

    @classmethod
    def unknown(cls, pointer: str, names: Sequence[str], known: Sequence[str]) -> "InvalidDocument":
        """An object has fields that are not known; ``known`` are those it may have."""
        errors = {f"{pointer}/{escaped(name)}": [_("Unknown field.")] for name in names}
        return cls(errors, fields={pointer: known})


class Refused(exceptions.APIException):
    """The document is well-formed, but the record as it is now does not allow this; ``messages`` say why."""

    status_code = HTTPStatus.CONFLICT
    problem_type = "refused"

    def __init__(self, messages: Sequence[str], *, wait: int | None = None) -> None:
        super().__init__(" ".join(messages))
        self.members: dict[str, Any] = {"errors": {"": list(messages)}}
        self.wait = wait


class SimilarThere(exceptions.APIException):
    """Records like the new one are there, and the request asked to be refused then; ``similar`` tells of them."""

    status_code = HTTPStatus.CONFLICT
    problem_type = "similar-records"

    def __init__(self, similar: Sequence[Any]) -> None:
        super().__init__(
            _("Records like this one are there already. If it is none of them, name them in “other_than”.")
        )
        self.members: dict[str, Any] = {"similar": list(similar)}


class Forbidden(exceptions.PermissionDenied):
    """The owner of the token may not do this at the desk either."""

    default_detail = gettext_lazy("Your account may not do this.")


class StaleVersion(exceptions.APIException):
    """The record changed since the version that ``If-Match`` names; ``current`` is its version now."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    problem_type = "stale-version"

    def __init__(self, detail: str, *, current: int | None) -> None:
        super().__init__(detail)
        self.members: dict[str, Any] = {} if current is None else {"version": current}
        self.headers = {} if current is None else {"ETag": tag(current)}


class VersionNotNamed(exceptions.APIException):
    """A change without ``If-Match``."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    problem_type = "version-not-named"

    def __init__(self, *, current: int) -> None:
        super().__init__(
            _("Name the version that you know, with If-Match and the ETag of the last answer: nobody is overwritten.")
        )
        self.members = {"version": current}
        self.headers = {"ETag": tag(current)}


class KeyUsed(exceptions.APIException):
    """The same ``Idempotency-Key`` came with another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    problem_type = "key-used"
    default_detail = gettext_lazy("This Idempotency-Key came with another request before. Choose a new one.")


class KeyInProgress(exceptions.APIException):
    """The first request with this ``Idempotency-Key`` is not answered yet."""

    status_code = HTTPStatus.CONFLICT
    problem_type = "key-in-progress"
    default_detail = gettext_lazy("A request with this Idempotency-Key is at work. Send it again in a moment.")
    wait = 1


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name[:80].replace("~", "~0").replace("/", "~1")


def tag(version: int) -> str:
    """The entity tag of a record at a version, as a write answers it."""
    return f'"{version}"'
