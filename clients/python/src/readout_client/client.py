"""The client: one method for each thing the API does."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx

from readout_client.desk import Desk
from readout_client.errors import InvalidRequest, Unreachable, problem_in

#: A record as the site tells it: a dictionary with the names of its codebook.
Record: TypeAlias = dict[str, Any]
Value: TypeAlias = str | int | float | bool | date | datetime | None
Filter: TypeAlias = Value | Iterable[Value]

#: Lists of the API by the word that changes use for one of their records.
KINDS: dict[str, str] = {
    "meeting": "meetings",
    "statement": "statements",
    "actor": "actors",
    "topic": "topics",
    "place": "places",
    "series": "series",
    "source": "sources",
    "office": "offices",
    "tenure": "tenures",
    "formula": "formulas",
}
_AGAIN = {429, 502, 503, 504}
#: Answers after which nothing was changed, for sure.
_NOT_DONE = frozenset({429, 503})
#: Forms of files whose names end otherwise than the form is called.
_FORMS = {".bib": "bibtex"}


@dataclass(frozen=True)
class ListPage:
    """One page of a list: how many records the whole list has, and those of this page."""

    count: int
    results: list[Record]
    next: str | None
    previous: str | None
    raw: Record = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: what the filter takes, its words, and how many records the list would have with it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    """The values that records of a list have, the most frequent first. Ask for a higher ``limit`` if it `has_more`."""

    values: list[FacetValue]
    has_more: bool


@dataclass(frozen=True)
class Period:
    """A year, quarter or month from ``start`` to ``end`` (both included), and the records that fall in it.

    ``possible`` are those that can have happened then; ``certain`` are those of them that did, whatever day is right.
    """

    name: str
    start: date
    end: date
    possible: int
    certain: int


@dataclass(frozen=True)
class Histogram:
    """A list over time: every period of the axis, also those without records. ``undated`` ones are in none."""

    by: str
    count: int
    undated: int
    periods: list[Period]


@dataclass(frozen=True)
class Change:
    """What became of one record. ``record`` is the whole of it while it is public, otherwise it is to be removed."""

    kind: str
    uid: str
    change: str
    record: Record | None
    version: int | None
    updated_at: datetime | None
    reason: str
    survivor: str | None
    url: str
    #: Where to go on after the page that this change was on: keep it once all of the page is dealt with.
    cursor: str

    @property
    def is_public(self) -> bool:
        """Whether the record is there to be read."""
        return self.change in ("created", "changed")


@dataclass(frozen=True)
class ChangesPage:
    """A page of changes, and the cursor behind it."""

    results: list[Change]
    cursor: str
    has_more: bool
    is_stock: bool


class _Bearer(httpx.Auth):
    """Sends the token to its own site, and to no other that an answer may name."""

    def __init__(self, token: str, site: str) -> None:
        self._token = token
        self._origin = _origin_of(httpx.URL(site))

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if _origin_of(request.url) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _origin_of(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


class Client:
    """A client of the site at ``site``, such as ``https://example.org``.

    Reading needs no ``token``; with one, the site lets you ask more often. You make it in your account there.

    Requests that fail for a reason that passes (no answer, 429, 502, 503, 504) are tried again up to ``retries`` times,
    after as long as the site asks for, or after a pause that doubles. Use it as a context manager, or call `close`.
    """

    def __init__(
        self,
        site: str,
        *,
        token: str | None = None,
        retries: int = 5,
        timeout: float = 30.0,
        longest_pause: float = 120.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.site = site.rstrip("/").removesuffix("/api/v1")
        headers = {"Accept": "application/json", "User-Agent": "readout-client/0.1"}
        self._http = httpx.Client(
            base_url=f"{self.site}/api/v1/",
            headers=headers,
            auth=_Bearer(token, self.site) if token else None,
            timeout=timeout,
            transport=transport,
            follow_redirects=True,
        )
        self._retries = retries
        self._longest_pause = longest_pause
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # Reading.

    def get(self, records: str, uid: str, *, as_of: datetime | None = None, **parameters: Filter) -> Record:
        """One record of the list ``records``. A merged record leads to its survivor: compare ``uid``.

        Raises `NotFound`, and `Withdrawn` with its reason.
        """
        return self.request(f"{list_of(records)}/{uid}/", {**parameters, "as_of": as_of})

    def page(self, records: str, **filters: Filter) -> ListPage:
        """The first page of a list; follow `ListPage.next` yourself, or use `list`."""
        return _page(self.request(f"{list_of(records)}/", _spelled(filters)))

    def list(self, records: str, **filters: Filter) -> Iterator[Record]:
        """All records that the filters find, page after page as they are needed.

        Filters are those of the site. Several values mean any of them; ``from`` is written ``from_``, since Python
        keeps the word for itself.
        """
        page = self.page(records, **filters)
        yield from page.results
        while page.next:
            page = _page(self.request(page.next))
            yield from page.results

    def count(self, records: str, **filters: Filter) -> int:
        """How many records the filters find."""
        return self.page(records, **{**filters, "page_size": 1}).count

    # Counting.

    def facets(
        self, records: str, facets: str | Iterable[str] = (), *, limit: int = 20, **filters: Filter
    ) -> dict[str, Facet]:
        """What the records that the filters find have, by facet, such as ``actor``; all facets if none is named."""
        said = self.request(f"{list_of(records)}/facets/", {"facet": facets, "limit": limit, **_spelled(filters)})
        return {
            name: Facet([FacetValue(**one) for one in facet["values"]], facet["has_more"])
            for name, facet in said["facets"].items()
        }

    def histogram(self, records: str, by: str = "year", **filters: Filter) -> Histogram:
        """How many of the records that the filters find fall in each ``year``, ``quarter`` or ``month``.

        ``from_`` and ``to`` cut the axis.
        """
        said = self.request(f"{list_of(records)}/histogram/", {"by": by, **_spelled(filters)})
        periods = [
            Period(
                one["period"],
                date.fromisoformat(one["from"]),
                date.fromisoformat(one["to"]),
                one["possible"],
                one["certain"],
            )
            for one in said["periods"]
        ]
        return Histogram(said["by"], said["count"], said["undated"], periods)

    # Taking away.

    def export(self, records: str, path: str | Path, *, form: str | None = None, **filters: Filter) -> Path:
        """Write all that the filters find to the file ``path``, as one moment of the database.

        ``form`` is csv, xlsx, json, jsonl, bibtex, ris, csl or ics; by the end of the file's name if not given. The
        file appears when it is whole: what breaks off midway leaves what was there before.
        """
        path = Path(path)
        form = form or _FORMS.get(path.suffix.lower(), path.suffix.lower().removeprefix("."))
        parameters = {**_spelled(filters), "format": form}
        unfinished = path.with_name(f"{path.name}.part")
        tried = 0
        while True:
            response = self._answer(f"{list_of(records)}/export/", parameters, stream=True)
            try:
                with unfinished.open("wb") as file:
                    file.writelines(response.iter_bytes())
            except httpx.TransportError as error:
                if tried >= self._retries:
                    raise Unreachable(f"{self.site} broke off: {error}") from error
                self._pause(tried, None)
                tried += 1
            else:
                return unfinished.replace(path)
            finally:
                response.close()
                unfinished.unlink(missing_ok=True)

    # Following.

    def changes_page(
        self, since: str | None = None, *, kinds: Iterable[str] = (), limit: int = 200, whole: bool = True
    ) -> ChangesPage:
        """One page of changes behind the cursor ``since``; without one, from the beginning.

        Raises `CursorExpired`: follow anew.
        """
        parameters: dict[str, Filter] = {"since": since, "kind": list(kinds), "limit": limit}
        if whole:
            parameters["expand"] = "record"
        said = self.request("changes/", parameters)
        results = [
            Change(
                kind=one["kind"],
                uid=one["uid"],
                change=one["change"],
                record=one["record"],
                version=one["version"],
                updated_at=datetime.fromisoformat(one["updated_at"]) if one["updated_at"] else None,
                reason=one["reason"],
                survivor=one["survivor"]["uid"] if one["survivor"] else None,
                url=one["url"],
                cursor=said["cursor"],
            )
            for one in said["results"]
        ]
        return ChangesPage(results, said["cursor"], said["has_more"], said["is_stock"])

    def changes(
        self, since: str | None = None, *, kinds: Iterable[str] = (), limit: int = 200, whole: bool = True
    ) -> Iterator[Change]:
        """All that changed since the cursor ``since``, until nothing more is there.

        To go on later, keep the ``cursor`` of the last change; to keep it even where nothing changed, use
        `changes_page`.
        """
        kinds = list(kinds)
        has_more = True
        while has_more:
            page = self.changes_page(since, kinds=kinds, limit=limit, whole=whole)
            yield from page.results
            since, has_more = page.cursor, page.has_more

    # Writing.

    @property
    def desk(self) -> Desk:
        """What an editor does with a token of the scope ``write``."""
        return Desk(self)

    # Asking.

    def request(self, path: str, parameters: Mapping[str, Filter] | None = None) -> Record:
        """The JSON at an address of the API, after as many tries as it takes. Raises a `ReadoutError`."""
        return _json(self._answer(path, parameters or {}))

    def _answer(self, path: str, parameters: Mapping[str, Filter], *, stream: bool = False) -> httpx.Response:
        query: list[tuple[str, str | int | float | bool | None]] = [
            (name, _text(value)) for name, values in parameters.items() for value in _each(values)
        ]
        # An address that the site gave has its parameters already, and httpx would drop them for an empty list.
        return self._send(lambda: self._http.build_request("GET", path, params=query or None), stream=stream)

    def send(self, method: str, path: str, document: Any = None, *, headers: Mapping[str, str], safe: bool) -> Record:
        """What the site answers to a change. ``safe`` says that sending it twice changes nothing more."""
        body = {} if document is None else {"json": document}
        answer = self._send(
            lambda: self._http.build_request(method, path, headers=dict(headers), **body),
            again=_AGAIN if safe else _NOT_DONE,
            safe=safe,
        )
        return _json(answer) if answer.content else {}

    def _send(
        self,
        build: Callable[[], httpx.Request],
        *,
        stream: bool = False,
        again: Collection[int] = _AGAIN,
        safe: bool = True,
    ) -> httpx.Response:
        tried = 0
        while True:
            try:
                request = build()
                response = self._http.send(request, stream=stream)
            except httpx.TransportError as error:
                if tried >= self._retries or not safe:
                    raise Unreachable(f"{self.site} cannot be reached: {error}") from error
                self._pause(tried, None)
            else:
                if response.is_success:
                    return response
                response.read()
                # The site is busy with the same record or key, and says when it will be done.
                is_busy = response.status_code == httpx.codes.CONFLICT and "Retry-After" in response.headers
                if not (is_busy or response.status_code in again) or tried >= self._retries:
                    raise problem_in(response)
                self._pause(tried, response.headers.get("Retry-After"))
            tried += 1

    def _pause(self, tried: int, asked_for: str | None) -> None:
        seconds = _seconds(asked_for)
        if seconds is None:
            seconds = 0.5 * 2**tried * (1 + random.random() / 4)  # noqa: S311 no secrets
        self._sleep(min(seconds, self._longest_pause))


def list_of(records: str) -> str:
    """The name of a list, also for the word for one of its records."""
    name = KINDS.get(records, records)
    if name not in KINDS.values():
        message = f"There are no “{records}”. Choose one of: {', '.join(KINDS.values())}."
        raise InvalidRequest({"type": "invalid-request", "detail": message}, 0)
    return name


def _page(said: Record) -> ListPage:
    return ListPage(said["count"], said["results"], said["next"], said["previous"], said)


def _spelled(filters: Mapping[str, Filter]) -> dict[str, Filter]:
    return {name.removesuffix("_"): value for name, value in filters.items()}


def _each(values: Filter) -> Iterator[Value]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return (value for value in values if value is not None)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("Give the time with its time zone, as in datetime.now(UTC).")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _seconds(asked_for: str | None) -> float | None:
    """What ``Retry-After`` says: seconds, or a date."""
    if not asked_for:
        return None
    if asked_for.strip().isdigit():
        return float(asked_for)
    try:
        until = email.utils.parsedate_to_datetime(asked_for)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _json(response: httpx.Response) -> Record:
    try:
        said = response.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Unreachable(f"{response.request.url} did not answer with JSON. Is this the address of the site?")
    return said
