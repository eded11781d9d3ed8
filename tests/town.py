"""A small town, made by the services as the doors make it: two resellers, their clients, and one case of each kind.

Boréal answers for Acme (stopped, asked for answers), Bistro (has answered), Dune (refused) and Fleur (sends well);
Austral for Cactus, which Boréal's people must never see.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from abuse.core.case import CaseMove
from abuse.core.policy import default_document
from abuse.core.policy_layers import with_table
from abuse.models import Case, Endpoint, EnforcementOrder, Incident, IncidentCell, PolicyVersion, Trial, TrialFinding
from abuse.selectors.policies import shipped_text
from abuse.services import assessments, cases, enforcement, laboratory, letters, mtas, policies, pulls
from consent.models import ConsentUpload
from consent.services import questionnaires, reviews, uploads
from courrielleur.accounts import services as accounts
from courrielleur.accounts.actors import for_user
from courrielleur.accounts.models import Account, Reseller, User
from courrielleur.accounts.permissions import Role
from courrielleur.demo import mails
from fbl.models import InboundReport
from fbl.services import feeds, reports
from tests.abuse.world import good_list, purchased_list
from tests.consent.services.conftest import COMPLETE
from tests.worlds import Mailing, arrive, hour, make_account, make_reseller

CONSENT = (
    "Courriel;DateHeureCommande;IP;Méthode\r\n"
    "marie@yahoo.ca;2026-03-21 21:16:58 -04:00;192.0.2.17;formulaire\r\n"
    "luc@@example.com;2026-03-21 21:16:58;192.0.2.300;\r\n"
).encode()
UNCLEAR = (
    b"Nom;Correo;Date;Note\r\n"
    b"Marie Tremblay;marie@yahoo.ca;04/05/2026 21:16:58;foire de mai\r\n"
    b"Luc;luc@@example.com;05/06/2026 09:05:00;\r\n"
)


@dataclass(frozen=True)
class Town:
    boreal: Reseller
    austral: Reseller
    acme: Account
    cactus: Account
    asked: Case  # of Acme, with every answer saved and not yet handed in
    answered: Case  # of Bistro
    refused: Case  # of Dune
    upload: ConsentUpload  # of Acme
    unclear: ConsentUpload  # of Acme, with dates of two meanings and columns of unknown headings
    report: InboundReport  # of nobody we know
    unproven: InboundReport  # names Acme, and is not believed
    our_hook: Endpoint  # the platform's
    hook: Endpoint  # Boréal's
    mta: Endpoint  # the platform's, which asks for its orders
    our_order: EnforcementOrder  # of Acme, given up
    order: EnforcementOrder
    incident: Incident  # a morning when one provider called everybody unknown
    draft: PolicyVersion  # of the specialist, over version 1
    backtest: Trial  # of it, done
    calibration: Trial  # done
    simulation: Trial  # of the draft, done
    waiting: Trial
    people: dict[str, User]


def build(now: datetime | None = None) -> Town:
    now = now or timezone.now()
    opened_at = now - timedelta(hours=3)
    boreal, austral = make_reseller("boreal"), make_reseller("austral", language="en")
    our_hook, _secret = enforcement.create_endpoint(url="http://127.0.0.1:9/platform", now=opened_at)
    hook, _secret = enforcement.create_endpoint(url="http://127.0.0.1:9/boreal", reseller=boreal, now=opened_at)
    acme, bistro, dune, fleur = (make_account(key, reseller=boreal) for key in ("acme", "bistro", "dune", "fleur"))
    cactus = make_account("cactus", reseller=austral, language="en")
    policies.install_shipped(opened_at)
    people = _people(boreal, austral, acme, bistro, dune, cactus)

    for account in (acme, bistro, dune):
        purchased_list(account, at=opened_at)
    for account in (fleur, cactus):
        good_list(account, at=opened_at)
    _feedback(acme, opened_at)
    accounts.add_asset(kind="ip", value="192.0.2.25", account=acme)
    assessments.assess([account.pk for account in (acme, bistro, dune, fleur, cactus)], opened_at)
    letters.send_due(opened_at)

    upload, _is_new = uploads.store(acme, CONSENT, "inscriptions.csv", "Marie", opened_at)
    uploads.read(upload, opened_at)
    unclear, _is_new = uploads.receive(acme, [UNCLEAR], "mai.csv", "Marie", opened_at, answers={"confirm": False})
    uploads.read(unclear, opened_at)
    asked, answered, refused = (_case_of(account) for account in (acme, bistro, dune))
    _answer(asked, people["client of acme and dune"], now)
    _submit(answered, people["client of bistro"], now)
    _submit(refused, people["owner of boreal"], now)
    reviews.decide(refused, CaseMove.REFUSE, "La liste est achetée.", for_user(people["specialist"]), now)
    lead = for_user(people["lead"])
    cases.message(asked, actor=lead, text="Merci de répondre cette semaine.", now=now)
    cases.message(asked, actor=lead, text="Troisième cas cette année.", now=now, is_internal=True)
    cases.assign(answered, to=people["agent"], actor=lead, now=now)

    EnforcementOrder.objects.filter(account=acme).update(
        state=EnforcementOrder.State.DEAD, attempts=9, ended_at=now, last_error="connection refused"
    )
    return Town(
        boreal=boreal,
        austral=austral,
        acme=acme,
        cactus=cactus,
        asked=_case_of(acme),
        answered=_case_of(bistro),
        refused=_case_of(dune),
        upload=ConsentUpload.objects.get(pk=upload.pk),
        unclear=ConsentUpload.objects.get(pk=unclear.pk),
        report=InboundReport.objects.get(state=InboundReport.State.UNIDENTIFIED),
        unproven=InboundReport.objects.get(state=InboundReport.State.UNVERIFIED),
        our_hook=our_hook,
        hook=hook,
        our_order=EnforcementOrder.objects.get(account=acme, endpoint=our_hook),
        order=EnforcementOrder.objects.get(account=acme, endpoint=hook),
        mta=_mtas(boreal, now),
        incident=_incident(now),
        draft=(draft := _draft(people["specialist"], now)),
        **_trials(draft, now),
        people=people,
    )


def _mtas(boreal: Reseller, now: datetime) -> Endpoint:
    """Machines that ask, ours and Boréal's, and have done what they were told; return ours."""
    ours = mtas.add("pull", name="mx-a", now=now)
    for endpoint in (ours, mtas.add("pull", name="mx-boreal", reseller=boreal, now=now)):
        pulls.read(endpoint, None)
    EnforcementOrder.objects.filter(endpoint__kind="pull").update(state="delivered", ended_at=now)
    Endpoint.objects.filter(kind="pull").update(heard_at=now, held=0)
    return ours


