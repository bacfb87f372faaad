"""The filter vocabulary of meetings, statements, topics, places, series, sources and formulas."""

from typing import Any

from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from actors.filters import HOME_KINDS, ActorFilterSet
from actors.models import Actor, Office
from events.accounts import ACCOUNTS
from events.models import (
    Basis,
    Formula,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Mode,
    ParticipationRole,
    Place,
    PlaceKind,
    Series,
    Source,
    SourceKind,
    SpeakerRole,
    Stance,
    Statement,
    StatementKind,
    Topic,
)
from events.querysets import first_used_by, in_languages, labelled_in, under_topics, used_by, worded_in
from events.search import FORMULAS, MEETINGS, PLACES, SERIES, SOURCES, STATEMENTS, TOPICS
from records.filters import (
    UPDATE_ORDERS,
    CountryFilter,
    DatedFilterSet,
    LanguageFilter,
    OrderFilter,
    RecordFilterSet,
    SearchFilter,
    UidFilter,
    VocabularyFilter,
    WordFilter,
    YesNoFilter,
    name_orders,
    time_orders,
    title_orders,
)
from records.querysets import at_or_below
from records.search import Folded


class MeetingFilterSet(DatedFilterSet):
    """Meetings. Only what the public sees makes one match: no hidden participant, topic, place or statement."""

    q = SearchFilter(
        MEETINGS,
        help_text=_(
            "Words of the title, summary and notes, or of the names of participants (in any script, typing mistakes in "
            "longer words forgiven), their offices and capacities, topics, place and series. Every word must be found "
            "somewhere. “Exact phrases”, -without, this or that."
        ),
    )
    actor = UidFilter(
        Actor,
        "joined_by",
        read_elsewhere=True,
        has_many=True,
        label=_("Participant"),
        help_text=_("Meetings this actor took part in; who was absent took no part. With role: in that role."),
    )
    speaker = UidFilter(
        Actor,
        "with_speaker",
        has_many=True,
        label=_("Speaker"),
        help_text=_("Meetings of which a statement has this actor as its author."),
    )
    state = UidFilter(
        Actor,
        "joined_by_states",
        kinds=HOME_KINDS,
        has_many=True,
        label=_("State or organisation"),
        help_text=_(
            "Meetings in which this state or organisation took part: itself, somebody who belongs to it, or "
            "somebody on its behalf."
        ),
    )
    role = WordFilter(
        ParticipationRole,
        "with_role",
        read_elsewhere=True,
        has_many=True,
        label=_("Role"),
        help_text=_("With actor: what that actor did in the meeting. Alone: somebody did."),
    )
    office = UidFilter(
        Office,
        "joined_in_offices",
        has_many=True,
        label=_("Office"),
        help_text=_(
            "Meetings that somebody took part in as the holder of this office, as Secretary of a security council; not "
            "those that the same person joined in another office."
        ),
    )
    topic = UidFilter(
        Topic,
        "about",
        has_many=True,
        label=_("Topic"),
        help_text=_("Meetings that raised this topic or a narrower one."),
    )
    topic_exact = UidFilter(
        Topic,
        "about_exactly",
        label=_("Topic itself"),
        help_text=_("Meetings that raised this very topic, not only a narrower one."),
    )
    stance = WordFilter(
        Stance,
        "with_stance",
        read_elsewhere=True,
        has_many=True,
        label=_("Stance"),
        help_text=_("Meetings of which a statement takes this position. With topic or topic_exact: on that topic."),
    )
    place = UidFilter(Place, "held_at", label=_("Place"), help_text=_("Meetings held at this place or inside it."))
    country = CountryFilter(
        "held_in_countries",
        label=_("Country"),
        help_text=_("Meetings held in the country with this ISO 3166-1 code, as RU."),
    )
    mode = WordFilter(Mode, label=_("Mode"), help_text=_("How the parties met."))
    kind = WordFilter(MeetingKind, label=_("Kind"), help_text=_("What sort of encounter it was."))
    status = WordFilter(MeetingStatus, label=_("Status"), help_text=_("What became of it, as far as sources say."))
    series = UidFilter(Series, label=_("Series"), help_text=_("Meetings of this series."))
    language = LanguageFilter(
        "with_language",
        has_many=True,
        label=_("Language"),
        help_text=_("Meetings of which a statement was made in this language; zh stands for zh-Hant as well (BCP 47)."),
    )
    channel = UidFilter(
        Actor,
        "with_channel",
        has_many=True,
        label=_("Channel"),
        help_text=_("Meetings of which this actor published a statement."),
    )
    source = UidFilter(
        Source,
        "citing",
        has_many=True,
        label=_("Source"),
        help_text=_("Meetings for which this source is cited: for the meeting, a participation or a statement of it."),
    )
    formula = UidFilter(
        Formula,
        "with_formula",
        has_many=True,
        label=_("Formula"),
        help_text=_("Meetings of which a statement uses this set phrase."),
    )
    has_statement = YesNoFilter(
        "with_statement",
        label=_("Has statements"),
        help_text=_("yes (true): meetings with a statement. no (false): those with none."),
    )
    accounts = WordFilter(
        ACCOUNTS,
        "with_accounts",
        label=_("Accounts"),
        help_text=_(
            "differ: a source contradicts a fact of the meeting, or two actors who published on it ascribe different "
            "stances to the same author. several: two actors published on it, or two sources are cited for it. "
            "agree: several, and not known to differ."
        ),
    )
    order = OrderFilter(time_orders() | title_orders() | UPDATE_ORDERS, default="-date")

    class Meta:
        model = Meeting
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        actors, roles = self.given("actor"), self.given("role")
        if actors:
            queryset = queryset.joined_by(actors, roles)
        elif roles:
            queryset = queryset.with_role(roles)
        return _with_stances(self, queryset)


