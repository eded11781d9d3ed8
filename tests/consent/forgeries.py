"""Made-up consent lists, with the truth known: a part of an honest list is replaced in one of eleven ways.

Run as a program it prints the table of detection and false alarm (PYTHONPATH=. or `make`'s):

    PYTHONPATH=. python tests/consent/forgeries.py [times fifty honest sets] [name of the seeds]
"""

import sys
from collections import Counter
from collections.abc import Callable
from random import Random

from consent.core.evidence.reader import examine
from consent.core.evidence.rows import Context
from consent.core.recommendation import doubt, is_doubtful
from tests.consent.honest_lists import HONEST, confirmed
from tests.consent.people import DAY, NOW, UPLOADED_AT, Rows, browser, honest, ip, number

STRENGTHS = {"faint": 0.15, "middling": 0.4, "blatant": 1.0}  # the part of the rows that is made up


def few_addresses(random: Random, rows: Rows) -> Rows:
    """The forger's own two addresses."""
    own = [ip(random), ip(random)]
    return [row._replace(ip=random.choice(own)) for row in rows]


def invented_addresses(random: Random, rows: Rows) -> Rows:
    """Numbers from 0 to 255 four times: some are no addresses of visitors. The faint kind knows the private ones."""
    return [row._replace(ip=".".join(str(random.randint(0, 255)) for _ in range(4))) for row in rows]


def counted_addresses(random: Random, rows: Rows) -> Rows:
    """IP addresses that count up."""
    first, second = random.randint(24, 90), random.randint(0, 250)
    return [row._replace(ip=f"{first}.{second}.{n // 250}.{n % 250 + 1}") for n, row in enumerate(rows)]


def dice(random: Random, rows: Rows) -> Rows:
    """Moments drawn evenly from two years."""
    start = NOW - 540 * DAY
    return [row._replace(consented_at=start + random.random() * 500 * DAY, first_send_hour=None) for row in rows]


def steps(random: Random, rows: Rows) -> Rows:
    """Every so many seconds, one."""
    start, step = NOW - 520 * DAY + random.randint(0, 3599), random.choice((617, 900, 1234, 3600, 5400))
    return [row._replace(consented_at=start + n * step, first_send_hour=None) for n, row in enumerate(rows)]


def sorted_moments(random: Random, rows: Rows) -> Rows:
    """Good moments, given out in alphabetical order."""
    moments = sorted(row.consented_at or 0.0 for row in rows)
    people = sorted(rows, key=lambda row: row.local)
    return [row._replace(consented_at=at, first_send_hour=None) for row, at in zip(people, moments, strict=True)]


def afterwards(random: Random, rows: Rows) -> Rows:
    """Made after the complaints: dates later than the first mail."""
    return [
        row._replace(first_send_hour=int((row.consented_at or 0) // 3600) - random.randint(2, 24 * 200)) for row in rows
    ]


def one_browser(random: Random, rows: Rows) -> Rows:
    own = browser(random, NOW - DAY)
    return [row._replace(user_agent=own) for row in rows]


def generated(random: Random, rows: Rows) -> Rows:
    """Addresses from a program: a word with a number, or letters drawn at random."""
    kind = random.random()
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        row._replace(local=f"client{n + 1000}" if kind < 0.5 else "".join(random.choices(letters, k=10)))
        for n, row in enumerate(rows)
    ]


def copied(random: Random, rows: Rows) -> Rows:
    """One good record in ten serves for all the others."""
    sources = random.sample(rows, max(12, len(rows) // 10))
    copies = (random.choice(sources) for _ in rows)
    return [
        row._replace(consented_at=source.consented_at, ip=source.ip, user_agent=source.user_agent)
        for row, source in zip(rows, copies, strict=True)
    ]


def robot_clicks(random: Random, rows: Rows) -> Rows:
    """Confirmations that a program wrote beside the request."""
    delay = random.choice((0.0, 0.4, 12.0))
    return [row._replace(method="confirmed_opt_in", confirmed_at=(row.consented_at or 0) + delay) for row in rows]


FORGED: dict[str, Callable[[Random, Rows], Rows]] = {
    make.__name__: make
    for make in (
        few_addresses, invented_addresses, counted_addresses, dice, steps, sorted_moments, afterwards, one_browser,
        generated, copied, robot_clicks,
    )
}  # fmt: skip


def forge(random: Random, kind: str, part: float) -> Rows:
    """An honest list of which a part was made up: appended at the end of the file, or mixed in by date."""
    rows = confirmed(random) if kind == "robot_clicks" else honest(random, random.randint(500, 3500))
    chosen = set(random.sample(range(len(rows)), int(part * len(rows))))
    good = [row for place, row in enumerate(rows) if place not in chosen]
    made_up = FORGED[kind](random, [rows[place] for place in sorted(chosen)])
    if random.random() < 0.5:
        return number(good + made_up)
    return [row._replace(line=line) for line, row in enumerate(good + made_up, start=2)]


def main(seeds: int, first: str) -> None:
    context = Context(UPLOADED_AT)
    kinds = list(HONEST.values())
    accused, flagged = Counter[str](), Counter[str]()
    sets = 50 * seeds
    for one in range(sets):
        make = kinds[one % len(kinds)]
        findings = examine(make(Random(f"{first}-{one}")), context)
        flagged[make.__name__] += doubt(findings) >= 1
        if is_doubtful(findings):
            accused[make.__name__] += 1
            print("  accused:", make.__name__, one, [(f.code, f.count, f.rows, f.value, f.p_value) for f in findings])
    print(
        f"honest sets {sets}: accused {accused.total()} ({100 * accused.total() / sets:.1f} %), worth a question",
        flagged,
    )
    print(f"{'forgery':20}", *(f"{name:>10}" for name in STRENGTHS))
    for kind in FORGED:
        shares = []
        for strength, part in STRENGTHS.items():
            caught = sum(
                is_doubtful(examine(forge(Random(f"{first}-{kind}-{strength}-{n}"), kind, part), context))
                for n in range(5 * seeds)
            )
            shares.append(f"{100 * caught / (5 * seeds):8.0f} %")
        print(f"{kind:20}", *shares, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1, sys.argv[2] if len(sys.argv) > 2 else "1")
