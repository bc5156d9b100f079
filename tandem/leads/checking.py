"""What of the routing rules only shows beside the partners: territories that nobody serves, rules without a candidate."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.base import Finding
from mappings.errors import nearest
from mappings.routing import RoutingRules, where
from mappings.routing_rules import Rule, plain
from schemas.messages import PartnerDecided
from streams.leads.index import row_of
from streams.leads.policy import Policy
from streams.leads.pools import Pool, levels
from streams.leads.state import PartnerRow
from streams.matching.features import country_code


def check(rules: RoutingRules, partners: Sequence[PartnerDecided], folder: Path | None) -> Iterator[Finding]:
    """One finding for the rules, and one for each thing that cannot be meant."""
    policy = Policy(rules)
    rows = [row for each in partners if (row := row_of(policy, each)).active]
    yield Finding("routing.toml", ok=True, detail=f"{len(rules.rules)} rules can be read, version {rules.version}")
    yield Finding(
        "partners", ok=bool(rows), detail=f"{len(rows)} active", remedy="" if rows else "let partners be known"
    )
    if not rows:
        return
    yield from _territories(rules, rows, folder)
    for rule in rules.rules:
        yield from _candidates(policy, rule, rows, folder)
    for each in partners:
        yield from _words(policy, each)


def _territories(rules: RoutingRules, rows: Sequence[PartnerRow], folder: Path | None) -> Iterator[Finding]:
    served = {place for row in rows for place in row.places}
    if any(not row.places for row in rows):
        return  # somebody sells everywhere
    named = {name: rule for rule in reversed(rules.rules) for name in rule.when.territory or ()}
    for name, territory in rules.territories.items():
        wide = (it.all_countries for other, it in rules.territories.items() if plain(other) in served)
        countries = territory.all_countries
        if (
            plain(name) in served
            or any(plain(code) in served for code in countries)
            or any(countries & it for it in wide)
        ):
            continue
        rule = named.get(name)
        if rule is None:
            detail = "no active partner serves it, and no rule names it: its leads are for direct sales"
            yield Finding(f"territory {name}", ok=True, detail=detail)
            continue
        at = where(rule.name, "territory", folder)
        remedy = f"let a partner serve {name}, or remove it from the rule {rule.name} ({at})"
        yield Finding(f"territory {name}", ok=False, detail="no active partner serves it", remedy=remedy)


def _candidates(policy: Policy, rule: Rule, rows: Sequence[PartnerRow], folder: Path | None) -> Iterator[Finding]:
    pool = policy.pool_of.get(rule.name)
    able = [row for row in rows if pool is None or _could(pool, row)]
    if able:
        detail = f"{len(able)} of {len(rows)} partners could be asked"
        yield Finding(f"rule {rule.name}", ok=True, detail=detail)
        return
    remedy = f"look at what {where(rule.name, 'partner', folder)} asks of a partner: tier, certification, types, place"
    yield Finding(f"rule {rule.name}", ok=False, detail="no active partner could ever be asked", remedy=remedy)


def _could(pool: Pool, row: PartnerRow) -> bool:
    """Whether there is a lead that the partner could have, whatever it has now."""
    if not pool.listed(row) or row.no_leads or row.tier_rank < pool.tier or next(pool.buckets(row), None) is None:
        return False
    wanted = pool.must.certification
    if wanted is None:
        return True
    return max(levels(row, plain(wanted.product or "")).values(), default=0) >= wanted.level


def _words(policy: Policy, partner: PartnerDecided) -> Iterator[Finding]:
    """What a partner says of itself in words that no rule knows."""
    rules = policy.rules
    unknown = [(each, "territory", [*rules.territories]) for each in partner.territories
               if plain(each) not in policy.territories and not country_code(each)]  # fmt: skip
    unknown += [(each, "segment", [*rules.segments]) for each in partner.segments
                if plain(each) not in set(map(plain, rules.segments))]  # fmt: skip
    for word, kind, known in unknown:
        detail = f"serves {word!r}, which is no {kind} of routing.toml" + (
            " and no country" if kind == "territory" else ""
        )
        yield Finding(f"partner {partner.partner}", ok=False, detail=detail, remedy=nearest(word, known))
