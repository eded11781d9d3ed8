"""Which constants the decision rule has: the unit each is counted in, and the range in which it makes sense."""

from typing import NamedTuple


class Constant(NamedTuple):
    """What a table of the policy must look like."""

    kind: type  # Percent, int, float or str
    unit: str
    low: float = 0.0  # smallest and largest sensible value, in fractions for percentages
    high: float = 0.0
    short: str = ""  # its name in formulas and test vectors


class Percent(float):
    """A share, written "0.25 %" in the file and 0.0025 in here."""


CONSTANTS: dict[str, Constant] = {
    "complaints.limit": Constant(Percent, "complaints per delivered message", 0.00005, 0.05, "theta_c"),
    "complaints.acceptable": Constant(float, "times the limit", 0.01, 0.99, "p0_c"),
    "complaints.unacceptable": Constant(float, "times the limit", 1.01, 20, "p1_c"),
    "complaints.dispersion": Constant(float, "gamma shape", 0.1, 1000, "r_c"),
    "complaints.provider_day_cap": Constant(
        Percent, "of the provider's delivered messages of one send day", 0.001, 1, "cap"
    ),
    "complaints.provider_day_allowance": Constant(int, "complaints", 0, 100, "cap_allowance"),
    "complaints.denominator": Constant(str, "reporting or all"),
    "complaints.recent_days": Constant(int, "send days", 1, 90, "recent_days"),
    "bounces.limit": Constant(Percent, "hard bounces per delivered message", 0.001, 0.5, "theta_b"),
    "bounces.acceptable": Constant(float, "times the limit", 0.01, 0.99, "p0_b"),
    "bounces.unacceptable": Constant(float, "times the limit", 1.01, 20, "p1_b"),
    "bounces.dispersion": Constant(float, "gamma shape", 0.1, 1000, "r_b"),
    "maturity.median": Constant(float, "hours", 0.1, 240, "median"),
    "maturity.spread": Constant(float, "standard deviations of the logarithm", 0.1, 5, "spread"),
    "maturity.floor": Constant(Percent, "of the complaints to come", 0.001, 1, "floor"),
    "maturity.youngest": Constant(float, "hours", 0.01, 24, "youngest"),
    "window.kept": Constant(int, "send days", 2, 90, "window"),
    "suspend.evidence": Constant(float, "natural logarithm of the likelihood ratio", 1, 50, "h"),
    "suspend.rest": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "rest"),
    "suspend.both": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "both"),
    "suspend.measure": Constant(str, "suspend or hold"),
    "suspend.both_credit": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "both_credit"),
    "watch.evidence": Constant(float, "natural logarithm of the likelihood ratio", 0.1, 50, "watch"),
    "hold.bounces": Constant(int, "hard bounces", 1, 100_000, "hold_b"),
    "hold.complaints": Constant(int, "complaints", 1, 100_000, "hold_k"),
    "burst.bounces": Constant(int, "hard bounces", 1, 100_000, "burst_b"),
    "burst.multiple": Constant(float, "times the limit", 1, 20, "burst_multiple"),
    "burst.z": Constant(float, "standard normal deviates", 0, 10, "z"),
    "blow_out.events": Constant(int, "hard bounces and complaints", 1, 100_000, "blow_out_events"),
    "blow_out.bounce_evidence": Constant(float, "natural logarithm of the likelihood ratio", 1, 100, "blow_out_b"),
    "blow_out.evidence": Constant(float, "natural logarithm of the likelihood ratio", 1, 100, "blow_out"),
    "surge.minimum": Constant(int, "delivered messages", 1, 10_000_000, "surge_minimum"),
    "surge.growth": Constant(float, "times the largest day before", 1, 1000, "surge_growth"),
    "new.send_days": Constant(int, "send days", 0, 90, "new_days"),
    "new.surcharge": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "new_surcharge"),
    "known.send_days": Constant(int, "send days", 1, 1000, "known_days"),
    "known.surcharge": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "known_surcharge"),
    "guard.informative": Constant(
        float, "complaints expected from an unacceptable sender", 0.1, 1000, "guard_informative"
    ),
    "guard.contradiction": Constant(
        float, "natural logarithm of the likelihood ratio", -50, -0.01, "guard_contradiction"
    ),
    "guard.without_worst": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "without_worst"),
    "sabotage.fresh_days": Constant(int, "days", 1, 365, "fresh_days"),
    "sabotage.fresh_share": Constant(Percent, "of the distinct complainers", 0.01, 1, "fresh_share"),
    "probation.days": Constant(int, "days", 1, 365, "probation_days"),
    "probation.evidence": Constant(float, "natural logarithm of the likelihood ratio", 1, 50, "probation_h"),
    "probation.rest": Constant(float, "natural logarithm of the likelihood ratio", 0, 50, "probation_rest"),
    "probation.volume": Constant(
        Percent, "of the largest send day before the suspension", 0.01, 10, "probation_volume"
    ),
    "reseller.left_out": Constant(int, "accounts", 0, 100, "left_out"),
    "reseller.own_complaints": Constant(int, "complaints", 1, 1000, "own_complaints"),
    "reseller.own_bounces": Constant(int, "hard bounces", 1, 1000, "own_bounces"),
    "dark.share": Constant(Percent, "of the reports expected", 0.01, 0.99, "dark_share"),
    "dark.hours": Constant(int, "hours", 1, 240, "dark_hours"),
    "traps.hits": Constant(int, "distinct pristine hits", 1, 1000, "trap_hits"),
    "traps.send_days": Constant(int, "send days", 1, 90, "trap_send_days"),
    "traps.window": Constant(int, "days", 1, 365, "trap_window"),
    "blocklists.confirm_after": Constant(int, "hours", 1, 240, "confirm_after"),
    "blocklists.shared_window": Constant(int, "hours", 1, 720, "shared_window"),
}

SHORT_NAMES = {constant.short: name for name, constant in CONSTANTS.items() if constant.short}
# What a constant in words may say.
CHOICES = {
    "complaints.denominator": ("reporting", "all"),
    "suspend.measure": ("suspend", "hold"),
}
