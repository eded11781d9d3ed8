"""Kill -9 of the real worker at each step between an order and its confirmation: MTA and database agree in the end.

The MTAs are on the other side of a real connection, and it is they who kill: so the worker dies in the very call.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.utils import timezone

from abuse.core.stops import Stop
from abuse.models import Endpoint, EnforcementOrder, Standing, Suspension
from abuse.selectors.stops import stops_for
from abuse.services import enforcement, mtas, suspensions
from courrielleur.accounts.models import Account
from courrielleur.jobs.queue import nudge
from tests.abuse.world import Receiver, receiver
from tests.installation import ROOT, wait_for
from tests.kumomta import Node, node
from tests.worlds import make_account

__all__ = ["receiver"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("installation")]

State = EnforcementOrder.State
IMPOSE_AND_DIE = """
import os, signal
from django.utils import timezone
from abuse.services import suspensions
from courrielleur.accounts.models import Account
suspensions.impose(Account.objects.get(key="acme"), now=timezone.now(), reason="x")
os.kill(os.getpid(), signal.SIGKILL)
"""


class Worker:
    """The real worker, in a session of its own: killed with its children."""

    def __init__(self, database_url: str, secret_key: str) -> None:
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "COURRIELLEUR_SECRET_KEY": secret_key,
            "COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS": "1",
            "COURRIELLEUR_WORKERS": "1",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, start_new_session=True
        )

    def start(self, step: str) -> None:
        """Start the worker, or leave it running, and nudge *step*. What a dead worker had taken is due again."""
        EnforcementOrder.objects.filter(state=State.PENDING).update(next_attempt_at=timezone.now())
        if self.process is None:
            self.process = self.run("qcluster")
        nudge(step)

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def worker(database_url: str, settings) -> Iterator[Worker]:
    found = Worker(database_url, settings.SECRET_KEY)
    yield found
    found.kill()


@pytest.fixture
def kumo(worker: Worker) -> Iterator[Node]:
    with node() as found:
        yield found


def kill_at(kumo: Node, worker: Worker, *, method: str, moment: str, step: str) -> None:
    """Let the worker do *step* and die in the middle of a call."""
    killed: list[str] = []

    def is_widowed(called: str, when: str) -> bool:
        if killed or (called, when) != (method, moment):
            return False
        worker.kill()
        killed.append(called)
        return True

    kumo.is_widowed = is_widowed
    worker.start(step)
    wait_for(lambda: bool(killed), f"the worker to die {moment} {method}")


def states(account: Account, endpoint: Endpoint) -> list[str]:
    orders = EnforcementOrder.objects.filter(account=account, endpoint=endpoint).order_by("sequence")
    return list(orders.values_list("state", flat=True))


def settled(endpoint: Endpoint) -> bool:
    return not EnforcementOrder.objects.filter(endpoint=endpoint).exclude(state=State.DELIVERED).exists()


def test_each_order_arrives_in_order_and_mta_and_database_agree(worker: Worker, kumo: Node, receiver: Receiver) -> None:
    acme, zenith = make_account(), make_account("zenith")
    mta = mtas.add("kumomta", name="kumo-1", url=kumo.url)
    webhook, _secret = enforcement.create_endpoint(url=receiver.url)

    # The order is written, and who wrote it is gone.
    assert worker.run("shell", "--no-imports", "--command", IMPOSE_AND_DIE).wait(60) == -signal.SIGKILL
    assert states(acme, mta) == states(acme, webhook) == [State.PENDING]

    # It is taken, and the call is on its way; then the MTA obeys, and nobody hears it.
    kill_at(kumo, worker, method="POST", moment="before", step="deliver")
    assert (kumo.held, states(acme, mta)) == (set(), [State.PENDING])
    kill_at(kumo, worker, method="POST", moment="after", step="deliver")
    assert (kumo.held, states(acme, mta)) == ({Stop("acme")}, [State.PENDING])

    # Two more orders come meanwhile: the account is let go, and its neighbour stopped.
    suspensions.lift(Suspension.objects.get(account=acme), now=timezone.now(), by=None, reason="x")
    suspensions.impose(zenith, now=timezone.now(), reason="x")
    kill_at(kumo, worker, method="DELETE", moment="after", step="deliver")
    worker.start("deliver")
    wait_for(lambda: settled(mta) and settled(webhook), "the last order to be confirmed")
    assert kumo.held == stops_for(mta) == {Stop("zenith")}

    # The node forgets all; the worker dies while it compares, and again while it puts it right.
    kumo.entries.clear()
    kill_at(kumo, worker, method="GET", moment="after", step="reconcile")
    kill_at(kumo, worker, method="POST", moment="after", step="reconcile")
    assert (kumo.held, states(zenith, mta)) == ({Stop("zenith")}, [State.DELIVERED, State.PENDING])
    worker.start("reconcile")
    worker.start("deliver")
    wait_for(lambda: settled(mta), "the correction to be confirmed")

    assert kumo.held == stops_for(mta) == {Stop("zenith")}
    assert dict(Standing.objects.values_list("account__key", "level")) == {"acme": "probation", "zenith": "suspended"}
    for key, orders in {"acme": ["account.suspended", "account.reinstated"], "zenith": ["account.suspended"]}.items():
        heard = [order for account, order in arrivals(receiver) if account == key]
        assert heard == sorted(heard), "none after a later one"
        assert [kind for _sequence, kind in sorted(set(heard))] == orders


def arrivals(receiver: Receiver) -> list[tuple[str, tuple[int, str]]]:
    """Return account, sequence and kind of the orders, each as often as it came."""
    told = [json.loads(body) for _headers, body in receiver.requests]
    return [(one["data"]["account"], (one["data"]["sequence"], one["type"])) for one in told]
