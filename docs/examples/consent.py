"""Tell Courrielleur of consent: as it is given, as it is taken back, or from a file of any size.

    export COURRIELLEUR_URL=https://console.example.com COURRIELLEUR_KEY=…
    python consent.py tell marie@example.com
    python consent.py withdraw marie@example.com
    python consent.py send inscriptions.csv

Nothing but Python's own library: copy what you need.
"""

import hashlib
import json
import os
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

PIECE = 8 * 1024**2  # bytes sent at once
TRIES = 10  # of a piece whose connection breaks


def call(method: str, address: str, body: bytes | None = None, **headers: str):
    """Return the answer. Raises `HTTPError` with what was wrong: its body says it in words."""
    url = address if address.startswith("http") else os.environ["COURRIELLEUR_URL"] + address
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    told["Authorization"] = f"Bearer {os.environ['COURRIELLEUR_KEY']}"
    return urlopen(Request(url, data=body, method=method, headers=told), timeout=60)  # noqa: S310 - your own console


def tell(email: str) -> dict:
    """Tell a consent at the moment of sign-up. The same record again is the same, so repeat it without fear."""
    now = datetime.now(UTC)
    record = {
        "id": f"signup-{now.isoformat()}",  # better: your own number of this sign-up
        "email": email,
        "method": "single_opt_in",
        "consented_at": now.isoformat(),
        "ip": "192.0.2.17",  # of the visitor
        "user_agent": "Mozilla/5.0",
        "form_url": "https://www.example.com/infolettre",
        "form_version": "2026-11",
        "wording": "Je veux recevoir l’infolettre mensuelle.",
    }
    body = json.dumps(record).encode()
    return json.load(call("POST", "/api/v1/consent-records", body, Content_Type="application/json"))


def withdraw(email: str) -> dict:
    """Tell that a consent was taken back: the address is on the suppression list at once."""
    body = json.dumps({"recipients": [email], "how": "link in the mail"}).encode()
    return json.load(call("POST", "/api/v1/consent-withdrawals", body, Content_Type="application/json"))


def send(path: str) -> dict:
    """Send a file of records in pieces, on after each interruption, and return what became of it (tus 1.0.0)."""
    data = Path(path)
    size, digest = data.stat().st_size, hashlib.sha256()
    with data.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    names = {"filename": data.name, "sha256": digest.hexdigest()}
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in names.items())
    begun = call("POST", "/api/v1/consent-uploads", b"", Upload_Length=str(size), Upload_Metadata=metadata)
    address = begun.headers["Location"]
    tries = 0
    while (offset := int(call("HEAD", address).headers["Upload-Offset"])) < size:
        with data.open("rb") as file:
            file.seek(offset)
            piece = file.read(PIECE)
        try:
            kind = "application/offset+octet-stream"
            call("PATCH", address, piece, Content_Type=kind, Upload_Offset=str(offset))
            tries = 0
        except HTTPError as error:
            if error.code != 409:  # 409: more came through than we knew
                raise
        except (URLError, OSError):
            tries += 1
            if tries == TRIES:
                raise
            time.sleep(2**tries)
    return json.load(call("GET", address))


if __name__ == "__main__":
    try:
        done = {"tell": tell, "withdraw": withdraw, "send": send}[sys.argv[1]](sys.argv[2])
        sys.stdout.write(json.dumps(done) + "\n")
    except HTTPError as refused:
        sys.exit(refused.read().decode())
