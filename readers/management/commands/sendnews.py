from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from readers.corrections import forget_old_addresses
from readers.mailing import send_news


class Command(BaseCommand):
    help = (
        "Writes and sends the news of saved searches, once a day for each account, and deletes addresses of readers "
        "whose time is over. Can run as often as one likes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="Send letters again of which nobody knows whether they arrived."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        report = send_news(again=options["again"])
        self.stdout.write(f"Letters: {report}.")
        if report.uncertain:
            self.stderr.write("Some letters may have arrived and may not: sendnews --again sends them once more.")
        if deleted := forget_old_addresses():
            self.stdout.write(f"Deleted {deleted} addresses of readers.")
