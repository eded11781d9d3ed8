"""`manage.py dbshell` on the embedded server, with the `psql` of the same release."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from django.db.backends.postgresql import client

from courrielleur.database.cluster import programs
from courrielleur.database.place import place_of, server_owner
from courrielleur.database.server import server_in


class DatabaseClient(client.DatabaseClient):
    def runshell(self, parameters: Iterable[str]) -> None:
        settings = self.connection.settings_dict
        var_dir = Path(settings["EMBEDDED_IN"])
        address = server_in(var_dir, settings["EMBEDDED_OPTIONS"]).attach()
        place = place_of(var_dir)
        command = [str(programs(place, server_owner(place)) / "psql"), "-h", str(address.host), "-p", str(address.port)]
        command += ["-U", address.user, *parameters, settings["NAME"]]
        environment = {**os.environ, "PGPASSFILE": str(address.passfile)}
        subprocess.run(command, check=True, env=environment)  # noqa: S603  # psql, with the operator's own arguments
