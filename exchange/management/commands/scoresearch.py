"""``manage.py scoresearch``: how well search finds what people expect."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from events.models import Statement
from exchange.searchscore.documents import add_documents
from exchange.searchscore.scoring import ask, precision, read_queries, report
from exchange.seeds.services import load_seeds

AIM = 0.9


class Command(BaseCommand):
    help = (
        "Ask queries with known answers of the seeds and of documents beside them: precision at 5, mean reciprocal "
        "rank, and every miss. Everything is undone at the end; an empty or freshly seeded database is needed."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--data",
            type=Path,
            default=os.environ.get("READOUT_SEARCH_DATA"),
            help="The folder with un-general-debate, kremlin-ru-index and zh-npc-resolutions; what is not there is "
            "left out. READOUT_SEARCH_DATA if not given.",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        folder = Path(options["data"]) if options["data"] else None
        with transaction.atomic():
            load_seeds(Path(settings.BASE_DIR) / "seeds")
            added, absent = add_documents(folder)
            for name, number in added.items():
                self.stdout.write(f"{name}: {number} documents")
            for name in absent:
                self.stdout.write(f"{name}: not there, its queries are left out")
            self.stdout.write(f"{Statement.objects.public().count()} statements in all")
            answers = [ask(one) for one in read_queries() if one.needs not in absent]
            transaction.set_rollback(True)
        self.stdout.write("\n".join(report(answers)))
        if precision(answers) < AIM:
            raise CommandError(f"Precision at 5 is below {AIM}.", returncode=1)
