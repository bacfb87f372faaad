"""Going back: a record to any of its versions, a deleted record to its address, a whole batch to before it ran.

All of it is built on the events of `records.history`, and is in the history itself.
"""

from records.reverting.services import ChangedSince, Plan, plan_of_undo, revert_batch

__all__ = ["ChangedSince", "Plan", "plan_of_undo", "revert_batch"]
