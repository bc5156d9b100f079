"""What is said of certifications, tiers and onboarding, in words that a partner manager understands; it decides nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from mappings.learning import Program
from mappings.tiers import Certified, Tier
from schemas.messages import CertificationDecided, CertificationStatus, HeldCertification, MilestoneState
from streams.enablement.ranking import Capability, falls_at, rank
from streams.enablement.spans import Judged
from streams.enablement.state import Standing

WORDS = {
    CertificationStatus.IN_FORCE: "It counts",
    CertificationStatus.LAPSING: "It counts, but lapses soon",
    CertificationStatus.LAPSED: "It has lapsed",
    CertificationStatus.REVOKED: "It was taken back",
}


def certification(judged: Judged, program: Program) -> tuple[str, ...]:
    """Why a certification stands where it does."""
    first, last = judged.span.start.date(), judged.span.last_day
    until = "it has no last day" if last is None else f"its last day is {last}"
    rule = f" ({program.valid_months} months where the learning system names no day)" if program.valid_months else ""
    return (f"{WORDS[judged.status]}: earned on {first}, {until}{rule}.",)


def lapsing(fact: CertificationDecided) -> str:
    """The notice ahead of a certification's last day."""
    return f"{fact.email} holds {fact.name} until {fact.expires_on}. Renew it before that day."


def amount(value: Decimal) -> str:
    """Money with two decimals at least."""
    return format(value if -value.as_tuple().exponent > 2 else value.quantize(Decimal("0.01")), "f")  # type: ignore[operator]


def needs(can: Capability, tier: Tier, now: datetime) -> tuple[list[str], list[str]]:
    """Of a tier's own needs, those that are met, and what is missing."""
    met: list[str] = []
    missing: list[str] = []
    if tier.types:
        fits = bool(set(tier.types) & set(can.types))
        (met if fits else missing).append(f"{'is' if fits else 'to be'} a {' or '.join(tier.types)} partner")
    for need in tier.certified:
        have = can.people(need, now)
        if have >= need.people:
            met.append(f"{_people(have)} certified{_of(need)} ({need.people} needed)")
        else:
            missing.append(f"{_people(need.people - have, more=True)} certified{_of(need)}")
    wanted, have_sold = can.rules.revenue, can.revenue(now)
    if tier.revenue and have_sold >= tier.revenue:
        met.append(f"{amount(have_sold)} {wanted.currency} in {wanted.months} months ({amount(tier.revenue)} needed)")
    elif tier.revenue:
        missing.append(f"{amount(tier.revenue - have_sold)} {wanted.currency} more revenue in {wanted.months} months")
    return met, missing


def _people(number: int, *, more: bool = False) -> str:
    return f"{number}{' more' if more else ''} {'person' if number == 1 else 'people'}"


def _of(need: Certified) -> str:
    parts = [f" as {need.program}" if need.program else "", f" for {need.product}" if need.product else ""]
    return "".join(parts) + (f" at level {need.level} or higher" if need.level > 1 else "")


def tier(standing: Standing, can: Capability, now: datetime, *, active: bool) -> tuple[str, ...]:
    """Why this tier, what the next one needs, and what does not count."""
    if not active:
        return ("It has no tier: it is no active partner.",)
    tiers, number = can.rules.tiers, rank(can.rules, standing.tier)
    said = [_has(can, standing, tiers[number - 1], now)] if number else ["It has none of the tiers."]
    if number < len(tiers):
        following = tiers[number]
        missing = needs(can, following, now)[1]
        said.append(f"{following.name} needs {', '.join(missing) or 'what is kept in grace now'}.")
    if others := can.other(now):
        sums = ", ".join(f"{amount(value)} {currency}" for currency, value in others.items())
        said.append(
            f"{sums} do not count: tiers are measured in {can.rules.revenue.currency}, and nothing is converted."
        )
    return tuple(said)


def _has(can: Capability, standing: Standing, mine: Tier, now: datetime) -> str:
    if not standing.unmet:
        met = [word for each in can.rules.tiers[: rank(can.rules, mine.tier)] for word in needs(can, each, now)[0]]
        return f"{mine.name}: {', '.join(dict.fromkeys(met)) or 'every active partner has it'}."
    missing = [word for each in can.rules.tiers if each.tier in standing.unmet for word in needs(can, each, now)[1]]
    falls = falls_at(standing, can.rules)
    day = "" if falls is None else f", and falls on {falls.astimezone(UTC).date()}"
    return f"{mine.name} is kept in grace{day}: it needs {', '.join(dict.fromkeys(missing))}."


def falling(name: str, tier_name: str, day: object) -> str:
    """The notice ahead of a tier's fall."""
    return f"{name} loses the tier {tier_name} on {day}, if nothing changes."


def held(it: HeldCertification) -> str:
    """One certification as a partner's record shows it."""
    about = f" ({it.product}, level {it.level})" if it.product else ""
    return f"{it.email}: {it.program}{about}{'' if it.expires_on is None else f' until {it.expires_on}'}"


def onboarding(milestones: Iterable[MilestoneState]) -> str | None:
    """How far onboarding has come, in one line."""
    told = list(milestones)
    late = [each.name for each in told if each.late]
    if late:
        return f"{', '.join(late)}: late"
    ahead = next((each for each in told if each.done_on is None), None)
    if ahead is not None:
        return f"{ahead.name}: due on {ahead.due_on}"
    return "done" if told else None
