"""Confirming a warning: an editor says in a word why the facts are right, and it is quiet as long as they stand."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import ConfirmedWarning
from records.context import history_context
from records.services import ReasonMissing, Refused
from records.warnings import Doubt, warnings_of


class NoSuchWarning(Refused):
    """The facts changed meanwhile: the warning does not stand any more, or stands on other facts."""


@dataclass(frozen=True)
class Standing:
    """A warning as it stands: open, or ``confirmed``; ``earlier`` was said of the same rows when the facts differed."""

    doubt: Doubt
    confirmed: ConfirmedWarning | None = None
    earlier: ConfirmedWarning | None = None


def standing_warnings(record: Any) -> list[Standing]:
    """The warnings of a record, the open ones first; a constant number of queries."""
    doubts = warnings_of(record)
    if not doubts:
        return []
    said = list(ConfirmedWarning.objects.filter(record=record.uid).select_related("confirmed_by"))
    standing = [stand(doubt, said) for doubt in doubts]
    return sorted(standing, key=lambda one: one.confirmed is not None)


def stand(doubt: Doubt, said: list[ConfirmedWarning]) -> Standing:
    """How a warning stands by what was said of warnings of its record."""
    confirmed = next((one for one in said if one.fingerprint == doubt.fingerprint), None)
    alike = [one for one in said if (one.code, one.subject) == (doubt.code, doubt.subject)]
    return Standing(doubt, confirmed, None if confirmed or not alike else alike[-1])


def confirm(*, record: Any, fingerprint: str, word: str, by: Any) -> ConfirmedWarning:
    """Confirm the warning with this fingerprint; confirming it again changes nothing and returns what was said first.

    Raises `ReasonMissing` for a blank word, `NoSuchWarning` when the record has no such warning (any more).
    """
    word = " ".join(word.split())
    if not word:
        raise ReasonMissing(_("Say in a word why it is right as it stands."))
    longest = ConfirmedWarning._meta.get_field("word").max_length or 0
    if len(word) > longest:
        raise Refused(_("Say it in at most %d characters.") % longest)
    with transaction.atomic(), history_context(user=by, reason=word):
        doubt = next((one for one in warnings_of(record) if one.fingerprint == fingerprint), None)
        if doubt is None:
            raise NoSuchWarning(_("The facts changed meanwhile: this warning does not stand any more."))
        confirmed, _created = ConfirmedWarning.objects.get_or_create(
            record=record.uid,
            fingerprint=fingerprint,
            defaults={"code": doubt.code, "subject": doubt.subject, "word": word, "confirmed_by": by},
        )
        return confirmed


def reopen(*, record: Any, fingerprint: str, by: Any) -> None:
    """Take a confirmation back: the warning is shown again. Nothing happens when there is none."""
    with transaction.atomic(), history_context(user=by):
        ConfirmedWarning.objects.filter(record=record.uid, fingerprint=fingerprint).delete()
