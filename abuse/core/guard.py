"""Do the mailbox providers agree? Bad mail is bad everywhere, and organised clicks come from one or two of them."""

from collections.abc import Iterable, Sequence

from abuse.core.counted import CountedDay
from abuse.core.policy import Policy


def dissenting_providers(days: Iterable[CountedDay], policy: Policy) -> tuple[str, ...]:
    """Return the providers, by name, with enough mail to speak and far too few complaints to agree."""
    sums: dict[str, tuple[int, float]] = {}
    for day in days:
        for name, complaints, exposure in day.providers:
            before = sums.get(name, (0, 0.0))
            sums[name] = (before[0] + complaints, before[1] + exposure)
    model = policy.complaints
    return tuple(
        name
        for name, (complaints, exposure) in sorted(sums.items())
        if exposure * model.unacceptable >= policy.guard_informative
        and model.of(complaints, exposure) < policy.guard_contradiction
    )


def is_one_provider_only(days: Sequence[CountedDay], policy: Policy) -> bool:
    """Whether complaints cease to point up when the provider that complains most is left out.

    A provider is left out only when the others had enough mail to tell.
    """
    if policy.guard_without_worst <= 0:
        return False
    model = policy.complaints
    for left_out in sorted({name for day in days for name, _, _ in day.providers}):
        score = exposure = 0.0
        for day in days:
            own = [(complaints, exposed) for name, complaints, exposed in day.providers if name == left_out]
            complaints, exposed = own[0] if own else (0, 0.0)
            exposure += day.exposure - exposed
            score = max(0.0, score + model.of(day.complaints - complaints, day.exposure - exposed))
        if score < policy.guard_without_worst and exposure * model.unacceptable >= policy.guard_informative:
            return True
    return False
