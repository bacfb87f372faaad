"""`manage.py dbshell` over the embedded server."""

from typing import Any

from django.db.backends.postgresql import client

from config.postgres import embedded_server, programs


class DatabaseClient(client.DatabaseClient):
    """The package's own `psql`, with the address and password that only the server knows."""

    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict: dict[str, Any], parameters: Any) -> tuple[list[str], Any]:
        server = embedded_server()
        server.join()
        reach = {key.upper(): value for key, value in server.connection_parameters().items()}
        (_, *arguments), environment = super().settings_to_cmd_args_env({**settings_dict, **reach}, parameters)
        return [str(programs() / "psql"), *arguments], environment
