"""Say why a mail was not delivered, and whether that is hard, soft or a block.

In this order, the first that speaks decides: text rule of the provider, text rule for everybody, enhanced
code, what else the report says in human words, reply code, and then nothing: `unclassified`, never a guess.
"""

import re
from functools import lru_cache

from fbl.core.classify import blocklists, codes
from fbl.core.classify.rules import GENERIC, rule_book
from fbl.core.classify.verdict import CLASS_OF, Basis, Reason, Verdict
from fbl.core.report import BounceClass
from fbl.core.vocabulary import plain_quotes, says_any, without_accents

MAX_TEXT = 4000  # characters of a diagnostic that are read

_NOISE = re.compile(r" (?:[245]\d\d-(?:#?[245]\.\d\.\d{1,3} )? ?|<br>)")
_BEFORE_LOCAL_PART = re.compile(r".*[<>()\[\]{},;:\"']")
_AGAIN = re.compile(r" [245]\d\d-| <br>")
_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Links and the names of domains and hosts: the words in them are never matched against rules. Three patterns, each with
# a beginning to seek, are faster than one.
_NAMES = (
    ("://", re.compile(r"https?://\S+"), " "),
    ("x@", re.compile(r"x@[a-z0-9-]+(?:\.[a-z0-9-]+)*"), "x@"),
    ("host ", re.compile(r"host [a-z0-9-]+(?:\.[a-z0-9-]+)+"), "host "),
)
# Where in the SMTP session the refusal came. Before RCPT TO nothing was asked about the recipient.
_AT_SENDER = re.compile(r"(?:after|in reply to|to our) mail from|\[mail_from\]|mail from command")
_AT_GREETING = re.compile(
    r"(?:after|in reply to) (?:initial connection|[he][he]lo)|refused to talk to me|my name was rejected"
    r"|did not like our (?:ehlo|helo)"
)
# With words to look for first: a text without any of them needs no pattern.
_BEFORE_THE_RECIPIENT = (
    (("mail from", "mail_from"), _AT_SENDER, Reason.SENDER_REFUSED),
    (("initial conn", "ehlo", "helo", "talk to me", "my name"), _AT_GREETING, Reason.BLOCKED),
)
# Reporters wrap the answer of the other server into sentences of their own; the answer is what counts.
_ANSWER = re.compile(
    r"(?:returned was|server (?:said|returned|responded)|host said|the response was|responded as follows"
    r"|response from the remote server was|remote server returned|error message below|reported error"
    r"|diagnostic information)\s?[:'\"\[]{1,3}"
)


_ANSWER_WORDS = ("said", "return", "respon", "below", "reported", "diagnostic info")


def classify(diagnostic: str, *, status: str = "", reply_code: str = "", remote: str = "", prose: str = "") -> Verdict:
    """Return the verdict on one recipient.

    `diagnostic` is the receiving server's answer, `status` and `reply_code` are those of the report's own
    fields (found in the diagnostic when empty), `remote` names the host that answered, `prose` is what the
    report tells people about this recipient, read only where the answer says too little.
    """
    return _classify(_plain(diagnostic), status, reply_code, remote[:200].lower(), _plain(prose) if prose else "")


def forget() -> None:
    """Forget what was judged before, so that a measurement begins as a new process does."""
    _classify.cache_clear()


@lru_cache(maxsize=4096)
def _classify(diagnostic: str, status: str, reply_code: str, remote: str, prose: str) -> Verdict:
    text = whole = diagnostic
    if says_any(text, _ANSWER_WORDS) and (answers := list(_ANSWER.finditer(text))):
        answer = text[answers[-1].end() :].strip()
        if len(answer) > 10:
            prose = f"{text}\n{prose}"
            text = answer
    reply = reply_code or codes.reply_in(text)
    told = codes.status_in(text)
    # The answer of the receiving server is closer to the fact than the code its reporter filed it under.
    exact = told if told and (status in codes.VAGUE_STATUSES or told[0] == reply[:1]) else _clean(status) or told
    verdict, lists = _by_text(text, exact, reply, remote, lists_speak=True)
    if verdict is not None:
        return _guarded(verdict, whole)
    reason = codes.reason_of_status(_agreeing(exact, reply))
    if reason and exact not in codes.VAGUE_STATUSES:
        return _guarded(Verdict(CLASS_OF[reason], reason, exact, reply, lists, Basis.ENHANCED_CODE), whole)
    if prose:
        words = prose
        reply = reply or codes.reply_in(words)
        exact = exact or codes.status_in(words)
        verdict, _lists = _by_text(words, exact, reply, remote, lists_speak=False)
        if verdict is not None:
            return _guarded(verdict, f"{whole} {words}")
    basis = Basis.ENHANCED_CODE
    reason = reason or codes.reason_of_subject(exact)
    if reason is None:
        basis = Basis.REPLY_CODE
        reason = codes.reason_of_reply(reply) or (_reason_of_stage(whole) if reply[:1] == "5" else None)
    if reason is None:
        temporary = exact.startswith("4") or reply.startswith("4")
        return Verdict(BounceClass.SOFT if temporary else BounceClass.OTHER, Reason.UNCLASSIFIED, exact, reply, lists)
    return _guarded(Verdict(CLASS_OF[reason], reason, exact, reply, lists, basis), whole)


