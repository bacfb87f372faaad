import pytest
from django.core.exceptions import NON_FIELD_ERRORS as ROW

from events.models import (
    Citation,
    Formula,
    FormulaUse,
    FormulaUser,
    FormulaVariant,
    Source,
    Statement,
    StatementLink,
    StatementMention,
    StatementSpeaker,
    StatementTopic,
)
from tests.factories import (
    CitationFactory,
    FormulaFactory,
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    SpeakerFactory,
    StatementFactory,
    TenureFactory,
    TopicFactory,
)
from tests.refusals import Refusal, database_says, form_says


def again(row, **values):
    """A new row with the values of a saved one, and others where they are given."""
    left_out = {"id", "search"} | {field.name for field in row._meta.fields if field.name.endswith("_sort")}
    kept = {field.name: getattr(row, field.name) for field in row._meta.fields if field.name not in left_out}
    return type(row)(**{**kept, **values})


def statement(**values):
    return Statement(**{"kind": "remark", "basis": "press-paraphrase", "gist": "Both want peace.", **values})


def source(**values):
    return Source(**{"publisher": "TASS", "title": "Wang Yi in Moscow", **values})


def citation(**values):
    return Citation(**{"source": SourceFactory(), "meeting": MeetingFactory(), **values})


def link_to_itself():
    remark = StatementFactory()
    return StatementLink(statement=remark, relation="repeats", to_statement=remark)


def link_again():
    link = StatementLink.objects.create(
        statement=StatementFactory(), relation="announces", to_meeting=MeetingFactory(title="Visit of Xi Jinping")
    )
    return again(link)


def second_standard_wording():
    first = FormulaVariant.objects.create(formula=FormulaFactory(), language="zh", text="无上限", is_canonical=True)
    return again(first, text="没有上限的")


