"""Write, put in force and withdraw versions of the policy. Nobody puts their own text in force."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from abuse.core.policy import DEFAULT_FILE, BadPolicy, default_policy, parse_policy
from abuse.core.policy_layers import Layer, check_override
from abuse.core.policy_text import Document, read_document, read_leniently
from abuse.models import AccountStream, PolicyEvent, PolicyUsed, PolicyVersion
from abuse.selectors import policies as selectors
from abuse.selectors.policies_in_force import InForce, Place, in_force, merged_strictly, place_of
from abuse.services import shadows
from abuse.services.policy_flaws import sentence
from courrielleur.accounts.models import Account, Reseller, User

LONGEST_REASON = 2000  # characters
_LOCK = 0x706F6C79  # "poly": one writer of versions at a time
Move = PolicyEvent.Move


class PolicyRefused(Exception):
    """This can't be done with this version. The message says why, for the person who tried."""


class PolicyMoved(PolicyRefused):
    """Another version has come into force in between: look at the changes again."""


class AlreadyDrafted(PolicyRefused):
    """This author's draft with these very words waits already, as version *number*."""

    def __init__(self, number: int) -> None:
        super().__init__(_("You wrote this draft already: it is version %(number)s.") % {"number": number})
        self.number = number


@dataclass(frozen=True)
class For:
    """Whom a version is for: the platform when neither is named; all mail, or one stream."""

    reseller: Reseller | None = None
    account: Account | None = None
    stream: str = ""

    @property
    def layer(self) -> Layer:
        return Layer.ACCOUNT if self.account else Layer.RESELLER if self.reseller else Layer.PLATFORM

    @property
    def place(self) -> Place:
        return (self.reseller.pk if self.reseller else None, self.account.pk if self.account else None, self.stream)

    @property
    def is_whole(self) -> bool:
        return self.layer is Layer.PLATFORM and not self.stream


def check(text: str, whom: For) -> Document:
    """Return what *text* says when it may become a version. Raises `BadPolicy` with every flaw."""
    document = read_document(text, whole=whom.is_whole)
    if whom.is_whole:
        parse_policy(text)
        return document
    reseller_id = whom.account.reseller_id if whom.account else whom.place[0]
    under = in_force().under(whom.place, reseller_id)
    check_override(merged_strictly(under), document, whom.layer)
    return document


@transaction.atomic
def draft(text: str, whom: For, *, author: User | None, reason: str, now: datetime) -> PolicyVersion:
    """Keep *text* as a draft.

    Raises `BadPolicy`, `PolicyRefused` without a reason or a change, and `AlreadyDrafted` when it is sent twice.
    """
    text = text.replace("\r\n", "\n")
    document = check(text, whom)
    if not reason.strip():
        raise PolicyRefused(_("Give the reason: who decides whether it comes into force reads it."))
    _take_turn()
    current = selectors.version_at(*whom.place)
    if current is not None and current.text == text:
        raise PolicyRefused(_("This is word for word what is in force."))
    waiting = selectors.drafts().filter(sha256=_digest(text), author=author)
    if author is not None and (same := next((one for one in waiting if place_of(one) == whom.place), None)):
        raise AlreadyDrafted(same.number)
    return _write(text, document, whom, author=author, reason=reason.strip()[:LONGEST_REASON], over=current, now=now)


@transaction.atomic
def activate(number: int, *, by: User, over: int | None, now: datetime) -> PolicyVersion:
    """Put a draft in force in place of version *over* (None: of nothing), the one that *by* compared it with.

    Raises `PolicyMoved` when another is in force by now, `PolicyRefused` for the author, `BadPolicy` when the text
    no longer fits this release or the versions around it. Accounts are judged by it from their next assessment on.
    """
    _take_turn()
    version = selectors.versions().select_for_update(of=("self",)).get(number=number)
    if version.state is not PolicyVersion.State.DRAFT:
        raise PolicyMoved(_("This version is no draft any more."))
    if version.author_id == by.pk:
        raise PolicyRefused(_("You wrote this version: somebody else must put it in force."))
    current = selectors.version_at(*place_of(version))
    if (current.number if current else None) != over:
        raise PolicyMoved(_("Another version has come into force in the meantime. Look at the changes again."))
    _check_around(version)
    if current is not None:
        PolicyVersion.objects.filter(pk=current.pk).update(retired_at=now)
        _tell(current, Move.RETIRED, by, now, f"v{version.number}")
    PolicyVersion.objects.filter(pk=version.pk).update(activated_at=now, activated_by=by)
    _tell(version, Move.ACTIVATED, by, now)
    shadows.stop(version, by=by, now=now)
    return selectors.version(number)