def _incident(now: datetime) -> Incident:
    at = hour(now) - 26
    incident = Incident.objects.create(kind="hard", opened_at=now, first_hour=at, last_hour=at)
    IncidentCell.objects.create(
        incident=incident,
        kind="hard",
        provider="microsoft",
        hour=at,
        accounts=12,
        senders=14,
        sent=9000,
        failed=8000,
        found_at=now,
    )
    return incident


def _people(
    boreal: Reseller, austral: Reseller, acme: Account, bistro: Account, dune: Account, cactus: Account
) -> dict[str, User]:
    def person(name: str, role: Role, language: str = "fr", **scope: object) -> User:
        return accounts.invite(email=f"{name}@example.com", name=name.title(), role=role, language=language, **scope)

    nobody = User.objects.create_user("noe@example.com", name="Noé", language="fr")
    gone = person("gilles", Role.SPECIALIST)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    client = person("chloe", Role.CLIENT, account=acme)
    person("chloe", Role.CLIENT, account=dune)
    return {
        "agent": person("ahmed", Role.AGENT),
        "specialist": person("simone", Role.SPECIALIST),
        "lead": person("lea", Role.LEAD),
        "administrator": person("denis", Role.ADMIN),
        "owner of boreal": person("odile", Role.RESELLER_OWNER, reseller=boreal),
        "member of boreal": person("marie", Role.RESELLER_MEMBER, reseller=boreal),
        "client of acme and dune": client,
        "client of bistro": person("benoit", Role.CLIENT, account=bistro),
        "owner of austral": person("olivia", Role.RESELLER_OWNER, "en", reseller=austral),
        "client of cactus": person("carl", Role.CLIENT, "en", account=cactus),
        "person without a role": nobody,
        "inactive specialist": gone,
    }


