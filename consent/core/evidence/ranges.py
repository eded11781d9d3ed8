"""Ranges of IP addresses, such as those of data centres, to look addresses up in."""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network


class Ranges:
    """Any number of networks, of both kinds; an address is found in the time it takes to halve them.

    >>> "192.0.2.7" in Ranges(["192.0.2.0/24  # a data centre"]), "198.51.100.1" in Ranges(["192.0.2.0/24"])
    (True, False)
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """Read one network a line; what follows a `#` or a space is for people. Raises `ValueError` with the line."""
        fours: list[IPv4Network] = []
        sixes: list[IPv6Network] = []
        for number, line in enumerate(lines, start=1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            try:
                network = ip_network(words[0], strict=False)
            except ValueError as error:
                raise ValueError(f"line {number}: {words[0][:50]!r} is no network such as 192.0.2.0/24") from error
            if isinstance(network, IPv4Network):
                fours.append(network)
            else:
                sixes.append(network)
        self._four = [(int(one[0]), int(one[-1])) for one in sorted(collapse_addresses(fours))]
        self._six = [(int(one[0]), int(one[-1])) for one in sorted(collapse_addresses(sixes))]

    def __len__(self) -> int:
        return len(self._four) + len(self._six)

    def __contains__(self, ip: str) -> bool:
        """Raises `ValueError` for what is no address."""
        address = ip_address(ip)
        ranges = self._four if address.version == 4 else self._six
        at = bisect_right(ranges, (int(address), 1 << 128)) - 1
        return at >= 0 and int(address) <= ranges[at][1]
