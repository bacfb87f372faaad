from datetime import date

import pytest

from actors.models import Actor, Office, Tenure
from tests.factories import (
    BodyFactory,
    OfficeFactory,
    OrganisationFactory,
    PersonFactory,
    StateFactory,
    TenureFactory,
)


@pytest.mark.django_db
def test_actors_are_found_by_kind():
    wang_yi, china = PersonFactory(name="Wang Yi"), StateFactory(name="China")
    BodyFactory()
    OrganisationFactory()

    assert [list(Actor.objects.persons()), list(Actor.objects.states())] == [[wang_yi], [china]]


@pytest.mark.django_db
def test_offices_come_with_their_body(django_assert_num_queries):
    OfficeFactory(name="Secretary", body__name="Security Council of the Russian Federation")

    with django_assert_num_queries(1):
        assert [str(office) for office in Office.objects.with_body()] == [
            "Secretary, Security Council of the Russian Federation"
        ]


@pytest.mark.django_db
def test_latest_tenure_comes_first_and_unknown_spans_before_it():
    fsb = TenureFactory(span="1999/2008")
    secretary = TenureFactory(span="2008-05/2024-05-12")
    aide = TenureFactory(span="2024-05-14/..")
    unknown = TenureFactory(span="")

    assert list(Tenure.objects.latest_first()) == [unknown, aide, secretary, fsb]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        (date(2023, 2, 21), date(2023, 2, 21), {"secretary", "never dated", "seen"}),
        (date(2024, 5, 12), date(2024, 5, 12), {"secretary", "never dated"}),
        (date(2024, 5, 13), date(2024, 5, 13), {"never dated"}),
        (date(2024, 5, 14), None, {"aide", "never dated"}),
        (None, date(1998, 12, 31), {"never dated"}),
        (date(2008, 5, 31), date(2008, 5, 31), {"director", "secretary", "never dated"}),
    ],
)
def test_tenure_was_possibly_held_within_its_span_or_when_seen_or_when_nothing_is_known(start, end, held):
    tenures = {
        "director": TenureFactory(span="1999/2008"),
        "secretary": TenureFactory(span="2008-05/2024-05-12"),
        "aide": TenureFactory(span="2024-05-14/.."),
        "never dated": TenureFactory(span=""),
        "seen": TenureFactory(span="2023-07/2023-08", observed="2023-02-20/2023-02-22"),
    }

    found = Tenure.objects.possibly_held_on(start, end)

    assert {name for name, tenure in tenures.items() if tenure in found} == held
