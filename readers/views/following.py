"""A list as a feed, and meetings as a calendar: the same filters as the page, for programs that come back."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views import View

from events import calendars, wording
from readers.feeds import feed_of
from readers.searches import found

#: A program that reads on and on wants an export.
LAST_PAGE = 100
#: Events in a calendar that is subscribed to; programs read all of it at each visit.
MOST_EVENTS = 2000
#: Seconds for which a program, or a cache before us, need not ask again.
FRESH = 300
#: When nothing of a kind was ever public.
BEGINNING = datetime(wording.SINCE, 1, 1, tzinfo=UTC)


class FollowView(View):
    """A list of public records in a form for programs; 400 with the reasons for filters that are refused."""

    #: The page of the list that is followed.
    list_view: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer 200, 304 to whoever has it already, or 400."""
        model = self.list_view.model
        filters = self.list_view.filterset_class(request.GET, queryset=model.objects.public())
        problems = [message for messages in filters.errors.values() for message in messages]
        page = request.GET.get("page", "1")
        if not (page.isascii() and page.isdecimal() and 1 <= int(page[:9]) <= LAST_PAGE):
            problems.append(_("page: give a number from 1 to %(last)d.") % {"last": LAST_PAGE})
        if problems:
            return self._refuse(request, problems)
        moment = _last_change_of(model)
        response = self.answer(request, filters, int(page), moment)
        return _unless_known(request, response, moment)

    def answer(self, request: HttpRequest, filters: Any, page: int, moment: datetime) -> HttpResponse:
        """The list as the program reads it."""
        raise NotImplementedError

    def title_of(self, filters: Any) -> str:
        return wording.list_in_words(self.list_view.title, filters)

    def _refuse(self, request: HttpRequest, problems: list[str]) -> HttpResponse:
        query = request.GET.urlencode()
        address = reverse(f"events:{self.list_view.name}-list")
        context = {"problems": problems, "list_title": self.list_view.title, "list_url": f"{address}?{query}"}
        return render(request, "readers/refused_filters.html", context, status=400)


class FeedView(FollowView):
    """A list as an Atom feed, the latest change first, as many entries a page as the list has rows."""

    def answer(self, request: HttpRequest, filters: Any, page: int, moment: datetime) -> HttpResponse:
        size, start = filters.page_size, (page - 1) * filters.page_size
        in_order = found(filters).order_by("-updated_at", "-pk")
        records = list(type(self.list_view()).read(in_order)[start : start + size + 1])
        query = filters.query_string()
        pages = {"self": page, "first": 1}
        if page > 1:
            pages["previous"] = page - 1
        if len(records) > size and page < LAST_PAGE:
            pages["next"] = page + 1
        site = request.build_absolute_uri("/").rstrip("/")
        addresses = {one: _address(site, request.path, query, number) for one, number in pages.items()}
        list_url = _address(site, reverse(f"events:{self.list_view.name}-list"), query, 1)
        xml = feed_of(
            title=self.title_of(filters),
            name=self.list_view.name,
            query=query,
            records=records[:size],
            addresses={**addresses, "site": site, "list": list_url},
            moment=moment,
        )
        return HttpResponse(xml, content_type="application/atom+xml; charset=utf-8")


class CalendarView(FollowView):
    """Meetings as an iCalendar; see `events.calendars` for what an uncertain date becomes."""

    def answer(self, request: HttpRequest, filters: Any, page: int, moment: datetime) -> HttpResponse:  # noqa: ARG002
        meetings = found(filters)
        shown = calendars.showable(meetings)
        total, in_calendar = meetings.count(), shown.count()
        read = type(self.list_view()).read
        pieces = calendars.calendar_of(
            title=self.title_of(filters),
            meetings=read(shown).order_by("-date_sort", "-pk")[:MOST_EVENTS],
            left_out=total - in_calendar,
            cut=max(0, in_calendar - MOST_EVENTS),
            site=request.build_absolute_uri("/").rstrip("/"),
        )
        response = HttpResponse(b"".join(pieces), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="readout-meetings.ics"'
        return response


def _address(site: str, path: str, query: str, page: int) -> str:
    parts = [query] if query else []
    parts += [f"page={page}"] if page > 1 else []
    return f"{site}{path}{'?' if parts else ''}{'&'.join(parts)}"


def _last_change_of(model: Any) -> datetime:
    """When a record of the kind that is or was public last changed: then a list of it may have, too.

    What is hidden now counts: a list changes when something leaves it.
    """
    moment: datetime | None = model.objects.filter(published_at__isnull=False).aggregate(at=Max("updated_at"))["at"]
    return moment or BEGINNING


def _unless_known(request: HttpRequest, response: HttpResponse, moment: datetime) -> HttpResponse:
    """The response, or 304. The ETag is that of the very words; the moment is a promise about records only."""
    etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    # A second that is not over can still bring changes that the same moment would hide.
    is_settled = timezone.now() - moment > timedelta(seconds=2)
    stamp = int(moment.timestamp()) if is_settled else None
    response["ETag"] = etag
    if stamp is not None:
        response["Last-Modified"] = http_date(stamp)
    patch_cache_control(response, max_age=FRESH, public=True)
    return get_conditional_response(request, etag, stamp, response) or response
