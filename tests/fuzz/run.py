"""Fuzz the readers, guided by coverage (atheris): make fuzz ARGS="[--seconds N] [--runs N] [--list] [NAME…]"

One target after the other, each in a process of its own, from the samples and from what earlier runs found worth
keeping (var/fuzz/TARGET). What makes a reader fail, or keeps it busy for 20 seconds, or takes 2 GB, is kept in
var/fuzz/crashes, and the command that repeats it is printed. The exit status is 1 when there is any.

    python -m tests.fuzz.run --repeat FILE    runs the target named by the file's name on the file, without atheris
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courrielleur.settings")
FOLDER = Path(__file__).parents[2] / "var" / "fuzz"
CRASHES = FOLDER / "crashes"
SLOW_SECONDS = 20
MOST_MEGABYTES = 2048
LONGEST = 1 << 20  # bytes of an input


def main() -> int:
    options = _arguments()
    if options.child:
        _fuzz(options.child, options.seconds, options.runs)  # before the readers are imported: it instruments them
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    if options.list:
        print("\n".join(TARGETS))
        return 0
    if options.repeat:
        TARGETS[options.repeat.name.partition(".")[0]].run(options.repeat.read_bytes())
        print(f"{options.repeat} is read without an error.")
        return 0
    names = [name for name in TARGETS if not options.names or any(part in name for part in options.names)]
    if not names:
        print(f"There is no target called {' or '.join(options.names)}; see --list.", file=sys.stderr)
        return 2
    failed = [name for name in names if not _run(name, options.seconds, options.runs)]
    print(f"{len(names)} targets, {len(failed)} with a failure: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="targets, or parts of their names; all without")
    parser.add_argument("--seconds", type=int, default=30, help="for each target (30)")
    parser.add_argument("--runs", type=int, default=1_000_000, help="for each target, at most (1000000)")
    parser.add_argument("--list", action="store_true", help="print the names of the targets")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="run one file that was kept")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(name: str, seconds: int, runs: int) -> bool:
    """Fuzz one target in a process of its own; say whether it held."""
    CRASHES.mkdir(parents=True, exist_ok=True)
    before = set(CRASHES.iterdir())
    command = [sys.executable, "-m", "tests.fuzz.run", "--child", name, f"--seconds={seconds}", f"--runs={runs}"]
    with tempfile.TemporaryFile() as told:
        ended = subprocess.run(command, stdout=told, stderr=told, check=False)
        told.seek(0)
        lines = told.read().decode("utf-8", "replace").splitlines()
    done = next((line for line in reversed(lines) if line.startswith("Done ")), "")
    kept = sorted(set(CRASHES.iterdir()) - before)
    print(f"{name}: {done or 'stopped'}", flush=True)
    if ended.returncode == 0 and not kept:
        return True
    print("\n".join(f"    {line}" for line in lines[-25:]))
    for file in kept:
        print(f"    repeat: {sys.executable} -m tests.fuzz.run --repeat {file}", flush=True)
    return False


def _fuzz(name: str, seconds: int, runs: int) -> None:
    """Fuzz in this process; atheris ends it."""
    import logging

    import atheris

    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["fbl", "abuse", "consent"]):
        import django

        django.setup()
        from tests.fuzz.mutations import damaged
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    seeds = target.seeds()
    target.run(seeds[0])  # what is read once, as the rules are, is not the first input's slowness

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        """Damage the structure in half of the cases; libFuzzer itself knows bytes only."""
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return atheris.Mutate(data, most)
        return damaged(data, chance, is_mail=target.is_mail, other=chance.choice(seeds))[:most]

    atheris.Setup(
        [
            name,
            f"-max_total_time={seconds}",
            f"-runs={runs}",
            f"-timeout={SLOW_SECONDS}",
            f"-report_slow_units={SLOW_SECONDS}",
            f"-rss_limit_mb={MOST_MEGABYTES}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={CRASHES / name}.",
            "-print_final_stats=1",
            str(corpus),
        ],
        target.run,
        custom_mutator=mutate,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
