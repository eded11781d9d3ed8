"""Run measurements by name, on the installation that the environment names; called by `manage.py bench`."""

import importlib
import sys

import django
from django.core.management import call_command

NAMES = ("parse", "judge", "ingest", "log", "consent", "smtp", "policy", "river")
LONG_NAMES = ("log-memory", "consent-long", "assess")  # minutes; only when asked for


def main(names: list[str]) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    for name in names:
        for figure in importlib.import_module(f"courrielleur.bench.{name.replace('-', '_')}").measure():
            print(figure.as_json(), flush=True)  # noqa: T201 - the product of this program


if __name__ == "__main__":
    main(sys.argv[1:] or list(NAMES))
