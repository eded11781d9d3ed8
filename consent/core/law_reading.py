"""What the columns of a client's file mean to the law. The headings and words are data (consent/data/law.toml)."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, lru_cache

from consent.core.law import Basis, LegalRecord
from consent.core.law_rules import law_rules, reading_words
from consent.core.moments import MomentError, read_moment
from consent.core.tables import plain


def legal_record(
    method: str,
    consented_at: datetime | None,
    fields: Mapping[str, str],
    *,
    ip: str = "",
    declared: Collection[str] = (),
) -> LegalRecord:
    """Return a stored record as `law.judge` reads it.

    *fields* is everything the row said: our fields, then other columns by their heading. A row without a method has
    the one that the client *declared* for the whole list, if it declared but one. An implied consent that names no
    basis but has a date rests on a purchase: the date that the platform asks for is that of the order.
    """
    method = method or (next(iter(declared)) if len(declared) == 1 else "")
    told = _told(fields)
    basis = _basis_words().get(_plain(told["basis"])) if "basis" in told else None
    if basis is None and method in law_rules().implied and consented_at:
        basis = Basis.PURCHASE
    if not method and (basis or told.get("transaction")):
        method, basis = "implied", basis or Basis.PURCHASE
    traits = set()
    if ip or told.get("transaction") or any(fields.get(name) for name in ("ip", "site", "host")):
        traits.add("how")
    if told.get("wording"):
        traits.add("wording")
    if basis is Basis.PUBLICATION and fields.get("site"):
        traits.add("source_page")
    return LegalRecord(
        method=method,
        consented_at=consented_at,
        basis=basis,
        basis_at=consented_at if basis else None,
        traits=frozenset(traits),
        confirmed_at=_moment(told.get("confirmed_at", "")),
        withdrawn_at=_moment(told.get("withdrawn_at", "")),
    )


def confirmed_at(fields: Mapping[str, str]) -> datetime | None:
    """Return when a double opt-in was confirmed, None when no column tells."""
    return _moment(_told(fields).get("confirmed_at", ""))


def tells_moment(heading: str) -> bool:
    """Return whether a column of this heading tells when a consent was confirmed or withdrawn."""
    return _columns().get(_plain(heading)) in {"confirmed_at", "withdrawn_at"}


def _told(fields: Mapping[str, str]) -> dict[str, str]:
    return {column: value for heading, column in _telling(tuple(fields)) if (value := fields[heading])}


@lru_cache(maxsize=1_024)  # rows of one file have few sets of headings among them
def _telling(headings: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return those of the headings that the law reads, each with its column."""
    columns = _columns()
    return tuple((heading, columns[key]) for heading in headings if (key := _plain(heading)) in columns)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    with suppress(MomentError):
        return read_moment(text, default_zone=UTC)
    return None


@lru_cache(maxsize=4_096)  # headings of clients' files
def _plain(heading: str) -> str:
    return plain(heading)


@cache
def _columns() -> dict[str, str]:
    return {plain(heading): column for column, headings in reading_words("column").items() for heading in headings}


@cache
def _basis_words() -> dict[str, Basis]:
    return {plain(word): Basis(basis) for basis, words in reading_words("basis_word").items() for word in words}
