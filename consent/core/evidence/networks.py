"""IP addresses: those that no visitor can have, those that many records share, and what is known of their networks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from consent.core.evidence.counters import FrequentCounter
from consent.core.evidence.rows import Context, EvidenceRow, Finding
from consent.core.evidence.rules import found, limit

PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
# The first number of IPv4 networks with reserved parts (RFC 6890 and the registries it began).
_SUSPECTS = frozenset({"0", "10", "100", "127", "169", "172", "192", "198", "203", *map(str, range(224, 256))})
IN_PERSON = frozenset({"trade_show", "implied"})  # collected at a counter or a booth, not on a form


@lru_cache(maxsize=65_536)
def is_unreachable(ip: str) -> bool:
    """Whether no visitor from the Internet can have this address: private, documentation, multicast and the like."""
    if ":" not in ip and ip.partition(".")[0] not in _SUSPECTS:
        return False
    address: IPv4Address | IPv6Address = ip_address(ip)
    if isinstance(address, IPv6Address):
        if address.teredo or address.sixtofour:  # visitors behind old tunnels
            return False
        address = address.ipv4_mapped or address  # as servers of both kinds write IPv4
    return not address.is_global or address.is_multicast


class Unreachable:
    """Counts the rows with an address that can't be a visitor's."""

    def __init__(self) -> None:
        self.rows = 0
        self.counts: FrequentCounter[str] = FrequentCounter(5_000)
        self.lines: list[int] = []

    def update(self, ips: Sequence[str], rows: Sequence[EvidenceRow]) -> None:
        self.rows += len(ips) - ips.count("")
        wrong = [ip for ip in ips if ip and is_unreachable(ip)]
        if not wrong:
            return
        self.counts.update(wrong)
        if len(self.lines) < limit("examples"):
            self.lines += [row.line for row in rows if row.ip and is_unreachable(row.ip)][:20]

    def findings(self) -> Iterator[Finding]:
        """Answer: a few private addresses are a proxy's, and prove nothing; many were made up."""
        count = self.counts.total
        if not count or count < max(limit("unreachable_least"), limit("unreachable_share") * self.rows):
            return
        common = self.counts.most_common(int(limit("proxies")) + 1)
        is_proxy = len(common) <= limit("proxies") and all(_is_private(ip) for ip, _ in common)
        code = "proxy_addresses" if is_proxy else "unreachable_addresses"
        yield found(code, count, self.rows, self.lines, value=common[0][0])


def shared(counts: FrequentCounter[str], rows: Sequence[EvidenceRow]) -> Iterator[Finding]:
    """Find addresses that many records share; *rows* is a sample that tells how they are used.

    A booth or kiosk has one browser; a company works by day; a relay is behind everything. One address with many
    browsers at all hours that is not behind everything is none of these.
    """
    total = counts.total
    few = max(limit("shared_least"), limit("shared_share") * total)
    frequent = [(ip, count) for ip, count in counts.most_common(100) if count > few and not is_unreachable(ip)]
    users: dict[str, list[EvidenceRow]] = defaultdict(list)
    names = {ip for ip, _ in frequent}
    for row in rows:
        if row.ip in names:
            users[row.ip].append(row)
    kinds: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for ip, count in frequent:
        kinds[_kind(count / total, users[ip])].append((ip, count))
    for code, same in kinds.items():
        lines = [row.line for row in users[same[0][0]]]
        yield found(code, sum(count for _, count in same), total, lines, value=same[0][0])


def known_networks(rows: Sequence[EvidenceRow], context: Context) -> Iterator[Finding]:
    """Find records from data centres, and from other countries than the recipient's; silent without such facts."""
    if context.address_facts is None:
        return
    hosted, abroad, placed, known = [], [], 0, 0
    for row in rows:
        facts = context.address_facts(row.ip) if row.ip else None
        if facts is None:
            continue
        known += 1
        if facts.is_hosting:
            hosted.append(row.line)
        if facts.country and row.country:
            placed += 1
            if facts.country != row.country:
                abroad.append(row.line)
    if known and len(hosted) >= limit("hosting_share") * known and len(hosted) >= limit("shared_least"):
        yield found("hosting_addresses", len(hosted), known, hosted)
    if placed and len(abroad) >= limit("abroad_share") * placed and len(abroad) >= limit("shared_least"):
        yield found("other_country", len(abroad), placed, abroad)


def _kind(share: float, rows: Sequence[EvidenceRow]) -> str:
    browsers = {row.user_agent for row in rows if row.user_agent}
    in_person = sum(row.method in IN_PERSON for row in rows)
    if len(browsers) <= limit("station_browsers") and (browsers or in_person * 2 >= len(rows)):
        return "station_address"
    if share >= limit("relay_share"):
        return "relay_address"
    if share < limit("network_share") or _works_by_day(rows):
        return "network_address"
    return "crowded_address"


def _works_by_day(rows: Sequence[EvidenceRow]) -> bool:
    """Whether nearly all moments lie within half a day, wherever on the clock."""
    hours = Counter(int(row.consented_at // 3600 % 24) for row in rows if row.consented_at is not None)
    busiest = max((sum(hours[(start + n) % 24] for n in range(12)) for start in range(24)), default=0)
    return busiest >= limit("working_hours_share") * hours.total()


def _is_private(ip: str) -> bool:
    address = ip_address(ip)
    return any(address.version == network.version and address in network for network in PRIVATE)
