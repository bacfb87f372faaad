import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from actors.models import ActorIdentifier
from events.models import Meeting, Participation, ParticipationAttendance, ParticipationRole, Statement
from events.pasting import MOST_LINES, Line, Words, read_lines, resolve
from partialdates.values import PartialDate
from records.roles import EDITORS, RESEARCHERS
from tests.events.test_admin import form, participant, url_of
from tests.factories import (
    ActorNameFactory,
    BodyFactory,
    OfficeFactory,
    OrganisationFactory,
    ParticipationFactory,
    PersonFactory,
    SpeakerFactory,
    StateFactory,
    TenureFactory,
)

WORDS = Words.of(ParticipationRole, ParticipationAttendance)
DAY = PartialDate.parse("2023-02-21")


def read(text):
    return read_lines(text, WORDS)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Wang Yi; host; CN", {"parts": ("Wang Yi", "CN"), "role": "host"}),
        ("host | CN |  Wang   Yi ", {"parts": ("CN", "Wang Yi"), "role": "host"}),
        ("王毅；Host；CN", {"parts": ("王毅", "CN"), "role": "host"}),
        ("Wang Yi\tguest\t\treported", {"parts": ("Wang Yi",), "role": "guest", "attendance": "reported"}),
        ("3. experts; 4; RU", {"parts": ("experts", "RU"), "head_count": 4}),
        ("- 3 officials; guest", {"parts": ("3 officials",), "role": "guest"}),
        (
            "name: Host; role: host; side: EU; for: European Union; as: High Representative",
            {
                "name": "Host",
                "role": "host",
                "side": "EU",
                "acts_for": "European Union",
                "capacity": "High Representative",
            },
        ),
    ],
)
def test_line_is_read_by_its_parts_in_any_order(text, line):
    assert read(text) == [Line(1, text.strip(), **line)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (";;", "There is no name on this line. Write it first, as in “Wang Yi; host; CN”."),
        ("host; 3", "There is no name on this line. Write it first, as in “Wang Yi; host; CN”."),
        ("Wang Yi; host; guest", "“guest” is a second value for the same thing. Leave one of the two."),
        (
            "Wang Yi; role: king",
            "“role: king” is no role. Use one of: "
            "chair, guest, host, interpreter, mediator, observer, participant, signatory.",
        ),
        ("experts; 0", "The number of people is a number from 1 on."),
        ("Wang Yi; side: " + "x" * 41, "The side is too long: at most 40 characters."),
        ("x" * 301, "A name or capacity has at most 300 characters."),
        ("x" * 601, "This line is too long to be one participant. Break it into lines."),
    ],
)
def test_line_that_cannot_be_read_says_what_to_do(text, fault):
    assert [(line.text, line.fault) for line in read(text)] == [(text, fault)]


def test_more_lines_than_the_limit_are_kept_and_told():
    lines = read("\n".join(f"Envoy {number}" for number in range(MOST_LINES + 2)))

    assert [line.fault for line in lines if line.fault] == ["Paste at most 200 lines at once: add these first."] * 2
    assert lines[-1].text == f"Envoy {MOST_LINES + 1}"


PIECES = st.sampled_from([";", "\t", "|", "\n", "host", "role:", "for: ", "CN", "王毅", "3", "3 men", "0", " ", "\x00"])


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_reading_never_fails_and_loses_no_line(text):
    kept = [line.replace("\x00", " ").strip() for line in text.splitlines()]

    lines = read(text)

    assert [line.text for line in lines] == [line for line in kept if line]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        said = [line.name, line.side, line.acts_for, line.capacity, *line.parts, line.role, line.fault]
        assert any(said)
        # What is taken for a part stands on the line.
        assert all(" ".join(part.split()) in " ".join(line.text.split()) for part in line.parts)


@pytest.fixture
def china(db):
    china = StateFactory(name="China")
    ActorIdentifier.objects.create(actor=china, scheme="iso3166-1", value="CN")
    return china


@pytest.fixture
def wang(china):
    wang = PersonFactory(name="Wang Yi", home_state=china, state="draft")
    ActorNameFactory(actor=wang, text="王毅", language="zh")
    return wang


@pytest.fixture
def directorship(wang):
    office = OfficeFactory(name="Director", body=BodyFactory(name="Foreign Affairs Office"))
    return TenureFactory(person=wang, office=office, span="2023-01-01/..")


def meant(text, **known):
    return [
        (one.status, one.name, one.side, [(c.actor.name, c.side, c.on_behalf_of) for c in one.candidates])
        for one in resolve(read(text), date=DAY, **known)
    ]


