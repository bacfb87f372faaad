"""What of meetings, statements and sources waits on somebody's desk."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from events.models import Citation, Meeting, Participation, Source, Statement, StatementSpeaker
from records.desk import Progress, desk_list, progress_report
from records.models import State

#: As many months and series as one looks at together.
MONTHS, SERIES = 12, 12


@desk_list("no-source", _("Without a source"), Meeting)
def meetings_without_source(meetings: Any, user: Any) -> Any:  # noqa: ARG001
    """Meetings that no citation speaks of, nor of any of their participants."""
    whole = Citation.objects.filter(meeting=OuterRef("pk"))
    part = Citation.objects.filter(participation__meeting=OuterRef("pk"))
    return meetings.filter(~Exists(whole), ~Exists(part), merged_into=None)


@desk_list("no-source", _("Without a source"), Statement)
def statements_without_source(statements: Any, user: Any) -> Any:  # noqa: ARG001
    """Statements that no citation speaks of."""
    return statements.filter(~Exists(Citation.objects.filter(statement=OuterRef("pk"))), merged_into=None)


@desk_list("unresolved", _("With unresolved participants"), Meeting)
def meetings_with_unresolved(meetings: Any, user: Any) -> Any:  # noqa: ARG001
    """Meetings somebody of whom is known only by a name."""
    return meetings.filter(Exists(Participation.objects.unresolved().filter(meeting=OuterRef("pk"))))


@desk_list("unresolved", _("With unresolved participants"), Statement)
def statements_with_unresolved(statements: Any, user: Any) -> Any:  # noqa: ARG001
    """Statements of a speaker known only by a name."""
    return statements.filter(Exists(StatementSpeaker.objects.filter(statement=OuterRef("pk"), actor=None)))


@desk_list("nobody", _("Without participants"), Meeting)
def meetings_of_nobody(meetings: Any, user: Any) -> Any:  # noqa: ARG001
    """Meetings that nobody is listed for."""
    return meetings.filter(~Exists(Participation.objects.filter(meeting=OuterRef("pk"))), merged_into=None)


@desk_list("weak-date", _("With a weak date"), Meeting)
def meetings_with_weak_date(meetings: Any, user: Any) -> Any:  # noqa: ARG001
    """Meetings whose date is unknown, or that no source states."""
    return meetings.filter(Q(date="") | Q(date_basis="inferred"), merged_into=None)


@desk_list("double", _("Possible duplicates"), Meeting)
def meetings_like_another(meetings: Any, user: Any) -> Any:  # noqa: ARG001
    """Meetings that share day and two participants with another one; a visit is no double of its parts."""
    shared = (
        Participation.objects.filter(
            meeting__date=OuterRef("date"),
            meeting__date_sort=OuterRef("date_sort"),
            meeting__merged_into=None,
            actor__participations__meeting=OuterRef("pk"),
        )
        .exclude(meeting=OuterRef("pk"))
        .exclude(meeting__part_of=OuterRef("pk"), meeting__part_of__isnull=False)
        .exclude(meeting__parts=OuterRef("pk"))
        .order_by()
        .values("meeting")
        .annotate(together=Count("actor", distinct=True))
        .filter(together__gte=2)
    )
    return meetings.exclude(date="").filter(Exists(shared), merged_into=None)


@desk_list("to-complete", _("Sources to complete"), Source)
def sources_to_complete(sources: Any, user: Any) -> Any:  # noqa: ARG001
    """Sources added by their address alone, or otherwise without what readers need."""
    return sources.to_be_completed()


@progress_report
def by_month() -> Progress:
    """The year up to the latest meeting, by month; two queries."""
    dated = Meeting.objects.filter(date_sort__lt=date.max, date_sort__gt=date.min, merged_into=None)
    latest = dated.order_by("-date_sort").values_list("date_sort", flat=True).first()
    if latest is None:
        return Progress(_("Meetings by month"), [])
    since = (latest.replace(day=1) - timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    months = dated.filter(date_sort__gte=since).order_by().annotate(month=TruncMonth("date_sort"))
    counted = months.values_list("month", "state").annotate(number=Count("pk"))
    return Progress(_("Meetings by month"), _rows((f"{month:%Y-%m}", state, n) for month, state, n in counted))


@progress_report
def by_series() -> Progress:
    """The series with most left to publish; one query."""
    unfinished = Count("pk", filter=~Q(state=State.PUBLISHED))
    counted = (
        Meeting.objects.filter(series__isnull=False, merged_into=None)
        .order_by()
        .values(name=F("series__name"))
        .annotate(left=unfinished, **{state: Count("pk", filter=Q(state=state)) for state in State.values})
        .order_by("-left", "name")[:SERIES]
    )
    counts: Any = counted
    rows = [(one["name"], {state: one[state] for state in State.values}) for one in counts]
    return Progress(_("Meetings by series"), rows)


def _rows(counted: Any) -> list[tuple[str, dict[str, int]]]:
    rows: dict[str, dict[str, int]] = {}
    for name, state, number in counted:
        rows.setdefault(name, dict.fromkeys(State.values, 0))[state] = number
    return sorted(rows.items(), reverse=True)
