"""The table of docs/roles.md: who may do what, from `records.roles` alone. A test tries every cell of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from records.roles import ROLES, Role

PATH = Path(settings.BASE_DIR) / "docs" / "roles.md"
BEGIN, END = "<!-- roles -->\n", "<!-- end -->"


@dataclass(frozen=True)
class Act:
    """Something that is done at the desk, and whether a role may do it."""

    text: str
    is_for: Callable[[Role], bool]


def _with_records(verb: str) -> Callable[[Role], bool]:
    return lambda role: verb in role.records


def _beside(permission: str) -> Callable[[Role], bool]:
    return lambda role: permission in role.beside


def _reviews(role: Role) -> bool:
    return role.is_reviewer and "change" in role.records


ACTS = {
    "view": Act("see lists, forms, history and previews of records, drafts included", _with_records("view")),
    "comment": Act("comment on a record, resolve comments", _with_records("view")),
    "add": Act("add records", _with_records("add")),
    "change": Act("change records; a published one with a reason", _with_records("change")),
    "submit": Act("submit drafts for review, put somebody in charge", _with_records("change")),
    "bulk": Act("change many records at once, after a preview", _with_records("change")),
    "confirm": Act("confirm warnings, in a word", _with_records("change")),
    "undo": Act("undo a bulk action of one's own that readers saw nothing of", _with_records("change")),
    "views": Act("save views of lists, and share them with the desk", _with_records("view")),
    "tokens": Act("make API tokens that write", _with_records("change")),
    "delete": Act("delete what was never published", _with_records("delete")),
    "restore": Act("restore what was deleted", _with_records("add")),
    "revert": Act("take what was never published back to a version; merge it, or undo that", _with_records("change")),
    "publish": Act("publish what is not their own", _reviews),
    "withdraw": Act("withdraw", _reviews),
    "review": Act("approve changes of others to published records, or take changes back", _reviews),
    "revert_public": Act("take what readers saw back to a version; merge it, or undo that", _reviews),
    "batches": Act("see batches, and undo one", _reviews),
    "corrections": Act(
        "see what readers find wrong, with their addresses, and decide about it", _beside("readers.change_correction")
    ),
    "patrol": Act("see the patrol list", _beside("records.view_review")),
    "accounts": Act("make accounts, put them into groups, shut them", _beside("auth.change_user")),
    "sessions": Act("see and end sessions", _beside("sessions.delete_session")),
    "webhooks": Act("see the webhooks of readers, and turn them off", _beside("readers.change_webhook")),
}


def table() -> str:
    """The table as Markdown."""
    rows = [("", *ROLES), ("---", *("---" for _role in ROLES))]
    rows += [(act.text, *("yes" if act.is_for(role) else "no" for role in ROLES.values())) for act in ACTS.values()]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def rewritten(text: str) -> str:
    """The page with the table as the code has it now. Raises ``ValueError`` when its markers are missing."""
    before, _begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not end:
        raise ValueError("The page has no place for the table.")
    return f"{before}{BEGIN}{table()}{END}{after}"
