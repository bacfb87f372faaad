"""Questions about meetings, statements, topics, places, series, sources and citations."""

from typing import Any, Self

from django.db.models import Exists, OuterRef, Prefetch, Q
from tree_queries.query import TreeQuerySet

from records.querysets import PartQuerySet, RecordQuerySet, at_or_below, public_through


class TopicQuerySet(TreeQuerySet, RecordQuerySet):
    """Topics as a tree; with tree fields (depth, path) only where asked for."""

    def at_or_below(self, topics: list[int]) -> Self:
        """The topics (keys) and all public ones below them."""
        return self.filter(pk__in=at_or_below(self.model, topics))


class PlaceQuerySet(RecordQuerySet):
    """Places."""

    def at_or_below(self, places: list[int]) -> Self:
        """The places (keys) and all public ones in them."""
        return self.filter(pk__in=at_or_below(self.model, places))

    def with_meeting(self, has_one: bool = True) -> Self:
        """Places that a meeting was held at, or none; what lies in a place is another place."""
        held = Exists(_meetings().order_by().filter(place=OuterRef("pk")))
        return self.filter(held if has_one else ~held)


class SeriesQuerySet(RecordQuerySet):
    """Series; they answer by their public meetings."""

    def joined_by_states(self, states: list[int]) -> Self:
        """Series with a meeting that one of the states or organisations joined."""
        return self.filter(pk__in=_meetings().order_by().joined_by_states(states).values("series"))

    def about(self, topics: list[int]) -> Self:
        """Series with a meeting that raised one of the topics or a narrower one."""
        return self.filter(pk__in=_meetings().order_by().about(topics).values("series"))


class MeetingQuerySet(RecordQuerySet):
    """Meetings, with what lists and pages need of them.

    Questions take lists of keys of public records, or of words, and mean any of them. They answer by public rows
    alone: a hidden participation, topic or statement makes no meeting match.
    """

    def joined_by(self, actors: list[int], roles: list[str] | None = None) -> Self:
        """Meetings that one of the actors took part in, in one of the roles. Who was absent took no part."""
        return self.filter(
            pk__in=_participations(roles, given=("meeting", "actor")).filter(actor__in=actors).values("meeting")
        )

    def joined_by_states(self, states: list[int]) -> Self:
        """Meetings that one of the states or organisations joined: itself, or one who belongs to it or acted for it."""
        rows = _participations()
        # Three subqueries and no OR over joined tables, so that each can use its index.
        return self.filter(
            pk__in=rows.filter(actor__in=states)
            .values("meeting")
            .union(
                rows.filter(actor__home_state__in=states).values("meeting"),
                rows.filter(on_behalf_of__in=states).values("meeting"),
            )
        )

    def joined_in_offices(self, offices: list[int]) -> Self:
        """Meetings that somebody took part in as the holder of one of the offices, by the tenures that are linked."""
        return self.filter(pk__in=_capacities(offices).values("participation__meeting"))

    def with_role(self, roles: list[str]) -> Self:
        """Meetings in which somebody, named or not, had one of the roles."""
        return self.filter(pk__in=_participations(roles).values("meeting"))

    def about(self, topics: list[int]) -> Self:
        """Meetings that raised one of the topics or a narrower one."""
        return self.filter(pk__in=_meeting_topics(_topics_below(topics)).values("meeting"))

    def about_exactly(self, topics: list[int]) -> Self:
        """Meetings that raised one of the topics itself."""
        return self.filter(pk__in=_meeting_topics(topics).values("meeting"))

    def with_stance(self, stances: list[str], topics: list[int] | None = None) -> Self:
        """Meetings of which a statement takes one of the stances (on one of ``topics``)."""
        return self.filter(pk__in=_statement_topics(topics, stances).values("statement__meeting"))

    def with_speaker(self, actors: list[int]) -> Self:
        """Meetings of which a statement has one of the actors as its author."""
        return self.filter(pk__in=_speakers(given=("actor",)).filter(actor__in=actors).values("statement__meeting"))

    def held_at(self, places: list[int]) -> Self:
        """Meetings held at one of the places or at a place inside it."""
        from events.models import Place  # the models import this module

        return self.filter(place__in=Place.objects.at_or_below(places).values("pk"))

    def held_in_countries(self, codes: list[str]) -> Self:
        """Meetings held at a place in one of the countries (ISO 3166-1 alpha-2)."""
        from events.models import Place  # the models import this module

        return self.filter(place__in=Place.objects.public().filter(country__in=codes).values("pk"))

    def with_statement(self, has_one: bool = True) -> Self:
        """Meetings that have a statement, or that have none."""
        statements = Exists(_statements().filter(meeting=OuterRef("pk")))
        return self.filter(statements if has_one else ~statements)

    def with_language(self, tags: list[str]) -> Self:
        """Meetings of which a statement was made in one of the languages."""
        return self.filter(pk__in=_statements().filter(in_languages(tags)).values("meeting"))

    def with_channel(self, actors: list[int]) -> Self:
        """Meetings of which one of the actors published a statement."""
        return self.filter(pk__in=_statements().filter(channel__in=actors).values("meeting"))

    def with_formula(self, formulas: list[int]) -> Self:
        """Meetings of which a statement uses one of the formulas."""
        return self.filter(pk__in=_formula_uses(formulas).values("statement__meeting"))

    def citing(self, sources: list[int]) -> Self:
        """Meetings for which one of the sources is cited: for itself, for a participation or for a statement of it."""
        rows = _citations().filter(source__in=sources)
        return self.filter(
            pk__in=rows.values("meeting").union(
                rows.values("participation__meeting"), rows.values("statement__meeting")
            )
        )

    def with_accounts(self, words: list[str]) -> Self:
        """Meetings whose accounts differ, agree, or are several: see `events.accounts`."""
        from events.accounts import any_of  # the models import this module

        return self.filter(any_of(words))


