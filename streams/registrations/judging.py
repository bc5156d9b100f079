"""From one registration and what was found to what the rules say of it: a pure function, the same again at any time."""

from collections.abc import Iterable
from decimal import Decimal

from mappings.engagement import Against, ApprovalRule, ConflictRule, Engagement, Outcome, first
from mappings.engagement_checks import MANAGER
from streams.registrations.parts import Found, Inputs, LevelPlan, PartnerCard, Verdict
from streams.registrations.quality import missing

STRICTEST = (Outcome.REJECT, Outcome.WAIT, Outcome.QUEUE)
WHAT = {
    Against.REGISTRATION: "another partner's registration",
    Against.OWN_REGISTRATION: "the partner's own registration",
    Against.DEAL: "the open deal of direct sales",
    Against.PARTNER_DEAL: "the open deal of another partner",
    Against.OFFER: "the private offer in flight of the deal",
    Against.NAMED_ACCOUNT: "the named account",
    Against.CUSTOMER: "the customer",
}
PUBLIC = {
    Against.REGISTRATION: "another partner's registration",
    Against.OWN_REGISTRATION: "a registration of yours",
    Against.NAMED_ACCOUNT: "one of our named accounts",
    Against.CUSTOMER: "a customer of ours",
}
FREE = "Nothing stands against it."
EARLIER = "Somebody else has submitted a registration of {company} before; it is decided first."
LATE = "{company} was registered by another partner in the meantime; a person decides."
UNSURE = "{company} looks like a company that we know; a person says whether it is."


def judge(inputs: Inputs, rules: Engagement) -> Verdict:
    """What the rules say, without anybody's word."""
    verdict = _judged(inputs, rules)
    record, tier = inputs.registration, inputs.partner.tier
    protection = first(rules.protection, record.deal_type, tier, record.products)
    margin = first(rules.margin, record.deal_type, tier, record.products)
    assert protection is not None  # noqa: S101  the rules have a fallback
    assert margin is not None  # noqa: S101
    terms = {"protection_days": protection.days, "margin": margin.percent, "kind": margin.kind}
    return verdict.model_copy(update=terms)


def _judged(inputs: Inputs, rules: Engagement) -> Verdict:
    lacks = missing(inputs, rules.quality)
    if lacks:
        return Verdict(outcome="return", missing=lacks, reasons=lacks, words=lacks)
    standing = [(each, *_outcome(each, inputs, rules)) for each in inputs.found]
    worst = next((it for outcome in STRICTEST for it in standing if it[1] is outcome), None)
    allowed = tuple(
        f"Rule {rule.name!r} allows it beside {_named(each)}."
        for each, outcome, _, rule in standing
        if outcome is Outcome.ALLOW and rule is not None
    )
    return _approval(inputs, rules, allowed) if worst is None else _conflict(inputs, rules, worst)


def people(names: Iterable[str], rules: Engagement, partner: PartnerCard | None) -> tuple[str, ...]:
    """The mail addresses of roles, people and the partner's manager."""
    manager = (partner.owner_email,) if partner is not None and partner.owner_email else ()
    found = (manager if name == MANAGER else rules.roles.get(name, (name,)) for name in names)
    return tuple(dict.fromkeys(each for group in found for each in group))


def rule_for(found: Found, inputs: Inputs, rules: Engagement) -> ConflictRule | None:
    """The first rule of engagement that is for such a conflict."""
    record = inputs.registration
    fitting = (
        rule
        for rule in rules.conflict
        if rule.against in {found.against, Against.ANY}
        and (not rule.stages or found.stage in rule.stages)
        and (rule.older_than_days is None or (found.age_days is not None and found.age_days > rule.older_than_days))
        and (rule.younger_than_days is None or (found.age_days is not None and found.age_days < rule.younger_than_days))
    )
    return first(fitting, record.deal_type, inputs.partner.tier, record.products)


