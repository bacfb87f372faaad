"""The steps from a checkout with its packages to a running site; `manage.py serve` takes them in order."""

import gc
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from config.checks import database_problems
from config.environment import Refusal
from records.facets import read_all

ADDRESS = "127.0.0.1"
#: A page makes some 100,000 objects and keeps none; looking for garbage at every 700 took a fifth of its time.
MOST_YOUNG = 50_000
THREADS = 4  # per worker: what a request waits for is the database on the same machine


def free_port() -> int:
    """Return ``PORT`` (default 8000); raises ``Refusal`` when it is no port or something listens there."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Refusal(f"PORT must be a number from 1 to 65535, and is {given!r}.")
    port = int(given)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left by us is free
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            another = port + 1 if port < 65535 else 8000
            raise Refusal(
                f"Port {port} is taken or not allowed ({error.strerror}): "
                f"stop the program that uses it, or choose another: PORT={another} script/server"
            ) from error
    return port


def prepare_database(say: Callable[[str], object]) -> None:
    """Migrate and load the starter data, each only where something is new; raises ``Refusal`` on an unfit database."""
    if problems := database_problems(connection):
        raise Refusal("\n".join(problems))
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Bringing the database up to date …")
        call_command("migrate", verbosity=0, interactive=False)
    if "loadseeds" in get_commands():
        call_command("loadseeds", verbosity=0)


def refresh_static() -> bool:
    """Collect the static files when a file, a package or a setting has changed since; tell whether that was so."""
    stamp = settings.DATA_DIR / "static.stamp"
    state = hashlib.sha256(repr((settings.STATICFILES_DIRS, settings.STORAGES["staticfiles"])).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = os.stat(storage.path(name))
            state.update(repr((name, file.st_size, file.st_mtime_ns)).encode())
    if stamp.exists() and stamp.read_text() == state.hexdigest() and settings.STATIC_ROOT.exists():
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(state.hexdigest())
    return True


def settle() -> None:
    """Look for garbage no more among what stays as long as the process, and less often among what is new.

    No worker copies the pages of what it shares with the others only to have looked at them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_YOUNG, 20, 20)


def serve(port: int, *, ready: Callable[[], object]) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is called when the address is bound."""
    # Loaded here once, so that the workers are there at once and share the memory.
    import_module("config.wsgi")
    import_module(settings.ROOT_URLCONF)
    read_all(kept_in=settings.COUNTED_DIR)
    connections.close_all()  # a connection must not be shared by the processes about to be forked
    settle()
    server = Granian(
        "config.worker:application",
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=max(1, min(os.cpu_count() or 1, 4)),
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        working_dir=settings.BASE_DIR,
    )
    server.on_startup(ready)
    with _beside("sendwebhooks", "--forever"):
        server.serve()


@contextmanager
def _beside(*command: str) -> Iterator[None]:
    """A command of `manage.py` in a process of its own for as long as the block runs."""
    program = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    with subprocess.Popen(program, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL) as process:  # noqa: S603 (ours)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
