from typing import Any

from django.core.management.base import BaseCommand

from config.serving import refresh_static


class Command(BaseCommand):
    help = "Collects the static files when one has changed since the last time."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        if refresh_static():
            self.stdout.write("Collected the static files.")
