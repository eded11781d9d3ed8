"""`manage.py dbshell` on the embedded server, with the `psql` of the same release."""

import os
import subprocess
from collections.abc import Iterable

from django.db.backends.postgresql import client

from courrielleur.database.cluster import programs
from courrielleur.database.place import place_of, server_owner


class DatabaseClient(client.DatabaseClient):
    def runshell(self, parameters: Iterable[str]) -> None:
        address = self.connection.embedded_address()
        place = place_of(address.passfile.parent.parent)
        psql = programs(place, server_owner(place)) / "psql"
        command = [str(psql), "-h", str(address.host), "-p", str(address.port), "-U", address.user, *parameters]
        environment = {**os.environ, "PGPASSFILE": str(address.passfile)}
        subprocess.run([*command, self.connection.settings_dict["NAME"]], check=True, env=environment)  # noqa: S603
