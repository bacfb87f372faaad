import pytest

from actors.models import Membership
from records.warnings import warnings_of
from tests.factories import (
    BodyFactory,
    CitationFactory,
    MembershipFactory,
    OfficeFactory,
    OrganisationFactory,
    PersonFactory,
    StateFactory,
    TenureFactory,
)

pytestmark = pytest.mark.django_db


def codes(record):
    return [doubt.code for doubt in warnings_of(record) if doubt.code != "no-source"]


@pytest.mark.parametrize(
    ("born", "died", "expected"),
    [
        ("1951-07-11", "1950", ["ends-before-it-begins"]),
        ("1951-07-11", "1951", []),
        ("1951-07-11", "..1952", []),
        ("", "1950", []),
        ("1951~", "2020", []),
    ],
)
def test_end_before_beginning_is_doubted_when_no_reading_fits(born, died, expected):
    assert codes(PersonFactory(born=born, died=died)) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("1940/1945", ["before-birth"]),
        ("2021/2023", ["after-death"]),
        ("2020/2023", []),
        ("/1951", []),
        ("", []),
    ],
)
def test_office_outside_the_life_of_its_holder_is_doubted(span, expected):
    person = PersonFactory(name="Nikolai Patrushev", born="1951-07-11", died="2020")
    tenure = TenureFactory(person=person, span=span)

    assert codes(person) == expected
    assert codes(tenure) == expected


def test_office_of_a_body_that_was_not_there_is_doubted():
    council = BodyFactory(name="Security Council", born="1992-06-03")
    early = TenureFactory(office=OfficeFactory(body=council), span="1990/1991")
    possible = TenureFactory(office=OfficeFactory(body=council), span="1990/1992")

    assert (codes(early), codes(possible)) == (["before-foundation"], [])


def test_membership_of_a_state_that_had_ended_is_doubted():
    union = StateFactory(name="Soviet Union", died="1991-12-26")
    group = OrganisationFactory(name="Shanghai Cooperation Organisation", born="2001-06-15")
    MembershipFactory(member=union, organisation=group, span="1993/1995")

    assert codes(union) == ["after-dissolution", "before-foundation"]
    Membership.objects.update(span="1991/2001-06-15")
    assert codes(union) == []


def test_sources_that_saw_an_office_held_at_another_time_are_doubted():
    assert codes(TenureFactory(span="2008-05/2024-05-12", observed="2025-03")) == ["seen-outside-span"]
    assert codes(TenureFactory(span="2008-05/2024-05-12", observed="2024-05/2024-06")) == []


def test_tenure_without_a_source_is_told_until_one_is_cited():
    tenure = TenureFactory()
    assert [doubt.message for doubt in warnings_of(tenure)] == ["No source is cited."]

    CitationFactory(meeting=None, tenure=tenure)
    assert warnings_of(tenure) == []


def test_actor_needs_a_source_for_the_dates_of_its_life_alone():
    assert warnings_of(PersonFactory()) == []
    assert [doubt.code for doubt in warnings_of(PersonFactory(born="1951"))] == ["no-source"]


def test_warning_says_why_and_links_to_the_evidence():
    person = PersonFactory(name="Nikolai Patrushev", born="1951-07-11")
    tenure = TenureFactory(person=person, span="1940/1945")

    (doubt,) = [doubt for doubt in warnings_of(tenure) if doubt.code == "before-birth"]

    assert doubt.message == "Nikolai Patrushev: 1940–1945 is before the birth (11 July 1951)."
    assert [(one.text, one.url) for one in doubt.evidence] == [
        ("Nikolai Patrushev", f"/admin/actors/actor/{person.pk}/change/")
    ]


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("kind", ["actor", "tenure"])
def test_warnings_cost_the_same_for_few_and_many_rows(django_assert_num_queries, kind, n):
    person = PersonFactory(born="1951-07-11")
    for _number in range(n):
        tenure = TenureFactory(person=person, office=OfficeFactory(), span="1940/1945")
        MembershipFactory(member=person, span="1940/1945")

    with django_assert_num_queries({"actor": 5, "tenure": 4}[kind]):
        assert warnings_of({"actor": person, "tenure": tenure}[kind])
