"""What the fuzzing of each reader begins with: our samples, and requests, logs and files as the tests make them."""

from functools import cache
from pathlib import Path

from abuse.core.event_file import COLUMNS
from fbl.core.addresses import digest
from fbl.core.identify import Reference, campaign_digest, mint
from tests import esp as esp_requests
from tests import mta_logs
from tests.worlds import NOON, hour

SAMPLES = Path(__file__).parents[1] / "samples"
POLICY = Path(__file__).parents[2] / "abuse" / "policies" / "default.toml"
KEYS = {1: bytes(range(32))}


@cache
def mails() -> list[bytes]:
    return [file.read_bytes() for file in sorted(SAMPLES.glob("*/*.eml"))]


def policies() -> list[bytes]:
    return [POLICY.read_bytes()]


def diagnostics() -> list[bytes]:
    said = [line for mail in mails() for line in mail.splitlines() if line[:3].isdigit() or b"; 5" in line]
    return [line + b"\n5.1.1       550mx.example.net" for line in dict.fromkeys(said)]


def tokens() -> list[bytes]:
    token = mint(
        Reference(1, 5, campaign_digest("infolettre"), hour(NOON), digest("zoe@example.com", b"d" * 32)), KEYS[1]
    )
    return [token.encode(), b"b-" + token.encode() + b"@bounce.example.com", b"/u/" + token.upper().encode()]


def logs(kind: str) -> list[bytes]:
    match kind:
        case "pmta" | "csv":
            return [mta_logs.pmta_file(*(mta_logs.pmta(one) for one in ("d", "b", "rb", "f", "t"))).encode()]
        case "kumo":
            return [mta_logs.kumo(one).encode() for one in ("Delivery", "Bounce", "OOB", "Feedback", "Expiration")]
    return [(SAMPLES / "logs" / "maillog").read_bytes()[:4_000]]


def posts(provider: str) -> list[bytes]:
    return [esp_requests.sign(provider, esp_requests.bounce(provider, ref="x" * 60)).body]


def event_files() -> list[bytes]:
    rows = [
        "480000,sent,a,r,c,yahoo,480000,5000,,live,",
        "480001,hard_bounce,a,r,c,yahoo,480000,400,,live,",
        *(f"480002,complaint,a,r,c,yahoo,480000,1,e{n},live,p{n}" for n in range(30)),
        "480030,sent,b,r,c,gmail,480030,5000,,import,",
    ]
    return ["\n".join([",".join(COLUMNS), *rows, ""]).encode()]


CONSENT = [
    "Nom;Courriel;DateHeureCommande;IP\r\nZoé;zoe@example.com;2012-04-21 21:16:58.090 EST;192.0.2.1\r\n".encode(),
    b'email,consent date,time\n"a@example.com","21/04/2012","9:16 PM -0400"\n',
    "Courriel\tDate\r\nmarie@example.com\t2026-01-02T03:04:05Z\r\n".encode("utf-16"),
]
MOMENTS = [
    b"2012-04-21 21:16:58.090 EST",
    b"21/04/2012 21h16 HNE",
    b"04/21/2012 9:16 PM -0400",
    b"2026-01-02T03:04:05Z",
]
