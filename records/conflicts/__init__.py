"""Two editors at once: what both changed is put together, and what contradicts itself is left to a person.

Values and rows only: nothing here knows of forms, requests or the database.
"""

from records.conflicts.threeway import (
    UNKNOWN,
    Fate,
    MergedRow,
    MergedValue,
    MyRow,
    merge_rows,
    merge_value,
    merge_values,
)

__all__ = ["UNKNOWN", "Fate", "MergedRow", "MergedValue", "MyRow", "merge_rows", "merge_value", "merge_values"]
