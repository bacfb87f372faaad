"""What a file is: which filter found it, when, by which licence it may be used, how to cite it, what its columns hold.

It stands inside a file where the format has room for it; for the others it has an address, named in their ``Link``.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.exports.kinds import Kind
from exchange.exports.references import SITE_NAME
from exchange.exports.sheets import SIGNS


def about(kind: Kind, filters: Any, *, site: str, page: str, at: datetime) -> dict[str, Any]:
    """The description of a file of what the filter set finds; ``page`` is the path of the list."""
    query = filters.query_string(page_size=None, density=None)
    address = f"{site}{page}?{query}" if query else f"{site}{page}"
    title = f"{SITE_NAME}: {kind.model._meta.verbose_name_plural}"
    day = f"{at:%B} {at.day}, {at.year}"
    return {
        "title": title,
        "url": address,
        "filter": [
            {"parameter": one.parameter, "value": one.value, "label": one.label, "meaning": one.value_label}
            for one in filters.applied
        ],
        "order": filters.order,
        "read_at": at.isoformat(timespec="seconds"),
        "licence": licence(),
        "cite_as": f"{SITE_NAME}. ({at.year}, {at:%B} {at.day}). {title} [Data set]. Retrieved {day}, from {address}",
        "codebook": _("Fields and values are explained in docs/codebook.md, the forms of files in docs/exports.md."),
        "formula_protection": _(
            "In CSV, a text that begins with one of %(signs)s has an apostrophe before it. Take one apostrophe away "
            "from every cell that begins with one, and you have what the database holds."
        )
        % {"signs": " ".join(repr(sign)[1:-1] for sign in SIGNS)},
        "columns": [
            {"name": column.name, "kind": column.kind, "description": column.description}
            for column in kind.table.columns
        ],
    }


def licence() -> str:
    """By which licence what editors wrote may be used."""
    return settings.DATA_LICENCE or str(
        _("Not stated: ask whoever runs the site. Titles and quotations belong to their sources.")
    )


def as_pairs(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The description as two columns, for a sheet."""
    pairs = [(name, value) for name, value in said.items() if isinstance(value, str)]
    pairs += [(f"filter: {one['label']}", one["meaning"]) for one in said["filter"]]
    return pairs + [(column["name"], column["description"]) for column in said["columns"]]
