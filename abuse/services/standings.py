"""The standing of an account: one row, locked by whoever changes it."""

from datetime import datetime, timedelta

from abuse.models import Standing
from courrielleur.accounts.models import Account

Level = Standing.Level

STOPPED = frozenset({Level.SUSPENDED, Level.TERMINATED})


def lock(account: Account, now: datetime) -> Standing:
    """Return the account's standing, locked until the transaction ends; a new account is in good standing."""
    Standing.objects.bulk_create([Standing(account=account, since=now)], ignore_conflicts=True)
    return Standing.objects.select_for_update(of=("self",)).select_related("assessment").get(account=account)


def change(standing: Standing, level: Level, now: datetime) -> None:
    """Put *standing* on *level*, in memory; `since` tells of the latest change."""
    if standing.level != level:
        standing.level, standing.since = level, now


def is_on_probation(standing: Standing, now: datetime) -> bool:
    return standing.probation_ends_at is not None and now < standing.probation_ends_at


def ground_level(standing: Standing, now: datetime) -> Level:
    """Return where an account stands against which nothing speaks."""
    return Level.PROBATION if is_on_probation(standing, now) else Level.OK


def start_afresh(standing: Standing, now: datetime) -> None:
    """Let scoring begin again with the mail sent from the next UTC day on: a person has judged all before."""
    standing.scores_from = now.date() + timedelta(days=1)
