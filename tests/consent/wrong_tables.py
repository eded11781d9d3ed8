"""Tables that are readable and have a wrong row: addresses, moments, zones, IP addresses, `Key: value` lines."""

from collections.abc import Iterator

ADDRESSES = [
    *("luc", "@example.com", "luc@", "luc@@example.com", "luc@example", "luc@example..com", "luc@.example.com"),
    *("luc@example.com.", "lu c@example.com", "luc@exam ple.com", ".luc@example.com", "luc.@example.com"),
    *("lu..c@example.com", "luc@-example.com", "luc@example.com, zoe@example.com", "luc(at)example.com"),
    *("<luc@example.com> Luc", "luc@[192.0.2.1]", "luc@192.0.2.1", f"{'a' * 250}@example.com"),
    *(
        f"luc@{'a' * 64}.example",
        f"luc@{'a.' * 130}example",
        "luc@exa_mple.com",
        "n/a",
        "-",
        "null",
    ),
]
# By what is wrong in them; the first row of the file is good, so nothing is a habit of the file.
MOMENTS = {
    "date_bad": [
        *("2012-02-30 21:16:58 EST", "2011-02-29 10:00:00 UTC", "2012-13-01 10:00:00 UTC", "2012-00-10 10:00:00 UTC"),
        *("2012-04-31 10:00:00 UTC", "2012-04-21 25:00:00 UTC", "2012-04-21 10:61:00 UTC", "2012-04-21 10:00:75 UTC"),
        *("yesterday", "hier", "soon", "21", "n/a", "0000-00-00 00:00:00 UTC", "2012-4", "avril 2012", "????"),
        *("32/01/2012 10:00:00 UTC", "2012-04-21 13:00 PM UTC", "-1", "x" * 500),
        *("10000-01-01 10:00:00 UTC", "٢٠١٢", "1e309"),
    ],
    "zone_unknown": [
        *("2012-04-21 21:16:58 XYZ", "2012-04-21 21:16:58 +25:00", "2012-04-21 21:16:58 Mars/Olympus"),
        *(
            "2012-04-21 21:16:58 America/Nowhere",
            "2012-04-21 21:16:58 ../etc/passwd",
            "2012-04-21 10:00:00 UTC and words behind it",
        ),
    ],
    "zone_missing": ["2012-04-21 21:16:58", "2012-04-21T21:16", "April 21, 2012 9:16 PM"],
    "time_missing": ["2012-04-21", "2012/04/21", "2012-04-21T"],
}
IPS = [
    *("192.0.2.300", "192.0.2", "192.0.2.1.1", "192.0.2.1/24", "192.0.2.01", "0x7f000001", "localhost", "2001:db8:::1"),
    *("2001:db8::g", "fe80::1%eth0", "::ffff:300.1.1.1", "192,0,2,1", "n/a", "192.0.2.1:8080"),
]
GOOD = "marie@example.com;2012-04-21 21:16:58 EST;192.0.2.17\n"


def rows() -> Iterator[tuple[str, bytes, str]]:
    """Yield name, bytes and answer of each."""
    for number, address in enumerate(ADDRESSES):
        yield f"address {number}", _table(f"{address};2012-04-21 21:16:58 EST;"), "rows: email_bad"
    for code, moments in MOMENTS.items():
        for number, moment in enumerate(moments):
            yield f"{code} {number}", _table(f"luc@example.com;{moment};"), f"rows: {code}"
    for number, ip in enumerate(IPS):
        yield f"IP address {number}", _table(f"luc@example.com;;{ip}"), "rows: ip_bad"
    for number, moment in enumerate(["04/05/2012 21:16:58 EST", "4-5-2012 21:16 HNE"]):
        yield f"day and month {number}", _table(f"luc@example.com;{moment};"), "asks: date_order"
    doubtful = "".join(f"luc{day}@example.com;0{day}/07/2012 21:16:58 EST;\n" for day in range(1, 9) if day != 7)
    yield "day and month in every row", _heading(doubtful), "asks: date_order"
    zoneless = "".join(f"luc{day}@example.com;2012-07-0{day} 21:16:58;\n" for day in range(1, 9))
    yield "no zone in any row", _heading(zoneless), "asks: zone"
    days = "".join(f"luc{day}@example.com;2012-07-0{day};\n" for day in range(1, 9))
    yield "no time in any row", _heading(days), "asks: days zone"
    yield from _pairs()


def _pairs() -> Iterator[tuple[str, bytes, str]]:
    block = "Nom: Marie\nCourriel: marie@example.com\nIP: 192.0.2.17\n"
    yield "a block with a wrong address", f"{block}\nNom: Luc\nCourriel: luc\n".encode(), "rows: email_bad"
    yield "a block without an address", f"{block}\nNom: Luc\nVille: Laval\n".encode(), "rows: email_missing"
    yield "a line that names nothing", f"{block}\nNom: Luc\nquelques mots\n".encode(), "rows: unreadable"
    yield "blocks without any address", b"Nom: Luc\nVille: Laval\n\nNom: Zoe\n", "file: no_email_column"
    yield "a block with a wrong IP address", f"{block}\nCourriel: l@example.com\nIP: x\n".encode(), "rows: ip_bad"


def _table(row: str) -> bytes:
    return _heading(f"{GOOD}{row}\n")


def _heading(rows: str) -> bytes:
    return f"Courriel;DateHeureCommande;IP\n{rows}".encode()
