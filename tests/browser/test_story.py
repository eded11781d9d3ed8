"""The whole river, through every door, with the real processes that `up` starts.

SMTP mails in → suspended → signed webhook at a real HTTP receiver → letter at a real SMTP server → the eight
questions answered in French in the portal → consent records by REST → reinstated in the console → lift order.
"""

import email
import json
import re
import signal
import smtplib
import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from courrielleur.demo import mails
from courrielleur.demo.letterbox import Letterbox
from courrielleur.demo.mails import Sent
from courrielleur.demo.mta import Mta
from tests.installation import Installation, folder, free_port, pids_of, wait_for
from tests.worlds import NOON

pytestmark = pytest.mark.slow

PASSWORD = "une-phrase-de-passe"
RECIPIENTS = 600
COMPLAINERS, BOUNCERS = 30, 90


class Platform:
    """An installation under `manage.py up`, an MTA that takes its orders, and a letter box for its letters."""

    def __init__(self, var: Path) -> None:
        letters_port = free_port()
        self.site = Installation(
            var,
            {
                "COURRIELLEUR_EMAIL_URL": f"smtp://127.0.0.1:{letters_port}",
                "COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS": "true",
                "COURRIELLEUR_WORKERS": "1",
            },
        )
        self.obeyed: list[tuple[str, str]] = []
        self.mta = Mta(lambda account, act: self.obeyed.append((account, act)))
        self.letters = Letterbox("127.0.0.1", letters_port, var / "letters", lambda said: None)
        self.url = self.site.environment["COURRIELLEUR_PUBLIC_URL"]
        self.keys: dict[str, str] = {}

    def start(self) -> None:
        self.mta.start()
        self.letters.start()
        self.site.start("up", "up")
        wait_for(self._answers, "the console to answer")
        wait_for(self.site.takes_mail, "the intake to answer")
        self.keys = json.loads(self.site.run("shell", "--no-imports", "--command", _PEOPLE).splitlines()[-1])

    def stop(self) -> None:
        for process in self.site.running.values():
            process.send_signal(signal.SIGINT)
            process.wait(60)
        self.letters.close()
        self.mta.close()

    def rest(self, method: str, path: str, *, key: str = "platform", **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[key]}", **request.pop("headers", {})}
        answer = httpx.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=60, **request)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, *reports: tuple[str, bytes]) -> None:
        with smtplib.SMTP("127.0.0.1", self.site.smtp_port, timeout=60) as client:
            for to, raw in reports:
                client.sendmail("mx@example.net", [to], raw)

    def standing(self) -> dict[str, Any]:
        return self.rest("GET", "accounts/boutique-aurore/standing")

    def letter(self, words: str) -> EmailMessage | None:
        for path in sorted((self.site.var / "letters").glob("*.eml")):
            found = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if words in str(found["Subject"]):
                return found
        return None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).is_success
        except httpx.TransportError:
            return False


_PEOPLE = f"""
import json
from courrielleur.accounts import services
from courrielleur.accounts.permissions import Role, Scope
reseller = services.create_reseller(
    key="nordet", name="Nordet Courriel", language="fr", notice_address="avis@nordet.example.com")
account = services.create_account(reseller=reseller, key="boutique-aurore", name="Boutique Aurore", language="fr")
services.invite(email="rita@nordet.example.com", name="Rita Nordet", role=Role.RESELLER_OWNER, language="fr",
    reseller=reseller, password="{PASSWORD}")
services.invite(email="sam@desk.example.com", name="Sam Desk", role=Role.SPECIALIST, language="en",
    password="{PASSWORD}")
print(json.dumps({{
    "platform": services.issue_key(label="platform", scopes=list(Scope))[1],
    "account": services.issue_key(label="Aurore", scopes=[Scope.CONSENT_WRITE], account=account)[1],
}}))
"""


@pytest.fixture
def platform() -> Iterator[Platform]:
    with folder() as var:
        found = Platform(var)
        found.start()
        yield found
        found.stop()
        assert pids_of(var) == []


