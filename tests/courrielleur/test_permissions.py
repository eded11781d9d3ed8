"""Every address of the house, asked by everybody: who gets in, who is refused, and that a refusal changes nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from abuse import selectors as abuse
from consent.core.captures import read_captures
from consent.models import ConsentUpload, EvidenceRequest
from consent.selectors import records
from consent.services import captures, documents, questionnaires, sending, uploads
from courrielleur import vault
from courrielleur.accounts import actors, invitations
from courrielleur.accounts import services as accounts
from courrielleur.accounts.models import Account, ApiKey
from courrielleur.accounts.people import Place
from courrielleur.accounts.permissions import PLATFORM_ONLY_SCOPES, Role, Scope
from courrielleur.jobs.models import Job
from fbl.services import endpoints
from tests.courrielleur import permission_matrix as matrix
from tests.town import Town, build
from tests.worlds import Mailing

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN_PAGES = {"home", "healthz", "readyz", "queuez", "set_language", "set_theme", "unsubscribe", "account_email"}
OPEN_PAGES |= {"problems", "problem", "invitation"}
OPEN_ENDPOINTS = {"api:schema", "api:docs", "api:nothing-here", "api:esp"}
NOT_THERE = "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11"
MIGHTY = frozenset(".DOPK")  # between them they may do everything; and nobody
UNKNOWN = {
    "no-hook",
    "no-mess",
    "no-case",
    "no-lane",
    "no-door",
    "no-order",
    "nobody",
    "mixed-up",
    "no-reset",
    "no-mail",
}
UNKNOWN |= {"no-guest", "forged", "no-samp", "no-draft", "no-trial", "no-kind", "no-mta", "gone-mta"}
UNKNOWN |= {"no-record"}
CONTENT_TYPES = {"api:reports": "message/rfc822", "api:consent-records-batch": "application/x-ndjson"}
GARBAGE = ["0", "-1", "9" * 30, "x" * 300, "%00", "%ff", "%C3%A9", "..", "acme'--", NOT_THERE]
ODD = ["-1", "9" * 30, "%00", "%C3%A9"]
QUESTIONS = (
    *("q", "level", "view", "page", "state", "account", "check", "days", "cursor", "limit", "next"),
    *("reason", "suggestion", "reseller", "stream", "from"),
)
ASK_FIRST = {"unsubscribe", "account_confirm_email", "account_reset_password_from_key"}  # a GET says nothing yet


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    thing: str
    answers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.thing}"


def read(table: str, actors: Mapping[str, str] = matrix.PEOPLE) -> list[Row]:
    heading, *lines = [line.split() for line in table.strip().splitlines()]
    rows = []
    for method, name, thing, *answers in lines:
        named = dict(zip(heading[3:], answers, strict=True))
        others = named.pop("*", "")
        rows.append(Row(method, name, thing, {letter: named.pop(letter, others) for letter in actors}))
        assert not named, f"{name}: nobody is called {named}"
    return rows


PAGES = read(matrix.HOUSE) + read(matrix.DESK) + read(matrix.PORTAL) + read(matrix.DOORS)
ENDPOINTS = read(matrix.API, matrix.CALLERS)
ROWS = PAGES + ENDPOINTS
KNOWN = [row for row in ROWS if row.thing not in UNKNOWN]


def walk(resolver: URLResolver | None = None, spaces: str = "", route: str = "/") -> Iterator[tuple[str, str, Any]]:
    """Yield the name, the route and the view of every address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        there = route + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLPattern):
            yield f"{spaces}{pattern.name}", there, pattern.callback
        else:
            yield from walk(pattern, f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces, there)


ADDRESSES: dict[str, tuple[str, Any]] = {}
for _name, _route, _view in walk():
    ADDRESSES.setdefault(_name, (_route, _view))  # the first is the one that answers


