"""What can go wrong, made from the problem documents (RFC 9457) that the site answers with."""

from __future__ import annotations

from typing import Any

import httpx


class ReadoutError(Exception):
    """Anything that this package raises."""


class Unreachable(ReadoutError):
    """The site did not answer, or answered with something that is not its own, also when asked again."""


class Problem(ReadoutError):
    """The site refused, and said why. ``document`` has all that it said."""

    def __init__(self, document: dict[str, Any], status: int) -> None:
        self.document = document
        self.status = status
        self.type = str(document.get("type", "")).rpartition(":")[2]
        self.detail = str(document.get("detail") or document.get("title") or f"The site answered {status}.")
        super().__init__(self._said())

    def _said(self) -> str:
        return self.detail


class InvalidRequest(Problem):
    """A parameter or value is not known: ``errors`` by parameter, and what each could have been in ``allowed``."""

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with each parameter."""
        return dict(self.document.get("errors", {}))

    @property
    def allowed(self) -> dict[str, list[str]]:
        """The values that a refused parameter takes, where they are a list."""
        return dict(self.document.get("allowed", {}))

    def _said(self) -> str:
        # The site's words mostly begin with the name of the parameter.
        said = [(name, " ".join(messages)) for name, messages in self.errors.items()]
        each = [words if words.startswith(f"{name}:") else f"{name}: {words}" for name, words in said]
        each += [f"{name} may be: {', '.join(values)}." for name, values in self.allowed.items()]
        if parameters := self.document.get("parameters"):
            each.append(f"Parameters here: {', '.join(parameters)}.")
        return " ".join([self.detail, *each])


class InvalidDocument(InvalidRequest):
    """What was sent cannot be written: ``errors`` by JSON pointer. Nothing was changed."""


class Refused(Problem):
    """The record as it is does not allow this; ``detail`` says what has to be done first."""


class Stale(Problem):
    """Somebody changed the record since you read it; ``version`` is the one of now. Read it again."""

    @property
    def version(self) -> int | None:
        """The version of the record now."""
        return self.document.get("version")


class NotFound(Problem):
    """There is no public record at this address."""


class NotAllowed(Problem):
    """The token is wrong, expired or revoked, or it or its owner may not do this; ``type`` says which."""


class Withdrawn(Problem):
    """The record was public and is no more; ``reason`` says why."""

    @property
    def reason(self) -> str:
        """Why it was withdrawn, in the words of the editors."""
        return str(self.document.get("reason", ""))

    def _said(self) -> str:
        return f"{self.document.get('uid', 'The record')} was withdrawn: {self.reason}"


class CursorExpired(Problem):
    """The cursor is one of a database that is no more. Follow anew, from the beginning."""


class TooManyRequests(Problem):
    """The site asks to slow down, and went on asking after all retries."""


_BY_TYPE: dict[str, type[Problem]] = {
    "invalid-request": InvalidRequest,
    "invalid-document": InvalidDocument,
    "refused": Refused,
    "stale-version": Stale,
    "not-authenticated": NotAllowed,
    "invalid-token": NotAllowed,
    "insufficient-scope": NotAllowed,
    "forbidden": NotAllowed,
    "not-found": NotFound,
    "withdrawn": Withdrawn,
    "cursor-expired": CursorExpired,
    "too-many-requests": TooManyRequests,
}


def problem_in(response: httpx.Response) -> ReadoutError:
    """The exception that an answer with an error stands for."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return Unreachable(f"{response.request.url} answered {response.status_code} {response.reason_phrase}.")
    problem = Problem(document, response.status_code)
    return _BY_TYPE.get(problem.type, Problem)(document, response.status_code)
