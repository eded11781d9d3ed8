"""The platform's MTA as far as the console knows it: it hears signed orders, and stops and resumes accounts."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

PATH = "/courrielleur-demo-mta"
LARGEST_ORDER = 100_000  # bytes; orders have fewer than 20,000
ACTS = {
    "account.suspended": "stopped",
    "account.terminated": "stopped",
    "account.reinstated": "resumed",
    "account.held": "told to pause a campaign",
    "account.released": "told to go on with a campaign",
}


class Mta:
    """Listens on loopback; `stopped` has the keys of stopped accounts. *obeyed* hears of each account what was done."""

    def __init__(self, obeyed: Callable[[str, str], None]) -> None:
        self.stopped: set[str] = set()
        self._obeyed = obeyed
        self._verify: Webhook | None = None
        self._sequences: dict[str, int] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="mta", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def start(self) -> None:
        self._thread.start()

    def trust(self, secret: str) -> None:
        """Take orders signed with *secret* from now on."""
        self._verify = Webhook(secret)

    def close(self) -> None:
        if self._thread.is_alive():  # shutdown would wait for ever for a server that never ran
            self._server.shutdown()
        self._server.server_close()

    def hear(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Do what a signed order says; return the status of the answer."""
        if self._verify is None:
            return 503  # the secret is still on its way
        try:
            order: Any = self._verify.verify(body, dict(headers))
        except (WebhookVerificationError, json.JSONDecodeError):
            return 401
        data = order.get("data", {})
        account, act = data.get("account", ""), ACTS.get(order.get("type", ""))
        # The same order may come twice, and an old one late: only a newer one changes anything.
        if act and data.get("sequence", 0) > self._sequences.get(account, 0):
            self._sequences[account] = data["sequence"]
            self._obey(account, act)
        return 204

    def _obey(self, account: str, act: str) -> None:
        if act == "stopped":
            self.stopped.add(account)
        elif act == "resumed":
            self.stopped.discard(account)
        self._obeyed(account, act)


def _handler_of(mta: Mta) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, LARGEST_ORDER))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(mta.hear(body, headers))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing: the MTA tells what matters itself."""

    return Handler
