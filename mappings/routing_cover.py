"""Finds routing rules that can never decide, because earlier ones take every lead that they fit; it changes nothing.

Conditions speak of finitely many things: each kind of condition is cut into atoms that no rule can tell apart any more
(places by country, state and postal code; amounts at every limit; ...). A rule is then a box of atoms, and it is covered
if earlier boxes leave nothing of it. That is exact, but for a bound on the work: `PIECES`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from mappings.routing_rules import Amount, RoutingRules, Rule, When, plain
from schemas.entities import Population

PIECES = 20_000  # so many left-over pieces of one rule, and it is given up and held to be reachable
Atom = Any
Box = Mapping[str, frozenset[Atom]]


def covered(rules: RoutingRules) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Each rule that can never decide, with the names of those that take its leads; none: it contradicts itself."""
    atoms = _atoms(rules)
    boxes = {rule.name: _box(rules, atoms, rule.when) for rule in rules.rules}
    before: list[str] = []
    for rule in rules.rules:
        box = boxes[rule.name]
        meeting = [name for name in before if _meet(box, boxes[name])]
        if not all(box.values()):
            yield rule, ()
        elif not _left(box, [boxes[name] for name in meeting]):
            whole = [name for name in meeting if not _left(box, [boxes[name]])]
            yield rule, tuple(whole[:1] or meeting)
        if rule.fallback == "direct":
            before.append(rule.name)


def _left(box: Box, others: Sequence[Box]) -> bool:
    """Whether anything of a box is in none of the others."""
    pieces = [box]
    for other in others:
        pieces = [left for piece in pieces for left in _minus(piece, other)]
        if not pieces:
            return False
        if len(pieces) > PIECES:
            return True
    return bool(pieces)


def _minus(piece: Box, other: Box) -> Iterator[Box]:
    if not _meet(piece, other):
        yield piece
        return
    rest = dict(piece)
    for kind, atoms in other.items():
        outside = rest[kind] - atoms
        if outside:
            yield {**rest, kind: outside}
            rest[kind] &= atoms


def _meet(one: Box, other: Box) -> bool:
    return all(one[kind] & other[kind] for kind in one)


def _box(rules: RoutingRules, atoms: Box, when: When) -> Box:
    words = ("segment", "product", "language", "industry", "source")
    box = {kind: _fitting(atoms[kind], getattr(when, kind)) for kind in words}
    box["place"] = frozenset(atom for atom in atoms["place"] if _in_place(rules, when, atom))
    box["amount"] = frozenset(atom for atom in atoms["amount"] if when.amount is None or _in_amount(when.amount, atom))
    wanted = set(when.overlap or ())
    box["overlap"] = frozenset(atom for atom in atoms["overlap"] if not wanted or wanted & atom)
    box["relationship"] = frozenset(it for it in atoms["relationship"] if when.relationship in {None, it})
    return box


def _fitting(atoms: frozenset[Atom], words: Sequence[str] | None) -> frozenset[Atom]:
    return atoms if words is None else atoms & set(map(plain, words))


def _in_place(rules: RoutingRules, when: When, atom: tuple[str, str, str]) -> bool:
    if when.country is not None and atom[0] not in when.country:
        return False
    return when.territory is None or any(rules.territories[name].holds(*atom) for name in when.territory)


def _in_amount(amount: Amount, atom: tuple[str, Decimal | None]) -> bool:
    """An atom is a currency and the least amount of a stretch without limits in it; None: below all of them."""
    currency, start = atom
    if currency != amount.currency:
        return False
    if start is None:
        return amount.least is None
    return amount.holds(start)


def _atoms(rules: RoutingRules) -> Box:
    whens = [rule.when for rule in rules.rules]
    populations = tuple(Population)
    subsets = (frozenset(some) for size in range(len(populations) + 1) for some in combinations(populations, size))
    return {
        "place": frozenset(_places(rules, whens)),
        "segment": frozenset({"", *map(plain, rules.segments)}),
        "product": frozenset({"", *map(plain, rules.products)}),
        "language": frozenset({"", *map(plain, rules.languages)}),
        "industry": frozenset({"", *_said(when.industry for when in whens)}),
        "source": frozenset({"", *_said(when.source for when in whens)}),
        "amount": frozenset(_amounts(when.amount for when in whens if when.amount is not None)),
        "overlap": frozenset(subsets),
        "relationship": frozenset({True, False}),
    }


def _said(lists: Iterable[Sequence[str] | None]) -> Iterator[str]:
    return (plain(word) for words in lists for word in words or ())


def _places(rules: RoutingRules, whens: Sequence[When]) -> Iterator[tuple[str, str, str]]:
    territories = rules.territories.values()
    countries = {country for when in whens for country in when.country or ()}
    countries |= {country for it in territories for country in it.all_countries}
    yield ("", "", "")
    for country in countries:
        states = {plain(state) for it in territories for state in it.states.get(country, ())}
        postal = {plain(start) for it in territories for start in it.postal.get(country, ())}
        yield from ((country, state, start) for state in {"", *states} for start in {"", *postal})


def _amounts(amounts: Iterable[Amount]) -> Iterator[tuple[str, Decimal | None]]:
    yield ("", None)
    for it in amounts:
        yield (it.currency, None)
        yield from ((it.currency, limit) for limit in (it.least, it.below) if limit is not None)
