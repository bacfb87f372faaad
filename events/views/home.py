"""The home page."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from actors.models import Actor, ActorKind
from events import reading
from events.models import Meeting, Statement, Topic
from events.rows import meeting_rows, statement_rows
from events.views.lists import LISTS

LATEST = 5


def home(request: HttpRequest) -> HttpResponse:
    """What this is, how much there is, the latest, and where to start."""
    top = Topic.objects.public().without_tree_fields()
    kinds = dict(Actor.objects.public().order_by().values_list("kind").annotate(n=Count("pk")))
    context = {
        "meetings": meeting_rows(_latest(Meeting)),
        "statements": statement_rows(_latest(Statement)),
        "topics": reading.topics_for_list(top.exclude(parent__in=top.values("pk"))).order_by("name"),
        "actor_kinds": [(kind, kinds.get(kind, 0)) for kind in ActorKind],
        "counts": [
            (view.name, reverse(f"events:{view.name}-list"), model.objects.public().count())
            for model, view in LISTS.items()
        ],
        "canonical": request.build_absolute_uri("/"),
        "site_url": request.build_absolute_uri("/"),
    }
    return render(request, "events/home.html", context)


def _latest(model: Any) -> Any:
    """The latest of known date."""
    return model.objects.public().filter(date_outer__isnull=False).order_by("-date_sort", "-id")[:LATEST]
