import pytest
from django.urls import reverse

from actors.models import ActorIdentifier
from actors.proposals import Proposal, propose
from partialdates.values import PartialDate
from tests.factories import OfficeFactory, PersonFactory, StateFactory, TenureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture
def china():
    china = StateFactory(name="China")
    ActorIdentifier.objects.create(actor=china, scheme="iso3166-1", value="CN")
    return china


@pytest.mark.parametrize(
    ("on", "held"),
    [
        ("2023-02-21", ["Director"]),
        ("2022-06", ["Foreign Minister"]),
        ("2023", ["Director", "Foreign Minister"]),
        ("2010", []),
        ("", []),
    ],
)
def test_offices_possibly_held_then_are_proposed(on, held):
    wang = PersonFactory(name="Wang Yi")
    TenureFactory(person=wang, office=OfficeFactory(name="Foreign Minister"), span="2013-03/2022-12-30")
    TenureFactory(person=wang, office=OfficeFactory(name="Director"), span="2023-01/..")
    TenureFactory(person=wang, office=OfficeFactory(name="Foreign Minister"), span="2023-07-25/..")
    TenureFactory(person=wang, office=OfficeFactory(name="Delegate"), span="")

    tenures = propose(wang, PartialDate.parse(on)).tenures

    assert sorted(tenure.office.name for tenure in tenures) == held


def test_side_is_the_code_of_the_state_or_its_name(china):
    nauru = StateFactory(name="Nauru")

    assert [
        propose(actor, PartialDate.UNKNOWN)
        for actor in (PersonFactory(home_state=china), china, PersonFactory(home_state=nauru), PersonFactory())
    ] == [Proposal(side="CN"), Proposal(side="CN"), Proposal(side="Nauru"), Proposal()]


def test_proposal_is_answered_to_the_form(admin_client, china):
    tenure = TenureFactory(person=PersonFactory(name="Wang Yi", home_state=china), span="2013-03/..")

    answer = admin_client.get(reverse("admin:actors_actor_proposal", args=[tenure.person.pk]), {"on": "2023-02-21"})

    assert (answer.json()["side"], [office["id"] for office in answer.json()["offices"]]) == ("CN", [str(tenure.pk)])
    assert answer.json()["words"] == f"Proposed: {tenure.office}, CN"


@pytest.mark.parametrize("on", ["sometime", "\x00", "2023-99"])
def test_date_that_cannot_be_read_proposes_no_office(admin_client, on):
    tenure = TenureFactory()

    answer = admin_client.get(reverse("admin:actors_actor_proposal", args=[tenure.person.pk]), {"on": on})

    assert answer.json()["offices"] == []


def test_proposal_is_for_those_who_may_see_actors(client, editor):
    url = reverse("admin:actors_actor_proposal", args=[PersonFactory().pk])
    assert client.get(url).status_code == 302
    editor.is_staff = True
    editor.save()
    client.force_login(editor)
    assert client.get(url).status_code == 403
