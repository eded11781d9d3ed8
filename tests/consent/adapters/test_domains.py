"""Domains are asked about at real servers on loopback: DNS for mail, a registry for the first day."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from consent.adapters.domains import MailDomains, NoAnswer, Registries
from tests.dns_server import Zone, serving


@pytest.fixture
def zone() -> Iterator[Zone]:
    table = {
        ("shop.example.com", "MX"): ["10 mx.example.com."],
        ("host.example.com", "A"): ["192.0.2.7"],
        ("six.example.com", "AAAA"): ["2001:db8::7"],
        ("null.example.com", "MX"): ["0 ."],
        ("web.example.com", "TXT"): ['"only words"'],
    }
    with serving(Zone(others=table, broken={"broken.example.com"})) as served:
        yield served


@pytest.mark.parametrize(
    ("domain", "accepts"),
    [
        ("shop.example.com", True),
        ("host.example.com", True),  # no MX: mail goes to the host itself
        ("six.example.com", True),
        ("null.example.com", False),  # it says that it takes none
        ("web.example.com", False),
        ("gone.example.com", False),
    ],
)
def test_dns_tells_whether_a_domain_takes_mail(zone, domain, accepts):
    assert MailDomains([zone.address]).accept(domain) is accepts


@pytest.mark.parametrize("domain", ["broken.example.com", "a" * 70 + ".example.com", "..", "\u2603.example.com" * 40])
def test_a_server_in_trouble_or_an_impossible_name_is_no_answer(zone, domain):
    with pytest.raises(NoAnswer):
        MailDomains([zone.address]).accept(domain)


class Registry(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, body = self.server.pages.get(self.path, (404, b"{}"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
        services = {"services": [[["com", "net"], [f"{server.url}/rdap"]], [["ca"], [f"{server.url}/ca/"]]]}
        server.pages = {"/dns.json": (200, json.dumps(services).encode())}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def answer(day: str) -> tuple[int, bytes]:
    events = [{"eventAction": "last changed", "eventDate": "2026-01-01T00:00:00Z"}]
    return 200, json.dumps({"events": [*events, {"eventAction": "registration", "eventDate": day}]}).encode()


def test_a_registry_tells_the_first_day_of_a_host_s_domain(registry):
    registry.pages["/rdap/domain/example.com"] = answer("2019-04-02T11:12:13Z")
    asked = Registries(f"{registry.url}/dns.json")
    assert asked.registered_on("www.shop.example.com.") == date(2019, 4, 2)
    assert asked.registered_on("EXAMPLE.com") == date(2019, 4, 2)
    assert registry.asked.count("/dns.json") == 1, "the list of registries is kept"


def test_where_the_registry_has_no_shorter_name_its_customer_is_one_label_further(registry):
    registry.pages["/ca/domain/boutique.qc.ca"] = answer("2020-05-06T00:00:00-04:00")
    assert Registries(f"{registry.url}/dns.json").registered_on("www.boutique.qc.ca") == date(2020, 5, 6)
    assert registry.asked[1:] == ["/ca/domain/qc.ca", "/ca/domain/boutique.qc.ca"]


def test_the_list_of_registries_may_be_a_file(registry, tmp_path):
    (tmp_path / "dns.json").write_bytes(registry.pages["/dns.json"][1])
    registry.pages["/rdap/domain/example.com"] = answer("2019-04-02T11:12:13Z")
    assert Registries(str(tmp_path / "dns.json")).registered_on("example.com") == date(2019, 4, 2)


@pytest.mark.parametrize("host", ["example.org", "nowhere.example.com", "localhost"])
def test_what_no_registry_tells_is_unknown(registry, host):
    assert Registries(f"{registry.url}/dns.json").registered_on(host) is None


@pytest.mark.parametrize(
    "page",
    [
        (429, b"{}"),
        (500, b"{}"),
        (302, b""),
        (200, b"<html>"),
        (200, b'"' + b"x" * 600_000 + b'"'),
    ],
)
def test_a_registry_in_trouble_is_no_answer(registry, page):
    registry.pages["/rdap/domain/example.com"] = page
    with pytest.raises(NoAnswer):
        Registries(f"{registry.url}/dns.json").registered_on("example.com")
    assert "/elsewhere" not in registry.asked


@pytest.mark.parametrize("told", [b"[]", b'{"events": 7}', b'{"events": [{"eventAction": "registration"}]}', b"null"])
def test_an_odd_answer_is_unknown(registry, told):
    registry.pages["/rdap/domain/example.com"] = (200, told)
    assert Registries(f"{registry.url}/dns.json").registered_on("example.com") is None


def test_without_a_list_there_is_no_answer(tmp_path):
    with pytest.raises(NoAnswer):
        Registries(str(tmp_path / "none.json")).registered_on("example.com")
