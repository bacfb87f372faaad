"""The database backend of a site without `DATABASE_URL`: Django's own, with the embedded server behind it."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from config.environment import Refusal
from config.postgres import embedded_server
from config.postgresql.client import DatabaseClient


class DatabaseWrapper(base.DatabaseWrapper):
    """Connections that see to it that the server runs: at the first one, and again when it was killed."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        server = embedded_server()
        if not server.is_joined:
            self._join()
        return {**super().get_connection_params(), **server.connection_parameters()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            self._join()
            return super().get_new_connection({**conn_params, **embedded_server().connection_parameters()})

    def _join(self) -> None:
        try:
            embedded_server().join()
        except Refusal as refusal:
            # What callers of a database know how to handle: readiness, error pages, system checks.
            raise psycopg.OperationalError(str(refusal)) from refusal
