"""Say why a mail was not delivered, and whether that is hard, soft or a block.

In this order, the first that speaks decides: text rule of the provider, text rule for everybody, enhanced
code, what else the report says in human words, reply code, and then nothing: `unclassified`, never a guess.
"""

import re
from functools import lru_cache

from fbl.core.classify import blocklists, codes
from fbl.core.classify.rules import GENERIC, Rule, families
from fbl.core.classify.verdict import CLASS_OF, Reason, Verdict
from fbl.core.report import BounceClass

MAX_TEXT = 4000  # characters of a diagnostic that are read

_NOISE = re.compile(r"\s+(?:[245]\d\d-(?:#?[245]\.\d\.\d{1,3}\s)?\s*|<br>)|\s+")
_RESERVED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Words that speak of some other address than the recipient's, or of nothing: never matched against rules.
_FOREIGN = re.compile(r"https?://\S+")


def classify(diagnostic: str, *, status: str = "", reply_code: str = "", remote: str = "", prose: str = "") -> Verdict:
    """Return the verdict on one recipient.

    `diagnostic` is the receiving server's answer, `status` and `reply_code` are those of the report's own
    fields (found in the diagnostic when empty), `remote` names the host that answered, `prose` is what the
    report tells people about this recipient, read only where the answer says too little.
    """
    return _classify(diagnostic[:MAX_TEXT], status, reply_code, remote[:200], prose[:MAX_TEXT])


@lru_cache(maxsize=4096)
def _classify(diagnostic: str, status: str, reply_code: str, remote: str, prose: str) -> Verdict:
    text = _NOISE.sub(" ", diagnostic.lower())
    reply = reply_code or codes.reply_in(text)
    told = codes.status_in(text)
    # The answer of the receiving server is closer to the fact than the code its reporter filed it under.
    exact = told if told and (status in codes.VAGUE_STATUSES or told[0] == reply[:1]) else _clean(status) or told
    lists = blocklists.mentioned(text)
    rule = _rule_for(text, exact, reply, remote.lower(), is_listed=bool(lists))
    if rule is None and lists:
        return Verdict(BounceClass.BLOCK, Reason.BLOCKLISTED, exact, reply, lists, "rule", "blocklists")
    if rule is not None:
        return _guarded(Verdict(rule.bounce_class, rule.reason, exact, reply, lists, "rule", rule.name))
    if reason := codes.reason_of_status(_agreeing(exact, reply)):
        if exact not in codes.VAGUE_STATUSES:
            return _guarded(Verdict(CLASS_OF[reason], reason, exact, reply, lists, "enhanced code"))
    else:
        reason = None
    if prose:
        words = _NOISE.sub(" ", prose.lower())
        reply = reply or codes.reply_in(words)
        exact = exact or codes.status_in(words)
        if rule := _rule_for(words, exact, reply, remote.lower()):
            lists = blocklists.mentioned(words)
            return _guarded(Verdict(rule.bounce_class, rule.reason, exact, reply, lists, "rule", rule.name))
    reason = reason or codes.reason_of_subject(exact)
    basis = "enhanced code"
    if reason is None:
        reason, basis = codes.reason_of_reply(reply), "reply code"
    if reason is None:
        temporary = exact.startswith("4") or reply.startswith("4")
        return Verdict(BounceClass.SOFT if temporary else BounceClass.OTHER, Reason.UNCLASSIFIED, exact, reply, lists)
    return _guarded(Verdict(CLASS_OF[reason], reason, exact, reply, lists, basis))


def _rule_for(text: str, status: str, reply: str, remote: str, *, is_listed: bool = False) -> Rule | None:
    text = _FOREIGN.sub(" ", text) if "://" in text else text
    for family in families():
        if is_listed and family.name == GENERIC:
            return None  # a list that is named tells more than any general wording around it
        if family.marks and not any(mark in text or mark in remote for mark in family.marks):
            continue
        for rule in family.rules:
            if rule.holds(text, status, reply):
                return rule
    return None


def _guarded(verdict: Verdict) -> Verdict:
    """Return the verdict, softened where a code forbids what it says: a temporary answer is never hard."""
    temporary = verdict.reply_code[:1] == "4" or (not verdict.reply_code and verdict.status[:1] == "4")
    if temporary and verdict.bounce_class is BounceClass.HARD:
        return Verdict(
            BounceClass.SOFT,
            verdict.reason,
            verdict.status,
            verdict.reply_code,
            verdict.blocklists,
            verdict.basis,
            verdict.rule,
        )
    return verdict


def _agreeing(status: str, reply: str) -> str:
    """Return the code, unless its class contradicts the reply it came with (RFC 2034): then the reply is right."""
    return "" if status and reply and status[0] != reply[0] else status


def _clean(status: str) -> str:
    match = _RESERVED_STATUS.search(status)
    return match[0] if match else ""
