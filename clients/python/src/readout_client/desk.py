"""Writing, for editors: the desk of the site, where there are drafts, too. It takes a token of the scope ``write``."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readout_client.client import Client


class Desk:
    """The desk of a site. Every record it gives is the whole document, to be changed and sent back as it is.

    A change names the version of the record that it is given: raises `Stale` when somebody changed it since,
    `InvalidDocument` with what is wrong where, `Refused` when the record as it is does not allow it, and `NotAllowed`.
    With ``dry_run`` all of it is tried, and nothing kept.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, records: str, uid: str) -> dict[str, Any]:
        """A record as the desk has it, whatever its state. Raises `NotFound`."""
        return self._client.request(f"desk/{_list(records)}/{uid}/")

    def create(
        self, records: str, document: Mapping[str, Any], *, key: str = "", dry_run: bool = False, similar: str = "tell"
    ) -> dict[str, Any]:
        """A new record; ``similar="refuse"`` raises `Problem` when there are others like it.

        ``key`` is yours to choose and to keep: with the same one, the same record is never created twice.
        """
        path = f"desk/{_list(records)}/?dry_run={_word(dry_run)}&similar={similar}"
        return self._post(path, dict(document), key)

    def create_many(
        self,
        records: str,
        documents: Iterable[Mapping[str, Any]],
        *,
        reason: str = "",
        key: str = "",
        partial: bool = False,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Up to 100 new records at once, all or none; with ``partial`` those that can be. Gives the report."""
        path = f"desk/{_list(records)}/bulk/?dry_run={_word(dry_run)}&partial={_word(partial)}"
        return self._post(path, {"records": [dict(one) for one in documents], "reason": reason}, key)

    def change(self, record: Mapping[str, Any], *, dry_run: bool = False, **fields: Any) -> dict[str, Any]:
        """The record with these fields; ``reason`` is one of them, and a published record needs it."""
        return self._send("PATCH", f"{record['url']}?dry_run={_word(dry_run)}", record, fields)

    def submit(self, record: Mapping[str, Any], *, reason: str = "") -> dict[str, Any]:
        """Hand a draft to the reviewers."""
        return self._step(record, "submit", {"reason": reason})

    def publish(self, record: Mapping[str, Any], *, reason: str = "") -> dict[str, Any]:
        """Show it to the world; it must be somebody else's."""
        return self._step(record, "publish", {"reason": reason})

    def send_back(self, record: Mapping[str, Any], *, reason: str = "") -> dict[str, Any]:
        """Give it back to its editors as a draft."""
        return self._step(record, "return", {"reason": reason})

    def withdraw(self, record: Mapping[str, Any], *, reason: str) -> dict[str, Any]:
        """Take it from the public; whoever opens its address reads the reason."""
        return self._step(record, "withdraw", {"reason": reason})

    def confirm(self, record: Mapping[str, Any], warning: Mapping[str, Any], *, word: str) -> dict[str, Any]:
        """Say why one of the ``warnings`` of the record is right as it stands."""
        return self._step(record, "confirm", {"fingerprint": warning["fingerprint"], "word": word})

    def merge(
        self,
        record: Mapping[str, Any],
        *,
        into: Mapping[str, Any],
        reason: str,
        keep: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Let the record lead to another one for ever; gives the ``record`` that stays, and the ``plan``."""
        named = {"into": into["uid"], "into_version": into["version"], "reason": reason, "keep": dict(keep or {})}
        return self._send("POST", f"{record['url']}merge/?dry_run={_word(dry_run)}", record, named)

    def delete(self, record: Mapping[str, Any]) -> None:
        """Delete what was never public."""
        self._send("DELETE", record["url"], record, None)

    def _step(self, record: Mapping[str, Any], step: str, document: dict[str, Any]) -> dict[str, Any]:
        return self._send("POST", f"{record['url']}{step}/", record, document)

    def _send(self, method: str, url: str, record: Mapping[str, Any], document: Any) -> dict[str, Any]:
        return self._client.send(method, url, document, headers={"If-Match": f'"{record["version"]}"'}, safe=False)

    def _post(self, path: str, document: Any, key: str) -> dict[str, Any]:
        # With a key it can be sent again when no answer came.
        return self._client.send(
            "POST", path, document, headers={"Idempotency-Key": key or str(uuid.uuid4())}, safe=True
        )


def _word(switch: bool) -> str:
    return "true" if switch else "false"


def _list(records: str) -> str:
    from readout_client.client import list_of  # that module imports this one

    return list_of(records)
