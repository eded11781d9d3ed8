"""A real IMAP server on loopback, empty, for one test."""

import contextlib
import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "fbl", "coquelicot"


@dataclass
class ImapServer:
    port: int
    process: subprocess.Popen[bytes]
    password_file: str

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(USER, PASSWORD)
            yield client

    def deliver(self, *mails: bytes) -> None:
        with self.client() as client:
            for mail in mails:
                assert client.append("INBOX", "", "", mail)[0] == "OK"

    def count(self, folder: str, criteria: str = "ALL") -> int:
        with self.client() as client:
            status, _ = client.select(f'"{folder}"', readonly=True)
            assert status == "OK", folder
            return len(client.search(None, criteria)[1][0].split())


@pytest.fixture
def imap(free_port: int, tmp_path: Path) -> Iterator[ImapServer]:
    command = [
        str(Path(sys.executable).with_name("pymap")),
        "--host",
        "127.0.0.1",
        "--port",
        str(free_port),
        "--no-tls",
    ]
    command += ["--no-service", "managesieve", "--no-service", "admin"]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    password_file = tmp_path / "password"
    password_file.write_text(PASSWORD + "\n")
    with (tmp_path / "pymap.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    server = ImapServer(free_port, process, str(password_file))
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                with server.client():
                    break
            except (OSError, imaplib.IMAP4.error):
                assert process.poll() is None, (tmp_path / "pymap.log").read_text()
                assert time.monotonic() < deadline, "the IMAP server does not answer"
                time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(10)
