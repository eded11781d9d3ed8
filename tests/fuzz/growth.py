"""Measure how the time of each reader grows with its input: python -m tests.fuzz.growth [--base BYTES] [NAME…]

Each bomb is read at n, 2n, 4n and 8n bytes. A line of JSON tells the seconds, and by how much the time grows when the
input doubles (2 is linear, 4 quadratic); the exit status is 1 when a reader grows faster than its input.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator

import django

STEPS = (1, 2, 4, 8)
ENOUGH_SECONDS = 0.05  # what is quicker than that at the largest size is noise
MOST_PER_DOUBLING = 2.6


def main() -> int:
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a target, or part of its name; all without")
    parser.add_argument("--base", type=int, default=250_000, help="bytes of the smallest input (250000)")
    options = parser.parse_args()
    steep = 0
    for line in measured(options.names, options.base):
        print(json.dumps(line), flush=True)
        steep += bool(line["is_steep"])
    print(f"{steep} grow faster than their input", file=sys.stderr)
    return 1 if steep else 0


def measured(names: list[str], base: int) -> Iterator[dict[str, object]]:
    from tests.fuzz.bombs import MAILS, TEXTS
    from tests.fuzz.targets import TARGETS

    for target, bombs in ({"mail": MAILS} | TEXTS).items():
        if names and not any(name in target for name in names):
            continue
        for name, bomb in bombs.items():
            seconds = []
            for step in STEPS:
                raw = bomb(base * step)
                start = time.process_time()
                TARGETS[target].run(raw)
                seconds.append(time.process_time() - start)
            growth = per_doubling(seconds)
            is_steep = seconds[-1] > ENOUGH_SECONDS and growth > MOST_PER_DOUBLING
            times = [round(one, 3) for one in seconds]
            yield {"reader": target, "bomb": name, "seconds": times, "per_doubling": growth, "is_steep": is_steep}


def per_doubling(seconds: list[float]) -> float:
    """Return by how much the time grows when the input doubles, from the smallest time that says something."""
    first = next((at for at, one in enumerate(seconds) if one > ENOUGH_SECONDS / 4), len(seconds) - 1)
    doublings = math.log2(STEPS[-1] / STEPS[first])
    return round((seconds[-1] / seconds[first]) ** (1 / doublings), 2) if doublings else 1.0


if __name__ == "__main__":
    sys.exit(main())
