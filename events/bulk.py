"""What is done to many meetings, statements, topics, places, sources or formulas at once."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Formula, Meeting, MeetingTopic, Place, Source, Statement, StatementTopic, Topic
from records.bulk import AddLink, Ask, Given, RemoveLink, SetField, register


class SetSeries(SetField):
    """Put meetings into a series, or into none. Their numbers in the old one go unless they are to be kept."""

    def asks(self) -> dict[str, Ask]:
        keep = models.BooleanField(
            _("keep the round"), default=False, help_text=_("The number of each meeting in its series stays as it is.")
        )
        return {**super().asks(), "keep_round": Ask(keep, none=_("no"))}

    def values(self, record: Meeting, given: Given) -> Mapping[str, Any]:  # type: ignore[override]
        stays = record.series == given["series"] or (given["keep_round"] and given["series"] is not None)
        return {**super().values(record, given), **({} if stays else {"round": None})}


register(
    AddLink(MeetingTopic, "meeting", "topic", _("Add a topic to selected %(verbose_name_plural)s…")),
    RemoveLink(MeetingTopic, "meeting", "topic", _("Remove a topic from selected %(verbose_name_plural)s…")),
    SetSeries(Meeting, "series", _("Set the series of selected %(verbose_name_plural)s…"), empty=_("none")),
    SetField(Meeting, "place", _("Set the place of selected %(verbose_name_plural)s…"), empty=_("not known")),
    SetField(Meeting, "status", _("Set the status of selected %(verbose_name_plural)s…")),
    SetField(Meeting, "relevance", _("Set the relevance of selected %(verbose_name_plural)s…"), empty=_("none")),
    AddLink(
        StatementTopic, "statement", "topic", _("Add a topic to selected %(verbose_name_plural)s…"), also=("stance",)
    ),
    RemoveLink(StatementTopic, "statement", "topic", _("Remove a topic from selected %(verbose_name_plural)s…")),
    SetField(Statement, "meeting", _("Set the meeting of selected %(verbose_name_plural)s…"), empty=_("none")),
    SetField(Statement, "kind", _("Set the kind of selected %(verbose_name_plural)s…")),
    SetField(Topic, "parent", _("Set the broader topic of selected %(verbose_name_plural)s…"), empty=_("none")),
    SetField(Place, "parent", _("Set where selected %(verbose_name_plural)s lie…"), empty=_("nowhere")),
    SetField(Source, "kind", _("Set the kind of selected %(verbose_name_plural)s…")),
    SetField(Source, "publisher_actor", _("Set the publisher of selected %(verbose_name_plural)s…"), empty=_("none")),
    SetField(Formula, "topic", _("Set the topic of selected %(verbose_name_plural)s…"), empty=_("none")),
)
