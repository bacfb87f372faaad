"""``as_of``: an answer as it was at a time of the past, for lists and single records."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import datetime_re, parse_datetime
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.problems import InvalidParameters, Withdrawn
from records.lookup import Gone, Moved, Unknown, find
from records.past import NotKnownThen, as_of

AS_OF = "as_of"

#: In the schema, for every address that takes it.
PARAMETER: dict[str, Any] = {
    "name": AS_OF,
    "in": "query",
    "required": False,
    "description": str(
        gettext_lazy(
            "Answer as of this time (RFC 3339, as in `2026-03-01T12:00:00Z`) with what was public then and still is. "
            "A filter that cannot be answered as of then is refused."
        )
    ),
    "schema": {"type": "string", "format": "date-time"},
}


def read_moment(request: Request) -> datetime | None:
    """The time that was asked for. Raises `InvalidParameters` for what is no time, and for the future."""
    given = request.query_params.getlist(AS_OF)
    if not given:
        return None
    if len(given) > 1:
        raise InvalidParameters({AS_OF: [_("Give this parameter once.")]})
    moment = _parsed(given[0])
    if moment is None:
        raise InvalidParameters(
            {
                AS_OF: [
                    _(
                        "Give a date, a time and its offset from UTC, as in 2026-03-01T12:00:00Z "
                        "or 2026-03-01T15:00:00%2B03:00 (a plus is written %2B in an address)."
                    )
                ]
            }
        )
    if moment > timezone.now():
        raise InvalidParameters({AS_OF: [_("This time has not come yet. Leave the parameter out for the present.")]})
    return moment


def refuse_past(request: Request) -> None:
    """Refuse ``as_of`` where nothing but the present is known, with what answers instead.

    Raises `InvalidParameters`.
    """
    if AS_OF in request.query_params:
        message = _(
            "as_of: this address knows the present only. The list takes it: its `count` says how many there were, and "
            "its pages give them all."
        )
        raise InvalidParameters({AS_OF: [message]})


def _parsed(text: str) -> datetime | None:
    text = text.upper()
    if len(text) > 40 or "T" not in text or not datetime_re.match(text):
        return None
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


class Remembering:
    """For a view set of records: with ``as_of`` all that it asks is answered by the histories.

    What was taken from the public since is not told; the record's own address says why, as it does without ``as_of``.
    """

    kwargs: dict[str, Any]
    queryset: Any
    _moment: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Whether the answer is one of the past, which nothing that is kept in memory knows."""
        return self._moment is not None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self._present = ExitStack()
        self._moment = read_moment(request)
        if self._moment is not None:
            self._present.enter_context(as_of(self._moment))

    def handle_exception(self, exc: Exception) -> Response:
        if self._moment is not None:
            self._present.close()
            if isinstance(exc, NotKnownThen):
                exc = InvalidParameters({AS_OF: [_not_answerable()]})
            elif isinstance(exc, exceptions.NotFound | Withdrawn) and "uid" in self.kwargs:
                exc = self._absence_now(self.kwargs["uid"])
        return super().handle_exception(exc)  # type: ignore[misc]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if self._moment is not None:
            self._present.close()
            response.headers["Memento-Datetime"] = http_date(self._moment.timestamp())
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    def _absence_now(self, uid: str) -> exceptions.APIException:
        """Why a record is not told as of then, by what is known of it now."""
        try:
            record = find(uid, among=self.queryset.model.objects.all())
        except Gone as gone:
            return Withdrawn(gone.uid, gone.reason)
        except Moved as moved:
            return exceptions.NotFound(
                _("There was no public record at this address at that time. It is %(uid)s now.")
                % {"uid": moved.record.uid}
            )
        except Unknown:
            return exceptions.NotFound(_("There is no public record at this address."))
        if getattr(record, "published_at", None) is None:
            return exceptions.NotFound(_("The record was not public at that time."))
        return exceptions.NotFound(
            _("The record was not public at that time. It was first published at %(moment)s.")
            % {"moment": record.published_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")}
        )


def _not_answerable() -> str:
    return _(
        "One of the filters or orders cannot be answered as of a time of the past. Leave it out: `q` and what "
        "rests on an index of the present are such."
    )
