"""The flat form of each kind of record: one row a record, in columns named as the codebook and the API name fields."""

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from actors.models import Actor, ActorIdentifier, ActorName
from events.models import (
    Citation,
    Formula,
    FormulaUser,
    FormulaVariant,
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationTenure,
    Place,
    PlaceName,
    Series,
    Source,
    Statement,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
)
from exchange.exports.columns import (
    Item,
    Table,
    address,
    day,
    if_public,
    link,
    many,
    moment,
    number,
    partial_date,
    text,
    texts,
)

Rows = list[tuple[QuerySet[Any], str]]

#: Links of a citation that are not set when it points at one thing: nothing there can be hidden.
TARGETS = tuple(path for path in Citation.public_through if path != "source")


def cited(target: str, owner: str, *, unless: tuple[str, ...] = ()) -> tuple[QuerySet[Any], str]:
    """The public citations of one kind of target, of records that are known to be public."""
    given = tuple(path for path in TARGETS if path not in unless)
    return Citation.objects.public(given=given).filter(**{f"{target}__isnull": False}), owner


def _sources(*citations: tuple[QuerySet[Any], str]) -> Any:
    title = Coalesce(
        _or_null("source__title"), _or_null("source__url"), F("source__archived_url"), output_field=CharField()
    )
    return many(
        lambda: citations,
        Item("source_uids", F("source__uid"), "Public ids of the sources cited for the record, each once."),
        Item(
            "sources",
            Concat(F("source__publisher"), Value(": "), title, output_field=CharField()),
            "Publishers and titles of the sources.",
            about=("source_uids",),
        ),
        Item("source_urls", F("source__url"), "Where the documents are.", about=("source_uids",)),
        order=("source__uid", "id"),
        is_distinct=True,
    )


def _or_null(path: str) -> Any:
    return NullIf(F(path), Value(""))


END = (
    texts("open_points", "What no source confirmed."),
    number("version", "Version of the record; it rises with every change."),
    moment("published_at", "When it was published first, in UTC."),
    moment("updated_at", "When it was changed last, in UTC."),
)
UID = text("uid", "Public id of the record, which never changes.")
NAME = text("name", "Its name on the site, in English.")


def _participations() -> Rows:
    return [(Participation.objects.public(given=("meeting",)), "meeting")]


#: A participation is hidden with the actor, and with whom it acted for.
WHO = ("participant_uids", "participant_on_behalf_of_uids")


def _acted_in(shown: Any) -> Subquery:
    """Something of each office in which a participant acted, in the order of time."""
    given = ("participation__meeting", "participation__actor", "participation__on_behalf_of", "tenure__person")
    rows = ParticipationTenure.objects.public(given=given).filter(participation=OuterRef("pk")).order_by()
    return Subquery(
        rows.values("participation")
        .annotate(
            all=StringAgg(shown, delimiter="; ", order_by=("tenure__span_sort", "tenure_id"), output_field=CharField())
        )
        .values("all")
    )


