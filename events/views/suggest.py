"""What the search box of every page offers while somebody types."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control

from events.suggesting import Suggestion, suggestions


@cache_control(public=True, max_age=60)
def suggest(request: HttpRequest) -> JsonResponse:
    """The likeliest public records for ``q``, as JSON: for each its group, name, address, and the name that matched."""
    typed = request.GET.get("q", "")
    return JsonResponse({"q": typed, "suggestions": [_as_json(one) for one in suggestions(typed)]})


def _as_json(one: Suggestion) -> dict[str, Any]:
    return {
        "group": str(one.group),
        "name": one.name,
        "about": one.about,
        "also": one.also,
        "also_language": one.also_language,
        "url": one.record.get_absolute_url(),
    }
