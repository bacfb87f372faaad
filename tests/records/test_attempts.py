"""How often something may be done from one address."""

from concurrent.futures import ThreadPoolExecutor

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


def test_a_count_begins_anew_when_its_time_is_over(rf):
    limits = [(1, HOUR)]
    assert [is_too_often(asked(rf), "sending", limits) for _time in range(2)] == [False, True]

    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_counter SET ends_at = now() - interval '1 second'")
    assert [is_too_often(asked(rf), "sending", limits) for _time in range(2)] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_are_each_counted(rf):
    def attempt(_number):
        try:
            return is_too_often(asked(rf), "sending", [(5, HOUR)])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        refused = list(threads.map(attempt, range(40)))
    assert refused.count(False) == 5


def test_a_count_is_known_until_its_time_is_over(rf):
    for _time in range(3):
        is_too_often(asked(rf), "sending", [(5, HOUR)])

    with connection.cursor() as cursor:
        cursor.execute("SELECT times, extract(epoch FROM ends_at - statement_timestamp()) FROM records_counter")
        ((times, left),) = cursor.fetchall()
    assert times == 3
    assert HOUR - 60 < left <= HOUR
