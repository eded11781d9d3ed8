"""A report tells where a mail failed and, beside it, where it had been sent to."""

from pathlib import Path

from fbl.core.registry import read_report
from fbl.core.report import Recipient

SAMPLE = Path(__file__).parents[2] / "samples" / "dsn" / "02-two-verdicts.eml"


def test_the_address_it_was_sent_to_is_kept_beside_the_one_it_was_sent_on_to():
    first, second = read_report(SAMPLE.read_bytes()).recipients
    assert (first.address, first.sent_to) == ("full@mail1.example.net", "full@example.net")
    assert (second.address, second.sent_to) == ("blocked@example.com", "blocked@example.com")


def test_no_address_stands_in_a_repr():
    assert "example" not in repr(Recipient("a@example.com", original="b@example.com"))
