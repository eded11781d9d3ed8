"""Score the reader on the shared corpus changed without changing its meaning: `python tests/ablate_corpus.py`.

A reader that learned the files by heart falls here. Then each family of rules is taken away in turn: what is
still right is what the reader knows about mail in general. `--misses` prints every miss.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import fbl.core.classify as judge
from fbl.core.classify.rules import GENERIC, RuleBook, rule_book
from fbl.core.registry import read_report
from tests.mail_changes import CHANGES, Change, other_names
from tests.score_corpus import CORPUS, Score, score_mail


def changed(change: Change) -> Score:
    """Return the score of the corpus after the change, of the mails that can be changed so."""
    score = Score()
    for line in (CORPUS / "gold.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        gold = json.loads(line)
        raw = (CORPUS / "mails" / gold["file"]).read_bytes().replace(b"\r\n", b"\n")
        try:
            mail = change(raw)
        except (LookupError, ValueError, AttributeError):
            continue  # Python's own parser can't take this mail apart
        if mail is None:
            continue
        if change is other_names:
            gold = json.loads(json.dumps(gold).replace("example", "courier-post"))
        score_mail(score, gold, read_report(mail))
    return score


def kept_without(family: str) -> tuple[int, int]:
    """Return how many examples of the family's rules get the same class from all other rules, and of how many."""
    whole = rule_book()
    less = RuleBook([one for one in whole.families if one.name != family])
    examples = [rule.example for one in whole.families if one.name == family for rule in one.rules]
    known = [judge.classify(example).bounce_class for example in examples]
    try:
        setattr(judge, "rule_book", lambda: less)  # noqa: B010 - a module's name, for the time of this question
        judge.forget()
        told = [judge.classify(example).bounce_class for example in examples]
    finally:
        setattr(judge, "rule_book", rule_book)  # noqa: B010 - see above
        judge.forget()
    return sum(one is other for one, other in zip(known, told, strict=True)), len(examples)


def main() -> None:
    print(f"{'change':20}{'mails':>8}{'exact %':>10}{'class %':>10}{'hard wrong':>12}{'false':>7}")
    for change in CHANGES:
        score = changed(change)
        counts = score.counts["all"]
        exact, classed = score.share("all", "exact", "mails"), score.share("all", "classed", "recipients")
        print(
            f"{change.__name__:20}{counts['mails']:8}{exact:10.1%}{classed:10.1%}"
            f"{counts['hard_wrong']:12}{len(score.false_bounces):7}"
        )
        if "--misses" in sys.argv:
            print(*("    " + miss for miss in [*score.misses, *score.false_bounces]), sep="\n")
    for family in rule_book().families:
        if family.name != GENERIC:
            kept, examples = kept_without(family.name)
            print(f"without {family.name:18}{kept} of {examples} examples keep their class")


if __name__ == "__main__":
    if not CORPUS.exists():
        sys.exit("There is no corpus in ../shared/corpus.")
    main()
