"""How often something may be done from one address."""

import pytest
from django.db import connection

from records.attempts import HOUR, is_too_often

pytestmark = pytest.mark.django_db


def asked(rf, address="198.51.100.1"):
    return rf.post("/", REMOTE_ADDR=address)


def test_each_limit_counts_for_itself_and_each_address_and_each_matter_too(rf):
    limits = [(2, HOUR), (3, 24 * HOUR)]

    assert [is_too_often(asked(rf), "sending", limits) for _time in range(4)] == [False, False, True, True]
    assert not is_too_often(asked(rf, "198.51.100.2"), "sending", limits)
    assert not is_too_often(asked(rf), "freezing", limits)


def test_a_count_is_known_until_its_time_is_over(rf):
    for _time in range(3):
        is_too_often(asked(rf), "sending", [(5, HOUR)])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM expires - now()) FROM readout_cache WHERE cache_key LIKE '%attempts:sending%'"
        )
        ((left,),) = cursor.fetchall()
    assert HOUR - 60 < left <= HOUR
