"""The application as a worker of the server loads it: a worker does not outlive the server that started it."""

import logging
import multiprocessing
import os
import signal
import threading
from importlib import import_module

from django.conf import settings
from django.db import DatabaseError, connections

from config.wsgi import application
from records.facets import read_all

__all__ = ["application"]


def _end_with(server: multiprocessing.process.BaseProcess) -> None:
    server.join()  # returns however the server ended, also after kill -9
    os.kill(os.getpid(), signal.SIGTERM)


def _read_ahead() -> None:
    # What the server read is here by the fork; this brings it up to date, or reads it where nothing was inherited.
    try:
        import_module(settings.ROOT_URLCONF)
        read_all()
    except DatabaseError:
        logging.getLogger(__name__).warning("What lists are counted by is read with the first list.", exc_info=True)
    finally:
        connections.close_all()


threading.Thread(target=_read_ahead, daemon=True).start()

if server := multiprocessing.parent_process():
    # Ctrl+C goes to every process of the terminal's group: the server alone takes it, and stops its workers in order.
    os.setpgid(0, 0)
    threading.Thread(target=_end_with, args=[server], daemon=True).start()
