"""What each representation needs from the database, in a number of queries that does not grow with the rows.

Children are public children, always; whether a single linked record is public is asked when it is shown. Columns
that no representation shows, or that only the full one does, are not loaded.
"""

from django.db.models import Prefetch

from actors.models import Actor, Membership, Office, Tenure
from actors.querysets import ActorQuerySet, TenureQuerySet
from events.models import (
    Formula,
    FormulaUse,
    FormulaUser,
    Meeting,
    Place,
    Series,
    Source,
    Statement,
    StatementLink,
    StatementMention,
    Topic,
)
from events.querysets import MeetingQuerySet, StatementQuerySet
from events.reading import citations, counted, participations
from records.querysets import RecordQuerySet


def _citations() -> Prefetch:
    return Prefetch("citations", citations())


def _links_here() -> Prefetch:
    return Prefetch("links_here", StatementLink.objects.public().select_related("statement").order_by("id"))


def listed_meetings() -> MeetingQuerySet:
    """Meetings as the list shows them."""
    return (
        _meetings().defer("search", "notes", "date_note").prefetch_related(Prefetch("participations", participations()))
    )


def whole_meetings() -> MeetingQuerySet:
    """Meetings as they are shown on their own."""
    return (
        _meetings()
        .defer("search")
        .prefetch_related(
            Prefetch("participations", participations().prefetch_related(_citations())),
            Prefetch("parts", Meeting.objects.public().in_time_order()),
            Prefetch("statements", Statement.objects.public()),
            _links_here(),
            _citations(),
        )
    )


def _meetings() -> MeetingQuerySet:
    return (
        Meeting.objects.with_topics()
        .with_place_and_series()
        .annotate(statement_count=counted(Statement.objects.public(), by="meeting"))
    )


def listed_statements() -> StatementQuerySet:
    """Statements as the list shows them. The text stays: the label of one without title and gist is its beginning."""
    return _statements().defer("search", "translation", "note")


def whole_statements() -> StatementQuerySet:
    """Statements as they are shown on their own."""
    return (
        _statements()
        .defer("search")
        .prefetch_related(
            Prefetch("mentions", StatementMention.objects.public().select_related("actor")),
            Prefetch("links", StatementLink.objects.public().select_related("to_statement", "to_meeting")),
            _links_here(),
            Prefetch("formula_uses", FormulaUse.objects.public().select_related("formula")),
            _citations(),
        )
    )


def _statements() -> StatementQuerySet:
    return Statement.objects.with_speakers().with_topics().select_related("meeting", "channel")


def listed_topics() -> RecordQuerySet:
    """Topics as the list shows them."""
    return Topic.objects.with_labels().select_related("parent")


def whole_topics() -> RecordQuerySet:
    """Topics as they are shown on their own."""
    return listed_topics().prefetch_related(
        Prefetch("children", Topic.objects.public()), Prefetch("formulas", Formula.objects.public())
    )


def listed_places() -> RecordQuerySet:
    """Places as the list shows them."""
    return Place.objects.select_related("parent").prefetch_related("names")


def whole_places() -> RecordQuerySet:
    """Places as they are shown on their own."""
    return listed_places().prefetch_related(Prefetch("children", Place.objects.public()))


def listed_series() -> RecordQuerySet:
    """Series, in a list and on their own."""
    return Series.objects.defer("search")


def listed_sources() -> RecordQuerySet:
    """Sources as the list shows them."""
    return Source.objects.select_related("publisher_actor").defer("search", "text")


def whole_sources() -> RecordQuerySet:
    """Sources as they are shown on their own."""
    return Source.objects.select_related("publisher_actor").defer("search")


def listed_formulas() -> RecordQuerySet:
    """Formulas as the list shows them."""
    return Formula.objects.select_related("topic", "first_meeting").prefetch_related(
        "variants", Prefetch("first_users", FormulaUser.objects.public().select_related("actor"))
    )


def whole_formulas() -> RecordQuerySet:
    """Formulas as they are shown on their own."""
    uses = FormulaUse.objects.public().select_related("statement").order_by("statement__date_sort", "id")
    return listed_formulas().prefetch_related(Prefetch("uses", uses), _citations())


def listed_actors() -> ActorQuerySet:
    """Actors as the list shows them."""
    return Actor.objects.select_related("home_state", "parent", "successor").prefetch_related("names", "identifiers")


def whole_actors() -> ActorQuerySet:
    """Actors as they are shown on their own."""
    return (
        listed_actors()
        .prefetch_related(
            Prefetch("predecessors", Actor.objects.public()),
            Prefetch("parts", Actor.objects.public()),
            Prefetch("offices", Office.objects.public().with_body()),
            Prefetch("memberships", Membership.objects.public().select_related("organisation")),
            Prefetch("members", Membership.objects.public().select_related("member").order_by("member__name", "id")),
            _citations(),
        )
        .with_tenures()
    )


def whole_tenures() -> TenureQuerySet:
    """Tenures as they are shown on their own."""
    return Tenure.objects.with_office().prefetch_related(_citations())
