"""A server that speaks clamd's INSTREAM protocol on loopback: it finds the EICAR test file, as every antivirus does."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# The test file of the antivirus industry (eicar.org), in two pieces so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    address: str = ""
    says: bytes = b""  # instead of a verdict
    scanned: list[bytes] = field(default_factory=list)


@contextmanager
def serving(clamd: Clamd, path: Path | None = None) -> Iterator[Clamd]:
    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            data = b""
            while size := struct.unpack("!I", self.rfile.read(4))[0]:
                data += self.rfile.read(size)
            clamd.scanned.append(data)
            verdict = b"Eicar-Signature FOUND" if EICAR in data else b"OK"
            self.wfile.write(clamd.says or b"stream: " + verdict + b"\0")

    server: socketserver.BaseServer
    if path is None:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line)
        clamd.address = f"127.0.0.1:{server.server_address[1]}"
    else:
        server = socketserver.ThreadingUnixStreamServer(str(path), Line)
        clamd.address = str(path)
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield clamd
        server.shutdown()
