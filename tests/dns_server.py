"""A small DNS server on loopback, for the tests: it answers TXT and other questions from tables, over UDP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zone:
    """What the server says. A name that is `broken` gets SERVFAIL; one that isn't there NXDOMAIN."""

    records: dict[str, str] = field(default_factory=dict)  # TXT
    others: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (name, type such as MX): answers
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(zone: Zone) -> Iterator[Zone]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        zone.address = f"127.0.0.1:{door.getsockname()[1]}"
        thread = threading.Thread(target=_answer, args=(door, zone), daemon=True)
        thread.start()
        try:
            yield zone
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
                bell.sendto(b"", door.getsockname())  # an empty question ends it
            thread.join(5)


def _answer(door: socket.socket, zone: Zone) -> None:
    while True:
        packet, client = door.recvfrom(4096)
        if not packet:
            return
        question = dns.message.from_wire(packet)
        name = question.question[0].name.to_text(omit_final_dot=True).lower()
        zone.asked.append(name)
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA
        if name in zone.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif text := zone.records.get(name):
            strings = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
            reply.answer.append(dns.rrset.from_text(question.question[0].name, 300, "IN", "TXT", strings))
        elif answers := zone.others.get((name, kind := dns.rdatatype.to_text(question.question[0].rdtype))):
            reply.answer.append(dns.rrset.from_text(question.question[0].name, 300, "IN", kind, *answers))
        elif name not in {known for known, _kind in zone.others}:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        door.sendto(reply.to_wire(), client)
