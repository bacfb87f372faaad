#!/usr/bin/env python
"""Run a Django command of Readout; the embedded PostgreSQL is started when no DATABASE_URL is set."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # the virtual environment may be missing until here

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
