"""Looks whether a token can do what the mapping needs, and whether the cohorts are there; it changes nothing.

Moodle tells no one's capabilities: they are tried by reading. What writing needs cannot be tried without doing it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.base import Finding
from connectors.dispositions import Refused
from connectors.errors import ConnectorError
from connectors.moodle.client import Client
from connectors.moodle.errors import disposition
from connectors.moodle.rows import Raw
from connectors.moodle.settings import Cohorts, Settings
from connectors.moodle.site import COHORTS, READ, WRITE, Site
from mappings.table import EntityMap

SEEN_BY: Mapping[str, str] = {
    "email": "moodle/course:useremail, or list email in the site's showuseridentity",
    "suspended": "no capability: update Moodle to 4.1 or newer",
    "lang": "moodle/user:viewalldetails",
    "username": "moodle/user:viewalldetails",
}


class MoodleCheck:
    """A `connectors.base.Checkable`."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._site = settings, Site(Client(settings))

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without a sign-in nothing else is looked at."""
        subject = f"sign-in at {self._settings.base_url}"
        try:
            info = self._site.info()
        except (ConnectorError, Refused) as error:
            yield _failed(subject, error)
            return
        yield Finding(subject, True, f"{info.get('sitename')}, Moodle {info.get('release')}, as {info.get('username')}")
        there = {str(each["name"]) for each in info.get("functions") or ()}
        missing = False
        for function in self._functions(tables):
            missing |= function not in there
            remedy = "add it to the token's external service"
            yield Finding(function, function in there, "offered" if function in there else "not offered", remedy)
        if not missing:
            yield from self._visible(str(info.get("userid")), tables)
            yield from self._cohorts()

    def _functions(self, tables: Sequence[EntityMap]) -> list[str]:
        wanted = {name for table in tables if table.reads for name in READ.get(table.entity, ())}
        wanted |= {name for table in tables if table.writes for name in WRITE.get(table.entity, ())}
        if any(table.reads for table in tables):
            wanted |= {*READ["learner"], *(COHORTS if self._named() else ())}
        return sorted(wanted)

    def _visible(self, own: str, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """What the token's user sees of itself shows too much; of another user it is what is read."""
        try:
            users = self._site.users_like("%")
        except (ConnectorError, Refused) as error:
            yield _failed("users", error)
            return
        others = [each for each in users if str(each["id"]) != own]
        remedy = "give the token's user moodle/user:viewdetails, and let it see mail addresses"
        yield Finding("users", bool(others), f"{len(others)} others are visible with their mail addresses", remedy)
        if not others:
            return
        for field, by in SEEN_BY.items():
            seen = any(each.get(field) is not None for each in others)
            yield Finding(f"user.{field}", seen, "visible" if seen else "not visible", f"give the token's user {by}")
        yield from self._learning(others[0], tables)

    def _learning(self, user: Raw, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        readers = {"enrollment": self._site.courses, "credential": self._site.badges}
        for entity in (table.entity for table in tables if table.reads and table.entity in readers):
            try:
                found = readers[entity](str(user["id"]))
            except (ConnectorError, Refused) as error:
                yield _failed(f"{entity} of user {user['id']}", error)
            else:
                yield Finding(f"{entity} of user {user['id']}", True, f"{len(found)} are visible")

    def _cohorts(self) -> Iterator[Finding]:
        named = self._named()
        try:
            found = self._site.cohorts(named)
        except (ConnectorError, Refused) as error:
            yield _failed("cohorts", error)
            return
        for name in named:
            detail = f"{len(found[name].members)} members" if name in found else "there is none with this ID number"
            yield Finding(
                f"cohort {name}", name in found, detail, "correct the setting, or give a cohort this ID number"
            )

    def _named(self) -> list[str]:
        chosen = self._settings.select
        return list(dict.fromkeys([*(chosen.cohorts if isinstance(chosen, Cohorts) else ()), *self._settings.paths]))


def _failed(subject: str, error: ConnectorError | Refused) -> Finding:
    if isinstance(error, ConnectorError):
        return Finding(subject, False, error.reason, error.remedy)
    return Finding(subject, False, error.failure.reason, disposition(error.failure).remedy)
