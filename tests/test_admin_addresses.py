"""Every address of the desk, by every role and method: a new one that no table here knows is named and fails."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve, reverse

from actors.models import Actor, Office, Tenure
from config.roles import ACTS
from events.models import Formula, Meeting, Place, Series, Source, Statement, Topic
from records import bulk
from records.context import history_context
from records.merging import is_mergeable, merge
from records.models import Record
from records.roles import ROLES
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

NOBODY = "nobody but a superuser"
ANYBODY = "anybody at the desk"
#: The method is not taken, whoever asks.
NOT_TAKEN = "405"

WHO = [*ROLES, "Guest", "Anonymous", "Inactive"]
MAKE = {
    Actor: factories.PersonFactory,
    Office: factories.OfficeFactory,
    Tenure: factories.TenureFactory,
    Topic: factories.TopicFactory,
    Place: factories.PlaceFactory,
    Series: factories.SeriesFactory,
    Meeting: factories.MeetingFactory,
    Statement: factories.StatementFactory,
    Source: factories.SourceFactory,
    Formula: factories.FormulaFactory,
}


def unless_merged(act):
    return lambda state: NOBODY if state == "merged" else act


def deleting(state):
    return "delete" if state in {"draft", "review", "withdrawn", ""} else NOBODY


def going_back(state):
    return {"merged": NOBODY, "published": "revert_public"}.get(state, "revert")


def merging(state):
    return "revert_public" if state in {"published", "merged"} else "revert"


#: By page of a record or of a row with an address: who may look, and who may send. A function asks for the state.
PAGES = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "change": ("view", unless_merged("change")),
    "delete": (deleting, deleting),
    "history": ("view", "view"),
    "choices": ("view", NOT_TAKEN),
    "similar": ("view", NOT_TAKEN),
    "proposal": ("view", "view"),
    "compare": ("view", "view"),
    "revert": (going_back, going_back),
    "deleted": ("view", "view"),
    "restore": ("restore", "restore"),
    "comment": (NOT_TAKEN, "comment"),
    "resolve": (NOT_TAKEN, "comment"),
    "assign": (NOT_TAKEN, unless_merged("submit")),
    "approve": (NOT_TAKEN, unless_merged("review")),
    "takeback": (NOT_TAKEN, unless_merged("review")),
    "preview": ("view", NOT_TAKEN),
    "differences": ("view", "view"),
    "editing": ("view", unless_merged("change")),
    "withdraw": (unless_merged("withdraw"), unless_merged("withdraw")),
    "bulk": ("bulk", "bulk"),
    "save_view": (NOT_TAKEN, "views"),
    "change_view": (NOT_TAKEN, "views"),
    "merge": (merging, merging),
    "unmerge": (merging, merging),
    "warnings": (NOT_TAKEN, unless_merged("confirm")),
    "ripple": ("view", "confirm"),
    "paste": (NOT_TAKEN, "add"),
    "by_address": (NOT_TAKEN, "add"),
}
#: The pages of Django, and of other tables, by the whole name.
BESIDE = {
    "index": ANYBODY,
    "app_list": ANYBODY,
    "jsi18n": ANYBODY,
    # It refuses whoever names no field.
    "autocomplete": NOBODY,
    "view_on_site": ANYBODY,
    "password_change": ANYBODY,
    "password_change_done": ANYBODY,
    "records_review_changelist": "patrol",
    "records_comment_changelist": "comment",
    "readers_correction_changelist": "corrections",
    "readers_correction_change": "corrections",
    "readers_correction_decide": "corrections",
    "readers_webhook_changelist": "webhooks",
    # There is no row of these here.
    "readers_webhook_change": "webhooks",
    "readers_webhook_history": ANYBODY,
    "readers_webhook_add": NOBODY,
    "readers_webhook_delete": NOBODY,
    "pghistory_context_changelist": "batches",
    "pghistory_context_batch": "batches",
    "auth_user_changelist": "accounts",
    "auth_user_add": "accounts",
    "auth_user_change": "accounts",
    "auth_user_history": "accounts",
    "auth_user_password_change": "accounts",
    "auth_user_delete": NOBODY,
    "auth_group_changelist": "accounts",
    "auth_group_change": "accounts",
    "auth_group_history": "accounts",
    "auth_group_add": NOBODY,
    "auth_group_delete": NOBODY,
    "sessions_session_changelist": "sessions",
    "sessions_session_end": "sessions",
    "exchange_importedrecord_changelist": "view",
    "exchange_importedrecord_change": "view",
    # There is no row of these here, and Django says so before it asks who wants to know.
    "exchange_importedrecord_history": ANYBODY,
    **{f"axes_{table}_history": ANYBODY for table in ("accessattempt", "accesslog", "accessfailurelog")},
    "exchange_importedrecord_add": NOBODY,
    "exchange_importedrecord_delete": NOBODY,
    **{
        f"axes_{table}_{page}": NOBODY
        for table in ("accessattempt", "accesslog", "accessfailurelog")
        for page in ("changelist", "add", "change", "delete")
    },
}
#: Open to everybody: the ways in and out.
DOORS = {"login", "logout"}


def names_of_pages(patterns):
    """The name and the arguments of every address of the admin that has a name."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_of_pages(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name, tuple(pattern.pattern.regex.groupindex)


def page_of(name):
    """The model with records, and the page of it; none for other pages."""
    for model in MAKE:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(prefix):
            return model, name.removeprefix(prefix)
    return None, name


def pages():
    return sorted(set(names_of_pages(admin.site.urls[0])))


