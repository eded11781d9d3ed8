"""The constants of the decision rule, read strictly from TOML: each with value, unit, source and reason."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from abuse.core.constants import CONSTANTS, SHORT_NAMES
from abuse.core.evidence import Maturity, RateModel
from abuse.core.policy_text import BadPolicy, Document, Flaw, checked, read_document

__all__ = [
    "DEFAULT_FILE",
    "BadPolicy",
    "Policy",
    "default_document",
    "default_policy",
    "parse_policy",
    "policy_of",
    "reference_policy",
]

POLICIES = Path(__file__).resolve().parents[1] / "policies"
DEFAULT_FILE = POLICIES / "default.toml"
REFERENCE_FILE = POLICIES / "reference.toml"


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
    suspend_measure: str
    suspend_both_credit: float
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
    new_surcharge: float
    known_send_days: int
    known_surcharge: float
    guard_informative: float
    guard_contradiction: float
    guard_without_worst: float
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
                raise BadPolicy(Flaw("unknown_short_name", None, {"key": repr(given)}))
            changes[name] = checked(name, value)
        return self.changed(changes)

    def changed(self, values: Mapping[str, Any], document: Document | None = None, name: str = "") -> "Policy":
        """Return the policy with checked *values*, by constant. Raises `BadPolicy` when they do not fit together.

        *document* is where the values come from: flaws are told at its lines.
        """
        fields_of_values = {constant.replace(".", "_"): value for constant, value in values.items()}
        return _consistent(replace(self, name=name or self.name, **fields_of_values), document)

    def value_of(self, name: str) -> Any:
        """Return the value of a constant by its name in the file ("complaints.limit"), a share as a fraction."""
        return getattr(self, name.replace(".", "_"))

    def values(self) -> dict[str, Any]:
        """Return all values by the constant's name: what `from_values` takes."""
        return {name: self.value_of(name) for name in CONSTANTS}

    @classmethod
    def from_values(cls, name: str, values: Mapping[str, Any]) -> "Policy":
        """Return the policy of these values; constants that came later have their shipped value."""
        known = {constant: value for constant, value in values.items() if constant in CONSTANTS}
        return default_policy().changed(known, name=name)


def parse_policy(text: str) -> Policy:
    """Read a whole policy. Raises `BadPolicy` with everything that is missing, unknown or absurd."""
    return policy_of(read_document(text, whole=True))


def policy_of(document: Document) -> Policy:
    """Return the policy that a whole document tells. Raises `BadPolicy` when its values do not fit together."""
    values = {name.replace(".", "_"): value for name, value in document.values.items()}
    return _consistent(Policy(name=document.name, **values), document)


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the product."""
    return policy_of(default_document())


@cache
def default_document() -> Document:
    """Return the shipped policy with its units, sources and reasons."""
    return read_document(DEFAULT_FILE.read_text(encoding="utf-8"), whole=True)


@cache
def reference_policy() -> Policy:
    """Return the policy that published test vectors are written for: the shipped one without our departures."""
    document = read_document(REFERENCE_FILE.read_text(encoding="utf-8"), whole=False)
    return default_policy().changed(document.values, document, name=document.name)


# What must not be above what.
ORDER = (
    ("watch.evidence", "suspend.evidence"),
    ("suspend.both_credit", "suspend.evidence"),
    ("probation.evidence", "suspend.evidence"),
    ("probation.rest", "suspend.rest"),
)


def _consistent(policy: Policy, document: Document | None = None) -> Policy:
    """Return *policy* when its constants fit together."""
    if flaws := list(_contradictions(policy, document)):
        raise BadPolicy(*flaws)
    return policy


def _contradictions(policy: Policy, document: Document | None) -> Iterator[Flaw]:
    for lower, upper in ORDER:
        if policy.value_of(lower) > policy.value_of(upper):
            if document is None:
                yield Flaw("order", None, {"table": lower, "other": upper})
            else:
                told = lower if lower in document.tables else upper
                yield document.flaw("order", told)._replace(words={"table": lower, "other": upper})
