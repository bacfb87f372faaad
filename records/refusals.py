"""What a refusal of the database says to a person, when a form or a request did not see it coming."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import DatabaseError
from django.utils.translation import gettext as _

FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
#: A deadlock, a failed serialisation, a lock not given in time: the same request may well succeed now.
TRY_AGAIN = frozenset({"40P01", "40001", "55P03"})
#: The statement took longer than it was given.
TIMED_OUT = "57014"


def is_refusal(error: DatabaseError) -> bool:
    """Whether the database refused the data or the moment, and is not itself at fault."""
    state = _state(error)
    return state[:2] in {"22", "23"} or state in TRY_AGAIN


def is_momentary(error: DatabaseError) -> bool:
    """Whether the same request may well succeed a moment later."""
    return _state(error) in TRY_AGAIN


def was_given_up(error: DatabaseError) -> bool:
    """Whether the database was not ready in the time it was given."""
    return _state(error) == TIMED_OUT


def message_of(error: DatabaseError) -> str:
    """The constraint's own message; otherwise what kind of refusal it was."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    if message := _messages().get(constraint):
        return str(message)
    state = _state(error)
    if state == FOREIGN_KEY_VIOLATION:
        return _("Something this refers to was deleted meanwhile, or something else still refers to it.")
    if state == UNIQUE_VIOLATION:
        return _("The same entry is already there; somebody may have saved it a moment ago.")
    if state in TRY_AGAIN:
        return _("Somebody saved at the same moment. Save again.")
    if constraint and state == "23514":
        # A trigger of `records.triggers`: its message is written for people.
        return _(diagnosis.message_primary)
    return _("The database does not accept these values.")


def _state(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


@cache
def _messages() -> dict[str, Any]:
    return {
        constraint.name: constraint.violation_error_message
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }
