"""An attribution with one known account, as the readers of logs are given."""

import pytest

from fbl.core.identify import Reference, campaign_digest, mint
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.times import Clock
from tests.mta_logs import QUEUED_AT
from tests.worlds import NOON, hour

KEYS = {1: bytes(range(32)), 7: bytes(range(32, 64))}


@pytest.fixture
def attribution() -> Attribution:
    return Attribution(
        accounts={"acme": 5, "boutique": 6}, keys=KEYS, digest_key=b"d" * 32, clock=Clock(hour(NOON) + 24 * 400)
    )


@pytest.fixture
def return_path(attribution: Attribution) -> str:
    """A return path of acme's, for zoe@yahoo.ca."""
    reference = Reference(7, 5, campaign_digest("infolettre"), hour(QUEUED_AT) - 1, attribution.digest("zoe@yahoo.ca"))
    return f"b-{mint(reference, KEYS[7])}@bounce.courrielleur.example"
