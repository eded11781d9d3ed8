"""HTTPS to a checked address: the certificate must still be of the name, not of the address."""

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from abuse.adapters import webhook
from abuse.adapters.enforcers import Delivered, Failed, Message
from abuse.adapters.webhook import WebhookEnforcer

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def certificate(name: str, folder: Path) -> Path:
    """Return a file with a key and its self-signed certificate for *name*."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def serve(tmp_path: Path, settings, monkeypatch) -> Iterator[Callable[[str], ThreadingHTTPServer]]:
    """Return a function that starts an HTTPS server whose certificate, trusted by us, is for that name."""
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(name: str) -> ThreadingHTTPServer:
        path = certificate(name, tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.hosts = []
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        running.append((server, thread))
        trusting = ssl.create_default_context(cafile=str(path))
        monkeypatch.setattr(webhook, "tls", lambda: trusting)
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def send_to(server: ThreadingHTTPServer) -> object:
    url = f"https://localhost:{server.server_address[1]}/hooks"
    return WebhookEnforcer().send(Message(id="msg_1", url=url, secret=SECRET, body=b"{}"))


def test_the_name_is_what_the_certificate_and_the_server_see(serve) -> None:
    server = serve("localhost")
    assert send_to(server) == Delivered(204)
    assert server.hosts == [f"localhost:{server.server_address[1]}"]


def test_a_certificate_of_another_name_is_refused(serve) -> None:
    server = serve("other.example.com")
    answer = send_to(server)
    assert isinstance(answer, Failed)
    assert "certificate" in answer.error.lower()
    assert server.hosts == []