REFUSALS = [
    Refusal(
        Statement,
        "statement_says_something",
        lambda: statement(gist=""),
        {ROW: ["Give at least a title, a gist or a text."]},
    ),
    Refusal(
        Statement,
        "statement_text_has_language",
        lambda: statement(text="双方一致同意"),
        {ROW: ["Say which language the text is in: search and reading aloud depend on it."]},
    ),
    Refusal(
        Statement,
        "statement_translation_has_language",
        lambda: statement(text="双方一致同意", language="zh", translation="Both agreed"),
        {ROW: ["Say which language the translation is in."]},
    ),
    Refusal(
        Statement,
        "statement_translation_needs_text",
        lambda: statement(translation="Both agreed", translation_language="en"),
        {ROW: ["A translation stands beside its original: fill in the text first."]},
    ),
    Refusal(
        Statement,
        "statement_kind_is_known",
        lambda: statement(kind="rumour"),
        {"kind": ["Value 'rumour' is not a valid choice."]},
    ),
    Refusal(
        Statement,
        "statement_basis_is_known",
        lambda: statement(basis="hearsay"),
        {"basis": ["Value 'hearsay' is not a valid choice."]},
    ),
    Refusal(
        StatementSpeaker,
        "speaker_has_actor_or_name",
        lambda: StatementSpeaker(statement=StatementFactory()),
        {ROW: ["Choose an actor, or type the name as the source gives it."]},
    ),
    Refusal(
        StatementSpeaker,
        "speaker_once_per_role",
        lambda: again(SpeakerFactory(role="issuer")),
        {ROW: ["This speaker is already listed in this role."]},
    ),
    Refusal(
        StatementSpeaker,
        "speaker_role_is_known",
        lambda: StatementSpeaker(statement=StatementFactory(), actor=PersonFactory(), role="singer"),
        {"role": ["Value 'singer' is not a valid choice."]},
    ),
    Refusal(
        StatementSpeaker,
        "events_statementspeaker_tenure_same",
        lambda: StatementSpeaker(statement=StatementFactory(), actor=PersonFactory(), tenure=TenureFactory()),
        {"tenure": ["This office was held by somebody else. Choose a tenure of the speaker."]},
    ),
    Refusal(
        StatementMention,
        "mention_once_per_relation",
        lambda: again(StatementMention.objects.create(statement=StatementFactory(), actor=PersonFactory())),
        {ROW: ["This actor is already listed."]},
    ),
    Refusal(
        StatementMention,
        "mention_relation_is_known",
        lambda: StatementMention(statement=StatementFactory(), actor=PersonFactory(), relation="praised"),
        {"relation": ["Value 'praised' is not a valid choice."]},
    ),
    Refusal(
        StatementTopic,
        "statement_topic_once",
        lambda: again(
            StatementTopic.objects.create(statement=StatementFactory(), topic=TopicFactory(), stance="supports"),
            stance="opposes",
        ),
        {ROW: ["This topic is already listed for the statement."]},
    ),
    Refusal(
        StatementTopic,
        "statement_stance_is_known",
        lambda: StatementTopic(statement=StatementFactory(), topic=TopicFactory(), stance="loves"),
        {"stance": ["Value 'loves' is not a valid choice."]},
    ),
    Refusal(
        StatementLink,
        "link_has_one_target",
        lambda: StatementLink(statement=StatementFactory(), relation="answers"),
        {ROW: ["Link to a statement or to a meeting: exactly one of them."]},
    ),
    Refusal(StatementLink, "link_not_to_itself", link_to_itself, {ROW: ["A statement cannot be linked to itself."]}),
    Refusal(StatementLink, "link_once", link_again, {ROW: ["This link is already there."]}),
    Refusal(
        StatementLink,
        "link_relation_is_known",
        lambda: StatementLink(statement=StatementFactory(), relation="likes", to_meeting=MeetingFactory()),
        {"relation": ["Value 'likes' is not a valid choice."]},
    ),
    Refusal(Formula, "formula_has_phrase", lambda: Formula(name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        Formula,
        "formula_phrase_is_unique",
        lambda: FormulaFactory(name="no limits") and Formula(name="no limits"),
        {ROW: ["There is already a formula with this phrase."]},
    ),
    Refusal(
        FormulaVariant,
        "formula_wording_once_per_language",
        lambda: again(FormulaVariant.objects.create(formula=FormulaFactory(), language="zh", text="无上限")),
        {ROW: ["This wording is already listed in this language."]},
    ),
    Refusal(
        FormulaVariant,
        "formula_one_standard_wording_per_language",
        second_standard_wording,
        {ROW: ["The formula already has a standard wording in this language."]},
    ),
    Refusal(
        FormulaVariant,
        "formula_wording_has_text_and_language",
        lambda: FormulaVariant(formula=FormulaFactory(), language="", text="无上限"),
        {"language": ["This field cannot be blank."]},
    ),
    Refusal(
        FormulaUser,
        "formula_user_once",
        lambda: again(FormulaUser.objects.create(formula=FormulaFactory(), actor=PersonFactory())),
        {ROW: ["Already listed."]},
    ),
    Refusal(
        FormulaUse,
        "formula_use_once_per_statement",
        lambda: again(FormulaUse.objects.create(formula=FormulaFactory(), statement=StatementFactory())),
        {ROW: ["This formula is already listed for the statement."]},
    ),
    Refusal(
        Source,
        "source_address_is_unique",
        lambda: source(url=SourceFactory(url="https://tass.com/politics/2052031").url),
        {ROW: ["A source with this address is already there. Cite that one."]},
    ),
    Refusal(
        Source,
        "source_has_publisher",
        lambda: source(publisher="", state="published"),
        {ROW: ["Say who published it."]},
    ),
    Refusal(
        Source,
        "source_can_be_found",
        lambda: source(title=""),
        {ROW: ["Give an address or a title, so that a reader can find the document."]},
    ),
    Refusal(
        Source,
        "source_text_has_language",
        lambda: source(text="Talks were held.", licence="CC BY 4.0"),
        {ROW: ["Say which language the text is in."]},
    ),
    Refusal(
        Source,
        "source_text_has_licence",
        lambda: source(text="Talks were held.", language="en"),
        {ROW: ["Say by which licence the text may be held here."]},
    ),
    Refusal(
        Source,
        "source_kind_is_known",
        lambda: source(kind="gossip"),
        {"kind": ["Value 'gossip' is not a valid choice."]},
    ),
    Refusal(
        Citation,
        "citation_has_exactly_one_target",
        lambda: citation(statement=StatementFactory()),
        {ROW: ["A citation points at exactly one thing: choose one record, and leave the others empty."]},
    ),
    Refusal(
        Citation,
        "citation_contradiction_names_its_value",
        lambda: citation(field="date", verdict="contradicts"),
        {ROW: ["Say what the source gives instead, as a value or in a note."]},
    ),
    Refusal(
        Citation,
        "citation_confidence_between_1_and_3",
        lambda: citation(confidence=5),
        {"confidence": ["Value 5 is not a valid choice."]},
    ),
    Refusal(
        Citation,
        "citation_field_belongs_to_its_target",
        lambda: citation(field="stance"),
        {
            "field": [
                "There is no field “stance” here. Leave it empty, or use one of: title, date, mode, kind, place, "
                "part_of, series, round, status, openness, participations, topics, summary."
            ]
        },
    ),
    Refusal(
        Citation,
        "citation_verdict_is_known",
        lambda: citation(verdict="proves"),
        {"verdict": ["Value 'proves' is not a valid choice."]},
    ),
    Refusal(
        Citation,
        "citation_once",
        lambda: again(CitationFactory(field="date", locator="par. 2")),
        {ROW: ["This source is already cited for this, with the same verdict, locator and quote."]},
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_the_editor(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["meeting", "participation", "statement", "tenure", "actor", "formula"])
def test_citation_points_at_any_one_kind_of_row_and_knows_which(target):
    factories = {
        "meeting": MeetingFactory,
        "participation": ParticipationFactory,
        "statement": StatementFactory,
        "tenure": TenureFactory,
        "actor": PersonFactory,
        "formula": FormulaFactory,
    }
    row = factories[target]()

    cited = Citation(source=SourceFactory(), **{target: row})

    assert form_says(cited) == {}
    cited.save()
    assert cited.target == row


@pytest.mark.django_db
def test_citation_of_nothing_is_refused_in_form_and_database():
    def of_nothing():
        return Citation(source=SourceFactory())

    assert form_says(of_nothing()) == {
        ROW: ["A citation points at exactly one thing: choose one record, and leave the others empty."]
    }
    assert database_says(of_nothing()) == "citation_has_exactly_one_target"


@pytest.mark.django_db
def test_two_sources_may_disagree_about_one_date():
    # The 20th security consultation: 2 December 2025 by TASS and Reuters, 1 December by a later item of Sputnik.
    round_20 = MeetingFactory(date="2025-12-02")
    CitationFactory(meeting=round_20, field="date", confidence=3)

    other = Citation(
        source=SourceFactory(publisher="Sputnik"),
        meeting=round_20,
        field="date",
        verdict="contradicts",
        value_given="2025-12-01",
    )

    assert form_says(other) == {}
    other.save()


@pytest.mark.django_db
def test_joint_statement_may_have_several_issuers_and_an_unresolved_one():
    joint = StatementFactory(kind="joint-statement")

    for row in (
        StatementSpeaker(statement=joint, actor=PersonFactory(), role="issuer"),
        StatementSpeaker(statement=joint, actor=PersonFactory(), role="co-issuer"),
        StatementSpeaker(statement=joint, name_as_given="the two foreign ministries", role="co-issuer"),
        StatementSpeaker(statement=joint, name_as_given="observers", role="quoted"),
    ):
        assert form_says(row) == {}
        row.save()


@pytest.mark.django_db
def test_speaker_may_speak_in_an_office_of_its_own():
    tenure = TenureFactory()

    assert form_says(StatementSpeaker(statement=StatementFactory(), actor=tenure.person, tenure=tenure)) == {}


@pytest.mark.django_db
def test_sources_without_an_address_do_not_clash():
    source(title="Minutes, volume 1").save()

    assert form_says(source(title="Minutes, volume 2")) == {}


@pytest.mark.django_db
def test_rows_read_as_an_editor_would_say_them():
    tass = SourceFactory(publisher="TASS", title="Wang Yi in Moscow")
    long_gist = "word " * 40
    wang = PersonFactory(name="Wang Yi")
    phrase = FormulaFactory(name="no limits")
    talks = MeetingFactory(title="Talks", date="2023-02")

    assert [
        str(tass),
        str(source(title="", url="https://tass.com/world/1")),
        str(CitationFactory(source=tass, verdict="contradicts", value_given="2023-02-20")),
        str(statement(title="Joint statement")),
        str(statement(gist=long_gist)),
        str(StatementSpeaker(actor=wang)),
        str(StatementSpeaker(name_as_given="observers")),
        str(StatementMention(actor=wang)),
        str(StatementTopic(topic=TopicFactory(name="Multilateralism"))),
        str(StatementLink(relation="announces", to_meeting=talks)),
        str(phrase),
        str(FormulaVariant(text="无上限")),
        str(FormulaUser(actor=wang)),
        str(FormulaUse(formula=phrase)),
    ] == [
        "TASS: Wang Yi in Moscow",
        "TASS: https://tass.com/world/1",
        "TASS contradicts",
        "Joint statement",
        long_gist[:117].rstrip() + "…",
        "Wang Yi",
        "observers",
        "Wang Yi",
        "Multilateralism",
        "announces Talks (February 2023)",
        "no limits",
        "无上限",
        "Wang Yi",
        "no limits",
    ]