def send_a_bad_campaign(platform: Platform) -> list[str]:
    """Deliver to 600 people of a bought list, yesterday and today; return those who complain."""
    now = time.time()
    hours = [int(now // 3600) - 25, int(now // 3600) - 1]
    people = [f"personne-{number:03d}@{'yahoo.ca' if number % 2 else 'hotmail.com'}" for number in range(RECIPIENTS)]
    reports: list[tuple[str, bytes]] = []
    for day, hour in enumerate(hours):
        rows = [
            {
                "account": "boutique-aurore",
                "campaign": "grande-vente",
                "provider": provider,
                "hour": hour,
                "delivered": 300,
            }
            for provider in ("yahoo", "microsoft")
        ]
        platform.rest("POST", "delivery-counts", json={"batch": f"jour-{day}", "rows": rows})
        mine = people[day * RECIPIENTS // 2 :][: (COMPLAINERS + BOUNCERS) // 2]
        rows = [{"recipient": person, "campaign": "grande-vente", "send_hour": hour} for person in mine]
        minted = platform.rest("POST", "references", json={"account": "boutique-aurore", "rows": rows})["items"]
        for number, (person, carried) in enumerate(zip(mine, minted, strict=True)):
            sent = Sent(
                recipient=person,
                return_path=carried["return_path"],
                headers=carried["headers"],
                sender="Boutique Aurore <info@aurore.example.com>",
                subject="La grande vente",
                message_id=f"{carried['token'][:20]}@aurore.example.com",
                sent_at=NOON,
                source_ip="192.0.2.25",
            )
            if number < COMPLAINERS // 2:
                make = (mails.arf, mails.jmrp, mails.jmrp_legacy)[number % 3]
                reports.append(("fbl@bounce.courrielleur.example", make(sent, at=NOON)))
            else:
                reports.append((sent.return_path, mails.dsn(sent, at=NOON)))
    platform.post(*reports)
    return [people[0], people[RECIPIENTS // 2]]


def log_in(page: Page, platform: Platform, address: str) -> None:
    page.goto(f"{platform.url}/accounts/login/")
    page.locator("input[name=login]").fill(address)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/(portal|desk)/"))


def answer_the_eight_questions(page: Page) -> None:
    page.get_by_role("link", name="Répondre aux questions").click()  # on the home page, to the request
    page.wait_for_url(re.compile("/requests/"))
    page.get_by_role("link", name="Répondre aux questions").click()
    yesterday = time.strftime("%Y-%m-%d", time.localtime(time.time() - 86_400))
    fills = [
        lambda: page.locator("input[name=date]").fill(yesterday),
        lambda: page.locator("textarea[name=text]").fill("Un formulaire sur notre site, avec une case à cocher."),
        lambda: (page.get_by_label("Oui").check(), page.locator("textarea[name=detail]").fill("Ils l’ont demandé.")),
        lambda: page.locator("textarea[name=urls]").fill("https://aurore.example.com/infolettre"),
        lambda: page.locator("textarea[name=text]").fill("Notre équipe les retire chaque jour."),
        lambda: (page.get_by_label("Oui").check(), page.locator("textarea[name=detail]").fill("aurore.example.com")),
        lambda: (page.get_by_label("Oui").check(), page.locator("textarea[name=detail]").fill("Nos clientes.")),
        lambda: page.locator("input[name=methods]").first.check(),
    ]
    for number, fill in enumerate(fills, start=1):
        page.wait_for_url(re.compile(rf"/questions/{number}/"))
        page.get_by_text(f"Question {number} de 8").first.wait_for()
        fill()
        page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url(re.compile("/check/"))


def test_the_whole_river(platform: Platform, browser: Browser):
    endpoint = platform.rest("POST", "webhook-endpoints", json={"url": platform.mta.url})
    platform.mta.trust(endpoint["secret"])
    assert platform.standing()["level"] == "ok"

    # It crosses the limits, and is stopped by itself.
    complainers = send_a_bad_campaign(platform)
    wait_for(lambda: platform.standing()["level"] == "suspended", "the suspension")
    wait_for(lambda: ("boutique-aurore", "stopped") in platform.obeyed, "the signed order to stop")
    assert platform.standing()["may_send"] is False

    # The reseller is told why, in French, and nobody who complained is named.
    wait_for(lambda: platform.letter("suspendus") is not None, "the letter to the reseller")
    letter = platform.letter("suspendus")
    assert letter is not None
    assert letter["To"] == "avis@nordet.example.com"
    text = letter.get_body(("plain",)).get_content()
    assert "Boutique Aurore" in text
    assert "0,25" in text
    assert not any(person in letter.as_string() for person in complainers)

    # An answer to the letter reaches the case.
    case_key = platform.standing()["case"]
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "rita@nordet.example.com", letter["Reply-To"], "Re: suspension"
    reply.set_content("Nous cherchons la cause dès maintenant.")
    platform.post((email.utils.parseaddr(letter["Reply-To"])[1], reply.as_bytes(policy=policy.SMTP)))

    # The reseller answers the eight questions in the portal.
    context = browser.new_context(locale="fr-CA")
    page = context.new_page()
    log_in(page, platform, "rita@nordet.example.com")
    answer_the_eight_questions(page)
    page.locator("form input[name=name]").fill("Rita Nordet")
    page.locator("input[name=truth]").check()
    page.get_by_role("button", name="Remettre les réponses").click()
    page.wait_for_url(re.compile("/receipt/"))
    context.close()

    # The client proves the consent of the people by REST.
    records = "Courriel;DateHeureCommande;IP\r\n" + "".join(
        f"{person};2025-04-21 21:16:58.090 EST;198.51.100.{number + 1}\r\n" for number, person in enumerate(complainers)
    )
    upload = platform.rest(
        "POST",
        "consent-uploads",
        key="account",
        content=records.encode(),
        headers={"Content-Type": "text/csv"},
        params={"file_name": "preuves.csv"},
    )
    assert (upload["state"], upload["accepted"], upload["rejected"]) == ("done", len(complainers), 0)

    # The abuse team reads both, and reinstates.
    context = browser.new_context(locale="en-CA")
    page = context.new_page()
    log_in(page, platform, "sam@desk.example.com")
    page.goto(f"{platform.url}/desk/cases/{case_key}/")
    assert page.get_by_text("Notre équipe les retire chaque jour.").first.is_visible()
    assert page.get_by_text("Nous cherchons la cause dès maintenant.").first.is_visible()
    page.get_by_role("button", name="Take this case").click()
    page.locator("summary", has_text="Reinstate").click()
    page.locator("#reason-reinstate").fill("Les preuves couvrent les personnes qui se sont plaintes.")
    page.locator("form", has=page.locator("#reason-reinstate")).get_by_role("button", name="Reinstate").click()
    page.wait_for_load_state()
    context.close()

    # The lift goes the way the stop went.
    wait_for(lambda: ("boutique-aurore", "resumed") in platform.obeyed, "the signed order to resume")
    standing = platform.standing()
    assert (standing["level"], standing["may_send"]) == ("probation", True)
    wait_for(lambda: platform.letter("épris") is not None or platform.letter("établi") is not None, "the good news")
