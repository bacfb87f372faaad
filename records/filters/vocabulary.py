"""The words of a query string, and the names of their companions."""

#: The words that ask for any of their values. Each has a companion that asks for none of them, and one that asks for
#: all of them where a record can have several: ``not_topic``, ``topic_all``.
WITH_WAYS = (
    "actor", "speaker", "state", "organisation", "role", "office", "body", "tier", "topic", "stance", "meeting",
    "place", "country", "mode", "kind", "basis", "status", "series", "language", "channel", "publisher", "source",
    "formula",
)  # fmt: skip
_WORDS = (
    "q", "actor", "speaker", "state", "organisation", "role", "office", "body", "tier", "topic", "topic_exact",
    "stance", "meeting", "place", "country", "mode", "kind", "basis", "status", "series", "language", "channel",
    "publisher", "source", "formula", "from", "to", "dates", "undated", "has_statement", "has_meeting", "accounts",
    "archived", "updated_since", "order", "page_size", "density",
)  # fmt: skip


def all_of(name: str) -> str:
    """The parameter that asks for every one of the values that ``name`` asks for any of."""
    return f"{name}_all"


def none_of(name: str) -> str:
    """The parameter that asks for none of the values that ``name`` asks for any of."""
    return f"not_{name}"


#: All words of the vocabulary, in the order of forms and documents. A set has those that make sense for its model.
VOCABULARY = tuple(
    word for name in _WORDS for word in ((name, all_of(name), none_of(name)) if name in WITH_WAYS else (name,))
)
