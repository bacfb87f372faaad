"""Views of a list saved under a name: its filters, search and order, for oneself or for the whole desk."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from records.admin.listing import state_of
from records.models import SavedView
from records.refusals import message_of


class SavedViewForm(forms.ModelForm):
    """The name of a view, and whether the desk sees it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")


class SavedViewsAdmin:
    """The saved views above a list of records, for `records.admin.RecordAdmin`."""

    change_list_template = "admin/record_change_list.html"
    admin_site: Any
    opts: Any
    message_user: Any
    has_view_or_change_permission: Any
    get_changelist_instance: Any

    def get_urls(self) -> list[Any]:
        name, wrap = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("views/save/", wrap(self.save_view_view), name=f"{name}_save_view"),
            path("views/<int:key>/", wrap(self.change_view_view), name=f"{name}_change_view"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            changelist, state = answer.context_data["cl"], state_of(request)
            if not changelist.is_popup:
                known = _parameters_of(changelist)
                answer.context_data |= {
                    "views": [self._view_told(view, request, state, known) for view in self._saved_views(request)],
                    "view_state": state,
                    "save_view_url": self._of_views("save_view"),
                }
        return answer

    def _saved_views(self, request: HttpRequest) -> Any:
        seen = Q(user=request.user.pk) | Q(is_shared=True)
        return SavedView.objects.filter(seen, list=self.opts.label_lower).select_related("user").order_by("name", "pk")

    def _view_told(self, view: SavedView, request: HttpRequest, state: str, known: set[str]) -> dict[str, Any]:
        return {
            "name": view.name,
            "by": "" if view.user_id == request.user.pk else view.user.get_username(),
            "is_shared": view.is_shared,
            "address": f"{self._of_views('changelist')}?{view.query}",
            "change_url": self._of_views("change_view", view.pk) if view.user_id == request.user.pk else "",
            "is_current": view.query == state,
            "is_outdated": not set(QueryDict(view.query)) <= known,
        }

    def save_view_view(self, request: HttpRequest) -> HttpResponse:
        """Save the state of the list that was looked at under a name."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._refuse_view(request)
        state = request.POST.get("state", "").replace("\x00", "")
        request.GET = QueryDict(state)
        view = SavedView(user_id=request.user.pk, list=self.opts.label_lower, query=state_of(request))
        return self._save_view(request, view, _("Saved as “%s”."))

    def change_view_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Rename, share or delete a view of one's own."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._refuse_view(request)
        view = SavedView.objects.filter(pk=key, user=request.user.pk, list=self.opts.label_lower).first()
        if view is None:
            raise Http404
        if "_delete" in request.POST:
            view.delete()
            self.message_user(request, _("The view “%s” is deleted.") % view.name, messages.SUCCESS)
            return HttpResponseRedirect(self._of_views("changelist"))
        return self._save_view(request, view, _("The view is called “%s” now."))

    def _save_view(self, request: HttpRequest, view: SavedView, said: str) -> HttpResponse:
        form, state = SavedViewForm(request.POST, instance=view), view.query
        # Not among the fields of the form, and still to be judged: its length, and the name among others.
        try:
            if form.is_valid():
                view.full_clean()
                with transaction.atomic():
                    form.save()
                self.message_user(request, said % view.name, messages.SUCCESS)
        except ValidationError as error:
            form.add_error(None, error.messages)
        except IntegrityError as error:
            form.add_error(None, message_of(error))
        for errors in form.errors.values():
            for error in errors:
                self.message_user(request, error, messages.ERROR)
        return HttpResponseRedirect(f"{self._of_views('changelist')}?{state}")

    def _refuse_view(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _of_views(self, name: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)


def _parameters_of(changelist: Any) -> set[str]:
    """The parameters that the list understands."""
    asked = {name for spec in changelist.filter_specs for name in spec.expected_parameters() if name}
    return {ORDER_VAR, SEARCH_VAR, *asked}
