from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import codebook


class Command(BaseCommand):
    help = "Brings the tables of docs/codebook.md in step with the code; what people wrote in them stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when something is out of step.")

    def handle(self, *_args: Any, check: bool = False, **_options: Any) -> None:
        text = codebook.PATH.read_text()
        if not check:
            text = codebook.rewritten(text)
            codebook.PATH.write_text(text)
        if found := codebook.problems(text):
            raise CommandError("\n".join(found))
        self.stdout.write("The codebook is in step with the code.")
