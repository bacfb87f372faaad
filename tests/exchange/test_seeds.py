"""The seeds as they stand in the repository: complete against the starting data, with every caution kept."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import transaction

from actors.models import Actor, ActorName, Tenure
from events.models import (
    Citation,
    Formula,
    FormulaUse,
    Meeting,
    Participation,
    Source,
    Statement,
    StatementTopic,
    Topic,
)
from exchange.models import ImportedRecord
from exchange.seeds.services import load_seeds
from records.history import event_model
from records.uids import uid_for

SEEDS = Path(settings.BASE_DIR) / "seeds"
STARTER = Path(settings.BASE_DIR).parent / "shared" / "starter"
ARTICLE = Path(settings.BASE_DIR).parent / "shared" / "article"
ARTICLE_MEETING = "2023-02-21-moscow-wang-patrushev"


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The seeds in the database for all tests of this module, each of which undoes its own changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_seeds(SEEDS)
        transaction.set_rollback(True)


@pytest.fixture
def seeds(loaded, db):
    return loaded


@pytest.fixture(scope="module")
def starter():
    if not STARTER.is_dir():
        pytest.skip("The starting data is not beside the repository: nothing to compare with.")
    return {name: yaml.safe_load((STARTER / f"{name}.yaml").read_text()) for name in ("actors", "topics", "meetings")}


def of(model, kind, key):
    return model.objects.get(uid=uid_for(kind=kind, key=key))


def meeting(key):
    return of(Meeting, "meeting", key)


def statement(key):
    return of(Statement, "statement", key)


def keys(kind):
    return list(ImportedRecord.objects.filter(kind=kind).values_list("key", flat=True))


def is_numbered(key):
    return key.rpartition("/")[2].isdecimal()


def test_everything_is_created_and_public(seeds):
    assert (seeds.total("changed"), seeds.total("unchanged"), seeds.total("kept")) == (0, 0, 0)
    for model in (Actor, Meeting, Statement, Topic, Formula, Source):
        assert model.objects.public().count() == model.objects.count() > 0


def test_meetings_are_73_and_the_closed_talks_of_the_article(seeds):
    assert Meeting.objects.count() == 74
    assert [key for key in keys("meeting") if key.startswith("article-")] == ["article-private-discussions"]
    assert Counter(Meeting.objects.values_list("relevance", flat=True)) == {"core": 52, "context": 22}


def test_statements_are_191_in_meetings_2_alone_and_those_set_apart_by_their_ids(seeds):
    ids = keys("statement")

    assert sum(is_numbered(key) for key in ids) == 191
    assert sorted(key for key in ids if "/" not in key and not key.startswith("article-")) == [
        "2023-02-24-position-paper",
        "2023-03-17-mfa-briefing-xi-visit",
    ]
    assert Counter(key.rpartition("/")[2] for key in ids if "/" in key and not is_numbered(key)) == {
        "document-1": 7,
        "document-2": 1,
        "account-kremlin": 1,
        "account-china": 2,
    }
    assert len([key for key in ids if key.startswith("article-")]) == 15


def test_topics_are_60_and_one_of_the_article_and_formulas_32(seeds):
    assert (Topic.objects.count(), Formula.objects.count()) == (61, 32)
    assert Topic.objects.filter(parent=None).count() == 10
    assert of(Topic, "topic", "rule-of-law").name == "Rule of law between states"


def test_every_actor_of_the_starting_data_is_there_with_its_names(seeds, starter):
    for entry in starter["actors"]["actors"]:
        actor = of(Actor, "actor", entry["id"])
        assert (actor.name, actor.kind) == (entry["name"], entry["kind"])
        names = set(actor.names.values_list("text", flat=True))
        assert {entry["native_name"], *entry["aliases"]} <= names
        native = actor.names.filter(text=entry["native_name"]).first()
        assert native.is_verified is entry["native_name_seen"], entry["id"]
        assert bool(actor.open_points) >= bool(entry.get("unverified")), entry["id"]
    assert len(starter["actors"]["actors"]) == 66


def test_every_office_of_the_starting_data_is_a_tenure_with_its_source(seeds, starter):
    for entry in starter["actors"]["actors"]:
        tenures = of(Actor, "actor", entry["id"]).tenures.all()
        for office in entry.get("offices", []):
            cited = [tenure for tenure in tenures if tenure.citations.filter(source__url=office["source"]).exists()]
            assert len(cited) >= len(office["title"].split("; ")), office["title"]
            for day in filter(None, (office["from"], office["to"])):
                assert any(day in tenure.span.edtf for tenure in cited), office["title"]
            for day in (office.get("held_as_at") or "").split(" to "):
                assert all(not day or tenure.observed.edtf for tenure in cited), office["title"]


def test_every_meeting_of_the_starting_data_is_complete(seeds, starter):
    for entry in starter["meetings"]["meetings"]:
        row = meeting(entry["id"])
        assert (row.title, row.relevance) == (entry["title"], entry["tier"])
        assert str(row.date.earliest).startswith(entry["start_date"])
        assert [(p.actor, p.side, p.role) for p in row.participations.select_related("actor")] == [
            (of(Actor, "actor", p["actor"]), p["side"], p["role"]) for p in entry["participants"]
        ]
        assert all(p.capacity and p.tenures.exists() for p in row.participations.all()), entry["id"]
        topics = [link.topic for link in row.topic_links.select_related("topic")]
        assert topics == [of(Topic, "topic", key) for key in entry["topics"]]
        assert all(channel in row.notes for channel in entry["channels"]), entry["id"]
        single = entry["corroboration"] == "single source"
        assert ("Rests on one publisher." in row.open_points) is single
        assert len(row.open_points) == len(entry["unverified"]) + single
        titles = [title for title, key in row.statements.values_list("title", "uid") if title]
        assert len(titles) == len(entry.get("documents", []))


def test_every_statement_of_the_starting_data_is_complete(seeds, starter):
    for entry in starter["meetings"]["meetings"]:
        urls = {source["n"]: source["url"] for source in entry["sources"]}
        for number, said in enumerate(entry["statements"], start=1):
            row = statement(f"{entry['id']}/{number}")
            assert (row.gist, row.meeting) == (said["position"], meeting(entry["id"]))
            speakers = [link.actor for link in row.speakers.select_related("actor")]
            assert speakers == [of(Actor, "actor", key) for key in said["by"]]
            topics = [link.topic for link in row.topic_links.select_related("topic")]
            assert topics == [of(Topic, "topic", key) for key in said["topics"]]
            citations = list(row.citations.values_list("source__url", "quote"))
            assert citations == [(urls[said["source"]], said.get("quote", ""))]
            assert bool(row.note) >= ("note" in said)


def test_each_of_the_218_sources_is_cited_by_its_meeting(seeds, starter):
    wanted = [(entry["id"], source["url"]) for entry in starter["meetings"]["meetings"] for source in entry["sources"]]
    cited = {
        (uid, url)
        for uid, url in Citation.objects.filter(meeting__isnull=False, field="").values_list(
            "meeting__uid", "source__url"
        )
    }

    assert len(wanted) == 218
    assert [pair for pair in wanted if (uid_for(kind="meeting", key=pair[0]), pair[1]) not in cited] == []


def test_sources_keep_publisher_date_and_language(seeds, starter):
    caption = "The Jerusalem Post (Reuters; caption dates signing to 21 March)"  # The remark is a citation of the date.
    for entry in starter["meetings"]["meetings"]:
        for source in entry["sources"]:
            row = Source.objects.get(url=source["url"])
            publisher = "The Jerusalem Post (Reuters)" if source["publisher"] == caption else source["publisher"]
            assert (row.publisher, row.published.edtf, row.language) == (
                publisher,
                source["date"] or "",
                source["lang"],
            )


def test_topics_and_formulas_keep_their_words(seeds, starter):
    for entry in starter["topics"]["topics"]:
        row = of(Topic, "topic", entry["id"])
        assert row.name == entry["label"]["en"]
        assert row.parent == (of(Topic, "topic", entry["parent"]) if entry["parent"] else None)
        labels = {(label.language, label.text, label.kind) for label in row.labels.all()}
        wanted = {(language, text, "preferred") for language, text in entry["label"].items() if language != "en"}
        wanted |= {(language, text, "alternative") for language, texts in entry["alt"].items() for text in texts}
        assert labels == wanted
    for entry in starter["topics"]["phrases"]:
        row = of(Formula, "formula", entry["id"])
        assert (row.name, row.first_seen.edtf) == (entry["phrase"]["en"], entry["first_seen"])
        assert row.topic == of(Topic, "topic", entry["topic"])
        assert row.first_meeting == (meeting(entry["meeting"]) if "meeting" in entry else None)
        assert [user.actor for user in row.first_users.all()] == [
            of(Actor, "actor", key) for key in entry["first_user"]
        ]
        standard = {v.language: (v.text, v.is_verified) for v in row.variants.filter(is_canonical=True)}
        for language in ("zh", "ru"):
            assert standard[language] == (entry["phrase"][language], entry["native_seen"][language])
        assert row.citations.get().source.url == entry["source"]


def test_a_second_load_changes_no_row_and_no_version(seeds, django_assert_num_queries):
    def state():
        models = (Actor, Tenure, Meeting, Statement, Source, Formula, ImportedRecord)
        return [(model.objects.count(), event_model(model).objects.count()) for model in models]

    before = state()
    with django_assert_num_queries(1):
        report = load_seeds(SEEDS)

    assert (report.total("created"), report.total("changed"), report.total("kept")) == (0, 0, 0)
    assert report.total("unchanged") == seeds.total("created")
    assert state() == before


def test_an_editors_change_survives_a_changed_seed_file(seeds, tmp_path):
    edited = meeting("2023-02-22-moscow-wang-putin")
    edited.title = "Putin and Wang Yi in the Kremlin"
    edited.save()
    files = shutil.copytree(SEEDS, tmp_path / "seeds")
    file = files / "meetings" / "2023.yaml"
    text = file.read_text()
    file.write_text(
        text.replace("title: Putin receives Wang Yi\n", "title: Putin received Wang Yi\n").replace(
            "title: Xi state visit to Russia\n", "title: State visit of Xi to Russia\n"
        )
    )

    report = load_seeds(files)

    assert report.kept == [
        'meeting "2023-02-22-moscow-wang-putin": an editor changed it here; what the files changed since is not applied'
    ]
    assert meeting("2023-02-22-moscow-wang-putin").title == "Putin and Wang Yi in the Kremlin"
    assert meeting("2023-03-20-moscow-xi-putin").title == "State visit of Xi to Russia"


def test_munich_is_known_to_the_month_so_17_february_is_possible_and_not_certain(seeds):
    row = meeting("2023-02-munich-wang-kuleba")
    day = row.date.earliest.replace(day=17)

    assert row.date.edtf == "2023-02"
    assert row in Meeting.objects.possibly_within(day, day)
    assert row not in Meeting.objects.certainly_within(day, day)
    assert row.open_points == ["Exact day (17-19 February 2023)."]


def test_20th_consultation_has_a_source_for_the_day_before(seeds):
    row = meeting("2025-12-02-moscow-wang-shoigu")
    contradiction = row.citations.get(verdict="contradicts")

    assert (row.date.edtf, row.series.name, row.round) == (
        "2025-12-02",
        "China-Russia strategic security consultation",
        20,
    )
    assert (contradiction.field, contradiction.value_given, contradiction.source.publisher) == (
        "date",
        "2025-12-01",
        "Sputnik",
    )


def test_visit_of_li_shangfu_has_another_length_in_one_source(seeds):
    contradiction = meeting("2023-04-16-moscow-li-shangfu").citations.get(verdict="contradicts")

    assert (contradiction.field, contradiction.value_given) == ("date", "2023-04-16/2023-04-19")
    assert contradiction.source.url == ""
    assert contradiction.source.open_points == ["Publisher and address."]


def test_inferred_and_announced_dates_say_so(seeds):
    new_york = meeting("2022-09-21-newyork-wang-lavrov")
    tour = meeting("2024-03-li-hui-second-tour")

    assert (new_york.date.edtf, new_york.date_basis) == ("[2022-09-21..2022-09-22]", "inferred")
    assert new_york.date_note.startswith("Inferred.")
    assert (tour.date.edtf, tour.date_basis, tour.status) == ("2024-03-02/", "announced", "announced")
    assert [row.attendance for row in tour.participations.all()] == ["reported"]
    assert Counter(Meeting.objects.exclude(date_basis="stated").values_list("date_basis", flat=True)) == {
        "inferred": 1,
        "announced": 1,
    }


def test_calls_with_two_published_versions_hold_both(seeds):
    february = {
        row.channel.name: row.gist for row in meeting("2022-02-25-phone-xi-putin").statements.filter(kind="readout")
    }
    kremlin = statement("2022-06-15-phone-xi-putin/3")

    assert sorted(february) == ["Ministry of Foreign Affairs of China", "Presidential Executive Office of Russia"]
    assert (kremlin.channel.name, kremlin.note) == (
        "Presidential Executive Office of Russia",
        "Attributed by the Kremlin only.",
    )
    assert statement("2022-06-15-phone-xi-putin/account-china").channel.name == "Ministry of Foreign Affairs of China"


def test_two_posts_and_two_terms_of_wang_yi(seeds):
    acted = Participation.objects.get(meeting=meeting("2023-09-18-moscow-wang-lavrov"), actor__name="Wang Yi")
    terms = Tenure.objects.filter(person__name="Wang Yi", office__name="Minister of Foreign Affairs").order_by(
        "span_sort"
    )

    assert [str(tenure.office) for tenure in acted.tenures.order_by("span_sort")] == [
        "Member, Political Bureau of the CPC Central Committee",
        "Director, Office of the Central Foreign Affairs Commission",
        "Minister of Foreign Affairs, Ministry of Foreign Affairs of China",
    ]
    assert [tenure.span.edtf for tenure in terms] == ["2013-03/2022-12-30", "2023-07-25/"]


def test_tenures_of_participants_and_speakers_cover_the_day_or_leave_it_open(seeds):
    for row in Participation.objects.exclude(meeting__date="").prefetch_related("tenures").select_related("meeting"):
        day = row.meeting.date
        for tenure in row.tenures.all():
            known = tenure.span or tenure.observed
            assert known, tenure
            assert known.possibly_within(day.earliest, day.latest), (str(row.meeting), str(tenure))


def test_article_is_silent_on_date_and_place_and_its_citations_say_so(seeds):
    article = of(Source, "source", "social-bites-article")
    silent = Citation.objects.filter(source=article, verdict="mentions")

    assert (article.published.edtf, article.language) == ("", "en")
    assert set(silent.filter(meeting=meeting(ARTICLE_MEETING)).values_list("field", "note")) == {
        ("date", "The article gives no date."),
        ("place", "The article gives no place."),
    }
    for field in ("date", "place"):
        supported = Citation.objects.filter(meeting=meeting(ARTICLE_MEETING), field=field, verdict="supports")
        assert not supported.filter(source=article).exists()
    assert Citation.objects.filter(meeting=meeting(ARTICLE_MEETING), field="date", verdict="supports").count() == 2


def test_article_positions_are_coded_with_speakers_stance_and_topic(seeds):
    coded = {}
    for row in Statement.objects.filter(citations__source__publisher="Social Bites").distinct():
        stances = {link.topic.name: link.stance for link in row.topic_links.select_related("topic")}
        coded[row.uid] = ([str(speaker) for speaker in row.speakers.all()], stances)

    def article(key):
        return coded[uid_for(kind="statement", key=f"article-{key}")]

    both = ["Wang Yi", "Nikolai Patrushev"]
    assert len(coded) == 15
    assert article("message") == (both, {"True multilateralism": "supports", "Global governance": "supports"})
    assert article("multilateralism") == (both, {"True multilateralism": "supports"})
    assert article("unilateral-pressure") == (both, {"Opposition to hegemonism and bullying": "supports"})
    assert article("democratisation") == (
        both,
        {"Democratisation of international relations": "supports", "Multipolarity": "supports"},
    )
    assert article("ukraine") == (both, {"Ukraine conflict": ""})
    assert article("asia-pacific") == (both, {"Asia-Pacific security": "calls-for"})
    assert article("cold-war-blocs") == (both, {"Rejection of Cold War mentality and blocs": "calls-for"})
    assert article("rule-of-law") == (
        ["Wang Yi"],
        {"Rule of law between states": "supports", "Role of the UN and its Charter": "supports"},
    )
    assert article("security-council") == (
        ["Wang Yi"],
        {
            "Responsibility of UNSC permanent members": "supports",
            "Role of the UN and its Charter": "supports",
            "Rule of law between states": "supports",
        },
    )
    assert article("observers") == (["Observers"], {"China-Russia relations": ""})


def test_article_channel_earlier_statements_private_talks_and_observers(seeds):
    message, earlier = statement("article-message"), statement("article-earlier-statements")
    private, observers = meeting("article-private-discussions"), statement("article-observers")

    assert (message.channel.name, message.channel_note) == (
        "Ministry of Foreign Affairs of China",
        "website of the Chinese Foreign Ministry",
    )
    assert (earlier.date.edtf, earlier.meeting, [str(speaker) for speaker in earlier.speakers.all()]) == (
        "",
        None,
        ["Ministry of Foreign Affairs of China", "Wang Yi", "Nikolai Patrushev"],
    )
    assert (private.date.edtf, private.place, private.mode, private.openness, private.status) == (
        "",
        None,
        "",
        "closed",
        "unverified",
    )
    assert [(str(row), row.attendance) for row in private.participations.all()] == [
        ("Wang Yi", "reported"),
        ("Russian side (nobody is named)", "reported"),
    ]
    assert (
        observers.kind,
        observers.basis,
        [(s.actor, s.name_as_given, s.role) for s in observers.speakers.all()],
    ) == (
        "analysis",
        "analysis",
        [(None, "Observers", "reported")],
    )
    mentioned = statement("article-security-council").mentions.values_list("actor__name", flat=True)
    assert set(mentioned) == {"United Nations", "United Nations Security Council"}


def test_participants_are_cited_from_the_article_in_their_capacity(seeds):
    cited = Citation.objects.filter(participation__meeting=meeting(ARTICLE_MEETING), source__publisher="Social Bites")

    assert sorted(cited.values_list("participation__actor__name", "field")) == [
        ("Nikolai Patrushev", "capacity"),
        ("Wang Yi", "capacity"),
    ]


def test_no_words_of_the_article_are_held():
    if not ARTICLE.is_dir():
        pytest.skip("The article is not beside the repository: nothing to compare with.")
    text = (ARTICLE / "china-russia-multilateralism.txt").read_text()
    _title, _newline, body = text.partition("\n")
    held = _runs(" ".join(file.read_text() for file in sorted(SEEDS.rglob("*.*"))))

    assert sorted(_runs(body) & held) == []


def _runs(text, length=8):
    # Shorter runs are names: "the Communist Party of China Central Committee".
    words = "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
    return {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}


def test_quotes_are_short(seeds):
    assert max(len(quote.split()) for quote in Citation.objects.values_list("quote", flat=True)) <= 9


def test_unverified_names_and_wordings_stay_marked(seeds):
    assert ActorName.objects.filter(is_verified=False, text="秦刚").exists()
    assert not StatementTopic.objects.filter(statement__basis="analysis").exclude(stance="").exists()
    assert FormulaUse.objects.filter(statement__uid=uid_for(kind="statement", key="article-cold-war-blocs")).exists()
