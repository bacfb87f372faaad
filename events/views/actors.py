"""The page of an actor."""

from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from actors.filters import HOME_KINDS
from actors.models import Actor
from events import reading
from events.models import Meeting, MeetingTopic, Participation, Statement, StatementTopic
from events.views import related
from events.views.details import DetailView, footnotes_of
from events.views.stances import Positions

#: How many counterparts and topics are “frequent”.
FREQUENT = 12
#: A state has more nationals than a page should list; the list of actors has them all.
NATIONALS_SHOWN = 60
#: A page that lists meetings in full shows fewer statements beside them.
STATEMENTS_SHOWN = 10


class ActorDetailView(DetailView):
    """An actor: names in all scripts, offices over time, whom it met, what it said."""

    model = Actor
    template_name = "events/actor_detail.html"
    kind_name = _("Actor")

    def records(self) -> Any:
        return reading.actors_for_page()

    def context(self, record: Actor) -> dict[str, Any]:
        nationals = Actor.objects.public().filter(home_state=record)
        # A state or organisation meets and speaks through those who belong to it; everybody else for itself.
        if record.kind in HOME_KINDS:
            met = spoke = "state"
            joined = Meeting.objects.public().joined_by_states([record.pk])
            made = Statement.objects.public().made_by_states([record.pk])
        else:
            met, spoke = "actor", "speaker"
            joined = Meeting.objects.public().joined_by([record.pk])
            made = Statement.objects.public().made_by([record.pk])
        return {
            "meeting_parameter": met,
            "statement_parameter": spoke,
            "meetings": related.meetings(**{met: record.uid}),
            "statements": related.statements(STATEMENTS_SHOWN, **{spoke: record.uid}),
            "mentions": related.statements(0, actor=record.uid),
            "nationals": nationals.order_by("kind", "name", "id")[:NATIONALS_SHOWN],
            "national_count": nationals.count(),
            "counterparts": counterparts(record, joined),
            "topics": topics(joined),
            "positions": Positions(StatementTopic.objects.public().filter(statement__in=made.values("pk")), by="topic"),
            "footnotes": footnotes_of(
                reading.citations().filter(Q(actor=record) | Q(tenure__person=record) | Q(tenure__office__body=record))
            ),
        }


def counterparts(actor: Actor, joined: Any) -> list[Any]:
    """Whom the actor met most in the meetings ``joined``, except those known to sit on its own side."""
    others = (
        Participation.objects.public()
        .filter(meeting__in=joined.values("pk"), actor__isnull=False)
        .exclude(attendance="absent")
        .exclude(actor=actor)
    )
    if actor.kind in HOME_KINDS:
        others = others.filter(Q(actor__home_state__isnull=True) | ~Q(actor__home_state=actor))
    else:
        own = Participation.objects.public().filter(actor=actor, meeting=OuterRef("meeting")).values("side")[:1]
        others = others.annotate(own_side=Subquery(own)).exclude(~Q(side=""), side=F("own_side"))
    return list(
        others.order_by()
        .values("actor__uid", "actor__name")
        .annotate(meetings=Count("meeting", distinct=True))
        .order_by("-meetings", "actor__name")[:FREQUENT]
    )


def topics(joined: Any) -> list[Any]:
    """The topics of the meetings ``joined``, the most frequent first."""
    return list(
        MeetingTopic.objects.public()
        .filter(meeting__in=joined.values("pk"))
        .order_by()
        .values("topic__uid", "topic__name")
        .annotate(meetings=Count("meeting"))
        .order_by("-meetings", "topic__name")[:FREQUENT]
    )
