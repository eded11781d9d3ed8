"""The demo's own ears: an MTA that obeys signed orders only, and a letter box; real HTTP and SMTP on loopback."""

import base64
import json
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest
from standardwebhooks import Webhook

from courrielleur.demo.letterbox import Letterbox
from courrielleur.demo.mta import Mta

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def mta(said):
    running = Mta(lambda account, act: said.append(f"{account} {act}"))
    running.start()
    yield running
    running.close()


def order(mta: Mta, kind: str, *, sequence: int, secret: str = SECRET, account: str = "acme") -> int:
    body = json.dumps({"type": kind, "data": {"account": account, "sequence": sequence}})
    at = datetime.now(UTC)
    headers = {
        "webhook-id": f"msg_{sequence}",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(f"msg_{sequence}", at, body),
    }
    return httpx.post(mta.url, content=body, headers=headers, trust_env=False).status_code


def test_the_mta_stops_and_resumes_an_account_by_signed_orders(mta, said):
    mta.trust(SECRET)
    assert order(mta, "account.suspended", sequence=1) == 204
    assert mta.stopped == {"acme"}
    assert order(mta, "account.reinstated", sequence=2) == 204
    assert mta.stopped == set()
    assert said == ["acme stopped", "acme resumed"]


def test_the_mta_refuses_an_order_that_somebody_else_signed(mta, said):
    mta.trust(SECRET)
    forged = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert order(mta, "account.suspended", sequence=1, secret=forged) == 401
    assert mta.stopped == set()
    assert said == []


def test_the_mta_asks_for_a_repetition_until_it_knows_the_secret(mta):
    assert order(mta, "account.suspended", sequence=1) == 503


def test_an_old_order_that_comes_late_changes_nothing(mta):
    mta.trust(SECRET)
    order(mta, "account.reinstated", sequence=2)
    assert order(mta, "account.suspended", sequence=1) == 204
    assert mta.stopped == set()


def test_a_letter_is_kept_as_a_file_that_a_visitor_can_open(tmp_path, free_port, said):
    box = Letterbox("127.0.0.1", free_port, tmp_path / "letters", said.append)
    box.start()
    letter = EmailMessage()
    letter["Subject"] = "Envois suspendus : Horizon doré (dossier C-7K3Q9F)"
    letter["From"], letter["To"] = "abus@example.com", "avis@example.com"
    letter.set_content("Bonjour.")
    with smtplib.SMTP("127.0.0.1", free_port) as server:
        server.send_message(letter)
    box.close()
    [path] = (tmp_path / "letters").glob("*.eml")
    assert path.name == "0001-Envois-suspendus-Horizon-doré-dossier-C-7K3Q9F.eml"
    assert b"Bonjour." in path.read_bytes()
    assert said == [f"Letter: {path}"]


def test_a_letter_box_that_is_taken_says_so(tmp_path, free_port, said):
    first = Letterbox("127.0.0.1", free_port, tmp_path, said.append)
    first.start()
    with pytest.raises(OSError, match="in use"):
        Letterbox("127.0.0.1", free_port, tmp_path, said.append).start()
    first.close()
