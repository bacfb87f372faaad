"""The home page and the search over everything."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from actors.models import Actor, ActorKind
from events import reading
from events.models import Meeting, Statement, Topic
from events.rows import meeting_rows, statement_rows
from events.search import search_everything
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


def search(request: HttpRequest) -> HttpResponse:
    """Every kind of record that matches ``q``: how many, the best, and the way to the list of all."""
    typed = request.GET.get("q", "").replace("\x00", " ").strip()
    finds = [one for one in search_everything(typed) if one.count] if typed else []
    query = urlencode({"q": typed})
    lists = [f"{reverse(f'events:{LISTS[type(one.records[0])].name}-list')}?{query}" for one in finds]
    context = {"typed": typed, "finds": list(zip(finds, lists, strict=True))}
    return render(request, "events/search.html", context)


def _latest(model: Any) -> Any:
    """The latest of known date."""
    return model.objects.public().filter(date_outer__isnull=False).order_by("-date_sort", "-id")[:LATEST]
