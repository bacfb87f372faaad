"""``manage.py makescale``: fill an empty database with an invented collection, to measure with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.scale.services import NotEmpty, fill


class Command(BaseCommand):
    help = (
        "Fill an empty database with an invented collection: skewed, uncertain, in three scripts; the same each time."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--meetings", type=int, default=10_000, help="how many (default 10,000)")
        parser.add_argument("--actors", type=int, help="how many persons (default: a tenth of the meetings)")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            fill(meetings=options["meetings"], actors=options["actors"], seed=options["seed"], say=self.stdout.write)
        except NotEmpty as refused:
            raise CommandError("The database holds meetings. Invented ones go into an empty database.") from refused
