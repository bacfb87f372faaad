"""How long a question may take, by who asks, and what is said when it took longer."""

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import include, path

from config.urls import urlpatterns as addresses
from records import limits

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__), pytest.mark.usefixtures("static_files")]


def in_force():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def slow(_request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
    return HttpResponse("done")


def limit(_request):
    return HttpResponse(in_force())


urlpatterns = [
    path("slow/", slow),
    path("limit/", limit),
    path("limit/export/", limit, name="limit-export"),
    path("limit/desk/", include(([path("", limit)], "admin"))),
    *addresses,
]


def test_page_that_takes_too_long_says_politely_what_to_narrow(client, monkeypatch):
    monkeypatch.setattr("records.middleware.PATIENCE", 0.05)

    response = client.get("/slow/")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert str(limits.NARROW) in response.content.decode()


def test_readers_wait_some_seconds_exports_longer_and_the_desk_as_long_as_it_takes(client):
    addresses = ("/limit/", "/limit/export/", "/limit/", "/limit/desk/", "/limit/")

    assert [client.get(one).content.decode() for one in addresses] == ["8s", "15min", "8s", "0", "8s"]


def test_what_the_server_does_by_itself_has_no_limit(client):
    client.get("/limit/")

    with limits.time_limit(None), limits.watched():
        assert in_force() == "0"


def undone_after_asking(expected):
    with transaction.atomic():
        assert in_force() == expected
        transaction.set_rollback(True)


def test_limit_that_a_rollback_took_back_is_set_again():
    with limits.time_limit(3), limits.watched():
        undone_after_asking("3s")
        assert in_force() == "3s"
        with transaction.atomic():
            limits.change_limit(5)
            undone_after_asking("5s")
            assert in_force() == "5s"


def test_limit_is_set_once_for_many_statements_of_a_block(monkeypatch):
    sent = []
    connection.ensure_connection()
    execute = connection.connection.execute
    monkeypatch.setattr(connection.connection, "execute", lambda sql: sent.append(sql) or execute(sql))

    with limits.at_most(4), transaction.atomic():
        for _each in range(5):
            assert in_force() == "4s"

    assert sent == ["SET statement_timeout = 4000", "SET statement_timeout = 0"]
    assert in_force() == "0"
