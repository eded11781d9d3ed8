"""Whatever the bytes, no reader raises, none stands still, and none forgets a line."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fbl.core.logs import generic_csv, pmta
from fbl.core.logs.kumo import KumoReader
from fbl.core.logs.postfix import PostfixReader
from fbl.core.logs.record import Tally
from tests import mta_logs

MAILLOG = b"Jan  1 00:00:02 mx1 postfix/smtp[1]: 4Fq1aa0001: to=<zoe@yahoo.ca>, relay=mx.example.net[192.0.2.9]:25, "
MAILLOG += b"delay=3.8, delays=0.1/0/0.4/3.3, dsn=2.0.0, status=sent (250 2.0.0 OK)\n"
WHOLE = [
    mta_logs.pmta_file(mta_logs.pmta("b"), mta_logs.pmta("f"), mta_logs.pmta("rb")).encode(),
    b"".join(mta_logs.kumo(kind).encode() for kind in ("Delivery", "Bounce", "OOB", "Feedback", "Expiration")),
    MAILLOG,
]


@st.composite
def damaged(draw):
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 30))] = draw(
            st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b"\0", b"9" * 400])
        )
    return bytes(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged(), cut=st.integers(0, 3000))
def test_no_bytes_shock_a_reader(attribution, data, cut):
    for reader in (
        pmta.reader(attribution),
        generic_csv.reader(attribution, columns={"recipient": "rcpt", "at": "timeLogged"}),
        KumoReader(attribution),
        PostfixReader(attribution, until=datetime(2026, 11, 21, tzinfo=UTC), zone=UTC),
    ):
        tally = Tally()
        used = reader.feed(data[:cut], tally, final=False)
        assert 0 <= used <= len(data[:cut])
        reader.feed(data[used:], tally, final=True)
        assert len(tally.rejects) <= tally.lines * 3
        reader.restore(reader.state())
