"""A real Postfix of our own: its configuration, queue and port, beside whatever runs on this machine.

Postfix's master starts as root only, and drops privileges by itself. Elsewhere `sudo` without a password will do.
"""

import os
import shutil
import smtplib
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.installation import PATIENCE_SECONDS, free_port

MASTER = """\
{address} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
MAIN = """\
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
myhostname = mx.example.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8, 192.0.2.0/24
smtpd_authorized_xclient_hosts = 127.0.0.0/8
alias_maps =
local_recipient_maps =
default_transport = discard:
disable_dns_lookups = yes
smtpd_policy_service_try_limit = 1
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_policy_service {policy}, permit
"""


def _become_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    done = subprocess.run(["sudo", "--non-interactive", "true"], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.fail("A real Postfix can be started by root only: run this test as root, or allow sudo its password.")
    return ["sudo", "--non-interactive"]


@dataclass
class Postfix:
    """Asks the *policy* service, such as `inet:127.0.0.1:8627`, about every recipient, and throws away what passes."""

    policy: str
    port: int = field(default_factory=free_port)
    place: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="postfix-")))
    root: list[str] = field(default_factory=_become_root)

    def start(self) -> None:
        found = shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin")
        assert found, "Postfix is missing: run .ci/system-packages"
        self.place.chmod(0o755)
        config = self.place / "config"
        for folder in (config, self.place / "queue", self.place / "data"):
            folder.mkdir()
        (config / "main.cf").write_text(MAIN.format(place=self.place, policy=self.policy))
        (config / "master.cf").write_text(MASTER.format(address=f"127.0.0.1:{self.port}"))
        self._run("chown", "-R", "root:root", str(config), str(self.place / "queue"))
        self._run("chown", "-R", "postfix", str(self.place / "data"))
        self._run(found, "-c", str(config), "start")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._greets():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def offer(self, *, login: str = "", sender: str = "info@example.net", address: str = "") -> tuple[int, str]:
        """Offer a mail as the client *login* at *address*; return Postfix's answer to it."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.ehlo("client.example.net")
            known = {"LOGIN": login, "ADDR": address}
            if attributes := " ".join(f"{name}={value}" for name, value in known.items() if value):
                # As a proxy in front of Postfix tells it who has logged in (XCLIENT_README).
                status, text = client.docmd("XCLIENT", attributes)
                assert status == 220, text
                client.ehlo("client.example.net")
            client.mail(sender)
            status, text = client.rcpt("ana@example.org")
            if status == 250:
                status, text = client.data(b"Subject: x\r\n\r\nx\r\n")
            return status, text.decode()

    def log(self) -> str:
        with suppress(OSError):
            return (self.place / "log").read_text(errors="replace")[-3000:]
        return ""

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self._run("postfix", "-c", str(self.place / "config"), "stop")
        self._run("rm", "-rf", str(self.place))

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self.root, *command],
            capture_output=True,
            env=os.environ | {"PATH": os.environ.get("PATH", "") + ":/usr/sbin"},
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise subprocess.CalledProcessError(
                done.returncode, command, done.stdout, done.stderr + self.log().encode()
            )

    def _greets(self) -> bool:
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=5):
            return True
        return False
