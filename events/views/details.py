"""The page of one record: at its address, its survivor's, or the reason why it is no more."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views import View

from events import reading
from events.footnotes import Footnotes
from events.querysets import CitationQuerySet
from events.transcripts import Transcript
from events.views.within import within
from records.lookup import Gone, Moved, Unknown, find
from records.models import Record


class DetailView(View):
    """A page of one record of ``model``. Another spelling of its id, and a merged record, redirect for ever (301)."""

    model: ClassVar[type[Record]]
    template_name: ClassVar[str]
    #: The plain word for the kind of record, as on the tab of the browser.
    kind_name: ClassVar[Any]

    def records(self) -> Any:
        """The queryset to find the record in, with what the page reads along; not yet filtered by visibility."""
        return self.model.objects.all()

    def address(self, record: Any) -> str:
        """The address of this page of a record."""
        return str(record.get_absolute_url())

    def context(self, record: Any) -> dict[str, Any]:  # noqa: ARG002 (for pages that need more)
        """What the template needs beside the record."""
        return {}

    def get(self, request: HttpRequest, uid: str, **_decoration: str) -> HttpResponse:
        """Answer 200, 301, 404, or 410 with the reason."""
        try:
            record = find(uid, among=self.records())
        except Moved as moved:
            return HttpResponsePermanentRedirect(self.address(moved.record))
        except Gone as gone:
            return render(request, "410.html", {"uid": gone.uid, "reason": gone.reason}, status=410)
        except Unknown as unknown:
            raise Http404 from unknown
        name = self.model._meta.model_name or "record"
        page = {
            "record": record,
            name: record,
            "kind_name": self.kind_name,
            "section": name,
            "within": within(request, record),
            "canonical": request.build_absolute_uri(self.address(record)),
        }
        return render(request, self.template_name, page | self.context(record))


def footnotes_of(citations: CitationQuerySet) -> Footnotes:
    """The notes of the public citations among ``citations``, with what each points at."""
    return Footnotes(reading.cited_rows(citations).order_by("id"))


def transcript_of(request: HttpRequest, original: str, translation: str = "") -> Transcript:
    """The text of a page, with the words marked that the address names (``mark``, ``until``, ``at``)."""
    asked = request.GET
    return Transcript(
        original,
        translation,
        wanted=asked.get("mark", ""),
        until=asked.get("until", ""),
        at=asked.get("at", ""),
    )
