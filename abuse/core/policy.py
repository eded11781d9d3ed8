"""The constants of the decision rule, read strictly from TOML: each with value, unit, source and reason."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from abuse.core.constants import CONSTANTS, DENOMINATORS, SHORT_NAMES, Percent
from abuse.core.evidence import Maturity, RateModel

DEFAULT_FILE = Path(__file__).resolve().parents[1] / "policies" / "default.toml"


class BadPolicy(ValueError):
    """A policy that cannot be meant: the message names the table, the line and what would be right."""


@dataclass(frozen=True)
class Policy:
    """The constants, each named after its table; what they mean stands in `abuse/policies/default.toml`."""

    name: str
    complaints_limit: float
    complaints_acceptable: float
    complaints_unacceptable: float
    complaints_dispersion: float
    complaints_provider_day_cap: float
    complaints_provider_day_allowance: int
    complaints_denominator: str
    complaints_recent_days: int
    bounces_limit: float
    bounces_acceptable: float
    bounces_unacceptable: float
    bounces_dispersion: float
    maturity_median: float
    maturity_spread: float
    maturity_floor: float
    maturity_youngest: float
    window_kept: int
    suspend_evidence: float
    suspend_rest: float
    suspend_both: float
    watch_evidence: float
    hold_bounces: int
    hold_complaints: int
    burst_bounces: int
    burst_multiple: float
    burst_z: float
    blow_out_events: int
    blow_out_bounce_evidence: float
    blow_out_evidence: float
    surge_minimum: int
    surge_growth: float
    new_send_days: int
    guard_informative: float
    guard_contradiction: float
    sabotage_fresh_days: int
    sabotage_fresh_share: float
    probation_days: int
    probation_evidence: float
    probation_rest: float
    probation_volume: float
    reseller_left_out: int
    reseller_own_complaints: int
    reseller_own_bounces: int
    dark_share: float
    dark_hours: int
    traps_hits: int
    traps_send_days: int
    traps_window: int
    blocklists_confirm_after: int
    blocklists_shared_window: int

    @cached_property
    def version(self) -> str:
        """The name and a digest of the values: two policies with the same version decide alike."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "name"}
        content = json.dumps(values, sort_keys=True).encode()
        return f"{self.name}-{hashlib.sha256(content).hexdigest()[:12]}"

    @cached_property
    def complaints(self) -> RateModel:
        return RateModel.around(
            self.complaints_limit,
            acceptable=self.complaints_acceptable,
            unacceptable=self.complaints_unacceptable,
            dispersion=self.complaints_dispersion,
        )

    @cached_property
    def bounces(self) -> RateModel:
        return RateModel.around(
            self.bounces_limit,
            acceptable=self.bounces_acceptable,
            unacceptable=self.bounces_unacceptable,
            dispersion=self.bounces_dispersion,
        )

    @cached_property
    def maturity(self) -> Maturity:
        return Maturity(self.maturity_median, self.maturity_spread, self.maturity_floor, self.maturity_youngest)

    @cached_property
    def cap_per_million(self) -> int:
        """The provider-day cap in whole complaints per million: rounding up must not hang on a binary fraction."""
        return round(self.complaints_provider_day_cap * 1_000_000)

    def cap(self, delivered: int) -> int:
        """Return how many complaints of one provider and send day may count at most."""
        return -(-delivered * self.cap_per_million // 1_000_000) + self.complaints_provider_day_allowance

    def with_overrides(self, params: Mapping[str, float | int | str]) -> "Policy":
        """Return the policy with some constants replaced, by table ("complaints.limit") or formula name ("theta_c").

        Percentages are given as fractions here. Raises `BadPolicy` for an unknown name or an absurd value.
        """
        changes: dict[str, Any] = {}
        for given, value in params.items():
            name = SHORT_NAMES.get(given, given)
            if name not in CONSTANTS:
                raise BadPolicy(f"There is no constant called {given!r}.")
            changes[name.replace(".", "_")] = _checked(name, value)
        return _consistent(replace(self, **changes))


def parse_policy(text: str) -> Policy:
    """Read a policy. Raises `BadPolicy` on the first thing that is missing, unknown or absurd."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"This is not valid TOML: {error}.") from error
    name = document.pop("name", None)
    if not isinstance(name, str) or not name.strip() or len(name) > 40:
        raise BadPolicy('Line 1: give the policy a name of 40 characters or fewer, as in name = "default".')
    values: dict[str, Any] = {}
    for group, tables in document.items():
        if not isinstance(tables, dict):
            raise BadPolicy(f"{_line(text, group)}{group!r} is not known here; constants are tables.")
        for key, table in tables.items():
            table_name = f"{group}.{key}"
            try:
                values[table_name.replace(".", "_")] = _read(table_name, table)
            except BadPolicy as error:
                raise BadPolicy(f"{_line(text, table_name)}{error}") from error
    missing = [constant for constant in CONSTANTS if constant.replace(".", "_") not in values]
    if missing:
        raise BadPolicy(f"The table [{missing[0]}] is missing.")
    return _consistent(Policy(name=name, **values))


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the product."""
    return parse_policy(DEFAULT_FILE.read_text(encoding="utf-8"))


def _read(name: str, table: Any) -> Any:
    """Return the value of one table after checking all its keys."""
    constant = CONSTANTS.get(name)
    if constant is None:
        raise BadPolicy(f"[{name}] is not a constant of the rule.")
    if not isinstance(table, dict):
        raise BadPolicy(f"[{name}] must be a table with value, unit, source and why.")
    unknown = sorted(set(table) - {"value", "unit", "window", "source", "why"})
    if unknown:
        raise BadPolicy(f"[{name}] has an unknown key {unknown[0]!r}.")
    for key in ("value", "unit", "source", "why"):
        if table.get(key, "") == "":
            raise BadPolicy(f"[{name}] has no {key}.")
    if not all(isinstance(table.get(key, ""), str) for key in ("unit", "window", "source", "why")):
        raise BadPolicy(f"[{name}]: unit, window, source and why are text.")
    if table["unit"] != constant.unit:
        raise BadPolicy(f"[{name}] is counted in {constant.unit!r}, not in {table['unit']!r}.")
    value = table["value"]
    if constant.kind is Percent:
        value = _percent(name, value)
    return _checked(name, value)


def _percent(name: str, value: Any) -> float:
    number = value.removesuffix("%").strip() if isinstance(value, str) and value.endswith("%") else ""
    try:
        return float(Decimal(number) / 100)
    except InvalidOperation:
        raise BadPolicy(f'[{name}] is a share: write it like "0.25 %", not {value!r}.') from None


def _checked(name: str, value: Any) -> Any:
    """Return *value* in its type when it is sensible."""
    constant = CONSTANTS[name]
    if constant.kind is str:
        if value not in DENOMINATORS:
            raise BadPolicy(f"[{name}] is one of {', '.join(DENOMINATORS)}, not {value!r}.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadPolicy(f"[{name}] must be a number, not {value!r}.")
    if constant.kind is int and value != int(value):
        raise BadPolicy(f"[{name}] must be a whole number, not {value!r}.")
    if not constant.low <= value <= constant.high:
        scale, sign = (100, " %") if constant.kind is Percent else (1, "")
        raise BadPolicy(
            f"[{name}] must lie between {constant.low * scale:g}{sign} and {constant.high * scale:g}{sign},"
            f" not {value * scale:g}{sign}."
        )
    return int(value) if constant.kind is int else float(value)


def _consistent(policy: Policy) -> Policy:
    """Return *policy* when its constants fit together."""
    if policy.watch_evidence > policy.suspend_evidence:
        raise BadPolicy("[watch.evidence] must not be above [suspend.evidence].")
    if policy.probation_evidence > policy.suspend_evidence or policy.probation_rest > policy.suspend_rest:
        raise BadPolicy("[probation.evidence] and [probation.rest] must not be above those of [suspend].")
    return policy


def _line(text: str, name: str) -> str:
    """Return "Line 12: " for the line that opens the table or key *name*; nothing when it cannot be found."""
    for number, line in enumerate(text.splitlines(), start=1):
        opening = line.split("#")[0].replace(" ", "")
        if opening.startswith((f"[{name}]", f"{name}=")):
            return f"Line {number}: "
    return ""