@transaction.atomic
def withdraw(number: int, *, by: User, now: datetime, reason: str = "") -> PolicyVersion:
    """Put a draft away. Raises `PolicyMoved` when it is no draft any more."""
    withdrawn = PolicyVersion.objects.filter(number=number, activated_at=None, retired_at=None).update(retired_at=now)
    version = selectors.version(number)
    if not withdrawn:
        raise PolicyMoved(_("This version is no draft any more."))
    _tell(version, Move.WITHDRAWN, by, now, reason)
    shadows.stop(version, by=by, now=now)
    return version


@transaction.atomic
def install_shipped(now: datetime) -> PolicyVersion | None:
    """Make the shipped policy version 1 when there is none; offer a newer one as a draft. None: nothing to do.

    What decides is whether it would judge otherwise: new words alone are not offered. An older offer that nobody
    took is withdrawn.
    """
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    sha256 = _digest(text)
    if PolicyVersion.objects.filter(sha256=sha256, author=None, reseller=None, account=None, stream="").exists():
        return None
    _take_turn()
    shipped = list(
        PolicyVersion.objects.filter(author=None, reseller=None, account=None, stream="").order_by("-number")
    )
    if shipped and read_leniently(shipped[0].text)[0].values == default_policy().values():
        return None
    current = selectors.version_at(None, None, "")
    reason = f"Courrielleur {settings.VERSION}"
    for offer in shipped:
        if offer.state is PolicyVersion.State.DRAFT:
            PolicyVersion.objects.filter(pk=offer.pk).update(retired_at=now)
            _tell(offer, Move.WITHDRAWN, None, now, reason)
    version = _write(
        text, read_document(text, whole=True), For(), author=None, reason=reason, over=current, now=now,
        move=Move.OFFERED if current else Move.INSTALLED,
    )  # fmt: skip
    if current is None:
        PolicyVersion.objects.filter(pk=version.pk).update(activated_at=now)
        _tell(version, Move.ACTIVATED, None, now)
    return selectors.version(version.number)


def remember(policies: InForce, judged: Iterable[tuple[int, int | None]], now: datetime) -> None:
    """Keep the values of the policies that assessments name, once for each version.

    *judged* are (reseller id, account id); without an account, a reseller's accounts together.
    """
    used = {policies.at(*one).version: one for one in judged}
    if not used:
        return
    PolicyUsed.objects.bulk_create(
        [
            PolicyUsed(
                version=version,
                values=policies.at(*one).values(),
                numbers=policies.numbers(*one),
                first_used_at=now,
            )
            for version, one in sorted(used.items())
        ],
        ignore_conflicts=True,
    )


def set_stream(account: Account, stream: str, *, by: User | None, now: datetime) -> None:
    """Say that all of the account's mail is of one stream; empty: that it is not."""
    if stream:
        AccountStream.objects.update_or_create(
            account=account, defaults={"stream": stream, "set_by": by, "set_at": now}
        )
    else:
        AccountStream.objects.filter(account=account).delete()


def _check_around(version: PolicyVersion) -> None:
    """Raise `BadPolicy` unless *version*, and everything that lies over it, still makes sense with it in force."""
    if version.is_whole:
        parse_policy(version.text)
    else:
        read_document(version.text, whole=False)
    policies = in_force().instead(version)
    resellers = dict(Account.objects.filter(pk__in=_account_ids(policies)).values_list("pk", "reseller"))
    for (reseller_id, account_id, stream), written in policies.versions.items():
        if account_id is not None:
            reseller_id = resellers[account_id]
        try:
            merged_strictly(policies.chain(reseller_id, account_id, stream))
        except BadPolicy as error:
            if written.number == version.number:
                raise
            raise PolicyRefused(
                _("Version %(number)s would no longer fit over it: %(flaw)s")
                % {"number": written.number, "flaw": sentence(error.flaws[0])}
            ) from error


def _account_ids(policies: InForce) -> list[int]:
    return [account_id for _, account_id, _ in policies.versions if account_id is not None]


def _write(
    text: str,
    document: Document,
    whom: For,
    *,
    author: User | None,
    reason: str,
    over: PolicyVersion | None,
    now: datetime,
    move: PolicyEvent.Move = Move.DRAFTED,
) -> PolicyVersion:
    last = PolicyVersion.objects.aggregate(number=Max("number"))["number"] or 0
    version = PolicyVersion.objects.create(
        number=last + 1,
        reseller=whom.reseller,
        account=whom.account,
        stream=whom.stream,
        name=document.name,
        text=text,
        sha256=_digest(text),
        reason=reason,
        author=author,
        based_on=over,
        created_at=now,
    )
    _tell(version, move, author, now, reason)
    return version


def _tell(version: PolicyVersion, move: PolicyEvent.Move, by: User | None, now: datetime, text: str = "") -> None:
    PolicyEvent.objects.create(version=version, move=move, at=now, actor=by, text=text)


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
