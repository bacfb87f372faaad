"""Records with all that a list or a page shows of them.

Whatever is not public is left out here, once: rows by ``public()``, links to hidden records by `public_links`, so that
they read as ``None``. Templates show what they are given.
"""

from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from actors.models import Actor, ActorName, Membership, Office, Tenure
from events.models import (
    Citation,
    FormulaUse,
    FormulaUser,
    Meeting,
    MeetingTopic,
    Participation,
    Source,
    Statement,
    StatementLink,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
)

#: Computed for search, never shown; a list need not carry them.
UNREAD = ("search",)


def counted(rows: Any, *, by: str) -> Coalesce:
    """How many of ``rows`` point at the outer row through ``by``."""
    counts = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


def participations() -> Any:
    """Public participations with the actor and the offices in which it acted."""
    return (
        Participation.objects.public()
        .select_related("actor", "on_behalf_of")
        .prefetch_related(Prefetch("tenures", Tenure.objects.public().with_office()))
    )


def speakers() -> Any:
    """Public speakers with the office in which each spoke, where that is public."""
    found = StatementSpeaker.objects.public().select_related("actor")
    return found.with_public(tenure=Tenure.objects.with_office())


def meetings_for_list(meetings: Any) -> Any:
    """Each with its participants, place, topics, number of statements, and whether a source gives another date."""
    return (
        meetings.defer(*UNREAD, "notes")
        .with_public("place", "series")
        .prefetch_related(
            Prefetch("participations", participations()),
            Prefetch("topic_links", MeetingTopic.objects.public().select_related("topic")),
        )
        .annotate(
            statement_count=counted(Statement.objects.public(), by="meeting"),
            is_date_contradicted=_date_is_contradicted("meeting"),
        )
    )


def statements_for_list(statements: Any) -> Any:
    """Each with its speakers, topics and stances, meeting and channel, and whether a source gives another date."""
    return (
        statements.defer(*UNREAD, "translation")
        .with_public("channel", meeting=Meeting.objects.defer(*UNREAD))
        .prefetch_related(
            Prefetch("speakers", speakers()),
            Prefetch("topic_links", StatementTopic.objects.public().select_related("topic")),
        )
        .annotate(is_date_contradicted=_date_is_contradicted("statement"))
    )


def actors_for_list(actors: Any) -> Any:
    """Each with what it belongs to, its names, its offices and the number of its meetings."""
    return (
        actors.defer(*UNREAD)
        .with_public("home_state", "parent")
        .prefetch_related(
            Prefetch("names", ActorName.objects.public()),
            Prefetch("tenures", Tenure.objects.public().with_office().latest_first()),
        )
        .annotate(meeting_count=counted(Participation.objects.public(), by="actor"))
    )


def topics_for_list(topics: Any) -> Any:
    """Each with its labels, its broader topic, and the numbers of meetings and statements coded with it directly."""
    return (
        topics.without_tree_fields()
        .defer(*UNREAD)
        .with_public(parent=topics.model.objects.without_tree_fields())
        .prefetch_related("labels")
        .annotate(
            meeting_count=counted(MeetingTopic.objects.public(), by="topic"),
            statement_count=counted(StatementTopic.objects.public(), by="topic"),
        )
    )


def places_for_list(places: Any) -> Any:
    """Each with its names, the place it lies in, and the number of meetings at it (not at places in it)."""
    return (
        places.defer(*UNREAD)
        .with_public("parent")
        .prefetch_related("names")
        .annotate(meeting_count=counted(Meeting.objects.public(), by="place"))
    )


def series_for_list(series: Any) -> Any:
    """Each with the number of its meetings."""
    return series.defer(*UNREAD).annotate(meeting_count=counted(Meeting.objects.public(), by="series"))


def sources_for_list(sources: Any) -> Any:
    """Each with the number of facts that rest on it."""
    return (
        sources.defer(*UNREAD, "text")
        .with_public("publisher_actor")
        .annotate(citation_count=counted(citations(), by="source"))
    )


def formulas_for_list(formulas: Any) -> Any:
    """Each with its wordings, topic, first users and the number of statements that use it."""
    return (
        formulas.defer(*UNREAD)
        .with_public("topic")
        .prefetch_related("variants", Prefetch("first_users", FormulaUser.objects.public().select_related("actor")))
        .annotate(use_count=counted(FormulaUse.objects.public(), by="formula"))
    )


def citations() -> Any:
    """Public citations with their sources."""
    return Citation.objects.public().prefetch_related(
        Prefetch("source", Source.objects.public().defer(*UNREAD, "text").with_public("publisher_actor"))
    )


def cited_rows(found: Any) -> Any:
    """The citations ``found``, each with the row it points at."""
    return found.select_related(
        "meeting",
        "participation__meeting",
        "participation__actor",
        "statement",
        "tenure__person",
        "tenure__office__body",
        "actor",
        "formula",
    )


def meetings_for_page() -> Any:
    """Meetings with what their page shows; statements and citations are read beside."""
    return (
        Meeting.objects.with_public("place", "series", "part_of")
        .prefetch_related(
            Prefetch("participations", participations()),
            Prefetch("topic_links", MeetingTopic.objects.public().select_related("topic")),
            Prefetch("links_here", StatementLink.objects.public().select_related("statement")),
        )
    )  # fmt: skip


def statements_in_meeting(meeting: Any) -> Any:
    """The public statements of a meeting in their order."""
    return statements_for_list(Statement.objects.public().filter(meeting=meeting)).order_by("position", "id")


def statements_to_compare(meeting: Any) -> Any:
    """The public statements of a meeting in their order, each with all that accounts are compared by."""
    return statements_in_meeting(meeting).prefetch_related(
        Prefetch("mentions", StatementMention.objects.public().select_related("actor")),
        Prefetch("formula_uses", FormulaUse.objects.public().select_related("formula")),
    )


def statements_for_page() -> Any:
    """Statements with what their page shows."""
    return (
        Statement.objects.with_public("channel", meeting=Meeting.objects.with_public("place"))
        .prefetch_related(
            Prefetch("speakers", speakers()),
            Prefetch("topic_links", StatementTopic.objects.public().select_related("topic")),
            Prefetch("mentions", StatementMention.objects.public().select_related("actor")),
            Prefetch("links", StatementLink.objects.public().select_related("to_statement", "to_meeting")),
            Prefetch("links_here", StatementLink.objects.public().select_related("statement")),
            Prefetch("formula_uses", FormulaUse.objects.public().select_related("formula")),
        )
    )  # fmt: skip


def actors_for_page() -> Any:
    """Actors with names, identifiers, offices held and had, memberships and parts."""
    return (
        Actor.objects.with_public("home_state", "parent", "successor")
        .prefetch_related(
            Prefetch("names", ActorName.objects.public()),
            "identifiers",
            Prefetch("tenures", Tenure.objects.public().with_office().latest_first()),
            Prefetch(
                "offices",
                Office.objects.public().prefetch_related(
                    Prefetch("tenures", Tenure.objects.public().select_related("person").latest_first())
                ).order_by(F("tier").asc(nulls_last=True), "name"),
            ),
            Prefetch("memberships", Membership.objects.public().select_related("organisation")),
            Prefetch("members", Membership.objects.public().select_related("member").order_by("member__name", "id")),
            Prefetch("parts", Actor.objects.public().order_by("name", "id")),
            Prefetch("predecessors", Actor.objects.public()),
        )
    )  # fmt: skip


def _date_is_contradicted(target: str) -> Exists:
    return Exists(citations().filter(**{target: OuterRef("pk"), "field": "date", "verdict": "contradicts"}))
