"""The rules of lead routing as data, checked key by key and against each other; it decides nothing.

Rules that cannot be meant are refused when they are loaded: a name that nothing has, a rule that can never decide because
earlier ones take all its leads, one without a fallback. A territory that no partner serves can only be told where partners
are known: `tandem leads check` does.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from mappings import rulebook, tiers
from mappings.errors import nearest
from mappings.routing_cover import covered
from mappings.routing_rules import RoutingRules, Rule, When
from mappings.rulebook import Raw, Rulebook, Source
from mappings.spots import find

__all__ = ["FILE", "RoutingRules", "load", "where"]

FILE = "routing.toml"
LISTS = ("territory", "segment", "product", "language")  # of a rule's `when`, each the singular of a table's name
TABLES = {"territory": "territories", "segment": "segments", "product": "products", "language": "languages"}
REMEDIES = {
    "fallback": 'add fallback = "direct" (direct sales gets what no partner takes), or "next" (the next rule that fits)',
    "rank": 'add rank = { by = "rotation" }, or by = "tier", or by = "score" with weights',
    "accept_within": 'add accept_within = "24 hours"',
    "attempts": "add attempts = 3: so many partners are asked",
    "name": "give the rule a name, in small letters",
}


def load(overrides: Path | None = None) -> RoutingRules:
    """The shipped rules as changed by `<overrides>/routing.toml`, tables merged key by key. Raises `MappingError`."""
    read = _source(overrides)
    if "tiers" in read.raw:
        raise read.error("the tiers are those of tiers.toml.", "remove it", ("tiers",))
    names = [each.tier for each in rulebook.read(tiers.FILE, tiers.TierRules, overrides).rules.tiers]
    book = replace(read, raw={**read.raw, "tiers": names}).checked(RoutingRules, REMEDIES)
    _Check(book).all()
    return book.rules


def where(rule: str, key: str, overrides: Path | None = None) -> str:
    """The file and line of a rule's key, or of a key of its `when`, for what can only be told later."""
    read = _source(overrides)
    nth = [each.get("name") for each in read.raw.get("rules", ())].index(rule)
    file, line = find(read.files, ("rules", nth, "when", key) if key in When.model_fields else ("rules", nth, key))
    return f"{file}, line {line}" if line else file


def _source(overrides: Path | None) -> Source:
    return rulebook.source(FILE, overrides, merge=_merged, title="name")


def _merged(base: Raw, own: Raw) -> Raw:
    """Tables merged key by key; one that is set to false is gone."""
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if value is False and isinstance(before, dict):
            merged.pop(key)
        else:
            merged[key] = _merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


class _Check:
    """What no single value shows."""

    def __init__(self, book: Rulebook[RoutingRules]) -> None:
        self.book, self.rules = book, book.rules

    def all(self) -> None:
        for name, territory in self.rules.territories.items():
            if not territory.all_countries:
                reason = f"the territory {name!r} is nowhere."
                self.book.refuse(reason, "name its countries", "territories", name)
        for name, segment in self.rules.segments.items():
            if segment.most is not None and segment.most < segment.least:
                self.book.refuse("`to` is less than `from`.", "exchange the two", "segments", name, "to")
        for nth, rule in enumerate(self.rules.rules):
            self._rule(nth, rule)
        for rule, by in covered(self.rules):
            self._covered(rule, by)

    def _rule(self, nth: int, rule: Rule) -> None:
        rules, must = self.rules, rule.partner
        if any(rule.name == other.name for other in rules.rules[:nth]):
            self._wrong(nth, "name", f"another rule is called {rule.name!r}.", "give each rule its own name")
        for key in LISTS:
            self._known(nth, "when", key, getattr(rule.when, key) or (), getattr(rules, TABLES[key]))
        if must.certification is not None and must.certification.product is not None:
            self._known(nth, "partner.certification", "product", (must.certification.product,), rules.products)
        if must.certification is not None and must.certification.product is None and "product" not in must.serves:
            reason = "the certification is for no product."
            self._wrong(nth, "certification", reason, 'name it, or add "product" to `serves`', "partner")
        if must.tier is not None:
            self._known(nth, "partner", "tier", (must.tier,), rules.tiers)
        amount = rule.when.amount
        if amount and amount.least is not None and amount.below is not None and amount.least >= amount.below:
            self._wrong(nth, "amount", "no amount is at least `min` and less than `below`.", "exchange the two", "when")
        if (rule.rank.by == "score") != bool(rule.rank.weights):
            reason = "by score needs weights." if rule.rank.by == "score" else f"by {rule.rank.by} takes no weights."
            self._wrong(nth, "rank", reason, 'write by = "score", weights = { tier = 40, load = 10 }, or no weights')
        if rule.fallback == "next" and nth + 1 == len(rules.rules):
            reason = "the last rule has no next one, so its leads would be nobody's."
            self._wrong(nth, "fallback", reason, 'write fallback = "direct"')

    def _known(self, nth: int, table: str, key: str, names: Iterable[str], known: Iterable[str]) -> None:
        for name in names:
            if name not in known:
                self._wrong(nth, key, f"no {key} is called {name!r}.", nearest(name, known), table)

    def _covered(self, rule: Rule, by: tuple[str, ...]) -> None:
        nth = self.rules.rules.index(rule)
        if not by:
            remedy = "correct the conditions: no lead is all of this at once"
            self._wrong(nth, "when", "the rule can never apply.", remedy)
        those = " and ".join(repr(name) for name in by)
        reason = f"the rule can never apply: every lead that fits it is taken by {those} before."
        self._wrong(nth, "when", reason, f"move it above {by[0]!r}, narrow {those}, or remove it")

    def _wrong(self, nth: int, key: str, reason: str, remedy: str, table: str = "") -> NoReturn:
        self.book.refuse(reason, remedy, "rules", nth, *filter(None, table.split(".")), key)
