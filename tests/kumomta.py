"""A stand-in for one KumoMTA node: its suspend API on a real HTTP server, as docs.kumomta.com describes it.

Suspensions live in memory, end by themselves, and one replaces another of the same criteria; one without criteria
stops everything. `faults` are met by the next calls, one each.
"""

import base64
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from abuse.adapters.kumomta import span
from abuse.core.stops import Stop

PATH = "/api/admin/suspend/v1"


@dataclass
class Suspension:
    tenant: str | None
    campaign: str | None
    domain: str | None
    reason: str
    ends: timedelta  # on the node's own clock
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def criteria(self) -> tuple[str | None, str | None, str | None]:
        return self.tenant, self.campaign, self.domain


class Node:
    def __init__(self) -> None:
        self.entries: list[Suspension] = []
        self.calls: list[tuple[str, Any]] = []  # method and body, as they came
        self.faults: list[str] = []  # error, refuse, garbage, slow, deaf: it does what it is told and never answers
        self.password = ""  # user:password that is asked for
        self.clock = timedelta(0)
        self.lock = threading.Lock()
        self.port = 0
        self.server: ThreadingHTTPServer | None = None
        self.hurry = threading.Event()  # ends what is slow
        # Asked with the method, "before" and "after" a call takes effect: whether the caller is no more by then.
        self.is_widowed: Callable[[str, str], bool] = lambda method, moment: False
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, with an empty memory: a restart."""
        self.entries.clear()
        self.hurry.clear()
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler_of(self))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self.hurry.set()
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def suspend(self, *, reason: str, tenant: str | None = None, campaign: str | None = None) -> Suspension:
        """Suspend by another hand than ours."""
        entry = Suspension(tenant, campaign, None, reason, self.clock + timedelta(days=30))
        self.entries.append(entry)
        return entry

    def living(self) -> list[Suspension]:
        self.entries = [one for one in self.entries if one.ends > self.clock]
        return self.entries

    @property
    def held(self) -> set[Stop]:
        """What it holds back, with tenants named as our accounts are."""
        assert all(one.tenant for one in self.living()), "everything is stopped"
        return {Stop(one.tenant or "", one.campaign or "") for one in self.living()}

    def answer(self, method: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.calls.append((method, body))
        if method == "GET":
            return 200, [
                {
                    "id": one.id,
                    "tenant": one.tenant,
                    "campaign": one.campaign,
                    "domain": one.domain,
                    "reason": one.reason,
                    "duration": _written(one.ends - self.clock),
                }
                for one in self.living()
            ]
        if method == "DELETE":
            found = [one for one in self.living() if one.id == body["id"]]
            self.entries = [one for one in self.entries if one.id != body["id"]]
            return (200, "removed") if found else (404, "not found")
        if "reason" not in body:
            return 422, "missing field `reason`"
        lives = span(body["duration"]) if "duration" in body else timedelta(minutes=5)
        entry = Suspension(
            body.get("tenant"), body.get("campaign"), body.get("domain"), body["reason"], self.clock + lives
        )
        self.entries = [one for one in self.living() if one.criteria != entry.criteria] + [entry]
        return 200, {"id": entry.id}


@contextmanager
def node() -> Iterator[Node]:
    found = Node()
    try:
        yield found
    finally:
        found.stop()


def _written(left: timedelta) -> str:
    """As the crate `humantime` writes it."""
    seconds = int(left.total_seconds())
    parts = [(seconds // 86_400, "day"), (seconds % 86_400 // 3600, "h"), (seconds % 3600 // 60, "m")]
    words = [f"{n}{unit}{'s' if unit == 'day' and n > 1 else ''}" for n, unit in parts if n]
    return " ".join([*words, f"{seconds % 60}s", f"{left.microseconds // 1000}ms"])


def _handler_of(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with node.lock:
                fault = node.faults.pop(0) if node.faults else ""
                expected = "Basic " + base64.b64encode(node.password.encode()).decode()
                if self.path != PATH or (node.password and self.headers.get("Authorization") != expected):
                    return self._reply(404 if self.path != PATH else 401, "no")
                if fault == "error":
                    return self._reply(500, "internal error")
                if fault == "refuse":
                    return self._reply(400, "I never do that")
                if fault == "garbage":
                    return self._reply(200, {"not": "a list"})
                if node.is_widowed(self.command, "before"):
                    return self._hang_up()
                status, answer = node.answer(self.command, json.loads(raw) if raw else {})
                if fault == "deaf" or node.is_widowed(self.command, "after"):
                    return self._hang_up()
            if fault == "slow":
                node.hurry.wait(30)
            return self._reply(status, answer)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # the names that http.server calls

        def _hang_up(self) -> None:
            self.close_connection = True
            self.connection.close()

        def _reply(self, status: int, answer: Any) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
