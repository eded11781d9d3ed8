"""However logs are cut into files and pieces, ordered, repeated and interrupted: the counters are a plain recount."""

import contextlib
import itertools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fbl.core.identify import campaign_digest
from fbl.core.providers import provider_of
from fbl.models import HourlyCount
from fbl.services import log_imports, log_posts, reports
from fbl.services.inbox import Arrival, store
from tests import mta_logs
from tests.fbl.services.test_log_imports import dsn, import_text
from tests.recount import differences
from tests.worlds import NOON, Mailing, hour, make_account

pytestmark = pytest.mark.django_db

FULL = "smtp;552 5.2.2 Mailbox full"
DOMAINS = ("yahoo.ca", "gmail.com", "example.org")
# Where an import is cut short: before a batch is written, after it, with its position written, before the commit.
FAULTS = ("write", "_opened", "_move_on", "nudge")
_number = itertools.count()


class Cut(Exception):
    """The power fails."""


@dataclass(frozen=True)
class Line:
    kind: str  # d, b, rb, t
    who: int
    campaign: int
    is_hard: bool


@dataclass(frozen=True)
class Step:
    """One run over the beginning of a file."""

    file: int
    share: float  # of the file that is there
    fault: str
    after: int  # calls that go well


LINES = st.lists(
    st.builds(
        Line, st.sampled_from(["d", "d", "d", "b", "rb", "t"]), st.integers(0, 4), st.integers(0, 1), st.booleans()
    ),
    max_size=14,
)
STEPS = st.lists(
    st.builds(Step, st.integers(0, 2), st.floats(0, 1), st.sampled_from(["", *FAULTS]), st.integers(0, 3)), max_size=6
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(LINES, min_size=1, max_size=3),
    steps=STEPS,
    order=st.permutations(range(3)),
    piece=st.integers(60, 3_000),
    batch=st.integers(1, 6),
    notices=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(0, 6)), max_size=3),
)
def test_files_of_any_kind_count_what_is_in_them(files, steps, order, piece, batch, notices, monkeypatch):
    account = make_account(f"a{next(_number)}")
    campaigns = [Mailing(account.pk, campaign=name) for name in ("infolettre", "soldes")]
    texts = [_pmta_file(number, lines, campaigns) for number, lines in enumerate(files)]
    by_mail = {(who, campaign) for who, campaign, _ in notices}

    def notify(step):
        for who, campaign, at in notices:
            if at == step:
                path = campaigns[campaign].to(_address(who)).return_path
                store([Arrival(dsn(_address(who), path), "smtp", NOON, "", path)])
                reports.read_stored(100, NOON)

    with monkeypatch.context() as patched:
        patched.setattr(log_imports, "PIECE", piece)
        patched.setattr(log_imports, "BATCH_LINES", batch)
        for number, step in enumerate(steps):
            notify(number)
            text = texts[step.file % len(texts)]
            with patched.context() as cutting, contextlib.suppress(Cut):
                _break(cutting, step)
                import_text(text[: int(len(text) * step.share)], name=f"{step.file}.csv", final=False)
        notify(6)
        for number in range(len(steps), 6):
            notify(number)
        for index in order:
            if index < len(texts):
                import_text(texts[index], name="last.csv")
        import_text(texts[0], name="again.csv")

    assert _counted(account) == _recount([line for lines in files for line in lines], by_mail)
    assert not differences()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES,
    posts=st.lists(st.tuples(st.integers(0, 14), st.integers(1, 15), st.booleans()), max_size=6),
    is_cut=st.booleans(),
    size=st.integers(1, 3_000),
)
def test_posts_of_any_kind_count_what_is_in_them(lines, posts, is_cut, size, monkeypatch):
    account = make_account(f"a{next(_number)}")
    campaigns = [Mailing(account.pk, campaign=name) for name in ("infolettre", "soldes")]
    records = [_kumo(number, line, campaigns) for number, line in enumerate(lines)]
    with monkeypatch.context() as patched:
        patched.setattr(log_posts, "BYTES_AT_ONCE", size)
        for start, length, as_list in [*posts, (0, len(records), False)]:
            part = records[start : start + length]
            if part:
                body = json.dumps(part) if as_list else "\n".join(map(json.dumps, part))
                log_posts.store(body.encode(), NOON)
        if is_cut:
            with patched.context() as cutting, contextlib.suppress(Cut):
                cutting.setattr(log_posts, "_finish", _fail)
                log_posts.read_stored(NOON)
        while log_posts.read_stored(NOON):
            pass

    assert _counted(account) == _recount(lines, set())
    assert not differences()


