import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from config.environment import BASE_DIR, Refusal
from config.postgres import EmbeddedServer, database_settings

# A client: joins, says so, then does what it reads from its standard input, and ends when that ends.
CLIENT = """
import sys
import psycopg
from config.postgres import embedded_server
server = embedded_server()
server.join()
print(server.postmaster().pid, flush=True)
for statement in sys.stdin:
    server.join()
    with psycopg.connect(dbname="readout", **server.connection_parameters()) as connection:
        connection.execute(statement)
    print("committed", flush=True)
"""


class Client:
    """Another process that uses the database."""

    def __init__(self, directory: Path) -> None:
        environment = {**os.environ, "READOUT_DATA_DIR": str(directory), "DATABASE_URL": ""}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT],
            cwd=BASE_DIR, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.orders, self.answers = self.process.stdin, self.process.stdout
        self.postmaster = int(self.answers.readline())

    def execute(self, statement: str) -> None:
        print(statement, file=self.orders, flush=True)
        assert self.answers.readline() == "committed\n"

    def end(self, how: int | None = None) -> None:
        if how is not None:
            self.process.send_signal(how)
        for stream in (self.orders, self.answers):
            stream.close()
        self.process.wait(10)


def eventually(condition: Callable[[], object], within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def made_site():
    """A data directory with a cluster that has been made, used and stopped; made once, because that takes a second."""
    directory = Path(tempfile.mkdtemp(prefix="readout-test-", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("READOUT_THROWAWAY_DATA", "")  # these tests are about keeping what was acknowledged
        server = EmbeddedServer(directory)
        server.join()
        server.leave()
    yield server
    assert eventually(lambda: server.postmaster() is None)
    shutil.rmtree(directory)


@pytest.fixture
def server(made_site):
    """The stopped server of `made_site`; each test leaves it stopped."""
    assert eventually(lambda: made_site.postmaster() is None)
    yield made_site
    made_site.leave()
    assert eventually(lambda: made_site.postmaster() is None)


def rows(server: EmbeddedServer, query: str) -> list[tuple]:
    with psycopg.connect(dbname="readout", **server.connection_parameters()) as connection:
        return connection.execute(query).fetchall()


def test_two_processes_share_one_server_and_the_last_one_out_stops_it(server):
    first, second = Client(server.directory), Client(server.directory)
    assert first.postmaster == second.postmaster
    first.end()
    assert is_running(second.postmaster)
    second.end()
    assert not is_running(second.postmaster)


def test_client_killed_outright_leaves_no_server_behind(server):
    client = Client(server.directory)
    client.end(signal.SIGKILL)
    assert eventually(lambda: not is_running(client.postmaster))


def test_client_killed_outright_does_not_stop_the_server_of_another(server):
    killed, other = Client(server.directory), Client(server.directory)
    killed.end(signal.SIGKILL)
    other.execute("SELECT 1")
    assert is_running(other.postmaster)
    other.end()
    assert not is_running(other.postmaster)


def test_server_stops_with_its_last_client_even_when_the_watchdog_was_killed(server):
    client = Client(server.directory)
    arguments = ["-m", "config.postgres", str(server.directory)]
    (watchdog,) = [p for p in psutil.process_iter(["cmdline"]) if (p.info["cmdline"] or [])[1:] == arguments]
    watchdog.kill()
    client.end()
    assert not is_running(client.postmaster)


def test_killed_server_starts_again_and_keeps_what_was_committed(server):
    client = Client(server.directory)
    client.execute("CREATE TABLE talks (place text)")
    client.execute("INSERT INTO talks VALUES ('Moscow'), ('Beijing')")
    os.kill(client.postmaster, signal.SIGKILL)
    client.execute("INSERT INTO talks VALUES ('Astana')")
    server.join()
    assert rows(server, "SELECT place FROM talks ORDER BY place") == [("Astana",), ("Beijing",), ("Moscow",)]
    client.end()


def test_server_and_client_killed_together_keep_what_was_committed(server):
    client = Client(server.directory)
    client.execute("CREATE TABLE calls (place text)")
    client.execute("INSERT INTO calls VALUES ('Moscow')")
    os.kill(client.postmaster, signal.SIGKILL)
    client.end(signal.SIGKILL)
    server.join()
    assert rows(server, "SELECT place FROM calls") == [("Moscow",)]


@pytest.mark.parametrize("pid", ["1", "4000000", "{ours}", "no number"])
def test_stale_pid_file_does_not_block_the_start(server, pid):
    (server.cluster / "postmaster.pid").write_text(
        f"{pid.format(ours=os.getpid())}\n{server.cluster}\n1700000000\n5432\n"
    )
    server.join()
    assert rows(server, "SELECT 1") == [(1,)]


def test_zombie_that_nobody_reaps_does_not_pass_for_the_server(server):
    child = subprocess.Popen(["/bin/true"])
    assert eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    (server.cluster / "postmaster.pid").write_text(f"{child.pid}\n{server.cluster}\n1700000000\n5432\n")
    server.join()
    assert rows(server, "SELECT 1") == [(1,)]
    child.wait()


def test_forked_process_goes_on_when_its_parent_leaves(server):
    server.join()
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    server.leave()
    assert server.postmaster() is not None
    os.close(writing)
    os.waitpid(child, 0)
    assert eventually(lambda: server.postmaster() is None)


def test_cluster_is_durable_checked_and_closed_to_the_network(server):
    server.join()
    settings = "fsync, full_page_writes, synchronous_commit, data_checksums, listen_addresses, password_encryption"
    values = rows(server, " UNION ALL ".join(f"SELECT current_setting('{name}')" for name in settings.split(", ")))
    assert values == [("on",), ("on",), ("on",), ("on",), ("",), ("scram-sha-256",)]
    assert "trust" not in {line.split()[-1] for line in _rules(server)}


def _rules(server: EmbeddedServer) -> list[str]:
    lines = (server.cluster / "pg_hba.conf").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_wrong_password_is_refused(server):
    server.join()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dbname="readout", **{**server.connection_parameters(), "password": "wrong"})


def test_letters_of_every_script_have_upper_and_lower_case(server):
    server.join()
    assert rows(server, "SELECT lower('ПАТРУШЕВ ÉLYSÉE'), '王毅会见帕特鲁舍夫' ~ '^[[:alpha:]]+$'") == [
        ("патрушев élysée", True)
    ]


def test_data_directory_too_deep_for_a_socket_gets_a_short_one(tmp_path, monkeypatch):
    monkeypatch.setenv("READOUT_THROWAWAY_DATA", "1")
    server = EmbeddedServer(tmp_path / "a, b" / ("deep" * 30))
    server.join()
    try:
        assert rows(server, "SELECT 1") == [(1,)]
        socket_directory = Path(server.connection_parameters()["host"])
        assert len(str(socket_directory)) < 40
    finally:
        server.leave()
    assert server.postmaster() is None
    assert not socket_directory.exists()


def test_settings_start_nothing_until_a_connection_is_made(tmp_path):
    environment = {**os.environ, "READOUT_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    code = "import django; django.setup(); from django.db import connection"
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, check=True)
    assert not (tmp_path / "postgres").exists()


def test_database_url_never_starts_the_embedded_server(tmp_path, server):
    server.join()
    reach = server.connection_parameters()
    url = f"postgresql://{reach['user']}:{reach['password']}@/readout?host={reach['host']}"
    environment = {**os.environ, "READOUT_DATA_DIR": str(tmp_path), "DATABASE_URL": url}
    code = "import django; django.setup(); from django.db import connection; connection.ensure_connection()"
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, check=True)
    assert not (tmp_path / "postgres").exists()


def test_database_url_gives_its_parts_and_a_time_limit(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://editor:pass%40word@db.example:6432/readout?sslmode=require")
    settings = database_settings()
    parts = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS", "CONN_HEALTH_CHECKS")
    assert [settings[part] for part in parts] == [
        "django.db.backends.postgresql", "editor", "pass@word", "db.example", 6432, "readout",
        {"connect_timeout": 10, "sslmode": "require", "prepare_threshold": 5}, True,
    ]  # fmt: skip


def test_database_url_tells_of_a_pooler_that_knows_no_prepared_statements(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://editor@pooler.example/readout?prepare_threshold=off")
    assert database_settings()["OPTIONS"]["prepare_threshold"] is None


@pytest.mark.parametrize(
    "url", ["mysql://user:s3cret@host/name", "s3cret", "postgresql://user:s3cret@host/", "sqlite:"]
)
def test_database_url_of_another_kind_is_refused_without_repeating_it(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Refusal, match="DATABASE_URL must look like postgresql://") as refusal:
        database_settings()
    assert "s3cret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
