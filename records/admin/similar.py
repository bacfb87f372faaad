"""Records like the one that is typed, shown beside its form: what is there already need not be coded again."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse, QueryDict
from django.urls import path, reverse
from django.utils.translation import ngettext
from django.views.generic import View

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate
from records.admin.base import IdentifiedAdmin, Panel
from records.warnings import desk_url

#: So many are shown; whoever types on sees the others.
MOST = 6


class SimilarView(View):
    """The records that are like what is typed, as JSON; needs the permission to view the model."""

    model_admin: Any = None
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer at most `MOST` records, the most alike first; ``self`` is the key of the record that is changed."""
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        typed = request.GET.copy()
        for name, values in request.GET.lists():
            # No text in the database holds a NUL.
            typed.setlist(name, [value.replace("\x00", " ") for value in values])
        own = keys_among(typed.getlist("self"))
        records = self.model_admin.similar_to(typed, but=own[0] if own else None)
        choices = self.model_admin.choices_of(records)
        results = [
            {"text": choice.text, "detail": choice.detail, "mark": choice.mark, "url": desk_url(record)}
            for choice, record in zip(choices, records, strict=True)
        ]
        return JsonResponse({"results": results, "words": words_for(len(results))})


def words_for(number: int) -> str:
    """What stands above the list."""
    said = ngettext("%d record like this one is there already:", "%d records like this one are there already:", number)
    return said % number


def keys_among(values: list[str]) -> list[int]:
    """The keys among values that were sent, whatever else was; at most a hundred."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 18][:100]


def day_typed(text: str) -> PartialDate:
    """The date as it is typed so far; unknown while it cannot be read."""
    try:
        return PartialDate.parse(text)
    except InvalidPartialDate:
        return PartialDate.UNKNOWN


class SimilarAdmin(IdentifiedAdmin):
    """An admin that looks for records like the one on its form.

    ``similar_fields`` is a regular expression of the names of the form fields that say what it is like; the fields of a
    row are asked for without its number.
    """

    similar_fields = ""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["records/admin/similar.css"]}
        js: ClassVar[list[str]] = ["records/admin/similar.js"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(SimilarView.as_view(model_admin=self))
        name = f"{self.opts.app_label}_{self.opts.model_name}_similar"
        return [path("similar/", view, name=name), *super().get_urls()]

    def keys_like(self, typed: QueryDict, *, but: int | None) -> list[int]:
        """The keys of the records like what is typed, the most alike first; drafts too, merged ones not."""
        raise NotImplementedError

    def similar_to(self, typed: QueryDict, *, but: int | None) -> list[Any]:
        """The records like what is typed, as a list of choices reads them."""
        keys = self.keys_like(typed, but=but)[:MOST]
        records = {one.pk: one for one in self.for_choosing(self.model._default_manager.filter(pk__in=keys))}
        return [records[key] for key in keys if key in records]

    def typed_of(self, record: Any) -> QueryDict:
        """What the form of a saved record would ask with."""
        raise NotImplementedError

    def similar_on(self, record: Any) -> dict[str, Any]:
        """What the panel on the form shows."""
        saved = record is not None and record.pk is not None
        records = self.similar_to(self.typed_of(record), but=record.pk) if saved else []
        url = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_similar")
        choices = self.choices_of(records)
        return {
            "url": f"{url}?self={record.pk}" if saved else url,
            "fields": self.similar_fields,
            "similar": [(choice, desk_url(one)) for choice, one in zip(choices, records, strict=True)],
            "words": words_for(len(records)),
        }

    def _sections(self, context: Any, obj: Any) -> Any:
        panel = Panel("admin/record_similar.html", self.similar_on)
        first, *others = super()._sections(context, obj)
        yield first
        if getattr(obj, "merged_into_id", None) is not None:
            # It is most like its survivor, and nothing can be done about that.
            yield from others
            return
        yield {"panel": panel.template, **panel.context(obj)}
        yield from others
