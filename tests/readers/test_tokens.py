"""API tokens: made and revoked by their owner, sent by programs, never good for more than the account."""

import hashlib
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from actors.models import Actor
from readers import tokens
from readers.models import ApiToken
from records.api.permissions import MayWrite
from records.api.views import ApiView
from records.history import event_model
from records.roles import EDITORS, RESEARCHERS
from tests import factories
from tests.refusals import Refusal, database_says, form_says

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

PAGE = "/account/tokens/"


class PersonView(ApiView):
    """Makes a person, as a writer would."""

    permission_classes = [MayWrite]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response({"user": str(request.user)})

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    def post(self, request):
        factories.PersonFactory(name="Wang Yi", created_by=None)
        return Response({"user": str(request.user)}, status=201)


urlpatterns = [path("api/v1/persons/", PersonView.as_view()), path("", include("config.urls"))]


@pytest.fixture
def account(django_user_model):
    def make(name, group=EDITORS):
        user = django_user_model.objects.create_user(name)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


def secret_of(user, *, scopes=("read", "write"), days=30, name="Mirror"):
    return tokens.make(user=user, name=name, scopes=list(scopes), days=days)[1]


def works(secret):
    try:
        return bool(tokens.find(secret))
    except tokens.NotInForce:
        return False


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


# The secret


def test_secret_is_known_to_scanners_and_kept_only_as_a_digest(account):
    token, secret = tokens.make(user=account("ana"), name="Mirror", scopes=["read"], days=30)

    assert re.fullmatch(r"readout_[0-9A-Za-z]{42}", secret)
    assert (token.beginning, token.digest) == (secret[:12], hashlib.sha256(secret.encode()).hexdigest())
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(one)::text FROM readers_apitoken AS one")
        assert secret[12:] not in cursor.fetchone()[0]
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'readers_apitoken%event'")
        assert cursor.fetchall() == []


def test_cut_or_mistyped_secret_is_refused_without_a_look_into_the_database(account, django_assert_num_queries):
    secret = secret_of(account("ana"))
    other = "B" if secret[20] == "A" else "A"

    with django_assert_num_queries(0):
        for wrong in (secret[:-1], secret[:20] + other + secret[21:], "", "x" * 900):
            assert not works(wrong)
    assert works(secret)


# Rules


def token(**values):
    made = timezone.now()
    given = {"name": "Mirror", "scopes": ["read"], "digest": "0" * 64, "beginning": "readout_abcd"}
    dates = {"created_at": made, "expires_at": made + timedelta(days=1)}
    return ApiToken(user=get_user_model().objects.get_or_create(username="ana")[0], **{**given, **dates, **values})


def name_twice():
    one = token()
    one.save()
    return ApiToken(**{
        name: getattr(one, name) for name in ("user", "name", "scopes", "beginning", "created_at", "expires_at")
    }, digest="1" * 64)  # fmt: skip


