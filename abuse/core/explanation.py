"""Say a verdict in one paragraph, in French or English: every figure in it can be recomputed.

The desk reads scores too; clients never do, nor which provider contradicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from abuse.core.verdict import Basis, Reason, State, Verdict
from abuse.core.wording import Words, words

MOST_TIMES_LIKELIER = 10_000  # beyond, the model is less sure than the figure looks
FEWEST_TIMES_LIKELIER = 2  # below, there is no evidence to speak of

Audience = Literal["desk", "client"]


@dataclass(frozen=True, slots=True)
class SetAside:
    """What arrived and was stored, but never entered the counts of the period."""

    duplicates: int = 0
    imported: int = 0
    undated: int = 0  # the send hour is unknown
    late: int = 0  # about mail sent before the window


NOTHING_SET_ASIDE = SetAside()


def explain(
    verdict: Verdict,
    language: str,
    *,
    audience: Audience = "desk",
    set_aside: SetAside = NOTHING_SET_ASIDE,
    campaigns: Sequence[str] = (),
) -> str:
    """Return the explanation as one paragraph."""
    return " ".join(sentences(verdict, language, audience=audience, set_aside=set_aside, campaigns=campaigns))


def sentences(
    verdict: Verdict,
    language: str,
    *,
    audience: Audience = "desk",
    set_aside: SetAside = NOTHING_SET_ASIDE,
    campaigns: Sequence[str] = (),
) -> list[str]:
    """Return the explanation sentence by sentence: state, figures, evidence, what did not count, what to do next."""
    say = words(language)
    found = [_state(verdict, say), *_figures(verdict, say)]
    if audience == "desk":
        found += _evidence(verdict, say)
    if verdict.on_probation:
        found.append(say.text("sentence", "probation"))
    if campaigns:
        key = "campaign" if len(campaigns) == 1 else "campaigns"
        found.append(say.text("sentence", key, campaigns=say.enumeration(campaigns)))
    found += _not_scored(verdict, set_aside, say)
    found.append(say.text(f"next.{audience}", status_key(verdict)))
    return found


def status_key(verdict: Verdict) -> str:
    """Return the state, or "not_enough" where ok only means that nothing can be said yet."""
    if verdict.state is State.OK and not verdict.enough_data:
        return "not_enough"
    return verdict.state.value


def _state(verdict: Verdict, say: Words) -> str:
    reasons = say.texts["reason_joint"].join(_reason(verdict, reason, say) for reason in verdict.reasons)
    return say.text("state", status_key(verdict), reasons=reasons)


def _reason(verdict: Verdict, reason: Reason, say: Words) -> str:
    key = reason.value
    # One day was enough for these: "constantly" would not be true.
    if reason is Reason.COMPLAINTS_CONSTANT and verdict.rest_complaints < verdict.needed_rest:
        key += "_both"
    elif reason is Reason.BOUNCES_CONSTANT and verdict.rest_bounces < verdict.needed_rest:
        key += "_surge" if verdict.is_surge else "_new" if verdict.is_new else "_both"
    return say.text("reason", key)


def _figures(verdict: Verdict, say: Words) -> list[str]:
    """Return the plain figures of the period, complaints and bounces alike."""
    if not verdict.send_days:
        return [say.text("sentence", "nothing_sent")]
    of_them = say.text("sentence", "reporting", reporting=say.number(verdict.reporting)) if verdict.reporting else ""
    period = say.text(
        "sentence",
        "period_of_one_day" if verdict.first_day == verdict.today else "period",
        days=say.days(verdict.first_day, verdict.today),
        send_days=say.count("send_day", verdict.send_days),
        delivered=say.count("message", verdict.delivered),
        of_them=of_them,
    )
    return [period, _complaints(verdict, say), _bounces(verdict, say), *_excess(verdict, say)]


def _complaints(verdict: Verdict, say: Words) -> str:
    rate = verdict.complaint_rate
    if rate is None or not verdict.reporting:
        return say.text("sentence", "undecidable")
    key = "no_complaint"
    if verdict.complaints:
        key = "complaints_of_all" if verdict.denominator == "all" else "complaints"
    return say.text(
        "sentence",
        key,
        complaints=say.count("complaint", verdict.complaints),
        rate=say.share(rate, unlike=verdict.complaints_limit),
        limit=_limit(verdict.complaints_limit, verdict.tolerated_complaints, "limit_no_complaint", say),
    )


def _bounces(verdict: Verdict, say: Words) -> str:
    return say.text(
        "sentence",
        "bounces" if verdict.bounces else "no_bounce",
        bounces=say.count("bounce", verdict.bounces),
        rate=say.share(verdict.bounce_rate or 0.0, unlike=verdict.bounces_limit),
        limit=_limit(verdict.bounces_limit, verdict.tolerated_bounces, "limit_no_bounce", say),
    )


def _limit(limit: float, tolerated: int, none_key: str, say: Words) -> str:
    key = "limit" if tolerated else none_key
    return say.text("sentence", key, limit=say.share(limit), tolerated=say.number(tolerated))


def _excess(verdict: Verdict, say: Words) -> list[str]:
    """Return why a rate above a limit is no fault yet, where that is so."""
    is_above = (
        verdict.complaints > verdict.tolerated_complaints and verdict.complaints_decidable
    ) or verdict.bounces > verdict.tolerated_bounces
    if verdict.state is not State.OK or not is_above:
        return []
    return [say.text("sentence", "by_chance_so_far" if verdict.enough_data else "by_chance")]


def _evidence(verdict: Verdict, say: Words) -> list[str]:
    """Return how strong the evidence is, and who contradicts; nothing while there is none."""
    found = []
    times = verdict.times_likelier
    if verdict.state is not State.OK and times >= FEWEST_TIMES_LIKELIER:
        if times > MOST_TIMES_LIKELIER:
            found.append(say.text("sentence", "likelier_capped", times=say.number(MOST_TIMES_LIKELIER)))
        else:
            found.append(say.text("sentence", "likelier", times=say.number(times, 1 if times < 10 else 0)))
        if verdict.basis is not Basis.TWO_DAYS:
            found.append(
                say.text(
                    "sentence",
                    "rest",
                    score=say.number(verdict.score, 1),
                    needed=say.number(verdict.needed_evidence, 1),
                    rest=say.number(verdict.rest, 1),
                    needed_rest=say.number(verdict.needed_rest, 1),
                )
            )
    if verdict.state is not State.OK and verdict.dissenting:
        found.append(say.text("sentence", "dissenting", providers=say.enumeration(verdict.dissenting)))
    return found


def _not_scored(verdict: Verdict, set_aside: SetAside, say: Words) -> list[str]:
    """Return what arrived and did not weigh, and that chance did not either."""
    counts = {
        "duplicate": set_aside.duplicates,
        "imported": set_aside.imported,
        "undated": set_aside.undated,
        "late": set_aside.late,
        "over_cap": verdict.over_cap,
        "without_feed": verdict.without_feed,
        "dark": verdict.dark,
    }
    items = [say.count(noun, number) for noun, number in counts.items() if number]
    found = [say.text("sentence", "not_scored", items=say.enumeration(items))] if items else []
    if verdict.state in {State.HOLD, State.SUSPEND}:
        found.append(say.text("sentence", "chance"))
    return found
