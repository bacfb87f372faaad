"""What an actor needs before readers see it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from actors.models import Actor
from records.services import publication_rule


@publication_rule(Actor)
def missing_of_actor(actor: Actor) -> Iterator[str]:
    """A name; the database insists on one, but would take a blank."""
    if not actor.name.strip():
        yield _("Give the actor a name.")
