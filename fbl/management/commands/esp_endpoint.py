"""Make, list and retire the addresses for the webhooks of e-mail providers."""

import json
import secrets
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.utils import timezone

from courrielleur.accounts.models import Account
from fbl.adapters.esp_views import PASSWORD_PROVIDERS, PROVIDERS, BadSecret, view_for
from fbl.adapters.webhooks import address_of
from fbl.core import esp
from fbl.models import EspEndpoint
from fbl.services import endpoints


class Command(BaseCommand):
    help = "Addresses for the webhooks of e-mail providers (docs/doors.md). An address is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make one; the provider's signing secret is read from standard input")
        add.add_argument("key", help="a short name, such as sendgrid-main")
        add.add_argument("provider", choices=PROVIDERS)
        add.add_argument("--account", help="key of the only account that mails through it")
        verbs.add_parser("list", help="list them with what came in, as JSON Lines")
        retire = verbs.add_parser("retire", help="close one")
        retire.add_argument("key")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "add":
            self._add(options["key"], options["provider"], options["account"])
        elif verb == "retire":
            self._retire(options["key"])
        else:
            for row in endpoints.figures():
                self.stdout.write(json.dumps(row))

    def _add(self, key: str, provider: str, account_key: str | None) -> None:
        try:
            validate_slug(key)
        except ValidationError as error:
            raise CommandError(f"{key!r}: write letters, digits, - and _ only.") from error
        if EspEndpoint.objects.filter(key=key).exists():
            raise CommandError(f"There is an endpoint {key} already; choose another name.")
        account = Account.objects.filter(key=account_key).first() if account_key else None
        if account_key and account is None:
            raise CommandError(f"No account has the key {account_key}.")
        has_password = provider in PASSWORD_PROVIDERS
        secret = f"courrielleur:{secrets.token_urlsafe(24)}" if has_password else self._secret(provider)
        try:
            view_for(provider, secret, "")
        except BadSecret as error:
            raise CommandError(f"The secret of {esp.providers()[provider].name}: {error}.") from error
        _endpoint, token = endpoints.create(key=key, provider=provider, secret=secret, account=account)
        address = address_of(provider, token)
        if has_password:
            address = address.replace("://", f"://{secret}@", 1)
        self.stderr.write("Write this address into the provider's console. It can't be shown again.")
        self.stdout.write(address)

    def _secret(self, provider: str) -> str:
        if sys.stdin.isatty():
            self.stderr.write(f"Paste what {esp.providers()[provider].name} signs with, then Enter:")
        return sys.stdin.readline().strip()

    def _retire(self, key: str) -> None:
        try:
            endpoints.retire(key, timezone.now())
        except EspEndpoint.DoesNotExist as error:
            raise CommandError(f"No open endpoint has the key {key}.") from error
        self.stderr.write(f"{key} is closed. Remove its address from the provider's console.")