YEAR = timedelta(days=366)
REFUSALS = [
    Refusal(ApiToken, "api_token_has_name", lambda: token(name=""), {"name": ["This field cannot be blank."]}),
    Refusal(
        ApiToken,
        "api_token_name_once_per_account",
        name_twice,
        {"__all__": ["You have a token of this name already. Choose another name, or revoke it."]},
    ),
    Refusal(
        ApiToken,
        "api_token_has_known_scopes",
        lambda: token(scopes=[]),
        {"scopes": ["This field cannot be blank."]},
    ),
    Refusal(
        ApiToken,
        "api_token_keeps_only_a_digest",
        lambda: token(digest="readout_" + "x" * 42),
        {"__all__": ["Of a token, only the SHA-256 is kept."]},
    ),
    Refusal(
        ApiToken,
        "api_token_expires_after_it_was_made",
        lambda: token(expires_at=timezone.now() - timedelta(days=1)),
        {"__all__": ["A token expires after it was made."]},
    ),
    Refusal(
        ApiToken,
        "api_token_works_for_a_year_at_most",
        lambda: token(created_at=timezone.now() - YEAR, expires_at=timezone.now() + timedelta(days=1)),
        {"__all__": ["A token works for a year at most."]},
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_form_refuses_with_words_for_a_person(refusal):
    assert form_says(refusal.build()) == refusal.says


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_database_refuses_what_no_form_has_seen(refusal):
    assert database_says(refusal.build()) == refusal.name


def test_database_refuses_a_scope_that_is_none():
    assert database_says(token(scopes=["read", "admin"])) == "api_token_has_known_scopes"


# Asking with it


def test_token_reads_what_everybody_reads_and_no_draft(client, account):
    factories.MeetingFactory(title="Talks")
    factories.MeetingFactory(title="Secret talks", state="draft")
    secret = secret_of(account("ana"))

    assert client.get("/api/v1/meetings/", headers=bearer(secret)).json() == client.get("/api/v1/meetings/").json()


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/meetings/", "/api/v1/meetings/facets/", "/api/v1/changes/"])
def test_wrong_token_is_refused_at_every_address(client, address):
    response = client.get(address, headers=bearer("readout_" + "a" * 42))

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="Readout", error="invalid_token"'
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response.json()["type"] == "urn:readout:problem:invalid-token"


@pytest.mark.parametrize(
    "header", ["Basic YW5hOng=", "Digest x", "readout_x", "Bearer", "Bearer ", "Bearer é x", "x\x00"]
)
def test_other_ways_to_log_in_are_not_looked_at_and_an_empty_token_is_wrong(client, header):
    response = client.get("/api/v1/", headers={"Authorization": header.encode().decode("latin-1")})

    assert response.status_code == (401 if header.startswith("Bearer") else 200)


def shut(user):
    user.is_active = False
    user.save()


def expire(user):
    yesterday = timezone.now() - timedelta(days=1)
    user.api_tokens.update(created_at=yesterday, expires_at=timezone.now())


def revoke(user):
    tokens.revoke(user.api_tokens.get())


@pytest.mark.parametrize(("end", "said"), [(shut, "is shut"), (expire, "expired on 20"), (revoke, "is revoked")])
def test_token_stops_at_once_when_it_or_its_account_ends(client, account, end, said):
    ana = account("ana")
    secret = secret_of(ana)
    assert client.get("/api/v1/", headers=bearer(secret)).status_code == 200

    end(ana)
    response = client.get("/api/v1/", headers=bearer(secret))
    assert response.status_code == 401
    assert said in response.json()["detail"]


def test_token_costs_one_question_and_notes_its_use_once_an_hour(client, account):
    ana = account("ana")
    secret = secret_of(ana)

    def writes():
        with CaptureQueriesContext(connection) as asked:
            client.get("/api/v1/", headers=bearer(secret))
        return [one["sql"].split()[0] for one in asked.captured_queries]

    assert (writes(), writes()) == (["SELECT", "UPDATE"], ["SELECT"])
    ana.api_tokens.update(last_used_at=timezone.now() - timedelta(hours=2))
    assert writes() == ["SELECT", "UPDATE"]
    assert timezone.now() - ana.api_tokens.get().last_used_at < timedelta(minutes=1)


# Writing


@pytest.mark.urls(__name__)
def test_writing_needs_a_token_with_the_scope(client, account):
    ana = account("ana")
    nobody = client.post("/api/v1/persons/")
    assert (nobody.status_code, nobody["WWW-Authenticate"]) == (401, 'Bearer realm="Readout"')
    assert nobody.json()["type"] == "urn:readout:problem:not-authenticated"

    reader = client.post("/api/v1/persons/", headers=bearer(secret_of(ana, scopes=["read"])))
    assert reader.status_code == 403
    assert reader["WWW-Authenticate"] == 'Bearer realm="Readout", error="insufficient_scope", scope="write"'
    assert reader.json()["type"] == "urn:readout:problem:insufficient-scope"
    assert not Actor.objects.exists()

    writer = client.post("/api/v1/persons/", headers=bearer(secret_of(ana, name="Importer")))
    assert (writer.status_code, writer.json()) == (201, {"user": "ana"})
    assert client.get("/api/v1/persons/").json() == {"user": "AnonymousUser"}


@pytest.mark.urls(__name__)
def test_what_a_token_writes_is_counted_by_itself(client, account, settings):
    settings.API_WRITES_PER_MINUTE = 1
    settings.API_TOKEN_REQUESTS_PER_MINUTE = 10
    secret = secret_of(account("ana"))
    first, second = (client.post("/api/v1/persons/", headers=bearer(secret)) for _time in range(2))

    assert (first.status_code, first["RateLimit-Policy"], second.status_code) == (201, '"writes";q=1;w=60', 429)
    assert 0 < int(second["Retry-After"]) <= 60
    assert client.get("/api/v1/persons/", headers=bearer(secret))["RateLimit"][:11] == '"token";r=9'
    names = client.post("/api/v1/reconcile/", {"queries": "{}"}, headers=bearer(secret))
    assert names["RateLimit"][:11] == '"token";r=8'


def test_schema_says_which_requests_need_a_token():
    (operations,) = SchemaGenerator(patterns=urlpatterns[:1]).get_schema(public=True)["paths"].values()

    assert operations["get"]["security"] == [{"token": []}, {}]
    assert operations["post"]["security"] == [{"token": []}]
    assert "403" not in operations["get"]["responses"]
    assert {"201", "401", "403", "429"} <= set(operations["post"]["responses"])
    assert "304" not in operations["post"]["responses"]


@pytest.mark.urls(__name__)
def test_session_of_a_browser_is_never_taken_for_a_token(client, account):
    client.force_login(account("ana"))

    assert client.post("/api/v1/persons/").status_code == 401
    assert client.get("/api/v1/persons/").json() == {"user": "AnonymousUser"}


@pytest.mark.urls(__name__)
def test_history_names_the_owner_of_the_token_not_who_is_logged_in(client, account):
    ana = account("ana")
    client.force_login(account("boris"))
    client.post("/api/v1/persons/", headers=bearer(secret_of(ana)))

    event = event_model(Actor).objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata["user"] == ana.pk


# At the machine


def test_operator_makes_a_token_by_a_command(account):
    account("ana", RESEARCHERS)
    out = StringIO()
    call_command("maketoken", "ana", "--name=Mirror", "--days=366", stdout=out)
    assert tokens.find(out.getvalue().strip()).name == "Mirror"

    for wrong, said in (
        (["boris", "--name=A"], "no account boris"),
        (["ana", "--name=A", "--days=367"], "1 to 366 days"),
        (["ana", "--name=A", "--write"], "may not change records"),
        (["ana", "--name=Mirror"], "of this name already"),
        (["ana", "--name= "], "cannot be blank"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("maketoken", *wrong)


def test_operator_revokes_a_secret_that_was_found(account):
    secret = secret_of(account("ana"))
    out = StringIO()
    call_command("revoketoken", secret, stdout=out)

    assert out.getvalue() == "Revoked “Mirror” of ana. Tell them to make a new one.\n"
    assert not works(secret)
    with pytest.raises(CommandError, match="is revoked"):
        call_command("revoketoken", secret)
    with pytest.raises(CommandError, match="not known"):
        call_command("revoketoken", "readout_lost")


# The page


def test_page_says_which_token_is_due_to_be_replaced(client, account):
    ana = account("ana")
    client.force_login(ana)
    secret_of(ana, days=15)
    assert "days left" not in client.get(PAGE).content.decode()
    ana.api_tokens.update(expires_at=timezone.now() + timedelta(days=2, hours=1))
    assert "2 days left" in client.get(PAGE).content.decode()


def test_page_shows_the_secret_once_and_it_works(client, account):
    client.force_login(account("ana"))
    response = client.post(PAGE, {"name": " Mirror ", "may": "read write", "days": "30"})

    (secret,) = re.findall(r'<code id="secret"[^>]*>(readout_\w+)</code>', response.content.decode())
    assert "no-store" in response["Cache-Control"]
    assert client.get("/api/v1/", headers=bearer(secret)).status_code == 200
    page = client.get(PAGE).content.decode()
    assert secret not in page
    assert secret[:12] in page
    made = ApiToken.objects.get()
    assert (made.name, made.scopes, made.expires_at - made.created_at) == (
        "Mirror",
        ["read", "write"],
        timedelta(days=30),
    )


def test_form_that_is_sent_again_makes_no_second_token(client, account):
    client.force_login(account("ana"))
    typed = {"name": "Mirror", "may": "read", "days": "90"}
    client.post(PAGE, typed)
    again = client.post(PAGE, typed)

    assert (again.status_code, ApiToken.objects.count()) == (400, 1)
    assert "You have a token of this name already." in again.content.decode()


@pytest.mark.parametrize(
    "typed", [{}, {"name": "\x00", "may": "read", "days": "90"}, {"name": "A", "may": "read", "days": "4000"}]
)
def test_form_refuses_what_it_did_not_offer(client, account, typed):
    client.force_login(account("ana"))

    assert (client.post(PAGE, typed).status_code, ApiToken.objects.count()) == (400, 0)


def test_who_may_not_change_records_gets_no_token_that_writes(client, account):
    client.force_login(account("ana", RESEARCHERS))

    assert "read write" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"name": "A", "may": "read write", "days": "30"}).status_code == 400
    assert client.post(PAGE, {"name": "A", "may": "read", "days": "30"}).status_code == 200


def test_token_is_revoked_by_its_owner_alone(client, account):
    ana, boris = account("ana"), account("boris")
    secret = secret_of(ana)
    address = reverse("readers:token-revoke", args=[ana.api_tokens.get().pk])

    client.force_login(boris)
    assert client.post(address).status_code == 404
    assert works(secret)
    client.force_login(ana)
    assert client.get(address).status_code == 405
    page = client.post(address, follow=True).content.decode()
    assert "“Mirror” is revoked" in page
    assert not works(secret)
    assert secret_of(ana)  # its name is free again


def test_account_has_so_many_tokens_and_no_more(client, account, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 2)
    ana = account("ana")
    client.force_login(ana)
    for name in ("A", "B"):
        secret_of(ana, name=name)
    response = client.post(PAGE, {"name": "C", "may": "read", "days": "30"})
    assert "An account has 2 tokens at most." in response.content.decode()
    tokens.revoke(ana.api_tokens.get(name="A"))
    assert client.post(PAGE, {"name": "C", "may": "read", "days": "30"}).status_code == 200


def test_page_asks_the_same_for_one_token_and_for_three(client, account):
    ana = account("ana")
    client.force_login(ana)
    asked = []
    for name in ("A", "B", "C"):
        secret_of(ana, name=name)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        asked.append(len(queries))
    assert asked[0] == asked[2]


def test_tokens_are_for_who_is_logged_in(client):
    assert client.get(PAGE)["Location"] == f"/account/login/?next={PAGE}"
