"""An account that sends, the people around it, and real receivers of what the room sends out."""

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from standardwebhooks import Webhook

from abuse.services import enforcement
from courrielleur.accounts import services as accounts
from courrielleur.accounts.actors import Actor, for_user
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from fbl.models import HourlyCount, TouchedAccount
from tests.worlds import NOON, hour, make_account

REPORTING = "yahoo"  # a provider with a feedback loop (fbl/data/mailbox_providers.toml)


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def anne(db: None) -> Actor:
    """Anne decides cases."""
    return person("anne", Role.SPECIALIST)


@pytest.fixture
def bob(db: None) -> Actor:
    """Bob works on cases, and decides none."""
    return person("bob", Role.AGENT)


@pytest.fixture
def lea(db: None) -> Actor:
    """Léa leads, and may close accounts for good."""
    return person("lea", Role.LEAD)


@pytest.fixture
def marie(account: Account) -> Actor:
    """Marie answers for the reseller."""
    return person("marie", Role.RESELLER_MEMBER, reseller=account.reseller)


def person(name: str, role: Role, **scope: object) -> Actor:
    user = accounts.invite(email=f"{name}@example.com", name=name.title(), role=role, **scope)
    return for_user(user)


def mailing(
    account: Account,
    *,
    days_ago: int,
    delivered: int,
    complaints: int = 0,
    hard_bounces: int = 0,
    provider: str = REPORTING,
    campaign: str = "infolettre",
    at: datetime = NOON,
) -> None:
    """Count a mailing as the reports' readers count it, and mark the account as touched."""
    HourlyCount.objects.create(
        account_id=account.pk,
        send_hour=hour(at - timedelta(days=days_ago)),
        provider=provider,
        campaign=campaign,
        delivered=delivered,
        complaints=complaints,
        hard_bounces=hard_bounces,
    )
    TouchedAccount.objects.update_or_create(account_id=account.pk, defaults={"touched_at": at, "first_touched_at": at})


def purchased_list(account: Account, *, at: datetime = NOON) -> None:
    """Three days with a rate of complaints and bounces that no good sender has."""
    for days_ago in (3, 2, 1):
        mailing(account, days_ago=days_ago, delivered=2_000, complaints=24, hard_bounces=260, at=at)


def good_list(account: Account, *, at: datetime = NOON) -> None:
    for days_ago in (5, 4, 3, 2, 1):
        mailing(account, days_ago=days_ago, delivered=20_000, complaints=12, hard_bounces=100, at=at)


class Receiver:
    """A real HTTP server that keeps what it is sent and answers what it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []  # the next ones; then 204
        self.path = "/hooks"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers.items()), body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"

    def verified(self, secret: str) -> list[dict]:
        """Return the bodies, each checked against its signature as a receiver should."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.requests]


@pytest.fixture
def receiver(settings: object) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def secret(receiver: Receiver, db: None) -> str:
    """An endpoint of the platform at the receiver."""
    _, secret = enforcement.create_endpoint(url=receiver.url)
    return secret


class Mailbox:
    """A real SMTP server that keeps what it takes."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.answers: list[str] = []  # the next ones to RCPT; then 250

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802  # aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture
def mailbox(settings: object) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller itself can't choose a free port
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield mailbox
    controller.stop()
