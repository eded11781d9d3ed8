"""Connect to the embedded server; the first connection of a process attaches it, so no command needs to know."""

import time
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg import OperationalError as ConnectionRefused

from courrielleur.database.embedded.client import DatabaseClient
from courrielleur.database.place import DatabaseUnavailable
from courrielleur.database.server import Address, server_in

RESTART_SECONDS = 15.0  # a server that was killed is back by then, unless it has much to recover
_RESTARTING = ("starting up", "recovery mode", "shutting down", "refused", "No such file", "closed the connection")


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def embedded_address(self) -> Address:
        """Return where the server answers, starting it when it does not run."""
        try:
            return server_in(Path(self.settings_dict["EMBEDDED_IN"]), self.settings_dict["EMBEDDED_OPTIONS"]).attach()
        except DatabaseUnavailable as error:
            raise OperationalError(str(error)) from error

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        address = self.embedded_address()
        params |= {"host": str(address.host), "port": address.port, "user": address.user}
        return params | {"passfile": str(address.passfile)}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        deadline = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                return super().get_new_connection(conn_params)
            except ConnectionRefused as error:
                if time.monotonic() > deadline or not any(hint in str(error) for hint in _RESTARTING):
                    raise
            time.sleep(0.1)
            self.embedded_address()  # a killed guardian is replaced
