"""Pause and resume an account's queues in PowerMTA: by its command `pmta`, or over HTTP.

The handle is one virtual MTA for each account: `pmta pause queue */VMTA`, `pmta resume queue */VMTA` (as operators
use it; check it with your release's User's Guide). The command comes from COURRIELLEUR_PMTA_COMMAND and never from
the database: who may set up an endpoint must not choose what runs here. It runs without a shell, and names that a
shell or PowerMTA would give a meaning to are refused.
"""

import os
import shlex
import subprocess
from dataclasses import replace
from urllib.parse import quote

from django.conf import settings as house

from abuse.adapters.calls import Line, exchange
from abuse.adapters.enforcers import Answer, Delivered, Failed, Inapplicable, Message, Target, Told
from abuse.core.mta_settings import PmtaSettings, SettingRefused, account_in, fill, is_plain
from abuse.core.stops import Instruction, Stop

TIME_LIMIT_SECONDS = 15.0
ALL_DOMAINS = "*/"  # before the name of a virtual MTA: its queues to every domain
NO_JOBS = "campaigns have no jobs in this PowerMTA (setting `job`): pause the campaign by hand"


class PmtaEnforcer:
    """Pausing what is paused changes nothing, so every order may come twice."""

    def send(self, message: Message) -> Answer:
        if message.instruction is None:
            told = self.tell(message.target)
            return told if isinstance(told, Failed) else Delivered(200)
        return self.assert_again(message.target, message.instruction)

    def assert_again(self, target: Target, instruction: Instruction) -> Answer:
        try:
            settings = PmtaSettings.read(target.config)
            if target.url:
                settings = replace(settings, job="")  # over HTTP there are queues only
            acts = acts_of(instruction, settings)
        except SettingRefused as error:
            return Failed(str(error), is_permanent=True)
        if not acts:
            return Inapplicable(NO_JOBS)
        for verb, kind, name in acts:
            answer = _by_http(target, settings, verb, name) if target.url else _by_command(settings, verb, kind, name)
            if isinstance(answer, Failed):
                return answer
        return Delivered(200)

    def tell(self, target: Target) -> Told | Failed | None:
        try:
            settings = PmtaSettings.read(target.config)
        except SettingRefused as error:
            return Failed(str(error), is_permanent=True)
        if target.url:
            if not settings.paused:
                return None
            listed = exchange(target, lambda line: line.call("GET", settings.paused))
            if isinstance(listed, Failed):
                return listed
            return told_by(listed.decode(errors="replace"), settings)
        if not house.PMTA_PAUSED_COMMAND:
            return None
        output = run(_words(house.PMTA_PAUSED_COMMAND, settings))
        return output if isinstance(output, Failed) else told_by(output, settings)

    def remove(self, target: Target, strays: tuple[str, ...]) -> Answer:
        return Delivered(200)  # there are none: a queue is known by its name alone


def acts_of(instruction: Instruction, settings: PmtaSettings) -> list[tuple[str, str, str]]:
    """Return what to do, as (verb, queue or job, name); nothing when a campaign is to be paused and jobs have no name.

    A stopped account's virtual MTA is paused, that of any other runs. Raises `SettingRefused` for a name that is none.
    """
    whole = Stop(instruction.account)
    queue = ALL_DOMAINS + _plain("vmta", fill(settings.vmta, whole))
    if whole in instruction.stops:
        return [("pause", "queue", queue)]
    if instruction.stops and not settings.job:
        return []
    jobs = [("pause", "job", _plain("job", fill(settings.job, stop))) for stop in sorted(instruction.stops)]
    if settings.job and instruction.campaign and not jobs:
        released = Stop(instruction.account, instruction.campaign)
        jobs = [("resume", "job", _plain("job", fill(settings.job, released)))]
    return [*jobs, ("resume", "queue", queue)]


def told_by(listing: str, settings: PmtaSettings) -> Told:
    """Return the accounts whose queues a *listing* names, one `domain/vmta` or `vmta` at the start of each line."""
    held = set()
    for line in listing.splitlines():
        name = line.split(None, 1)[0] if line.strip() else ""
        account = account_in(settings.vmta, name.rpartition("/")[2])
        if account and (name.startswith(ALL_DOMAINS) or "/" not in name):
            held.add(Stop(account))
    return Told(frozenset(held), names_campaigns=False)


def run(words: list[str]) -> str | Failed:
    """Run a command without a shell and return what it wrote, or why it failed. It has one time limit."""
    try:
        done = subprocess.run(  # noqa: S603  # words of the operator's own setting, and names that were checked
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT_SECONDS,
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Failed(f"{words[0]}: no end within {TIME_LIMIT_SECONDS:.0f} seconds")
    except OSError as error:
        return Failed(f"{words[0]}: {error.strerror}")
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        said = (done.stderr.decode(errors="replace") or output).strip()[:120]
        return Failed(f"{words[0]}: status {done.returncode}: {said}".removesuffix(": "))
    return output


def _by_command(settings: PmtaSettings, verb: str, kind: str, name: str) -> Answer:
    output = run([*_words(house.PMTA_COMMAND, settings), verb, kind, name])
    return output if isinstance(output, Failed) else Delivered(200)


def _by_http(target: Target, settings: PmtaSettings, verb: str, name: str) -> Answer:
    template = settings.pause if verb == "pause" else settings.resume
    if not template:
        return Failed("the settings `pause` and `resume` name no path", is_permanent=True)
    path = template.replace("{queue}", quote(name, safe=""))

    async def post(line: Line) -> Answer:
        await line.call("POST", path)
        return Delivered(200)

    return exchange(target, post)


def _words(command: str, settings: PmtaSettings) -> list[str]:
    return [word.replace("{host}", settings.host) for word in shlex.split(command)]


def _plain(setting: str, name: str) -> str:
    if not is_plain(name):
        raise SettingRefused(setting, "name", name)
    return name