def _outcome(found: Found, inputs: Inputs, rules: Engagement) -> tuple[Outcome, str, ConflictRule | None]:
    """What follows from one conflict, why in words that the partner may read, and by which rule."""
    if found.against is Against.REGISTRATION and found.sure and not found.held:
        return Outcome.WAIT, EARLIER, None
    if found.against is Against.REGISTRATION and found.sure and not found.earlier:
        return Outcome.QUEUE, LATE, None
    rule = rule_for(found, inputs, rules)
    outcome = Outcome.QUEUE if rule is None else rule.outcome
    if found.against is Against.REGISTRATION and not found.sure:
        return Outcome.QUEUE, UNSURE, None
    if not found.sure and outcome is not Outcome.ALLOW:
        return Outcome.QUEUE, UNSURE, rule
    return outcome, UNSURE if rule is None else rule.explanation, rule


def _conflict(inputs: Inputs, rules: Engagement, worst: tuple[Found, Outcome, str, ConflictRule | None]) -> Verdict:
    found, outcome, explanation, rule = worst
    until = "it is decided" if found.until is None else found.until.isoformat()
    words = explanation.format(company=inputs.registration.company, until=until)
    sure = "the same company" if found.sure else "perhaps the same company"
    reason = f"Against it stands {_named(found)}: {sure}, {found.confidence:.2f} ({found.because})."
    by = f"Rule {rule.name!r}: {outcome.value}." if rule is not None else _built_in(found, outcome)
    told = {
        "rule": None if rule is None else rule.name,
        "conflict_with": found.ref,
        "conflict_words": PUBLIC.get(found.against, "an open opportunity of ours"),
        "reasons": (reason, by),
        "words": (words,),
    }
    if outcome is Outcome.QUEUE:
        return Verdict.model_validate({"outcome": "review", **told, **_levels(inputs, rules, conflict=True)})
    return Verdict.model_validate({"outcome": "reject" if outcome is Outcome.REJECT else "wait", **told})


def _built_in(found: Found, outcome: Outcome) -> str:
    if outcome is Outcome.WAIT:
        return "It was submitted before this one: the first valid registration wins, so it is decided first."
    if found.sure:
        return "This one was submitted before, and came late: a person decides which of the two is protected."
    return "How sure the match is, is between the bounds of [company]: a person says whether it is the same company."


def _approval(inputs: Inputs, rules: Engagement, allowed: tuple[str, ...]) -> Verdict:
    levels = _levels(inputs, rules, conflict=False)
    outcome = "review" if levels["levels"] else "approve"
    reasons = allowed or (FREE,)
    return Verdict.model_validate({"outcome": outcome, "reasons": reasons, "words": (FREE,), **levels})


def _levels(inputs: Inputs, rules: Engagement, *, conflict: bool) -> dict[str, object]:
    record, tier = inputs.registration, inputs.partner.tier
    fitting = (rule for rule in rules.approval if rule.conflict in {None, conflict} and _bounded(rule, inputs))
    approval = first(fitting, record.deal_type, tier, record.products)
    assert approval is not None  # noqa: S101  the rules have a fallback
    plans = tuple(
        LevelPlan(
            approvers=people(level.approvers, rules, inputs.partner),
            escalate_to=people(level.escalate_to, rules, inputs.partner),
            hours=level.hours,
        )
        for level in approval.levels
    )
    return {"approval": approval.name, "levels": plans}


def _bounded(rule: ApprovalRule, inputs: Inputs) -> bool:
    amount, currency = inputs.registration.amount, (inputs.registration.currency or "").upper()
    worth = Decimal(0) if amount is None else amount
    above = not rule.above or currency not in rule.above or worth > rule.above[currency]
    up_to = not rule.up_to or (currency in rule.up_to and worth <= rule.up_to[currency])
    return above and up_to


def _named(found: Found) -> str:
    return f"{WHAT.get(found.against, 'a record')} {found.name!r} ({found.ref})"
