"""What a meeting or a statement needs before readers see it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from events.models import Meeting, Statement
from records.services import publication_rule


@publication_rule(Meeting)
def missing_of_meeting(meeting: Meeting) -> Iterator[str]:
    """A title, a participant, and a date or a word why it is not known."""
    if not meeting.title.strip():
        yield _("Give the meeting a title.")
    if not meeting.date and not meeting.date_note.strip():
        yield _("Give the date, or say under “reason for the date” why it is not known.")
    if not meeting.participations.exists():
        yield _("Name at least one participant.")


@publication_rule(Statement)
def missing_of_statement(statement: Statement) -> Iterator[str]:
    """A speaker, and what was said."""
    if not statement.speakers.exists():
        yield _("Name at least one speaker or issuer.")
    if not statement.gist.strip() and not statement.text.strip():
        yield _("Write the gist, or fill in the text.")