class ParticipationQuerySet(PartQuerySet):
    """Actors in meetings."""

    def with_capacity(self) -> Self:
        """Each with its actor, whom it acted for, and the public tenures it acted in."""
        from actors.models import Tenure  # keeps the import order of the app free of circles

        return self.select_related("actor", "actor__home_state", "on_behalf_of").prefetch_related(
            Prefetch("tenures", Tenure.objects.public().with_office())
        )

    def present(self) -> Self:
        """Those who were there, or are reported to have been."""
        return self.exclude(attendance="absent")

    def unresolved(self) -> Self:
        """Participants known only by the name a source gives."""
        return self.filter(actor__isnull=True)


class StatementQuerySet(RecordQuerySet):
    """Statements, with what lists and pages need of them. Questions are put as those of `MeetingQuerySet`."""

    def concerning(self, actors: list[int], roles: list[str] | None = None) -> Self:
        """Statements that one of the actors made, is addressed by or is mentioned in.

        With ``roles`` only those it made, in one of these roles.
        """
        made = _speakers(roles, given=("statement", "actor")).filter(actor__in=actors).values("statement")
        if roles:
            return self.filter(pk__in=made)
        return self.filter(pk__in=made.union(_mentions(actors).values("statement")))

    def made_by(self, actors: list[int], roles: list[str] | None = None) -> Self:
        """Statements with one of the actors as their author, in one of the roles."""
        return self.filter(
            pk__in=_speakers(roles, given=("statement", "actor")).filter(actor__in=actors).values("statement")
        )

    def made_by_states(self, states: list[int]) -> Self:
        """Statements made by one of the states or organisations, or by one who belongs to it."""
        rows = _speakers(given=("statement",))
        return self.filter(
            pk__in=rows.filter(actor__in=states)
            .values("statement")
            .union(rows.filter(actor__home_state__in=states).values("statement"))
        )

    def made_in_offices(self, offices: list[int]) -> Self:
        """Statements made by the holder of one of the offices in that office, by the tenure that is linked."""
        return self.filter(pk__in=_speakers_in_office(offices, given=("statement",)).values("statement"))

    def with_role(self, roles: list[str]) -> Self:
        """Statements that somebody, named or not, made in one of the roles."""
        return self.filter(pk__in=_speakers(roles, given=("statement",)).values("statement"))

    def about(self, topics: list[int]) -> Self:
        """Statements on one of the topics or a narrower one."""
        return self.filter(pk__in=_statement_topics(_topics_below(topics), given=("statement",)).values("statement"))

    def about_exactly(self, topics: list[int]) -> Self:
        """Statements on one of the topics itself."""
        return self.filter(pk__in=_statement_topics(topics, given=("statement",)).values("statement"))

    def with_stance(self, stances: list[str], topics: list[int] | None = None) -> Self:
        """Statements that take one of the stances (on one of ``topics``)."""
        return self.filter(pk__in=_statement_topics(topics, stances, given=("statement",)).values("statement"))

    def of_meetings(self, meetings: Any) -> Self:
        """Statements made in, or about, one of the meetings (keys or a queryset of meetings), if it is public."""
        from events.models import Meeting  # the models import this module

        return self.filter(meeting__in=Meeting.objects.public().filter(pk__in=meetings).values("pk"))

    def made_at(self, places: list[int]) -> Self:
        """Statements of meetings at one of the places or inside it."""
        return self.of_meetings(_meetings().held_at(places).values("pk"))

    def made_in_countries(self, codes: list[str]) -> Self:
        """Statements of meetings in one of the countries."""
        return self.of_meetings(_meetings().held_in_countries(codes).values("pk"))

    def of_series(self, series: list[int]) -> Self:
        """Statements of meetings of one of the series."""
        return self.of_meetings(_meetings().filter(series__in=series).values("pk"))

    def with_language(self, tags: list[str]) -> Self:
        """Statements made in one of the languages."""
        return self.filter(in_languages(tags))

    def with_formula(self, formulas: list[int]) -> Self:
        """Statements that use one of the formulas."""
        return self.filter(pk__in=_formula_uses(formulas, given=("statement",)).values("statement"))

    def citing(self, sources: list[int]) -> Self:
        """Statements for which one of the sources is cited."""
        return self.filter(pk__in=_citations().filter(source__in=sources, statement__isnull=False).values("statement"))

    def with_meeting(self) -> Self:
        """Each with its meeting and its channel; templates still ask whether these are public."""
        return self.select_related("meeting", "meeting__place", "channel")


