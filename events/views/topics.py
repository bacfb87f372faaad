"""The page of a topic, and topics as a tree."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from events import reading
from events.models import Formula, Topic
from events.views import related
from events.views.details import DetailView
from events.views.firsts import Firsts
from events.views.stances import Positions
from events.views.within import IN


@dataclass
class Branch:
    """A topic with what lies below it."""

    topic: Any
    depth: int = 0
    branches: list["Branch"] = field(default_factory=list)


def tree(topics: Any) -> list[Branch]:
    """The topics as branches, by name; one whose broader topic is not among them stands at the top."""
    known = {topic.pk: topic for topic in topics}
    below: dict[int | None, list[Any]] = defaultdict(list)
    for topic in known.values():
        below[topic.parent_id if topic.parent_id in known else None].append(topic)

    def grow(parent: int | None, depth: int) -> list[Branch]:
        children = sorted(below.get(parent, []), key=lambda topic: (topic.name, topic.pk))
        return [Branch(topic, depth, grow(topic.pk, depth + 1)) for topic in children]

    return grow(None, 0)


def flattened(branches: list[Branch]) -> list[Branch]:
    """The branches in reading order, each followed by those below it."""
    return [one for branch in branches for one in (branch, *flattened(branch.branches))]


class TopicDetailView(DetailView):
    """A topic: its place in the tree, who raised it, and who takes which stance on it."""

    model = Topic
    template_name = "events/topic_detail.html"
    kind_name = _("Topic")

    def records(self) -> Any:
        return (
            Topic.objects.without_tree_fields()
            .with_public(parent=Topic.objects.without_tree_fields())
            .prefetch_related("labels")
        )

    def context(self, record: Topic) -> dict[str, Any]:
        public = Topic.objects.public()
        statements = related.statements(topic=record.uid)
        return {
            "broader": _broader(record),
            "narrower": reading.topics_for_list(public.filter(parent=record)).order_by("name", "id"),
            "meetings": related.meetings(topic=record.uid),
            "statements": statements,
            "positions": Positions(statements.facets.selection, by="speaker", topic=record),
            "firsts": Firsts(record, self.request.GET),
            "carried": self.request.GET.get(IN, ""),
            "formulas": Formula.objects.public().filter(topic=record).order_by("name"),
        }


def _broader(topic: Topic) -> list[Topic]:
    """The public topics above, the broadest first, as far as none between them is hidden."""
    trail: list[Topic] = []
    above = topic.parent
    while above is not None:
        trail.insert(0, above)
        above = Topic.objects.public().without_tree_fields().filter(pk=above.parent_id).first()
    return trail
