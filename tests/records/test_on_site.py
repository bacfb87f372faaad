"""The way from a form to the page for readers."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from actors.models import Actor
from records.models import Change
from tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


def way(kind, key):
    return reverse("admin:view_on_site", args=[kind, key])


def test_form_leads_to_the_page_for_readers(admin_client):
    actor = PersonFactory(name="Wang Yi")

    response = admin_client.get(way(ContentType.objects.get_for_model(Actor).pk, actor.pk))

    assert response.status_code == 302
    assert response["Location"].endswith(actor.get_absolute_url())


def test_no_table_that_is_named_breaks_the_way(admin_client):
    statuses = {kind.pk: admin_client.get(way(kind.pk, 1)).status_code for kind in ContentType.objects.all()}

    assert statuses == dict.fromkeys(statuses, 404)


@pytest.mark.parametrize(("kind", "key"), [("x", 1), ("9" * 30, 1), (1, "x"), (1, "9" * 30)])
def test_nonsense_is_not_found(admin_client, kind, key):
    assert admin_client.get(f"/admin/r/{kind}/{key}/").status_code == 404


def test_what_has_no_page_is_not_found(admin_client):
    change = Change.objects.create(xid=1, kind="actors.actor", key=1, uid="0000000000")

    assert admin_client.get(way(ContentType.objects.get_for_model(Change).pk, change.pk)).status_code == 404
