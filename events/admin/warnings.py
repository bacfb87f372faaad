"""Warnings on the forms of the desk, and the view that confirms them.

The form of a record cannot hold another form: the fields of a confirmation stand in the panel and belong, by their
``form`` attribute, to an empty form above it, so that all works without a script.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from events import confirmations
from records.admin import IdentifiedAdmin, Panel
from records.services import Refused


def warnings_on(record: Any) -> dict[str, Any]:
    """The warnings of a record, open and confirmed, for the panel on its form."""
    standing = confirmations.standing_warnings(record)
    return {
        "standing": standing,
        "open": [one for one in standing if one.confirmed is None],
        "confirmed": [one for one in standing if one.confirmed is not None],
    }


WARNINGS = Panel("admin/events/warnings.html", warnings_on)


class WarnedAdmin(IdentifiedAdmin):
    """An admin whose records may have warnings. Whoever may change a record may confirm what it is warned of."""

    change_form_template = "admin/events/warned_change_form.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["events/admin/warnings.css"]}
        js: ClassVar[list[str]] = ["events/admin/proposing.js"]

    def warnings_of(self, record: Any) -> list[dict[str, Any]]:
        """The warnings of a record, for programs; ``confirmed`` is the word of whoever confirmed one."""
        return [
            {
                "code": one.doubt.code,
                "message": str(one.doubt.message),
                "fingerprint": one.doubt.fingerprint,
                "confirmed": one.confirmed.word if one.confirmed else None,
            }
            for one in confirmations.standing_warnings(record)
        ]

    def confirm_warning(self, record: Any, *, fingerprint: str, word: str, by: Any) -> None:
        """Confirm a warning for a program; raises as `events.confirmations.confirm`."""
        confirmations.confirm(record=record, fingerprint=fingerprint, word=word, by=by)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.warnings_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_warnings"
        return [path("<path:object_id>/warnings/", view, name=name), *super().get_urls()]

    def warnings_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Confirm the warning named by ``confirm``, or take back the confirmation named by ``reopen``; POST alone."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        try:
            if fingerprint := request.POST.get("reopen", ""):
                confirmations.reopen(record=record, fingerprint=fingerprint, by=request.user)
                messages.success(request, _("The warning is open again."))
            else:
                fingerprint = request.POST.get("confirm", "")
                word = request.POST.get(f"word-{fingerprint}", "")
                confirmations.confirm(record=record, fingerprint=fingerprint, word=word, by=request.user)
                messages.success(request, _("Confirmed: the warning is quiet until its facts change."))
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(self._way_back(request, record))

    def _way_back(self, request: HttpRequest, record: Any) -> str:
        back = request.POST.get("back", "")
        if back and url_has_allowed_host_and_scheme(
            back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return back
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return f"{reverse(name, args=[quote(record.pk)])}#warnings"
