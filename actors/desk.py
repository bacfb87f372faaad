"""What of actors waits on somebody's desk."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from actors.models import Actor
from records.desk import desk_list
from records.search import Folded


@desk_list("double", _("Possible duplicates"), Actor)
def actors_like_another(actors: Any, user: Any) -> Any:  # noqa: ARG001
    """Actors of one kind with the same name but for case and accents. Two John Smiths stay on the list."""
    folded = Actor.objects.filter(merged_into=None).annotate(folded=Folded("name")).order_by()
    double = folded.values("kind", "folded").annotate(number=Count("pk")).filter(number__gte=2).values("folded")
    return actors.annotate(folded=Folded("name")).filter(folded__in=double, merged_into=None)
