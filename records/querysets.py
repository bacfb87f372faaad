"""Visibility, once: every public surface starts from ``public()`` here."""

from typing import Any, Self

from django.db import connections
from django.db.models import Prefetch, Q

from partialdates.querysets import PartialDateQuerySet


class IdentifiedQuerySet(PartialDateQuerySet):
    """Rows of `records.models.Identified`; ``public()`` follows the records that a row joins."""

    def public(self) -> Self:
        """Those whose every joined record is public; a link that is not set hides nothing."""
        return self.filter(public_through(self.model))

    def with_public(self, *links: str, **querysets: Any) -> Self:
        """Each with the records at the foreign keys ``links``, hidden ones as ``None``: see `public_links`."""
        return self.prefetch_related(*public_links(self.model, *links, **querysets))

    def public_by_uid(self, uids: list[str]) -> dict[str, Any]:
        """The public record that each of the ids stands for; ids of nothing public are left out. One query."""
        records: Any = self.public().filter(uid__in=uids) if uids else ()
        return {record.uid: record for record in records}


class RecordQuerySet(IdentifiedQuerySet):
    """Records in their workflow states."""

    def public(self) -> Self:
        """Published records that were not merged into another. The one definition of what the world may see."""
        return self.filter(is_public())

    def public_by_uid(self, uids: list[str]) -> dict[str, Any]:
        """The public record that each of the ids stands for, the survivor for a merged one. One query.

        Ids of nothing public are left out, drafts like ids that were never given.
        """
        if not uids:
            return {}
        table = self.model._meta.db_table
        # The chain of merges must be followed in the database, whatever its length.
        found: Any = self.model._base_manager.raw(
            f"""
            WITH RECURSIVE trail (typed, id, next) AS (
                SELECT uid, id, merged_into_id FROM {table} WHERE uid = ANY(%s)
                UNION
                SELECT trail.typed, step.id, step.merged_into_id FROM trail JOIN {table} AS step ON step.id = trail.next
            )
            SELECT record.*, trail.typed FROM trail JOIN {table} AS record ON record.id = trail.id
            WHERE trail.next IS NULL
            """,  # noqa: S608 (a name of our own model)
            [uids],
        )
        return {record.typed: record for record in found if record.is_public}

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

    def public(self, *, given: tuple[str, ...] = ()) -> Self:
        """Parts all of whose joined records are public; a link that is not set hides nothing.

        ``given`` names links that the caller knows to lead to public records: a join saved for each row.
        """
        return self.filter(public_through(self.model, given=given))

    def with_public(self, *links: str, **querysets: Any) -> Self:
        """Each with the records at the foreign keys ``links``, hidden ones as ``None``: see `public_links`."""
        return self.prefetch_related(*public_links(self.model, *links, **querysets))


def is_public(path: str = "") -> Q:
    """The condition that the record at ``path`` (a lookup such as ``actor``; empty for the row itself) is public."""
    prefix = f"{path}__" if path else ""
    return Q(**{f"{prefix}state": "published", f"{prefix}merged_into__isnull": True})


def public_through(model: Any, path: str = "", *, given: tuple[str, ...] = ()) -> Q:
    """The condition that every record named in the model's ``public_through`` is public or not set.

    ``path`` places the condition on rows reached from elsewhere: ``public_through(Participation, "participations")``.
    ``given`` names links that need no look because the caller knows that they lead to public records.
    """
    prefix = f"{path}__" if path else ""
    condition = Q()
    for link in model.public_through:
        if link in given:
            continue
        condition &= Q(**{f"{prefix}{link}__isnull": True}) | is_public(prefix + link)
    return condition


def at_or_below(model: Any, keys: list[int]) -> list[int]:
    """The keys of the public rows among ``keys`` and of all public rows below them by ``parent``; runs one query.

    Written out in a condition the keys let PostgreSQL estimate how many rows they lead to, which it cannot from a
    recursive subquery. What hangs below a row that is not public is not reached: the public cannot see that it does.
    """
    public = model.objects.public().order_by().values_list("pk", "parent_id")
    rows, parameters = public.query.sql_with_params()
    with connections[public.db].cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE visible (id, parent_id) AS NOT MATERIALIZED ({rows}),
            below (id) AS (
                SELECT id FROM visible WHERE id = ANY(%s)
                UNION
                SELECT visible.id FROM visible JOIN below ON visible.parent_id = below.id
            )
            SELECT id FROM below
            """,  # noqa: S608 (SQL that Django made; values stay parameters)
            [*parameters, list(keys)],
        )
        return [key for (key,) in cursor.fetchall()]


def public_links(model: Any, *links: str, **querysets: Any) -> list[Prefetch]:
    """Prefetches after which the foreign keys ``links`` of ``model`` read as ``None`` where the record is not public.

    So a template cannot show what is hidden, whatever it forgets to ask. Give a queryset by the name of the link
    (``tenure=Tenure.objects.with_office()``) to say what is read along. A link that is also in ``select_related`` is
    not fetched again, and not hidden.
    """
    chosen = {link: model._meta.get_field(link).related_model._default_manager.all() for link in links} | querysets
    return [Prefetch(link, queryset.public()) for link, queryset in chosen.items()]
