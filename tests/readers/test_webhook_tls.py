"""Webhooks over TLS, to a real server whose certificate is of an authority made here."""

import http.server
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import trustme

from readers.hooks.transport import Answer, Transport

NAME = "receiver.example"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


class SecureReceiver:
    """``got`` are the bodies that came, ``named`` the names that were asked for in the greeting (SNI)."""

    def __init__(self, certificate):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.got.append((self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_args):
                """A caller that does not trust the certificate hangs up."""

        def greet(_socket, name, _context):
            receiver.named.append(name)

        self.got, self.named = [], []
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(tls)
        tls.sni_callback = greet
        self.server = Server(("127.0.0.1", 0), Handler)
        # The greeting is left to the thread of the request: who hangs up there stops nobody else.
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def serve():
    servers = []

    def start(certificate):
        servers.append(SecureReceiver(certificate))
        return servers[-1]

    yield start
    for one in servers:
        one.server.shutdown()
        one.server.server_close()


@pytest.fixture
def send(settings, authority):
    """Send to a name that is looked up to lead to this machine, whatever it means elsewhere."""
    settings.WEBHOOKS_ANYWHERE = True
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    def post(receiver, *, host=NAME, tls=trusted):
        transport = Transport(resolver=lambda _host, _port: ["127.0.0.1"], tls=tls, patience=5)
        return transport.post(f"https://{host}:{receiver.port}/told", body=b"{}", headers={})

    return post


def test_right_name_is_told_at_the_address_that_was_checked_and_named_in_the_greeting(
    serve, send, authority, monkeypatch
):
    receiver, connected = serve(authority.issue_cert(NAME)), []
    connect = socket.create_connection

    def noted(address, **values):
        connected.append(address)
        return connect(address, **values)

    monkeypatch.setattr(socket, "create_connection", noted)

    answer = send(receiver)

    assert answer == Answer(204, "", answer.milliseconds)
    assert connected == [("127.0.0.1", receiver.port)]
    assert receiver.named == [NAME]
    assert receiver.got == [(f"{NAME}:{receiver.port}", b"{}")]


@pytest.mark.parametrize(
    ("names", "host", "until", "said"),
    [
        (["other.example"], NAME, None, "Hostname mismatch, certificate is not valid for 'receiver.example'"),
        # The address that is connected to counts for nothing where a name was asked for.
        (["127.0.0.1"], NAME, None, "Hostname mismatch, certificate is not valid for 'receiver.example'"),
        ([NAME], "127.0.0.1", None, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ([NAME], NAME, YESTERDAY, "certificate has expired"),
    ],
    ids=["of another name", "of the machine", "of a name for a machine", "expired"],
)
def test_certificate_that_is_not_good_is_refused_before_anything_is_told(
    serve, send, authority, names, host, until, said
):
    receiver = serve(authority.issue_cert(*names, not_after=until))

    answer = send(receiver, host=host)

    assert answer == Answer(None, f"The certificate is not good: {said}.", answer.milliseconds)
    assert receiver.got == []


def test_authority_that_nobody_knows_is_refused(serve, send):
    """Neither one beside the trusted one, nor a private one by the list of the system."""
    stranger = trustme.CA()
    receiver = serve(stranger.issue_cert(NAME))

    problems = {send(receiver).problem, send(receiver, tls=None).problem}

    assert problems == {"The certificate is not good: unable to get local issuer certificate."}
    assert receiver.got == []


def test_server_without_tls_gets_nothing_in_plain(send):
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = []

        def answer_plainly():
            connection, _address = server.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=answer_plainly)
        thread.start()
        answer = send(SimpleNamespace(port=server.getsockname()[1]))
        thread.join()

    assert answer.problem == "No secure connection came about (TLS)."
    assert b"POST" not in heard[0]
