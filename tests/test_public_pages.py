"""Every public page, and what none of them may show."""

import itertools
import re

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import get_resolver, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.models import Actor, ActorIdentifier, ActorName, Membership, Office, Tenure
from events.models import (
    Citation,
    Formula,
    FormulaUse,
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
    StatementLink,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
    Topic,
    TopicLabel,
)
from events.views.facets import FACETS
from events.views.lists import LISTS
from partialdates.fields import PartialDateField
from records.filters import UidFilter
from records.models import Record
from records.uids import new_uid
from tests.counting import counted_once
from tests.pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

#: In every text, so that one search finds everything that may be found.
WORD = "concord"
STATES = ("draft", "review", "withdrawn", "merged")
#: Texts that are words of a vocabulary or codes, and the reason that a withdrawn record shows.
NO_PROSE = {"uid", "state", "language", "translation_language", "country", "scheme", "field", "withdrawal_reason"}


class World:
    """Records of every kind, each tied to all others that it can be tied to, with a mark in every one of its texts."""

    def __init__(self, states):
        self._numbers = itertools.count(100)
        self._states = iter(states)
        self.marks = {}
        self.records = []
        self._build()

    def add(self, model, **values):
        mark = f"q{next(self._numbers)}z"
        row = model(**texts(model, mark), **values)
        if isinstance(row, Record):
            state = next(self._states)
            row.state = "published"
            row.save()
            self.records.append((row, state))
        else:
            row.save()
        self.marks[mark] = row
        return row

    def _build(self):
        china = self.add(Actor, kind="state")
        ministry = self.add(Actor, kind="body", home_state=china, parent=china)
        un = self.add(Actor, kind="organisation")
        wang = self.add(Actor, kind="person", home_state=china, successor=None)
        aide = self.add(Actor, kind="person", home_state=un, successor=wang)
        country = self.add(Place, kind="country")
        city = self.add(Place, kind="city", parent=country)
        broad = self.add(Topic)
        narrow = self.add(Topic, parent=broad)
        series = self.add(Series)
        source = self.add(Source, publisher_actor=ministry, language="en", published="2023")
        visit = self.add(Meeting, kind="visit", date="2023-02", place=country, series=series, round=1)
        talks = self.add(
            Meeting, kind="bilateral", date="2023-02-21", place=city, series=series, round=2, part_of=visit
        )
        spoken = {"basis": "verbatim", "language": "zh", "translation_language": "en", "date": "2023-02-21"}
        readout = self.add(Statement, kind="readout", meeting=talks, channel=ministry, **spoken)
        remark = self.add(Statement, kind="remark", meeting=visit, channel=un, **spoken)
        formula = self.add(Formula, topic=narrow, first_meeting=talks, first_seen="2023")
        for actor in (china, ministry, wang, aide):
            self.add(ActorName, actor=actor, language="zh", kind="native")
            self.add(ActorIdentifier, actor=actor, scheme="wikidata")
        office = self.add(Office, body=ministry, tier=3)
        tenure = self.add(Tenure, person=wang, office=office, span="2013-03/..")
        self.add(Membership, member=china, organisation=un)
        self.add(TopicLabel, topic=narrow, language="zh", kind="preferred")
        self.add(PlaceName, place=city, language="zh")
        for meeting in (talks, visit):
            host = self.add(Participation, meeting=meeting, actor=wang, side="CN", on_behalf_of=china)
            self.add(Participation, meeting=meeting, actor=aide, side="RU", head_count=2)
            self.add(Participation, meeting=meeting)
            self.add(ParticipationTenure, participation=host, tenure=tenure)
            self.add(MeetingTopic, meeting=meeting, topic=narrow)
            self.add(Citation, source=source, participation=host, field="role", verdict="contradicts")
            self.add(Citation, source=source, meeting=meeting, field="date", verdict="contradicts")
        for statement, other in ((readout, remark), (remark, readout)):
            self.add(StatementSpeaker, statement=statement, actor=wang, tenure=tenure)
            self.add(StatementSpeaker, statement=statement, role="reported")
            self.add(StatementMention, statement=statement, actor=aide, relation="addressee")
            self.add(StatementMention, statement=statement, actor=un)
            self.add(StatementTopic, statement=statement, topic=narrow, stance="supports")
            self.add(StatementLink, statement=statement, relation="answers", to_statement=other)
            self.add(StatementLink, statement=statement, relation="welcomes", to_meeting=talks)
            self.add(FormulaUse, formula=formula, statement=statement)
            self.add(Citation, source=source, statement=statement)
        self.add(FormulaVariant, formula=formula, language="zh")
        self.add(FormulaUser, formula=formula, actor=wang)
        for target in ({"actor": wang}, {"tenure": tenure}, {"formula": formula}):
            self.add(Citation, source=source, **target)
        self._settle()

    def _settle(self):
        """Give the records their states, after all were public: so each could have left a trace."""
        for record, state in self.records:
            values = {"merged_into": self.survivor(record)} if state == "merged" else {"state": state}
            reason = {"withdrawal_reason": "Entered twice."} if state == "withdrawn" else {}
            type(record).objects.filter(pk=record.pk).update(**values, **reason)
        for row in self.marks.values():
            row.refresh_from_db()

    def survivor(self, record):
        """A public record of the same kind, which nothing else is tied to."""
        twin = type(record)(**texts(type(record), f"q{next(self._numbers)}z"), state="published")
        for name in ("kind", "basis", "language", "translation_language"):
            if hasattr(record, name):
                setattr(twin, name, getattr(record, name))
        twin.save()
        return twin

    def is_hidden(self, row):
        """Whether a row may not be seen: itself or a record it joins is not public. Read from the rows, not by SQL."""
        if isinstance(row, Record):
            return not row.is_public
        return any(
            joined is not None and not joined.is_public for joined in (walk(row, path) for path in row.public_through)
        )