class StatementFilterSet(DatedFilterSet):
    """Statements. What is asked of their meeting is answered by a public meeting only."""

    q = SearchFilter(
        STATEMENTS,
        help_text=_(
            "Words of the title, gist, text and translation, or of the names of its authors, their offices and "
            "topics. Every word must be found somewhere. “Exact phrases”, -without, this or that."
        ),
    )
    actor = UidFilter(
        Actor,
        "concerning",
        read_elsewhere=True,
        has_many=True,
        label=_("Actor"),
        help_text=_("Statements this actor made, is addressed by or is mentioned in. With role: made in that role."),
    )
    speaker = UidFilter(
        Actor,
        "made_by",
        read_elsewhere=True,
        has_many=True,
        label=_("Speaker"),
        help_text=_("Statements this actor made, alone or with others. With role: made in that role."),
    )
    state = UidFilter(
        Actor,
        "made_by_states",
        kinds=HOME_KINDS,
        has_many=True,
        label=_("State or organisation"),
        help_text=_("Statements made by this state or organisation or by somebody who belongs to it."),
    )
    role = WordFilter(
        SpeakerRole,
        "with_role",
        read_elsewhere=True,
        has_many=True,
        label=_("Role of the author"),
        help_text=_("With actor or speaker: what that actor is to the statement. Alone: somebody is."),
    )
    office = UidFilter(
        Office,
        "made_in_offices",
        has_many=True,
        label=_("Office"),
        help_text=_("Statements whose author spoke as the holder of this office; not what the same person said later."),
    )
    topic = UidFilter(
        Topic, "about", has_many=True, label=_("Topic"), help_text=_("Statements on this topic or a narrower one.")
    )
    topic_exact = UidFilter(
        Topic,
        "about_exactly",
        label=_("Topic itself"),
        help_text=_("Statements on this very topic, not only a narrower one."),
    )
    stance = WordFilter(
        Stance,
        "with_stance",
        read_elsewhere=True,
        has_many=True,
        label=_("Stance"),
        help_text=_("Statements that take this position. With topic or topic_exact: on that topic."),
    )
    meeting = UidFilter(
        Meeting, "of_meetings", label=_("Meeting"), help_text=_("Statements made in or about this meeting.")
    )
    place = UidFilter(
        Place, "made_at", label=_("Place"), help_text=_("Statements of meetings at this place or inside it.")
    )
    country = CountryFilter(
        "made_in_countries",
        label=_("Country"),
        help_text=_("Statements of meetings in the country with this ISO 3166-1 code."),
    )
    series = UidFilter(Series, "of_series", label=_("Series"), help_text=_("Statements of meetings of this series."))
    kind = WordFilter(StatementKind, label=_("Kind"), help_text=_("What sort of utterance it is."))
    basis = WordFilter(Basis, label=_("Basis"), help_text=_("How near the text is to the words spoken."))
    language = LanguageFilter(
        "with_language", label=_("Language"), help_text=_("Of the original; zh stands for zh-Hant as well (BCP 47).")
    )
    channel = UidFilter(Actor, label=_("Channel"), help_text=_("Statements that this actor published."))
    source = UidFilter(
        Source, "citing", has_many=True, label=_("Source"), help_text=_("Statements for which this source is cited.")
    )
    formula = UidFilter(
        Formula, "with_formula", has_many=True, label=_("Formula"), help_text=_("Statements that use this set phrase.")
    )
    order = OrderFilter(time_orders() | title_orders() | UPDATE_ORDERS, default="-date")

    class Meta:
        model = Statement
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        actors, speakers, roles = self.given("actor"), self.given("speaker"), self.given("role")
        if actors:
            queryset = queryset.concerning(actors, roles)
        if speakers:
            queryset = queryset.made_by(speakers, roles)
        if roles and not actors and not speakers:
            queryset = queryset.with_role(roles)
        return _with_stances(self, queryset)


def _with_stances(filters: RecordFilterSet, queryset: Any) -> Any:
    """``queryset`` by ``stance``, on the topics that are asked for beside it."""
    stances, topics, exact = filters.given("stance"), filters.given("topic"), filters.given("topic_exact")
    if not stances:
        return queryset
    if topics:
        queryset = queryset.with_stance(stances, at_or_below(Topic, topics))
    if exact:
        queryset = queryset.with_stance(stances, exact)
    return queryset if topics or exact else queryset.with_stance(stances)


