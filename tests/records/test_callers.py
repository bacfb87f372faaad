"""Whose request it is: the same answer for throttles, limits on forms and lock-outs."""

import pytest
from axes.helpers import get_client_ip_address
from rest_framework.request import Request

from records.api.throttling import Throttle
from records.attempts import HOUR, is_too_often
from records.callers import address_of, network_of

PROXY = "198.51.100.1"


def asked(rf, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return rf.get("/", REMOTE_ADDR=PROXY, **headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "192.0.2.1", PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1,203.0.113.9:4711", "203.0.113.9"),
        (1, "192.0.2.1, [2001:db8::1]:4711", "2001:db8::1"),
        (1, "192.0.2.1, 2001:db8::1", "2001:db8::1"),
        (1, "203.0.113.9, unknown", PROXY),
        (1, "203.0.113.9, ' OR 1=1", PROXY),
        (2, "192.0.2.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "203.0.113.9", PROXY),
    ],
)
def test_address_is_the_one_that_our_outermost_proxy_saw(rf, settings, proxies, forwarded, expected):
    settings.PROXIES = proxies
    request = asked(rf, forwarded)

    assert address_of(request) == expected
    assert Throttle().policy_of(Request(request))[1] == network_of(expected)
    assert get_client_ip_address(request) == expected


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::1:2:3:4", "2001:db8::/64"), ("unix socket", "unix socket")],
)
def test_household_of_ipv6_is_one_caller(address, counted):
    assert network_of(address) == counted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("forwarded", "refused"),
    [
        (["192.0.2.1, 203.0.113.9", "192.0.2.2, 203.0.113.9"], [False, True]),  # the first entries are invented
        (["203.0.113.9", "203.0.113.10"], [False, False]),
        (["2001:db8::1", "2001:db8::2"], [False, True]),
    ],
)
def test_inventing_addresses_allows_no_more_forms(rf, settings, forwarded, refused):
    settings.PROXIES = 1

    assert [is_too_often(asked(rf, one), "sending", [(1, HOUR)]) for one in forwarded] == refused
