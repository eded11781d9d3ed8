"""An address is in a range exactly when one of its networks holds it."""

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.core.evidence.ranges import Ranges

LINES = ["# data centres", "", "198.51.100.0/25 example", "203.0.113.7", "2001:db8::/32  # six"]


@pytest.mark.parametrize(
    ("ip", "is_in"),
    [
        ("198.51.100.0", True),
        ("198.51.100.127", True),
        ("198.51.100.128", False),
        ("203.0.113.7", True),
        ("203.0.113.8", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::", False),
        ("::", False),
    ],
)
def test_addresses_of_both_kinds_are_found(ip, is_in):
    assert (ip in Ranges(LINES)) is is_in


@given(
    networks=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=8),
    number=st.integers(0, 2**32 - 1),
)
def test_any_address_is_found_as_by_looking_at_each_network(networks, number):
    lines = [f"{IPv4Address(first)}/{bits}" for first, bits in networks]
    address = IPv4Address(number)
    assert (str(address) in Ranges(lines)) == any(address in ip_network(line, strict=False) for line in lines)


def test_a_line_that_is_no_network_is_told_with_its_number():
    with pytest.raises(ValueError, match=r"line 2: '192\.0\.2\.300'"):
        Ranges(["192.0.2.0/24", "192.0.2.300"])
