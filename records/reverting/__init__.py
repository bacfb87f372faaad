"""Going back: a record to any of its versions, a deleted record to its address, a whole batch to before it ran.

All of it is built on the events of `records.history`, and is in the history itself.
"""

from records.reverting.past import parts_of, state_at
from records.reverting.rows import RowChange, told_columns
from records.reverting.services import (
    ChangedSince,
    Plan,
    plan_of_restore,
    plan_of_revert,
    plan_of_undo,
    records_of,
    restore,
    revert_batch,
    revert_record,
)

__all__ = [
    "ChangedSince",
    "Plan",
    "RowChange",
    "parts_of",
    "plan_of_restore",
    "plan_of_revert",
    "plan_of_undo",
    "records_of",
    "restore",
    "revert_batch",
    "revert_record",
    "state_at",
    "told_columns",
]