class SourceQuerySet(RecordQuerySet):
    """Sources."""

    def archived(self, is_archived: bool = True) -> Self:
        """Those with the address of an archived copy, or those without."""
        return self.exclude(archived_url="") if is_archived else self.filter(archived_url="")

    def to_be_completed(self) -> Self:
        """Those that readers do not see yet and that lack a publisher or, but for posts, a title.

        Their rule of publication asks for the publisher alone: what finds the document is its address.
        """
        lacking = Q(publisher__regex=r"^\s*$") | Q(title__regex=r"^\s*$") & ~Q(kind="post")
        return self.filter(lacking, state__in=["draft", "review"], merged_into=None)


class CitationQuerySet(PartQuerySet):
    """Citations."""

    def about_meeting(self, meeting: Any) -> Self:
        """Citations of a meeting itself and of its participations."""
        return self.filter(Q(meeting=meeting) | Q(participation__meeting=meeting))

    def contradicting(self) -> Self:
        """Citations whose source gives another value than the record."""
        return self.filter(verdict="contradicts")


def in_languages(tags: list[str], name: str = "language") -> Q:
    """The condition that the tag in the column ``name`` is one of ``tags`` or narrower: zh-Hant is zh (RFC 4647)."""
    condition = Q()
    for tag in tags:
        condition |= Q(**{f"{name}__iexact": tag}) | Q(**{f"{name}__istartswith": f"{tag}-"})
    return condition


def first_used_by(actors: list[int]) -> Q:
    """The condition that a formula was first seen with one of the actors."""
    from events.models import FormulaUser  # the models import this module

    return Q(pk__in=FormulaUser.objects.public().filter(actor__in=actors).order_by().values("formula"))


