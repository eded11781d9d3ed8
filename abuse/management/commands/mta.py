"""Make MTAs known, list them, remove them, ask them: what the console's page does, for scripts."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from abuse.models import Endpoint
from abuse.selectors.stops import MtaView, mtas
from abuse.services import enforcement, reconciliation
from abuse.services import mtas as services
from courrielleur.accounts.models import Reseller


class Command(BaseCommand):
    help = "List the MTAs that obey orders, add one, remove one, or ask them all what they hold (docs/enforcement.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser("list", help="a JSON line for each")
        verbs.add_parser("ask", help="ask every MTA now, and order anew where it disagrees; then as list")
        add = verbs.add_parser("add", help="make an MTA known; it is told what is stopped")
        add.add_argument("kind", choices=["kumomta", "pmta", "pull"])
        add.add_argument("name", help="of this one machine")
        add.add_argument("--url", default="", help="of its HTTP interface")
        add.add_argument("--secret-file", help="a file with user:password, where the interface asks for them")
        add.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, such as tenant=")
        add.add_argument("--reseller", help="key of the reseller whose accounts it serves; else all")
        remove = verbs.add_parser("remove", help="send it nothing more")
        remove.add_argument("name")
        remove.add_argument("--reason", default="removed by command")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "add":
            self._add(**options)
        elif verb == "remove":
            self._remove(options["name"], options["reason"])
        elif verb == "ask":
            corrected = reconciliation.reconcile_all(timezone.now())
            self.stderr.write(f"{corrected} orders were given again.")
        for one in mtas(timezone.now()):
            self.stdout.write(json.dumps(_shown(one), ensure_ascii=False))

    def _add(self, kind: str, name: str, url: str, reseller: str | None, **options: Any) -> None:
        try:
            services.add(
                kind,
                name=name,
                url=url,
                secret=_content(options["secret_file"]),
                config=dict(_setting(text) for text in options["set"]),
                reseller=Reseller.objects.get(key=reseller) if reseller else None,
            )
        except ValidationError as refused:
            told = [
                f"{field.removeprefix('config_')}: {' '.join(words)}" for field, words in refused.message_dict.items()
            ]
            raise CommandError("\n".join(told), returncode=2) from refused
        except Reseller.DoesNotExist as error:
            raise CommandError(f"There is no reseller {reseller}.", returncode=2) from error

    def _remove(self, name: str, reason: str) -> None:
        found = list(Endpoint.objects.exclude(kind="webhook").filter(name=name, disabled_at=None))
        if len(found) != 1:
            raise CommandError(f"There are {len(found)} MTAs of the name {name!r}.", returncode=2)
        enforcement.disable_endpoint(found[0], reason)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set {text}: write NAME=VALUE, such as tenant=acct-{{account}}.", returncode=2)
    return name, int(value) if name == "hours" and value.isdecimal() else value


def _content(path: str | None) -> str:
    if path is None:
        return ""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{path}: can't be read ({error}).", returncode=2) from error


def _shown(one: MtaView) -> dict[str, Any]:
    endpoint = one.endpoint
    return {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "url": endpoint.url or None,
        "condition": one.condition,
        "since": one.since.isoformat() if one.since else None,
        "trouble": endpoint.trouble or None,
        "heard_at": endpoint.heard_at.isoformat() if endpoint.heard_at else None,
        "holds": endpoint.held,
        "waiting": one.waiting,
        "given_up": one.dead,
        "differences": [difference.as_json() for difference in one.differences],
    }
