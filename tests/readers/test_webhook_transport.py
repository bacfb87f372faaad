"""Which addresses are called for webhooks, and how one request to them goes."""

import socket
import threading
import time

import pytest

from readers.hooks import addresses
from readers.hooks.addresses import AddressRefused
from readers.hooks.transport import Answer, Transport
from tests.readers.receiving import Receiver


@pytest.fixture(autouse=True)
def here(settings):
    settings.WEBHOOKS_ANYWHERE = True


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001::1",
    "ff02::1",
    "not an address",
]


@pytest.mark.parametrize("machine", PRIVATE)
def test_machine_that_is_not_on_the_public_internet_is_not_called(machine, settings):
    settings.WEBHOOKS_ANYWHERE = False
    target = addresses.read_address("https://receiver.example/")

    with pytest.raises(AddressRefused, match="is not on the public internet"):
        addresses.addresses_of(target, lambda _host, _port: ["93.184.215.14", machine])


def test_public_machines_are_called(settings):
    settings.WEBHOOKS_ANYWHERE = False
    found = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]

    assert addresses.addresses_of(addresses.read_address("https://a.example/"), lambda *_: found) == found


@pytest.mark.parametrize(
    "typed",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "https:///path",
        "https://user:word@example.org/",
        "https://example.org/#part",
        "https://example.org:22/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: x",
        "https://пример.рф/",
        "https://[::1/",
        "https://example.org\\@127.0.0.1/",
        "javascript:alert(1)",
        "https://example.org/" + "a" * 500,
    ],
)
def test_address_that_is_never_called_is_refused(typed, settings):
    settings.WEBHOOKS_ANYWHERE = False

    with pytest.raises(AddressRefused):
        addresses.read_address(typed)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "localhost"])
def test_ways_to_write_this_machine_are_refused_with_a_message(host, settings):
    settings.WEBHOOKS_ANYWHERE = False

    answer = Transport().post(f"https://{host}/", body=b"{}", headers={})

    assert (answer.status, answer.problem) == (None, f"{host.strip('[]')} is not on the public internet.")


def test_name_that_comes_to_mean_another_machine_is_looked_up_once_and_leads_to_none(receiver, settings):
    """The name is public at the first question and this machine at each later one."""
    settings.WEBHOOKS_ANYWHERE = False
    asked, connected = [], []
    settings_of_socket = socket.create_connection

    def changing(host, port):
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address, **values):
        connected.append(address[0])
        raise ConnectionRefusedError

    socket.create_connection = connect
    try:
        first = Transport(resolver=changing).post("https://rebinding.example/", body=b"{}", headers={})
        transport = Transport(resolver=changing)
        second = transport.post("https://rebinding.example/", body=b"{}", headers={})
    finally:
        socket.create_connection = settings_of_socket

    assert (first.problem, connected, asked) == (
        "The connection was refused.",
        ["93.184.215.14"],
        ["rebinding.example"] * 2,
    )
    assert second.problem == "rebinding.example is not on the public internet."


def test_redirect_is_not_followed(receiver):
    other = Receiver()
    receiver.answers, receiver.headers = [307], {"Location": other.address}

    answer = Transport().post(receiver.address, body=b"{}", headers={})

    assert (answer.status, other.got) == (307, [])
    assert answer.problem == "It answered with a redirect (307), which is not followed."
    other.server.shutdown()
    other.server.server_close()


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_answer_that_never_ends_is_given_up_in_time(says):
    """Every 20 ms another byte: no single wait is long."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ends = threading.Event()

        def drip():
            connection, _address = server.accept()
            with connection:
                try:
                    connection.sendall(says)
                    while not ends.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        started = time.monotonic()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        answer = Transport(patience=0.3).post(address, body=b"{}", headers={})
        ends.set()
        thread.join()

    assert answer == Answer(None, "There was no answer within 0.3 seconds.", answer.milliseconds)
    assert time.monotonic() - started < 2
