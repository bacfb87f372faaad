"""Who changes data, why, and in which batch: said once, kept with every row that changes meanwhile."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory


@contextmanager
def history_context(*, user: Any = None, reason: str = "", batch: str = "") -> Iterator[str]:
    """Attach ``user``, ``reason`` and ``batch`` to every change made inside; yields the batch's id ("" without one).

    Nested contexts add to the outer one: a request already knows its user, a bulk action inside it adds the reason.
    ``batch`` is a word for what runs ("seeds", "bulk publish"); its id is new at every call.
    """
    batch_id = f"{batch}:{uuid.uuid4()}" if batch else ""
    said: dict[str, Any] = {"user": user.pk if user is not None else None, "reason": reason, "batch": batch_id}
    with pghistory.context(**{key: value for key, value in said.items() if value}):
        yield batch_id
