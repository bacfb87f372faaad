"""Who asks, as far as the network tells: one rule for all that counts, throttles or locks out by address."""

import ipaddress
from typing import Any

from django.conf import settings


def address_of(request: Any) -> str:
    """The address that a request came from, as the outermost of our own proxies saw it; ``""`` where none is known.

    A client may write ``X-Forwarded-For`` itself: only as many entries at its end as ``PROXIES`` says are facts. Where
    these are missing, or what stands there is no address, it is the address of the connection.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return connected
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(forwarded) < settings.PROXIES:
        return connected
    try:
        return str(ipaddress.ip_address(_without_port(forwarded[-settings.PROXIES].strip())))
    except ValueError:
        return connected


def network_of(address: str) -> str:
    """An address as it is counted: one of IPv6 by its network, of which a household has 2**64 addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _without_port(entry: str) -> str:
    """``192.0.2.1:4711`` and ``[2001:db8::1]:4711``, as some proxies write them, without the port."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
