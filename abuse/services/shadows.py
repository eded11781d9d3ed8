"""Let a draft judge beside what is in force: its verdicts are kept apart and compared, and never act."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from abuse.core.decision import decide
from abuse.models import PolicyEvent, PolicyVersion, Shadow, ShadowVerdict
from abuse.selectors.policies_in_force import InForce
from abuse.services.verdicts import Judged
from courrielleur.accounts.models import User
from fbl.core.providers import reporting_keys


class ShadowRefused(Exception):
    """This version can't run in the shadow. The message says why, for the person who asked."""


@transaction.atomic
def start(version: PolicyVersion, *, by: User, now: datetime) -> Shadow:
    """Let a draft judge beside what is in force, from now on. Raises `ShadowRefused`: one runs at a time."""
    if version.state is not PolicyVersion.State.DRAFT:
        raise ShadowRefused(_("Only a draft runs in the shadow."))
    try:
        with transaction.atomic():
            shadow = Shadow.objects.create(version=version, started_at=now, started_by=by)
    except IntegrityError as error:
        if Shadow.objects.filter(version=version, ended_at=None).exists():  # asked for twice, or by two people at once
            raise ShadowRefused(_("This draft runs in the shadow already.")) from error
        raise ShadowRefused(_("Another draft runs in the shadow. Take it out first.")) from error
    PolicyEvent.objects.create(version=version, move=PolicyEvent.Move.SHADOWED, at=now, actor=by)
    return shadow


@transaction.atomic
def stop(version: PolicyVersion, *, by: User | None, now: datetime) -> bool:
    """Take *version* out of the shadow; what it said stays. False when it was not there."""
    ended = Shadow.objects.filter(version=version, ended_at=None).update(ended_at=now, ended_by=by)
    if ended:
        PolicyEvent.objects.create(version=version, move=PolicyEvent.Move.UNSHADOWED, at=now, actor=by)
    return bool(ended)


def is_running() -> bool:
    """Whether a draft judges beside what is in force: then nobody may be passed over because the latter says "ok"."""
    return Shadow.objects.filter(ended_at=None).exists()


def watch(judged: Sequence[Judged], policies: InForce, now: datetime) -> None:
    """Write what the shadow says of these accounts, where it is news: another verdict than the one in force, or than
    its own last word. *policies* are those they were judged by.
    """
    shadow = Shadow.objects.filter(ended_at=None).select_related("version").first()
    if shadow is None:
        return
    drafts = policies.instead(shadow.version)
    said = _last_words(shadow, [item.account.pk for item in judged])
    news = []
    for item in judged:
        policy = drafts.of(item.account)
        verdict = item.verdict
        if policy.values() != item.policy.values():
            verdict = decide(
                item.history,
                policy,
                now_hour=verdict.now_hour,
                reporting_providers=reporting_keys(),
                on_probation=verdict.on_probation,
            )
        row = ShadowVerdict(
            shadow=shadow,
            account=item.account,
            at=now,
            state=verdict.state.value,
            reasons=[reason.value for reason in verdict.reasons],
            active_state=item.verdict.state.value,
            active_reasons=[reason.value for reason in item.verdict.reasons],
        )
        last = said.get(item.account.pk)
        if _words(row) != _words(last) if last else (row.state, row.reasons) != (row.active_state, row.active_reasons):
            news.append(row)
    ShadowVerdict.objects.bulk_create(news)


def _last_words(shadow: Shadow, account_ids: list[int]) -> dict[int, ShadowVerdict]:
    found = ShadowVerdict.objects.filter(shadow=shadow, account__in=account_ids)
    return {row.account_id: row for row in found.order_by("account_id", "-at").distinct("account_id")}


def _words(row: ShadowVerdict) -> tuple[str, list[str], str, list[str]]:
    return row.state, row.reasons, row.active_state, row.active_reasons