class Visitors:
    """The town, and a way to ask it as anybody. What a visit changes is undone after it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.sessions = {letter: self._session(town.people.get(name)) for letter, name in matrix.PEOPLE.items()}
        everything, theirs = frozenset(Scope), frozenset(Scope) - PLATFORM_ONLY_SCOPES
        self.key_of_acme, secret_of_acme = accounts.issue_key(label="Acme", scopes=theirs, account=town.acme)
        self.our_key, our_secret = accounts.issue_key(label="MTA", scopes=everything)
        revoked, revoked_secret = accounts.issue_key(label="ancienne", scopes=everything)
        accounts.revoke_key(revoked)
        self.secrets = {
            "x": revoked_secret,
            "P": our_secret,
            "B": accounts.issue_key(label="Boréal", scopes=theirs, reseller=town.boreal)[1],
            "K": secret_of_acme,
            "a": accounts.issue_key(label="Austral", scopes=theirs, reseller=town.austral)[1],
            "k": accounts.issue_key(label="Cactus", scopes=theirs, account=town.cactus)[1],
        }
        self.lacking = {
            scope: accounts.issue_key(label="presque", scopes=everything - {scope})[1] for scope in everything
        }
        # Noted once a minute; here that would be a change.
        ApiKey.objects.update(last_used_at=timezone.now() + timedelta(hours=1))
        self.esp_token = endpoints.create(key="postmark", provider="postmark", secret="courrielleur:x")[1]
        self.things = self._things()
        # What waits is not late while the visits go on, however long they take.
        Job.objects.update(created_at=timezone.now() + timedelta(hours=1))

    def _session(self, user: Any) -> dict[str, str]:
        client = Client()
        if user is not None:
            client.force_login(user)
        return {name: cookie.value for name, cookie in client.cookies.items()}

    def _things(self) -> dict[str, dict[str, Any]]:
        town = self.town
        token = Mailing(town.acme.pk).to("marie@yahoo.ca").headers["X-Courrielleur-Ref"]
        client = Place(Role.CLIENT, account=town.acme)
        owner_of_boreal = actors.for_user(town.people["owner of boreal"])
        guest = invitations.invite_by_mail(client, "nina@example.com", "fr", owner_of_boreal, timezone.now())
        asked, answered = {"key": town.asked.key}, {"key": town.answered.key}
        answers, owner = questionnaires.open(town.asked), owner_of_boreal
        paper = documents.add(answers, "last_used", "preuve.pdf", b"%PDF-1.7 preuve", owner, timezone.now())
        return {
            "-": {},
            "of-acme": {},
            "token": {"token": token},
            "invited": {"token": invitations.token_of(guest)},
            "guest": {"invitation_id": guest.pk},
            "no-guest": {"invitation_id": NOT_THERE},
            "member": {"membership_id": town.people["client of acme and dune"].memberships.get(account=town.acme).pk},
            "forged": {"token": token[:-1] + ("a" if token[-1] != "a" else "b")},
            "acme": {"key": "acme"},
            "cactus": {"key": "cactus"},
            "nobody": {"key": "nobody"},
            "asked": asked,
            "answered": answered,
            "ask-more": answered,
            "the-end": answered,
            "refused": {"key": town.refused.key},
            "no-case": {"key": "C-000000"},
            "sample": asked | {"request_id": (sampled := sample_of(town)).pk},
            "samp-1": asked | {"request_id": sampled.pk, "number": 1},
            "no-samp": asked | {"request_id": NOT_THERE},
            "first": asked | {"number": 1},
            "letter": {"letter_id": abuse.notices(town.asked)[0].pk},
            "document": {"token": documents.token_of(paper)},
            "paper": asked | {"number": 1, "document_id": paper.pk},
            "one": asked | {"question": "last_used"},
            "lane": {"lane": "unidentified"},
            "no-lane": {"lane": "nowhere"},
            "problem": {"name": "invalid"},
            "no-kind": {"name": "nowhere"},
            "kumo": {"kind": "kumomta"},
            "no-mta": {"kind": "carrier-pigeon"},
            "mta": {"endpoint_id": town.mta.pk},
            "gone-mta": {"endpoint_id": NOT_THERE},
            "door": {"door": "smtp"},
            "no-door": {"door": "nowhere"},
            "report": {"lane": "unidentified", "report_id": town.report.pk},
            "unproven": {"lane": "unverified", "report_id": town.unproven.pk},
            "no-report": {"lane": "unverified", "report_id": NOT_THERE},
            "draft": {"number": town.draft.number},
            "incident": {"incident_id": town.incident.pk},
            "no-mess": {"incident_id": NOT_THERE},
            "no-draft": {"number": 999_999},
            "trial": {"trial_id": town.backtest.pk},
            "found": {"trial_id": town.calibration.pk},
            "waiting": {"trial_id": town.waiting.pk},
            "no-trial": {"trial_id": NOT_THERE},
            "feed": {"key": "outlook"},
            "no-feed": {"key": "nowhere"},
            "order": {"order_id": town.order.pk},
            "our-order": {"order_id": town.our_order.pk},
            "no-order": {"order_id": NOT_THERE},
            "endpoint": {"endpoint_id": town.hook.pk},
            "our-hook": {"endpoint_id": town.our_hook.pk},
            "hook": {"provider": "postmark", "token": self.esp_token},
            "no-hook": {"provider": "postmark", "token": "x" * 43},
            "upload": {"key": "acme", "upload_id": town.upload.pk},
            "unclear": {"key": "acme", "upload_id": town.unclear.pk},
            "sent": {"upload_id": town.upload.pk},
            "begun": {"upload_id": begun_by(town.acme).pk},
            "doubtful": {"upload_id": doubtful_of(town.acme).pk},
            "record": {"record_id": record_of(town.acme)},
            "no-record": {"record_id": f"{NOT_THERE}.1"},
            "mixed-up": {"key": "dune", "upload_id": town.upload.pk},
            "key-acme": {"key_id": self.key_of_acme.pk},
            "key-ours": {"key_id": self.our_key.pk},
            "chosen": {},
            "no-reset": {"uidb36": "zzzzzz", "key": "c4x-0000"},
            "no-mail": {"key": "MQ:x:y"},
        }

    def path(self, name: str, thing: str) -> str:
        if name == "api:nothing-here":
            return "/api/v1/nowhere"
        query = "?account=acme" if name.startswith("api:") and thing == "of-acme" else ""
        return reverse(name, kwargs=self.things[thing]) + query

    def client(self, letter: str, name: str, *, method: str = "GET", **options: Any) -> Client:
        if not name.startswith("api:"):
            client = Client(**options)
            for cookie, value in self.sessions[letter].items():
                client.cookies[cookie] = value
            return client
        client = APIClient(**options)
        secret = self.secrets.get(letter)
        if letter == "-":
            scopes = getattr(ADDRESSES[name][1].view_class, "scope", {})
            secret = self.lacking[scopes.get(method, Scope.ACCOUNTS_READ)]
        if secret:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    def said(self, letter: str, row: Row) -> dict[str, Any]:
        """Return the body of the request, as arguments of Django's client."""
        if row.method in ("GET", "DELETE"):
            return {}
        body = matrix.BODIES.get(f"{row.name} {row.thing}", matrix.BODIES.get(row.name, {}))
        filled = {"{lead}": self.town.people["lead"].pk, "{own}": matrix.OWN.get(letter, "platform")}
        filled["{place}"] = matrix.PLACES.get(letter, "agent:")
        body = {part: filled.get(value, value) if isinstance(value, str) else value for part, value in body.items()}
        content = matrix.FILES.get(row.name)
        if row.method == "PATCH":
            piece = "application/offset+octet-stream"
            return {"data": b"Courriel", "content_type": piece, "headers": {"Upload-Offset": "0"}}
        if row.name.startswith("api:"):
            if content is not None:
                return {"data": content, "content_type": CONTENT_TYPES.get(row.name, "text/csv")}
            return {"data": body, "format": "json"}
        if content is not None:
            body["file"] = SimpleUploadedFile("preuves.csv", content)
        return {"data": body} if row.method == "POST" else {}

    def ask(self, letter: str, row: Row) -> str:
        with transaction.atomic():
            before = digest_of_everything()
            path = self.path(row.name, row.thing)
            response = self.send(letter, row, path, is_undone=False, **self.said(letter, row))
            is_changed = digest_of_everything() != before
            transaction.set_rollback(True)
        return told(row.method, response, is_changed=is_changed)

    def send(self, letter: str, row: Row, path: str, *, is_undone: bool = True, **said: Any) -> HttpResponse:
        client = self.client(letter, row.name, method=row.method)
        with transaction.atomic():
            response = getattr(client, row.method.lower())(path, **said)
            transaction.set_rollback(is_undone)
        return response


