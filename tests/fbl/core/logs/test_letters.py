"""A complaint of a log is written as the report it was, whatever stands in the record."""

import json

from hypothesis import given
from hypothesis import strategies as st

from fbl.core.logs.attribution import Attribution
from fbl.core.logs.fields import Fields
from fbl.core.logs.kumo import KumoReader
from fbl.core.logs.letters import compose
from fbl.core.logs.record import Tally
from fbl.core.logs.times import Clock
from fbl.core.registry import read_report
from fbl.core.report import Kind, References
from tests import mta_logs
from tests.worlds import NOON, hour

CLOCK = Clock(hour(NOON))
_TEXT = st.text(max_size=60)


def test_it_says_what_the_record_said():
    fields = Fields(
        at="2026-11-20 12:00:00Z",
        queued="2026-11-20T06:00:00Z",
        recipient="zoe@yahoo.ca",
        feedback_type="fraud",
        remote="mx.example.net",
        source_ip="192.0.2.25",
    )
    told = read_report(compose(fields, References(return_path="o@example.com", own="abc", feedback_id="1:2:3"), CLOCK))

    assert (told.kind, told.reporter, told.source_ip) == (Kind.FRAUD, "mx.example.net", "192.0.2.25")
    assert told.arrived_at.isoformat() == "2026-11-20T06:00:00+00:00"
    assert [one.address for one in told.recipients] == ["zoe@yahoo.ca"]
    assert (told.references.own, told.references.feedback_id) == ("abc", "1:2:3")


@given(
    st.builds(
        Fields,
        at=_TEXT,
        queued=_TEXT,
        recipient=_TEXT,
        user_agent=_TEXT,
        source_ip=_TEXT,
        remote=_TEXT,
        feedback_type=st.just(""),
    )
)
def test_no_value_writes_a_field_of_its_own(fields):
    forged = References(return_path="o@example.com\nX-Courrielleur-Ref: forged\n\n--x")
    told = read_report(compose(fields, forged, CLOCK))

    assert told.kind in (Kind.COMPLAINT, Kind.TRAP)
    assert not told.references.own


def test_a_header_the_log_has_whole_comes_along():
    attribution = Attribution(accounts={}, keys={}, digest_key=b"d" * 32, clock=CLOCK)
    tally = Tally()
    original = "Message-ID: <1@example.com>\r\nX-Campaign: spring\r\n\r\nThe body stays away."
    report = {"feedback_type": "abuse", "original_message": original, "arrival_date": "2026-11-20T06:00:00Z"}
    line = mta_logs.kumo("Feedback", feedback_report=report)
    assert json.loads(line)["type"] == "Feedback"

    KumoReader(attribution).feed(line.encode(), tally, final=True)

    [letter] = tally.letters
    assert b"X-Campaign: spring" in letter
    assert b"stays away" not in letter
    assert read_report(letter).references.message_id == "<1@example.com>"
