"""Play the demo through the doors: the last weeks, some cases, then the newcomer and everyday traffic for ever."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from courrielleur.demo import evidence, live
from courrielleur.demo.cast import Cast
from courrielleur.demo.compose import Mail, compose
from courrielleur.demo.mta import PATH, Mta
from courrielleur.demo.postman import BATCH, Postman
from courrielleur.demo.rest import Console, Ended
from courrielleur.demo.traffic import Incident, Traffic, history

STOPPED_BY_HISTORY = ("returning", "bounces", "both")
PATIENCE_SECONDS = 180  # for the console to judge; it has a whole history to read
LOOK_EVERY_SECONDS = 1.0
SUSPENDED = "suspended"
OPENED = "opened"


@dataclass(frozen=True)
class Script:
    """What is played, and how: the same script plays the same story."""

    seed: int
    start: datetime  # the first start of this installation's demo
    days: int  # of history
    speed: float  # how many seconds are played in one, once the history is in
    report_domain: str
    authserv_id: str  # of our own MTA; empty: the console believes none
    pages_url: str  # where a visitor finds the console
    is_once: bool  # end when the newcomer is stopped


# Lets the people of the cast in, and returns the keys of clients, by account or reseller: they act for themselves.
Admit = Callable[[], Mapping[str, str]]
# Does what a platform does once its history is read. Enrols the feeds: reports of weeks that come in an hour would be
# no feed's measure. And tries stricter thresholds on that history.
SettleIn = Callable[[], None]


class Player:
    def __init__(
        self,
        cast: Cast,
        script: Script,
        console: Console,
        postman: Postman,
        mta: Mta,
        *,
        admit: Admit,
        settle_in: SettleIn,
        say: Callable[[str], None],
        wait: Callable[[float], bool],
    ) -> None:
        self._cast, self._script = cast, script
        self._console, self._postman, self._mta = console, postman, mta
        self._admit, self._settle_in, self._say, self._wait = admit, settle_in, say, wait
        self._start = int(script.start.timestamp() // 60)
        self._burst: Iterator[live.Slot] = iter(())

    def play(self) -> None:
        """Play until told to end. Raises `Ended` then, and `Refused` when console and demo disagree."""
        self._console.wait_until_ready()
        self._postman.wait_until_ready()
        known = self._console.keys("accounts")
        self._set_up(known)
        keys = self._admit()
        self._connect_mta()
        # The newcomer signs up after the history: whoever finds them there has all of it.
        if self._cast.newcomer.key not in known:
            past = self._play_history()
            self._play_cases(past, keys)
            self._settle_in()
            self._console.add_account(self._cast.newcomer)
            self._console.tell_of(self._cast.mailings)
            self._say(f"{self._cast.newcomer.name} has signed up and imports a list.")
        self._play_live()

    def _set_up(self, known: set[str]) -> None:
        resellers = self._console.keys("resellers")
        for reseller in self._cast.resellers:
            if reseller.key not in resellers:
                self._console.add_reseller(reseller)
        for account in self._cast.accounts:
            if account.key not in known:
                self._console.add_account(account)
        self._say(f"{len(self._cast.accounts)} accounts under {len(self._cast.resellers)} resellers send mail.")

    def _connect_mta(self) -> None:
        """Register the MTA's endpoint; those of former demos went with their ports."""
        self._mta.start()
        for endpoint in self._console.items("webhook-endpoints"):
            if endpoint["disabled_at"] is None and endpoint["url"].endswith(PATH):
                self._console.delete(f"webhook-endpoints/{endpoint['id']}")
        secret = self._console.post("webhook-endpoints", {"url": self._mta.url})["secret"]
        self._mta.trust(secret)

    def _play_history(self) -> Traffic:
        """Send in what happened before the start, volumes first: complaints without them could not be judged."""
        script = self._script
        past = history(self._cast, script.seed, start=self._start, days=script.days)
        delivered = sum(volume.delivered for volume in past.volumes)
        self._say(f"The last {script.days} days: {delivered:,} mails delivered.")
        self._console.add_volumes(f"demo-{script.seed}-{self._start}", past.volumes)
        heard = [one for one in past.incidents if one.seen_at <= self._start]
        self._say(f"{len(heard):,} complaints, bounces and other answers come in over SMTP.")
        self._deliver(heard)
        self._say("The history is in; the console reads and judges it.")
        return past

    def _play_cases(self, past: Traffic, keys: Mapping[str, str]) -> None:
        stopped = [self._cast.of_story(story).key for story in STOPPED_BY_HISTORY]
        cases = {key: case for key in stopped if (case := self._case_once_stopped(key))}
        returning, bounces = self._cast.of_story("returning"), self._cast.of_story("bounces")
        testimony = self._cast.testimony
        if case := cases.get(returning.key):
            with Console(self._console.url, keys[returning.key], self._wait) as client:
                lines = evidence.consent_file(returning, past.incidents, self._script.seed, start=self._start)
                client.upload_consent(returning.key, "inscriptions-2024-2026.csv", lines)
                for question, value in evidence.answers(testimony, start=self._start).items():
                    client.put(f"cases/{case}/answers/{question}", {"value": value})
                client.post(f"cases/{case}/messages", {"text": testimony.message})
                client.post(f"cases/{case}/submission", {"declared_name": testimony.declared_name})
            self._say(f"{returning.name} has answered and handed in consent records: {self._page(case)}")
        if case := cases.get(bounces.key):
            with Console(self._console.url, keys[bounces.reseller], self._wait) as reseller:
                reseller.post(f"cases/{case}/messages", {"text": testimony.reseller_message})

    def _case_once_stopped(self, account: str) -> str | None:
        """Wait until the account is suspended and the client was told; return the key of its case.

        None when the case has gone on without us, or the console takes too long.
        """
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            standing = self._console.get(f"accounts/{account}/standing")
            if standing["level"] == SUSPENDED and standing["case"]:
                case = self._console.get(f"cases/{standing['case']}")
                if case["waits_for_client"]:
                    return str(case["key"])
                if case["state"] != OPENED:
                    return None  # a demo that was interrupted had come further
            self._pause(LOOK_EVERY_SECONDS)
        self._say(f"{account} was not suspended within {PATIENCE_SECONDS} seconds.")
        return None

    def _play_live(self) -> None:
        newcomer = self._cast.newcomer
        at = self._minute()
        is_new = self._console.get(f"accounts/{newcomer.key}/standing")["level"] != SUSPENDED
        if is_new:
            self._burst = live.campaign(self._cast, self._script.seed, at=at)
        # Slots are named after the moment of this start: another start plays other ones.
        origin = int(datetime.now(UTC).timestamp()) // live.SLOT_SECONDS
        number = 0
        while True:
            slot = live.everyday(
                self._cast,
                self._script.seed + origin,
                number,
                at=self._minute(),
                stopped=self._mta.stopped | {newcomer.key},
            )
            self._bring(f"demo-{origin}-{number}", slot.traffic)
            if number >= live.NEWCOMER_LEAD_SLOTS:
                self._bring_burst(f"demo-{origin}-{newcomer.key}")
                if self._script.is_once and newcomer.key in self._mta.stopped:
                    return
            number += 1
            self._pause(live.SLOT_SECONDS / self._script.speed)

    def _bring_burst(self, name: str) -> None:
        """Play the next slot of the newcomer's campaign, unless the MTA was told to stop it."""
        newcomer = self._cast.newcomer
        slot = next(self._burst, None)
        if slot is None:
            return
        if slot.number == 0:
            self._say(
                f"{newcomer.name} sends its first big campaign: {self._script.pages_url}/desk/accounts/{newcomer.key}/"
            )
        if newcomer.key not in self._mta.stopped:
            self._bring(f"{name}-{slot.number}", slot.traffic)
            return
        self._burst = iter(())
        case = self._console.get(f"accounts/{newcomer.key}/standing")["case"]
        self._say(f"{newcomer.name} was stopped {slot.number * live.SLOT_SECONDS} seconds later: {self._page(case)}")

    def _bring(self, name: str, traffic: Traffic) -> None:
        if traffic.volumes:
            self._console.add_volumes(name, traffic.volumes)
        self._deliver(traffic.incidents)

    def _deliver(self, incidents: Sequence[Incident]) -> None:
        """Mint what the mails carried, account by account, and send them in the order they are heard."""
        by_account: dict[str, list[Incident]] = defaultdict(list)
        for one in incidents:
            by_account[one.account].append(one)
        mails: dict[Incident, Mail] = {}
        for key, own in by_account.items():
            account = self._cast.account(key)
            for one, carriers in zip(own, self._console.references(key, own), strict=True):
                mails[one] = compose(
                    one,
                    account,
                    carriers,
                    report_domain=self._script.report_domain,
                    authserv_id=self._script.authserv_id,
                )
        ordered = [mails[one] for one in incidents]
        for first in range(0, len(ordered), BATCH):
            self._postman.send(ordered[first : first + BATCH])
            self._pause(0)

    def _page(self, case: str | None) -> str:
        return f"{self._script.pages_url}/desk/cases/{case}/" if case else f"{self._script.pages_url}/desk/"

    def _minute(self) -> int:
        return int(datetime.now(UTC).timestamp() // 60)

    def _pause(self, seconds: float) -> None:
        if self._wait(seconds):
            raise Ended
