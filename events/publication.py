"""What a meeting, a statement or a source needs before readers see it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from events.models import Meeting, Source, Statement
from records.services import Point, publication_rule


@publication_rule(Meeting, reads=("participations",))
def missing_of_meeting(meeting: Meeting) -> Iterator[Point]:
    """A title, a participant, and a date or a word why it is not known."""
    yield Point(_("Give the meeting a title."), bool(meeting.title.strip()))
    yield Point(
        _("Give the date, or say under “reason for the date” why it is not known."),
        bool(meeting.date or meeting.date_note.strip()),
    )
    yield Point(_("Name at least one participant."), meeting.participations.exists())


@publication_rule(Statement, reads=("speakers",))
def missing_of_statement(statement: Statement) -> Iterator[Point]:
    """A speaker, and what was said."""
    yield Point(_("Name at least one speaker or issuer."), statement.speakers.exists())
    yield Point(_("Write the gist, or fill in the text."), bool(statement.gist.strip() or statement.text.strip()))


@publication_rule(Source)
def missing_of_source(source: Source) -> Iterator[Point]:
    """A publisher. A title is better, but an address finds the document without one."""
    yield Point(_("Say who published it."), bool(source.publisher.strip()))
