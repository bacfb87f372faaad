"""Visibility, once: every public surface starts from ``public()`` here."""

from typing import Any, Self

from django.db.models import Q

from partialdates.querysets import PartialDateQuerySet


class IdentifiedQuerySet(PartialDateQuerySet):
    """Rows of `records.models.Identified`; ``public()`` follows the records that a row joins."""

    def public(self) -> Self:
        """Those whose every joined record is public; a link that is not set hides nothing."""
        return self.filter(public_through(self.model))


class RecordQuerySet(IdentifiedQuerySet):
    """Records in their workflow states."""

    def public(self) -> Self:
        """Published records that were not merged into another. The one definition of what the world may see."""
        return self.filter(is_public())

    def drafts(self) -> Self:
        """Records nobody has submitted yet."""
        return self.filter(state="draft")

    def in_review(self) -> Self:
        """Records that wait for a reviewer."""
        return self.filter(state="review")

    def withdrawn(self) -> Self:
        """Records that were public once and answer 410 with their reason."""
        return self.filter(state="withdrawn")

    def with_open_points(self) -> Self:
        """Records of which something is stated to be unverified."""
        return self.exclude(open_points=[])


class PartQuerySet(PartialDateQuerySet):
    """Rows that are part of a record: names, participations, speakers, citations."""

    def public(self) -> Self:
        """Parts all of whose joined records are public; a link that is not set hides nothing."""
        return self.filter(public_through(self.model))


def is_public(path: str = "") -> Q:
    """The condition that the record at ``path`` (a lookup such as ``actor``; empty for the row itself) is public."""
    prefix = f"{path}__" if path else ""
    return Q(**{f"{prefix}state": "published", f"{prefix}merged_into__isnull": True})


def public_through(model: Any, path: str = "") -> Q:
    """The condition that every record named in the model's ``public_through`` is public or not set.

    ``path`` places the condition on rows reached from elsewhere, as in ``public_through(Participation, "participations")``.
    """
    prefix = f"{path}__" if path else ""
    condition = Q()
    for link in model.public_through:
        condition &= Q(**{f"{prefix}{link}__isnull": True}) | is_public(prefix + link)
    return condition
