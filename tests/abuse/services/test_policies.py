"""Versions of the policy: written, put in force by a second person, laid over each other, and never rewritten."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from abuse.core.policy import DEFAULT_FILE, BadPolicy, default_policy
from abuse.core.policy_layers import with_table
from abuse.core.policy_text import Table, read_document
from abuse.models import Assessment, Case, PolicyEvent, PolicyUsed, PolicyVersion, Standing, Suspension
from abuse.selectors import policies as selectors
from abuse.selectors.policies_in_force import in_force, policy_used
from abuse.services import assessments, policies, replays
from abuse.services.policies import For, PolicyMoved, PolicyRefused
from courrielleur import pipeline
from courrielleur.accounts.actors import Actor
from courrielleur.accounts.models import Account
from courrielleur.accounts.permissions import Role
from tests.abuse.world import good_list, person, purchased_list
from tests.worlds import NOON, make_account, make_reseller

pytestmark = pytest.mark.django_db
SHIPPED = DEFAULT_FILE.read_text(encoding="utf-8")
EVIDENCE = "natural logarithm of the likelihood ratio"


def whole(**values: float) -> str:
    """The shipped policy with some constants changed: whole(suspend__evidence=6.0)."""
    text = SHIPPED
    for name, value in values.items():
        name = name.replace("__", ".")
        unit = read_document(SHIPPED, whole=True).tables[name].unit
        text = with_table(text, name, Table(value, unit, "us", "To try."))
    return text


def override(name: str, value: str, unit: str) -> str:
    return f'name = "mild"\n\n[{name}]\nvalue = {value}\nunit = "{unit}"\nsource = "the contract"\nwhy = "Invoices."\n'


MILD = override("complaints.limit", '"0.4 %"', "complaints per delivered message")


@pytest.fixture
def lou(db: None) -> Actor:
    """Lou leads too: the second person."""
    return person("lou", Role.LEAD)


@pytest.fixture
def platform(db: None) -> PolicyVersion:
    version = policies.install_shipped(NOON)
    assert version is not None
    return version


def put_in_force(text: str, whom: For, author: Actor, by: Actor) -> PolicyVersion:
    version = policies.draft(text, whom, author=author.user, reason="On essaie.", now=NOON)
    over = version.based_on.number if version.based_on else None
    return policies.activate(version.number, by=by.user, over=over, now=NOON)


def test_the_shipped_policy_becomes_version_1_once(platform: PolicyVersion) -> None:
    assert policies.install_shipped(NOON) is None
    (version,) = PolicyVersion.objects.all()
    assert (version.number, version.state, version.text) == (1, "active", SHIPPED)
    assert in_force().platform.values() == default_policy().values()
    assert [event.move for event in selectors.history(version)] == ["installed", "activated"]


def test_without_any_version_the_shipped_policy_judges(account: Account) -> None:
    assert in_force([account]).of(account) is default_policy()


def test_a_newer_shipped_policy_is_offered_and_not_forced(platform, monkeypatch, tmp_path, lea: Actor) -> None:
    def ship(text: str) -> PolicyVersion | None:
        (tmp_path / "default.toml").write_text(text)
        monkeypatch.setattr(policies, "DEFAULT_FILE", tmp_path / "default.toml")
        newer = policies.parse_policy(text)
        monkeypatch.setattr(policies, "default_policy", lambda: newer)
        return policies.install_shipped(NOON)

    assert ship(SHIPPED + "# a better word\n") is None  # it would judge alike
    offered = ship(whole(suspend__evidence=6.0))
    assert offered.state == "draft"
    assert in_force().platform.suspend_evidence == 5
    newest = ship(whole(suspend__evidence=6.5))
    assert selectors.version(offered.number).state == "withdrawn"
    policies.activate(newest.number, by=lea.user, over=1, now=NOON)
    assert in_force().platform.suspend_evidence == 6.5
    assert selectors.version(1).state == "retired"
    assert ship(whole(suspend__evidence=6.5)) is None


def test_nobody_puts_their_own_text_in_force(platform, lea: Actor, lou: Actor) -> None:
    version = policies.draft(whole(suspend__evidence=6.0), For(), author=lea.user, reason="Prudence.", now=NOON)
    with pytest.raises(PolicyRefused, match="Vous avez rédigé"):
        policies.activate(version.number, by=lea.user, over=1, now=NOON)
    with pytest.raises(IntegrityError, match="policy_second_person"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(activated_at=NOON, activated_by=lea.user)
    assert in_force().platform.suspend_evidence == 5
    policies.activate(version.number, by=lou.user, over=1, now=NOON)
    assert in_force().platform.suspend_evidence == 6
    told = [(event.move, event.actor) for event in PolicyEvent.objects.filter(version=version).order_by("at", "pk")]
    assert told == [("drafted", lea.user), ("activated", lou.user)]


def test_who_compared_with_another_version_looks_again(platform, lea: Actor, lou: Actor) -> None:
    first = policies.draft(whole(suspend__evidence=6.0), For(), author=lea.user, reason="Un.", now=NOON)
    second = policies.draft(whole(suspend__evidence=7.0), For(), author=lea.user, reason="Deux.", now=NOON)
    policies.activate(first.number, by=lou.user, over=1, now=NOON)
    with pytest.raises(PolicyMoved):
        policies.activate(second.number, by=lou.user, over=1, now=NOON)
    with pytest.raises(PolicyMoved):
        policies.activate(first.number, by=lou.user, over=first.number, now=NOON)
    assert in_force().platform.suspend_evidence == 6
    policies.activate(second.number, by=lou.user, over=first.number, now=NOON)
    assert in_force().platform.suspend_evidence == 7


def test_a_withdrawn_draft_never_comes_into_force(platform, lea: Actor, lou: Actor) -> None:
    version = policies.draft(whole(suspend__evidence=6.0), For(), author=lea.user, reason="Un.", now=NOON)
    assert policies.withdraw(version.number, by=lea.user, now=NOON).state == "withdrawn"
    with pytest.raises(PolicyMoved):
        policies.activate(version.number, by=lou.user, over=1, now=NOON)
    with pytest.raises(PolicyMoved):
        policies.withdraw(1, by=lou.user, now=NOON)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE abuse_policyversion SET text = 'x' WHERE number = 1",
        "UPDATE abuse_policyversion SET reason = 'x' WHERE number = 1",
        "UPDATE abuse_policyversion SET activated_at = now() WHERE number = 1",
        "DELETE FROM abuse_policyversion",
        "UPDATE abuse_policyevent SET text = 'x'",
        "DELETE FROM abuse_policyevent",
    ],
)
def test_the_database_refuses_to_rewrite_history(platform, change: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_the_narrower_version_wins_and_the_rest_is_inherited(
    platform, account: Account, lea: Actor, lou: Actor
) -> None:
    other = make_account("bistro", reseller=account.reseller)
    stranger = make_account("cactus", reseller=make_reseller("austral"))
    put_in_force(MILD, For(reseller=account.reseller), lea, lou)
    put_in_force(MILD.replace("0.4 %", "0.5 %"), For(account=account), lea, lou)
    put_in_force(MILD.replace("0.4 %", "0.1 %"), For(stream="transactional"), lea, lou)
    found = in_force([account, other, stranger])
    limits = [found.of(one).complaints_limit for one in (account, other, stranger)]
    assert limits == [0.005, 0.004, 0.0025]
    assert found.of(account).bounces_limit == 0.05
    policies.set_stream(stranger, "transactional", by=lea.user, now=NOON)
    assert in_force([stranger]).of(stranger).complaints_limit == 0.001
    assert in_force().at(account.reseller_id, account.pk, "transactional").complaints_limit == 0.005
    policies.set_stream(stranger, "", by=lea.user, now=NOON)
    assert in_force([stranger]).of(stranger).complaints_limit == 0.0025
    by_version = {one.name: one.number for one in selectors.thresholds(account=account)}
    assert (by_version["complaints.limit"], by_version["bounces.limit"]) == (3, 1)


def test_many_accounts_are_resolved_in_one_query(platform, account: Account, lea: Actor, lou: Actor) -> None:
    put_in_force(MILD, For(account=account), lea, lou)
    many = [account, *(make_account(f"a{number}", reseller=account.reseller) for number in range(20))]
    in_force(many)  # texts are read once per process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = in_force(many)
        policies_of = {found.of(one) for one in many}
    assert len(queries) == 1
    assert len(policies_of) == 2


def test_an_override_that_would_no_longer_fit_keeps_the_platform_back(platform, account, lea, lou) -> None:
    put_in_force(override("probation.evidence", "4.5", EVIDENCE), For(account=account), lea, lou)
    version = policies.draft(
        whole(suspend__evidence=4.2, probation__evidence=4.0), For(), author=lea.user, reason="Un.", now=NOON
    )
    with pytest.raises(PolicyRefused, match=r"2 .*\[probation.evidence\]"):
        policies.activate(version.number, by=lou.user, over=1, now=NOON)


def test_a_draft_needs_a_reason_and_a_change(platform, account: Account, lea: Actor) -> None:
    with pytest.raises(PolicyRefused):
        policies.draft(MILD, For(account=account), author=lea.user, reason=" ", now=NOON)
    with pytest.raises(PolicyRefused):
        policies.draft(SHIPPED.replace("\n", "\r\n"), For(), author=lea.user, reason="Un.", now=NOON)
    with pytest.raises(BadPolicy):
        policies.draft(MILD, For(), author=lea.user, reason="Pas entière.", now=NOON)
    assert PolicyVersion.objects.count() == 1


def test_accounts_are_judged_by_their_own_policy_and_the_assessment_names_it(platform, account, lea, lou) -> None:
    other = make_account("bistro", reseller=account.reseller)
    purchased_list(account)
    purchased_list(other)
    blind = override("bounces.limit", '"50 %"', "hard bounces per delivered message")
    put_in_force(blind + MILD.partition("\n")[2].replace("0.4 %", "5 %"), For(account=account), lea, lou)
    assessments.assess([account.pk, other.pk], NOON)
    states = {one.account.key: one for one in Assessment.objects.select_related("account")}
    assert (states["acme"].state, states["bistro"].state) == ("ok", "suspend")
    assert states["acme"].policy_version.startswith("v1+v2-")
    assert states["bistro"].policy_version.startswith("v1-")
    assert states["acme"].figures["policy_version"] == states["acme"].policy_version
    assert policy_used(states["acme"].policy_version).bounces_limit == 0.5
    assert PolicyUsed.objects.get(version=states["acme"].policy_version).numbers == [1, 2]


def test_a_decision_is_repeated_by_the_policy_of_then(platform, account, lea, lou) -> None:
    good_list(account)
    put_in_force(MILD, For(account=account), lea, lou)
    assessments.assess([account.pk], NOON)
    put_in_force(MILD.replace("0.4 %", "0.3 %"), For(account=account), lea, lou)
    (replay,) = replays.since(NOON - timedelta(days=1))
    assert replay.is_same
    assert replay.from_inputs.complaints_limit == 0.004


def test_a_text_of_an_older_release_still_judges(account: Account, lea: Actor) -> None:
    """A constant it does not know has its shipped value, one that is gone is passed over."""
    old = SHIPPED.replace("[sabotage.fresh_days]", "[sabotage.gone]").replace('value = "0.25 %"', 'value = "0.2 %"', 1)
    PolicyVersion.objects.create(
        number=1, name="old", text=old, sha256="0" * 64, reason="x", created_at=NOON, activated_at=NOON
    )
    policy = in_force([account]).of(account)
    assert policy.complaints_limit == 0.002
    assert policy.sabotage_fresh_days == default_policy().sabotage_fresh_days


def test_a_version_that_no_longer_fits_is_left_out_and_logged(platform, account, caplog) -> None:
    PolicyVersion.objects.create(
        number=9, name="odd", text=override("suspend.evidence", "1.0", EVIDENCE), sha256="1" * 64, reason="x",
        account=account, created_at=NOON, activated_at=NOON,
    )  # fmt: skip
    assert in_force([account]).of(account).suspend_evidence == 5
    assert "version 9 is left out" in caplog.text


def test_the_tick_installs_the_shipped_policy(account: Account) -> None:
    pipeline.tick()
    assert PolicyVersion.objects.get().number == 1


def test_transactional_mail_lives_on_where_the_policy_says_so(
    platform, account: Account, lea: Actor, lou: Actor
) -> None:
    gentle = override("suspend.measure", '"hold"', "suspend or hold")
    put_in_force(gentle, For(stream="transactional"), lea, lou)
    other = make_account("boutique", reseller=account.reseller)
    policies.set_stream(account, "transactional", by=lea.user, now=NOON)
    for one in (account, other):
        purchased_list(one)
    assessments.assess_touched(NOON)
    assessments.assess([account.pk, other.pk], NOON + timedelta(hours=1))
    assert [stop.account for stop in Suspension.objects.all()] == [other]
    assert Standing.objects.get(account=account).level == "hold"
    assert Assessment.objects.filter(account=account).latest("at").state == "suspend"
    assert Case.objects.filter(account=account).count() == 1
