import logging
import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from readers.hooks.queue import Report, Worker, forget

#: Seconds between two questions for what is due.
PAUSE = 2
#: Rounds after which old messages are deleted.
ROUNDS = 1800


class Command(BaseCommand):
    help = (
        "Tells the addresses of webhooks what became of their searches, and tries again what did not arrive. Run it "
        "every minute, or keep it running with --forever. Any number may run at once: they share the work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="Go on until SIGTERM or SIGINT.")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["forever"]:
            report = Worker().run()
            forget()
            self.stdout.write(f"Webhooks: {report}.")
            return
        ends = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: ends.set())
        self._go_on(ends)

    def _go_on(self, ends: threading.Event) -> None:
        rounds, parent = 0, os.getppid()
        # Who was started by a server does not outlive it, however it ended.
        while not ends.is_set() and os.getppid() == parent:
            worker = Worker()
            try:
                while not ends.is_set() and worker.step():
                    pass
                if rounds % ROUNDS == 0:
                    forget()
            except DatabaseError:
                # As while the database starts anew: the next round asks again.
                logging.getLogger(__name__).warning("The database did not answer.", exc_info=True)
                connections.close_all()
            if worker.report != Report():
                self.stdout.write(f"Webhooks: {worker.report}.")
                self.stdout.flush()
            rounds += 1
            close_old_connections()
            ends.wait(PAUSE)
