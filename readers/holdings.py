"""What a list holds: the key and the version of each record, packed, and what two such states tell apart.

A list also changes through what is no record of it: a topic that is published, a place that moves under another
country. So the state of the list is compared, not the changes to its records. Both are read by one statement, which
PostgreSQL answers from one snapshot: a change that others commit meanwhile is in this state or in the next, never in
both and never in none.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Difference:
    """Keys of what came into a list, of what changed in it (with the version before), and of what left it."""

    new: list[int]
    changed: list[tuple[int, int]]
    gone: list[int]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def read(records: Any) -> bytes:
    """The state of a queryset of records; one query."""
    return pack(list(records.order_by("pk").values_list("pk", "version")))


def pack(rows: list[tuple[int, int]]) -> bytes:
    """Keys in rising order, each with its version. Neighbours differ by little: that is what makes it small."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    steps = np.diff(table[:, 0], prepend=0)
    return zlib.compress(np.concatenate([steps, table[:, 1]]).tobytes())


def unpack(packed: bytes) -> dict[int, int]:
    """The version of each key."""
    numbers = np.frombuffer(zlib.decompress(packed), dtype=np.int64)
    half = len(numbers) // 2
    keys = np.cumsum(numbers[:half])
    return dict(zip(keys.tolist(), numbers[half:].tolist(), strict=True))


def difference(before: bytes, after: bytes) -> Difference:
    """What happened to a list between two states, in the order of the keys."""
    if before == after:
        return Difference([], [], [])
    then, now = unpack(before), unpack(after)
    return Difference(
        new=[key for key in now if key not in then],
        changed=[(key, then[key]) for key, version in now.items() if key in then and then[key] != version],
        gone=[key for key in then if key not in now],
    )
