"""Which addresses a webhook may have, and which machines may be called for it.

A name is looked up here, once for each call, and the connection goes to one of the addresses that were checked: a name
that means another machine a moment later leads nowhere.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_ADDRESS = 500
PORTS = (443, 8443)
#: A resolver gives the addresses of a name and a port. Raises ``OSError`` when there are none.
Resolver = Callable[[str, int], Sequence[str]]

#: What Python calls global on some of its releases, or what leads to an address of IPv4 that nobody has checked.
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "224.0.0.0/3",  # multicast and reserved
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "ff00::/8",
    )
)


class AddressRefused(Exception):
    """The address may not be called; the message says why."""


@dataclass(frozen=True)
class Target:
    """An address taken apart: ``target`` is path and query as they stand in the request."""

    is_secure: bool
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


def read_address(typed: str) -> Target:
    """Take an address apart. Raises `AddressRefused` for one that is never called, without looking up its name."""
    if len(typed) > LONGEST_ADDRESS:
        raise AddressRefused(_("The address is longer than %(most)d characters.") % {"most": LONGEST_ADDRESS})
    if not typed.isascii() or any(ord(sign) <= 32 or ord(sign) == 127 for sign in typed):
        raise AddressRefused(_("Write the address without spaces, and all signs beyond ASCII percent-encoded."))
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise AddressRefused(_("This is not an address of the web.")) from None
    schemes = ("https", "http") if settings.WEBHOOKS_ANYWHERE else ("https",)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in schemes or not host or "\\" in typed:
        raise AddressRefused(_("Give an address that begins with https:// and has a host."))
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(_("Give the address without a name or password before the host."))
    if parts.fragment:
        raise AddressRefused(_("Give the address without the part behind “#”."))
    is_secure = parts.scheme == "https"
    port = port if port is not None else 443 if is_secure else 80
    if port not in PORTS and not settings.WEBHOOKS_ANYWHERE:
        raise AddressRefused(_("Only the ports 443 and 8443 are called."))
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(is_secure, host, port, target)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host by the resolver of the system, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def addresses_of(target: Target, resolver: Resolver = resolve) -> list[str]:
    """The addresses that may be connected to, in the resolver's order.

    Raises `AddressRefused` when any is not one of the public internet: whoever mixes them is up to something.
    """
    try:
        found = list(resolver(target.host, target.port))
    except (OSError, UnicodeError):
        raise AddressRefused(_("The name %(host)s is not known.") % {"host": target.host}) from None
    if not found:
        raise AddressRefused(_("The name %(host)s is not known.") % {"host": target.host})
    if not settings.WEBHOOKS_ANYWHERE and not all(is_public(one) for one in found):
        raise AddressRefused(_("%(host)s is not on the public internet.") % {"host": target.host})
    return found


def is_public(address: str) -> bool:
    """Whether an address is one machine of the public internet, and leads to no other."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if getattr(found, "scope_id", None):
        return False
    return found.is_global and not any(found in network for network in _REFUSED if network.version == found.version)