@pytest.mark.parametrize(
    "typed", ["Wang Yi", "王毅", "WANG  YI", "CN; Wang Yi", "wang yi; CN", "Wang Yi; China", "uid"]
)
def test_name_in_any_script_or_order_finds_the_actor_with_office_and_side(wang, directorship, typed):
    [one] = resolve(read(typed.replace("uid", wang.uid)), date=DAY)

    [candidate] = one.candidates
    assert (one.status, candidate.actor, candidate.side) == ("found", wang, "CN")
    assert (candidate.offices, candidate.on_behalf_of) == ((directorship,), None)


def test_namesakes_are_told_apart_by_their_state_or_shown_for_choice(wang):
    PersonFactory(name="Wang Yi", home_state=StateFactory(name="Canada"))

    assert meant("Wang Yi; CN") == [("found", "Wang Yi", "", [("Wang Yi", "CN", None)])]
    assert meant("Wang Yi") == [("several", "Wang Yi", "", [("Wang Yi", "CN", None), ("Wang Yi", "Canada", None)])]


def test_state_that_is_not_ones_own_is_spoken_for(wang):
    union = OrganisationFactory(name="European Union")
    ActorNameFactory(actor=union, text="EU", language="en")

    assert meant("Wang Yi; EU") == [("found", "Wang Yi", "", [("Wang Yi", "EU", union)])]
    assert meant("Wang Yi; CN; EU") == [("found", "Wang Yi", "", [("Wang Yi", "CN", union)])]
    assert meant("Wang Yi; for: EU; side: Europe") == [("found", "Wang Yi", "Europe", [("Wang Yi", "Europe", union)])]


def test_state_whose_office_one_holds_is_not_spoken_for(china):
    nations = OrganisationFactory(name="United Nations")
    guterres = PersonFactory(name="António Guterres", home_state=StateFactory(name="Portugal"))
    TenureFactory(person=guterres, office=OfficeFactory(body=nations), span="2017/..")

    assert meant("Antonio Guterres; United Nations") == [
        ("found", "Antonio Guterres", "", [("António Guterres", "United Nations", None)])
    ]


def test_misspelt_name_offers_those_like_it_in_either_script(wang):
    PersonFactory(name="Nikolai Patrushev")

    assert meant("Nikolay Patrushev") == [("like", "Nikolay Patrushev", "", [("Nikolai Patrushev", "", None)])]
    assert meant("Николай Патрушев") == [("like", "Николай Патрушев", "", [("Nikolai Patrushev", "", None)])]


def test_unknown_name_is_kept_with_its_side_and_number(china):
    [delegation, somebody] = resolve(read("3 officials; CN; as: experts of the ministry\nCN; Somebody Else"), date=DAY)

    assert (delegation.status, delegation.name, delegation.head_count, delegation.side, delegation.capacity) == (
        "unknown", "officials", 3, "CN", "experts of the ministry",
    )  # fmt: skip
    assert (somebody.status, somebody.name, somebody.side) == ("unknown", "Somebody Else", "CN")


def test_code_of_no_known_state_is_the_side(china):
    assert meant("experts; RU") == [("unknown", "experts", "RU", [])]


def test_state_alone_is_the_participant(china):
    assert meant("China; host; foreign minister") == [("found", "China", "", [("China", "CN", None)])]


def test_actor_that_is_there_is_said_and_not_doubled(wang):
    assert [one[0] for one in meant("Wang Yi\n王毅")] == ["found", "there"]
    assert [one[0] for one in meant("王毅", taken=[(wang.pk, "host")])] == ["there"]


def test_speaker_is_listed_once_for_each_role(wang):
    known = {"taken": [(wang.pk, "speaker")], "default_role": "speaker"}

    assert [one[0] for one in meant("Wang Yi", **known)] == ["there"]
    lines = [Line(1, "Wang Yi; issuer", parts=("Wang Yi",), role="issuer"), Line(2, "王毅", parts=("王毅",))]
    assert [one.status for one in resolve(lines, date=DAY, default_role="speaker")] == ["found", "found"]


def test_merged_actor_is_its_survivor(wang):
    twin = PersonFactory(name="Wang I", state="draft")
    type(twin).objects.filter(pk=twin.pk).update(merged_into=wang, state="withdrawn", withdrawal_reason="Merged.")

    assert [one[3] for one in meant(f"{twin.uid}\nWang I")] == [[("Wang Yi", "CN", None)], [("Wang Yi", "CN", None)]]