def walk(row, path):
    for step in path.split("__"):
        row = row and getattr(row, step)
    return row


def texts(model, mark):
    """A value with the mark for every text of a model."""
    values = {}
    for field in model._meta.concrete_fields:
        if field.name in NO_PROSE or field.choices or field.generated or isinstance(field, PartialDateField):
            continue
        if isinstance(field, models.URLField):
            values[field.name] = f"https://example.org/{mark}/{field.name}"
        elif isinstance(field, ArrayField):
            values[field.name] = [f"{WORD} {mark}"]
        elif isinstance(field, (models.CharField, models.TextField)) and field.name not in ("side",):
            values[field.name] = f"{WORD} {mark}"
    return values


def addresses():
    """Every public address that shows more than one record: home, search, lists, the choice of each kind of record."""
    yield from (reverse("events:home"), reverse("events:search"), f"{reverse('events:search')}?q={WORD}")
    yield reverse("readers:meeting-calendar")
    yield f"{reverse('events:suggest')}?q={WORD}"
    yield f"{reverse('events:statement-concordance')}?q={WORD}"
    yield from (f"{reverse('api:changes')}?limit=500", f"{reverse('api:changes')}?limit=500&expand=record")
    yield f"{reverse('api:reconcile-entity')}?prefix={WORD}"
    yield reverse("sitemap")
    chosen = set()
    for view in LISTS.values():
        address = reverse(f"events:{view.name}-list")
        yield from (address, f"{address}?q={WORD}")
        for name, one in view.filterset_class.base_filters.items():
            if isinstance(one, UidFilter) and one.of_model not in chosen:
                chosen.add(one.of_model)
                yield f"{reverse(f'events:{view.name}-choose')}?find_as={name.rstrip('_')}&find={WORD}"
        yield reverse(f"readers:{view.name}-feed")
        for name in FACETS[view.model][1] if view.model in FACETS else ():
            facet = reverse(f"events:{view.name}-facet", args=[name])
            yield from (facet, f"{facet}?find={WORD}")


def pages_of(world):
    """The pages of the records of a world."""
    for record, _state in world.records:
        yield record.get_absolute_url()
        yield f"{record.get_absolute_url()}history/"
        if isinstance(record, Meeting):
            yield reverse("events:meeting-accounts", args=[record.uid])


def look(client, address):
    response = client.get(address)
    assert response.status_code < 500, address
    return response.content.decode()


#: Addresses of readers that show records to nobody but their owner, or none at all, and are tried by themselves.
OWN = {
    "account", "address", "address-confirm", "correction-new", "correction-thanks", "login", "logout", "password",
    "search-change", "search-delete", "search-new", "search-open", "stop", "token-revoke", "tokens", "webhook",
    "webhook-change", "webhook-deliveries", "webhooks",
}  # fmt: skip


def names(module):
    return {one.name for one in get_resolver(module).url_patterns if getattr(one, "name", None)}


