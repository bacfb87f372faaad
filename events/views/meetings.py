"""The pages of meetings and statements."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events import reading, unknowns
from events.comparing import ACCOUNT_KINDS, Comparison
from events.footnotes import Footnotes
from events.models import Meeting, Statement
from events.rows import meeting_rows
from events.views.details import DetailView, footnotes_of, transcript_of


class MeetingDetailView(DetailView):
    """A meeting: who met whom, in which capacity, about what, what was said, and which source says so."""

    model = Meeting
    template_name = "events/meeting_detail.html"
    kind_name = _("Meeting")

    def records(self) -> Any:
        return reading.meetings_for_page()

    def context(self, record: Meeting) -> dict[str, Any]:
        statements = list(reading.statements_to_compare(record))
        footnotes = _footnotes(record, statements)
        rounds = Meeting.objects.public().filter(series=record.series).order_by("date_sort", "id")
        day = record.date_sort  # type: ignore[attr-defined]  # a column that the partial date adds
        earlier = Q(date_sort__lt=day) | Q(date_sort=day, id__lt=record.pk)
        return {
            "accounts": [one for one in statements if one.kind in ACCOUNT_KINDS],
            "statements": [one for one in statements if one.kind not in ACCOUNT_KINDS],
            "comparison": Comparison(record, statements, footnotes),
            "footnotes": footnotes,
            "gaps": unknowns.of_meeting(record, record.participations.all(), statements, footnotes),
            "parts": meeting_rows(Meeting.objects.public().filter(part_of=record).in_time_order()),
            "previous_round": record.series and rounds.filter(earlier).last(),
            "next_round": record.series and rounds.exclude(earlier).exclude(pk=record.pk).first(),
        }


class MeetingAccountsView(DetailView):
    """The accounts of a meeting side by side: what each says on every fact."""

    model = Meeting
    template_name = "events/meeting_accounts.html"
    kind_name = _("Accounts of a meeting")

    def records(self) -> Any:
        return reading.meetings_for_page()

    def address(self, record: Meeting) -> str:
        return reverse("events:meeting-accounts", args=[record.uid])

    def context(self, record: Meeting) -> dict[str, Any]:
        statements = list(reading.statements_to_compare(record))
        footnotes = _footnotes(record, statements)
        return {"comparison": Comparison(record, statements, footnotes), "footnotes": footnotes}


def _footnotes(meeting: Meeting, statements: list[Statement]) -> Footnotes:
    cited = Q(meeting=meeting) | Q(participation__meeting=meeting) | Q(statement__in=statements)
    return footnotes_of(reading.citations().filter(cited))


class StatementDetailView(DetailView):
    """A statement: its words, who said them to whom, the stance taken, and what they answer."""

    model = Statement
    template_name = "events/statement_detail.html"
    kind_name = _("Statement")

    def records(self) -> Any:
        return reading.statements_for_page()

    def context(self, record: Statement) -> dict[str, Any]:
        mentions = list(record.mentions.all())
        footnotes = footnotes_of(reading.citations().filter(statement=record))
        return {
            "addressees": [one for one in mentions if one.relation == "addressee"],
            "mentioned": [one for one in mentions if one.relation != "addressee"],
            "footnotes": footnotes,
            "gaps": unknowns.of_statement(record, footnotes),
            "transcript": transcript_of(self.request, record.text, record.translation),
        }
