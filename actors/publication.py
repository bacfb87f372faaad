"""What an actor needs before readers see it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from actors.models import Actor
from records.services import Point, publication_rule


@publication_rule(Actor)
def missing_of_actor(actor: Actor) -> Iterator[Point]:
    """A name; the database insists on one, but would take a blank."""
    yield Point(_("Give the actor a name."), bool(actor.name.strip()))
