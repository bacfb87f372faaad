from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from readers import tokens
from readers.token_models import LONGEST, Scope
from records.services import Refused


class Command(BaseCommand):
    help = "Makes an API token for an account, and prints its secret once, alone on a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="Whose token it is.")
        parser.add_argument("--name", required=True, help="What will use it.")
        parser.add_argument("--write", action="store_true", help="It may write, within what the account may do.")
        parser.add_argument(
            "--days", type=int, default=tokens.DAYS[0], help=f"For how many days it works, {LONGEST.days} at most."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']} that is open.")
        if not 0 < options["days"] <= LONGEST.days:
            raise CommandError(f"A token works for 1 to {LONGEST.days} days.")
        scopes = [Scope.READ.value, *([Scope.WRITE.value] if options["write"] else [])]
        try:
            _token, secret = tokens.make(user=user, name=options["name"], scopes=scopes, days=options["days"])
        except (Refused, ValidationError) as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(secret)
