"""Two records of one thing become one: what that will do, and doing it."""

from records.merging import desk  # noqa: F401 (registers its rules)
from records.merging.links import LinkToMerged, refuse_merged
from records.merging.planning import ABSORBED, BOTH, SURVIVOR, Conflict, FieldChoice, MergePlan, Moved, Row, plan_merge
from records.merging.rules import Alias, combines, is_mergeable, mergeable_models, merges, speaks_of, stays
from records.merging.services import BATCH, NotMergeable, PlanChanged, batch_of, may_merge, merge

__all__ = [
    "ABSORBED",
    "BATCH",
    "BOTH",
    "SURVIVOR",
    "Alias",
    "Conflict",
    "FieldChoice",
    "LinkToMerged",
    "MergePlan",
    "Moved",
    "NotMergeable",
    "PlanChanged",
    "Row",
    "batch_of",
    "combines",
    "is_mergeable",
    "may_merge",
    "merge",
    "mergeable_models",
    "merges",
    "plan_merge",
    "refuse_merged",
    "speaks_of",
    "stays",
]
