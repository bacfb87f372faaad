"""The page of what readers could see change in a record."""

from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.views.details import DetailView
from events.views.lists import LISTS
from events.wording import name_of
from readers.histories import SIZE, PublicHistory
from records.models import Record


class HistoryView(DetailView):
    """The public history of a record; where its page redirects or is gone, so is this one."""

    model = Record
    template_name = "readers/history.html"
    kind_name = _("History")

    def address(self, record: Record) -> str:
        return address_of(record)

    def context(self, record: Record) -> dict[str, Any]:
        pages: Any = Paginator(PublicHistory(record), SIZE)  # type: ignore[arg-type]  # a sequence in all that it asks
        return {"name": name_of(record), "page": pages.get_page(self.request.GET.get("page"))}


def address_of(record: Record) -> str:
    """Where the history of a record stands."""
    return reverse(f"readers:{LISTS[type(record)].name}-history", args=[record.uid])
