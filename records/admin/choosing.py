"""Choosing a record in a form: a field that searches while one types, and the answers it gets.

A plain ``select`` holds the value; a script of ours makes it a combobox (WAI-ARIA pattern, no library). What the
records of a form are called is read once for the whole page, not once for each field.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from records.models import Record, State
from records.triggers import RequireKind, rules_of

PAGE = 20


@dataclass(frozen=True)
class Choice:
    """A record as an editor sees it in a list of answers. ``detail`` tells it from its namesakes; ``mark`` warns."""

    id: str
    text: str
    detail: str = ""
    mark: str = ""

    @classmethod
    def of(cls, record: Any, *details: Any) -> "Choice":
        """The choice of a record, with those details that are known."""
        return cls(
            str(record.pk), str(record), " · ".join(str(detail) for detail in details if detail), mark_of(record)
        )


@dataclass(frozen=True)
class Offer:
    """An entry in a list of answers that makes the record out of what was typed: by a POST of it to ``url``.

    The answer there is a `Choice` and ``words`` that are said of it, or a ``refusal`` in words.
    """

    text: str
    detail: str
    url: str


def mark_of(record: Any) -> str:
    """What an editor should know of a record that readers do not see."""
    if not issubclass(type(record), Record) or record.is_public:
        return ""
    return _("merged") if record.merged_into_id else str(State(record.state).label)


class ChoicesView(View):
    """What a record can be chosen from, as JSON; needs the permission to view the model, like the admin's own lists."""

    model_admin: Any = None
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer at most `PAGE` choices for ``term``, the nearest first, and whether there are more.

        Where there is none and the form can take a new record (``offers``), the answer may hold an `Offer`.
        """
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        typed = request.GET.get("term", "").strip()
        found = list(self.model_admin.choosable(request, typed)[: PAGE + 1])
        choices = self.model_admin.choices_of(found[:PAGE])
        answer: dict[str, Any] = {"results": [asdict(choice) for choice in choices], "more": len(found) > PAGE}
        if not found and "offers" in request.GET and (offer := self.model_admin.offer_for(request, typed)):
            answer["offer"] = asdict(offer)
        return JsonResponse(answer)


class _RecordChoice:
    """What single and multiple choice share.

    ``narrowed_by`` names the fields of the form that narrow the answers; with ``offers`` a record that is not there yet
    can be made out of what was typed, where its admin knows how.
    """

    field: Any
    choices: Any
    allow_multiple_selected: bool

    def __init__(
        self,
        field: Any,
        admin_site: Any,
        *,
        narrowed_by: dict[str, str] | None = None,
        offers: bool = False,
        **kwargs: Any,
    ) -> None:
        self.field = field
        self.admin_site = admin_site
        self.narrowed_by = narrowed_by or {}
        self.offers = offers
        self.known: dict[str, Choice | None] | None = None
        super().__init__(**kwargs)

    @property
    def remote_model(self) -> Any:
        return self.field.remote_field.model

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        options = self.remote_model._meta
        attrs["data-choose"] = reverse(f"{self.admin_site.name}:{options.app_label}_{options.model_name}_choices")
        attrs["data-none"] = _("Nothing found")
        attrs["data-more"] = _("There is more: type on")
        attrs["data-remove"] = _("Remove")
        if self.offers:
            attrs["data-offers"] = _("Adding…")
            attrs["data-failed"] = _("The server did not answer, and nothing was added. Try again.")
        if kinds := self._kinds():
            attrs["data-kinds"] = ",".join(kinds)
        if self.narrowed_by:
            attrs["data-narrowed-by"] = ",".join(f"{parameter}:{name}" for parameter, name in self.narrowed_by.items())
        return attrs

    def _kinds(self) -> tuple[str, ...]:
        for rule in rules_of(self.field.model):
            if isinstance(rule, RequireKind) and rule.field == self.field.name:
                return rule.kinds
        return ()

    def selected_ids(self, value: Any) -> list[str]:
        """The keys among a field's value, whatever else was sent."""
        values = value if isinstance(value, list | tuple) else [value]
        keys = (str(getattr(one, "pk", one)) for one in values if one is not None)
        return [key for key in keys if key.isascii() and key.isdigit()]

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:  # noqa: ARG002 (Django's signature)
        keys = self.selected_ids(value)
        known: Mapping[str, Choice | None] | None = self.known
        if known is None or not set(keys) <= set(known):
            known = record_choices(self.admin_site, self.remote_model, keys)
        chosen = [choice for key in keys if (choice := known.get(key))]
        options = [] if self.allow_multiple_selected else [self._option(name, Choice("", ""), not chosen, 0)]
        options += [self._option(name, choice, True, index) for index, choice in enumerate(chosen, start=1)]
        return [(None, options, 0)]

    def _option(self, name: str, choice: Choice, is_selected: bool, index: int) -> Any:
        text = f"{choice.text} ({choice.mark})" if choice.mark else choice.text
        option = self.create_option(name, choice.id, text, is_selected, index)  # type: ignore[attr-defined]
        if choice.detail:
            option["attrs"]["data-detail"] = choice.detail
        return option

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["records/admin/choosing.css"]},
            js=["admin/js/vendor/jquery/jquery.min.js", "admin/js/jquery.init.js", "records/admin/choosing.js"],
        )


class RecordSelect(_RecordChoice, forms.Select):
    """One record, or none."""


class RecordSelectMultiple(_RecordChoice, forms.SelectMultiple):
    """Several records."""


def record_choices(admin_site: Any, model: Any, keys: Iterable[str]) -> dict[str, Choice]:
    """What the records with these keys are called, in a constant number of queries."""
    keys = set(keys)
    if not keys:
        return {}
    model_admin = admin_site.get_model_admin(model)
    records = model_admin.for_choosing(model._default_manager.filter(pk__in=keys))
    return {choice.id: choice for choice in model_admin.choices_of(list(records))}


def preload_choices(admin_site: Any, forms_on_page: Iterable[Any]) -> None:
    """Tell every choosing field of a page what its value is called; one set of queries for each model chosen from."""
    widgets = defaultdict(list)
    keys: dict[Any, set[str]] = defaultdict(set)
    for form in forms_on_page:
        for name, field in form.fields.items():
            widget = field.widget.widget if isinstance(field.widget, RelatedFieldWidgetWrapper) else field.widget
            if isinstance(widget, _RecordChoice):
                widgets[widget.remote_model].append(widget)
                keys[widget.remote_model].update(widget.selected_ids(form[name].value()))
    for model, choosing in widgets.items():
        # A key that no record has is known, too: to be nothing.
        known = {**dict.fromkeys(keys[model]), **record_choices(admin_site, model, keys[model])}
        for widget in choosing:
            widget.known = known
