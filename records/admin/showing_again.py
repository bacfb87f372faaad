"""Showing a form again with everything typed in it and a little more, without saving: buttons that fill in rows.

It is how such a button works where no script runs. What was typed is not judged: nobody asked for it to be saved.
"""

from collections.abc import Callable
from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from records.admin.base import IdentifiedAdmin

Amendment = Callable[[HttpRequest, QueryDict], None]

#: The button that Enter presses in a browser without a script; saving has buttons of its own.
ENTER = "_enter"


class ShowingAgainAdmin(IdentifiedAdmin):
    """An admin some of whose buttons change what is typed; see `amendments`."""

    def amendments(self) -> dict[str, Amendment]:
        """By the name of a button: what writes into the form that was sent, before it is shown again."""
        return {ENTER: lambda request, sent: None}  # noqa: ARG005 (nothing to write)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pressed = next((name for name in self.amendments() if name in request.POST), None)
        # Whoever may not save the form is told so by the view itself.
        may_save = self.has_add_permission(request) if object_id is None else self.has_change_permission(request)
        if request.method == "POST" and pressed is not None and may_save:
            sent: Any = request.POST.copy()
            self.amendments()[pressed](request, sent)
            request.POST = sent
            request.is_shown_again = True  # type: ignore[attr-defined]
            request.database_refusal = _("Nothing is saved yet.")  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["enter"] = ENTER
        if getattr(request, "is_shown_again", False):
            _forget_errors(context)
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)


def _forget_errors(context: Any) -> None:
    context["errors"] = []
    formsets = [one.formset for one in context["inline_admin_formsets"]]
    for form in (context["adminform"].form, *(form for formset in formsets for form in formset.forms)):
        form._errors = ErrorDict()
    for formset in formsets:
        formset._errors = [ErrorDict() for _form in formset.forms]
        formset._non_form_errors = formset.error_class()


def rows_sent(sent: QueryDict, prefix: str) -> int:
    """How many rows of a kind were sent, deleted ones too; 0 when the form does not say."""
    total = sent.get(f"{prefix}-TOTAL_FORMS", "")
    return int(total) if total.isascii() and total.isdigit() and len(total) < 6 else 0


def add_rows(sent: Any, prefix: str, rows: list[dict[str, Any]]) -> None:
    """Write rows below those that were sent; a value is a text or a list of texts."""
    if f"{prefix}-TOTAL_FORMS" not in sent:
        return
    before = rows_sent(sent, prefix)
    for number, row in enumerate(rows, start=before):
        for name, value in row.items():
            sent.setlist(f"{prefix}-{number}-{name}", value if isinstance(value, list) else [str(value)])
    sent[f"{prefix}-TOTAL_FORMS"] = str(before + len(rows))
