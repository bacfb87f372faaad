"""Files of a list and references of one record."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from events.models import Source
from exchange.exports import references
from exchange.exports.answers import answer, site_of
from exchange.exports.services import FORMATS, REFERENCES, Export, formats_of, written
from records.lookup import Gone, Moved, Unknown, find


class ExportView(View):
    """What the filter of a list finds, as a file; what is refused is said beside what was asked."""

    kind: ClassVar[Any] = None

    def get(self, request: HttpRequest) -> Any:
        """Answer 200 with the file, or 400 with the reasons and the way back."""
        export = Export(self.kind, request.GET, site=site_of(request))
        if export.problems:
            return self._refuse(request, export)
        return answer(request, export, about_path=request.path)

    def head(self, request: HttpRequest) -> Any:
        return self.get(request)

    def _refuse(self, request: HttpRequest, export: Export) -> HttpResponse:
        query = export.filters.query_string()
        context = {
            "messages_by_name": export.problems,
            "list_title": self.kind.model._meta.verbose_name_plural,
            "list_url": f"{export.page}?{query}" if query else export.page,
            "query": query,
            "export_url": request.path,
            "formats": [one for one in formats_of(self.kind).values() if one.name != "about"],
            "is_filter_refused": bool(export.filters.errors),
            "section": self.kind.name,
        }
        return render(request, "exchange/refused.html", context, status=400)


class RecordExportView(View):
    """One record as a reference; a source as the document that it is."""

    kind: ClassVar[Any] = None

    def get(self, request: HttpRequest, uid: str) -> HttpResponse:
        """Answer 200, 301, 404, 410, or 400 for a format that is not there."""
        try:
            record = find(uid, among=self.kind.model.objects.all())
        except Moved as moved:
            address = reverse(f"exchange:{self.kind.name}-reference", args=[moved.record.uid])
            return HttpResponsePermanentRedirect(f"{address}?{request.GET.urlencode()}")
        except Gone as gone:
            return render(request, "410.html", {"uid": gone.uid, "reason": gone.reason}, status=410)
        except Unknown as unknown:
            raise Http404 from unknown
        name = request.GET.get("format", "")
        if name not in REFERENCES or set(request.GET) != {"format"}:
            return self._refuse(request, record)
        return self._reference(request, record, name)

    def _reference(self, request: HttpRequest, record: Any, name: str) -> HttpResponse:
        now = datetime.now(UTC)
        if isinstance(record, Source):
            reference = references.of_source(record)
        else:
            reference = references.of_record(record, site=site_of(request), accessed=now.date())
        form = FORMATS[name]
        response = HttpResponse("".join(written(name, iter([reference]))), content_type=form.media_type)
        file_name = f"readout-{self.kind.name}-{record.uid}-{now:%Y-%m-%d}.{form.suffix}"
        response["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response

    def _refuse(self, request: HttpRequest, record: Any) -> HttpResponse:
        context = {"record": record, "formats": [FORMATS[name] for name in REFERENCES], "section": self.kind.name}
        return render(request, "exchange/refused_reference.html", context, status=400)
