"""The filter vocabulary, the part that all models share: how a query string is read, refused, worded and applied.

Every list of a page, an export, a feed or the API is filtered by the one filter set of its model, in the ``filters.py``
of its app. A value is a public id or a word; repeating a parameter means any of its values; different parameters must
all hold. What a parameter asks is a named question of the queryset, so that it has one definition.
"""

from records.filters.parameters import (
    DENSITIES,
    UPDATE_ORDERS,
    CountryFilter,
    LanguageFilter,
    OneWordFilter,
    OrderFilter,
    PartialDateFilter,
    SearchFilter,
    UidFilter,
    VocabularyFilter,
    WordFilter,
    YesNoFilter,
    name_orders,
    time_orders,
    title_orders,
)
from records.filters.sets import (
    AppliedFilter,
    DatedFilterSet,
    RecordFilterSet,
)
from records.filters.values import (
    MAX_VALUES,
)
from records.filters.vocabulary import (
    VOCABULARY,
    all_of,
    none_of,
)

__all__ = [
    "DENSITIES",
    "MAX_VALUES",
    "UPDATE_ORDERS",
    "VOCABULARY",
    "AppliedFilter",
    "CountryFilter",
    "DatedFilterSet",
    "LanguageFilter",
    "OneWordFilter",
    "OrderFilter",
    "PartialDateFilter",
    "RecordFilterSet",
    "SearchFilter",
    "UidFilter",
    "VocabularyFilter",
    "WordFilter",
    "YesNoFilter",
    "all_of",
    "name_orders",
    "none_of",
    "time_orders",
    "title_orders",
]
