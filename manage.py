#!/usr/bin/env python
"""Run a Django command of Readout; the embedded PostgreSQL is started when no DATABASE_URL is set.

What can be mended from outside (a port taken, a database that does not answer) is said in one line, with exit code 2.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # The virtual environment may be missing until here.
    from django.core.management import execute_from_command_line
    from django.db import connection
    from django.db.utils import OperationalError

    from config.environment import Refusal

    try:
        execute_from_command_line(sys.argv)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(refusal.exit_code)
    except OperationalError as error:
        if connection.connection is not None:
            raise
        reason = str(error).strip().splitlines()[0]
        print(
            f"The database does not answer ({reason}): check DATABASE_URL, and that PostgreSQL runs there.",
            file=sys.stderr,
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
