"""One request to the address of a webhook: to a machine that was checked, within a time, and no further.

Redirects are an answer like any other and lead nowhere. Of an answer only the status and one header are used; what it
says is read up to a limit, and thrown away.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _

from readers.hooks.addresses import AddressRefused, Resolver, Target, addresses_of, read_address, resolve

#: Seconds for all of it once the name is known: connection, TLS, sending, and the head of the answer.
PATIENCE = 10.0
#: Bytes of an answer that are read at most, out of politeness: a connection shut before looks like a fault.
MOST_READ = 16 * 1024


@dataclass(frozen=True)
class Answer:
    """What came of a request: a status, or else a problem in words. ``retry_after`` are seconds that were asked for."""

    status: int | None
    problem: str
    milliseconds: int
    retry_after: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Transport:
    """How requests are sent. ``tls`` and ``resolver`` are those of the system unless others are given."""

    resolver: Resolver = resolve
    tls: ssl.SSLContext | None = None
    patience: float = PATIENCE

    def post(self, address: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body. Whatever stands against it is in the answer; nothing is raised."""
        start = time.monotonic()
        try:
            target = read_address(address)
            machine = addresses_of(target, self.resolver)[0]
            status, retry_after = self._request(target, machine, body, headers)
        except AddressRefused as refused:
            return Answer(None, str(refused), _since(start))
        except ssl.SSLCertVerificationError as fault:
            problem = _("The certificate is not good: %(why)s.") % {"why": fault.verify_message.rstrip(".")}
            return Answer(None, problem[:200], _since(start))
        except _Slow:
            problem = _("There was no answer within %(n)g seconds.") % {"n": self.patience}
            return Answer(None, problem, _since(start))
        except ConnectionRefusedError:
            return Answer(None, _("The connection was refused."), _since(start))
        except ssl.SSLError:
            return Answer(None, _("No secure connection came about (TLS)."), _since(start))
        except OSError:
            return Answer(None, _("The connection failed or broke."), _since(start))
        except http.client.HTTPException:
            return Answer(None, _("The answer was not HTTP."), _since(start))
        problem = "" if 200 <= status < 300 else _problem_of(status)
        return Answer(status, problem, _since(start), retry_after)

    def _request(self, target: Target, machine: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, int]:
        with _Deadline(self.patience) as deadline:
            connection = _Connection(target, machine, self.tls, deadline)
            try:
                connection.putrequest("POST", target.target, skip_host=True, skip_accept_encoding=True)
                whole = {"Host": target.host_header, "Content-Length": str(len(body)), "Connection": "close", **headers}
                for name, value in whole.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                answer = connection.getresponse()
                if deadline.is_over:  # the head was cut short, and reads as if it were whole
                    raise TimeoutError
                with suppress(OSError, http.client.HTTPException):
                    answer.read(MOST_READ)
                return answer.status, _seconds(answer.getheader("Retry-After"))
            finally:
                connection.close()


class _Slow(Exception):
    """The time is over."""


class _Deadline:
    """A block whose sockets are shut when its time is over, however slowly they go on. Raises `_Slow` then."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self.is_over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds, never none: a socket would take that for no limit at all."""
        return max(self.ends - time.monotonic(), 0.001)

    def watch(self, one: socket.socket) -> None:
        self._socket = one
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                # Not by TLS, which would speak with the other side first.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        if fault is not None and (self.is_over or isinstance(fault, TimeoutError)):
            raise _Slow from fault


class _Connection(http.client.HTTPConnection):
    """A connection to one machine, whatever the name of the host means by now; its certificate is held to the name."""

    def __init__(self, target: Target, machine: str, tls: ssl.SSLContext | None, deadline: _Deadline) -> None:
        super().__init__(target.host, target.port)
        self._is_secure = target.is_secure
        self._machine = machine
        self._tls = tls
        self._deadline = deadline

    def connect(self) -> None:
        """Connect, with TLS where the address says so."""
        plain = socket.create_connection((self._machine, self.port), timeout=self._deadline.left)
        self.sock = plain
        self._deadline.watch(plain)
        if self._is_secure:
            plain.settimeout(self._deadline.left)
            tls = self._tls or ssl.create_default_context()
            secure = tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secure
            self._deadline.watch(secure)
            secure.do_handshake()
        self.sock.settimeout(self._deadline.left)


def _since(start: float) -> int:
    return round(1000 * (time.monotonic() - start))


def _problem_of(status: int) -> str:
    if 300 <= status < 400:
        return _("It answered with a redirect (%(status)d), which is not followed.") % {"status": status}
    return _("It answered %(status)d.") % {"status": status}


def _seconds(header: str | None) -> int:
    return int(header) if header and header.isascii() and header.isdecimal() and len(header) < 7 else 0
