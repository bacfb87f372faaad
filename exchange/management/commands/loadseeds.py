from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.seeds.problems import InvalidSeeds
from exchange.seeds.services import load_seeds


class Command(BaseCommand):
    help = (
        "Load the seed files: what is new or changed in them, never over an editor's work. "
        "With --verbosity 0 a run without news is told in one line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--path",
            type=Path,
            default=Path(settings.BASE_DIR) / "seeds",
            help="A directory of .yaml files, or one file.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and change nothing.")

    def handle(self, *_args: Any, path: Path, dry_run: bool, verbosity: int, **_options: Any) -> None:
        try:
            report = load_seeds(path, dry_run=dry_run)
        except InvalidSeeds as refusal:
            count = len(refusal.problems)
            raise CommandError(f"{refusal}\n{count} problem(s); nothing was changed.", returncode=1) from None
        for line in report.lines() if verbosity or report.has_news else [report.summary]:
            self.stdout.write(line)
