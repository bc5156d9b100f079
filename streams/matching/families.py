"""Says when two accounts are units of one family rather than one company, and why; never how sure that they are one."""

from collections.abc import Iterable
from typing import NamedTuple

from streams.matching.features import Features
from streams.matching.findings import Finding
from streams.matching.numbers import common_parent
from streams.matching.tables import families
from streams.matching.weights import RARE_BITS, bits

_AT_DOMAIN = frozenset({"domain_same", "domain_contact"})
_APART = frozenset({"domain_differs", "domain_differs_same_label"})


class Kin(NamedTuple):
    """What makes two accounts one family, in words. Not `sure`: nothing but a name says so, and homonyms have names too."""

    said: str
    sure: bool = True


def kin(a: Features, b: Features, findings: Iterable[Finding]) -> Kin | None:
    """What makes the two units of one family, and therefore no one company; None if nothing does."""
    if a.ids and b.ids and (said := common_parent(a, b) or _vat_countries(a, b, findings)):
        return Kin(f"one group: {said}")
    if a.country and b.country and a.country != b.country and _has(findings, {"country_differs_at_domain"}):
        return Kin(f"one group: {_domain(a, b)}, other country ({a.country} and {b.country})")
    return _longer(a, b, findings) if len(a.words) != len(b.words) else None


def _has(findings: Iterable[Finding], names: Iterable[str]) -> bool:
    return any(finding[0] in names for finding in findings)


def _longer(a: Features, b: Features, findings: Iterable[Finding]) -> Kin | None:
    """One name is the other and more: a place, a branch or a line of business."""
    short, long = (a, b) if len(a.words) < len(b.words) else (b, a)
    if not short.words or not set(short.words) <= set(long.words) or max(map(bits, short.words)) < RARE_BITS:
        return None
    rest, table = " ".join([word for word in long.words if word not in short.words]), families()
    if rest in table.places:
        return _placed(short, long, table.places[rest], findings)
    if rest in table.branches:
        return Kin(f"one group: '{long.name}' is a branch of '{short.name}'")
    if rest not in table.divisions or not _has(findings, _AT_DOMAIN | _APART):
        return None
    sure = _has(findings, _AT_DOMAIN)
    group = "one group" if sure else "perhaps one group"
    return Kin(f"{group}: '{long.name}' names a line of business, '{short.name}' does not", sure)


def _placed(short: Features, long: Features, place: str, findings: Iterable[Finding]) -> Kin | None:
    """ "Acme Deutschland" and "Acme", both German, are as good as one."""
    here, there = short.country, place or long.country
    if here == there and here:
        return None
    if (here and there) or _has(findings, _AT_DOMAIN):
        return Kin(f"one group: '{long.name}' names a place that '{short.name}' does not")
    return None


def _vat_countries(a: Features, b: Features, findings: Iterable[Finding]) -> str:
    """One brand that pays VAT here in one country, there in another."""
    ours, theirs = ({kind for kind, _ in each.ids if kind.startswith("vat-")} for each in (a, b))
    if not ours or not theirs or ours & theirs or not _has(findings, {"same_name", "domain_same"}):
        return ""
    return f"VAT numbers of different countries: {min(ours)[4:].upper()} and {min(theirs)[4:].upper()}"


def _domain(a: Features, b: Features) -> str:
    ours = (*a.domains, *a.former_domains, *a.contact_domains)
    theirs = (*b.domains, *b.former_domains, *b.contact_domains)
    return min(domain for domain in ours if domain in theirs)
