"""The demo outlives restarts of the console and the intake, and ends when told to; real HTTP and SMTP on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from courrielleur.demo.compose import Mail
from courrielleur.demo.postman import Postman
from courrielleur.demo.rest import Console, Ended, Refused

MAIL = Mail("", "b-token@bounce.example.com", b"Subject: one\r\n\r\n.a line that begins with a dot\r\n")


class Answers:
    """A web server that gives these answers, one after the other, and remembers what it was asked."""

    def __init__(self) -> None:
        self.to_give: list[tuple[int, str, dict[str, str]]] = []
        self.asked: list[dict[str, str]] = []
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answers.asked.append(dict(self.headers))
                status, body, headers = answers.to_give.pop(0)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def answers() -> Iterator[Answers]:
    running = Answers()
    yield running
    running.server.shutdown()
    running.server.server_close()


def test_a_busy_console_is_asked_again_with_the_same_idempotency_key(answers):
    answers.to_give = [
        (503, "{}", {}),
        (409, '{"type": "/problems/in-flight"}', {"Retry-After": "2"}),
        (429, "{}", {"Retry-After": "7"}),
        (201, '{"key": "acme"}', {}),
    ]
    waits: list[float] = []
    with Console(answers.url, "secret", lambda seconds: waits.append(seconds) or False) as console:
        assert console.post("accounts", {"key": "acme"}) == {"key": "acme"}
    assert len({request["Idempotency-Key"] for request in answers.asked}) == 1
    assert waits == [0.2, 2.0, 7.0]


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500])
def test_a_refusal_is_told_in_the_consoles_words(answers, status):
    answers.to_give = [(status, '{"type": "/problems/other", "detail": "Not this way."}', {})]
    with (
        Console(answers.url, "secret", lambda seconds: False) as console,
        pytest.raises(Refused, match="POST accounts: Not this way"),
    ):
        console.post("accounts", {})


def test_a_console_that_is_away_is_waited_for_until_the_demo_ends(free_port):
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 7

    with Console(f"http://127.0.0.1:{free_port}", "secret", wait) as console, pytest.raises(Ended):
        console.get("accounts")
    assert waits == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]


class Moody:
    """An SMTP server that gives these answers to the bodies it gets, then takes all of them."""

    def __init__(self, *moods: str) -> None:
        self.moods = list(moods)
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.moods:
            return self.moods.pop(0)
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 Taken"


def test_a_mail_is_tried_until_the_intake_takes_it(free_port):
    moody = Moody("451 4.3.0 Not stored", "421 4.3.2 Later")
    controller = Controller(moody, hostname="127.0.0.1", port=free_port)

    def wait(seconds: float) -> bool:
        if controller.server is None:
            controller.start()  # the intake comes back while the demo waits
        return False

    postman = Postman("127.0.0.1", free_port, wait)
    assert postman.send([MAIL]) == 1
    postman.close()
    controller.stop()
    assert moody.taken == [("<>", [MAIL.envelope_to], MAIL.raw)]


def test_a_mail_that_is_not_wanted_ends_the_demo_with_the_reason(free_port):
    controller = Controller(Moody("552 5.3.4 Too large"), hostname="127.0.0.1", port=free_port)
    controller.start()
    postman = Postman("127.0.0.1", free_port, lambda seconds: False)
    with pytest.raises(Refused, match="Too large"):
        postman.send([MAIL])
    postman.close()
    controller.stop()
