"""Decides a stored lead again from what was stored with the decision alone, to show that it follows from that; pure."""

from mappings.routing import RoutingRules
from mappings.routing_rules import Rule
from schemas.messages import LeadCandidate, LeadRouted
from streams.leads.deciding import KEEPS
from streams.leads.judging import weighed
from streams.leads.policy import Policy, Related


def again(rules: RoutingRules, fact: LeadRouted) -> tuple[str | None, str | None]:
    """The rule and the partner that follow from a fact's lead, its company's relations and its candidates.

    Rules that had found nobody before are passed over up to the one that the fact names: what they found is not stored.
    """
    if fact.inputs is None:
        return None, None
    policy = Policy(rules)
    fitting = list(policy.fitting(policy.traits(fact.inputs), Related.read(fact.related)))
    rule = next((it for it in fitting if it.name == fact.rule), None)
    before = fitting[: fitting.index(rule)] if rule is not None else ()
    if rule is None or any(each.fallback == "direct" for each in before):
        return None, None
    eligible = [it for it in fact.candidates if it.eligible]
    kept = next((it for it in eligible if KEEPS in it.signals), None)
    if kept is not None and all(_score(rule, kept) >= _score(rule, it) or rule.rank.by != "score" for it in eligible):
        return rule.name, kept.partner
    best = max(eligible, key=lambda it: _score(rule, it), default=None)
    return rule.name, best.partner if best is not None else None


def _score(rule: Rule, candidate: LeadCandidate) -> float:
    """Of equals the first counts: that is the order in which they were listed."""
    if rule.rank.by != "score":
        return candidate.score
    return weighed(rule, {name: round(1000 * candidate.signals[name]) for name in rule.rank.weights})