def _recount(lines, by_mail):
    """Return delivered, hard and soft by provider and campaign, line by line and with nothing but sets."""
    told, delivered = set(), Counter()
    for line in lines:
        cell = (provider_of(DOMAINS[line.who % 3]), line.campaign)
        delivered[cell] += line.kind == "d"
        if line.kind in ("b", "rb"):
            told.add((line.who, line.campaign, line.kind, line.is_hard))
    refused = {(who, campaign) for who, campaign, kind, _ in told if kind == "b"}
    returned = {(who, campaign) for who, campaign, kind, _ in told if kind == "rb"}
    # A notice takes a delivery back where the log told of that hour at all.
    has_hour = any(line.kind == "d" for line in lines)
    taken = returned | (by_mail - refused if has_hour else set())
    for who, campaign in taken:
        delivered[provider_of(DOMAINS[who % 3]), campaign] -= 1
    bounces = {(who, campaign, is_hard) for who, campaign, _, is_hard in told} | {(*one, True) for one in by_mail}
    cells = {(provider_of(DOMAINS[who % 3]), campaign) for who, campaign, _ in bounces} | set(delivered)
    return {
        cell: found
        for cell in cells
        if any(
            found := (
                delivered[cell],
                sum(_cell(who, campaign) == cell and is_hard for who, campaign, is_hard in bounces),
                sum(_cell(who, campaign) == cell and not is_hard for who, campaign, is_hard in bounces),
            )
        )
    }


def _counted(account):
    names = {f"#{campaign_digest(name).hex()}": number for number, name in enumerate(("infolettre", "soldes"))}
    rows = HourlyCount.objects.filter(account_id=account.pk)
    assert {row.send_hour for row in rows} <= {hour(mta_logs.QUEUED_AT)}
    return {
        (row.provider, names[row.campaign]): found
        for row in rows
        if any(found := (row.delivered, row.hard_bounces, row.soft_bounces))
    }


def _cell(who, campaign):
    return provider_of(DOMAINS[who % 3]), campaign


def _address(who):
    return f"r{who}@{DOMAINS[who % 3]}"


def _pmta_file(number, lines, campaigns):
    # Real files never begin alike: their first record tells them apart.
    first = mta_logs.pmta("t", f"file{number}@example.org", orig=campaigns[0].to("x@example.org").return_path)
    texts = [
        mta_logs.pmta(
            line.kind,
            _address(line.who),
            orig=campaigns[line.campaign].to(_address(line.who)).return_path,
            at=mta_logs.QUEUED_AT + timedelta(seconds=1 + place),
            diag="" if line.is_hard else FULL,
            status="" if line.is_hard else "5.2.2",
        )
        for place, line in enumerate(lines)
    ]
    return mta_logs.pmta_file(first, *texts)


def _kumo(number, line, campaigns):
    path = campaigns[line.campaign].to(_address(line.who)).return_path
    kind = {"d": "Delivery", "b": "Bounce", "rb": "OOB", "t": "TransientFailure"}[line.kind]
    record = json.loads(
        mta_logs.kumo(kind, _address(line.who), id=str(number), sender=path, queue="yahoo.ca", headers={"To": path})
    )
    if kind in ("Bounce", "OOB") and not line.is_hard:
        record["response"] = {"code": 552, "content": "Mailbox full", "enhanced_code": None}
    return record


def _break(patched, step):
    if not step.fault:
        return
    place = log_imports.FileImport if step.fault == "_move_on" else log_imports
    real, calls = getattr(place, step.fault), itertools.count()

    def may_fail(*arguments):
        if step.fault == "_move_on" and next(calls) >= step.after:
            real(*arguments)
            raise Cut
        if step.fault != "_move_on" and next(calls) >= step.after:
            raise Cut
        return real(*arguments)

    patched.setattr(place, step.fault, may_fail)


def _fail(*_arguments):
    raise Cut
