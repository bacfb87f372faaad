"""A small collection in every state, and the rule of the meeting list in plain Python over all of its rows.

Nothing here uses a queryset's question, a filter or a condition of the project: rows are read whole, and asked by hand.
"""

import random
from datetime import date

from actors.models import Actor
from events.models import (
    Citation,
    FormulaUse,
    Meeting,
    MeetingTopic,
    Participation,
    ParticipationTenure,
    Place,
    Source,
    Statement,
    StatementSpeaker,
    StatementTopic,
    Topic,
)
from partialdates.values import PartialDate
from tests import factories

STATES = ["published"] * 6 + ["draft", "review"]
DATES = [
    "2023-02-21", "2023-02-20/2023-02-22", "2023-02", "2023", "[2023-01-15..2023-02-10]", "2023-02~",
    "2023-01-31/2023-02-02", "2023-03", "2022-12-30", "..2023-02", "2023-03..", "2023-02-21?", "",
]  # fmt: skip
WORDS = ["gas", "oil", "visa", "no limits"]
TITLES = ["Talks on gas", "Oil talks", "A visa for all", "no limits", "Gas and oil"]
ROLES = ["host", "guest", "chair"]
STANCES = ["supports", "opposes", ""]
MODES = ["in-person", "phone", ""]
KINDS = ["bilateral", "visit"]
STATUSES = ["held", "cancelled"]
SPEAKERS = ["speaker", "reported", "issuer"]
LANGUAGES = ["zh", "zh-Hant", "ru", ""]
COUNTRIES = ["CN", "RU", "DE"]


def collect(seed):
    """Make some 25 meetings with all that belongs to them, by chance, much of it hidden."""
    chance = random.Random(seed)

    def some(factory, count, **choices):
        return [
            factory(
                state=chance.choice(STATES),
                **{name: chance.choice(values) for name, values in choices.items()},
            )
            for _ in range(count)
        ]

    states = some(factories.StateFactory, 3)
    people = some(factories.PersonFactory, 6, home_state=[*states, None])
    people[0].merged_into = people[1]
    people[0].save()
    actors = people + states
    topics = some(factories.TopicFactory, 2)
    for _ in range(5):
        topics += some(factories.TopicFactory, 1, parent=topics)
    places = some(factories.PlaceFactory, 3, country=COUNTRIES)
    for _ in range(3):
        places += some(factories.PlaceFactory, 1, country=COUNTRIES, parent=places)
    series = some(factories.SeriesFactory, 2)
    bodies = some(factories.BodyFactory, 2)
    offices = [factories.OfficeFactory(body=body) for body in [bodies[0], *bodies]]
    held = {}
    sources = some(factories.SourceFactory, 4)
    formulas = some(factories.FormulaFactory, 3)
    for meeting in some(
        factories.MeetingFactory,
        25,
        title=TITLES,
        date=DATES,
        mode=MODES,
        kind=KINDS,
        status=STATUSES,
        place=[*places, None],
        series=[*series, None],
    ):
        for actor in chance.sample(actors, 3):
            participation = factories.ParticipationFactory(
                meeting=meeting,
                actor=chance.choice([actor, actor, actor, None]),
                name_as_given="somebody",
                role=chance.choice(ROLES),
                on_behalf_of=chance.choice([None, None, *(state for state in states if state != actor)]),
                attendance=chance.choice(["confirmed", "reported", "absent"]),
            )
            if participation.actor in people and chance.random() < 0.7:
                tenure = tenure_of(held, participation.actor, chance.choice(offices))
                ParticipationTenure.objects.create(participation=participation, tenure=tenure)
            if chance.random() < 0.2:
                factories.CitationFactory(
                    source=chance.choice(sources), meeting=None, participation=participation, **verdict(chance)
                )
        for topic in chance.sample(topics, 2):
            MeetingTopic.objects.create(meeting=meeting, topic=topic)
        if chance.random() < 0.3:
            for source in chance.sample(sources, chance.choice([1, 2])):
                factories.CitationFactory(source=source, meeting=meeting, **verdict(chance))
        for statement in some(
            factories.StatementFactory,
            chance.choice([0, 1, 2, 3]),
            meeting=[meeting],
            language=LANGUAGES,
            channel=[*actors, None],
        ):
            factories.SpeakerFactory(statement=statement, actor=chance.choice(actors[:3]), role=chance.choice(SPEAKERS))
            StatementTopic.objects.create(
                statement=statement, topic=chance.choice(topics), stance=chance.choice(STANCES)
            )
            if chance.random() < 0.5:
                FormulaUse.objects.create(statement=statement, formula=chance.choice(formulas))
            if chance.random() < 0.3:
                factories.CitationFactory(source=chance.choice(sources), meeting=None, statement=statement)


