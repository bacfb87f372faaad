"""The Python client against the site itself, and against a site that has its bad days."""

import json
import subprocess
import sys
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from pytest_django.live_server_helper import LiveServer

ROOT = Path(settings.BASE_DIR)
sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))

from readout_client import (  # noqa: E402 the package is not installed here
    Client,
    CursorExpired,
    Facet,
    FacetValue,
    InvalidDocument,
    InvalidRequest,
    Mirror,
    NotAllowed,
    NotFound,
    Stale,
    TooManyRequests,
    Unreachable,
    Withdrawn,
)
from readout_client.mirror import main  # noqa: E402

from config.bench.settled import settle  # noqa: E402
from events.models import Meeting  # noqa: E402
from readers import tokens  # noqa: E402
from records.feed import Place  # noqa: E402
from records.roles import EDITORS, REVIEWERS, grant_roles  # noqa: E402
from tests.factories import (  # noqa: E402
    MeetingFactory,
    ParticipationFactory,
    PersonFactory,
    SourceFactory,
    StateFactory,
)


@pytest.fixture
def site(static_files, transactional_db):
    """The address of a site with a server of its own."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def client(site):
    with Client(site, retries=0) as client:
        yield client


def test_a_list_pages_by_itself_and_takes_the_filters_of_the_site(client):
    china = StateFactory(name="China", state="published")
    for number in range(5):
        ParticipationFactory(
            meeting=MeetingFactory(title=f"Round {number}", date="2023", state="published"), actor=china
        )
    MeetingFactory(title="Elsewhere", date="2023", state="published")
    titles = [one["title"] for one in client.list("meetings", actor=china.uid, from_="2023", page_size=2)]
    assert sorted(titles) == [f"Round {number}" for number in range(5)]
    assert client.count("meeting", actor=[china.uid], from_=date(2023, 1, 1)) == 5


def test_refusals_come_as_exceptions_that_say_what_to_do(client):
    meeting = MeetingFactory(state="published")
    with pytest.raises(InvalidRequest, match="no such parameter"):
        client.page("meetings", colour="red")
    with pytest.raises(NotFound):
        client.get("meetings", "0000000000")
    with pytest.raises(InvalidRequest, match="There are no “treaties”"):
        client.page("treaties")
    meeting.state, meeting.withdrawal_reason = "withdrawn", "It never took place."
    meeting.save()
    with pytest.raises(Withdrawn, match="It never took place") as caught:
        client.get("meetings", meeting.uid)
    assert caught.value.reason == "It never took place."


def test_what_the_site_counts_is_read_as_it_counts_it(client):
    china = StateFactory(name="China", state="published")
    for day in ("2023-02-21", "2023-03"):
        ParticipationFactory(meeting=MeetingFactory(date=day, state="published"), actor=china)
    MeetingFactory(date="", state="published")
    MeetingFactory(date="2023-02", state="draft")

    over_time = client.histogram("meetings", by="month", from_="2023-02", to="2023-03")
    assert [(one.name, one.start, one.end, one.possible, one.certain) for one in over_time.periods] == [
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), 1, 1),
        ("2023-03", date(2023, 3, 1), date(2023, 3, 31), 1, 1),
    ]
    assert (over_time.by, over_time.count, over_time.undated) == ("month", 2, 1)
    facets = client.facets("meetings", ["actor", "mode"], actor=china.uid)
    assert facets["actor"] == Facet([FacetValue(china.uid, "China", 2)], has_more=False)
    assert set(facets) == {"actor", "mode"}


def test_a_file_is_written_whole_or_not_at_all(client, tmp_path):
    MeetingFactory(title="Talks", date="2023-02-21", state="published")
    path = client.export("meetings", tmp_path / "meetings.csv", from_="2023")
    assert "Talks" in path.read_text()
    assert client.export("meetings", tmp_path / "meetings.bib").read_text().startswith("%")
    before = path.read_bytes()
    with pytest.raises(InvalidRequest, match="choose one of"):
        client.export("meetings", path, form="tsv")
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["meetings.bib", "meetings.csv"]


def test_a_record_is_read_as_of_a_time(client):
    meeting = MeetingFactory(title="Talks", state="published")
    then = Meeting.objects.get(pk=meeting.pk).updated_at
    Meeting.objects.filter(pk=meeting.pk).update(title="Summit")
    assert client.get("meetings", meeting.uid, as_of=then)["title"] == "Talks"
    assert client.get("meetings", meeting.uid)["title"] == "Summit"


def test_an_editor_scripts_a_meeting_from_draft_to_withdrawal(site, django_user_model):
    def at_the_desk(name, group):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=group)[0])
        return Client(site, token=tokens.make(user=user, name="Script", scopes=["write"], days=1)[1], retries=0)

    for app in ("actors", "events"):
        grant_roles(app_config=apps.get_app_config(app))
    wang, source = PersonFactory(name="Wang Yi"), SourceFactory()
    rows = [{"actor": wang.uid, "role": "guest", "citations": [{"source": source.uid}]}]
    with at_the_desk("ana", EDITORS) as ana, at_the_desk("bo", REVIEWERS) as bo:
        draft = ana.desk.create("meetings", {"title": "Talks", "kind": "bilateral", "participations": rows})
        words = {
            "kind": "readout",
            "basis": "verbatim",
            "meeting": draft["uid"],
            "gist": "They spoke.",
            "speakers": [{"actor": wang.uid}],
        }
        said = ana.desk.create("statements", words)
        assert ana.desk.get("statements", said["uid"])["meeting"]["uid"] == draft["uid"]
        dated = ana.desk.change(draft, date="2023-02-21")
        with pytest.raises(Stale) as stale:
            ana.desk.change(draft, title="Lost")
        assert stale.value.version == dated["version"]
        with pytest.raises(InvalidDocument) as invalid:
            ana.desk.change(dated, date="soon")
        assert list(invalid.value.errors) == ["/date"]
        submitted = ana.desk.submit(dated)
        with pytest.raises(NotAllowed):
            ana.desk.publish(submitted)
        public = bo.desk.publish(submitted)
        assert ana.get("meetings", draft["uid"])["title"] == "Talks"
        mended = ana.desk.change(public, title="Talks in Moscow", reason="The readout says so.")
        assert ana.get("meetings", draft["uid"])["title"] == "Talks in Moscow"
        bo.desk.withdraw(mended, reason="It never took place.")
        with pytest.raises(Withdrawn, match="never took place"):
            ana.get("meetings", draft["uid"])
        many = [{"title": f"Round {number}", "kind": "bilateral"} for number in range(3)]
        assert ana.desk.create_many("meetings", many, dry_run=True)["created"] == 3
        report = ana.desk.create_many("meetings", many, reason="Communiqués", key="communiques-1")
        assert ana.desk.create_many("meetings", many, reason="Communiqués", key="communiques-1") == report
        assert Meeting.objects.count() == 4


def test_a_mirror_follows_and_starts_anew_when_the_site_was_restored(client, tmp_path):
    talks, summit = (MeetingFactory(title=title, state="published") for title in ("Talks", "Summit"))
    draft = MeetingFactory(title="Draft", state="draft")
    with Mirror(client, tmp_path / "mirror.sqlite") as mirror:
        settle()
        mirror.update()
        assert {one["title"] for one in mirror.records("meeting")} == {"Talks", "Summit"}
        talks.title = "Consultations"
        talks.save()
        summit.state, summit.withdrawal_reason = "withdrawn", "In error."
        summit.save()
        settle()
        report = mirror.update()
        assert (report.saved, report.removed) == (1, 1)
        assert mirror.get("meeting", talks.uid) == client.get("meetings", talks.uid)
        gone = mirror.db.execute("SELECT uid, change, reason FROM gone").fetchall()
        assert gone == [(summit.uid, "withdrawn", "In error.")]
        assert draft.uid not in json.dumps(list(mirror.records()))
        # As after a restore: the cursor is another database's, and a record is no more that nothing tells of.
        mirror._set("cursor", Place("another", (1, 1)).as_cursor())
        mirror.db.execute(
            "INSERT INTO record SELECT kind, 'zzzzzzzzzz', version, updated_at, json, round FROM record LIMIT 1"
        )
        with pytest.raises(CursorExpired):
            client.changes_page(mirror._state("cursor"))
        settle()
        assert mirror.update().started_anew
        assert mirror.get("meeting", "zzzzzzzzzz") is None
        assert mirror.get("meeting", talks.uid) is not None


def test_the_command_makes_a_mirror(site, tmp_path, capsys):
    MeetingFactory(state="published")
    assert main([site, str(tmp_path / "mirror.sqlite")]) == 0
    assert "records saved, 0 removed." in capsys.readouterr().out


def answers(*responses):
    """A client of a site that gives these answers, one after another, and the pauses that it made."""
    left, pauses = iter(responses), []
    transport = httpx.MockTransport(lambda request: next(left))
    return Client("https://example.org", transport=transport, sleep=pauses.append, retries=3), pauses


def test_what_passes_is_tried_again_after_as_long_as_the_site_asks():
    slow = httpx.Response(429, headers={"Retry-After": "7"}, json={"type": "urn:readout:problem:too-many-requests"})
    down = httpx.Response(503, text="upstream")
    client, pauses = answers(slow, down, httpx.Response(200, json={"uid": "1"}))
    assert client.get("meetings", "1") == {"uid": "1"}
    assert pauses[0] == 7
    assert 1 <= pauses[1] <= 1.25
    client, pauses = answers(*[slow] * 4)
    with pytest.raises(TooManyRequests):
        client.get("meetings", "1")
    assert pauses == [7, 7, 7]


def test_an_answer_that_is_not_the_sites_is_said_to_be_none():
    client, _pauses = answers(httpx.Response(200, text="<html>"))
    with pytest.raises(Unreachable, match="did not answer with JSON"):
        client.page("meetings")


def test_a_time_without_its_zone_is_refused():
    client, _pauses = answers()
    with pytest.raises(ValueError, match="time zone"):
        client.get("meetings", "1", as_of=datetime(2026, 1, 1))  # noqa: DTZ001 the fault that is tried


def test_the_package_passes_the_strict_checks_of_types():
    config = ["--strict", "--config-file=", "--no-incremental", "--cache-dir=/dev/null"]
    source = ROOT / "clients" / "python" / "src" / "readout_client"
    done = subprocess.run([sys.executable, "-m", "mypy", *config, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_notebook_is_whole():
    path = ROOT / "clients" / "python" / "examples" / "meetings.ipynb"
    book = json.loads(path.read_text())
    assert (book["nbformat"], {cell["cell_type"] for cell in book["cells"]}) == (4, {"markdown", "code"})
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), str(path), "exec")
            assert cell["outputs"] == []


@pytest.mark.skipif(find_spec("nbclient") is None or find_spec("pandas") is None, reason="jupyter is not installed")
def test_the_notebook_runs(site, monkeypatch):
    import nbclient  # optional
    import nbformat

    MeetingFactory(date="2023-02-21", state="published")
    monkeypatch.setenv("READOUT_SITE", site)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "clients" / "python" / "src"))
    book = nbformat.read(ROOT / "clients" / "python" / "examples" / "meetings.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=120).execute()


def test_the_position_of_a_feed_survives_its_text():
    place = Place("7", (3, 4), None, 0, (5, 6), 1, 2)
    assert Place.read(place.as_cursor()) == place


def test_token_is_taken_by_the_site_and_a_wrong_one_is_refused(site, editor, settings):
    settings.API_REQUESTS_PER_MINUTE = settings.API_TOKEN_REQUESTS_PER_MINUTE = 1
    _token, secret = tokens.make(user=editor, name="Notebook", scopes=["read"], days=30)
    with Client(site, retries=0) as nobody, Client(site, token=secret, retries=0) as known:
        assert (nobody.count("meetings"), known.count("meetings")) == (0, 0)
    settings.API_REQUESTS_PER_MINUTE = 0
    with Client(site, token=f"{secret}x", retries=0) as wrong, pytest.raises(NotAllowed) as refused:
        wrong.count("meetings")
    assert (refused.value.status, refused.value.type) == (401, "invalid-token")


def test_token_is_sent_to_its_own_site_alone():
    sent = {}

    def answer(request):
        sent[request.url.host] = request.headers.get("Authorization")
        page = {"count": 0, "results": [], "next": "https://elsewhere.example/api/v1/meetings/", "previous": None}
        return httpx.Response(200, json={**page, "next": page["next"] if "readout" in request.url.host else None})

    with Client("https://readout.example", token="readout_secret", transport=httpx.MockTransport(answer)) as client:
        assert list(client.list("meetings")) == []
    assert sent == {"readout.example": "Bearer readout_secret", "elsewhere.example": None}
