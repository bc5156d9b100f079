"""Small lists as tokens, joined; it never asserts."""

from collections.abc import Mapping

from schemas.entities import Account, Population
from tandem.blind.agreement import weights
from tandem.blind.edge import Made, made
from tandem.blind.join import Found, join
from tandem.blind.keys import Key

KEY = Key("acme", 1, bytes(range(32)))
OURS = {
    "o1": Account(name="Acme Robotics GmbH", website="acme.com", country="DE", population=Population.CUSTOMER),
    "o2": Account(name="Globex Corporation", country="US"),
    "o3": Account(name="Initech", website="initech.com", country="US"),
}
THEIRS = {
    "p1": Account(name="ACME Robotics", website="www.acme.com", country="Germany", population=Population.PROSPECT),
    "p2": Account(name="Globex Corp.", website="globex.com", country="United States"),
    "p3": Account(name="Umbrella Holdings", website="umbrella.com", country="UK"),
}


def side(accounts: Mapping[str, Account], salt: bytes, key: Key = KEY, *, populations: bool = False) -> Made:
    shared = [account.population.value for account in accounts.values()] if populations else ()
    return made(accounts.items(), key, salt * 16, shared)


def pairs(ours: Mapping[str, Account], theirs: Mapping[str, Account]) -> dict[tuple[str, str], Found]:
    mine, other = side(ours, b"o"), side(theirs, b"p")
    found = join(mine.tokens, other.tokens, weights(), weights().shown)
    return {(mine.ids[mine.tokens.refs[each.ours]], other.ids[other.tokens.refs[each.theirs]]): each for each in found}
