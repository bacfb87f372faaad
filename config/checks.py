"""What Readout asks of the database before it touches it: one line for each thing missing."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import NotSupportedError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

OLDEST = 15
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")


def database_problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Return one line for each reason why Readout cannot run on this database; nothing when it can."""
    too_old = f"PostgreSQL {OLDEST} or newer is needed, and this is {{}}: upgrade it, or unset DATABASE_URL."
    try:
        connection.ensure_connection()
    except NotSupportedError as error:  # older than Django itself accepts
        return [too_old.format(str(error).rpartition("found ")[2].rstrip(".)"))]
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0].removeprefix("connection failed: ")
        return [f"The database does not answer ({reason}): check DATABASE_URL, and that PostgreSQL runs there."]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (version,) = cursor.fetchone()
        if version < OLDEST:
            return [too_old.format(version)]
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
        missing = sorted({*EXTENSIONS} - {name for (name,) in cursor.fetchall()})
    if missing:
        return [
            f"PostgreSQL lacks the extension {', '.join(missing)}: install its contrib package (postgresql-contrib)."
        ]
    return []


@register(Tags.database)
def database_is_fit(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Part of ``manage.py migrate`` and ``check --database``; a check that needs no database stays without one."""
    return [
        Error(problem, id="config.E001")
        for alias in databases or ()
        for problem in database_problems(connections[alias])
    ]