def _plain(text: str) -> str:
    """Return the text in lower case on one line, without local parts of addresses and the codes of every next line.

    What people call their mailbox is no reason: <spam-filter@example.com>. And the answers of a provider are the
    same to all of them, so that most are judged once.
    """
    words = without_accents(plain_quotes(text[:MAX_TEXT]).lower()).split()
    if "@" in text:
        words = [_without_local_part(word) if "@" in word else word for word in words]
    text = " ".join(words)
    return _NOISE.sub(" ", text) if ("-" in text or "<br>" in text) and _AGAIN.search(text) else text


def _without_local_part(word: str) -> str:
    local, at, domain = word.partition("@")
    opening = _BEFORE_LOCAL_PART.match(local)
    return f"{opening[0] if opening else ''}x{at}{domain}"


def _by_text(
    text: str, status: str, reply: str, remote: str, *, lists_speak: bool
) -> tuple[Verdict | None, tuple[str, ...]]:
    """Return what the rules make of the text, and the blocklists it names."""
    seen = f"{text} {remote}" if remote else text
    lists = blocklists.mentioned(seen)
    rule = rule_book().rule_for(seen, _nameless(text), status, reply)
    # A list that is named tells more than any general wording around it.
    if lists and lists_speak and (rule is None or rule.family == GENERIC):
        basis, name = Basis.GENERIC_TEXT, "blocklists"
        return Verdict(BounceClass.BLOCK, Reason.BLOCKLISTED, status, reply, lists, basis, name), lists
    if rule is None:
        return None, lists
    basis = Basis.GENERIC_TEXT if rule.family == GENERIC else Basis.PROVIDER_TEXT
    return Verdict(rule.bounce_class, rule.reason, status, reply, lists, basis, rule.name), lists


def _nameless(text: str) -> str:
    for mark, names, instead in _NAMES:
        if mark in text:
            text = names.sub(instead, text)
    return text


def _reason_of_stage(text: str) -> Reason | None:
    for words, stage, reason in _BEFORE_THE_RECIPIENT:
        if says_any(text, words) and stage.search(text):
            return reason
    return None


def _guarded(verdict: Verdict, text: str) -> Verdict:
    """Return the verdict, softened where the circumstances forbid to call the address dead.

    A temporary answer is never hard, and neither is a refusal given before the recipient was named.
    """
    if verdict.bounce_class is not BounceClass.HARD:
        return verdict
    if verdict.reason is not Reason.NO_MAIL:
        early = _reason_of_stage(text)
        if early is not None:
            return verdict._replace(bounce_class=CLASS_OF[early], reason=early)
    # A reporter without an answer from anybody writes 4.0.0, also when DNS says for good that no mail is taken.
    is_dns_fact = verdict.status in codes.VAGUE_STATUSES and verdict.reason is Reason.NO_MAIL
    is_temporary = verdict.reply_code[:1] == "4" or (
        not verdict.reply_code and verdict.status[:1] == "4" and not is_dns_fact
    )
    return verdict._replace(bounce_class=BounceClass.SOFT) if is_temporary else verdict


def _agreeing(status: str, reply: str) -> str:
    """Return the code, unless its class contradicts the reply it came with (RFC 2034): then the reply is right."""
    return "" if status and reply and status[0] != reply[0] else status


def _clean(status: str) -> str:
    match = _CODE.search(status)
    return match[0] if match else ""
