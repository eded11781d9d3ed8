"""Score the reader against the shared corpus of real mails: `python tests/score_corpus.py [--misses]`.

The corpus (../shared/corpus) is no part of the project; without it there is nothing to score.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
COLUMNS = ("mails", "exact", "recipients", "classed", "hard_wrong")

# What a kind of gold label may be read as. "delayed" bounces are delivery notices to us.
_FEEDBACK = {"complaint", "trap", "unsubscribe", "not_spam", "auth_failure", "fraud", "virus", "other"}


@dataclass
class Score:
    """Counts by group ("all", "report" for ARF, JMRP and DSN mails, and each kind of the gold file)."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    false_bounces: list[str] = field(default_factory=list)

    def add(self, groups: list[str], what: str, by: int = 1) -> None:
        for group in groups:
            self.counts.setdefault(group, Counter())[what] += by

    def share(self, group: str, what: str, of: str) -> float:
        counts = self.counts[group]
        return counts[what] / counts[of] if counts[of] else 1.0


def score_corpus() -> Score:
    from fbl.core.registry import read_report

    score = Score()
    for line in (CORPUS / "gold.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        gold = json.loads(line)
        report = read_report((CORPUS / "mails" / gold["file"]).read_bytes())
        score_mail(score, gold, report)
    return score


def score_mail(score: Score, gold: dict[str, Any], report: Any) -> None:
    wanted = gold["recipients"]
    reasons = {one["reason"] for one in wanted}
    is_feedback, is_quiet = reasons <= {"feedback"}, reasons <= {"vacation", "delivered"}
    groups = ["all", gold["kind"], "feedback" if is_feedback else "quiet" if is_quiet else "bounce"]
    if report.format in ("arf", "jmrp", "dsn"):
        groups.append("report")
    read = {(one.address or "").lower(): one for one in report.recipients}
    if (is_feedback or is_quiet) and report.kind == "bounce":
        score.false_bounces.append(gold["file"])
    if any(one["ambiguous"] for one in wanted):
        return
    score.add(groups, "mails")
    matched = []
    for one in wanted:
        accepted = {(name or "").lower() for name in (one["address"], *one["also_accept"])}
        matched.append(next((read[name] for name in accepted if name in read), None))
    is_exact = all(matched) and len(read) == len(wanted)
    score.add(groups, "exact", is_exact)
    if not is_exact:
        score.misses.append(
            f"{gold['file']}: {sorted(read)} for {[one['address'] for one in wanted]} ({report.kind}/{report.format})"
        )
    for one, found in zip(wanted, matched, strict=True):
        found = found or (next(iter(read.values())) if len(read) == len(wanted) == 1 else None)
        said = (found.bounce_class or "other") if found else ""
        score.add(groups, "recipients")
        score.add(groups, "classed", said == one["class"])
        score.add(groups, "hard_wrong", said == "hard" and one["class"] in ("soft", "block"))
        if said != one["class"]:
            why = f"{found.reason}, {found.status}/{found.reply_code}: {found.diagnostic[:160]}" if found else "nobody"
            score.misses.append(f"{gold['file']}: {said or '-'} for {one['class']} ({one['reason']}) by {why}")


def table(score: Score) -> str:
    lines = [f"{'kind':24}" + "".join(f"{name:>12}" for name in COLUMNS) + f"{'exact %':>10}{'class %':>10}"]
    for group in sorted(
        score.counts, key=lambda name: (name not in ("all", "report", "bounce", "feedback", "quiet"), name)
    ):
        counts = score.counts[group]
        exact, classed = score.share(group, "exact", "mails"), score.share(group, "classed", "recipients")
        lines.append(
            f"{group:24}" + "".join(f"{counts[name]:12}" for name in COLUMNS) + f"{exact:10.1%}{classed:10.1%}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if not CORPUS.exists():
        sys.exit("There is no corpus in ../shared/corpus.")
    result = score_corpus()
    print(table(result))
    print("read as a bounce, and none:", *result.false_bounces or ["nothing"])
    if "--misses" in sys.argv:
        print(*result.misses, sep="\n")
