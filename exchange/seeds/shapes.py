"""What an entry of each kind holds: the names in the files are those of the model's fields.

Types, choices, lengths and what must be given follow from the model. Here stands only what the files leave out or
write shorter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actors import models as actors
from events import models as events


@dataclass(frozen=True)
class Part:
    """Rows that belong to an entry, as a list under a name of their own.

    ``owner`` is the link back to the entry, ``identity`` the fields by which a row is known again in a changed file.
    A row may be written as the bare value of ``bare``; with ``pair`` the list is a mapping of two fields instead.
    ``ordered`` rows keep the order of the file in ``position``.
    """

    model: Any
    owner: str
    fields: tuple[str, ...]
    identity: tuple[str, ...]
    bare: str = ""
    pair: tuple[str, str] | None = None
    ordered: bool = False
    parts: Mapping[str, "Part"] = field(default_factory=dict)


@dataclass(frozen=True)
class Nested:
    """Entries written inside another: ``link`` leads to the outer one, whose ``inherited`` fields they share unless
    they give their own.
    """

    kind: str
    link: str
    inherited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """An entry with an ``id`` of its own: a record, an office or a tenure."""

    model: Any
    plural: str
    fields: tuple[str, ...]
    parts: Mapping[str, Part] = field(default_factory=dict)
    nested: Mapping[str, Nested] = field(default_factory=dict)


def _citations(owner: str) -> Part:
    return Part(
        events.Citation,
        owner,
        ("source", "field", "verdict", "value_given", "locator", "quote", "confidence", "note"),
        identity=("source", "field", "verdict", "locator", "quote"),
        bare="source",
    )


ACTOR_PARTS = {
    "names": Part(
        actors.ActorName, "actor", ("text", "language", "kind", "span", "is_verified"), identity=("text", "language")
    ),
    "identifiers": Part(
        actors.ActorIdentifier, "actor", ("scheme", "value"), identity=("scheme", "value"), pair=("scheme", "value")
    ),
    "memberships": Part(
        actors.Membership, "member", ("organisation", "role", "span"), identity=("organisation", "role", "span")
    ),
    "citations": _citations("actor"),
}

PARTICIPANTS = Part(
    events.Participation,
    "meeting",
    (
        "actor", "name_as_given", "role", "side", "on_behalf_of", "capacity", "head_count", "attendance", "note",
    ),
    identity=("actor", "name_as_given"),
    bare="actor",
    ordered=True,
    parts={
        "tenures": Part(
            events.ParticipationTenure, "participation", ("tenure",), identity=("tenure",), bare="tenure"
        ),
        "citations": _citations("participation"),
    },
)  # fmt: skip

STATEMENT_PARTS = {
    "speakers": Part(
        events.StatementSpeaker,
        "statement",
        ("actor", "name_as_given", "tenure", "role"),
        identity=("actor", "name_as_given", "role"),
        bare="actor",
        ordered=True,
    ),
    "mentions": Part(
        events.StatementMention, "statement", ("actor", "relation"), identity=("actor", "relation"), bare="actor"
    ),
    "topics": Part(
        events.StatementTopic, "statement", ("topic", "stance"), identity=("topic",), pair=("topic", "stance")
    ),
    "links": Part(
        events.StatementLink,
        "statement",
        ("relation", "to_statement", "to_meeting"),
        identity=("relation", "to_statement", "to_meeting"),
    ),
    "citations": _citations("statement"),
}

FORMULA_PARTS = {
    "variants": Part(
        events.FormulaVariant,
        "formula",
        ("language", "text", "is_canonical", "is_verified", "note"),
        identity=("language", "text"),
    ),
    "first_users": Part(events.FormulaUser, "formula", ("actor",), identity=("actor",), bare="actor"),
    "uses": Part(
        events.FormulaUse, "formula", ("statement", "wording"), identity=("statement",), bare="statement"
    ),
    "citations": _citations("formula"),
}  # fmt: skip

#: By the name of the kind, in an order in which every entry stands after those it refers to (the like kind apart).
SHAPES: dict[str, Shape] = {
    "actor": Shape(
        actors.Actor,
        "actors",
        ("kind", "name", "home_state", "parent", "born", "died", "successor", "description", "open_points"),
        ACTOR_PARTS,
        {"tenures": Nested("tenure", "person")},
    ),
    "source": Shape(
        events.Source,
        "sources",
        (
            "title", "kind", "publisher", "publisher_actor", "url", "archived_url", "published", "accessed_on",
            "language", "note", "open_points",
        ),
    ),
    "place": Shape(
        events.Place,
        "places",
        ("name", "kind", "country", "parent", "latitude", "longitude", "open_points"),
        {"names": Part(events.PlaceName, "place", ("text", "language"), identity=("language", "text"))},
    ),
    "series": Shape(events.Series, "series", ("name", "description", "open_points")),
    "topic": Shape(
        events.Topic,
        "topics",
        ("name", "parent", "scope_note", "open_points"),
        {
            "labels": Part(
                events.TopicLabel,
                "topic",
                ("language", "kind", "text", "is_verified"),
                identity=("language", "text"),
            )
        },
    ),
    "office": Shape(actors.Office, "offices", ("body", "name", "aliases", "tier")),
    "tenure": Shape(
        actors.Tenure,
        "tenures",
        ("person", "office", "span", "observed", "is_acting", "note"),
        {"citations": _citations("tenure")},
    ),
    "meeting": Shape(
        events.Meeting,
        "meetings",
        (
            "title", "date", "date_basis", "date_note", "mode", "kind", "place", "part_of", "series", "round", "status",
            "openness", "relevance", "summary", "notes", "open_points",
        ),
        {
            "participants": PARTICIPANTS,
            "topics": Part(events.MeetingTopic, "meeting", ("topic",), identity=("topic",), bare="topic"),
            "citations": _citations("meeting"),
        },
        {"statements": Nested("statement", "meeting", inherited=("date",))},
    ),
    "statement": Shape(
        events.Statement,
        "statements",
        (
            "kind", "title", "date", "meeting", "position", "basis", "channel", "channel_note", "language", "gist",
            "note", "open_points",
        ),
        STATEMENT_PARTS,
    ),
    "formula": Shape(
        events.Formula,
        "formulas",
        ("name", "topic", "first_seen", "first_meeting", "note", "open_points"),
        FORMULA_PARTS,
    ),
}  # fmt: skip

#: The heading of each kind in a file.
HEADINGS = {shape.plural: kind for kind, shape in SHAPES.items()}
KIND_OF_MODEL = {shape.model: kind for kind, shape in SHAPES.items()}
