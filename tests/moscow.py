"""The talks of 21 February 2023 in Moscow, with everything filled in that a meeting and a statement can have."""

from events.models import FormulaUse, MeetingTopic, ParticipationTenure, StatementLink, StatementMention, StatementTopic
from tests import factories


def moscow_talks():
    """The talks of 21 February 2023 with everything filled in."""
    wang = factories.PersonFactory(uid="wang000001", name="Wang Yi")
    patrushev = factories.PersonFactory(uid="patr000001", name="Nikolai Patrushev")
    china = factories.StateFactory(uid="chna000001", name="China")
    council = factories.BodyFactory(uid="sc00000001", name="Security Council")
    secretary = factories.OfficeFactory(uid="sec0000001", body=council, name="Secretary", tier=3)
    tenure = factories.TenureFactory(uid="ten0000001", person=patrushev, office=secretary, span="2008-05-12/2024-05-12")
    russia_place = factories.PlaceFactory(name="Russia", kind="country")
    place = factories.PlaceFactory(
        uid="msk0000001", name="Moscow", country="RU", parent=russia_place, latitude="55.75580", longitude="37.61730"
    )
    series = factories.SeriesFactory(uid="ser0000001", name="Strategic security consultations")
    visit = factories.MeetingFactory(uid="vst0000001", title="Visit of Wang Yi", kind="visit", date="2023-02")
    meeting = factories.MeetingFactory(
        uid="mtg0000001",
        title="Wang Yi and Nikolai Patrushev",
        date="2023-02-21",
        date_basis="inferred",
        date_note="Printed on Wednesday.",
        place=place,
        part_of=visit,
        series=series,
        round=18,
        relevance="core",
        summary="They spoke of security.",
        notes="Coded from two readouts.",
        open_points=["Who else was in the room."],
    )
    host = factories.ParticipationFactory(
        meeting=meeting, actor=patrushev, role="host", side="RU", capacity="Secretary", position=0
    )
    ParticipationTenure.objects.create(participation=host, tenure=tenure)
    factories.ParticipationFactory(meeting=meeting, actor=wang, role="guest", side="CN", on_behalf_of=china, position=1)
    factories.ParticipationFactory(
        meeting=meeting, actor=None, name_as_given="experts", head_count=4, attendance="reported", position=2
    )
    topic = factories.TopicFactory(uid="tpc0000001", name="Ukraine")
    MeetingTopic.objects.create(meeting=meeting, topic=topic)
    statement = factories.StatementFactory(
        uid="stm0000001",
        meeting=meeting,
        kind="readout",
        title="Wang Yi meets Patrushev",
        basis="official-paraphrase",
        channel=china,
        channel_note="website of the ministry",
        language="zh",
        text="王毅会见帕特鲁舍夫",
        translation="Wang Yi meets Patrushev",
        translation_language="en",
        translator="Readout",
        gist="Both oppose unilateral bullying.",
        note="Undated.",
        open_points=["The hour."],
    )
    factories.SpeakerFactory(statement=statement, actor=patrushev, tenure=tenure, position=0)
    factories.SpeakerFactory(statement=statement, actor=None, name_as_given="observers", role="reported", position=1)
    StatementMention.objects.create(statement=statement, actor=china, relation="addressee")
    StatementTopic.objects.create(statement=statement, topic=topic, stance="calls-for")
    answer = factories.StatementFactory(uid="stm0000002", kind="briefing", title="Briefing", date="2023-02-22")
    StatementLink.objects.create(statement=statement, relation="announces", to_meeting=visit)
    StatementLink.objects.create(statement=answer, relation="repeats", to_statement=statement)
    StatementLink.objects.create(statement=answer, relation="welcomes", to_meeting=meeting)
    formula = factories.FormulaFactory(uid="frm0000001", name="unilateral bullying")
    FormulaUse.objects.create(formula=formula, statement=statement, wording="all unilateral bullying")
    source = factories.SourceFactory(
        uid="src0000001",
        title="Talks in Moscow",
        publisher="TASS",
        url="https://tass.com/1",
        archived_url="https://a.org/1",
    )
    factories.CitationFactory(
        source=source, meeting=meeting, field="date", verdict="contradicts", value_given="22 February", locator="p. 1",
        quote="on Wednesday", confidence=2, note="The day of printing.",
    )  # fmt: skip
    factories.CitationFactory(source=source, meeting=None, participation=host, field="role")
    factories.CitationFactory(source=source, meeting=None, statement=statement)
    return meeting