def test_every_public_address_is_known_here():
    """Those of ``exchange.urls`` are known beside the files they give, those of the API by its schema."""
    kinds = [view.name for view in LISTS.values()]

    assert names("events.urls") == {"home", "search", "suggest", "meeting-accounts", "statement-concordance"} | {
        f"{kind}-{page}" for kind in kinds for page in ("list", "choose", "facet", "detail")
    }
    assert names("readers.urls") - OWN == {"meeting-calendar"} | {
        f"{kind}-{page}" for kind in kinds for page in ("feed", "history")
    }
    # Of these, sitemaps alone tell of records, by their addresses.
    assert names("config.urls") == {
        "api-catalog", "healthz", "readyz", "robots", "security", "sitemap", "sitemap-page",
    }  # fmt: skip
    assert {one for one in names("config.api_urls") if one.startswith(("reconcile", "changes"))} == {
        "changes", "reconcile", "reconcile-entity", "reconcile-preview", "reconcile-properties", "reconcile-property",
        "reconcile-type",
    }  # fmt: skip


def test_every_text_of_a_public_record_is_shown_on_some_page(client):
    """So that the next test could find what it must not find."""
    world = World(itertools.repeat("published"))

    with counted_once():
        shown = "".join(look(client, one) for one in [*addresses(), *pages_of(world)])

    # What only ties two records together has no text of its own.
    without_text = (ParticipationTenure, MeetingTopic, StatementMention, StatementTopic, StatementLink, FormulaUser)
    unseen = {type(row).__name__ for mark, row in world.marks.items() if mark not in shown}
    assert unseen == {model.__name__ for model in without_text}


@given(states=st.lists(st.one_of(st.just("published"), st.sampled_from(STATES)), min_size=16, max_size=16))
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
def test_no_page_shows_a_word_of_what_is_not_public(client, states):
    with transaction.atomic():
        world = World(states)
        pages = [*addresses(), *pages_of(world)]
        hidden = {mark: row for mark, row in world.marks.items() if world.is_hidden(row)}

        with counted_once():
            leaks = [
                (address, repr(hidden[mark]))
                for address in pages
                for mark in set(re.findall(r"q\d{3}z", look(client, address))) & hidden.keys()
            ]

        transaction.set_rollback(True)
    assert leaks == []


@pytest.mark.parametrize("state", ["published", *STATES])
def test_address_of_a_record_answers_by_its_state(client, state):
    expected = {"published": 200, "draft": 404, "review": 404, "withdrawn": 410, "merged": 301}[state]
    world = World(itertools.repeat(state))

    answers = {record: client.get(record.get_absolute_url()).status_code for record, _state in world.records}

    assert answers == dict.fromkeys(answers, expected)


#: What a page must not carry: a script that is neither a file of ours nor data, a style, and a space before a comma.
SCRIPT_OR_STYLE = r"<script(?! src=\"/static/| type=\"application/ld\+json\")|<style|\sstyle=|\son[a-z]+=|javascript:"
STRAY_SPACE = r"\S+\s+[,;.](?=[\s<])"


def test_pages_carry_no_script_and_no_style_of_their_own_and_no_space_before_a_comma(client):
    """One walk for both: reading every page costs more than looking at it."""
    world = World(itertools.repeat("published"))
    with counted_once():
        for address in [*addresses(), "/meetings/0000000000/", *pages_of(world)]:
            content = look(client, address)

            assert re.findall(SCRIPT_OR_STYLE, content) == [], address
            assert re.findall(STRAY_SPACE, content.partition("<body>")[2]) == [], address


def test_pages_have_one_first_heading_a_title_of_their_own_and_no_id_twice(client):
    world = World(itertools.repeat("published"))
    titles = []
    for record, _state in world.records:
        page = read(client.get(record.get_absolute_url()))
        ids = [one["id"] for one in page if "id" in one.attributes]
        titles.append(page.one("head").one("title").text)

        assert len(page.all("h1")) == 1
        assert len(ids) == len(set(ids))
        for link in page.all("a"):
            assert not link["href"].startswith("#") or link["href"][1:] in ids

    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_page_of_a_fault_needs_no_request_and_no_database(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(f"{name}.html")

    assert page.count("<h1>") == 1


def test_ids_that_were_never_given_are_not_found(client):
    for view in LISTS.values():
        for uid in (new_uid(), "choose-me", "%00", "a/b", "🕊"):
            assert client.get(f"{reverse(f'events:{view.name}-list')}{uid}/").status_code == 404
