import signal
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.environment import Refusal


class Command(BaseCommand):
    help = "Prepares the site (database, starter data, static files, first account) and serves it on 127.0.0.1:$PORT."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        from config import serving  # slow: the server itself, of use to this command only

        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # until the server has handlers of its own
        try:
            port = serving.free_port()
            self.say("Starting the database …")
            serving.prepare_database(self.say)
            if serving.refresh_static():
                self.say("Collected the static files.")
            call_command("ensureadmin", stdout=self.stdout)
            serving.serve(port, ready=lambda: self.say(f"Readout is at http://127.0.0.1:{port}/ (Ctrl+C stops it)"))
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(refusal.exit_code)
        except KeyboardInterrupt:
            pass
        self.say("Stopped.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
