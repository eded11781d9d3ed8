"""Kill -9 of intake, worker and database, again and again in the middle of 5,000 mails: each is counted once."""

import json
import smtplib
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from courrielleur import vault
from courrielleur.demo import mails
from tests.installation import Installation, folder, wait_for
from tests.worlds import NOON, Mailing

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]

MAILS = 5_000
SENDERS = 6
KILL_AT = (700, 2_000, 3_600, 4_900)  # accepted mails
ACCOUNTS = 5


@pytest.fixture
def installation() -> Iterator[Installation]:
    with folder() as var:
        place = Installation(var, {"COURRIELLEUR_SECRET_KEY": "kill-test-" + "x" * 40})
        place.prepare()
        yield place
        place.kill_everything()


def make_accounts(installation: Installation) -> list[int]:
    script = (
        f"from tests.worlds import make_account\nprint([make_account(f'compte-{{n}}').pk for n in range({ACCOUNTS})])"
    )
    return json.loads(installation.run("shell", "--no-imports", "--command", script).splitlines()[-1])


def figures(installation: Installation) -> dict[str, int]:
    """Ask the installation itself, in a process of its own: events, what still waits, and false counters."""
    script = (
        "import json\n"
        "from django.db.models import Sum\n"
        "from fbl.models import FeedbackEvent, HourlyCount, InboundReport\n"
        "from tests.recount import differences\n"
        "print(json.dumps({\n"
        "    'events': FeedbackEvent.objects.count(),\n"
        "    'counted': FeedbackEvent.objects.filter(is_counted=True).count(),\n"
        "    'complaints': HourlyCount.objects.aggregate(n=Sum('complaints'))['n'] or 0,\n"
        "    'bounces': HourlyCount.objects.aggregate(n=Sum('hard_bounces'))['n'] or 0,\n"
        "    'reports': InboundReport.objects.count(),\n"
        "    'waiting': InboundReport.objects.filter(state='stored').count(),\n"
        "    'false_counters': len(differences()),\n"
        "}))"
    )
    return json.loads(installation.run("shell", "--no-imports", "--command", script).splitlines()[-1])


def build_mails(accounts: list[int]) -> list[tuple[str, bytes]]:
    """Return (envelope recipient, mail): four complaints for each bounce, every one of another recipient."""
    built = []
    for number in range(MAILS):
        sent = Mailing(accounts[number % ACCOUNTS], sent_at=NOON - timedelta(hours=number % 48)).to(
            f"r{number}@yahoo.ca"
        )
        if number % 5:
            built.append(("fbl@bounce.courrielleur.example", mails.arf(sent, at=NOON, redacted=number % 2 == 0)))
        else:
            built.append((sent.return_path, mails.dsn(sent, at=NOON)))
    return built


class Postman:
    """Sends mails over several connections until each was accepted; a refused or broken one is sent again."""

    def __init__(self, port: int, post: list[tuple[str, bytes]]) -> None:
        self.port, self.post = port, post
        self.accepted = 0
        self._next, self._lock, self.stopped = count(), threading.Lock(), False

    def start(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        return threads

    def _work(self) -> None:
        client: smtplib.SMTP | None = None
        while not self.stopped and (number := next(self._next)) < len(self.post):
            to, mail = self.post[number]
            while not self.stopped:
                try:
                    client = client or smtplib.SMTP("127.0.0.1", self.port, timeout=30)
                    client.sendmail("mx@example.net", [to], mail)
                    break
                except (OSError, smtplib.SMTPException):
                    client = None  # killed, restarting, or full: the mail is ours until somebody says 250
                    threading.Event().wait(0.2)
            with self._lock:
                self.accepted += 1


def test_every_accepted_mail_is_counted_exactly_once_whatever_is_killed(installation, settings):
    use_keys_of(installation, settings)
    accounts = make_accounts(installation)
    installation.start_intake()
    installation.start_worker()
    postman = Postman(installation.smtp_port, build_mails(accounts))
    threads = postman.start()

    try:
        for point in KILL_AT:
            wait_for(lambda point=point: postman.accepted >= point, f"{point} accepted mails")
            installation.kill_everything()
            installation.start_intake()
            installation.start_worker()
        wait_for(lambda: postman.accepted >= MAILS, "the last mail to be accepted")
    finally:
        postman.stopped = True
        for thread in threads:
            thread.join(60)
    wait_for(lambda: figures(installation)["waiting"] == 0, "the last report to be read")

    found = figures(installation)
    assert found["events"] == found["counted"] == found["reports"] == MAILS
    assert (found["complaints"], found["bounces"]) == (MAILS * 4 // 5, MAILS // 5)
    assert found["false_counters"] == 0


def use_keys_of(installation: Installation, settings) -> None:
    """Let this process mint the references that the installation reads."""
    secret = installation.settings["COURRIELLEUR_SECRET_KEY"]
    settings.RECIPIENT_DIGEST_KEY = vault.derive(secret, "recipient-digest")
    settings.REFERENCE_KEYS = {1: vault.derive(secret, "reference")}
