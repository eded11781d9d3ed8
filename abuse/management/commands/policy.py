"""The versions of the policy from the command line: list, show, compare, write, put in force, withdraw."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from abuse.core.policy_layers import Stream
from abuse.core.policy_text import BadPolicy
from abuse.core.wording import LANGUAGES
from abuse.models import PolicyVersion
from abuse.selectors import policies as selectors
from abuse.services import policies
from abuse.services.policies import For, PolicyRefused
from abuse.services.policy_flaws import told
from courrielleur.accounts.actors import for_user
from courrielleur.accounts.models import Account, Reseller, User
from courrielleur.accounts.permissions import Permission

FAILED, WRONG_USAGE = 1, 2
STREAMS = [stream.value for stream in Stream if stream.value]


class Command(BaseCommand):
    help = "List, show, compare, write, put in force and withdraw versions of the policy. JSON lines on stdout."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, default="fr", help="of what is said about mistakes")
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

        verbs.add_parser("list", help="every version, the newest first")
        show = verbs.add_parser("show", help="the text of a version; without a number, every threshold as it holds")
        show.add_argument("number", type=int, nargs="?")
        diff = verbs.add_parser("diff", help="what a version changes of another, or of what is in force at its place")
        diff.add_argument("number", type=int)
        diff.add_argument("before", type=int, nargs="?")
        check = verbs.add_parser("check", help="whether a text could become a version; keeps nothing")
        draft = verbs.add_parser("draft", help="keep a text as a draft")
        for verb in (check, draft):
            verb.add_argument("file", metavar="FILE", help="TOML, or - for standard input")
            verb.add_argument("--stream", choices=STREAMS, default="")
        for verb in (show, check, draft):
            whom = verb.add_mutually_exclusive_group()
            whom.add_argument("--reseller", metavar="KEY")
            whom.add_argument("--account", metavar="KEY")
        draft.add_argument("--reason", required=True, help="why; whoever puts it in force reads it")
        activate = verbs.add_parser("activate", help="put a draft in force; its author can't")
        activate.add_argument("--over", type=int, help="the version it replaces, when not the one it was written over")
        withdraw = verbs.add_parser("withdraw", help="put a draft away")
        for verb in (activate, withdraw):
            verb.add_argument("number", type=int)
        stream = verbs.add_parser("stream", help="say that all mail of an account is of one stream")
        stream.add_argument("account", metavar="KEY")
        stream.add_argument("stream", choices=[*STREAMS, "none"])
        for verb in (draft, activate, withdraw, stream):
            verb.add_argument("--by", required=True, metavar="EMAIL", help="the person who does it")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(options["language"]):
            try:
                for line in getattr(self, f"_{options['verb']}")(options, timezone.now()):
                    self.stdout.write(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False))
            except BadPolicy as error:
                raise CommandError("\n".join(map(told, error.flaws)), returncode=FAILED) from error
            except PolicyRefused as error:
                raise CommandError(str(error), returncode=FAILED) from error
            except PolicyVersion.DoesNotExist as error:
                raise CommandError("There is no such version; see `policy list`.", returncode=WRONG_USAGE) from error

    def _list(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        return map(_as_json, selectors.versions().iterator(100))

    def _show(self, options: dict[str, Any], now: datetime) -> Iterator[Any]:
        if options["number"] is not None:
            yield selectors.version(options["number"]).text.rstrip("\n")
            return
        whom = _whom(options)
        reseller_id = whom.reseller.pk if whom.reseller else None
        yield from map(asdict, selectors.thresholds(whom.account, reseller_id))

    def _diff(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        version = selectors.version(options["number"])
        before = selectors.version(options["before"]) if options["before"] else selectors.beside(version)
        for change in selectors.changes(version, before):
            yield {
                "constant": change.name,
                "before": change.value_before,
                "after": change.value_after,
                "unit": change.unit,
                "source": change.after.source if change.after else "",
                "why": change.after.why if change.after else "",
            }

    def _check(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        document = policies.check(_read(options["file"]), _whom(options))
        yield {"name": document.name, "constants": len(document.tables)}

    def _draft(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        author = _person(options["by"], Permission.WRITE_POLICIES)
        text = _read(options["file"])
        yield _as_json(policies.draft(text, _whom(options), author=author, reason=options["reason"], now=now))

    def _activate(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        by = _person(options["by"], Permission.ACTIVATE_POLICIES)
        version = selectors.version(options["number"])
        over = options["over"] or (version.based_on.number if version.based_on else None)
        yield _as_json(policies.activate(version.number, by=by, over=over, now=now))

    def _withdraw(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        by = _person(options["by"], Permission.WRITE_POLICIES)
        yield _as_json(policies.withdraw(options["number"], by=by, now=now))

    def _stream(self, options: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
        by = _person(options["by"], Permission.ACTIVATE_POLICIES)
        account = _account(options["account"])
        policies.set_stream(account, options["stream"].replace("none", ""), by=by, now=now)
        yield {"account": account.key, "stream": selectors.stream_of(account) or None}


def _as_json(version: PolicyVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state.value,
        "reseller": version.reseller.key if version.reseller else None,
        "account": version.account.key if version.account else None,
        "stream": version.stream or None,
        "name": version.name,
        "sha256": version.sha256,
        "reason": version.reason,
        "author": version.author.email if version.author else None,
        "created_at": _iso(version.created_at),
        "activated_at": _iso(version.activated_at),
        "activated_by": version.activated_by.email if version.activated_by else None,
        "retired_at": _iso(version.retired_at),
    }


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}", returncode=WRONG_USAGE) from error


def _whom(options: dict[str, Any]) -> For:
    stream = options.get("stream") or ""
    if options["account"]:
        return For(account=_account(options["account"]), stream=stream)
    if options["reseller"]:
        reseller = Reseller.objects.filter(key=options["reseller"]).first()
        if reseller is None:
            raise CommandError(f"There is no reseller {options['reseller']!r}.", returncode=WRONG_USAGE)
        return For(reseller=reseller, stream=stream)
    return For(stream=stream)


def _account(key: str) -> Account:
    account = Account.objects.select_related("reseller").filter(key=key).first()
    if account is None:
        raise CommandError(f"There is no account {key!r}.", returncode=WRONG_USAGE)
    return account


def _person(email: str, permission: Permission) -> User:
    user = User.objects.filter(email=email.lower()).first()
    if user is None or not for_user(user).can(permission):
        raise CommandError(f"{email} is nobody who may do this.", returncode=FAILED)
    return user


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
