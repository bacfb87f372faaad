from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readers import tokens


class Command(BaseCommand):
    help = "Revokes an API token whose secret was found where it must not be, whoever owns it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("secret", help="The whole of it: readout_…")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            token = tokens.revoke_found(options["secret"])
        except tokens.NotInForce as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Revoked “{token.name}” of {token.user}. Tell them to make a new one.")
