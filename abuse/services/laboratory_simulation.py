"""Try a version on a simulated platform, whose truth is known: false stops, catches, mail until the stop, by family.

Draft and version in force judge the same hours, a few dozen senders at a time: memory does not grow with the platform.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from abuse.core.backtest import Backtest
from abuse.core.policy import Policy
from abuse.core.scorecard import Known, Score, score
from abuse.models import PolicyVersion, Trial
from abuse.selectors.policies_in_force import in_force
from abuse.services.laboratory_bench import Bench
from courrielleur.simulation import HOURS, REPORTING, Family, Row, Sender, families, rows, sender

DAYS = 90  # as long as a platform is looked at
TOGETHER = 40  # senders of a piece; those of one reseller are judged together
BEAT_ROWS = 20_000  # between two signs of life
GOOD, BAD = "good", "bad"
SIDES = ("active", "draft")


@dataclass(frozen=True)
class Piece:
    """Senders of one family, from number *first* up to, and without, number *end*."""

    index: int  # of the family, among those asked for
    family: Family
    first: int
    end: int


def run(bench: Bench) -> dict[str, Any] | None:
    """Go on with the trial. Return its result, or None when the time was up."""
    trial = bench.trial
    assert trial.version is not None
    pair = _policies(trial.version)
    versions = [policy.version for policy in pair]
    if trial.sums.get("versions") != versions:
        # Not begun; or another version came into force meanwhile, and half a result of each is none.
        sums = {"versions": versions, "families": {}}
        bench.keep(total=sum(piece.end - piece.first for piece in _pieces(trial)), done=0, reached=[], sums=sums)
    for piece in _pieces(trial):
        if [piece.index, piece.first] < (trial.reached or [0, 0]):
            continue
        if not bench.has_time():
            return None
        _try(bench, piece, pair)
    return _result(trial)


def _try(bench: Bench, piece: Piece, pair: tuple[Policy, Policy]) -> None:
    """Judge a piece by both policies, and add up what came of it."""
    trial, seed = bench.trial, int(bench.trial.parameters["seed"])
    senders = [sender(seed, piece.family, number, days=DAYS) for number in range(piece.first, piece.end)]
    mails: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    test = Backtest(*pair, REPORTING, from_hour=0)
    test.read(_lines(bench, rows(senders, days=DAYS), mails))
    known = [_known(one, mails.get(one.account, {})) for one in senders]
    told = dict(trial.sums["families"])
    before = told.get(piece.family.key, {})
    told[piece.family.key] = {
        side: asdict(Score(**before.get(side, {})) + score(known, stops, hours=DAYS * HOURS))
        for side, stops in zip(SIDES, test.first_stops, strict=True)
    }
    bench.keep(
        sums={**trial.sums, "families": told},
        done=trial.done + len(senders),
        reached=[piece.index, piece.end],
    )


def _lines(bench: Bench, seen: Iterable[Row], mails: dict[str, dict[int, int]]) -> Iterator[tuple[str, ...]]:
    """Yield rows as the judge reads them; keep count of the mails."""
    for number, row in enumerate(seen, start=1):
        if number % BEAT_ROWS == 0:
            bench.beat()
        if row.kind == "sent":
            mails[row.account][row.send_hour] += row.n
        yield tuple(map(str, row))


def _known(one: Sender, mails: Mapping[int, int]) -> Known:
    return Known(one.account, one.bad_from if one.bad_from >= 0 else None, mails)


def _pieces(trial: Trial) -> Iterator[Piece]:
    only = trial.parameters["families"]
    chosen = [family for family in families() if not only or family.key in only]
    for index, family in enumerate(chosen):
        number, step = family.number(float(trial.parameters["scale"])), family.reseller_of or TOGETHER
        for first in range(0, number, step):
            yield Piece(index, family, first, min(number, first + step))


def _policies(version: PolicyVersion) -> tuple[Policy, Policy]:
    """Return what is in force and the draft, as they would judge those the draft is for."""
    reseller_id = version.account.reseller_id if version.account else version.reseller_id
    active = in_force()
    place = (reseller_id, version.account_id, version.stream)
    return active.at(*place), active.instead(version).at(*place)


def _result(trial: Trial) -> dict[str, Any]:
    """Return what the page and the command say: each family, and all good and all bad senders together."""
    truths = {family.key: family.truth.value for family in families()}
    scores = {
        key: {side: Score(**sums[side]) for side in SIDES}
        for key, sums in trial.sums["families"].items()
        if key in truths
    }
    return {
        "accounts": trial.done,
        "policy_version": trial.sums["versions"][0],
        "draft_version": trial.sums["versions"][1],
        **{
            truth: _told([pair for key, pair in scores.items() if truths[key] == truth], truth) for truth in (GOOD, BAD)
        },
        "families": [
            {"family": key, "truth": truths[key], **_told([pair], truths[key])} for key, pair in scores.items()
        ],
    }


def _told(pairs: list[dict[str, Score]], truth: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for side in SIDES:
        total = sum((pair[side] for pair in pairs), Score())
        figures = {"senders": total.senders, "stopped": total.stopped, "share_stopped": round(total.share_stopped, 4)}
        if truth == BAD:
            figures |= {"too_early": total.too_early, "typical_mails": round(total.typical_mails)}
        else:
            figures |= {"months": round(total.months, 1), "per_10_000_months": round(total.stops_per_10_000_months, 1)}
        told[side] = figures
    return told
