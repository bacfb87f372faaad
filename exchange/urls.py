"""The addresses of files, references and selections; they stand before those of `events.urls`, which take any id."""

from typing import Any

from django.urls import path

from exchange.exports.kinds import KINDS, Kind
from exchange.views import concordance, exports, selections
from records.rates import limited

app_name = "exchange"


def _file(view: Any) -> Any:
    return limited("files", "FILE_REQUESTS_PER_MINUTE", view)


def _addresses(kind: Kind) -> list[Any]:
    chosen: dict[str, Any] = {"kind": kind}
    return [
        path(f"{kind.plural}/export/", _file(exports.ExportView.as_view(**chosen)), name=f"{kind.name}-export"),
        path(f"{kind.plural}/cite/", selections.CiteSelectionView.as_view(**chosen), name=f"{kind.name}-cite"),
        path(
            f"{kind.plural}/<str:uid>/export/",
            _file(exports.RecordExportView.as_view(**chosen)),
            name=f"{kind.name}-reference",
        ),
    ]


urlpatterns = [
    # Before the references of records, which take any id.
    path("statements/concordance/export/", _file(concordance.concordance), name="concordance"),
    *(address for kind in KINDS.values() for address in _addresses(kind)),
    path("selections/<str:key>/", selections.selection_page, name="selection"),
    path("selections/<str:key>/export/", _file(selections.selection_file), name="selection-export"),
]