def used_by(actors: list[int]) -> Q:
    """The condition that a formula is used in a statement of one of the actors."""
    from events.models import FormulaUse  # the models import this module

    statements = _speakers(given=("actor",)).filter(actor__in=actors).values("statement")
    return Q(
        pk__in=FormulaUse.objects.public(given=("formula", "statement"))
        .filter(statement__in=statements)
        .values("formula")
    )


def under_topics(topics: list[int]) -> Q:
    """The condition that a formula is about one of the topics or a narrower one."""
    return Q(topic__in=_topics_below(topics))


def worded_in(tags: list[str]) -> Q:
    """The condition that a formula has a wording in one of the languages."""
    from events.models import FormulaVariant  # the models import this module

    return Q(pk__in=FormulaVariant.objects.public().filter(in_languages(tags)).order_by().values("formula"))


def labelled_in(tags: list[str]) -> Q:
    """The condition that a topic has a label in one of the languages."""
    from events.models import TopicLabel  # the models import this module

    return Q(pk__in=TopicLabel.objects.public().filter(in_languages(tags)).order_by().values("topic"))


# The public rows that the questions above look through. The models import this module, so each imports its own.


def _meetings() -> Any:
    from events.models import Meeting  # the models import this module

    return Meeting.objects.public()


def _participations(roles: list[str] | None = None, *, given: tuple[str, ...] = ("meeting",)) -> Any:
    from events.models import Participation  # the models import this module

    rows = Participation.objects.public(given=given).present().order_by()
    return rows.filter(role__in=roles) if roles else rows


def _capacities(offices: list[int]) -> Any:
    from events.models import ParticipationTenure  # the models import this module

    rows = ParticipationTenure.objects.public(given=("participation__meeting",)).filter(tenure__office__in=offices)
    return rows.exclude(participation__attendance="absent").order_by()


def _meeting_topics(topics: list[int]) -> Any:
    from events.models import MeetingTopic  # the models import this module

    return MeetingTopic.objects.public(given=("meeting", "topic")).filter(topic__in=topics).order_by()


def _topics_below(topics: list[int]) -> list[int]:
    from events.models import Topic  # the models import this module

    return at_or_below(Topic, topics)


def _statements() -> Any:
    from events.models import Statement  # the models import this module

    return Statement.objects.public().order_by()


def _speakers(roles: list[str] | None = None, *, given: tuple[str, ...] = ()) -> Any:
    from events.models import StatementSpeaker  # the models import this module

    rows = StatementSpeaker.objects.public(given=given).order_by()
    return rows.filter(role__in=roles) if roles else rows


def _speakers_in_office(offices: list[int], *, given: tuple[str, ...] = ()) -> Any:
    from actors.models import Tenure  # the models import this module

    # The person is the speaker, of whom the speakers' own rule asks.
    is_shown = public_through(Tenure, "tenure", given=("person",))
    return _speakers(given=given).filter(is_shown, tenure__office__in=offices)


def _mentions(actors: list[int]) -> Any:
    from events.models import StatementMention  # the models import this module

    return StatementMention.objects.public(given=("statement", "actor")).filter(actor__in=actors).order_by()


def _statement_topics(
    topics: list[int] | None = None, stances: list[str] | None = None, *, given: tuple[str, ...] = ()
) -> Any:
    from events.models import StatementTopic  # the models import this module

    rows = StatementTopic.objects.public(given=given if topics is None else (*given, "topic")).order_by()
    if topics is not None:
        rows = rows.filter(topic__in=topics)
    return rows.filter(stance__in=stances) if stances else rows


def _formula_uses(formulas: list[int], *, given: tuple[str, ...] = ()) -> Any:
    from events.models import FormulaUse  # the models import this module

    return FormulaUse.objects.public(given=(*given, "formula")).filter(formula__in=formulas).order_by()


def _citations() -> Any:
    from events.models import Citation  # the models import this module

    return Citation.objects.public().order_by()
