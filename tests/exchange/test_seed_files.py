"""What the reader of seed files refuses, and how an editor's work is kept; on files of a few lines."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from actors.models import Actor, ActorName, Office, Tenure
from events.models import Meeting, Participation, ParticipationTenure, Source, Statement, Topic
from exchange.models import ImportedRecord
from exchange.seeds.problems import InvalidSeeds
from exchange.seeds.services import load_seeds
from exchange.seeds.shapes import SHAPES, Part
from records.history import event_model
from records.models import RegisteredId
from records.reverting import plan_of_undo, revert_batch

FAULTS = Path(__file__).parent / "faults"

MESSAGES = {
    "unknown_role": [
        '7: meeting "moscow-2023": role "gest" is not known; expected one of host, guest, chair, participant, '
        'signatory, mediator, observer, interpreter. Did you mean "guest"?'
    ],
    "unknown_key": [
        '5: meeting "moscow-2023": key "plaice" is not known; expected one of id, title, date, date_basis, date_note, '
        "mode, kind, place, part_of, series, round, status, openness, relevance, summary, notes, open_points, "
        'participants, topics, citations, statements. Did you mean "place"?'
    ],
    "unknown_heading": [
        '1: heading "meeting" is not known; expected one of actors, sources, places, series, topics, offices, tenures, '
        'meetings, statements, formulas. Did you mean "meetings"?'
    ],
    "missing_fields": [
        '2: meeting "moscow-2023": kind is missing; expected one of bilateral, trilateral, multilateral, summit, '
        "visit, consultation, signing, ceremony, courtesy-call",
        '2: meeting "moscow-2023": title is missing; a text or number is expected',
    ],
    "missing_id": ["2: the actor has no id; an id is expected that never changes"],
    "wrong_types": [
        '3: meeting "moscow-2023": title 2023 reads as a number; put text in quotation marks',
        '4: meeting "moscow-2023": kind is a single value; expected one of bilateral, trilateral, multilateral, '
        "summit, visit, consultation, signing, ceremony, courtesy-call",
        '5: meeting "moscow-2023": round "sixteenth": “sixteenth” value must be an integer.',
        '6: meeting "moscow-2023": open_points is a list of texts',
        '8: meeting "moscow-2023": participants is a list',
    ],
    "yaml_traps": [
        '6: actor "norway": is_verified "maybe" is neither true nor false',
        '6: actor "norway": language no reads as yes or no; put text in quotation marks',
    ],
    "dangling_references": [
        '7: meeting "moscow-2023": place "moscow" is not the id of any place.',
        '9: meeting "moscow-2023": actor "wang-y" is not the id of any actor. Did you mean "wang-yi"?',
        '10: meeting "moscow-2023": tenure "wang-yi/cfac-director" is not the id of any tenure.',
    ],
    "duplicate_ids": ['3: actor "wang-yi": this id is already taken at duplicate_ids.yaml:2'],
    "key_twice": ['5: actor "wang-yi": "name" stands here twice'],
    "unreadable_date": [
        '5: meeting "moscow-2023": date "2023-02-30": There is no day 30 in 2023-02. Did you mean 2023-02-28?'
    ],
    "bad_language": [
        '6: actor "wang-yi": language "Chinese": Give a language tag such as en, zh, zh-Hant or sr-Latn (BCP 47).'
    ],
    "listed_twice": ['9: meeting "moscow-2023": participants has this already in line 8: wang-yi'],
    "circle": [
        '2: topic "order": its links lead in a circle back to itself',
        '3: topic "multipolarity": its links lead in a circle back to itself',
    ],
    "refused_by_the_model": [
        '3: actor "office": parent: A person cannot be the parent of a body. '
        "Choose a body, a state or an organisation.",
        '5: source "tass": Give an address or a title, so that a reader can find the document.',
        '7: meeting "moscow-2023": A round is a number in a series: choose the series, or leave the round empty.',
    ],
    "not_yaml": ["4: not YAML: while scanning a quoted scalar, found unexpected end of stream"],
    "not_headings": [
        "1: headings are expected here, with lists below: actors, sources, places, series, topics, offices, tenures, "
        "meetings, statements, formulas"
    ],
    "bad_address": ['2: source "tass": url "tass.com/world": Enter a valid URL.'],
    "clash_between_entries": [
        '3: actor "prc": This identifier already belongs to another actor. Is it the same one?',
    ],
}


def test_every_fault_file_has_its_messages():
    assert sorted(path.stem for path in FAULTS.glob("*.yaml")) == sorted(MESSAGES)


@pytest.mark.parametrize("fault", MESSAGES)
def test_a_broken_file_names_line_and_expectation_and_changes_nothing(db, fault):
    with pytest.raises(InvalidSeeds) as refusal:
        load_seeds(FAULTS / f"{fault}.yaml")

    assert str(refusal.value).splitlines() == [f"{fault}.yaml:{message}" for message in MESSAGES[fault]]
    assert not RegisteredId.objects.exists()
    assert not ImportedRecord.objects.exists()


def test_problems_of_all_files_are_listed_together(db, tmp_path):
    for fault in ("unreadable_date", "refused_by_the_model", "not_yaml"):
        text = (FAULTS / f"{fault}.yaml").read_text().replace("moscow-2023", f"moscow-{fault}")
        (tmp_path / f"{fault}.yaml").write_text(text)

    with pytest.raises(InvalidSeeds) as refusal:
        load_seeds(tmp_path)

    lines = [
        (problem.spot.file.removeprefix(f"{tmp_path.name}/"), problem.spot.line) for problem in refusal.value.problems
    ]
    assert lines == [
        ("not_yaml.yaml", 4),
        ("refused_by_the_model.yaml", 3),
        ("refused_by_the_model.yaml", 5),
        ("refused_by_the_model.yaml", 7),
        ("unreadable_date.yaml", 5),
    ]


def test_command_fails_with_the_list_of_problems(db):
    with pytest.raises(CommandError) as refusal:
        call_command("loadseeds", path=FAULTS / "unreadable_date.yaml")

    assert refusal.value.returncode == 1
    assert str(refusal.value).splitlines() == [
        f"unreadable_date.yaml:{MESSAGES['unreadable_date'][0]}",
        "1 problem(s); nothing was changed.",
    ]


def test_a_path_without_files_is_refused(db, tmp_path):
    with pytest.raises(InvalidSeeds, match=r"there is no \.yaml file"):
        load_seeds(tmp_path)
    with pytest.raises(InvalidSeeds, match="there is no such file or directory"):
        load_seeds(tmp_path / "nowhere")


def test_every_name_in_a_shape_is_a_field_of_its_model():
    def fields_of(part: Part):
        yield part.model, (part.owner, *part.fields, *part.identity, *(part.pair or ()), *filter(None, [part.bare]))
        for below in part.parts.values():
            yield from fields_of(below)

    for shape in SHAPES.values():
        wanted = [(shape.model, shape.fields), *(pair for part in shape.parts.values() for pair in fields_of(part))]
        for model, names in wanted:
            assert set(names) <= {field.name for field in model._meta.fields}, model


TALKS = """
actors:
  - {id: cn, kind: state, name: China}
  - {id: ru, kind: state, name: Russia}
  - id: wang-yi
    kind: person
    name: Wang Yi
    home_state: cn
    names:
      - {text: 王毅, language: zh, kind: native}
    tenures:
      - {id: cfac-director, office: cfac-director, span: 2023-01-01/}
  - {id: patrushev, kind: person, name: Nikolai Patrushev, home_state: ru}
  - {id: cfac, kind: body, name: Central Foreign Affairs Commission, parent: cn}
