from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from records.admin.accounts import name_of
from records.roles import ADMINISTRATORS, EDITORS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

SESSIONS = "admin:sessions_session_changelist"


@pytest.fixture
def member(django_user_model):
    def make(name, group=ADMINISTRATORS):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


@pytest.fixture
def as_administrator(client, member):
    client.force_login(member("administrator"))
    return client


def change_url(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def typed(user, **values):
    return {
        "username": user.username,
        "is_active": "on",
        "is_staff": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "12:00",
        **values,
    }


def test_administrator_puts_an_account_into_a_group_and_shuts_it(as_administrator, member):
    anna = member("anna", EDITORS)
    reviewers = Group.objects.get(name="Reviewers")

    as_administrator.post(change_url(anna), typed(anna, groups=[reviewers.pk]))
    assert list(anna.groups.all()) == [reviewers]

    shut = typed(anna)
    del shut["is_active"]
    as_administrator.post(change_url(anna), shut)
    anna.refresh_from_db()
    assert anna.is_active is False


def test_administrator_makes_nobody_a_superuser_or_gives_single_permissions(as_administrator, member):
    anna = member("anna", EDITORS)
    permission = Permission.objects.get(codename="delete_user")

    as_administrator.post(change_url(anna), typed(anna, is_superuser="on", user_permissions=[permission.pk]))

    anna.refresh_from_db()
    assert (anna.is_superuser, list(anna.user_permissions.all())) == (False, [])


def test_administrator_touches_no_superuser(as_administrator, django_user_model):
    root = django_user_model.objects.create_superuser("root", password="correct horse battery")

    assert as_administrator.post(change_url(root), typed(root, username="mine")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert as_administrator.post(password, {"password1": "n" * 12, "password2": "n" * 12}).status_code == 403
    root.refresh_from_db()
    assert (root.username, root.check_password("correct horse battery")) == ("root", True)


def test_administrator_deletes_no_account(as_administrator, member, django_user_model):
    anna = member("anna", EDITORS)

    assert as_administrator.post(reverse("admin:auth_user_delete", args=[anna.pk]), {"post": "yes"}).status_code == 403
    as_administrator.post(
        reverse("admin:auth_user_changelist"),
        {"action": "delete_selected", "_selected_action": [anna.pk], "post": "yes"},
    )
    assert django_user_model.objects.filter(username="anna").exists()


def test_superuser_makes_a_superuser(admin_client, member):
    anna = member("anna", EDITORS)

    admin_client.post(change_url(anna), typed(anna, is_superuser="on"))

    anna.refresh_from_db()
    assert anna.is_superuser is True


def test_sessions_are_listed_without_their_keys(as_administrator, member):
    Client().force_login(member("anna", EDITORS))

    response = as_administrator.get(reverse(SESSIONS))

    assert {(str(one.user), one.is_own) for one in response.context["sessions"]} == {
        ("administrator", True),
        ("anna", False),
    }
    page = response.content.decode()
    assert [key for key in Session.objects.values_list("session_key", flat=True) if key in page] == []


def test_ended_session_is_logged_out(as_administrator, member):
    other = Client()
    other.force_login(member("anna", EDITORS))
    session = Session.objects.get(session_key=other.session.session_key)
    assert other.get(reverse("admin:index")).status_code == 200

    as_administrator.post(reverse("admin:sessions_session_end"), {"session": name_of(session)})

    assert other.get(reverse("admin:index")).status_code == 302
    assert as_administrator.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("named", ["", "x", "é"])
def test_ending_what_is_over_is_told(as_administrator, named):
    response = as_administrator.post(reverse("admin:sessions_session_end"), {"session": named}, follow=True)

    assert [str(message) for message in response.context["messages"]] == ["That session is over already."]
    assert Session.objects.count() == 1


def test_looking_ends_no_session(as_administrator):
    name = name_of(Session.objects.get())

    as_administrator.get(reverse("admin:sessions_session_end"), {"session": name})

    assert Session.objects.count() == 1


def test_reviewer_neither_sees_nor_ends_sessions(client, member):
    client.force_login(member("boris", "Reviewers"))

    assert client.get(reverse(SESSIONS)).status_code == 403
    assert client.post(reverse("admin:sessions_session_end"), {}).status_code == 403


def queries_of(client, url):
    """How many queries a page takes, once everything that is read once was read."""
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


def test_list_of_sessions_costs_the_same_for_few_and_many(as_administrator, member):
    few = queries_of(as_administrator, reverse(SESSIONS))

    for number in range(3):
        Client().force_login(member(f"editor{number}", EDITORS))

    assert queries_of(as_administrator, reverse(SESSIONS)) == few


def test_guessing_shuts_out_the_pair_of_account_and_address_and_nobody_else(client, django_user_model, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("anna", "boris"):
        django_user_model.objects.create_user(name, password="correct horse battery", is_staff=True)
    url = reverse("admin:login")

    def answer(name, password, **where):
        return client.post(url, {"username": name, "password": password}, **where).status_code

    guesses = [answer("anna", f"guess {number}") for number in range(10)]

    assert guesses == [200] * 9 + [429]
    assert answer("anna", "correct horse battery") == 429
    assert answer("anna", "correct horse battery", REMOTE_ADDR="192.0.2.1") == 302
    assert answer("boris", "correct horse battery") == 302


def test_session_ends_after_a_working_day(client, member):
    client.force_login(member("anna", EDITORS))
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get(reverse("admin:index")).status_code == 302
    assert client.session.get_expiry_age() == 12 * 60 * 60
