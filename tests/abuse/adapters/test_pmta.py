"""PowerMTA by its command and over HTTP: what is run, and what is never run."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from abuse.adapters import pmta
from abuse.adapters.enforcers import Delivered, Failed, Inapplicable, Message, Target, Told
from abuse.adapters.pmta import NO_JOBS, PmtaEnforcer
from abuse.core.stops import Instruction, Stop, instruction_of

ACME = Stop("acme")
SALE = Stop("acme", "soldes")
power = PmtaEnforcer()

# A stand-in for the command: keeps what is paused, and every word it was called with.
FAKE = """\
#!/usr/bin/env python3
import json, os, pathlib, sys
place = pathlib.Path(os.environ["HOME"])
words = sys.argv[1:]
with (place / "calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
if (place / "broken").exists():
    sys.exit("pmtad is not running")
file = place / "paused"
paused = set(json.loads(file.read_text())) if file.exists() else set()
if words == ["list"]:
    print("\\n".join(sorted(name for kind, name in map(str.split, paused) if kind == "queue")))
else:
    verb, kind, name = words[-3:]
    (paused.add if verb == "pause" else paused.discard)(f"{kind} {name}")
    file.write_text(json.dumps(sorted(paused)))
"""


class Machine:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.command = place / "pmta"
        self.command.write_text(FAKE)
        self.command.chmod(0o755)

    @property
    def calls(self) -> list[list[str]]:
        file = self.place / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def paused(self) -> list[str]:
        file = self.place / "paused"
        return json.loads(file.read_text()) if file.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Machine:
    found = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings.PMTA_COMMAND = str(found.command)
    settings.PMTA_PAUSED_COMMAND = f"{found.command} list"
    return found


def obey(*stops: Stop, campaign: str = "", url: str = "", **config: object) -> object:
    return power.assert_again(Target(url, "", config), Instruction("acme", frozenset(stops), campaign=campaign))


def test_a_stopped_account_is_paused_and_resumed_by_its_virtual_mta(machine: Machine) -> None:
    assert obey(ACME) == Delivered(200)
    assert obey(ACME) == Delivered(200)
    assert machine.paused == ["queue */acme"]
    assert power.tell(Target()) == Told(frozenset({ACME}), names_campaigns=False)
    assert obey() == Delivered(200)
    assert obey() == Delivered(200)
    assert machine.paused == []
    assert machine.calls[0] == ["pause", "queue", "*/acme"]


def test_a_campaign_is_paused_and_released_by_its_job(machine: Machine) -> None:
    assert obey(SALE, job="{account}-{campaign}", campaign="soldes") == Delivered(200)
    assert machine.paused == ["job acme-soldes"]
    assert obey(job="{account}-{campaign}", campaign="soldes") == Delivered(200)
    assert machine.paused == []


def test_a_campaign_without_jobs_is_left_to_people(machine: Machine) -> None:
    assert obey(SALE) == Inapplicable(NO_JOBS)
    assert machine.calls == []


def test_the_host_of_the_machine_fills_the_command(machine: Machine, settings: object) -> None:
    settings.PMTA_COMMAND = f"{machine.command} --host={{host}} 'two words'"
    assert obey(ACME, host="mta1.example.com", vmta="vmta-{account}") == Delivered(200)
    assert machine.calls == [["--host=mta1.example.com", "two words", "pause", "queue", "*/vmta-acme"]]


@pytest.mark.parametrize("campaign", ["a b", "x;reboot", "$(id)", "`id`", "-rf", "*", "a/b", "é", "a\nb", "x" * 300])
def test_a_name_with_a_meaning_to_a_shell_or_to_powermta_is_never_run(machine: Machine, campaign: str) -> None:
    answer = obey(Stop("acme", campaign), job="{campaign}")
    assert isinstance(answer, Failed)
    assert answer.is_permanent
    assert machine.calls == []


def test_a_command_that_fails_or_is_missing_is_an_answer(machine: Machine, settings: object) -> None:
    (machine.place / "broken").touch()
    assert obey(ACME) == Failed(f"{machine.command}: status 1: pmtad is not running")
    settings.PMTA_COMMAND = "/nowhere/pmta"
    assert obey(ACME) == Failed("/nowhere/pmta: No such file or directory")


def test_a_command_that_hangs_costs_one_time_limit(
    machine: Machine, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pmta, "TIME_LIMIT_SECONDS", 0.2)
    machine.command.write_text("#!/bin/sh\nexec sleep 30\n")
    settings.PMTA_COMMAND = str(machine.command)
    assert obey(ACME) == Failed(f"{machine.command}: no end within 0 seconds")


def test_it_hands_no_secret_of_ours_to_the_command(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURRIELLEUR_SECRET_KEY", "hidden")
    machine.command.write_text("#!/bin/sh\nenv > $HOME/environment\n")
    assert obey(ACME) == Delivered(200)
    assert "hidden" in os.environ.values()
    assert "COURRIELLEUR" not in (machine.place / "environment").read_text()


def test_a_machine_that_was_not_told_how_to_tell_does_not(machine: Machine, settings: object) -> None:
    settings.PMTA_PAUSED_COMMAND = ""
    assert power.tell(Target()) is None
    assert power.send(Message("msg_1", "", "", b"{}", "pmta")) == Delivered(200)


def test_an_order_says_what_it_comes_to() -> None:
    body = {"type": "account.released", "data": {"account": "acme", "campaign": "soldes", "case": None}}
    assert instruction_of(body) == Instruction("acme", frozenset(), "", "soldes")


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            calls.append(f"{self.command} {self.path}")
            answer = b"*/acme paused\nexample.com/zenith paused\n\n*/other-pool x\n"
            self.send_response(200 if "/api" in self.path else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _serve  # noqa: N815  # the names that http.server calls

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", calls
    server.shutdown()
    server.server_close()


def test_over_http_the_queue_is_named_in_the_path(monitor: tuple[str, list[str]]) -> None:
    url, calls = monitor
    paths = {"pause": "/api/pause?queue={queue}", "resume": "/api/resume?queue={queue}", "paused": "/api/paused"}
    assert obey(ACME, url=url, **paths) == Delivered(200)
    assert obey(url=url, **paths) == Delivered(200)
    assert calls == ["POST /api/pause?queue=%2A%2Facme", "POST /api/resume?queue=%2A%2Facme"]
    told = power.tell(Target(url, "", paths))
    assert told == Told(frozenset({ACME, Stop("other-pool")}), names_campaigns=False)
    assert isinstance(obey(ACME, url=f"{url}/wrong", pause="/x{queue}", resume="/y{queue}"), Failed)


def test_over_http_without_paths_nothing_is_called(monitor: tuple[str, list[str]]) -> None:
    url, calls = monitor
    answer = obey(ACME, url=url)
    assert isinstance(answer, Failed)
    assert answer.is_permanent
    assert calls == []
