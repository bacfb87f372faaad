"""How two topics, places, sources or meetings become one, and what becomes of the rows about them and about actors."""

from collections.abc import Hashable, Iterator
from operator import or_
from typing import Any

from django.utils.translation import gettext as _

from events.models import (
    Citation,
    ConfirmedWarning,
    FormulaUse,
    FormulaUser,
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationRole,
    ParticipationTenure,
    Place,
    PlaceName,
    Source,
    StatementLink,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
    TopicLabelKind,
)
from records.merging import Alias, Conflict, combines, merges, speaks_of


def _same_unresolved_name(participation: Any) -> Hashable | None:
    """Two unresolved participants of one meeting are one when their names are given alike."""
    if participation["actor"] is not None:
        return None
    return participation["meeting"], " ".join(participation["name_as_given"].casefold().split())


def _preferred_if_either(one: str, other: str) -> str:
    return TopicLabelKind.PREFERRED.value if TopicLabelKind.PREFERRED in {one, other} else one


def _one_preferred_label(labels: list[Any]) -> Iterator[Conflict]:
    """Of two preferred labels in a language, the survivor's own stays preferred."""
    taken: dict[str, Any] = {}

    def came_along(label: Any) -> tuple[bool, bool]:
        return label["topic"] != label.before["topic_id"], label["kind"] != label.before["kind"]

    for label in sorted(labels, key=came_along):
        if label["kind"] != TopicLabelKind.PREFERRED:
            continue
        if label["language"] in taken:
            label["kind"] = TopicLabelKind.ALTERNATIVE.value
            yield Conflict(
                _("Preferred label (%s)") % label["language"],
                taken[label["language"]]["text"],
                label["text"],
                _("the second becomes alternative"),
            )
        else:
            taken[label["language"]] = label


merges(
    Topic,
    name="name",
    alias=Alias(TopicLabel, "topic", {"language": "en", "kind": TopicLabelKind.ALTERNATIVE}),
)
combines(
    TopicLabel, united={"kind": _preferred_if_either, "is_verified": or_}, adjust=_one_preferred_label
)  # fmt: skip

merges(
    Place,
    name="name",
    alias=Alias(PlaceName, "place", {"language": "en"}),
    units=(("latitude", "longitude"),),
)
combines(PlaceName)

merges(
    Source,
    # The language is that of the text, and the licence lets us hold that text and no other.
    units=(("text", "language", "licence"),),
    remembered={"url": "note", "archived_url": "note", "title": "note", "publisher": "note"},
)

merges(
    Meeting,
    units=(("date", "date_basis", "date_note"), ("series", "round")),
    remembered={"title": "notes", "date": "notes", "date_note": "notes"},
)
combines(
    Participation,
    also_same=_same_unresolved_name,
    weak={"role": ParticipationRole.PARTICIPANT},
    joined=("name_as_given", "capacity"),
    remembers="note",
    apart=(("actor", "on_behalf_of", ""),),
)

for _rows in (
    ParticipationTenure,
    MeetingTopic,
    StatementTopic,
    StatementSpeaker,
    StatementMention,
    StatementLink,
    FormulaUser,
):
    combines(_rows)
combines(FormulaUse, joined=("wording",))
combines(Citation, joined=("value_given",), remembers="note")

# Both said that it is right; the word of the survivor stays.
speaks_of(ConfirmedWarning, "record")
combines(ConfirmedWarning, united=dict.fromkeys(("word", "confirmed_by", "confirmed_at"), lambda ours, _theirs: ours))
