"""The page of an actor."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from actors.filters import HOME_KINDS
from actors.models import Actor
from events import reading, unknowns
from events.models import Participation, Topic
from events.views import related
from events.views.details import DetailView, footnotes_of
from events.views.related import Related
from events.views.spans import spans
from events.views.stances import Positions
from records.facets.selection import FEW

#: How many counterparts and topics are “frequent”.
FREQUENT = 12
#: A state has more nationals than a page should list; the list of actors has them all.
NATIONALS_SHOWN = 60
#: A page that lists meetings in full shows fewer statements beside them.
STATEMENTS_SHOWN = 10


@dataclass(frozen=True)
class Frequent:
    """An actor or a topic, and in how many meetings it was."""

    uid: str
    name: str
    meetings: int


class ActorDetailView(DetailView):
    """An actor: names in all scripts, offices over time, whom it met, what it said."""

    model = Actor
    template_name = "events/actor_detail.html"
    kind_name = _("Actor")

    def records(self) -> Any:
        return reading.actors_for_page()

    def context(self, record: Actor) -> dict[str, Any]:
        cited = Q(actor=record) | Q(tenure__person=record) | Q(tenure__office__body=record)
        footnotes = footnotes_of(reading.citations().filter(cited))
        nationals = Actor.objects.public().filter(home_state=record)
        # A state or organisation meets and speaks through those who belong to it; everybody else for itself.
        met, spoke = ("state", "state") if record.kind in HOME_KINDS else ("actor", "speaker")
        meetings = related.meetings(**{met: record.uid})
        statements = related.statements(STATEMENTS_SHOWN, **{spoke: record.uid})
        return {
            "meeting_parameter": met,
            "statement_parameter": spoke,
            "meetings": meetings,
            "statements": statements,
            "tenure_bars": spans(record.tenures.all()),
            "mentions": related.statements(0, actor=record.uid),
            "nationals": nationals.order_by("kind", "name", "id")[:NATIONALS_SHOWN],
            "national_count": nationals.count(),
            "counterparts": counterparts(record, meetings),
            "topics": topics(meetings),
            "positions": Positions(statements.facets.selection, by="topic"),
            "footnotes": footnotes,
            "gaps": list(unknowns.of_actor(record, footnotes)),
        }


def counterparts(actor: Actor, meetings: Related) -> list[Frequent]:
    """Whom the actor met most, except those who sit on its own side.

    Where the meetings are very many, its own side are those of its own state.
    """
    keys = meetings.facets.selection.keys(FEW)
    if keys is not None:
        return _across_the_table(actor, keys)
    # The parameter that was given would be left aside in its own counts, were it “actor”.
    counts = meetings.facets.selection.counts_in("actor").most_common(10 * FREQUENT)
    home = actor.pk if actor.kind in HOME_KINDS else actor.home_state_id
    others = Actor.objects.public().filter(pk__in=[key for key, _count in counts]).exclude(pk__in={actor.pk, home})
    if home is not None:
        others = others.exclude(home_state=home)
    return _named(others, counts)


def _across_the_table(actor: Actor, meetings: list[int]) -> list[Frequent]:
    others = (
        Participation.objects.public()
        .filter(meeting__in=meetings, actor__isnull=False)
        .exclude(attendance="absent")
        .exclude(actor=actor)
    )
    if actor.kind in HOME_KINDS:
        others = others.filter(Q(actor__home_state__isnull=True) | ~Q(actor__home_state=actor))
    else:
        own = Participation.objects.public().filter(actor=actor, meeting=OuterRef("meeting")).values("side")[:1]
        others = others.annotate(own_side=Subquery(own)).exclude(~Q(side=""), side=F("own_side"))
    rows = (
        others.order_by()
        .values_list("actor__uid", "actor__name")
        .annotate(meetings=Count("meeting", distinct=True))
        .order_by("-meetings", "actor__name")[:FREQUENT]
    )
    return [Frequent(*row) for row in rows]


def topics(meetings: Related) -> list[Frequent]:
    """The topics of the meetings, the most frequent first."""
    counts = meetings.facets.selection.counts("topic_exact").most_common(2 * FREQUENT)
    found = Topic.objects.public().without_tree_fields().filter(pk__in=[key for key, _count in counts])
    return _named(found, counts)


def _named(records: Any, counts: list[tuple[int, int]]) -> list[Frequent]:
    """The public ones of the counted records, the most frequent first."""
    by_key = dict(counts)
    rows = [Frequent(uid, name, by_key[key]) for key, uid, name in records.order_by().values_list("pk", "uid", "name")]
    return sorted(rows, key=lambda one: (-one.meetings, one.name))[:FREQUENT]
