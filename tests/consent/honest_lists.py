"""Honest consent lists with the quirks of real ones, each from a seed."""

from collections.abc import Callable
from random import Random

from consent.core.evidence.rows import EvidenceRow
from tests.consent.people import DAY, NOW, Rows, browser, honest, ip, number, person


def plain(random: Random) -> Rows:
    return honest(random, random.randint(400, 4000))


def small_shop(random: Random) -> Rows:
    return honest(random, random.randint(40, 160))


def kiosk(random: Random) -> Rows:
    """More than half signed up at the shop's kiosk, in opening hours, on its one browser."""
    station, its_browser = ip(random), browser(random, NOW - 700 * DAY)
    rows = honest(random, random.randint(400, 2500), peak=18, depth=1.0)
    return [
        row._replace(ip=station, user_agent=its_browser) if random.random() < 0.6 and open_hour(row) else row
        for row in rows
    ]


def open_hour(row: EvidenceRow) -> bool:
    return 13 <= (row.consented_at or 0) / 3600 % 24 < 23


def crm_batch(random: Random) -> Rows:
    """Paper forms typed in the evening: each batch has one moment, no address, no browser."""
    rows = honest(random, random.randint(400, 2500))
    batches = [row.consented_at for row in random.sample(rows, 12)]
    return [
        row._replace(consented_at=random.choice(batches), ip="", user_agent="", first_send_hour=None)
        if random.random() < 0.5
        else row
        for row in rows
    ]


def migration(random: Random) -> Rows:
    """All dates are those of a move to another system, written in alphabetical order."""
    rows = sorted(honest(random, random.randint(400, 3000)), key=lambda row: row.local)
    start = NOW - 400 * DAY
    return [
        row._replace(line=line, consented_at=start + line * 0.7, ip="", user_agent="", first_send_hour=None)
        for line, row in enumerate(rows, start=2)
    ]


def campus(random: Random) -> Rows:
    """A school behind eight addresses."""
    network = ip(random).rpartition(".")[0]
    gates = [f"{network}.{n}" for n in range(17, 25)]
    return [
        row._replace(ip=random.choice(gates)) if random.random() < 0.4 else row
        for row in honest(random, random.randint(500, 3000))
    ]


def carrier(random: Random) -> Rows:
    """Mobile carriers put thousands behind one address; a pool of 60 has a third of all."""
    gates = [ip(random) for _ in range(60)]
    return [
        row._replace(ip=random.choice(gates)) if random.random() < 0.35 else row
        for row in honest(random, random.randint(500, 4000))
    ]


def bilingual(random: Random) -> Rows:
    """Two forms, two audiences, two zones, merged."""
    french = honest(random, random.randint(300, 1500), peak=19)
    english = honest(random, random.randint(300, 1500), peak=22, days=900)
    return number(french + [row._replace(form_url="https://www.example.com/en/newsletter") for row in english])


