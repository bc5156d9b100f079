"""Says what the web domains of two accounts say of each other and of the names; never looks at a place."""

from typing import NamedTuple

from streams.matching.features import Features
from streams.matching.findings import Finding
from streams.matching.keys import label

# A name and the label of a domain must share this many letters before a common beginning means anything.
LABEL_START = 4
LEAST_INITIALS = 3
NOTHING, INITIALS, STARTS, SPELLS = 0, 1, 2, 3
_KINDS = {INITIALS: "domain_initials", STARTS: "domain_starts_name", SPELLS: "domain_spells_name"}
_VERBS = {INITIALS: "is the initials of", STARTS: "begins like", SPELLS: "spells"}


class Spelling(NamedTuple):
    """What one side's domain says of the other's name."""

    how: int
    domain: str
    name: str

    @property
    def whole(self) -> bool:
        """Whether it is the name."""
        return self.how == SPELLS


NO_SPELLING = Spelling(NOTHING, "", "")


def shared(a: Features, b: Features) -> str:
    """The domain that both have now, or that one has now and the other had or its contacts write from; or ""."""
    found = _common(a.domains, b.domains)
    if found or not (a.former_domains or b.former_domains or a.contact_domains or b.contact_domains):
        return found
    return _common(_all(a), _all(b))


def _common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    if not (ours and theirs):
        return ""
    if len(ours) == len(theirs) == 1:
        return ours[0] if ours == theirs else ""
    return min((domain for domain in ours if domain in theirs), default="")


def _all(a: Features) -> tuple[str, ...]:
    return (*a.domains, *a.former_domains, *a.contact_domains)


def spelling(a: Features, b: Features) -> Spelling:
    """The most that a domain of one says of the other's name."""
    best = NO_SPELLING
    for named, domains in ((b, a.domains or a.contact_domains), (a, b.domains or b.contact_domains)):
        for domain in domains:
            sign = label(domain)
            for words in (named.words, *named.other_words) if named.other_words else (named.words,):
                if words and sign and sign[0] == words[0][0]:
                    how = _spelled(sign, words, named.initials)
                    if how > best.how or (how == best.how and how and domain < best.domain):
                        best = Spelling(how, domain, named.name)
    return best


def _spelled(sign: str, words: tuple[str, ...], initials: str) -> int:
    name = "".join(words)
    if name == sign:
        return SPELLS
    if min(len(name), len(sign)) >= LABEL_START and (name.startswith(sign) or sign.startswith(name)):
        return STARTS
    if len(sign) >= LEAST_INITIALS and (sign == initials or sign == "".join([word[0] for word in words])):
        return INITIALS
    return NOTHING


def found(a: Features, b: Features, domain: str, spelled: Spelling, same_name: bool) -> list[Finding]:
    """What there is about domains; `domain` and `spelled` as above."""
    if domain:
        return [_same(a, b, domain)]
    findings: list[Finding] = []
    if a.domains and b.domains:
        ours, theirs = a.domains[0], b.domains[0]
        name = "domain_differs_same_name" if same_name else "domain_differs"
        if label(ours) == label(theirs):
            name = "domain_differs_same_label"
        findings.append(Finding(name, 1.0, "different web domains: {} and {}".format, (ours, theirs)))
    if spelled.how:
        about = (spelled.domain, _VERBS[spelled.how], spelled.name)
        findings.append(Finding(_KINDS[spelled.how], 1.0, "web domain {} {} the name '{}'".format, about))
    return findings


def _same(a: Features, b: Features, domain: str) -> Finding:
    if domain in a.domains and domain in b.domains:
        return Finding("domain_same", 1.0, "same web domain {}".format, (domain,))
    if domain in a.former_domains or domain in b.former_domains:
        return Finding("domain_former", 1.0, "same web domain {}, which one of them has given up".format, (domain,))
    return Finding("domain_contact", 1.0, "contacts write from the other's web domain {}".format, (domain,))