def sample_of(town: Town) -> EvidenceRequest:
    """A sample of one recipient of Acme, which the lead asked for."""
    asked = EvidenceRequest.objects.create(
        case=town.asked, seed="00" * 16, wanted=5, drawn_from=1, asked_by=town.people["lead"],
        asked_at=timezone.now(), due_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    asked.recipients.create(
        number=1, recipient_digest=b"0" * 16, address=vault.encrypt_text("zoe@example.com"), source="record"
    )
    return asked


def begun_by(account: Account) -> ConsentUpload:
    """A file of which nothing came yet."""
    return sending.begin(account, size=100, file_name="", uploaded_by="Acme", now=timezone.now())[0]


def doubtful_of(account: Account) -> ConsentUpload:
    """A file that waits for an answer."""
    file = b"Courriel;Date\nmarie@example.com;04/05/2012 21:16:58\n"
    upload, _is_new = uploads.store(account, file, "mai.csv", "Acme", timezone.now())
    return uploads.read(upload, timezone.now())


def record_of(account: Account) -> str:
    """A consent that was told as it was given."""
    said = {"email": "zoe@example.com", "method": "single_opt_in", "consented_at": "2026-01-05T09:00:00Z"}
    [kept] = captures.keep(account, read_captures([said], timezone.now())[0], "Acme", timezone.now())
    return records.id_of(kept.upload_id, kept.line)


def told(method: str, response: HttpResponse, *, is_changed: bool) -> str:
    """Return the answer as the tables write it; `!` marks a change where there must be none."""
    is_led_to_login = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
    status = "in" if is_led_to_login else str(response.status_code)
    if method == "GET" or is_led_to_login or response.status_code >= 400:
        return f"{status}!" if is_changed else status
    return status if is_changed else f"{status}="


def digest_of_everything() -> dict[str, str]:
    """Return a digest of the rows of each table; sessions and the cache are nobody's data."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    digests = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(row::text, '|' ORDER BY row::text)) FROM \"{table}\" AS row"
        for table in sorted(tables - {"django_session"})
    )
    with connection.cursor() as cursor:
        cursor.execute(digests)
        return dict(cursor.fetchall())


@pytest.fixture(scope="module")
def visitors(django_db_setup: None, django_db_blocker: Any) -> Iterator[Visitors]:
    """One town for all rows: each visit is undone, and in the end the town."""
    settings = override_settings(
        WEBHOOK_PRIVATE_NETWORKS=True,  # its endpoints are on this machine
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # a good one takes its time
    )
    with settings, django_db_blocker.unblock(), transaction.atomic():
        yield Visitors(build())
        transaction.set_rollback(True)


def test_every_address_has_a_row_and_every_row_an_address():
    assert {row.name for row in ROWS} == set(ADDRESSES)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_gets_the_answer_of_the_table(visitors: Visitors, row: Row):
    names = matrix.CALLERS if row in ENDPOINTS else matrix.PEOPLE
    found = {letter: visitors.ask(letter, row) for letter in row.answers}
    wrong = [
        f"{names[letter]}: {found[letter]}, not {expected}"
        for letter, expected in row.answers.items()
        if found[letter] != expected
    ]
    assert not wrong, f"{row} -> {'  '.join(found.values())}"


def is_of_allauth(name: str) -> bool:
    return ADDRESSES[name][1].__module__.startswith("allauth.")


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_method_without_a_row_does_nothing(visitors: Visitors, name: str):
    rows = [row for row in ROWS if row.name == name]
    for method in set(METHODS) - {row.method for row in rows}:
        for letter in MIGHTY & set(rows[0].answers):
            answer = visitors.ask(letter, Row(method, name, rows[0].thing, {}))
            # allauth takes a PUT for an empty POST, and leads people on before it looks at the method
            is_idle = is_of_allauth(name) and answer.endswith("=")
            assert is_idle or answer in ("in", "401", "403", "404", "405"), (method, letter, answer)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if not name.startswith("api:")])
def test_every_page_stands_behind_the_guard_but_the_open_ones(name: str):
    if not is_of_allauth(name):
        assert hasattr(ADDRESSES[name][1], "permissions") == (name not in OPEN_PAGES)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name.startswith("api:")])
def test_every_endpoint_names_the_scope_of_each_method_but_the_open_ones(name: str):
    view = ADDRESSES[name][1].view_class
    offered = {method for method in METHODS if hasattr(view, method.lower())}
    assert set(getattr(view, "scope", {})) == (set() if name in OPEN_ENDPOINTS else offered)
    assert all(isinstance(scope, Scope) for scope in getattr(view, "scope", {}).values())


@pytest.mark.parametrize("row", [row for row in PAGES if row.method == "POST" and row.name != "unsubscribe"], ids=str)
def test_a_form_of_another_site_is_refused(visitors: Visitors, row: Row):
    for letter in "SO":
        client = visitors.client(letter, row.name, enforce_csrf_checks=True)
        response = client.post(visitors.path(row.name, row.thing), **visitors.said(letter, row))
        assert response.status_code == 403


@pytest.mark.parametrize("row", [row for row in KNOWN if "<" in ADDRESSES[row.name][0]], ids=str)
def test_what_nobody_named_is_not_there(visitors: Visitors, row: Row):
    for garbage in GARBAGE:
        path = re.sub(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^)]*\)", garbage, ADDRESSES[row.name][0])
        for letter in MIGHTY - {"."} & set(row.answers):
            response = visitors.send(letter, row, path, **visitors.said(letter, row))
            assert response.status_code < 500, (path, letter)
            if row.name not in ASK_FIRST:
                assert response.status_code in (400, 403, 404, 405), (path, letter)


@pytest.mark.parametrize("row", [row for row in KNOWN if row.method == "GET"], ids=str)
def test_a_question_nobody_asks_breaks_nothing(visitors: Visitors, row: Row):
    for garbage in ODD:
        question = "&".join(f"{name}={garbage}" for name in QUESTIONS)
        path = visitors.path(row.name, row.thing).partition("?")[0]
        for letter in MIGHTY & set(row.answers):
            assert visitors.send(letter, row, f"{path}?{question}").status_code < 500, (path, letter)


@pytest.mark.parametrize("row", [row for row in KNOWN if row.method in ("POST", "PUT")], ids=str)
def test_words_nobody_writes_break_nothing(visitors: Visitors, row: Row):
    for words in ("\x00", "x" * 200_000, "\u202e\ufffe", ["a", "b"]):
        for letter in MIGHTY & set(row.answers):
            said = visitors.said(letter, row)
            if isinstance(said["data"], dict):
                said["data"] = dict.fromkeys(said["data"], words)
            response = visitors.send(letter, row, visitors.path(row.name, row.thing), **said)
            assert response.status_code < 500, (letter, words[:9])