offices:
  - {id: cfac-director, body: cfac, name: Director, tier: 3}
topics:
  - {id: ukraine, name: Ukraine}
sources:
  - {id: tass, title: Talks in Moscow, publisher: TASS, url: https://tass.com/world/1, language: en}
meetings:
  - id: moscow-2023
    title: Wang Yi - Patrushev meeting
    date: 2023-02-21
    kind: consultation
    participants:
      - {actor: wang-yi, role: guest, tenures: [cfac-director]}
      - {actor: patrushev, role: host}
    topics: [ukraine]
    citations: [tass]
    statements:
      - id: 1
        kind: remark
        basis: press-paraphrase
        gist: Both spoke about Ukraine.
        speakers: [wang-yi, patrushev]
        topics: {ukraine: null}
        citations: [tass]
"""


@pytest.fixture
def talks(db, tmp_path):
    """A file of one meeting, loaded; call it with a text and its replacement to load the changed file."""
    file = tmp_path / "talks.yaml"
    file.write_text(TALKS)
    load_seeds(file)

    def reload(*changes, dry_run=False):
        text = file.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        return load_seeds(file, dry_run=dry_run)

    return reload


def outcomes(report):
    return {outcome: report.total(outcome) for outcome in ("created", "changed", "unchanged", "kept")}


def events_count():
    return sum(
        event_model(model).objects.count() for model in (Actor, ActorName, Meeting, Participation, ImportedRecord)
    )


def test_entries_become_published_records_with_their_parts(talks):
    meeting = Meeting.objects.public().get()

    assert meeting.date.edtf == "2023-02-21"
    assert [
        (row.actor.name, row.role, row.position, [str(tenure.office) for tenure in row.tenures.all()])
        for row in meeting.participations.all()
    ] == [
        ("Wang Yi", "guest", 1, ["Director, Central Foreign Affairs Commission"]),
        ("Nikolai Patrushev", "host", 2, []),
    ]
    statement = meeting.statements.public().get()
    assert (statement.date.edtf, statement.position, statement.gist) == ("2023-02-21", 1, "Both spoke about Ukraine.")
    assert [(link.topic.name, link.stance) for link in statement.topic_links.all()] == [("Ukraine", "")]


def test_a_second_load_touches_nothing_and_costs_one_query(talks, django_assert_num_queries):
    before = events_count()

    with django_assert_num_queries(1):
        report = talks()

    assert outcomes(report) == {"created": 0, "changed": 0, "unchanged": 11, "kept": 0}
    assert events_count() == before


def test_comments_and_the_order_of_keys_are_no_change(talks):
    report = talks(("{id: cn, kind: state, name: China}", "{name: China, kind: state, id: cn}  # the state"))

    assert outcomes(report)["changed"] == 0


def test_a_changed_file_changes_records_and_only_the_rows_that_differ(talks):
    wang = Participation.objects.get(actor__name="Wang Yi")

    report = talks(
        ("title: Wang Yi - Patrushev meeting", "title: Meeting of the leads"),
        ("{actor: patrushev, role: host}", "{actor: patrushev, role: chair}"),
        ("citations: [tass]\n    statements", "citations: []\n    statements"),
        ("text: 王毅", "text: 王毅先生"),
    )

    assert outcomes(report) == {"created": 0, "changed": 2, "unchanged": 9, "kept": 0}
    meeting = Meeting.objects.get()
    assert meeting.title == "Meeting of the leads"
    assert [(row.pk == wang.pk, row.role) for row in meeting.participations.all()] == [
        (True, "guest"),
        (False, "chair"),
    ]
    assert meeting.citations.count() == 0
    assert [name.text for name in ActorName.objects.all()] == ["王毅先生"]
    assert outcomes(talks()) == {"created": 0, "changed": 0, "unchanged": 11, "kept": 0}


def test_a_change_of_the_meeting_day_reaches_statements_that_share_it(talks):
    talks(("date: 2023-02-21", "date: 2023-02-22"))

    assert Statement.objects.get().date.edtf == "2023-02-22"


def test_new_entries_join_those_that_are_there(talks):
    report = talks(("topics:\n  -", "topics:\n  - {id: korea, name: Korean Peninsula}\n  -"))

    assert outcomes(report) == {"created": 1, "changed": 0, "unchanged": 11, "kept": 0}


def test_a_record_changed_by_an_editor_is_kept_and_named(talks):
    meeting = Meeting.objects.get()
    meeting.title = "Security consultation in Moscow"
    meeting.save()

    report = talks(("title: Wang Yi - Patrushev meeting", "title: Meeting of the leads"), ("name: China", "name: PRC"))

    assert outcomes(report) == {"created": 0, "changed": 1, "unchanged": 9, "kept": 1}
    assert report.kept == [
        'meeting "moscow-2023": an editor changed it here; what the files changed since is not applied'
    ]
    assert Meeting.objects.get().title == "Security consultation in Moscow"
    assert Actor.objects.filter(name="PRC").exists()


def test_a_deleted_record_is_not_created_again(talks):
    Statement.objects.get().delete()

    report = talks(("gist: Both spoke about Ukraine.", "gist: Both reviewed Ukraine."))

    assert report.kept == ['statement "moscow-2023/1": it was deleted here, and is not created again']
    assert not Statement.objects.exists()


def test_undone_import_withdraws_what_readers_saw_and_is_not_done_again(talks):
    [batch] = set(event_model(Meeting).objects.values_list("pgh_context__metadata__batch", flat=True))
    kinds = (Actor, Meeting, Statement, Topic, Source, Office)
    before = [kind.objects.count() for kind in kinds]

    plan = plan_of_undo(batch)
    undo = revert_batch(batch_id=batch, reason="Wrong file.")
    meeting = Meeting.objects.get()
    report = talks()

    assert (plan.conflicts, plan.withdrawn) == ([], sum(before[:-1]))
    assert (meeting.state, meeting.withdrawal_reason) == ("withdrawn", "Wrong file.")
    assert [kind.objects.count() for kind in kinds] == before
    assert meeting.participations.count() == 2
    assert [kind.objects.public().count() for kind in (Actor, Meeting, Statement, Topic, Source)] == [0] * 5
    assert outcomes(report) == {"created": 0, "changed": 0, "unchanged": 0, "kept": len(report.kept)}
    assert (
        'meeting "moscow-2023": its import was undone here, and is not done again; undo the undo to have it back'
    ) in report.kept
    assert not Meeting.objects.public().exists()

    revert_batch(batch_id=undo, reason="Right after all.")
    assert Meeting.objects.public().get() == meeting
    assert outcomes(talks()) == {"created": 0, "changed": 0, "unchanged": len(report.kept), "kept": 0}


def test_what_refers_to_a_deleted_record_is_left_out(talks):
    ParticipationTenure.objects.all().delete()
    Tenure.objects.all().delete()

    report = talks(("role: guest, tenures", "role: chair, tenures"))

    assert report.kept == [
        'meeting "moscow-2023": it refers to tenure "wang-yi/cfac-director", which was deleted here; '
        "the rest is applied"
    ]


def test_links_to_a_merged_record_lead_to_its_survivor(talks):
    survivor = Actor.objects.create(kind="person", name="Patrushev, Nikolai", state="published")
    Participation.objects.filter(actor__name="Nikolai Patrushev").delete()
    Actor.objects.filter(name="Nikolai Patrushev").update(merged_into=survivor)

    talks(("{actor: patrushev, role: host}", "{actor: patrushev, role: chair}"))

    assert [row.actor.name for row in Meeting.objects.get().participations.all()] == ["Wang Yi", "Patrushev, Nikolai"]


def test_a_dry_run_reports_and_changes_nothing(talks):
    report = talks(("name: China", "name: PRC"), dry_run=True)

    assert list(report.lines())[-1] == "Dry run: nothing was changed."
    assert outcomes(report) == {"created": 0, "changed": 1, "unchanged": 10, "kept": 0}
    assert not Actor.objects.filter(name="PRC").exists()
    assert outcomes(talks()) == {"created": 0, "changed": 1, "unchanged": 10, "kept": 0}


def test_entries_gone_from_the_files_leave_their_records(talks):
    report = talks(
        ("{id: ukraine, name: Ukraine}", "{id: war, name: War}"),
        ("topics: [ukraine]", "topics: [war]"),
        ("topics: {ukraine: null}", "topics: {war: null}"),
    )

    assert report.absent == ['topic "ukraine"']


def test_changes_carry_reason_and_batch(talks):
    context = event_model(Meeting).objects.latest("pgh_id").pgh_context.metadata

    assert context["reason"] == "Seed files were loaded."
    assert context["batch"].startswith("seeds:")


def test_command_prints_the_counts(talks, tmp_path):
    out = StringIO()

    call_command("loadseeds", path=tmp_path, stdout=out)

    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines[0] == ["created", "changed", "unchanged", "kept"]
    assert ["meetings", "0", "0", "1", "0"] in lines
    assert lines[-1] == ["all", "0", "0", "11", "0"]


def test_command_tells_a_run_without_news_in_one_line_where_it_is_asked_to_be_brief(talks, tmp_path):
    out = StringIO()

    call_command("loadseeds", path=tmp_path, stdout=out, verbosity=0)

    assert out.getvalue() == "Seeds: 11 unchanged\n"


@pytest.mark.django_db(transaction=True)
def test_a_version_raised_by_another_entry_is_not_taken_for_an_editors(tmp_path):
    file = tmp_path / "talks.yaml"
    formula = "formulas:\n  - {id: no-limits, name: no limits, uses: [moscow-2023/1]}\n"
    file.write_text(TALKS)
    load_seeds(file)
    file.write_text(TALKS + formula)
    load_seeds(file)
    assert Statement.objects.get().version == 2

    file.write_text(TALKS.replace("gist: Both spoke about Ukraine.", "gist: Both reviewed Ukraine.") + formula)
    report = load_seeds(file)

    assert (report.kept, Statement.objects.get().gist) == ([], "Both reviewed Ukraine.")


@pytest.mark.django_db(transaction=True)
def test_a_row_added_by_an_editor_keeps_the_whole_record(tmp_path):
    file = tmp_path / "talks.yaml"
    file.write_text(TALKS)
    load_seeds(file)
    Meeting.objects.get().participations.create(name_as_given="an interpreter", role="interpreter")

    file.write_text(TALKS.replace("title: Wang Yi - Patrushev meeting", "title: Meeting of the leads"))
    report = load_seeds(file)

    assert report.total("kept") == 1
    assert Meeting.objects.get().title == "Wang Yi - Patrushev meeting"
    assert Meeting.objects.get().participations.count() == 3
