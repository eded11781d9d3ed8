"""Ask clamd whether bytes are infected: its INSTREAM command, over TCP or a UNIX socket (clamd(8), "Commands")."""

import socket
import struct
from contextlib import closing

from courrielleur.listening import split_address

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
CHUNK = 64 * 1024  # bytes
LONGEST_ANSWER = 4096  # bytes


class AntivirusAway(Exception):
    """Nobody answered, or not as clamd does: nothing is known of the file."""


def found_in(data: bytes, address: str) -> str:
    """Return the name of what clamd at *address* found in *data*, empty for nothing. Raises `AntivirusAway`.

    *address* is `host:port`, or the path of a socket.
    """
    try:
        with closing(_connect(address)) as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), CHUNK):
                piece = data[at : at + CHUNK]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = _answer(line)
    except (OSError, ValueError) as error:
        raise AntivirusAway(f"{type(error).__name__}: {error}") from error
    words = answer.removeprefix("stream:").strip()
    if words == "OK":
        return ""
    if words.endswith("FOUND"):
        return words.removesuffix("FOUND").strip()[:100] or "?"
    raise AntivirusAway(f"it answered {answer[:100]!r}")


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(CONNECT_SECONDS)
            line.connect(address)
        except OSError:
            line.close()
            raise
    else:
        line = socket.create_connection(split_address("COURRIELLEUR_ANTIVIRUS", address), timeout=CONNECT_SECONDS)
    line.settimeout(ANSWER_SECONDS)
    return line


def _answer(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        if not (more := line.recv(LONGEST_ANSWER)):
            break
        answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()