MEETINGS = Table(
    Meeting,
    "meeting",
    "meetings",
    (
        UID,
        address(),
        text("title", "Who met and on what occasion."),
        partial_date("date", "The day at the place of the meeting."),
        text("date_basis", "What the date rests on."),
        text("mode", "How the parties met; empty: not known."),
        text("kind", "What sort of encounter it was."),
        text("status", "What became of it, as far as sources say."),
        text("openness", "Whether the public could know of it at the time."),
        text("relevance", "Core of the collection, or context."),
        link("place", "Where it was held."),
        text("country", "Country of the place (ISO 3166-1).", if_public("place", "country"), about=("place_uid",)),
        link("part_of", "The visit or summit during which it was held.", shown="title"),
        link("series", "The series it belongs to."),
        number("round", "Its number in the series."),
        many(
            _participations,
            Item(
                "participants",
                Coalesce(F("actor__name"), F("name_as_given")),
                "Who took part, in the order of the source; the name as given where the actor is not resolved.",
                about=WHO,
            ),
            Item("participant_uids", F("actor__uid"), "Their public ids; nothing while unresolved."),
            Item("participant_roles", F("role"), "What each did in the meeting.", about=WHO),
            Item("participant_sides", F("side"), "The party each belonged to at the table.", about=WHO),
            Item(
                "participant_offices",
                _acted_in(Concat(F("tenure__office__name"), Value(", "), F("tenure__office__body__name"))),
                "The offices each acted in, “; ” between several.",
                about=(*WHO, "participant_office_body_uids"),
            ),
            Item(
                "participant_office_body_uids",
                _acted_in(F("tenure__office__body__uid")),
                "Public ids of the bodies of these offices, “; ” between several.",
            ),
            Item(
                "participant_capacities",
                F("capacity"),
                "The office of each as the source words it.",
                about=WHO,
            ),
            Item(
                "participant_on_behalf_of",
                F("on_behalf_of__name"),
                "Whom each acted for, if not its own state.",
                about=WHO,
            ),
            Item("participant_on_behalf_of_uids", F("on_behalf_of__uid"), "Their public ids."),
            Item(
                "participant_attendance",
                F("attendance"),
                "How sure it is that each was there.",
                about=WHO,
            ),
            order=("position", "id"),
        ),
        many(
            lambda: [(MeetingTopic.objects.public(given=("meeting",)), "meeting")],
            Item("topics", F("topic__name"), "The topics raised.", about=("topic_uids",)),
            Item("topic_uids", F("topic__uid"), "Their public ids."),
        ),
        text("summary", "What happened, in the editors’ words."),
        _sources(
            cited("meeting", "meeting"),
            cited(
                "participation",
                "participation__meeting",
                unless=("participation__actor", "participation__on_behalf_of"),
            ),
        ),
        *END,
    ),
)

STATEMENTS = Table(
    Statement,
    "statement",
    "statements",
    (
        UID,
        address(),
        text("kind", "What sort of utterance it is."),
        text("title", "Its title, if it has one."),
        partial_date("date", "The day it was said or issued."),
        link("meeting", "The meeting it was made in or gives an account of.", shown="title"),
        many(
            lambda: [(StatementSpeaker.objects.public(given=("statement",)), "statement")],
            Item(
                "speakers",
                Coalesce(F("actor__name"), F("name_as_given")),
                "Its authors; the name as given where the actor is not resolved.",
                about=("speaker_uids",),
            ),
            Item("speaker_uids", F("actor__uid"), "Their public ids; nothing while unresolved."),
            Item("speaker_roles", F("role"), "What each is to the statement.", about=("speaker_uids",)),
            order=("position", "id"),
        ),
        text("basis", "How near the text is to the words spoken."),
        link("channel", "The actor that published it."),
        text("channel_note", "What is to be said of the channel."),
        text("language", "Of the original (BCP 47)."),
        text("gist", "What it says, in the editors’ words."),
        many(
            lambda: [(StatementTopic.objects.public(given=("statement",)), "statement")],
            Item("topics", F("topic__name"), "What it is about.", about=("topic_uids",)),
            Item("topic_uids", F("topic__uid"), "Their public ids."),
            Item(
                "stances",
                F("stance"),
                "The position taken on each; nothing where the topic was only raised.",
                about=("topic_uids",),
            ),
        ),
        text("text", "In the original language, where it may be held."),
        text("translation", "The text in another language."),
        text("translation_language", "Of the translation (BCP 47)."),
        text("translator", "Who translated."),
        _sources(cited("statement", "statement")),
        *END,
    ),
)

