"""Play a believable platform on this installation: sixty days of history, then live traffic and a suspension."""

import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from courrielleur.accounts import services
from courrielleur.accounts.models import Account, ApiKey, Reseller, User
from courrielleur.accounts.permissions import Role, Scope
from courrielleur.demo.cast import Cast, the_cast
from courrielleur.demo.letterbox import Letterbox
from courrielleur.demo.mta import Mta
from courrielleur.demo.player import Player, Script
from courrielleur.demo.postman import Postman
from courrielleur.demo.rest import Console, Ended, Refused
from courrielleur.management import demo_draft
from fbl.selectors import feed_names, suggestions
from fbl.services import feeds

PLATFORM_KEY = "demo"  # the label that marks a database as the demo's; its first date is the demo's start
# Of fbl/data/feeds.toml, with the reports to be expected a day; the one that comes and goes is named, others learn.
FEEDS: Mapping[str, int | None] = {"yahoo": None, "outlook": None, "signal-spam": 1_600}
CLIENT_SCOPES = (Scope.CASES_READ, Scope.CASES_WRITE, Scope.CONSENT_WRITE)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Command(BaseCommand):
    help = "Play the demo through SMTP and REST, until told to end. Only on a database without data of anybody else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7, help="the same seed plays the same story (default: 7)")
        parser.add_argument("--days", type=int, default=60, help="days of history, 14 to 180 (default: 60)")
        parser.add_argument("--speed", type=float, default=1.0, help="pace of the live traffic (default: 1)")
        parser.add_argument("--once", action="store_true", help="end when the purchased list was stopped")
        parser.add_argument("--url", default="", help="where the console answers (default: COURRIELLEUR_LISTEN)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 14 <= options["days"] <= 180 or not 0 < options["speed"] <= 20:
            raise CommandError("--days is 14 to 180, --speed above 0 and 20 at most.", returncode=2)
        url = (options["url"] or _console_url(settings.LISTEN)).rstrip("/")
        cast = the_cast()
        secret, start = _platform_key()
        if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
            self._say("The passwords of the demo's logins are public; don't leave it open to a network.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        host, _, port = settings.INTAKE_SMTP.rpartition(":")
        postman, mta = Postman(host.strip("[]"), int(port), stop.wait), Mta(self._obeyed)
        letterbox = self._letterbox()
        script = Script(
            seed=options["seed"],
            start=start,
            days=options["days"],
            speed=options["speed"],
            report_domain=settings.REPORT_DOMAIN,
            authserv_id=settings.AUTHSERV_ID,
            pages_url=options["url"] or settings.PUBLIC_URL,
            is_once=options["once"],
        )
        try:
            with Console(url, secret, stop.wait) as console:
                player = Player(
                    cast,
                    script,
                    console,
                    postman,
                    mta,
                    admit=partial(_admit, cast),  # the player knows when the resellers are there
                    settle_in=partial(_settle_in, cast),  # and when the history is in
                    say=self._say,
                    wait=stop.wait,
                )
                player.play()
        except Ended:
            self._say("The demo has ended.")
        except Refused as error:
            raise CommandError(f"The demo can't go on. {error}") from error
        finally:
            postman.close()
            mta.close()
            if letterbox is not None:
                letterbox.close()

    def _letterbox(self) -> Letterbox | None:
        """Return the letter box of the resellers where the console sends its letters, unless one listens there."""
        if settings.EMAIL_HOST not in LOOPBACK:
            self._say(f"Letters go to {settings.EMAIL_HOST}; the demo keeps none.")
            return None
        letterbox = Letterbox(settings.EMAIL_HOST, settings.EMAIL_PORT, settings.VAR_DIR / "letters", self._say)
        try:
            letterbox.start()
        except OSError:
            self._say(f"Something else takes the letters on {settings.EMAIL_HOST}:{settings.EMAIL_PORT}; look there.")
            return None
        return letterbox

    def _obeyed(self, account: str, act: str) -> None:
        self._say(f"MTA: account {account} {act} (signature verified)")

    def _say(self, text: str) -> None:
        self.stderr.write(text)
        sys.stderr.flush()


def _console_url(listen: str) -> str:
    """Return the address of the web process from here: one that listens everywhere listens on loopback, too."""
    host, _, port = listen.rpartition(":")
    return f"http://{'127.0.0.1' if host in {'', '0.0.0.0', '[::]'} else host}:{port}"  # noqa: S104 - compared only


@transaction.atomic
def _platform_key() -> tuple[str, datetime]:
    """Return the secret of a fresh platform key, and when the demo first started here.

    Raises `CommandError` on a database that somebody else uses.
    """
    ours = ApiKey.objects.filter(label=PLATFORM_KEY, reseller=None, account=None).order_by("created_at")
    if not ours.exists() and (Reseller.objects.exists() or User.objects.exists() or ApiKey.objects.exists()):
        raise CommandError(
            "This database holds resellers, people or keys that the demo did not make, so it leaves it alone. "
            "Name an empty one in DATABASE_URL, or another folder in COURRIELLEUR_VAR_DIR."
        )
    secret = _fresh_key(PLATFORM_KEY, Scope)
    return secret, ours.values_list("created_at", flat=True)[0]


def _admit(cast: Cast) -> Mapping[str, str]:
    """Make the demo's logins, and the keys of the clients who answer for themselves."""
    for login in cast.logins:
        services.invite(
            email=login.email,
            name=login.name,
            language=login.language,
            role=Role(login.role),
            reseller=Reseller.objects.get(key=login.reseller) if login.reseller else None,
            account=Account.objects.get(key=login.account) if login.account else None,
            password=login.password,
        )
    client = Account.objects.get(key=cast.of_story("returning").key)
    reseller = Reseller.objects.get(key=cast.of_story("bounces").reseller)
    return {
        client.key: _fresh_key(client.name, CLIENT_SCOPES, account=client),
        reseller.key: _fresh_key(reseller.name, CLIENT_SCOPES, reseller=reseller),
    }


def _settle_in(cast: Cast) -> None:
    _enrol()
    demo_draft.try_it(cast.draft, timezone.now())


def _enrol() -> None:
    """Enrol the feeds that report to the platform, as an administrator would on the console's page; once."""
    if feed_names():
        return
    for known in suggestions():
        if known["key"] in FEEDS:
            feeds.enrol(
                feeds.NewFeed(
                    key=known["key"],
                    name=known["name"],
                    kind=known["kind"],
                    senders=tuple(known["senders"]),
                    providers=tuple(known["providers"]),
                    signers=tuple(known["signers"]),
                    expected_per_day=FEEDS[known["key"]],
                    is_trusted=bool(known["signers"]),
                    is_redacting=known["is_redacting"],
                )
            )


def _fresh_key(label: str, scopes: Iterable[Scope], **owner: Any) -> str:
    """Issue a key in place of the one a former demo had: secrets are shown once and kept nowhere."""
    owners = {"reseller": None, "account": None, **owner}
    for former in ApiKey.objects.filter(label=label, revoked_at=None, **owners):
        services.revoke_key(former)
    return services.issue_key(label=label, scopes=scopes, **owner)[1]
