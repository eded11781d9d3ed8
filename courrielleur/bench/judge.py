"""`judge`: event rows judged a second, hour by hour. Floor: csv.reader over the same file."""

import csv
import io
from collections.abc import Iterator

from abuse.core.judging import COLUMNS, Judge
from abuse.core.policy import default_policy
from courrielleur.bench.figures import Figure, compare
from courrielleur.demo.cast import the_cast
from courrielleur.demo.traffic import MINUTES_PER_HOUR, Incident, What, history
from fbl.core.addresses import domain_of
from fbl.core.providers import provider_of, reporting_keys

PLATFORMS = 8  # the demo's, with other seeds: about 100,000 rows
ROUNDS = 3
START = 29_801_420
KINDS = {What.COMPLAINT: "complaint", What.HARD: "hard_bounce"}


def measure() -> Iterator[Figure]:
    text = _events()
    rows = text.count("\n")

    def ours() -> None:
        judge = Judge(default_policy(), reporting_keys())
        for _ in judge.changes(csv.reader(io.StringIO(text))):
            pass

    def bare() -> None:
        for _ in csv.reader(io.StringIO(text)):
            pass

    yield compare("judge", "rows/s", rows, ours, bare, rounds=ROUNDS)


def _events() -> str:
    """Return an event file without its heading line (abuse/core/judging.py)."""
    parents = {account.key: account.reseller for account in the_cast().accounts}
    rows: list[tuple[object, ...]] = []
    for seed in range(PLATFORMS):
        past = history(the_cast(), seed, start=START, days=60)
        for one in past.volumes:
            who = (f"{one.account}-{seed}", f"{parents[one.account]}-{seed}", one.campaign, one.provider)
            rows.append((one.hour, "sent", *who, one.hour, one.delivered, "", "live", ""))
        for number, incident in enumerate(past.incidents):
            if incident.what in KINDS:
                rows.append(_row(incident, seed, parents[incident.account], f"{seed}-{number}"))
    # Sent before what comes back of it, within an hour.
    rows.sort(key=lambda row: (row[0], row[1] != "sent"))
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def _row(incident: Incident, seed: int, parent: str, event_id: str) -> tuple[object, ...]:
    seen = incident.seen_at // MINUTES_PER_HOUR
    provider = provider_of(domain_of(incident.recipient))
    who = (f"{incident.account}-{seed}", f"{parent}-{seed}", incident.campaign, provider)
    row = (seen, KINDS[incident.what], *who, incident.send_hour, 1, event_id, "live", incident.recipient)
    if len(row) != len(COLUMNS):
        raise ValueError("the columns of an event file have changed")
    return row