def tenure_of(held, person, office):
    """The one tenure of a person in an office; ``held`` keeps those that were made."""
    if (person, office) not in held:
        held[person, office] = factories.TenureFactory(person=person, office=office)
    return held[person, office]


def verdict(chance):
    return {"verdict": "contradicts", "note": "Otherwise."} if chance.random() < 0.2 else {}


def is_public(record):
    return record is None or (record.state == "published" and record.merged_into_id is None)


def all_public(*records):
    return all(is_public(record) for record in records)


def survivor(record):
    return survivor(record.merged_into) if record.merged_into else record


class PlainRule:
    """What `/meetings/` lists for a query: a mapping of parameters to lists of values that are allowed."""

    def __init__(self):
        self.meetings = list(Meeting.objects.select_related("place", "series"))
        self.participations = list(Participation.objects.select_related("actor__home_state", "on_behalf_of"))
        self.capacities = list(ParticipationTenure.objects.select_related("tenure__office__body"))
        self.topic_links = list(MeetingTopic.objects.select_related("topic"))
        self.statements = list(Statement.objects.select_related("channel"))
        self.speakers = list(StatementSpeaker.objects.select_related("actor"))
        self.stances = list(StatementTopic.objects.select_related("topic"))
        self.uses = list(FormulaUse.objects.select_related("formula"))
        self.citations = list(
            Citation.objects.select_related(
                "source", "participation__actor", "participation__on_behalf_of", "statement"
            )
        )
        self.topics = list(Topic.objects.all())
        self.places = list(Place.objects.all())
        self.by_uid = {record.uid: record for model in (Actor, Topic, Place, Source) for record in model.objects.all()}

    def uids(self, query):
        """The public ids of the list, in its order."""
        found = [meeting for meeting in self.meetings if is_public(meeting) and self.matches(meeting, query)]
        return [meeting.uid for meeting in self.in_order(found, query.get("order", ["-date"])[0])]

    def in_order(self, meetings, order):
        key = {
            "date": lambda one: (one.date.earliest or date.min, one.pk),
            "title": lambda one: (one.title, one.pk),
            "updated": lambda one: (one.updated_at, one.pk),
        }[order.lstrip("-")]
        unknown = [one for one in meetings if order in {"date", "-date"} and one.date == PartialDate.UNKNOWN]
        known = [one for one in meetings if one not in unknown]
        falls = order.startswith("-")
        return sorted(known, key=key, reverse=falls) + sorted(unknown, key=lambda one: one.pk, reverse=falls)

    def matches(self, meeting, query):
        rows = [
            row for row in self.participations
            if row.meeting_id == meeting.pk and row.attendance != "absent" and all_public(row.actor, row.on_behalf_of)
        ]  # fmt: skip
        topics = {row.topic_id for row in self.topic_links if row.meeting_id == meeting.pk and is_public(row.topic)}
        said = [one for one in self.statements if one.meeting_id == meeting.pk and is_public(one)]
        here = {one.pk for one in said}
        place = meeting.place if meeting.place and is_public(meeting.place) else None

        def given(name):
            return query.get(name, [])

        def topic_keys(name):
            return {key for uid in given(name) for key in self.below(self.topics, uid)}

        def has_role(row):
            return not given("role") or row.role in given("role")

        def of_state(row):
            at_home = row.actor and {row.actor.uid, row.actor.home_state and row.actor.home_state.uid}
            return (at_home or set()) | {row.on_behalf_of and row.on_behalf_of.uid}

        def takes(row, keys):
            return row.stance in given("stance") and is_public(row.topic) and (keys is None or row.topic_id in keys)

        def stances(keys):
            return any(takes(row, keys) for row in self.stances if row.statement_id in here)

        start = PartialDate.parse(given("from")[0]).earliest if given("from") else None
        end = PartialDate.parse(given("to")[0]).latest if given("to") else None
        certain = given("dates") == ["certain"]
        window = meeting.date.certainly_within if certain else meeting.date.possibly_within
        exact = {self.by_uid[uid].pk for uid in given("topic_exact")}
        cited = {
            row.source.uid for row in self.citations
            if is_public(row.source) and (row.meeting_id == meeting.pk or row.statement_id in here or (
                row.participation and row.participation.meeting_id == meeting.pk
                and all_public(row.participation.actor, row.participation.on_behalf_of)
            ))
        }  # fmt: skip
        answers = {
            "q": lambda: any(text.lower() in f" {meeting.title.lower()} " for text in given("q")),
            "actor": lambda: any(
                row.actor and row.actor.uid in self.meant("actor", query) and has_role(row) for row in rows
            ),
            "role": lambda: bool(given("actor")) or any(has_role(row) for row in rows),
            "office": lambda: any(
                row.participation_id == joined.pk
                and row.tenure.office.uid in given("office")
                and is_public(row.tenure.office.body)
                for joined in rows
                for row in self.capacities
            ),
            "state": lambda: any(set(given("state")) & of_state(row) for row in rows),
            "speaker": lambda: any(
                row.statement_id in here and is_public(row.actor) and row.actor.uid in self.meant("speaker", query)
                for row in self.speakers
            ),
            "topic": lambda: bool(topics & topic_keys("topic")),
            "topic_exact": lambda: bool(topics & exact),
            "stance": lambda: (
                (not given("topic") or stances(topic_keys("topic")))
                and (not given("topic_exact") or stances(exact))
                and stances(None)
            ),
            "place": lambda: bool(place) and any(place.pk in self.below(self.places, uid) for uid in given("place")),
            "country": lambda: bool(place) and place.country in given("country"),
            "mode": lambda: meeting.mode in given("mode"),
            "kind": lambda: meeting.kind in given("kind"),
            "status": lambda: meeting.status in given("status"),
            "series": lambda: bool(meeting.series) and meeting.series.uid in given("series"),
            "language": lambda: any(
                one.language == tag or one.language.startswith(f"{tag}-") for one in said for tag in given("language")
            ),
            "channel": lambda: any(one.channel and one.channel.uid in self.meant("channel", query) for one in said),
            "source": lambda: bool(cited & set(given("source"))),
            "formula": lambda: any(
                row.statement_id in here and row.formula.uid in given("formula") for row in self.uses
            ),
            "from": lambda: window(start, end),
            "to": lambda: window(start, end),
            "dates": lambda: True,
            "undated": lambda: (meeting.date == PartialDate.UNKNOWN) == (given("undated") == ["true"]),
            "has_statement": lambda: bool(said) == (given("has_statement") == ["true"]),
            "order": lambda: True,
        }
        answers["accounts"] = lambda: bool(self.accounts(meeting, said) & set(given("accounts")))

        def alone(name, values):
            return self.matches(meeting, {name: values})

        def answer(name):
            if name.startswith("not_"):
                return not alone(name.removeprefix("not_"), given(name))
            if name.endswith("_all"):
                return all(alone(name.removesuffix("_all"), [value]) for value in given(name))
            return answers[name]()

        return all(answer(name) for name in query)

    def accounts(self, meeting, said):
        """The words for what is known of the accounts of a meeting, of which ``said`` are the public statements."""
        cited = [row for row in self.citations if is_public(row.source) and row.meeting_id == meeting.pk]
        against = [
            row
            for row in self.citations
            if row.verdict == "contradicts"
            and is_public(row.source)
            and (
                row.meeting_id == meeting.pk
                or row.statement_id in {one.pk for one in said}
                or (
                    row.participation
                    and row.participation.meeting_id == meeting.pk
                    and all_public(row.participation.actor, row.participation.on_behalf_of)
                )
            )
        ]
        positions = {}
        for one in said:
            if one.channel and is_public(one.channel):
                for speaker in self.speakers:
                    if speaker.statement_id != one.pk or speaker.role == "issuer" or not is_public(speaker.actor):
                        continue
                    for row in self.stances:
                        if row.statement_id == one.pk and row.stance and is_public(row.topic):
                            by_channel = positions.setdefault(speaker.actor_id, {})
                            by_channel.setdefault(one.channel_id, set()).add((row.topic_id, row.stance))
        apart = any(len({frozenset(one) for one in by_channel.values()}) > 1 for by_channel in positions.values())
        channels = {one.channel_id for one in said if one.channel and is_public(one.channel)}
        found = {"several"} if len(channels) > 1 or len({row.source_id for row in cited}) > 1 else set()
        if against or apart:
            return found | {"differ"}
        return found | {"agree"} if found else found

    def meant(self, name, query):
        """The ids that the values of a parameter stand for after merges."""
        return {survivor(self.by_uid[uid]).uid for uid in query.get(name, [])}

    def below(self, tree, uid):
        found, grown = {self.by_uid[uid].pk}, True
        while grown:
            more = {one.pk for one in tree if one.parent_id in found and is_public(one)}
            grown = not more <= found
            found |= more
        return found
