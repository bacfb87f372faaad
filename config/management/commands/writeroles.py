from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import roles


class Command(BaseCommand):
    help = "Brings the table of docs/roles.md in step with the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when the table is out of step.")

    def handle(self, *_args: Any, check: bool = False, **_options: Any) -> None:
        text = roles.PATH.read_text()
        if check and roles.rewritten(text) != text:
            raise CommandError("The table differs from the code: run manage.py writeroles.")
        if not check:
            roles.PATH.write_text(roles.rewritten(text))
        self.stdout.write("The table of roles is in step with the code.")