@pytest.mark.django_db
def test_resolving_costs_the_same_for_few_and_many_lines(wang, directorship):
    costs = []
    text = "Wang Yi; CN\nNobody Atall\nWang Ji\n"
    others = "".join(f"Envoy {number}; host; CN\n" for number in range(40))
    for number in range(40):
        TenureFactory(person=PersonFactory(name=f"Envoy {number}"), office=OfficeFactory(), span="2020/..")
    for typed in (text, text + others):
        with CaptureQueriesContext(connection) as queries:
            resolve(read(typed), date=DAY)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 16


# The box on the form

PASTE = "admin:events_meeting_paste"


@pytest.fixture
def desk(client, django_user_model, static_files, db):
    """A browser of somebody of a role."""

    def log_in(role):
        user = django_user_model.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return log_in


def picks(response):
    """What would be sent with the preview: the hidden text and what is picked."""
    page = response.content.decode()
    inputs = re.findall(r"<input [^>]*?>", page[page.index('class="paste__preview"') :], flags=re.DOTALL)
    sent = {"paste-seen": re.search(r'name="paste-seen" value="(\w+)"', page)[1]}
    for one in inputs:
        name = re.search(r'name="(paste-pick-\d+)"', one)
        if name and " checked" in one:
            sent[name[1]] = re.search(r'value="([^"]*)"', one)[1]
    return sent


def rows_shown(response, prefix):
    formset = next(one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == prefix)
    return formset.forms


def test_preview_is_a_piece_of_the_page_and_saves_nothing(desk, wang, directorship):
    response = desk(EDITORS).post(reverse(PASTE), {"paste": "王毅; host\nNobody Atall", "date": "2023-02-21"})

    page = response.content.decode()
    assert "<strong>Wang Yi</strong>" in page
    assert "王毅 · person · China · Director, Foreign Affairs Office" in page
    assert "Keep the name as given: Nobody Atall" in page
    assert "/admin/actors/actor/add/?name=Nobody+Atall&amp;kind=person" in page
    assert Participation.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "put"])
def test_preview_is_asked_for_with_post_alone(admin_client, method, static_files):
    assert getattr(admin_client, method)(reverse(PASTE)).status_code == 405


def test_preview_needs_the_right_to_save_meetings(desk):
    assert desk(RESEARCHERS).post(reverse(PASTE), {"paste": "Wang Yi"}).status_code == 403


def test_text_beyond_the_limit_is_refused_in_words(desk):
    page = desk(EDITORS).post(reverse(PASTE), {"paste": "x\n" * 20_001}).content.decode()

    assert "This is too long: paste at most 40000 characters at once." in page


@pytest.mark.parametrize(
    "sent", [{}, {"paste": ";;"}, {"paste": "\x00 ;", "date": "\x00", "participations-TOTAL_FORMS": "x"}]
)
def test_nonsense_gets_an_answer(desk, sent):
    assert desk(EDITORS).post(reverse(PASTE), sent).status_code == 200


def test_without_a_script_the_form_comes_back_with_the_rows_and_all_that_was_typed(desk, wang, directorship):
    client = desk(EDITORS)
    url = reverse("admin:events_meeting_add")
    there = ParticipationFactory().actor
    typed = form(
        title="", summary="Typed for an hour.", date="2023-02-21", participations=[participant(there)],
        paste=f"Wang Yi; guest; reported\n3 officials; host; RU\n{there.name}\nrole: king; Foo",
    )  # fmt: skip

    looked = client.post(url, {**typed, "_paste_look": "1"})
    added = client.post(url, {**typed, **picks(looked), "_paste_add": "1"})

    assert (looked.status_code, added.status_code) == (200, 200)
    assert added.context["adminform"].form["summary"].value() == "Typed for an hour."
    assert "errornote" not in added.content.decode()
    assert "errorlist" not in added.content.decode()
    names = ("actor", "name_as_given", "role", "head_count", "attendance", "offices")
    shown = [[str(row[name].value() or "") for name in names] for row in rows_shown(added, "participations")]
    assert shown == [
        [str(there.pk), "", "participant", "", "confirmed", ""],
        [str(wang.pk), "", "guest", "", "reported", f"['{directorship.pk}']"],
        ["", "officials", "host", "3", "confirmed", ""],
    ]
    # What was not added stays in the box, with the reason.
    assert f"{there.name}\nrole: king; Foo</textarea>" in added.content.decode()
    assert f"{there.name} is in the list already. Nothing is added." in added.content.decode()
    assert [str(one) for one in added.context["messages"]] == ["2 rows were added to the form. Nothing is saved yet."]
    assert Meeting.objects.count() == 1


