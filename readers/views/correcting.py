"""The form for a correction: what the page says, what the reader says, and where they know it from."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from readers import corrections, spam
from readers.facts import Fact, fact_of, record_with
from readers.forms import CorrectionForm
from records.lookup import Gone, Moved, Unknown


class NewCorrectionView(View):
    """The form, and what comes back in it. A refusal loses nothing that was typed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form for the fact ``record`` and ``field`` name; 404 and 410 as the page of the record."""
        fact = self._fact(request.GET.get("record", ""), request.GET.get("field", ""))
        if not isinstance(fact, Fact):
            return fact
        return self._page(request, fact, CorrectionForm(initial={"ticket": _ticket_for(fact)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the correction, or show the form again with what stands against it."""
        form = CorrectionForm(request.POST)
        ticket = spam.read_ticket(request.POST.get("ticket", ""))
        shown: dict[str, Any] = ticket.shown if ticket else {}
        named = shown or request.GET
        fact = self._fact(named.get("record", ""), named.get("field", ""))
        if not isinstance(fact, Fact):
            return fact
        if form.is_valid() and ticket is not None:
            if spam.is_too_often(request):
                form.add_error(None, _("Too many corrections came from your address. Wait an hour, and send it again."))
                return self._page(request, fact, form, status=429)
            given = form.cleaned_data
            corrections.send(
                fact=shown,
                text=given["text"],
                source=given["source"],
                email=given["email"],
                ticket=ticket.number,
            )
            address = reverse("readers:correction-thanks")
            return HttpResponseRedirect(f"{address}?{urlencode({'record': fact.record.uid})}")
        if ticket is None or spam.read_ticket(request.POST["ticket"], max_age=spam.MOST) is None:
            # The next try is signed for what the page says now.
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["ticket"] = _ticket_for(fact)  # type: ignore[index]
        return self._page(request, fact, form, status=400)

    def _fact(self, uid: str, field: str) -> Any:
        """The fact, or the answer of the page that is not there."""
        try:
            fact = fact_of(record_with(uid), field)
        except Moved as moved:
            query = urlencode({"record": moved.record.uid, "field": field})
            return HttpResponseRedirect(f"{reverse('readers:correction-new')}?{query}")
        except Gone as gone:
            return render(self.request, "410.html", {"uid": gone.uid, "reason": gone.reason}, status=410)
        except Unknown as unknown:
            raise Http404 from unknown
        if fact is None:
            raise Http404
        return fact

    def _page(self, request: HttpRequest, fact: Fact, form: CorrectionForm, status: int = 200) -> HttpResponse:
        return render(request, "readers/correction_new.html", {"fact": fact, "form": form}, status=status)


def _ticket_for(fact: Fact) -> str:
    return spam.new_ticket(
        {"record": fact.record.uid, "field": fact.field, "version": fact.record.version, "value": fact.value}
    )


def thanks(request: HttpRequest) -> HttpResponse:
    """What happens next, and the way back to the record."""
    try:
        record = record_with(request.GET.get("record", ""))
    except (Moved, Gone, Unknown):
        record = None
    return render(request, "readers/correction_thanks.html", {"record": record})
