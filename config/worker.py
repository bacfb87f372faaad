"""The application as a worker of the server loads it: a worker does not outlive the server that started it."""

import multiprocessing
import os
import signal
import threading

from config.wsgi import application

__all__ = ["application"]


def _end_with(server: multiprocessing.process.BaseProcess) -> None:
    server.join()  # returns however the server ended, also after kill -9
    os.kill(os.getpid(), signal.SIGTERM)


if server := multiprocessing.parent_process():
    # Ctrl+C goes to every process of the terminal's group: the server alone takes it, and stops its workers in order.
    os.setpgid(0, 0)
    threading.Thread(target=_end_with, args=[server], daemon=True).start()
