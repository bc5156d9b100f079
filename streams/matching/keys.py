"""Names the blocks in which an account is compared, from that account alone; never counts or compares anything."""

from functools import lru_cache

from streams.matching.features import Features
from streams.matching.places import SUBSCRIBER_DIGITS, parts
from streams.matching.weights import RARE_BITS, bits

CAP = 50
"""No key pairs accounts if more than this many of one side share it; see `cap`."""

MOST = 14
MAX_DOMAINS = 4
MAX_IDS = 2
# Keys that prove little pair nobody sooner, so that one changed account meets few others.
_CAPS = {
    "id": 50,
    "domain": 50,
    "name": 50,
    "word": 20,
    "phone": 20,
    "street": 20,
    "initials": 20,
    "letters": 20,
    "start": 20,
}


def cap(key: str) -> int:
    """A key that more than this many accounts of one side share is hot and pairs nobody, on either side."""
    return _CAPS[key[: key.index(":")]]


def keys(account: Features) -> frozenset[str]:
    """At most 14 keys, 8 on average; two accounts are compared if they share one that is not hot."""
    found: list[str] = []
    if account.ids:
        found += [f"id:{kind}:{value}" for kind, value in account.ids[:MAX_IDS]]
    domains = account.domains
    if account.former_domains or account.contact_domains:
        domains = (*domains[:2], *account.former_domains[:1], *account.contact_domains)
    if domains:
        found += [f"domain:{domain}" for domain in domains[:MAX_DOMAINS]]
    words = account.words
    if words:
        found.append(name_key(words))
    if account.domains:
        found.append(f"name:{label(account.domains[0])}")
    if account.other_words:
        found += [name_key(other) for other in account.other_words[:2]]
    if account.phones:
        found += [f"phone:{each[-7:]}" for each in account.phones[:2] if len(each) >= SUBSCRIBER_DIGITS]
    if account.street:
        found += _street_keys(account)
    if words:
        found += _name_keys(words, account.country, account.initials)
    return frozenset(found[:MOST])


def name_key(words: tuple[str, ...]) -> str:
    """The key of all accounts of this name: how many hold it tells how little it proves."""
    return f"name:{''.join(words)}"


@lru_cache(maxsize=65536)
def label(domain: str) -> str:
    """ "acme-robotics.co.uk" -> "acmerobotics": what is left of a domain to compare with a name."""
    return domain.partition(".")[0].replace("-", "")


def _street_keys(account: Features) -> list[str]:
    number, _, name, _ = parts(account.street)
    if not (number and name):
        return []
    return [f"street:{number} {name}|{account.postal_code or account.city}", f"street:{number} {name}"]


def _name_keys(words: tuple[str, ...], country: str, initials: str) -> list[str]:
    first, here = words[0], "|" + country
    if len(words) == 1:
        found = ["word:" + first] if bits(first) >= RARE_BITS else []
        found.append("word:" + first + here)
        if 2 < len(first) < 7:
            found.append("initials:" + first + here)
        found.append("start:" + first[:5] + here)
        return found
    rarest, next_rarest = _rarest(words)
    found = ["word:" + rarest] if bits(rarest) >= RARE_BITS else []
    if first != rarest and bits(first) >= RARE_BITS:
        found.append("word:" + first)
    found.append("word:" + rarest + here)
    found.append("word:" + next_rarest + here)
    # House abbreviations keep the first letters of each word: "INTERCONT.H." and "InterContinental Hotels".
    second = words[1]
    found.append("letters:" + first[:3] + "." + second[:1] + here)
    if len(words) > 2:
        found.append("letters:" + first[:2] + "." + second[:2] + "." + words[2][:2])
    if 2 < len(initials) < 7:
        found.append("initials:" + initials + here)
    found.append("start:" + (first if len(first) > 4 else "".join(words))[:5] + here)
    return found


def _rarest(words: tuple[str, ...]) -> tuple[str, str]:
    """The two words that say most, the earlier of equal ones first."""
    best, most = words[0], bits(words[0])
    second, more = "", -1.0
    for word in words[1:]:
        worth = bits(word)
        if worth > most:
            best, most, second, more = word, worth, best, most
        elif worth > more:
            second, more = word, worth
    return best, second
