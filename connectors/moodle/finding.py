"""Finds users by mail address for what is written; it writes nothing."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.base import Rejected
from connectors.dispositions import Failure
from connectors.moodle.errors import disposition
from connectors.moodle.rows import Raw, Row, person
from connectors.moodle.site import Site
from schemas.messages import MatchBy, Write

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Stored(NamedTuple):
    """A user as Moodle holds it."""

    id: str
    row: Row


Found = Stored | Rejected | None


def rejected(failure: Failure) -> Rejected:
    """The outcome of a record that was refused."""
    return Rejected(failure.code, failure.reason, disposition(failure).remedy)


def by_address(site: Site, addresses: Sequence[str]) -> dict[str, Found]:
    """The user of each address; None where there is none, a rejection where the address cannot be used.

    One bad address would refuse the lookup of all, and so none is asked for.
    """
    found: dict[str, Found] = {each: None for each in addresses if _MAIL.fullmatch(each)}
    asked = sorted({spelt for each in found for spelt in (each, each.casefold())})
    users: dict[str, dict[str, Raw]] = defaultdict(dict)
    for user in site.users_by("email", asked) if asked else ():
        users[str(user.get("email")).casefold()][str(user["id"])] = user
    for each in addresses:
        found[each] = _one(each, list(users[each.casefold()].values())) if each in found else _no_address(each)
    return found


def in_any_case(site: Site, address: str) -> Found:
    """A second look, without regard to case: some databases tell A from a in the first one."""
    users = [user for user in site.users_like(address) if str(user.get("email")).casefold() == address.casefold()]
    return _one(address, users)


def of_writes(site: Site, writes: Sequence[Write]) -> list[Found]:
    """The user of each write, by its key: a mail address, or a user's id."""
    mails = by_address(site, [each.key for each in writes if each.match_by is MatchBy.EXTERNAL_ID])
    ids = [each.key for each in writes if each.match_by is MatchBy.ID and each.key.isdecimal()]
    users = {str(each["id"]): _stored(each) for each in site.users_by("id", ids)} if ids else {}
    return [mails[each.key] if each.match_by is MatchBy.EXTERNAL_ID else users.get(each.key) for each in writes]


def _one(address: str, users: Sequence[Raw]) -> Found:
    if len(users) > 1:
        ids = ", ".join(sorted(str(each["id"]) for each in users))
        return Rejected("SEVERAL_USERS", f"{address} is the address of several users: {ids}", "merge or delete them")
    return _stored(users[0]) if users else None


def _stored(user: Mapping[str, object]) -> Stored | None:
    who = person(user)
    return None if who is None else Stored(who.id, who.row)


def _no_address(address: str) -> Rejected:
    return Rejected("INVALID_EMAIL", f"{address!r} is no mail address", "correct the address", "email")