def test_every_address_of_the_desk_is_in_a_table():
    unknown = []
    for name, _arguments in pages():
        model, page = page_of(name)
        if page not in (PAGES if model else {*BESIDE, *DOORS}):
            unknown.append(name)

    assert unknown == []


def test_every_kind_of_record_is_tried():
    ours = {model for model in admin.site._registry if issubclass(model, Record)}

    assert ours <= set(MAKE)


@pytest.fixture
def somebody(django_user_model):
    def make(who):
        if who == "Anonymous":
            return AnonymousUser()
        user = django_user_model.objects.create_user(who.lower(), is_staff=True, is_active=who != "Inactive")
        if who == "Inactive":
            user.groups.set(Group.objects.all())
        elif who != "Guest":
            user.groups.add(Group.objects.get(name=who))
        return user

    return make


def answer_to(user, method, url):
    """How the view at an address answers, not drawn, and with nothing kept: in, refused, the log-in, or 405."""
    path = url.partition("?")[0]
    request = getattr(RequestFactory(), method)(url)
    request.user = user
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    request._dont_enforce_csrf_checks = True
    found = resolve(path)
    try:
        with transaction.atomic():
            response = found.func(request, *found.args, **found.kwargs)
            transaction.set_rollback(True)
    except PermissionDenied:
        return "refused"
    except Http404:
        return "in"
    if response.status_code == 302 and "/login/" in response["Location"]:
        return "log in"
    return {403: "refused", 405: NOT_TAKEN}.get(response.status_code, "in")


def expected(who, act):
    if who in {"Anonymous", "Inactive"}:
        return "log in"
    if act in {NOT_TAKEN, NOBODY, ANYBODY}:
        return {NOT_TAKEN: NOT_TAKEN, NOBODY: "refused", ANYBODY: "in"}[act]
    return "in" if who in ROLES and ACTS[act].is_for(ROLES[who]) else "refused"


def record_in(model, state):
    if not issubclass(model, Record):
        return MAKE[model]()
    if state == "merged":
        survivor, absorbed = MAKE[model](), MAKE[model]()
        merge(survivor=survivor, absorbed=absorbed, reason="One thing.")
        return model.objects.get(pk=absorbed.pk)
    said = {"withdrawal_reason": "Denied."} if state == "withdrawn" else {}
    record = MAKE[model](state=state, **said)
    if model is Meeting:
        factories.ParticipationFactory(meeting=record)
    return model.objects.get(pk=record.pk)


def states_of(model):
    if not issubclass(model, Record):
        return [""]
    if model is not Actor:
        # The states are one code for all kinds: one that was never public, and one that is.
        return ["draft", "published", *(["merged"] if is_mergeable(model) else [])]
    return ["draft", "review", "published", "withdrawn", "merged"]


#: A verb of each sort, and who may carry it out.
VERBS = {"submit_selected": "bulk", "publish_selected": "publish", "withdraw_selected": "withdraw"}


def url_of(name, arguments, record, deleted):
    given = {
        "object_id": record.pk,
        "key": record.pk,
        "version": 1,
        "verb": "submit_selected",
        "uid": deleted.uid if deleted is not None else "24680bcdfg",
    }
    url = reverse(f"admin:{name}", kwargs={argument: given[argument] for argument in arguments})
    if name.endswith("_merge"):
        return f"{url}?absorbed={record.pk}"
    return f"{url}?from=1&to=1" if name.endswith("_compare") else url


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("model", MAKE, ids=lambda model: model.__name__)
def test_address_of_a_record_lets_in_whom_the_table_says(somebody, model, who):
    user, wrong = somebody(who), []
    deleted = record_in(model, "draft")
    model.objects.filter(pk=deleted.pk).delete()
    for state in states_of(model):
        record = record_in(model, state)
        for name, arguments in pages():
            of, page = page_of(name)
            if of is not model:
                continue
            url = url_of(name, arguments, record, deleted)
            for method, rule in zip(("get", "post"), PAGES[page], strict=True):
                act = rule(state) if callable(rule) else rule
                answer = answer_to(user, method, url)
                if answer != expected(who, act):
                    wrong.append((state, page, method, answer, expected(who, act)))

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("who", WHO)
def test_other_address_lets_in_whom_the_table_says(somebody, django_user_model, who):
    user, wrong = somebody(who), []
    other = django_user_model.objects.create_user("zoe", is_staff=True)
    with history_context(batch="bulk change") as batch:
        factories.PersonFactory()
    keys = {"auth_group": Group.objects.first().pk, "auth_user": other.pk}
    for name, arguments in pages():
        model, page = page_of(name)
        if model is not None or page in DOORS:
            continue
        given = {
            "object_id": keys.get(name.rpartition("_")[0], 1),
            "id": other.pk,
            "batch_id": batch,
            "app_label": "actors",
            "content_type_id": ContentType.objects.get_for_model(Actor).pk,
        }
        url = reverse(f"admin:{name}", kwargs={one: given[one] for one in arguments})
        answer = answer_to(user, "get", url)
        if answer != expected(who, BESIDE[name]):
            wrong.append((name, answer, expected(who, BESIDE[name])))

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("who", WHO)
def test_bulk_verb_lets_in_whom_the_table_says(somebody, who):
    user, wrong = somebody(who), []
    for model in (model for model in MAKE if issubclass(model, Record)):
        assert set(VERBS) <= set(bulk.verbs_for(model))
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for verb, act in VERBS.items():
            for method in ("get", "post"):
                answer = answer_to(user, method, reverse(f"{name}_bulk", args=[verb]))
                if answer != expected(who, act):
                    wrong.append((model.__name__, verb, method, answer, expected(who, act)))

    assert not wrong, "\n".join(map(str, wrong))
