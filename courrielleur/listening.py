"""Who has a TCP port, so that a message can name them."""

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

_LISTEN = "0A"  # in /proc/net/tcp


def split_address(setting: str, text: str) -> tuple[str, int]:
    """Return host and port of `host:port`. Raises `ValueError` that names the *setting*."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{setting}: {text!r} is not host:port, such as 127.0.0.1:8025.")
    return host.strip("[]"), int(port)


def why_not(setting: str, text: str) -> str | None:
    """Return why nobody can listen on the address *text* of *setting*, with what to do; None when it is free."""
    host, port = split_address(setting, text)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                owner = owner_of(port)
                return (
                    f"{text} is taken by {owner or 'another program'}. Stop it, or set {setting} to another host:port."
                )
            return f"{text}: {error.strerror}. Set {setting} to another host:port."
        except OverflowError:
            return f"{text}: no such port. Set {setting} to another host:port."
    return None


def owner_of(port: int) -> str | None:
    """Return the process that listens on *port* as "process 123 (name)", where this system lets us see it."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(os.readlink(handle) in inodes for handle in (folder / "fd").iterdir()):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {folder.name} ({command[:80]})"
    return None