def _feedback(account: Account, at: datetime) -> None:
    """A complaint and a bounce of the account, three reports that count against nobody, and a feed."""
    mailing = Mailing(account.pk, sent_at=at - timedelta(hours=30))
    arrive(mails.arf(mailing.to("marie@yahoo.ca"), at=at), at=at)
    arrive(mails.dsn(mailing.to("luc@yahoo.ca"), at=at), at=at)
    stray = replace(
        mailing.to("zoe@yahoo.ca"), return_path="nouvelles@example.com", headers={}, source_ip="198.51.100.9"
    )
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n…".encode()
    layout = b'Content-Type: text/html; charset=utf-8\r\n\r\n<h1>Soldes</h1><a href="https://x.example.com/">Voir</a>'
    arrive(mails.arf(stray, at=at, redacted=True).replace(plain, layout), at=at)
    not_sent_yet = Mailing(account.pk, sent_at=at + timedelta(days=2))
    arrive(mails.arf(not_sent_yet.to("ana@hotmail.com"), at=at, reporter="staff@hotmail.com"), at=at)
    feeds.enrol(feeds.NewFeed(key="outlook", name="Outlook.com", kind="jmrp", senders=("staff@hotmail.com",)))
    arrive(mails.broken(mailing.to("eve@yahoo.ca"), at=at), at=at)
    reports.read_stored(100, at)


def _draft(author: User, now: datetime) -> PolicyVersion:
    """A draft of the platform's policy that asks for a little more evidence."""
    table = default_document().tables["suspend.evidence"]
    text = with_table(shipped_text(), "suspend.evidence", replace(table, value=5.5, why="Deux erreurs en octobre."))
    return policies.draft(text, policies.For(), author=author, reason="Deux bons clients arrêtés.", now=now)


def _trials(draft: PolicyVersion, now: datetime) -> dict[str, Trial]:
    """A back-test and a calibration that found something, and one that waits."""
    tried = laboratory.start_backtest(draft, days=30, by=draft.author, now=now, here=True)
    calibrated = laboratory.start_calibration(days=90, target=5, by=draft.author, now=now, here=True)
    simulated = laboratory.start_simulation(draft, seed=1, scale=0.01, by=draft.author, now=now, here=True)
    for trial in (tried, calibrated, simulated):
        laboratory.run_to_the_end(trial)
    calibrated.refresh_from_db()
    known = {"value": 6.4, "low": 6.1, "high": 6.7, "n": 1480, "is_enough": True, "current": 8.0}
    result = calibrated.result | {"estimates": calibrated.result["estimates"] | {"maturity.median": known}}
    result["delays"] = [{"feed": "outlook", "complaints": 1480, "median": 6.4, "ninetieth": 41.5}]
    Trial.objects.filter(pk=calibrated.pk).update(result=result)
    TrialFinding.objects.create(
        trial=tried, account=Account.objects.get(key="acme"), kind="later", active_hour=494_000, draft_hour=494_026,
        active_reasons=["bounces_constant"], draft_reasons=["bounces_constant"], mail=2_000, was_stopped_at=now,
    )  # fmt: skip
    waiting = laboratory.start_backtest(draft, days=60, by=draft.author, now=now, here=True)
    return {
        "backtest": Trial.objects.get(pk=tried.pk),
        "calibration": calibrated,
        "simulation": Trial.objects.get(pk=simulated.pk),
        "waiting": waiting,
    }


def _answer(case: Case, user: User, now: datetime) -> None:
    questionnaire = questionnaires.open(case)
    for question, value in COMPLETE.items():
        questionnaires.save(questionnaire, question, value, for_user(user), now)


def _submit(case: Case, user: User, now: datetime) -> None:
    _answer(case, user, now)
    questionnaires.submit(questionnaires.open(case), for_user(user), user.name, now)
    case.refresh_from_db()


def _case_of(account: Account) -> Case:
    return Case.objects.select_related("account__reseller", "suspension__assessment", "assigned_to").get(
        account=account
    )