def test_rows_that_were_added_are_saved_with_the_form(desk, wang, directorship):
    client = desk(EDITORS)
    url = reverse("admin:events_meeting_add")
    typed = form(date="2023-02-21", paste="Wang Yi; host; as: Director")
    looked = client.post(url, {**typed, "_paste_look": "1"})
    added = client.post(url, {**typed, **picks(looked), "_paste_add": "1"})

    [row] = rows_shown(added, "participations")
    values = {name: row[name].value() for name in row.fields if name not in {"id", "meeting", "DELETE"}}
    client.post(url, form(participations=[{name: value for name, value in values.items() if value is not None}]))

    saved = Participation.objects.get()
    assert (saved.actor, saved.role, saved.side, saved.capacity) == (wang, "host", "CN", "Director")
    assert list(saved.tenures.all()) == [directorship]


def test_lines_that_changed_since_the_preview_are_previewed_again(desk, wang):
    client = desk(EDITORS)
    url = reverse("admin:events_meeting_add")
    looked = client.post(url, form(paste="Wang Yi", _paste_look="1"))

    again = client.post(url, form(paste="Nobody Atall", **picks(looked), _paste_add="1"))

    assert rows_shown(again, "participations") == []
    assert [str(one) for one in again.context["messages"]] == ["The lines changed: look at the preview again."]


def test_choice_among_namesakes_is_the_editors(desk, wang):
    other = PersonFactory(name="Wang Yi", home_state=StateFactory(name="Canada"))
    client = desk(EDITORS)
    url = reverse("admin:events_meeting_add")
    looked = client.post(url, form(paste="Wang Yi", _paste_look="1"))
    assert picks(looked)["paste-pick-1"] == "name"

    added = client.post(url, form(paste="Wang Yi", **{**picks(looked), "paste-pick-1": other.pk}, _paste_add="1"))

    assert [row["actor"].value() for row in rows_shown(added, "participations")] == [str(other.pk)]


def test_pasted_rows_stand_below_those_with_an_order(desk, wang):
    client = desk(EDITORS)
    url = reverse("admin:events_meeting_add")
    sent = form(participations=[participant(PersonFactory(), position=7)], paste="Wang Yi\nNobody Atall")
    looked = client.post(url, {**sent, "_paste_look": "1"})

    added = client.post(url, {**sent, **picks(looked), "_paste_add": "1"})

    assert [str(row["position"].value()) for row in rows_shown(added, "participations")] == ["7", "8", "9"]


def test_form_of_a_saved_meeting_is_shown_again_without_a_word_of_conflict(admin_client, static_files, wang):
    meeting = ParticipationFactory().meeting
    row = participant(meeting.participations.get().actor, id=meeting.participations.get().pk, meeting=meeting.pk)
    sent = form(participations=[row], initial=(1, 0, 0), loaded_version=1, paste="Wang Yi", _paste_look="1")

    response = admin_client.post(url_of(meeting), sent)

    assert "errornote" not in response.content.decode()
    assert picks(response)["paste-pick-1"] == str(wang.pk)


def test_enter_without_a_script_saves_nothing_and_keeps_all(admin_client, static_files):
    response = admin_client.post(reverse("admin:events_meeting_add"), form(title="Talks in Moscow", _enter=""))

    assert response.context["adminform"].form["title"].value() == "Talks in Moscow"
    assert Meeting.objects.count() == 0


def test_researcher_cannot_have_the_form_shown_again(desk):
    meeting = ParticipationFactory().meeting

    assert desk(RESEARCHERS).post(url_of(meeting), form(paste="x", _paste_look="1")).status_code == 403


def test_speakers_are_pasted_by_the_same_box(desk, wang, directorship):
    statement = SpeakerFactory(actor=wang).statement
    Statement.objects.filter(pk=statement.pk).update(state="draft")
    sent = {
        "paste": "王毅; issuer\nWang Yi\nobservers; foreign minister", "date": "2023-02-21",
        "speakers-TOTAL_FORMS": 1, "speakers-0-actor": wang.pk, "speakers-0-role": "speaker",
    }  # fmt: skip

    page = desk(EDITORS).post(reverse("admin:events_statement_paste"), sent).content.decode()

    assert re.findall(r'data-status="(\w+)"', page) == ["found", "there", "unknown"]
    assert f"&quot;tenure&quot;: {{&quot;id&quot;: &quot;{directorship.pk}&quot;" in page
    assert "Has no place here and is left out: foreign minister." in page