def purchases(random: Random) -> Rows:
    """The till's records: opening hours, whole minutes, no browser, no address."""
    rows = honest(random, random.randint(400, 3000), peak=18, depth=1.0)
    return [
        row._replace(consented_at=(row.consented_at or 0) // 60 * 60, ip="", user_agent="", method="implied")
        for row in rows
    ]


def confirmed(random: Random) -> Rows:
    """Double opt-in; one in twenty is opened at once by a security filter."""
    rows = honest(random, random.randint(400, 3000))
    return [
        row._replace(
            method="confirmed_opt_in",
            confirmed_at=(row.consented_at or 0)
            + (random.random() if random.random() < 0.05 else random.lognormvariate(5, 1.6) + 4),
        )
        for row in rows
    ]


def trade_show(random: Random) -> Rows:
    """Two days at a stand, one tablet, two people a minute."""
    start, tablet, station = NOW - 300 * DAY, browser(random, NOW - 300 * DAY), ip(random)
    rows = [
        person(random, start + day * DAY + random.uniform(13, 21) * 3600, method="trade_show", ip=station)
        for day in (0, 1)
        for _ in range(random.randint(150, 600))
    ]
    return number([row._replace(user_agent=tablet) for row in rows])


def night_shift(random: Random) -> Rows:
    return honest(random, random.randint(400, 3000), peak=7)


def worldwide(random: Random) -> Rows:
    """All continents: the weakest rhythm there is."""
    return honest(random, random.randint(600, 4000), depth=0.35)


def relay(random: Random) -> Rows:
    """The site hands its sign-ups over by REST, and the server's own address with them."""
    server = random.choice((ip(random), f"10.0.{random.randint(0, 9)}.{random.randint(2, 250)}"))
    return [row._replace(ip=server) for row in honest(random, random.randint(400, 3000))]


def webinar(random: Random) -> Rows:
    """Nearly everybody signed up in the hours after one announcement."""
    rows = honest(random, 300)
    start = NOW - 200 * DAY
    burst = [person(random, start + random.expovariate(1 / 5) * 3600) for _ in range(random.randint(500, 2500))]
    return number(rows + burst)


def office(random: Random) -> Rows:
    """An employer's newsletter: one address for most, by day, many browsers; addresses by number of staff."""
    gate = ip(random)
    rows = honest(random, random.randint(400, 1500), peak=17, depth=1.0)
    return [row._replace(ip=gate) if 13 <= (row.consented_at or 0) / 3600 % 24 < 22 else row for row in rows]


def dates_only(random: Random) -> Rows:
    rows = honest(random, random.randint(400, 3000))
    return [
        row._replace(consented_at=(row.consented_at or 0) // DAY * DAY + 5 * 3600, first_send_hour=None) for row in rows
    ]


def alphabetical(random: Random) -> Rows:
    """An export sorted by address: the order of the file says nothing."""
    rows = sorted(honest(random, random.randint(400, 3000)), key=lambda row: row.local)
    return [row._replace(line=line) for line, row in enumerate(rows, start=2)]


def timed_import(random: Random) -> Rows:
    """The till hands over its sign-ups every quarter of an hour, seven seconds past: that moment is kept."""
    return [
        row._replace(consented_at=(row.consented_at or 0) // 900 * 900 + 907, first_send_hour=None)
        for row in honest(random, random.randint(400, 3000))
    ]


def students(random: Random) -> Rows:
    """A school's own addresses: two letters and six digits."""
    return [
        row._replace(
            local=f"{row.local[:2]}{random.randint(100_000, 999_999)}" if random.random() < 0.9 else row.local,
            domain="school.example.org",
        )
        for row in honest(random, random.randint(400, 3000))
    ]


def application(random: Random) -> Rows:
    rows = honest(random, random.randint(400, 3000))
    return [row._replace(user_agent="ExampleApp/3.1 okhttp/4.12.0") for row in rows]


def field_team(random: Random) -> Rows:
    """Canvassers with tablets of one kind, never updated, on mobile networks, for a year."""
    tablet = browser(random, NOW - 500 * DAY)
    rows = honest(random, random.randint(400, 2000), days=365, peak=18, depth=1.0)
    return [row._replace(user_agent=tablet, method="trade_show") for row in rows]


def two_lists(random: Random) -> Rows:
    """A local list, and one of all continents put behind it, each in the order of its dates."""
    local = honest(random, random.randint(400, 2500))
    abroad = honest(random, random.randint(100, 600), depth=0.35)
    return [row._replace(line=line) for line, row in enumerate(local + abroad, start=2)]


HONEST: dict[str, Callable[[Random], Rows]] = {
    make.__name__: make
    for make in (
        plain, small_shop, kiosk, crm_batch, migration, campus, carrier, bilingual, purchases, confirmed,
        trade_show, night_shift, worldwide, relay, webinar, office, dates_only, alphabetical,
        timed_import, students, field_team, application, two_lists,
    )
}  # fmt: skip
