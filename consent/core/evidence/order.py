"""Order: addresses, moments and IP addresses that follow each other as a program writes them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from itertools import pairwise
from math import e, sqrt

from consent.core.evidence.chance import at_least, normal, rank_correlation
from consent.core.evidence.rows import EvidenceRow, Finding
from consent.core.evidence.rules import found, limit

_MOST_RANKED = 4_000  # rows that the correlation looks at
_DAY = 86_400


def alphabetical_moments(rows: Sequence[EvidenceRow]) -> Iterator[Finding]:
    """Find records whose time order is the alphabetical order of their addresses (Spearman's rho)."""
    dated = [row for row in rows if row.consented_at is not None]
    dated = dated[:: len(dated) // _MOST_RANKED + 1]
    if len(dated) < limit("least_rows"):
        return
    order = {address: rank for rank, address in enumerate(sorted({row.local.casefold() for row in dated}))}
    moments = [row.consented_at or 0.0 for row in dated]
    rho = rank_correlation(moments, [float(order[row.local.casefold()]) for row in dated])
    if abs(rho) < limit("least_rho"):
        return
    chance = min(1.0, 2 * normal(-abs(rho) * sqrt(len(dated) - 1)))
    is_short = max(moments) - min(moments) < limit("loading_days") * _DAY
    code = "loaded_in_order" if is_short else "alphabetical_moments"
    lines = [row.line for row in dated]
    yield found(code, len(dated), len(dated), lines, value=f"{rho:.2f}", p_value=chance)


def constant_gaps(blocks: Sequence[Sequence[EvidenceRow]]) -> Iterator[Finding]:
    """Find moments that follow each other by one step, in the order of the file or of time.

    Arrivals at random, however fast, give a gap of d units of the clock at most the share 1 / (e d). Gaps below five
    units are left out, and whole days too: a date without a time has no other.
    """
    in_file = [[int(row.consented_at) for row in block if row.consented_at is not None] for block in blocks]
    moments = [moment for block in in_file for moment in block]
    if len(moments) < limit("least_rows"):
        return
    unit = _unit(moments)
    for sequences in (in_file, [sorted(moments)]):
        every = [abs(b - a) for one in sequences for a, b in pairwise(one)]
        if step := _only_step(every):
            count = every.count(step)
            # Half of the turns of a timed import may bring just one person each.
            yield found("constant_gaps", count, len(every), value=f"{step} s", p_value=at_least(count, len(every), 0.5))
            return
        gaps = [gap for gap in every if gap]
        steps = Counter(gap for gap in gaps if gap >= limit("least_gap_units") * unit and gap % _DAY)
        if not steps:
            continue
        gap, count = steps.most_common(1)[0]
        honest = limit("honest_gap") + unit / (e * gap)
        chance = min(1.0, len(steps) * at_least(count, len(gaps), honest))
        yield found("constant_gaps", count, len(gaps), value=f"{gap} s", p_value=chance)


def sequential_ips(blocks: Sequence[Sequence[EvidenceRow]]) -> Iterator[Finding]:
    """Find IP addresses that go up by one step from record to record, in the order of the file or of time."""
    numbered = [[(_number(row.ip), row) for row in block if row.ip] for block in blocks]
    every = [pair for block in numbered for pair in block if pair[1].consented_at is not None]
    by_time = sorted(every, key=lambda pair: pair[1].consented_at or 0.0)
    for sequences in (numbered, [by_time]):
        pairs = [(b[0] - a[0], b[1].line) for one in sequences for a, b in pairwise(one)]
        steps = Counter(step for step, _ in pairs if 0 < abs(step) <= limit("largest_ip_step"))
        if not steps or len(pairs) < limit("least_rows"):
            continue
        step, count = steps.most_common(1)[0]
        lines = [line for s, line in pairs if s == step]
        chance = min(1.0, len(steps) * at_least(count, len(pairs), limit("honest_ip_step")))
        yield found("sequential_ips", count, len(pairs), lines, value=f"{step:+d}", p_value=chance)
    yield from _rising_networks(by_time)


def _rising_networks(by_time: Sequence[tuple[int, EvidenceRow]]) -> Iterator[Finding]:
    """Find networks whose addresses rise, or fall, with time, however many others stand between."""
    networks: dict[str, list[tuple[int, EvidenceRow]]] = defaultdict(list)
    for number, row in by_time:
        networks[_network(row.ip)].append((number, row))
    dense = [members for members in networks.values() if len({n for n, _ in members}) >= limit("network_rows")]
    for members in dense:
        rho = rank_correlation(range(len(members)), [number for number, _ in members])
        if abs(rho) < limit("network_rho"):
            continue
        chance = min(1.0, 2 * normal(-abs(rho) * sqrt(len(members) - 1)))
        lines = [row.line for _, row in members]
        network = _network(members[0][1].ip)
        yield found("rising_ips", len(members), len(by_time), lines, value=network, p_value=chance)


def _only_step(gaps: Sequence[int]) -> int:
    """Return the gap that nearly all are, 0 when there is none; no audience and no timed import is so regular."""
    gap, count = Counter(gaps).most_common(1)[0] if gaps else (0, 0)
    return (
        gap if gap >= limit("least_gap_units") and gap % _DAY and count >= limit("only_step_share") * len(gaps) else 0
    )


def _unit(moments: Sequence[int]) -> int:
    """Return the unit of the clock, seconds: a minute for an export without seconds, more for a timed import."""
    for unit in (_DAY, 3600, 1800, 900, 600, 300, 60):
        _, count = Counter(moment % unit for moment in moments).most_common(1)[0]
        if count >= limit("unit_share") * len(moments):
            return unit
    return 1


def _network(ip: str) -> str:
    """Return the first two numbers of an IPv4 address, the first three groups of an IPv6 address."""
    return ":".join(ip.split(":")[:3]) if ":" in ip else ".".join(ip.split(".")[:2])


def _number(ip: str) -> int:
    return int(ip_address(ip))