ACTORS = Table(
    Actor,
    "actor",
    "actors",
    (
        UID,
        address(),
        text("kind", "Person, state, organisation or body."),
        NAME,
        many(
            lambda: [(ActorName.objects.public(given=("actor",)), "actor")],
            Item("names", F("text"), "Its names in all languages and scripts."),
            Item("name_languages", F("language"), "The language of each (BCP 47)."),
            Item("name_kinds", F("kind"), "What each is to its bearer."),
        ),
        many(
            lambda: [(ActorIdentifier.objects.public(given=("actor",)), "actor")],
            Item(
                "identifiers",
                Concat(F("scheme"), Value(":"), F("value"), output_field=CharField()),
                "Its ids elsewhere: wikidata:Q…, iso3166-1:…",
            ),
            order=("scheme", "value"),
        ),
        link("home_state", "The state or organisation it belongs to."),
        link("parent", "The body, state or organisation it is an organ of."),
        partial_date("born", "When it was born or founded."),
        partial_date("died", "When it died or was dissolved."),
        link("successor", "Who succeeded it."),
        text("description", "A sentence or two for readers."),
        *END,
    ),
)

TOPICS = Table(
    Topic,
    "topic",
    "topics",
    (
        UID,
        address(),
        NAME,
        many(
            lambda: [(TopicLabel.objects.public(given=("topic",)), "topic")],
            Item("labels", F("text"), "Its labels in other languages."),
            Item("label_languages", F("language"), "The language of each (BCP 47)."),
            order=("language", "-kind", "id"),
        ),
        link("parent", "The broader topic."),
        text("scope_note", "What belongs under it and what does not."),
        *END,
    ),
)

PLACES = Table(
    Place,
    "place",
    "places",
    (
        UID,
        address(),
        NAME,
        many(
            lambda: [(PlaceName.objects.public(given=("place",)), "place")],
            Item("names", F("text"), "Its names in other languages."),
            Item("name_languages", F("language"), "The language of each (BCP 47)."),
            order=("language", "id"),
        ),
        text("kind", "How large it is."),
        text("country", "ISO 3166-1 code."),
        link("parent", "The place it lies in."),
        number("latitude", "Degrees north, WGS 84."),
        number("longitude", "Degrees east, WGS 84."),
        *END,
    ),
)

SERIES = Table(Series, "series", "series", (UID, address(), NAME, text("description", "What the series is."), *END))

SOURCES = Table(
    Source,
    "source",
    "sources",
    (
        UID,
        address(),
        text("title", "As printed; empty while it was not recorded."),
        text("kind", "What sort of document it is."),
        text("publisher", "As it names itself."),
        link("publisher_actor", "The publisher as an actor."),
        partial_date("published", "When it was published."),
        day("accessed_on", "The day an editor read it."),
        text("language", "Of the document (BCP 47)."),
        text("document_url", "Where the document is.", "url"),
        text("archived_url", "Where an archived copy is."),
        text("note", "What is to be said of it."),
        *END,
    ),
)

FORMULAS = Table(
    Formula,
    "formula",
    "formulas",
    (
        UID,
        address(),
        text("name", "The phrase in English."),
        many(
            lambda: [(FormulaVariant.objects.public(given=("formula",)), "formula")],
            Item("variants", F("text"), "Its wordings by language."),
            Item("variant_languages", F("language"), "The language of each (BCP 47)."),
            order=("-is_canonical", "language", "id"),
        ),
        link("topic", "What it is about."),
        partial_date("first_seen", "The earliest use among the sources read."),
        link("first_meeting", "The meeting of that use.", shown="title"),
        many(
            lambda: [(FormulaUser.objects.public(given=("formula",)), "formula")],
            Item("first_users", F("actor__name"), "Who was seen to use it first.", about=("first_user_uids",)),
            Item("first_user_uids", F("actor__uid"), "Their public ids."),
        ),
        text("note", "What is to be said of it."),
        _sources(cited("formula", "formula")),
        *END,
    ),
)

TABLES: dict[Any, Table] = {
    table.model: table for table in (MEETINGS, STATEMENTS, ACTORS, TOPICS, PLACES, SERIES, SOURCES, FORMULAS)
}
