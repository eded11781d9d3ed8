"""Say of one account each figure, its threshold, the scores and the verdict, as the rule sees it now."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from abuse import selectors
from abuse.core.explanation import explain
from abuse.core.policy import Policy
from abuse.core.verdict import State, Verdict
from abuse.core.wording import LANGUAGES, Words, words
from abuse.models import Standing
from abuse.selectors import StandingView
from abuse.selectors.policies_in_force import in_force
from abuse.services import verdicts
from courrielleur.accounts.models import Account

WRONG_USAGE = 2


class Command(BaseCommand):
    help = "Explain how an account stands: figures, thresholds, scores and the verdict in words. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="the account's key")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of words")
        parser.add_argument("--language", choices=LANGUAGES, default="fr")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.select_related("reseller").filter(key=options["account"]).first()
        if account is None:
            raise CommandError(
                f"There is no account {options['account']!r}. Give its key, such as the one in its page's address.",
                returncode=WRONG_USAGE,
            )
        now, policies = timezone.now(), in_force([account])
        policy = policies.of(account)
        row = Standing.objects.filter(account=account).first() or Standing(account=account, since=now)
        row.account = account
        verdict = verdicts.of([row], policies, now)[0].verdict
        standing = selectors.standing_of(account)
        with override(options["language"]):
            if options["json"]:
                self.stdout.write(json.dumps(_as_json(account, standing, verdict, policy), ensure_ascii=False))
                return
            for line in _lines(account, standing, verdict, policy, words(options["language"])):
                self.stdout.write(line)
            self.stdout.write(f"\n{explain(verdict, options['language'])}")


def _as_json(account: Account, standing: StandingView, verdict: Verdict, policy: Policy) -> dict[str, Any]:
    return {
        "account": account.key,
        "reseller": account.reseller.key,
        "standing": standing.level,
        "since": _iso(standing.since),
        "probation_ends_at": _iso(standing.probation_ends_at),
        "case": standing.case.key if standing.case else None,
        "verdict": verdict.figures(),
        "thresholds": {
            "complaints_limit": policy.complaints_limit,
            "bounces_limit": policy.bounces_limit,
            "evidence": verdict.needed_evidence,
            "rest": verdict.needed_rest,
            "watch_evidence": policy.watch_evidence,
        },
        "policy_version": policy.version,
        "explanation": {language: explain(verdict, language) for language in LANGUAGES},
    }


def _lines(account: Account, standing: StandingView, verdict: Verdict, policy: Policy, say: Words) -> Iterator[str]:
    level = str(Standing.Level(standing.level).label)
    yield f"{account.key}  {account.name} ({account.reseller.name})"
    yield _row(_("Standing"), level + (f", {_iso(standing.since)}" if standing.since else ""))
    yield _row(
        _("Verdict now"), _verdict_word(verdict) + (f": {', '.join(verdict.reasons)}" if verdict.reasons else "")
    )
    yield _row(_("Sending days in the period"), say.number(verdict.send_days))
    yield _row(_("Delivered"), say.number(verdict.delivered))
    yield _row(_("Delivered to reporting providers"), say.number(verdict.reporting))
    yield _row(
        _("Complaints"),
        _against(
            verdict.complaints, verdict.complaint_rate, policy.complaints_limit, verdict.tolerated_complaints, say
        ),
    )
    yield _row(
        _("Hard bounces"),
        _against(verdict.bounces, verdict.bounce_rate, policy.bounces_limit, verdict.tolerated_bounces, say),
    )
    scores = (
        (_("Score of complaints"), verdict.score_complaints, verdict.rest_complaints),
        (_("Score of hard bounces"), verdict.score_bounces, verdict.rest_bounces),
        (_("Score of both"), verdict.score_joint, verdict.rest_joint),
    )
    for label, score, rest in scores:
        yield _row(label, _score(score, rest, verdict, policy, say))
    yield _row(_("Providers that contradict"), ", ".join(verdict.dissenting) or _("none"))
    facts = {_("new"): verdict.is_new, _("sudden volume"): verdict.is_surge, _("on probation"): verdict.on_probation}
    yield _row(_("The account is"), ", ".join(word for word, holds in facts.items() if holds) or _("none of note"))
    yield _row(_("Enough data"), _("yes") if verdict.enough_data else _("not yet"))
    yield _row(_("Policy"), policy.version)


def _row(label: str, value: str) -> str:
    return f"  {label:<40}{value}"


def _verdict_word(verdict: Verdict) -> str:
    if verdict.state is State.OK and not verdict.enough_data:
        return _("not enough data yet")
    return {
        State.OK: _("nothing speaks against it"),
        State.WATCH: _("to be watched"),
        State.HOLD: _("pause the campaign, a person looks"),
        State.SUSPEND: _("suspend"),
    }[verdict.state]


def _against(count: int, rate: float | None, limit: float, tolerated: int, say: Words) -> str:
    if rate is None:
        return say.number(count)
    return _("%(count)s, a rate of %(rate)s; limit %(limit)s, so %(tolerated)s tolerated") % {
        "count": say.number(count),
        "rate": say.share(rate, unlike=limit),
        "limit": say.share(limit),
        "tolerated": say.number(tolerated),
    }


def _score(score: float, rest: float, verdict: Verdict, policy: Policy, say: Words) -> str:
    return _(
        "%(score)s (watch from %(watch)s, act from %(act)s); without the worst day %(rest)s, needed %(needed)s"
    ) % {
        "score": say.number(score, 2),
        "watch": say.number(policy.watch_evidence, 1),
        "act": say.number(verdict.needed_evidence, 1),
        "rest": say.number(rest, 2),
        "needed": say.number(verdict.needed_rest, 1),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
