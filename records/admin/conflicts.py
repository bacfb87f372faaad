"""Two editors at once: whoever saves second sees what both did, decides where they contradict, and loses nothing."""

from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from records.admin import once
from records.admin.encounter import Encounter, is_met, kinds_of, version_among
from records.admin.going_back import GoingBackAdmin
from records.admin.posted import Posted
from records.history import event_model
from records.services import VersionConflict, lock


class ConflictAdmin(GoingBackAdmin):
    """The form of a record that may have been changed, merged or deleted since it was opened."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        key = self._key_sent(request, object_id)
        if key is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        # Locked before anything is read: what is put together now is what stands when it is saved.
        with transaction.atomic():
            try:
                record = lock(self.model(pk=key))
            except VersionConflict:
                return self._rescue(request, self._words_of_deletion(key)) or super().changeform_view(
                    request, object_id, form_url, extra_context
                )
            if not self.has_change_permission(request, record):
                return self._rescue(request, self._words_of_merge(record)) or super().changeform_view(
                    request, object_id, form_url, extra_context
                )
            if is_met(request, record):
                sent, report = Encounter(self, request, record).meet()
                request.POST = sent  # type: ignore[assignment]
                request.conflict = report  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        report = getattr(request, "conflict", None)
        form.conflict = report.message if report else ""
        return form

    def _key_sent(self, request: HttpRequest, object_id: str | None) -> int | None:
        """The key of the record whose form was sent by somebody who may change records of its kind."""
        if request.method != "POST" or object_id is None or not self.has_change_permission(request):
            return None
        to_field = request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR))
        if to_field and to_field != self.opts.pk.name:
            return None
        return int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else None

    # A record that is not there to be changed any more

    def _rescue(self, request: HttpRequest, words: str) -> HttpResponse | None:
        """Show what was typed as the form of a new record, and say why; ``None`` when there is nothing to say."""
        is_form = version_among(request.POST, "loaded_version") > 0 and IS_POPUP_VAR not in request.POST
        if not words or not is_form or not self.has_add_permission(request):
            return None
        kinds = {kind.prefix: kind for kind in kinds_of(self, request, None)}
        keys = {prefix: kind.formset.model._meta.pk.name for prefix, kind in kinds.items()}
        posted = Posted(request.POST, keys)
        for prefix, rows in posted.rows.items():
            posted.rows[prefix] = [row for row in rows if not row.is_removed]
            for row in posted.rows[prefix]:
                row.key = row.was = None
                row.sent.pop(kinds[prefix].formset.fk.name, None)
                row.sent.pop(DELETION_FIELD_NAME, None)
        posted.fields["ticket"] = once.new_ticket(self.model)
        posted.fields.pop("loaded_version", None)
        request.POST = posted.as_sent(keys)  # type: ignore[assignment]
        request.database_refusal = words  # type: ignore[attr-defined]
        add_url = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_add")
        return super().changeform_view(request, None, add_url)

    def _words_of_deletion(self, key: int) -> str:
        events = event_model(self.model).objects.filter(pgh_obj_id=key, pgh_label="delete")
        event = events.select_related("pgh_context").order_by("-pgh_id").first()
        if event is None:
            return ""
        words = _("This record was deleted meanwhile by %(name)s (%(at)s UTC). All you typed is still here: ") % {
            "name": _name_of(event.pgh_context),
            "at": date_format(event.pgh_created_at, "Y-m-d H:i"),
        }
        page = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_restore"
        return _with_link(
            words + _("save it as a new draft, or bring the deleted record back and copy it there."),
            reverse(page, args=[event.uid]),
            _("The deleted record, in a new tab"),
        )

    def _words_of_merge(self, record: Any) -> str:
        survivor = getattr(record, "merged_into", None)
        if survivor is None:
            return ""
        page = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        words = _(
            "This record was merged into “%s” meanwhile. All you typed is still here: copy it over, "
            "or save it as a new draft if it is something else."
        )
        return _with_link(words % survivor, reverse(page, args=[quote(survivor.pk)]), _("That record, in a new tab"))


def _with_link(words: str, url: str, text: str) -> SafeString:
    return format_html('{} <a href="{}" target="_blank" rel="noopener">{}</a>', words, url, text)


def _name_of(context: Any) -> str:
    key = context.metadata.get("user") if context is not None else None
    user = get_user_model().objects.filter(pk=key).first() if key else None
    return user.get_username() if user is not None else _("somebody without an account")