class TopicFilterSet(RecordFilterSet):
    """Topics."""

    q = SearchFilter(TOPICS, help_text=_("Words of a label in any language, or of the scope note."))
    topic = UidFilter(Topic, "at_or_below", label=_("At or below"), help_text=_("This topic and all narrower ones."))
    language = LanguageFilter(
        labelled_in, has_many=True, label=_("Language"), help_text=_("Topics with a label in this language.")
    )
    order = OrderFilter(name_orders() | UPDATE_ORDERS, default="name")

    class Meta:
        model = Topic
        fields: list[str] = []


class PlaceFilterSet(RecordFilterSet):
    """Places."""

    q = SearchFilter(PLACES, help_text=_("Words of a name in any language."))
    place = UidFilter(Place, "at_or_below", label=_("In"), help_text=_("This place and all places inside it."))
    country = CountryFilter(field_name="country", label=_("Country"), help_text=_("ISO 3166-1 code, as RU."))
    kind = WordFilter(PlaceKind, label=_("Kind"), help_text=_("How large a place is."))
    has_meeting = YesNoFilter(
        "with_meeting",
        label=_("Has meetings"),
        help_text=_(
            "yes (true): places that meetings were held at (not only at places in them). no (false): the others."
        ),
    )
    order = OrderFilter(name_orders() | UPDATE_ORDERS, default="name")

    class Meta:
        model = Place
        fields: list[str] = []


class SeriesFilterSet(RecordFilterSet):
    """Series."""

    q = SearchFilter(SERIES, help_text=_("Words of the name or description."))
    state = UidFilter(
        Actor,
        "joined_by_states",
        kinds=HOME_KINDS,
        has_many=True,
        label=_("State or organisation"),
        help_text=_("Series with a meeting in which this state or organisation took part, as meetings are asked."),
    )
    topic = UidFilter(
        Topic,
        "about",
        has_many=True,
        label=_("Topic"),
        help_text=_("Series with a meeting that raised this topic or a narrower one."),
    )
    order = OrderFilter(name_orders() | UPDATE_ORDERS, default="name")

    class Meta:
        model = Series
        fields: list[str] = []


class PublisherFilter(VocabularyFilter):
    """A publisher as printed; upper and lower case and accents make no difference."""

    def find(self, qs: Any, value: list[Any]) -> Any:
        return qs.alias(folded_publisher=Folded("publisher")).filter(
            folded_publisher__in=[Folded(Value(name)) for name in value]
        )


class SourceFilterSet(DatedFilterSet):
    """Sources. The window is laid over the date of publication."""

    date_field = "published"

    q = SearchFilter(SOURCES, help_text=_("Words of the title, publisher, note or text, or a part of the address."))
    kind = WordFilter(SourceKind, label=_("Kind"), help_text=_("What sort of document it is."))
    language = LanguageFilter(
        in_languages, label=_("Language"), help_text=_("Of the document; zh stands for zh-Hant as well (BCP 47).")
    )
    publisher = PublisherFilter(
        label=_("Publisher"), help_text=_("The whole name of the publisher as printed, in any case.")
    )
    channel = UidFilter(
        Actor, field_name="publisher_actor", label=_("Channel"), help_text=_("Sources that this actor published.")
    )
    archived = YesNoFilter(
        "archived",
        label=_("Archived copy"),
        help_text=_("yes (true): sources with the address of an archived copy. no (false): those without."),
    )
    order = OrderFilter(time_orders("published") | title_orders() | UPDATE_ORDERS, default="-date")

    class Meta:
        model = Source
        fields: list[str] = []


class FormulaFilterSet(DatedFilterSet):
    """Formulas: set phrases. The window is laid over the date of the first use seen."""

    date_field = "first_seen"

    q = SearchFilter(FORMULAS, help_text=_("Words of the phrase in any language, or of the note."))
    actor = UidFilter(
        Actor, first_used_by, has_many=True, label=_("First user"), help_text=_("Phrases first seen with this actor.")
    )
    speaker = UidFilter(
        Actor, used_by, has_many=True, label=_("Speaker"), help_text=_("Phrases in a statement of this actor.")
    )
    topic = UidFilter(Topic, under_topics, label=_("Topic"), help_text=_("Phrases about this topic or a narrower one."))
    language = LanguageFilter(
        worded_in, has_many=True, label=_("Language"), help_text=_("Phrases with a wording in this language.")
    )
    order = OrderFilter(name_orders() | time_orders("first_seen") | UPDATE_ORDERS, default="name")

    class Meta:
        model = Formula
        fields: list[str] = []


#: The filter set of every model that has a list.
FILTERSETS: dict[Any, type[RecordFilterSet]] = {
    one._meta.model: one
    for one in (
        MeetingFilterSet,
        StatementFilterSet,
        ActorFilterSet,
        TopicFilterSet,
        PlaceFilterSet,
        SeriesFilterSet,
        SourceFilterSet,
        FormulaFilterSet,
    )
}
