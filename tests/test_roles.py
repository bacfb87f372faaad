"""Who may do what at the desk: the table of docs/roles.md, tried at every address, button and bulk action."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, reverse

from actors.models import Actor
from config import roles
from config.roles import ACTS
from records.models import Comment, Identified, Part
from records.roles import ROLES
from tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

WHO = [*ROLES, "Guest", "Anonymous"]
RECORDS = [model for model in admin.site._registry if issubclass(model, (Identified, Part))]
INLINES = ("names", "tenures", "memberships", "identifiers", "citations")


def may(who, act):
    return who in ROLES and ACTS[act].is_for(ROLES[who])


@pytest.fixture
def as_(client, django_user_model):
    def log_in(who):
        if who != "Anonymous":
            user = django_user_model.objects.create_user(who.lower(), is_staff=True)
            if who != "Guest":
                user.groups.add(Group.objects.get(name=who))
            client.force_login(user)
        return client

    return log_in


def is_let_in(response):
    """Whether the answer is neither a refusal nor the way to the log-in."""
    return response.status_code != 403 and "/login/" not in response.get("Location", "")


def sent(actor, **typed):
    """The form of an actor as it is sent."""
    management = {f"{prefix}-{count}_FORMS": "0" for prefix in INLINES for count in ("TOTAL", "INITIAL")}
    version = Actor.objects.get(pk=actor.pk).version
    return {"name": "Wang Yi", "kind": "person", "loaded_version": version, **management, **typed}


def address(page, *args):
    return reverse(f"admin:actors_actor_{page}", args=args)


def test_table_is_in_step_with_the_code():
    assert roles.rewritten(roles.PATH.read_text()) == roles.PATH.read_text()


def test_command_fails_when_the_table_is_out_of_step(tmp_path, monkeypatch):
    copy = tmp_path / "roles.md"
    copy.write_text(roles.PATH.read_text().replace("| yes |", "| no |", 1))
    monkeypatch.setattr(roles, "PATH", copy)

    with pytest.raises(CommandError, match="differs from the code"):
        call_command("writeroles", check=True)
    call_command("writeroles")
    call_command("writeroles", check=True)


@pytest.mark.parametrize("who", WHO)
def test_every_list_and_form_of_records_opens_for_those_in_the_table(as_, who):
    client = as_(who)
    wrong = []
    for model in RECORDS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for page, act in (("changelist", "view"), ("choices", "view"), ("add", "add")):
            try:
                url = reverse(f"{name}_{page}")
            except NoReverseMatch:
                continue
            if is_let_in(client.get(url)) != may(who, act):
                wrong.append((model.__name__, page))

    assert wrong == []


PAGES = [
    ("change", "view"),
    ("history", "view"),
    ("preview", "view"),
    ("differences", "view"),
    ("delete", "delete"),
    ("withdraw", "withdraw"),
]


@pytest.mark.parametrize("who", WHO)
def test_every_page_of_a_record_opens_for_those_in_the_table(as_, who):
    client, actor = as_(who), PersonFactory(state="draft")

    let_in = {page: is_let_in(client.get(address(page, actor.pk))) for page, _act in PAGES}

    assert let_in == {page: may(who, act) for page, act in PAGES}


POSTS = [
    ("comment", "comment", {"text": "Source?"}),
    ("assign", "submit", {"user": ""}),
    ("approve", "review", {"version": "1"}),
    ("takeback", "review", {"version": "1", "reason": "No source."}),
    ("withdraw", "withdraw", {"reason": "Denied.", "loaded_version": "1"}),
    ("delete", "delete", {"post": "yes"}),
]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("page", "act", "typed"), POSTS, ids=[page for page, *_rest in POSTS])
def test_every_verb_is_for_those_in_the_table(as_, who, page, act, typed):
    actor = PersonFactory(state="draft")

    assert is_let_in(as_(who).post(address(page, actor.pk), typed)) == may(who, act)

    if not may(who, act):
        assert (Actor.objects.get().version, Actor.objects.get().state, Comment.objects.count()) == (1, "draft", 0)


BUTTONS = [("_save", "change"), ("_submit", "submit"), ("_publish", "publish"), ("_draft", "change")]
AFTER = {"_submit": {"draft": "review"}, "_publish": {"draft": "published", "review": "published"}}
AFTER["_publish"]["withdrawn"] = "published"
AFTER["_draft"] = {"review": "draft", "withdrawn": "draft"}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", ["draft", "review", "published", "withdrawn"])
@pytest.mark.parametrize(("button", "act"), BUTTONS)
def test_button_of_the_form_moves_a_record_only_as_the_table_says(as_, who, state, button, act):
    actor = PersonFactory(name="Wang Yi", state=state, withdrawal_reason="Twice." if state == "withdrawn" else "")

    as_(who).post(address("change", actor.pk), sent(actor, change_reason="Tried.", **{button: "1"}))

    after = AFTER.get(button, {}).get(state, state) if may(who, act) else state
    assert Actor.objects.get().state == after


BULK = [
    ("submit_selected", "submit"),
    ("publish_selected", "publish"),
    ("draft_selected", "change"),
    ("withdraw_selected", "withdraw"),
]
AFTER["_withdraw"] = dict.fromkeys(["draft", "review", "published"], "withdrawn")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", ["draft", "review", "published", "withdrawn"])
@pytest.mark.parametrize(("action", "act"), BULK)
def test_bulk_action_moves_a_record_only_as_the_table_says(as_, who, state, action, act):
    actor = PersonFactory(name="Wang Yi", state=state, withdrawal_reason="Twice." if state == "withdrawn" else "")
    client = as_(who)

    shown = client.post(address("changelist"), {"action": action, "_selected_action": [actor.pk], "index": "0"})
    selection = (shown.context or {}).get("selection", "")
    done = client.post(address("bulk", action), {"selection": selection, "_confirm": "1", "reason": "Tried."})

    assert is_let_in(done) == may(who, act)
    after = AFTER[f"_{action.removesuffix('_selected')}"].get(state, state) if may(who, act) else state
    assert Actor.objects.get().state == after


@pytest.mark.parametrize("who", WHO)
def test_pages_of_the_desk_open_for_those_in_the_table(as_, who):
    client = as_(who)
    pages = {
        "records_review_changelist": "patrol",
        "records_comment_changelist": "comment",
        "auth_user_changelist": "accounts",
        "auth_user_add": "accounts",
        "sessions_session_changelist": "sessions",
        "sessions_session_end": "sessions",
    }

    let_in = {page: is_let_in(client.get(reverse(f"admin:{page}"))) for page in pages}

    assert let_in == {page: may(who, act) for page, act in pages.items()}


@pytest.mark.parametrize("who", ROLES)
def test_token_that_writes_is_for_those_in_the_table(as_, who):
    client = as_(who)
    answers = {
        scope: client.post(reverse("readers:tokens"), {"name": scope, "may": scope, "days": 30}).status_code
        for scope in ("read", "read write")
    }

    assert answers == {"read": 200, "read write": 200 if may(who, "tokens") else 400}
