"""People who sign up to a newsletter, drawn from a seed: addresses, browsers of their year, days and nights.

The addresses and IP numbers are drawn by a generator and never written to, asked, or stored.
"""

import math
from datetime import UTC, datetime
from random import Random

from consent.core.evidence.rows import EvidenceRow

UPLOADED_AT = datetime(2026, 9, 14, 15, 0, tzinfo=UTC)
NOW = UPLOADED_AT.timestamp()
DAY = 86_400

_FIRST = (
    "marie",
    "jean",
    "luc",
    "anne",
    "sophie",
    "marc",
    "julie",
    "eric",
    "nathalie",
    "pierre",
    "john",
    "mary",
)
_FIRST += ("emma", "liam", "olivia", "noah", "jade", "leo", "alice", "thomas", "chloe", "gabriel", "simon", "lea")
_LAST = (
    "tremblay",
    "gagnon",
    "roy",
    "cote",
    "bouchard",
    "gauthier",
    "morin",
    "smith",
    "brown",
    "martin",
    "wilson",
)
_LAST += ("lavoie", "fortin", "nguyen", "singh", "pelletier", "belanger", "levesque", "bergeron", "leblanc", "paquette")
_VERSIONS = {80: 2020, 90: 2021, 100: 2022, 110: 2023, 120: 2024, 130: 2025}
_SYSTEMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Android 14; Mobile",
)

Rows = list[EvidenceRow]


def browser(random: Random, moment: float) -> str:
    """A browser of that year, as people update: mostly the newest."""
    year = datetime.fromtimestamp(moment, UTC).year
    newest = max(version for version, since in _VERSIONS.items() if since <= max(year, 2020))
    kind = random.random()
    if kind < 0.35:
        return (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 1{min(8, max(3, year - 2007))}_{random.randint(0, 6)} like Mac OS X)"
        )
    version = newest - random.choice((0, 0, 1, 2, 3))
    system = random.choice(_SYSTEMS)
    if kind < 0.45:
        return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version - 2}.0"
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 Chrome/{version}.0.{random.randint(0, 3)}.0 Safari/537.36"


def address(random: Random) -> str:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    tail = f"{random.randint(1, 99)}" if random.random() < 0.4 else ""
    tail = f"{random.randint(1950, 2008)}" if random.random() < 0.08 else tail
    form = random.choice(("{0}.{1}{2}", "{0}{1}{2}", "{3}{1}{2}", "{0}_{1}{2}", "{0}{2}.{4}"))
    return form.format(first, last, tail, first[0], last[:3]) + random.choice(("", "", "", "qc", "ca", "mtl"))


def ip(random: Random) -> str:
    first = random.choice([n for n in range(11, 223) if n not in (100, 127, 169, 172, 192, 198, 203)])
    return f"{first}.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def moment(random: Random, start: float, days: float, *, peak: float = 19.0, depth: float = 0.8) -> float:
    """A moment in *days*: more by day than by night, on some weekdays, and after campaigns."""
    while True:
        when = start + random.random() * days * DAY
        if random.random() < 0.3:  # some weeks have a campaign
            when = start + (int(random.random() ** 2 * days / 9) * 9 + random.expovariate(1.2)) * DAY
        hour, weekday = when / 3600 % 24, int(when // DAY + 4) % 7
        light = (1 - depth) + depth * (0.5 + 0.5 * math.cos((hour - peak) / 24 * 2 * math.pi))
        if random.random() < light * (0.6 if weekday in (0, 6) else 1.0) and when < NOW - DAY:
            return when


def honest(random: Random, rows: int, *, days: float = 500, **rhythm: float) -> Rows:
    """A newsletter's sign-ups, oldest first."""
    start = NOW - (days + 40) * DAY
    return number([person(random, moment(random, start, days, **rhythm)) for _ in range(rows)])


def person(random: Random, when: float, **more: object) -> EvidenceRow:
    sent = int((when + random.expovariate(1 / 6) * DAY) // 3600) + 1 if random.random() < 0.8 else None
    if random.random() < 0.01 and sent:  # signed up again after the first mail
        sent -= 24 * 60
    domain = random.choice(("example.com", "example.net", "example.org"))
    row = EvidenceRow(0, address(random), domain, when, ip(random), browser(random, when), "single_opt_in")
    return row._replace(first_send_hour=sent, **more)


def number(rows: Rows) -> Rows:
    rows.sort(key=lambda row: row.consented_at or 0.0)
    return [row._replace(line=line) for line, row in enumerate(rows, start=2)]
