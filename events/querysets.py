"""Questions about meetings, statements, topics, places, series, sources and citations."""

from typing import Any, Self

from django.db.models import Prefetch, Q
from tree_queries.query import TreeQuerySet

from records.querysets import PartQuerySet, RecordQuerySet


class TopicQuerySet(TreeQuerySet, RecordQuerySet):
    """Topics as a tree; with tree fields (depth, path) only where asked for."""

    def with_narrower(self, topics: Any) -> Self:
        """The given topics (a queryset) and everything below them."""
        roots = list(topics)
        found = {topic.pk for topic in roots}
        for topic in roots:
            found |= set(self.model.objects.descendants(topic).values_list("pk", flat=True))
        return self.without_tree_fields().filter(pk__in=found)

    def with_labels(self) -> Self:
        """Each with its labels in all languages."""
        return self.prefetch_related("labels")


class PlaceQuerySet(RecordQuerySet):
    """Places."""

    def in_country(self, code: str) -> Self:
        """Places in the country with this ISO 3166-1 alpha-2 code."""
        return self.filter(country=code)


class MeetingQuerySet(RecordQuerySet):
    """Meetings, with what lists and pages need of them."""

    def with_participants(self) -> Self:
        """Each with its public participations, their actors and the tenures they acted in."""
        from events.models import Participation  # the models import this module

        return self.prefetch_related(Prefetch("participations", Participation.objects.public().with_capacity()))

    def with_topics(self) -> Self:
        """Each with its public topics."""
        from events.models import MeetingTopic  # the models import this module

        return self.prefetch_related(Prefetch("topic_links", MeetingTopic.objects.public().select_related("topic")))

    def with_place_and_series(self) -> Self:
        """Each with its place, series and the event it was part of; templates still ask whether these are public."""
        return self.select_related("place", "series", "part_of")


class ParticipationQuerySet(PartQuerySet):
    """Actors in meetings."""

    def with_capacity(self) -> Self:
        """Each with its actor, whom it acted for, and the public tenures it acted in."""
        from actors.models import Tenure  # keeps the import order of the app free of circles

        return self.select_related("actor", "actor__home_state", "on_behalf_of").prefetch_related(
            Prefetch("tenures", Tenure.objects.public().with_office())
        )

    def unresolved(self) -> Self:
        """Participants known only by the name a source gives."""
        return self.filter(actor__isnull=True)


class StatementQuerySet(RecordQuerySet):
    """Statements, with what lists and pages need of them."""

    def with_speakers(self) -> Self:
        """Each with its public speakers and the tenure each spoke in."""
        from events.models import StatementSpeaker  # the models import this module

        return self.prefetch_related(
            Prefetch(
                "speakers",
                StatementSpeaker.objects.public().select_related("actor", "tenure__office__body", "tenure__person"),
            )
        )

    def with_topics(self) -> Self:
        """Each with its public topics and the stance taken on them."""
        from events.models import StatementTopic  # the models import this module

        return self.prefetch_related(Prefetch("topic_links", StatementTopic.objects.public().select_related("topic")))

    def with_meeting(self) -> Self:
        """Each with its meeting and its channel; templates still ask whether these are public."""
        return self.select_related("meeting", "meeting__place", "channel")


class CitationQuerySet(PartQuerySet):
    """Citations."""

    def with_source(self) -> Self:
        """Each with its source and the actor that published it."""
        return self.select_related("source", "source__publisher_actor")

    def about_meeting(self, meeting: Any) -> Self:
        """Citations of a meeting itself and of its participations."""
        return self.filter(Q(meeting=meeting) | Q(participation__meeting=meeting))

    def contradicting(self) -> Self:
        """Citations whose source gives another value than the record."""
        return self.filter(verdict="contradicts")
